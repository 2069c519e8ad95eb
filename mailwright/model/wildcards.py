"""What a wildcard answers at names that do not exist, told from a whole zone (RFC 4592 §3.3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mailwright.model.names import is_below
from mailwright.model.records import ObservedSet


def made_up(
    names: Iterable[str], sets: Iterable[ObservedSet], zone: str, owners: Iterable[str] = ()
) -> tuple[ObservedSet, ...]:
    """The sets that a wildcard gives at those of ``names`` that do not exist.

    Args:
        names: absolute owner names below ``zone``.
        sets: the record sets of the zone, of the types that matter.
        zone: absolute.
        owners: every owner name of the zone that has other record sets.
    """
    by_owner: dict[str, list[ObservedSet]] = {}
    for record_set in sets:
        by_owner.setdefault(record_set.name, []).append(record_set)
    existing = {ancestor for owner in (*by_owner, *owners) for ancestor in ancestors(owner, zone)} | {zone}
    return tuple(
        replace(record_set, name=name)
        for name in sorted({*names})
        if name not in existing and is_below(name, zone)
        for record_set in by_owner.get(f"*.{_closest(name, existing)}", ())
    )


def ancestors(name: str, zone: str) -> Iterator[str]:
    """``name`` and the names above it, below ``zone``: with ``name`` all of them exist."""
    while name != zone and is_below(name, zone):
        yield name
        name = name.partition(".")[2]


def _closest(name: str, existing: set[str]) -> str:
    """The closest encloser: the longest ancestor that exists."""
    above = name.partition(".")[2]
    while above not in existing:
        above = above.partition(".")[2]
    return above
