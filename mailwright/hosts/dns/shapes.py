"""How a change becomes calls, at each of the four shapes that DNS APIs have.

* **conditional**: one batch for everything, refused by the host where a set is not as it was read;
* **set-wise**: one set replaced a call, or all of them where the host takes them as one;
* **value-wise**: one record added, changed in place or removed a call;
* **whole zone**: everything written anew.

A run may be cut after any call. So what widens comes first, then what changes in place, then what goes; and
within that a signature before the policy that demands it. No set is ever deleted to be made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from mailwright.hosts.dns.entries import Entry, Listing, SetWrite
from mailwright.model.changes import SetChange
from mailwright.model.families import Family, family_of
from mailwright.model.records import ObservedSet, ObservedValue

#: What must stand before what: keys and senders, then the exchangers, then what refuses mail without them.
_ORDER = (
    Family.ADDRESS,
    Family.ALIAS,
    Family.TOKEN,
    Family.DKIM,
    Family.SPF,
    Family.REPORT,
    Family.SERVICE,
    Family.MX,
    Family.TLS_RPT,
    Family.MTA_STS,
    Family.BIMI,
    Family.DMARC,
)
_WIDENS, _CHANGES, _NARROWS = range(3)


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything at once."""

    writes: tuple[SetWrite, ...]

    @property
    def changes(self) -> tuple[SetChange, ...]:
        """What it does."""
        return tuple(write.change for write in self.writes)


@dataclass(frozen=True, slots=True)
class OneValue:
    """One record: added (no ``old``), removed (no ``new``), or changed in place. ``ttl`` in seconds."""

    change: SetChange
    old: Entry | None
    new: ObservedValue | None
    ttl: int

    @property
    def changes(self) -> tuple[SetChange, ...]:
        """What it does."""
        return (self.change,)


@dataclass(frozen=True, slots=True)
class WholeZone:
    """Every record of the zone as it shall be."""

    changes: tuple[SetChange, ...]
    before: Listing
    after: Listing


Call = Batch | OneValue | WholeZone
CallOf = TypeVar("CallOf", bound=Call)


class Shape(Protocol[CallOf]):
    """How a change becomes calls.

    All shapes are frozen values, so these are properties.
    """

    @property
    def atomic(self) -> bool:
        """Whether all of it is one call that is done whole or not at all."""
        ...

    @property
    def overwrites(self) -> bool:
        """Whether a call writes a whole set, so that whoever wrote to it since it was read is undone."""
        ...

    def calls(self, changes: Sequence[SetChange], listing: Listing) -> list[CallOf]:
        """The calls of a change, in their order; ``listing`` is the zone as just read."""
        ...

    def lost(self, changes: Sequence[SetChange], before: Listing, now: Listing) -> list[SetChange]:
        """Changes that bring back what stood there, was to stay, and went with this run's calls."""
        ...


# -- conditional and set-wise --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetWise:
    """Whole sets: all of them in one call (``atomic``), or one a call; ``ttl_apart``: its TTL is another."""

    atomic: bool
    overwrites: bool = True
    ttl_apart: bool = False

    def calls(self, changes: Sequence[SetChange], listing: Listing) -> list[Batch]:
        """One batch, or one a set."""
        ordered = sorted(changes, key=_set_order(changes))
        if self.ttl_apart:
            ordered = [part for change in ordered for part in _ttl_apart(change)]
        writes = [SetWrite.of(change, listing) for change in ordered]
        return [Batch(tuple(writes))] if self.atomic else [Batch((write,)) for write in writes]

    def lost(self, changes: Sequence[SetChange], before: Listing, now: Listing) -> list[SetChange]:
        """Of the sets that were written."""
        return _lost(changes, before, now)


#: One batch that the host refuses where a set is not as it was read.
CONDITIONAL = SetWise(atomic=True)


def _ttl_apart(change: SetChange) -> Iterator[SetChange]:
    """The values in the TTL that the set has, then the TTL alone: if that fails, mail is right already."""
    if change.before is None or not change.ttl_changes or not (change.added or change.removed):
        yield change
        return
    yield replace(change, ttl=change.before.ttl)
    yield replace(change, before=replace(change.before, values=change.after), added=(), removed=())


