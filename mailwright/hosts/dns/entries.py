"""What an API says a zone holds: single records, each in the host's own form beside ours.

Everything a shape decides is decided of these values alone, so it can be proved without a network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mailwright.model.changes import SetChange
from mailwright.model.names import is_below, key
from mailwright.model.records import MANAGED_TYPES, Observed, ObservedSet, ObservedValue
from mailwright.model.text import Text
from mailwright.model.wildcards import made_up


@dataclass(frozen=True, slots=True)
class Entry:
    """One record at a host.

    ``name`` absolute, ``ttl`` in seconds. ``id`` is the host's name of it, '' where it has none. ``raw`` is
    all that the host said of it and goes back as it came. ``served``: everybody gets it; False for what is
    switched off or answers on another line only. ``odd``: why the record cannot be carried back. ``line``:
    the host's word for the part of the world that alone gets it (线路), '' where that is everybody.
    """

    name: str
    type: str
    ttl: int
    value: ObservedValue
    id: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)
    served: bool = True
    odd: Text | None = None
    line: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """Owner name and type."""
        return (self.name, self.type)


@dataclass(frozen=True, slots=True)
class Listing:
    """All records of a zone as its host told them; ``raw`` is what it says of the zone itself."""

    zone: str
    entries: tuple[Entry, ...]
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def cuts(self) -> frozenset[str]:
        """Names below the apex that are delegated."""
        return frozenset(
            entry.name for entry in self.entries if entry.type == "NS" and entry.name != self.zone
        )

    def at(self, name: str, type: str) -> tuple[Entry, ...]:
        """The records of one set that are served."""
        return tuple(entry for entry in self.entries if entry.pair == (name, type) and entry.served)

    def all_at(self, name: str, type: str) -> tuple[Entry, ...]:
        """The records of one set, with those that nobody is served."""
        return tuple(entry for entry in self.entries if entry.pair == (name, type))

    def set_at(self, name: str, type: str) -> ObservedSet | None:
        """What is served at a name and type; the largest TTL is how long resolvers may keep any of it."""
        set_entries = self.at(name, type)
        if not set_entries:
            return None
        values = sorted(
            {entry.value for entry in set_entries}, key=lambda value: (value.value, value.strings or ())
        )
        return ObservedSet(name, type, max(entry.ttl for entry in set_entries), tuple(values))

    def types_at(self, name: str) -> frozenset[str]:
        """The types that stand at a name, whoever is served them."""
        return frozenset(entry.type for entry in self.entries if entry.name == name)

    def observed(self, keys: Iterable[tuple[str, str]]) -> Observed:
        """The sets that were asked for; a name with a CNAME gives that too."""
        asked = set(keys)
        pairs = asked | {(name, "CNAME") for name, _ in asked}
        cuts = self.cuts
        sets = [
            record_set
            for pair in sorted(pairs)
            if (record_set := self.set_at(*pair)) and not any(is_below(pair[0], cut) for cut in cuts)
        ]
        wild = [record_set for pair in self._wildcards() if (record_set := self.set_at(*pair))]
        owners = {entry.name for entry in self.entries if entry.served}
        below = {name for name, _ in asked if not any(is_below(name, cut) for cut in cuts)}
        lost = made_up(below, wild, self.zone, owners)
        seen = Observed.of(self.zone, sets, frozenset(key(*pair) for pair in asked), cuts, lost)
        return replace(seen, other_lines=tuple(self._other_lines(asked)))

    def _other_lines(self, asked: set[tuple[str, str]]) -> Iterator[tuple[str, ObservedSet]]:
        lines = {(entry.line, *entry.pair) for entry in self.entries if entry.line and entry.pair in asked}
        for line, name, type in sorted(lines):
            here = [entry for entry in self.entries if entry.line == line and entry.pair == (name, type)]
            values = tuple(dict.fromkeys(entry.value for entry in here))
            yield line, ObservedSet(name, type, max(entry.ttl for entry in here), values)

    def _wildcards(self) -> list[tuple[str, str]]:
        managed = (entry for entry in self.entries if entry.type in MANAGED_TYPES)
        return sorted({entry.pair for entry in managed if entry.name.startswith("*.")})


@dataclass(frozen=True, slots=True)
class SetWrite:
    """One set to be written whole: its records as stored, and as they shall be.

    Those that stay are in ``after`` as they are stored; new ones have neither ``id`` nor ``raw``.
    """

    change: SetChange
    before: tuple[Entry, ...]
    after: tuple[Entry, ...]

    @staticmethod
    def of(change: SetChange, listing: Listing) -> SetWrite:
        """What ``change`` makes of the stored records."""
        before = listing.at(change.name, change.type)
        return SetWrite(change, before, tuple(_after(change, before)))


def _after(change: SetChange, before: tuple[Entry, ...]) -> Iterator[Entry]:
    for entry in before:
        if entry.value in change.after:
            ttl = change.ttl if change.ttl_changes else entry.ttl
            yield Entry(entry.name, entry.type, ttl, entry.value, entry.id, entry.raw)
    standing = {listed_entry.value for listed_entry in before}
    for value in change.after:
        if value not in standing:
            yield Entry(change.name, change.type, change.ttl, value)
