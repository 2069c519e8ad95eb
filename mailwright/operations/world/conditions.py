"""What has to be so before the next step of a sequence: a move, a rotation of keys, a stricter DMARC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from mailwright.model.text import Lang, Text

#: How a condition's state is shown in a list.
MARKS = {"done": "✓", "open": "•", "waiting": "…", "unknown": "?"}
#: What holds a step up, the worst first.
_HOLDING = ("unknown", "open", "waiting")


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that has to be so before the next step.

    ``state`` is ``done``, ``open`` (somebody has to do it), ``waiting`` (time does it, ``until`` then) or
    ``unknown``. ``key`` is fixed, for programs.
    """

    key: str
    state: str
    text: Text
    until: dt.datetime | None = None

    def to_json(self, lang: Lang) -> dict[str, object]:
        """The documented JSON form."""
        return {
            "key": self.key,
            "state": self.state,
            "text": self.text(lang),
            "until": self.until.isoformat(timespec="seconds") if self.until else None,
        }


def state_of(conditions: Iterable[Condition]) -> str:
    """``due``: the next step may be taken; else ``unknown``, ``open`` or ``waiting``."""
    states = {condition.state for condition in conditions}
    return next((state for state in _HOLDING if state in states), "due")
