"""A name that comes into being ends what a wildcard answered there (RFC 4592 §2.2.1, §3.3.1).

With ``news`` also ``a.news`` falls out of ``*``: the closest encloser of both is ``news`` from then on. So
mail to a name can stop though no record of anybody was touched. When the name goes, the wildcard is back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mailwright.model.changes import Covered, SetChange, Uncovered
from mailwright.model.families import Family, family_of
from mailwright.model.names import key
from mailwright.model.records import Observed, ObservedSet, PlannedRecord
from mailwright.model.wildcards import ancestors

#: What a wildcard may answer that somebody relies on.
TYPES = ("MX", "A", "AAAA", "TXT", "CNAME")
_ADDRESSES = ("A", "AAAA")
_NULL_MX = "0 ."


def wildcard_keys(
    records: Iterable[PlannedRecord], owned: Iterable[str], domain: str
) -> frozenset[tuple[str, str]]:
    """(owner name, type) to read so that a wildcard over names that come or go is seen.

    Args:
        records: what is planned.
        owned: owner names that an earlier run made: they exist.
        domain: absolute; it and the names above it are not asked for.
    """
    existing = {ancestor for name in owned for ancestor in ancestors(name, domain)}
    planned = {ancestor for record in records for ancestor in ancestors(record.name, domain)}
    coming = {name for name in planned - existing if not _is_underscored(name)}
    going = {name for name in existing - planned if not _is_underscored(name)}
    above = {f"*.{parent}" for name in going for parent in _above(name, domain)}
    return frozenset((name, type) for name in coming | above for type in TYPES)


def uncovered(
    sets: Sequence[SetChange], observed: Observed, records: Sequence[PlannedRecord]
) -> tuple[Uncovered, ...]:
    """The names that this change brings into being under a wildcard, with what ends there; sorted."""
    after = {change.key: change for change in sets if change.after}
    names = {ancestor for change in after.values() for ancestor in ancestors(change.name, observed.zone)}
    # Whoever planned a host knows of its name; nobody looked at one in between (RFC 4592 §2.2.2).
    mail = mail_domains(records) | (names - {change.name for change in after.values()})
    uncovereds = []
    for name in sorted(name for name in names if not _is_underscored(name)):
        wild = [observed.made_up[key(name, type)] for type in TYPES if key(name, type) in observed.made_up]
        lost = _ending(wild, name, after)
        below = _ending(wild, f"*.{name}", after) if name in mail else ()
        if lost or below:
            uncovereds.append(Uncovered(name, lost, name in mail and _is_mail(wild, name, after), below))
    return tuple(uncovereds)


def _ending(wild: Iterable[ObservedSet], name: str, after: dict[str, SetChange]) -> tuple[ObservedSet, ...]:
    """What of a wildcard's answers a name no longer gets: what has no set of its type there."""
    if key(name, "CNAME") in after:
        return ()
    return tuple(
        record_set for record_set in wild if not _replaced(record_set, after.get(key(name, record_set.type)))
    )


def _replaced(wild: ObservedSet, there: SetChange | None) -> bool:
    """Whether a set stands in a wildcard's place; TXT of other families stand beside each other."""
    if there is None:
        return False
    if wild.type != "TXT":
        return True
    values = {value.value for value in there.after}
    families = {family_of(wild.name, "TXT", value) for value in values} - {Family.TOKEN}
    return all(value in values or family_of(wild.name, "TXT", value) in families for value in wild.plain)


def _is_mail(wild: Sequence[ObservedSet], name: str, after: dict[str, SetChange]) -> bool:
    """Whether mail to the name ends: its exchangers go, or the address that stood for one (RFC 5321 §5.1)."""
    if key(name, "MX") in after or key(name, "CNAME") in after:
        return False
    exchangers = [value for record_set in wild if record_set.type == "MX" for value in record_set.plain]
    if exchangers:
        return exchangers != [_NULL_MX]
    addresses = [record_set for record_set in wild if record_set.type in _ADDRESSES]
    return bool(addresses) and not any(key(name, type) in after for type in _ADDRESSES)


def covered(
    sets: Sequence[SetChange], observed: Observed, records: Sequence[PlannedRecord]
) -> tuple[Covered, ...]:
    """The names from which all of ours goes, with what a wildcard answers there afterwards; sorted.

    Whether others have something at such a name is not known: then the wildcard stays away.
    """
    stays = {
        ancestor for change in sets if change.after for ancestor in ancestors(change.name, observed.zone)
    }
    stays |= {ancestor for record in records for ancestor in ancestors(record.name, observed.zone)}
    going = {
        ancestor for change in sets if change.before for ancestor in ancestors(change.name, observed.zone)
    }
    gone = {change.key for change in sets if not change.after}
    covereds = []
    for name in sorted(name for name in going - stays if not _is_underscored(name)):
        encloser = next(parent for parent in _above(name, observed.zone) if parent not in going - stays)
        wild = (observed.get(f"*.{encloser}", type) for type in TYPES)
        answers = tuple(record_set for record_set in wild if record_set and record_set.key not in gone)
        if answers:
            covereds.append(Covered(name, answers))
    return tuple(covereds)


def _above(name: str, domain: str) -> tuple[str, ...]:
    """The names above one, the nearest first, down to the domain."""
    return (*tuple(ancestors(name, domain))[1:], domain) if name != domain else (domain,)


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
