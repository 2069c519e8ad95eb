"""Consent to a change that could lose mail: given by name, and it runs out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from mailwright.model.position import Position


@dataclass(frozen=True, slots=True)
class Consent:
    """``allow:`` in the spec, ``--allow`` on the command line or ``MAILWRIGHT_ALLOW``.

    ``until`` is the last day on which it holds (None: this run only); ``why`` is for reviewers.
    """

    rule: str
    until: dt.date | None = None
    why: str = ""
    position: Position | None = None

    def holds(self, day: dt.date) -> bool:
        """Whether it still counts on ``day``."""
        return self.until is None or day <= self.until


def proposed(day: dt.date) -> str:
    """The ``until:`` to write for a change seen on ``day``: a review takes days."""
    return (day + dt.timedelta(days=7)).isoformat()


def consented(rule: str, consents: Iterable[Consent], day: dt.date) -> bool:
    """Whether any consent covers ``rule`` on ``day``."""
    return any(each.rule == rule and each.holds(day) for each in consents)
