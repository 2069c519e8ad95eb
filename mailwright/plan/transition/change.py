"""``change(records, observed) → ChangeSet``: what has to happen so that the world is as planned.

Pure. The order that keeps mail alive is decided here: what replaces something is added first,
what it replaces is *retiring* until every resolver has forgotten it, and a later run removes it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mailwright.model.changes import ChangeSet, Retiring, SetChange
from mailwright.model.families import Family, family_of
from mailwright.model.names import is_below, key
from mailwright.model.records import Observed, ObservedSet, ObservedValue, PlannedRecord
from mailwright.model.text import Text
from mailwright.plan.transition import steps
from mailwright.plan.transition.compare import canonical
from mailwright.plan.transition.ownership import Owned, claimed_keys, foreign_that_matters, keys_to_read, ours
from mailwright.plan.transition.wildcards import covered, uncovered

__all__ = ["Owned", "change", "keys_to_read", "settled"]

_NO_LONGER = Text("no longer asked for by the spec", "规格中已不再需要")


def change(
    records: Sequence[PlannedRecord],
    observed: Observed,
    *,
    domain: str,
    target: str,
    as_of: dt.date,
    owned: Owned | None = None,
) -> ChangeSet:
    """Compare a plan with what was read.

    ``records`` empty means destroy: everything of ours goes, by value. ``owned`` is what an
    earlier apply left as ours (nothing on a first run: single-valued families are adopted).
    ``target`` names the DNS host for people and for the digest.
    """
    owned = owned or Owned()
    context = steps.Context(as_of, owned, not records, _new_keys(records, observed))
    sets: list[SetChange] = []
    retiring: list[Retiring] = []
    for name, type in _keys(records, observed, owned):
        at_name = [record for record in records if record.name == name]
        here = _Here(
            name=name,
            type=type,
            live=observed.get(name, type),
            planned=tuple(record for record in at_name if record.type == type),
            families=tuple(record.family for record in at_name),
        )
        set_change, kept = _set_change(context, here)
        sets.append(set_change)
        retiring += kept
    return ChangeSet(
        domain=domain,
        target=target,
        as_of=as_of,
        sets=tuple(sets),
        retiring=tuple(retiring),
        foreign=foreign_that_matters(observed, (other_change.key for other_change in sets)),
        in_the_way=_in_the_way(sets, observed),
        below_cut=_below_cuts((record.name for record in records), observed.cuts),
        uncovered=uncovered(sets, observed, records),
        other_lines=tuple(
            (line, there)
            for line, there in observed.other_lines
            if there.key in {other_change.key for other_change in sets}
        ),
        covered=covered(sets, observed, records),
    )


def _keys(records: Sequence[PlannedRecord], observed: Observed, owned: Owned) -> tuple[tuple[str, str], ...]:
    """The sets to look at: claimed ones, and a selector's other type where one is there."""
    pairs = set(claimed_keys(records, owned))
    for record in records:
        if record.family is Family.DKIM:
            pairs.update((record.name, type) for type in ("TXT", "CNAME") if observed.get(record.name, type))
    return tuple(sorted(pairs))


@dataclass(frozen=True, slots=True)
class _Here:
    """One record set: what is planned for it, and what its name gets under any type."""

    name: str
    type: str
    live: ObservedSet | None
    planned: tuple[PlannedRecord, ...]
    families: tuple[Family, ...]

    @property
    def present(self) -> tuple[ObservedValue, ...]:
        return self.live.values if self.live else ()

    def family(self, value: ObservedValue) -> Family:
        return family_of(self.name, self.type, value.value)


def _set_change(context: steps.Context, here: _Here) -> tuple[SetChange, tuple[Retiring, ...]]:
    mine = ours(here.live, here.planned, context.owned, here.families)
    foreign = tuple(value for value in here.present if value not in mine)
    repair = _is_repair(context, here, mine)
    outcome = _our_values(context, here, mine, repair)
    after = (*foreign, *outcome.values)
    added = tuple(value for value in after if value not in here.present)
    removed = tuple(value for value in here.present if value not in after)
    first = here.planned[0] if here.planned else None
    set_change = SetChange(
        name=here.name,
        type=here.type,
        before=here.live,
        after=after,
        ttl=_ttl(here.live, foreign, here.planned),
        added=added,
        removed=removed,
        families=tuple(sorted({here.family(value) for value in (*added, *removed)})),
        due=outcome.due,
        leaving=outcome.leaving,
        repair=repair,
        ours=tuple(mine),
        awaits=outcome.awaits,
        why=first.why if first else _NO_LONGER,
        position=first.position if first else None,
    )
    return set_change, outcome.retiring


