"""Which of the values in the world are ours: by value, never by name alone (DESIGN §3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mailwright.model.changes import Retiring
from mailwright.model.families import WHOLE, Family, family_of
from mailwright.model.names import absolute, key
from mailwright.model.records import Observed, ObservedSet, ObservedValue, PlannedRecord
from mailwright.plan.transition.compare import canonical
from mailwright.plan.transition.wildcards import wildcard_keys

#: Types that cannot stand beside a CNAME and that mail set-ups meet in practice.
_BESIDE_CNAME = ("CNAME", "A", "AAAA", "MX", "TXT")


@dataclass(frozen=True, slots=True)
class Owned:
    """What an earlier apply left as ours: values by ``NAME TYPE``, and what is retiring."""

    records: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    retiring: tuple[Retiring, ...] = ()

    def has(self, name: str, type: str, value: str) -> bool:
        """Whether this very record was ours, or is one of ours that retires."""
        canonical_value = canonical(type, value)
        if canonical_value in {canonical(type, text) for text in self.records.get(key(name, type), ())}:
            return True
        return any(
            (retiring_value.name, retiring_value.type) == (name, type)
            and canonical(type, retiring_value.value) == canonical_value
            for retiring_value in self.retiring
        )


def keys_to_read(records: Sequence[PlannedRecord], owned: Owned, domain: str) -> frozenset[tuple[str, str]]:
    """Every (owner name, type) that must be read to know what a change does to mail.

    Beside the claimed sets: what could stand in the way (a CNAME at a name we add to, anything
    at a name where we add a CNAME), what a wildcard answers at names that come or go, and
    what the gate looks at (MX, SPF, DMARC, MTA-STS).
    """
    pairs: set[tuple[str, str]] = set()
    for name, type in claimed_keys(records, owned):
        pairs.add((name, "CNAME"))
        pairs.update((name, other) for other in ((type,) if type != "CNAME" else _BESIDE_CNAME))
        if "._domainkey." in name:
            pairs.add((name, "TXT"))
    apex = absolute(domain)
    pairs |= wildcard_keys(records, (_split(record)[0] for record in owned.records), apex)
    pairs |= {(apex, "MX"), (apex, "TXT"), ("_dmarc." + apex, "TXT"), ("_mta-sts." + apex, "TXT")}
    return frozenset(pairs)


def claimed_keys(records: Iterable[PlannedRecord], owned: Owned) -> tuple[tuple[str, str], ...]:
    """The (name, type) pairs that are planned, were ours or retire, sorted."""
    pairs = {(record.name, record.type) for record in records}
    pairs |= {_split(record) for record in owned.records}
    pairs |= {(retiring_value.name, retiring_value.type) for retiring_value in owned.retiring}
    return tuple(sorted(pairs))


def ours(
    live: ObservedSet | None, planned: Sequence[PlannedRecord], owned: Owned, at_name: Iterable[Family]
) -> tuple[ObservedValue, ...]:
    """The values of one live set that are ours to change.

    ``planned`` are the plan's entries of this very set; ``at_name`` the families planned at
    this name under any type, so that a selector that turns from TXT into CNAME stays ours.
    """
    if live is None:
        return ()
    whole = {record.family for record in planned} | {family for family in at_name if family is Family.DKIM}
    planned_values = {canonical(record.type, value) for record in planned for value in record.values}

    def is_ours(value: str) -> bool:
        if canonical(live.type, value) in planned_values or owned.has(live.name, live.type, value):
            return True
        family = family_of(live.name, live.type, value)
        return family in WHOLE and family in whole

    return tuple(value for value in live.values if is_ours(value.value))


def foreign_that_matters(observed: Observed, claimed: Iterable[str]) -> tuple[ObservedSet, ...]:
    """Sets with values that mean something to mail and are not part of any claimed set."""
    taken = frozenset(claimed)
    kept = []
    for record_set in observed:
        if key(record_set.name, record_set.type) in taken:
            continue
        if any(_matters(family_of(record_set.name, record_set.type, value)) for value in record_set.plain):
            kept.append(record_set)
    return tuple(sorted(kept, key=lambda foreign_set: (foreign_set.name, foreign_set.type)))


def _matters(family: Family) -> bool:
    return family not in (Family.TOKEN, Family.ADDRESS)


def _split(pair: str) -> tuple[str, str]:
    name, _, type = pair.rpartition(" ")
    return name, type
