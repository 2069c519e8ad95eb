"""The formats that several commands share: a name and values in, a string out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from mailwright.model.checks import Verdict
from mailwright.model.finding import Finding
from mailwright.model.text import Lang
from mailwright.report.formats import items

#: What check, verify and drift can write; ``text`` is ``table`` by its older name.
FORMS = ("table", "text", "json", "markdown", "sarif", "junit", "github")


def findings(
    form: str,
    listed_findings: Sequence[Finding],
    lang: Lang,
    *,
    day: dt.date,
    strict: bool = False,
    sources: Mapping[str, str] | None = None,
) -> str:
    """Findings in one of FORMS; ``day`` dates a JUnit report, ``strict`` makes its warnings failures."""
    from mailwright.report.formats import findings as report

    if form in ("table", "text"):
        return report.text(listed_findings, lang, sources)
    if form == "json":
        return report.to_json(listed_findings, lang)
    return _shared(form, items.of_findings(listed_findings, lang), lang, day, strict)


def verdicts(form: str, seen: Sequence[Verdict], lang: Lang, *, day: dt.date) -> str:
    """Verdicts in one of FORMS; ``day`` dates a JUnit report."""
    from mailwright.report.formats import checks as report
    from mailwright.report.formats import markdown

    if form in ("table", "text"):
        return report.text(seen, lang)
    if form == "json":
        return report.to_json(seen, lang)
    if form == "markdown":
        return markdown.verdicts(seen, lang)
    return _shared(form, items.of_verdicts(seen, lang), lang, day, strict=False)


def _shared(form: str, shown_items: Sequence[items.Item], lang: Lang, day: dt.date, strict: bool) -> str:
    if form == "markdown":
        from mailwright.report.formats import markdown

        return markdown.findings(shown_items, lang)
    if form == "sarif":
        from mailwright.report.formats import sarif

        return sarif.render(shown_items, lang)
    if form == "junit":
        from mailwright.report.formats import junit

        return junit.render(shown_items, day, strict=strict)
    if form == "github":
        from mailwright.report.formats import github

        return github.render(shown_items)
    raise ValueError(f"no such format: {form}")
