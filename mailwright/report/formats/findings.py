"""Findings for people, for programs, and for the margin of a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mailwright.model.finding import Finding
from mailwright.model.rules import Severity
from mailwright.model.text import Lang
from mailwright.report.escaping import as_json, lines

_WORDS: dict[Severity, dict[Lang, str]] = {
    Severity.ERROR: {"en": "error", "zh": "错误"},
    Severity.WARNING: {"en": "warning", "zh": "警告"},
    Severity.INFO: {"en": "note", "zh": "提示"},
}


def text(findings: Iterable[Finding], lang: Lang, sources: Mapping[str, str] | None = None) -> str:
    """One block a finding: place, rule, message, the line itself, what to write instead."""
    return "\n".join(lines(_block(each, lang, sources or {})) for each in findings)


def _block(each: Finding, lang: Lang, sources: Mapping[str, str]) -> str:
    place = f"{each.position}: " if each.position else ""
    told = [f"{place}{_WORDS[each.severity][lang]}[{each.rule}] {each.message(lang)}"]
    if each.position and each.position.file in sources:
        written = sources[each.position.file].split("\n")
        if 0 < each.position.line <= len(written):
            told.append("    " + written[each.position.line - 1].rstrip())
    told.append("  → " + each.hint(lang))
    return "\n".join(told)


def to_json(findings: Iterable[Finding], lang: Lang) -> str:
    """The documented JSON form: a list."""
    return as_json([each.to_json(lang) for each in findings])
