"""Consent to a change that could lose mail: given by name, and it runs out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from mailwright.model.days import later
from mailwright.model.position import Position


@dataclass(frozen=True, slots=True)
class Consent:
    """``allow:`` in the spec, ``--allow`` on the command line or ``MAILWRIGHT_ALLOW``.

    ``until`` is the last day on which it holds (None: this run only); ``why`` is for reviewers.
    ``values`` limit it to what they name (exchangers, SPF terms, selectors); empty: whatever the rule
    refuses. ``served`` are record sets (``NAME TYPE``) that must be there already, else it does not hold.
    """

    rule: str
    until: dt.date | None = None
    why: str = ""
    values: frozenset[str] = frozenset()
    served: frozenset[str] = frozenset()
    position: Position | None = None

    def holds(self, day: dt.date) -> bool:
        """Whether it still counts on ``day``."""
        return self.until is None or day <= self.until

    def covers(self, values: Collection[str]) -> bool:
        """Whether it speaks of all of these values; one that names some covers nothing that names none."""
        named = {_plain(value) for value in self.values}
        return not named or (bool(values) and named.issuperset(map(_plain, values)))


def _plain(value: str) -> str:
    """As the refusal names it, however somebody wrote it."""
    return value.strip().rstrip(".").lower()


def proposed(day: dt.date) -> str:
    """The ``until:`` to write for a change seen on ``day``: a review takes days."""
    return later(day, 7).isoformat()


def consented(rule: str, consents: Iterable[Consent], day: dt.date, values: Collection[str] = ()) -> bool:
    """Whether any consent covers ``rule`` on ``day``, for these values."""
    return any(consent.rule == rule and consent.holds(day) and consent.covers(values) for consent in consents)
