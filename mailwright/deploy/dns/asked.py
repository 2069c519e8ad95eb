"""What somebody was asked to enter by hand, and what nobody has seen yet: never a ground to judge by.

Only what every authoritative server has shown is ours. What was asked for is remembered for two things: since
when, and that what retires still waits for its successor.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mailwright.deploy.properties import meant, shown


@dataclass(frozen=True, slots=True)
class Wish:
    """What one record set was asked to gain and to lose, and since which day in just this form."""

    add: tuple[str, ...]
    remove: tuple[str, ...]
    since: dt.date


@dataclass(frozen=True, slots=True)
class Asked:
    """What a manual host still lacks, by ``NAME TYPE``.

    ``awaiting``: sets with values that retire and whose successors nobody has seen. ``zone``: the zone that
    all servers named when they were first asked, '' while nobody knows. ``unsure``: servers were silent or
    differed about what is ours.
    """

    wishes: Mapping[str, Wish] = field(default_factory=dict)
    awaiting: frozenset[str] = frozenset()
    zone: str = ""
    unsure: bool = False

    @property
    def pending(self) -> bool:
        """Whether somebody has to do something, or servers have to agree."""
        return bool(self.wishes) or self.unsure

    @staticmethod
    def of(properties: Mapping[str, Any]) -> Asked | None:
        """What ``plain`` made; None in a state of another host."""
        wishes = properties.get("asked")
        if wishes is None:
            return None
        return Asked(
            {pair: _wish(body) for pair, body in wishes.items()},
            frozenset(properties.get("awaiting") or ()),
            str(properties.get("servedZone") or ""),
            bool(properties.get("pending")) and not wishes,
        )

    def plain(self) -> dict[str, Any]:
        """The output properties."""
        return {
            "asked": {pair: _plain(wish) for pair, wish in sorted(self.wishes.items())},
            "awaiting": sorted(self.awaiting),
            "servedZone": self.zone,
            "pending": self.pending,
        }


def _wish(body: Mapping[str, Any]) -> Wish:
    add, remove = (tuple(map(meant, body[name])) for name in ("add", "remove"))
    return Wish(add, remove, dt.date.fromisoformat(body["since"]))


def _plain(wish: Wish) -> dict[str, Any]:
    return {
        "add": list(map(shown, wish.add)),
        "remove": list(map(shown, wish.remove)),
        "since": wish.since.isoformat(),
    }
