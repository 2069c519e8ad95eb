"""A name that comes into being ends what a wildcard answered there (RFC 4592 §2.2.1, §3.3.1).

With ``news`` also ``a.news`` falls out of ``*``: the closest encloser of both is ``news`` from then on. So
mail to a name can stop though no record of anybody was touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mailwright.model.changes import SetChange, Uncovered
from mailwright.model.families import Family
from mailwright.model.names import key
from mailwright.model.records import Observed, ObservedSet, PlannedRecord
from mailwright.model.wildcards import ancestors

#: What a wildcard may answer that somebody relies on.
TYPES = ("MX", "A", "AAAA", "TXT", "CNAME")
_NULL_MX = "0 ."


def uncovered_keys(
    records: Iterable[PlannedRecord], owned: Iterable[str], domain: str
) -> frozenset[tuple[str, str]]:
    """(owner name, type) to read so that a wildcard over names that come into being is seen.

    Args:
        records: what is planned.
        owned: owner names that an earlier run made: they exist.
        domain: absolute; it and the names above it are not asked for.
    """
    existing = {each for name in owned for each in ancestors(name, domain)}
    planned = {each.name for each in records}
    names = {each for name in planned for each in ancestors(name, domain)} - existing
    return frozenset((name, type) for name in names if not _is_underscored(name) for type in TYPES)


def uncovered(
    sets: Sequence[SetChange], observed: Observed, records: Sequence[PlannedRecord]
) -> tuple[Uncovered, ...]:
    """The names that this change brings into being under a wildcard, with what ends there; sorted."""
    after = {change.key for change in sets if change.after}
    owners = {change.name for change in sets if change.after}
    names = {each for owner in owners for each in ancestors(owner, observed.zone)}
    sending = mail_domains(records)
    found = []
    for name in sorted(name for name in names if not _is_underscored(name)):
        wild = [observed.made_up[key(name, type)] for type in TYPES if key(name, type) in observed.made_up]
        redirected = key(name, "CNAME") in after
        lost = tuple(each for each in wild if not redirected and key(name, each.type) not in after)
        if lost:
            found.append(Uncovered(name, lost, name in sending and _is_mail(lost, name, after)))
    return tuple(found)


def _is_mail(lost: Sequence[ObservedSet], name: str, after: set[str]) -> bool:
    """Whether mail to the name ends: its exchangers go, or the address that stood for one (RFC 5321 §5.1)."""
    if any(key(name, type) in after for type in ("MX", "A", "AAAA")):
        return False
    exchangers = [value for each in lost if each.type == "MX" for value in each.plain]
    if exchangers:
        return exchangers != [_NULL_MX]
    return any(each.type in ("A", "AAAA") for each in lost)


def mail_domains(records: Iterable[PlannedRecord]) -> frozenset[str]:
    """The names that the plan lets somebody write as: answers come back to them."""
    names = set()
    for record in records:
        if record.family in (Family.SPF, Family.MX):
            names.add(record.name)
        elif record.family is Family.DKIM:
            names.add(record.name.partition("._domainkey.")[2])
        elif record.family is Family.DMARC:
            names.add(record.name.removeprefix("_dmarc."))
    return frozenset(names)


def _is_underscored(name: str) -> bool:
    """Names like ``s1._domainkey`` take no mail, and nobody asks a wildcard for them (RFC 8552)."""
    return any(label.startswith("_") or label == "*" for label in name.split("."))
