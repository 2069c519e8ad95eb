"""Own keys on one day: those that sign, those that are revoked, and who signs with the next one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from mailwright.model.consent import Consent
from mailwright.model.names import is_below
from mailwright.spec.model import MailSpec, SigningKey
from mailwright.standards import dkim

REVOKED = "v=DKIM1; p="
MAIL_HOST = "mail_host"  # the name of the company's own server among the signers
QUEUED = 7  # days that signed mail may be under way: five of queues, and the way of two hops
KEPT = 30  # days that a record says of a key that it is none


def on(spec: MailSpec, today: dt.date) -> MailSpec:
    """The spec with the keys of a day: what ends later has not ended yet."""
    if not any(key.ends for key in spec.signing):
        return spec
    keys = tuple(
        replace(key, revoked=key.ends if key.ends and key.ends <= today else None) for key in spec.signing
    )
    return replace(spec, signing=keys)


def parsed(key: SigningKey) -> dkim.KeyRecord | None:
    """The key as its record has it; None where it cannot be read."""
    try:
        return dkim.parse(dkim.record_for(key.public_key))
    except dkim.DkimError:
        return None


def signs(spec: MailSpec) -> tuple[SigningKey, ...]:
    """The keys of the day that mail may be signed with."""
    return tuple(key for key in spec.signing if key.revoked is None)


def signers(spec: MailSpec) -> tuple[str, ...]:
    """Who signs with own keys: the own server, and each custom sender that says so (``signs_as``)."""
    custom = [
        sender.custom
        for sender in spec.senders
        if sender.custom and sender.signs_as and is_below(sender.signs_as, spec.domain)
    ]
    return (MAIL_HOST, *custom)


def successors(spec: MailSpec, old: SigningKey) -> tuple[SigningKey, ...]:
    """The keys that take the place of another, a pair of RSA and ed25519 for instance."""
    return tuple(key for key in spec.signing if key.replaces == old.selector)


def unseen(spec: MailSpec, old: SigningKey) -> tuple[str, ...]:
    """Signers of which no mail was seen with any key that takes the place of this one."""
    seen = {name for key in successors(spec, old) for name in key.seen}
    return tuple(name for name in signers(spec) if name not in seen)


def earliest(spec: MailSpec, old: SigningKey) -> dt.date | None:
    """The first day on which a key may be revoked; None while a signer was not seen with the next one."""
    if not successors(spec, old) or unseen(spec, old):
        return None
    first: dict[str, dt.date] = {}
    for key in successors(spec, old):
        for name, day in key.seen.items():
            first[name] = min(day, first.get(name, day))
    return max(first[name] for name in signers(spec)) + dt.timedelta(days=QUEUED)


def consents(spec: MailSpec, today: dt.date) -> tuple[Consent, ...]:
    """What revoking in the reviewed spec consents to: exactly these keys become none, where they may."""
    given = []
    for key in spec.signing:
        least = earliest(spec, key)
        allowed = key.compromised or (key.revoked and least and least <= key.revoked)
        if allowed and key.ends and key.ends <= today:
            name = frozenset({f"{key.selector}._domainkey.{spec.domain}"})
            given.append(Consent("selector-changed", None, "signing", name, position=key.position))
    return tuple(given)
