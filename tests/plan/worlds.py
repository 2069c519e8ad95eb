"""Small builders: a living zone and a plan, written the way a mail administrator says them."""

from __future__ import annotations

import datetime as dt

from mailwright.model import txt
from mailwright.model.changes import ChangeSet
from mailwright.model.families import family_of
from mailwright.model.records import Observed, ObservedSet, ObservedValue, PlannedRecord
from mailwright.plan.transition.change import Owned, change

DAY = dt.date(2026, 11, 23)
DOMAIN = "acme-trade.com"
APEX = DOMAIN + "."


def record(name: str, type: str, *values: str, ttl: int = 3600) -> PlannedRecord:
    return PlannedRecord(name, type, ttl, values, family_of(name, type, values[0]))


def live(name: str, type: str, *values: str | tuple[bytes, ...], ttl: int = 3600) -> ObservedSet:
    """A live set; a tuple of bytes is a TXT in that very split."""
    return ObservedSet(name, type, ttl, tuple(_value(type, value) for value in values))


def _value(type: str, value: str | tuple[bytes, ...]) -> ObservedValue:
    if isinstance(value, tuple):
        return ObservedValue(txt.join(value), value)
    return ObservedValue.of(type, value)


def world(*sets: ObservedSet, cuts: tuple[str, ...] = ()) -> Observed:
    return Observed.of(APEX, list(sets), cuts=frozenset(cuts))


def changes(
    records: list[PlannedRecord],
    observed: Observed,
    owned: Owned | None = None,
    day: dt.date = DAY,
) -> ChangeSet:
    return change(records, observed, domain=DOMAIN, target="test", as_of=day, owned=owned)


def after(changed: ChangeSet, pair: str) -> set[str]:
    """The values a set has after the change."""
    return {value.value for each in changed.sets if each.key == pair for value in each.after}


def applied(observed: Observed, changed: ChangeSet) -> Observed:
    """The world after the change."""
    sets = {f"{record_set.name} {record_set.type}": record_set for record_set in observed}
    for each in changed.changes:
        sets[each.key] = ObservedSet(each.name, each.type, each.ttl, each.after)
    return Observed.of(observed.zone, list(sets.values()), cuts=observed.cuts)


def owned_by(records: list[PlannedRecord], changed: ChangeSet) -> Owned:
    """What an engine's state says after applying ``changed``."""
    state: dict[str, tuple[str, ...]] = {}
    for each in records:
        state[each.key] = state.get(each.key, ()) + each.values
    return Owned(state, changed.retiring)
