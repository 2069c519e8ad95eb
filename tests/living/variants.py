"""How mail servers are set up out there: what of it decides whether mail is lost, as data.

Each variant is one house's order of restrictions, separator, delimiter and Sieve settings, with our tables
where our documentation puts them, or an administrator of that house would. ``{tables}`` is their folder.
From the houses' own files: docker-mailserver 2026-08, mailcow 2026-08, iRedMail 2026-05, Debian 12.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

_OURS = "check_recipient_access texthash:{tables}/refused"
_SUBMISSION = {
    "smtpd_sasl_auth_enable": "yes",
    "smtpd_sasl_type": "dovecot",
    "smtpd_client_restrictions": "permit_sasl_authenticated,reject",
    "smtpd_relay_restrictions": "permit_sasl_authenticated,reject",
}
_SPAM_TO_JUNK = """\
require ["fileinto", "mailbox"];
if header :is "X-Spam-Flag" "YES" { fileinto :create "Junk"; }
"""
_CHAT = """\
require ["mailbox", "fileinto"];
if header :contains "Chat-Version" "" { fileinto :create "Chat"; stop; }
"""
#: What a spec says of a server with Dovecot's default separator.
_DOTS = 'folders: {separator: "."}'
_TRUSTED = "permit_mynetworks, permit_sasl_authenticated"


@dataclass(frozen=True)
class Variant:
    """One house. Empty settings stay at the server's own default.

    ``separator`` and ``prefix`` are those of the namespace of people's own folders ("": none is written).
    ``detail_folder``: LMTP saves ``wang+x@`` in a folder ``x``. ``before`` and ``after`` are Sieve scripts
    that the house runs around everybody's own. ``host`` is what the spec says of it at its mail host.
    """

    name: str
    recipient: str = f"permit_mynetworks, reject_unauth_destination, {_OURS}"
    relay: str = "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination"
    sender: str = ""
    postfix: Mapping[str, str] = field(default_factory=dict)
    submission: Mapping[str, str] = field(default_factory=lambda: dict(_SUBMISSION))
    delimiter: str = "+"
    separator: str = ""
    prefix: str = ""
    detail_folder: bool = False
    sieve: str = "file:~/sieve;active=~/.dovecot.sieve"
    plugin: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    after: str = ""
    host: str = ""

    @property
    def rewrites_sender(self) -> bool:
        """Whether what a script passes on goes out in its owner's name, so that a bounce comes to them."""
        return self.plugin.get("sieve_redirect_envelope_from") == "recipient"

    def but(self, name: str, **settings: object) -> Variant:
        """The same with other settings."""
        return replace(self, name=name, **settings)  # type: ignore[arg-type]


#: docs/mailboxes.md, word by word: ours alone is the recipients' restriction.
DOCS = Variant("docs", recipient=_OURS, relay="permit_mynetworks, reject_unauth_destination", separator="/")
#: Debian 12: the package's relay restrictions; recipients' ones in the order of every tutorial, ours last.
DEBIAN = Variant(
    "debian",
    recipient=f"permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination, {_OURS}",
    host=_DOTS,
)
DOCKER_MAILSERVER = Variant(
    "docker-mailserver",
    recipient=(
        "permit_sasl_authenticated, permit_mynetworks, reject_unauth_destination, "
        f"reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname, {_OURS}"
    ),
    sender="permit_sasl_authenticated, permit_mynetworks",  # and reject_unknown_sender_domain, which asks DNS
    postfix={
        "smtpd_client_restrictions": f"{_TRUSTED}, reject_unauth_destination",
        "smtpd_sender_login_maps": "texthash:{tables}/senders",
    },
    submission={
        **_SUBMISSION,
        "smtpd_reject_unlisted_recipient": "no",
        "smtpd_sender_restrictions": f"reject_authenticated_sender_login_mismatch, {_TRUSTED}",
    },
    before=_SPAM_TO_JUNK,
    host=_DOTS,
)
#: Without the last lines of its global_sieve_after: README.md, "What a house throws away itself".
MAILCOW = Variant(
    "mailcow",
    recipient=(
        "permit_sasl_authenticated, permit_mynetworks, reject_invalid_helo_hostname, "
        f"reject_unauth_destination, {_OURS}"
    ),
    sender=(
        "reject_authenticated_sender_login_mismatch, permit_mynetworks, permit_sasl_authenticated, "
        "reject_unlisted_sender"
    ),
    postfix={
        "lmtp_destination_recipient_limit": "1",
        "smtpd_sender_login_maps": "texthash:{tables}/senders",
    },
    submission={
        **_SUBMISSION,
        "smtpd_client_restrictions": "permit_mynetworks,permit_sasl_authenticated,reject",
    },
    separator="/",
    sieve="file:~/sieve;active=~/active.sieve",
    plugin={
        "sieve_redirect_envelope_from": "recipient",
        "sieve_vacation_send_from_recipient": "yes",
        "sieve_extensions": "+notify +imapflags +vacation-seconds +editheader",
        "sieve_max_redirects": "100",
        "sieve_max_actions": "101",
        "sieve_duplicate_max_period": "7d",
    },
    before=_CHAT,
    after=_SPAM_TO_JUNK,
)
IREDMAIL = Variant(
    "iredmail",
    recipient=(
        "reject_non_fqdn_recipient, reject_unlisted_recipient, permit_mynetworks, permit_sasl_authenticated, "
        f"reject_unauth_destination, {_OURS}"
    ),
    sender="reject_non_fqdn_sender, reject_unlisted_sender, permit_mynetworks, permit_sasl_authenticated",
    postfix={"smtpd_reject_unlisted_sender": "yes", "smtpd_reject_unlisted_recipient": "yes"},
    separator="/",
    detail_folder=True,
    sieve="file:~/sieve;active=~/sieve/dovecot.sieve",
    plugin={"sieve_max_redirects": "30", "sieve_vacation_send_from_recipient": "yes"},
    before=_SPAM_TO_JUNK,
)
HOUSES = (DOCS, DEBIAN, DOCKER_MAILSERVER, MAILCOW, IREDMAIL)

#: Folders as a server has them that once was a Courier.
COURIER = DEBIAN.but(
    "courier", separator=".", prefix="INBOX.", host='folders: {separator: ".", prefix: "INBOX."}'
)
#: Who may write as whom, asked on port 25 too (what our documentation was read as), or on submission alone.
LOGINS_EVERYWHERE = DEBIAN.but(
    "logins-everywhere",
    sender="reject_sender_login_mismatch",
    postfix={
        "smtpd_sender_login_maps": "texthash:{tables}/senders",
        "smtpd_sasl_type": "dovecot",
        "smtpd_sasl_auth_enable": "yes",
    },
)
LOGINS_ON_SUBMISSION = DEBIAN.but(
    "logins-on-submission",
    postfix={"smtpd_sender_login_maps": "texthash:{tables}/senders"},
    submission={**_SUBMISSION, "smtpd_sender_restrictions": "reject_sender_login_mismatch"},
)


def delimited(delimiter: str) -> Variant:
    """Debian with another ``recipient_delimiter``, which the spec has to say."""
    return DEBIAN.but(
        f"delimiter {delimiter}", delimiter=delimiter, host=f'{_DOTS}, delimiter: "{delimiter}"'
    )
