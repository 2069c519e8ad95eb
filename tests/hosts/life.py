"""One zone at one host, led from plan to plan: after every step all that has to be true is."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence

from mailwright.hosts.dns.base import DnsClient
from mailwright.model.changes import ChangeSet
from mailwright.model.records import MANAGED_TYPES, PlannedRecord
from mailwright.plan.transition.change import Owned, change, keys_to_read
from tests.hosts.worlds import World
from tests.plan.worlds import DAY, owned_by

#: What others have, in sets of their own and beside ours; none of it may ever change.
FOREIGN = """\
@ 3600 TXT "google-site-verification=somebody"
@ 3600 TXT "MS=ms12345678"
@ 3600 A 192.0.2.80
@ 3600 AAAA 2001:db8::80
shop 600 CNAME shops.elsewhere.example.
shop2 600 A 192.0.2.81
other 600 MX 10 mx.elsewhere.example.
other 600 TXT "v=spf1 include:elsewhere.example -all"
notes 900 TXT "one" "two"
"""
_THEIRS = [
    ("", "A"), ("", "AAAA"), ("", "NS"), ("shop.", "CNAME"), ("shop2.", "A"), ("other.", "MX"),
    ("other.", "TXT"), ("notes.", "TXT"), ("www.", "A"),
]  # fmt: skip


class Life:
    """Steps of a zone; each one is counted by its name."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.zone = world.new_zone(FOREIGN)
        self.host: DnsClient = world.client(self.zone)
        self.steps: list[str] = []
        self.day = DAY
        self.records: list[PlannedRecord] = []
        self.owned = Owned()
        self._theirs = self._others()

    def ttl(self, seconds: int) -> int:
        """The TTL that the host takes in its place, as planning fits it."""
        service = getattr(self.world, "service", None)
        return int(service.stores.ttl(seconds)) if service else seconds

    @property
    def types(self) -> tuple[str, ...]:
        """What the host takes."""
        service = getattr(self.world, "service", None)
        return tuple(service.stores.types) if service else MANAGED_TYPES

    def look(self, records: Sequence[PlannedRecord] | None = None, owned: Owned | None = None) -> ChangeSet:
        """What would change now."""
        planned = list(self.records if records is None else records)
        known = self.owned if owned is None else owned
        observed = asyncio.run(self.host.read(keys_to_read(planned, known, self.zone)))
        return change(planned, observed, domain=self.zone, target="test", as_of=self.day, owned=known)

    def to(self, step: str, records: Sequence[PlannedRecord]) -> ChangeSet:
        """Bring the zone to a plan, and require that it is there, that it is all, and that it stays."""
        planned = list(records)
        change_set = self.look(planned)
        assert asyncio.run(self.host.apply(change_set)) is None, step
        self.records, self.owned = planned, owned_by(planned, change_set)
        self.require(step, change_set)
        return change_set

    def done(self, step: str) -> None:
        """A step that leaves the plan as it is, and the zone too."""
        assert self.look().is_empty, step
        self._require_others(step)
        self.steps.append(step)

    def later(self) -> None:
        """A month on: what retires may go."""
        self.day += dt.timedelta(days=30)

    def require(self, step: str, change_set: ChangeSet) -> None:
        """What is served is what was to be, and nothing else has moved."""
        for set_change in change_set.sets:
            expected = {value.value for value in set_change.after}
            assert self.served(set_change.name, set_change.type) == expected, step
        self.done(step)

    def served(self, name: str, type: str) -> set[str]:
        """Values as the world has them; TXT as one text."""
        return self.world.joined(name) if type == "TXT" else self.world.texts(name, type)

    def _others(self) -> list[tuple[int | None, set[str]]]:
        pairs = [(owner + self.zone, type) for owner, type in _THEIRS]
        return [(self.world.ttl(*pair), self.world.texts(*pair)) for pair in pairs]

    def _require_others(self, step: str) -> None:
        assert self._others() == self._theirs, step
        if any(record.type == "TXT" and record.name == self.zone for record in self.records):
            texts = self.world.joined(self.zone)
            assert {"google-site-verification=somebody", "MS=ms12345678"} <= texts, step
            assert len([text for text in texts if text.startswith("v=spf1")]) <= 1, step
        watched = getattr(self.world, "watched", [])
        assert not watched, f"{step}: {watched}"