class _SetOrder(Protocol):
    def __call__(self, change: SetChange, /) -> tuple[int, int, str, bool]: ...


def _set_order(changes: Sequence[SetChange]) -> _SetOrder:
    swapped = swaps(changes)

    def order(change: SetChange) -> tuple[int, int, str, bool]:
        if change.name in swapped:
            return (_CHANGES, 0, change.name, bool(change.after))
        phase = _phase(bool(change.added), bool(change.removed))
        rank = _rank(_families(change))
        return (phase, -rank if phase == _NARROWS else rank, change.name, False)

    return order


def _phase(adds: bool, removes: bool) -> int:
    if adds and removes:
        return _CHANGES
    return _NARROWS if removes else _WIDENS


def _families(change: SetChange) -> tuple[Family, ...]:
    values = (*change.added, *change.removed) or change.after
    return tuple(family_of(change.name, change.type, value.value) for value in values)


def _rank(families: Iterable[Family]) -> int:
    return max((_ORDER.index(family) for family in families), default=0)


def swaps(changes: Sequence[SetChange]) -> frozenset[str]:
    """Names at which a CNAME takes the place of another type, or the other way round."""
    coming = {change.name: change for change in changes if change.after and change.before is None}
    going = {change.name: change for change in changes if not change.after}
    return frozenset(
        name for name in coming.keys() & going.keys() if "CNAME" in (coming[name].type, going[name].type)
    )


# -- value-wise ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ValueWise:
    """One record a call."""

    atomic: bool = False
    overwrites: bool = False

    def lost(self, changes: Sequence[SetChange], before: Listing, now: Listing) -> list[SetChange]:
        """Of the sets that were written."""
        return _lost(changes, before, now)

    def calls(self, changes: Sequence[SetChange], listing: Listing) -> list[OneValue]:
        """What widens first, then what changes in place, then what goes; each against the state before it."""
        moves = [
            move for change in changes for move in _moves(change, listing, change.name in swaps(changes))
        ]
        moves.sort(key=lambda move: move.order)
        standing = {change.key: change.before.values if change.before else () for change in changes}
        one_values = []
        for move in moves:
            before = standing[move.change.key]
            after = move.on(before)
            one_values.append(OneValue(step(move.change, before, after), move.old, move.new, move.ttl))
            standing[move.change.key] = after
        return one_values


@dataclass(frozen=True, slots=True)
class _Move:
    change: SetChange
    old: Entry | None
    new: ObservedValue | None
    ttl: int
    order: tuple[int, int, str, int]

    def on(self, values: tuple[ObservedValue, ...]) -> tuple[ObservedValue, ...]:
        gone = self.old.value if self.old else None
        left = tuple(value for value in values if value != gone)
        return (*left, self.new) if self.new is not None and self.new not in left else left


def _moves(change: SetChange, listing: Listing, swapped: bool) -> Iterator[_Move]:
    entries = listing.at(change.name, change.type)
    by_value = {value: [e for e in entries if e.value == value] for value in {e.value for e in entries}}
    pairs, added, removed = _paired(change)

    def move(old: Entry | None, new: ObservedValue | None, phase: int, turn: int = 0) -> _Move:
        values = [moved_value for moved_value in (new, old.value if old else None) if moved_value is not None]
        rank = (
            0
            if swapped
            else _rank(family_of(change.name, change.type, moved_value.value) for moved_value in values)
        )
        rank = -rank if phase == _NARROWS else rank
        return _Move(change, old, new, change.ttl if new else 0, (phase, rank, change.name, turn))

    first, last = _nothing(change.before.values if change.before else ()), _nothing(change.after)
    for old, new in pairs:
        yield move(by_value[old][0], new, _CHANGES, 1)
        for twin in by_value[old][1:]:  # one value in two spellings
            yield move(twin, None, _CHANGES, 2)
    if change.ttl_changes:
        for value in change.after:
            for entry in by_value.get(value, ()):
                if entry.ttl != change.ttl:
                    yield move(entry, value, _CHANGES, 1)
    for new in added:
        # Beside "no mail" (RFC 7505) nothing stands: that one changes in place before the others come.
        yield move(None, new, _CHANGES if swapped or first else _WIDENS, 3)
    for old in removed:
        for entry in by_value[old]:
            yield move(entry, None, _CHANGES if swapped or last else _NARROWS, 0)


