"""Record sets as they are wanted and as they are seen.

Names are absolute A-labels with the final dot. Values are in presentation form with absolute
names ("5 mxbiz1.qq.com."), and TXT is one plain string, unquoted and unsplit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mailwright.model import txt
from mailwright.model.families import Family
from mailwright.model.names import key
from mailwright.model.position import Position
from mailwright.model.text import Text

#: The types Mailwright ever writes. NS and SOA are absent on purpose (DESIGN §3).
MANAGED_TYPES = ("MX", "TXT", "CNAME", "SRV", "TLSA", "A", "AAAA")
#: With the type SPF (99, ended by RFC 7208 §3.1): only what a spec took over, so that it can go.
WITH_OLD_SPF = (*MANAGED_TYPES, "SPF")
#: Types whose data are strings of octets.
TEXTS = ("TXT", "SPF")


@dataclass(frozen=True, slots=True)
class PlannedRecord:
    """The values of one family at one owner name and type, and why they are there.

    ``ttl`` is in seconds. Several entries may share ``(name, type)``: SPF and a verification
    token at the apex are two entries of one record set.
    """

    name: str
    type: str
    ttl: int
    values: tuple[str, ...]
    family: Family
    why: Text = field(default_factory=lambda: Text("", ""), compare=False)
    position: Position | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """``NAME TYPE`` of the set this entry is part of."""
        return key(self.name, self.type)


@dataclass(frozen=True, slots=True)
class ObservedValue:
    """One record as a server stores it.

    ``value`` is what it says; ``strings`` is how a TXT is split there, because ``"ab" "cd"``
    and ``"abcd"`` are two records and each must be deleted in its own split.
    """

    value: str
    strings: tuple[bytes, ...] | None = None

    @staticmethod
    def of(type: str, value: str) -> ObservedValue:
        """A value in the split Mailwright itself writes."""
        return ObservedValue(value, txt.split(value) if type in TEXTS else None)


@dataclass(frozen=True, slots=True)
class ObservedSet:
    """One record set as read: every value at a name and type, ours or not."""

    name: str
    type: str
    ttl: int
    values: tuple[ObservedValue, ...]

    @property
    def key(self) -> str:
        """``NAME TYPE`` of the set."""
        return key(self.name, self.type)

    @property
    def plain(self) -> tuple[str, ...]:
        """The values, TXT joined; the same value in two splits appears twice."""
        return tuple(value.value for value in self.values)


@dataclass(frozen=True, slots=True)
class Observed:
    """What was read of a zone: the record sets at the names that were asked for.

    A pair that was asked for and is not there has no entry; ``asked`` says which pairs were.
    ``cuts`` are names below the apex with NS records (delegations): what lies below them is
    served elsewhere, whatever this server says. ``made_up`` are the sets that a wildcard answers
    with at names that do not exist (RFC 4592): they end when the name comes into being. ``other_lines`` are
    sets that only a part of the world is served in place of these, with the host's word for it (线路).
    """

    zone: str
    sets: Mapping[str, ObservedSet]
    asked: frozenset[str]
    cuts: frozenset[str] = frozenset()
    made_up: Mapping[str, ObservedSet] = field(default_factory=dict)
    other_lines: tuple[tuple[str, ObservedSet], ...] = ()

    def get(self, name: str, type: str) -> ObservedSet | None:
        """The set at ``name`` and ``type``, or None where there is none."""
        return self.sets.get(key(name, type))

    def __iter__(self) -> Iterator[ObservedSet]:
        return iter(self.sets.values())

    @staticmethod
    def of(
        zone: str,
        sets: Iterator[ObservedSet] | tuple[ObservedSet, ...] | list[ObservedSet],
        asked: frozenset[str] = frozenset(),
        cuts: frozenset[str] = frozenset(),
        made_up: Iterable[ObservedSet] = (),
    ) -> Observed:
        """Build from record sets; empty sets are dropped."""
        by_key = {
            key(record_set.name, record_set.type): record_set for record_set in sets if record_set.values
        }
        wild = MappingProxyType(
            {key(record_set.name, record_set.type): record_set for record_set in made_up if record_set.values}
        )
        return Observed(
            zone, MappingProxyType(by_key), asked | frozenset(by_key), cuts, MappingProxyType(wild)
        )


def preference(mx: str) -> tuple[int, str]:
    """Sorts MX values: the exchanger that takes mail first comes first (RFC 5321 §5.1)."""
    head, _, host = mx.partition(" ")
    return (int(head) if head.isdigit() else 0, host)
