"""A finding: one rule that a spec, a plan, a change or the living world does not keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mailwright.model.position import Position
from mailwright.model.rules import RULES, Rule, Severity
from mailwright.model.text import Lang, shortened, visible

#: Characters of one value that a message shows: more than any record of mail has.
MOST = 4000


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, where, and what to write instead.

    ``path`` is the place in the spec ("people.li.away.until", "senders[1].from"), empty
    where the finding is about the whole file; ``params`` fill the rule's messages.
    """

    rule: str
    path: str = ""
    position: Position | None = None
    params: Mapping[str, object] = field(default_factory=dict, hash=False)
    severity_override: Severity | None = None

    @property
    def definition(self) -> Rule:
        """The rule this finding is of."""
        return RULES[self.rule]

    @property
    def severity(self) -> Severity:
        """The finding's severity: the rule's, unless this case differs."""
        return self.severity_override or self.definition.severity

    def message(self, lang: Lang = "en") -> str:
        """What is wrong, in words."""
        return self.definition.message.using(**self._shown())(lang)

    def hint(self, lang: Lang = "en") -> str:
        """What to write or do instead."""
        return self.definition.hint.using(**self._shown())(lang)

    def _shown(self) -> dict[str, object]:
        """The parameters as data: of a value that others wrote, line ends and control characters too; cut."""
        return {
            key: visible(shortened(value, MOST)) if isinstance(value, str) else value
            for key, value in self.params.items()
        }

    def to_json(self, lang: Lang = "en") -> dict[str, object]:
        """The documented JSON form."""
        return {
            "rule": self.rule,
            "severity": str(self.severity),
            "path": self.path,
            "file": self.position.file if self.position else None,
            "line": self.position.line if self.position else None,
            "column": self.position.column if self.position else None,
            "message": self.message(lang),
            "hint": self.hint(lang),
        }


def found(
    rule: Rule,
    *,
    path: str = "",
    position: Position | None = None,
    severity: Severity | None = None,
    **params: object,
) -> Finding:
    """A finding of ``rule`` with its message parameters."""
    return Finding(rule.id, path, position, params, severity)


def has_errors(findings: Iterable[Finding], *, strict: bool = False) -> bool:
    """Whether these findings stop the work (``strict``: warnings do too)."""
    stops = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return any(finding.severity in stops for finding in findings)
