"""The administrator of a simulated company: does what the commands say, as early as they let her.

Everything that decides is the real thing: plan, change, gate, `migrate` and `dkim rotate`. Only the questions
to nameservers are answered by the simulated zone.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mailwright.model.checks import Check, Status, Verdict
from mailwright.model.plan import Plan
from mailwright.model.records import Observed, ObservedSet, ObservedValue
from mailwright.operations import rotation
from mailwright.operations.world import migrating
from mailwright.plan.plan import plan
from mailwright.plan.transition.change import Owned, change
from mailwright.plan.transition.gate import gate
from mailwright.spec.loading import parse
from mailwright.spec.model import MailSpec
from tests.moves.world import DAY, Sets, Zone

STANDING = "ip4:198.51.100.0/24"  # what the include of every mail host is as an address
START = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)


class StuckError(Exception):
    """The commands let nobody go on."""


class Clerk:
    """One spec file, one zone, one engine's state; ``now`` in hours."""

    def __init__(self, folder: Path, zone: Zone, chance: random.Random, domain: str) -> None:
        self.folder, self.zone, self.chance, self.domain = folder, zone, chance, domain
        self.now, self.owned, self.text = 0.0, Owned(), ""

    @property
    def moment(self) -> dt.datetime:
        return START + dt.timedelta(hours=self.now)

    @property
    def day(self) -> dt.date:
        return self.moment.date()

    def spec(self) -> MailSpec:
        result = parse(self.text.encode(), str(self.folder / "acme.yaml"))
        assert result.spec, [finding.message("en") for finding in result.findings]
        return result.spec

    def errors(self, made: Plan) -> list[str]:
        return [f"{f.rule}: {f.message('en')}" for f in made.findings if str(f.severity) == "error"]

    def up(self) -> bool:
        """Apply, unless the plan has errors or the gate refuses. It may be killed before it remembers."""
        made = plan(self.spec(), self.day)
        if self.errors(made):
            return False
        served = self.zone.at(self.now)
        sets = [
            ObservedSet(name, type, int(ttl * 3600), tuple(ObservedValue.of(type, value) for value in values))
            for (name, type), (ttl, values) in served.items()
        ]
        changes = change(
            [*made.records], Observed.of(f"{self.domain}.", sets), domain=self.domain, target="sim",
            as_of=self.day, owned=self.owned,
        )  # fmt: skip
        if gate(changes, made.consents):
            return False
        after: Sets = dict(served)
        for one in changes.changes:
            after[(one.name, one.type)] = (one.ttl / 3600, tuple(value.value for value in one.after))
        self.zone.serve(self.now, {key: each for key, each in after.items() if each[1]})
        if self.chance.random() < 0.15:
            return self.up()  # killed between writing and remembering, and run again
        state: dict[str, tuple[str, ...]] = {}
        for record in made.records:
            state[record.key] = state.get(record.key, ()) + record.values
        self.owned = Owned(state, changes.retiring)
        return True

    def verdicts(
        self, plans: Sequence[Plan], servers: Sequence[Any] = (), resolvers: Sequence[Any] = ()
    ) -> list[Verdict]:
        """What `verify` sees of the simulated zone."""
        served = self.zone.at(self.now)
        return [Verdict(made.domain, tuple(self._checks(made, served))) for made in plans]

    def _checks(self, made: Plan, served: Sets) -> Iterator[Check]:
        wanted: dict[tuple[str, str], set[str]] = {}
        for record in made.records:
            wanted.setdefault((record.name, record.type), set()).update(record.values)
        for (name, type), values in wanted.items():
            ttl, there = served.get((name, type), (0.0, ()))
            status = Status.PASS if values <= set(there) else Status.FAIL
            yield Check("simulated", status, name, type, tuple(values), there, "", ttl=int(ttl * 3600))

    @contextmanager
    def asking(self) -> Iterator[None]:
        """The commands' questions go to the simulated zone."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(migrating, "verify_all", self.verdicts)
            patch.setattr(rotation, "verify_all", self.verdicts)
            patch.setattr(migrating, "addresses_now", lambda *_: (STANDING,))
            yield

    def migrate(self) -> migrating.Progress:
        """`migrate`; now and then what it remembered is gone."""
        folder = self.folder / "moves"
        if self.chance.random() < 0.03:
            (folder / f"{self.domain}.json").unlink(missing_ok=True)
        with self.asking():
            made = plan(self.spec(), self.day)
            return migrating.progress(self.spec(), made, self.moment, migrating.Whom(), folder)

    def rotate(self, evidence: rotation.Evidence) -> rotation.Rotation:
        """`dkim rotate`."""
        with self.asking():
            made = plan(self.spec(), self.day)
            (one,) = rotation.rotations(
                self.spec(),
                made,
                self.moment,
                whom=migrating.Whom(),
                folder=self.folder / "rotations",
                evidence=evidence,
            )
            return one

    def wait(self, until: dt.datetime | None = None) -> None:
        """Until a time that was named, or some hours."""
        hours = self.chance.uniform(1, 12)
        if until is not None and self.chance.random() < 0.9:
            hours = max(0.01, (until - self.moment).total_seconds() / 3600 + 0.01)
        self.now += min(hours, self.chance.choice([1, 6]) * DAY)
        if self.now > 100 * DAY:
            raise StuckError(self.text)
