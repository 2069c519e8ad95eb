"""What verify found, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence

from mailwright.model.checks import Check, Overall, Status, Verdict
from mailwright.model.text import Lang, Text
from mailwright.report.escaping import as_json, visible

_MARK = {Status.PASS: "✓", Status.FAIL: "✗", Status.WARN: "!", Status.UNKNOWN: "?", Status.NOT_CHECKABLE: "–"}
_COLON = Text(": ", "：")
_SUM = {
    Overall.OK: Text("{domain}: as planned, on every server asked.", "{domain}：所有服务器均与计划一致。"),
    Overall.DIFFERS: Text("{domain}: differs from the plan.", "{domain}：与计划不一致。"),
    Overall.UNKNOWN: Text("{domain}: could not tell.", "{domain}：无法判断。"),
}


def headline(verdict: Verdict, lang: Lang) -> str:
    """The verdict over one domain, in one sentence."""
    return _SUM[verdict.status].using(domain=verdict.domain)(lang)


def text(verdicts: Sequence[Verdict], lang: Lang) -> str:
    """One line a check, then the verdict."""
    blocks = []
    for verdict in verdicts:
        lines = [_line(check, lang) for check in verdict.checks]
        lines.append(_SUM[verdict.status].using(domain=verdict.domain)(lang))
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _line(check: Check, lang: Lang) -> str:
    subject = " ".join(filter(None, (check.name, check.type))) or check.rule
    server = f" @ {check.server}" if check.server else ""
    return visible(f"{_MARK[check.status]} {subject}{server}{_COLON(lang)}{check.text(lang)}")


def to_json(verdicts: Sequence[Verdict], lang: Lang) -> str:
    """The documented JSON form; several domains give a list."""
    documents = [
        {
            "domain": verdict.domain,
            "status": str(verdict.status),
            "checks": [check.to_json(lang) for check in verdict.checks],
        }
        for verdict in verdicts
    ]
    return as_json(documents[0] if len(documents) == 1 else documents)
