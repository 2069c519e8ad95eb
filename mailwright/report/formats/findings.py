"""Findings for people, for programs, and for the margin of a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mailwright.model.finding import Finding
from mailwright.model.rules import Severity
from mailwright.model.text import Lang
from mailwright.report.escaping import as_json, lines

_WIDTH = 160  # characters of a spec's line that are shown
_WORDS: dict[Severity, dict[Lang, str]] = {
    Severity.ERROR: {"en": "error", "zh": "错误"},
    Severity.WARNING: {"en": "warning", "zh": "警告"},
    Severity.INFO: {"en": "note", "zh": "提示"},
}


def text(findings: Iterable[Finding], lang: Lang, sources: Mapping[str, str] | None = None) -> str:
    """One block a finding: place, rule, message, the line itself, what to write instead."""
    written = {file: source.split("\n") for file, source in (sources or {}).items() if source}
    return "\n".join(lines(_block(finding, lang, written)) for finding in findings)


def _block(finding: Finding, lang: Lang, sources: Mapping[str, Sequence[str]]) -> str:
    place = f"{finding.position}: " if finding.position else ""
    parts = [f"{place}{_WORDS[finding.severity][lang]}[{finding.rule}] {finding.message(lang)}"]
    if finding.position and finding.position.file in sources:
        written = sources[finding.position.file]
        if 0 < finding.position.line <= len(written):
            parts.append(
                "    " + _excerpt(written[finding.position.line - 1].rstrip(), finding.position.column)
            )
    parts.append("  → " + finding.hint(lang))
    return "\n".join(parts)


def _excerpt(line: str, column: int) -> str:
    """The line around a column: at most _WIDTH characters of it."""
    if len(line) <= _WIDTH:
        return line
    start = max(0, min(column - 1 - _WIDTH // 2, len(line) - _WIDTH))
    cut = line[start : start + _WIDTH]
    return f"{'…' if start else ''}{cut}{'…' if start + _WIDTH < len(line) else ''}"


def to_json(findings: Iterable[Finding], lang: Lang) -> str:
    """The documented JSON form: a list."""
    return as_json([finding.to_json(lang) for finding in findings])
