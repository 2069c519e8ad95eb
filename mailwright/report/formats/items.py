"""What every renderer for machines needs of a finding or a check, as one flat value."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from mailwright.model.checks import Check, Status, Verdict
from mailwright.model.finding import Finding
from mailwright.model.position import Position
from mailwright.model.rules import RULES, Severity
from mailwright.model.text import Lang


class Level(StrEnum):
    """How much an item weighs; ``SKIPPED`` could not be seen from here, ``UNKNOWN`` was not answered."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    PASS = "pass"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


_OF_SEVERITY = {
    Severity.ERROR: Level.ERROR,
    Severity.WARNING: Level.WARNING,
    Severity.INFO: Level.NOTE,
}
_OF_STATUS = {
    Status.PASS: Level.PASS,
    Status.FAIL: Level.ERROR,
    Status.WARN: Level.WARNING,
    Status.UNKNOWN: Level.UNKNOWN,
    Status.NOT_CHECKABLE: Level.SKIPPED,
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing said. ``group`` is the domain or file, ``subject`` what it is about."""

    rule: str
    level: Level
    group: str
    subject: str
    message: str
    hint: str = ""
    position: Position | None = None

    @property
    def fingerprint(self) -> str:
        """Stays the same when lines move: rule, group and subject, not place or wording."""
        return hashlib.sha256("\0".join((self.rule, self.group, self.subject)).encode()).hexdigest()[:32]


def of_findings(findings: Iterable[Finding], lang: Lang) -> tuple[Item, ...]:
    """The findings of check and plan."""
    return tuple(
        Item(
            finding.rule,
            _OF_SEVERITY[finding.severity],
            finding.position.file if finding.position else "",
            finding.path,
            finding.message(lang),
            finding.hint(lang),
            finding.position,
        )
        for finding in findings
    )


def of_verdicts(verdicts: Iterable[Verdict], lang: Lang) -> tuple[Item, ...]:
    """The checks of verify and drift."""
    return tuple(_of_check(verdict.domain, check, lang) for verdict in verdicts for check in verdict.checks)


def _of_check(domain: str, check: Check, lang: Lang) -> Item:
    hint = RULES[check.rule].hint(lang) if check.rule in RULES and check.status is not Status.PASS else ""
    # What no one server said is told apart by what was expected: two targets of one set are two things.
    whom = f"@ {check.server}" if check.server else ", ".join(check.expected)
    subject = " ".join(filter(None, (check.name, check.type, whom)))
    return Item(check.rule, _OF_STATUS[check.status], domain, subject, check.text(lang), hint, check.position)
