"""Findings for people, for programs, and for the margin of a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from mailwright.model.finding import Finding
from mailwright.model.rules import Severity
from mailwright.model.text import Lang

_WORDS: dict[Severity, dict[Lang, str]] = {
    Severity.ERROR: {"en": "error", "zh": "错误"},
    Severity.WARNING: {"en": "warning", "zh": "警告"},
    Severity.INFO: {"en": "note", "zh": "提示"},
}
_ANNOTATION = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def text(findings: Iterable[Finding], lang: Lang, sources: Mapping[str, str] | None = None) -> str:
    """One block a finding: place, rule, message, the line itself, what to write instead."""
    blocks = [_block(each, lang, sources or {}) for each in findings]
    return "\n".join(blocks)


def _block(each: Finding, lang: Lang, sources: Mapping[str, str]) -> str:
    place = f"{each.position}: " if each.position else ""
    lines = [f"{place}{_WORDS[each.severity][lang]}[{each.rule}] {each.message(lang)}"]
    if each.position and each.position.file in sources:
        written = sources[each.position.file].split("\n")
        if 0 < each.position.line <= len(written):
            lines.append("    " + written[each.position.line - 1].rstrip())
    lines.append("  → " + each.hint(lang))
    return "\n".join(lines)


def to_json(findings: Iterable[Finding], lang: Lang) -> str:
    """The documented JSON form: a list."""
    return json.dumps([each.to_json(lang) for each in findings], ensure_ascii=False, indent=2)


def github(findings: Iterable[Finding], lang: Lang) -> str:
    """Annotations of a GitHub workflow."""
    lines = []
    for each in findings:
        place = ""
        if each.position:
            place = (
                f" file={_property(each.position.file)},line={each.position.line},col={each.position.column}"
            )
        message = _data(f"{each.message(lang)} {each.hint(lang)}")
        title = f"title={each.rule}"
        lines.append(f"::{_ANNOTATION[each.severity]}{place + ',' if place else ' '}{title}::{message}")
    return "\n".join(lines)


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