def _nothing(values: Iterable[ObservedValue]) -> bool:
    return any(value.value.split() == ["0", "."] for value in values)


_Pairs = list[tuple[ObservedValue, ObservedValue]]


def _paired(change: SetChange) -> tuple[_Pairs, list[ObservedValue], list[ObservedValue]]:
    """Which record becomes which: the same exchanger first, then within a family; and what is left."""
    added, removed = list(change.added), list(change.removed)
    pairs: _Pairs = []
    for same in (_exchanger, _family):
        for old in list(removed):
            new = next((value for value in added if same(change, value) == same(change, old)), None)
            if new is not None:
                pairs.append((old, new))
                added.remove(new)
                removed.remove(old)
    return pairs, added, removed


def _exchanger(change: SetChange, value: ObservedValue) -> str:
    return value.value.split()[-1] if change.type == "MX" else value.value


def _family(change: SetChange, value: ObservedValue) -> Family:
    return family_of(change.name, change.type, value.value)


# -- the whole zone ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AllAtOnce:
    """Everything that was read goes back, with what changes in its place."""

    atomic: bool = True
    overwrites: bool = True

    def lost(self, changes: Sequence[SetChange], before: Listing, now: Listing) -> list[SetChange]:
        """Of the whole zone, because all of it was written."""
        written = {(change.name, change.type) for change in changes}
        others = {entry.pair for entry in before.entries if entry.served} - written
        untouched = [
            SetChange(*pair, stood, stood.values, stood.ttl, (), (), ())
            for pair in sorted(others)
            if (stood := before.set_at(*pair))
        ]
        return _lost([*changes, *untouched], before, now)

    def calls(self, changes: Sequence[SetChange], listing: Listing) -> list[WholeZone]:
        """One call."""
        by_set = {(set_change.name, set_change.type): set_change for set_change in changes}
        after = [kept for entry in listing.entries if (kept := _kept(by_set.get(entry.pair), entry))]
        for change in changes:
            standing = {entry.value for entry in listing.at(change.name, change.type)}
            new = [value for value in change.after if value not in standing]
            after += [Entry(change.name, change.type, change.ttl, value) for value in new]
        return [WholeZone(tuple(changes), listing, replace(listing, entries=tuple(after)))]


def _kept(change: SetChange | None, entry: Entry) -> Entry | None:
    if change is None or not entry.served:
        return entry
    if entry.value not in change.after:
        return None
    return replace(entry, ttl=change.ttl) if change.ttl_changes else entry


# -- what must not have gone ---------------------------------------------------------------------------


def _lost(set_changes: Sequence[SetChange], before: Listing, now: Listing) -> list[SetChange]:
    changes = []
    for change in set_changes:
        there = now.set_at(change.name, change.type)
        values = there.values if there else ()
        stayed = {entry.value for entry in before.at(change.name, change.type)} & set(change.after)
        gone = tuple(value for value in change.after if value in stayed and value not in values)
        if gone:
            back = step(change, values, (*values, *gone))
            changes.append(replace(back, before=there, ttl=there.ttl if there else change.ttl))
    return changes


# -- parts of a change ---------------------------------------------------------------------------------


def step(change: SetChange, before: tuple[ObservedValue, ...], after: tuple[ObservedValue, ...]) -> SetChange:
    """The part of a change that leads from some values to others."""
    stood = ObservedSet(change.name, change.type, change.ttl, before) if before else None
    if change.before and before == change.before.values:
        stood = change.before
    return replace(
        change,
        before=stood,
        after=after,
        added=tuple(value for value in after if value not in before),
        removed=tuple(value for value in before if value not in after),
    )


def joined(first: SetChange | None, then: SetChange) -> SetChange:
    """Two parts that follow each other, as one."""
    if first is None:
        return then
    before = first.before.values if first.before else ()
    return replace(step(then, before, then.after), before=first.before)


def rest(whole: SetChange, done: SetChange) -> SetChange:
    """What is still to do of a change once a part of it is done."""
    left = step(replace(whole, before=None), done.after, whole.after)
    return replace(left, before=replace(left.before, ttl=done.ttl)) if left.before else left
