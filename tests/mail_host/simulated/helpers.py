"""Short words for the tests."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping

from tests.mail_host.simulators import Delivery, Event, Mail, Outcome, Step, Tenant
from tests.mail_host.simulators.model import EventKind

SEED = [1]
DAY = datetime.date(2026, 3, 2)
ANN, BOB, CAY, TEAM = "ann@corp.example", "bob@corp.example", "cay@corp.example", "team@corp.example"
OUT, FAR = "guest@outside.example", "far@elsewhere.example"


def later(days: int) -> datetime.date:
    """A day after the first."""
    return DAY + datetime.timedelta(days=days)


def tenant(host: str, *users: str) -> Tenant:
    """A tenant with some users, drawn with the seed the test runs with."""
    made = Tenant(host, "corp.example", random.Random(SEED[0]))
    for user in users:
        assert do(made, "create_user", user).taken
    return made


def do(of: Tenant, action: str, subject: str, days: int = 0, **values: object) -> Outcome:
    """Carry out a step."""
    return of.do(Step(action, subject, values), later(days))


def send(
    of: Tenant,
    to: str,
    sender: str = OUT,
    days: int = 0,
    headers: Mapping[str, str] | None = None,
    spam: bool = False,
    size: int = 1000,
) -> Delivery:
    """Send a message."""
    return of.deliver(Mail(sender, to, headers or {}, size, spam), later(days))


def done(outcome: Outcome, *facts: str) -> None:
    """The step was carried out, on documented ground that includes the facts."""
    assert outcome.status == "done", outcome
    assert set(facts) <= set(outcome.facts), outcome


def refused(outcome: Outcome, *facts: str) -> None:
    """The step was refused, on documented ground that includes the facts."""
    assert outcome.status == "refused", outcome
    assert set(facts) <= set(outcome.facts), outcome


def one(delivery: Delivery, kind: EventKind, target: str, *facts: str, known: bool = True) -> Event:
    """There is one event of a kind for a target; it rests on the facts."""
    events = [event for event in delivery.of(kind) if event.target == target]
    assert len(events) == 1, delivery
    assert set(facts) <= set(events[0].facts), events[0]
    assert not (known and events[0].undocumented), events[0]
    return events[0]


def none(delivery: Delivery, kind: EventKind, target: str) -> None:
    """There is no event of a kind for a target."""
    assert not [event for event in delivery.of(kind) if event.target == target], delivery
