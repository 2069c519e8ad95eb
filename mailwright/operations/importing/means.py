"""Which records say something to mail."""

from __future__ import annotations

from mailwright.model.families import Family, family_of
from mailwright.model.records import ObservedSet

_ALIASES = (
    "autodiscover",
    "autoconfig",
    "mta-sts",
    "mail",
    "imap",
    "smtp",
    "_dmarc",
    "_mta-sts",
    "_smtp",
    "default",
)
#: Services by SRV and ports by TLSA that carry mail, or that mail programs look for.
_SERVICES = (
    "_imap", "_imaps", "_pop3", "_pop3s", "_submission", "_submissions", "_smtp", "_smtps", "_sieve", "_jmap",
    "_autodiscover",
)  # fmt: skip
_PORTS = ("_25", "_465", "_587", "_110", "_143", "_993", "_995", "_4190")


def means_mail(record_set: ObservedSet, value: str) -> bool:
    """Whether one record says something to mail; web addresses and other names do not."""
    family = family_of(record_set.name, record_set.type, value)
    if family is Family.ALIAS:
        return record_set.name.partition(".")[0] in _ALIASES
    return family is not Family.ADDRESS and is_of_mail(record_set)


def is_of_mail(record_set: ObservedSet) -> bool:
    """Whether a set of its name and type may say something to mail: SRV of telephones and CAA do not."""
    first = record_set.name.partition(".")[0]
    if record_set.type == "SRV":
        return first in _SERVICES
    if record_set.type == "TLSA":
        return first in _PORTS
    return record_set.type not in ("CAA", "NS")
