"""What the signer of an own server reads: OpenDKIM's two tables, and Rspamd's part of its configuration."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mailwright.plan.records import rotating
from mailwright.spec.model import MailSpec, SigningKey
from mailwright.spec.own_server import SELF_HOSTED

OPENDKIM, RSPAMD = "/etc/dkimkeys", "/var/lib/rspamd/dkim"  # where they keep private halves


def signing_now(spec: MailSpec, ready: Collection[str]) -> tuple[SigningKey, ...]:
    """The keys to sign with today: of each chain the newest that is ``ready``, else the older."""
    replaced = {key.replaces for key in spec.signing if key.replaces and key.selector in ready}
    # Where the older key is none any more there is nothing to wait with.
    usable = {key.selector for key in spec.signing if key.ends is None}
    waiting = {key.selector for key in spec.signing if key.replaces in usable and key.selector not in ready}
    return tuple(key for key in spec.signing if key.ends is None and key.selector not in replaced | waiting)


def tables(spec: MailSpec, ready: Collection[str]) -> Mapping[str, str]:
    """The files by name. OpenDKIM signs with RSA only, and with one key; Rspamd with all."""
    keys = signing_now(spec, ready)
    rsa = [key for key in keys if not _is_ed25519(key)][-1:]
    name = {key.selector: f"{key.selector}._domainkey.{spec.domain}" for key in keys}
    lines = [
        f'        {{ path: "{RSPAMD}/{key.selector}.key"; selector: "{key.selector}"; }},' for key in keys
    ]
    return {
        "opendkim/KeyTable": "".join(
            f"{name[key.selector]} {spec.domain}:{key.selector}:{OPENDKIM}/{key.selector}.key\n"
            for key in rsa
        ),
        "opendkim/SigningTable": "".join(f"*@{spec.domain} {name[key.selector]}\n" for key in rsa),
        "rspamd/dkim_signing.conf": "\n".join(
            ["domain {", f"  {spec.domain} {{", "    selectors [", *lines, "    ]", "  }", "}", ""]
        ),
    }


def _is_ed25519(key: SigningKey) -> bool:
    record = rotating.parsed(key)
    return record is not None and record.key_type == "ed25519"


def is_own(spec: MailSpec) -> bool:
    """Whether the mail host is a server of one's own, which signs with these keys."""
    own = any(host.service == SELF_HOSTED for host in spec.mail_hosts)
    return bool(spec.signing) and own and bool(rotating.signs(spec))