def _our_values(
    context: steps.Context, here: _Here, mine: Sequence[ObservedValue], repair: bool
) -> steps.StepResult:
    """Family by family, because each has its own way of changing without losing mail."""
    families = {record.family for record in here.planned} | {here.family(value) for value in mine}
    outcome = steps.StepResult()
    for family in sorted(families):
        planned_values = [
            value for record in here.planned if record.family is family for value in record.values
        ]
        have = [value.value for value in mine if here.family(value) is family]
        place = steps.Place(
            name=here.name,
            type=here.type,
            family=family,
            ttl=here.live.ttl if here.live else 0,
            repair=repair,
            taken=bool(here.families) and not here.planned,
        )
        outcome = outcome.plus(steps.step(context, place, have, planned_values))
    return outcome.stored(mine)


def _is_repair(context: steps.Context, here: _Here, mine: Sequence[ObservedValue]) -> bool:
    """The plan is what was applied before, and the world still has some of it, or nothing.

    A world in which *nothing* of ours is left and something else stands there looks like a
    move that somebody else made: putting ours back is then a change that wants consent.
    """
    type = here.type
    before = {canonical(type, value) for value in context.owned.records.get(key(here.name, type), ())}
    planned_values = {canonical(type, value) for record in here.planned for value in record.values}
    if not before or before != planned_values:
        return False
    if type != "MX":
        return True
    live = {canonical(type, value.value) for value in mine}
    return not live or bool({_host(value) for value in live} & {_host(value) for value in planned_values})


def _host(mx: str) -> str:
    return mx.rsplit(maxsplit=1)[-1]


def _ttl(live: ObservedSet | None, foreign: Sequence[ObservedValue], planned: Sequence[PlannedRecord]) -> int:
    """A TTL belongs to the whole set: where foreign values share it, theirs stands."""
    if live and (foreign or not planned):
        return live.ttl
    return min((record.ttl for record in planned), default=live.ttl if live else 0)


def _new_keys(records: Sequence[PlannedRecord], observed: Observed) -> frozenset[tuple[str, str]]:
    """``_domainkey`` names below which this run publishes a selector that is not there yet, and its type."""
    return frozenset(
        (record.name.partition(".")[2], record.type)
        for record in records
        if record.family is Family.DKIM and not _serves(observed.get(record.name, record.type), record)
    )


def _serves(live: ObservedSet | None, planned: PlannedRecord) -> bool:
    have = {canonical(planned.type, value) for value in live.plain} if live else set()
    return {canonical(planned.type, value) for value in planned.values} <= have


def _in_the_way(sets: Sequence[SetChange], observed: Observed) -> tuple[ObservedSet, ...]:
    """Sets that stay and beside which a set with values cannot stand (RFC 1034 §3.6.2)."""
    staying = {listed_change.key: bool(listed_change.after) for listed_change in sets}
    blocked: dict[str, ObservedSet] = {}
    for set_change in sets:
        if not set_change.after:
            continue
        for other in observed:
            beside = other.name == set_change.name and other.type != set_change.type
            if (
                beside
                and "CNAME" in (other.type, set_change.type)
                and staying.get(key(other.name, other.type), True)
            ):
                blocked[key(other.name, other.type)] = other
    return tuple(blocked.values())


def _below_cuts(names: Iterable[str], cuts: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if any(is_below(name, cut) for cut in cuts)}))


def settled(
    observed: Observed, owned: Owned, records: Sequence[PlannedRecord] = ()
) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Our records as the world has them, what is retiring left out: ``NAME TYPE`` → (TTL, values).

    What an engine keeps as the state of the world: comparing it with a plan shows drift and
    nothing else. A value that says the same as ours in other words counts as ours.
    """
    planned = list(records) or _as_planned(owned)
    state: dict[str, tuple[int, tuple[str, ...]]] = {}
    for name, type in claimed_keys(planned, owned):
        live = observed.get(name, type)
        here = [record for record in planned if (record.name, record.type) == (name, type)]
        mine = ours(live, here, owned, [record.family for record in here])
        values = steps.without_retiring(name, type, [value.value for value in mine], owned)
        if live and values:
            state[key(name, type)] = (live.ttl, tuple(steps.in_our_words(type, values, here)))
    return state


def _as_planned(owned: Owned) -> list[PlannedRecord]:
    records = []
    for pair, values in owned.records.items():
        name, _, type = pair.rpartition(" ")
        for value in values:
            records.append(PlannedRecord(name, type, 0, (value,), family_of(name, type, value)))
    return records
