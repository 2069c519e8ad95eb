"""A check: one question put to the living world, and what it answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from mailwright.model.position import Position
from mailwright.model.text import Lang, Text


class Status(StrEnum):
    """The outcome of a check; ``NOT_CHECKABLE`` is what cannot be seen from here, never a pass."""

    PASS = "pass"
    FAIL = "fail"
    WARN = "warn"
    UNKNOWN = "unknown"
    NOT_CHECKABLE = "not-checkable"


class Overall(StrEnum):
    """The verdict over a domain: as planned, different, or it could not be told."""

    OK = "ok"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """What was expected, what was found, and which server said so.

    ``position`` is the line of the spec that asked for it, None where none did; ``ttl`` the seconds
    for which what was found may still be remembered.
    """

    rule: str
    status: Status
    name: str
    type: str
    expected: tuple[str, ...]
    found: tuple[str, ...]
    server: str
    text: Text = field(default_factory=lambda: Text("", ""))
    position: Position | None = field(default=None, compare=False)
    ttl: int | None = field(default=None, compare=False)

    def to_json(self, lang: Lang = "en") -> dict[str, object]:
        """The documented JSON form."""
        return {
            "rule": self.rule,
            "status": str(self.status),
            "name": self.name,
            "type": self.type,
            "expected": list(self.expected),
            "found": list(self.found),
            "server": self.server,
            "message": self.text(lang),
            "file": self.position.file if self.position else None,
            "line": self.position.line if self.position else None,
            "column": self.position.column if self.position else None,
        }


def overall(checks: Iterable[Check]) -> Overall:
    """``differs`` wins over ``unknown``: what was seen to be wrong is known."""
    statuses = {check.status for check in checks}
    if Status.FAIL in statuses:
        return Overall.DIFFERS
    return Overall.UNKNOWN if Status.UNKNOWN in statuses or not statuses else Overall.OK


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all checks together say about one domain."""

    domain: str
    checks: tuple[Check, ...]

    @property
    def status(self) -> Overall:
        """As planned, different, or not to be told."""
        return overall(self.checks)
