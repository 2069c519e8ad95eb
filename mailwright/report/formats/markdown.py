"""Findings and checks as Markdown, for a pull request, an issue or a job summary."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from mailwright.model.checks import Check, Overall, Status, Verdict
from mailwright.model.text import Lang, Text
from mailwright.report.escaping import code, markdown
from mailwright.report.formats.items import Item, Level

_SIGN = {
    Level.ERROR: "❌",
    Level.WARNING: "⚠️",
    Level.NOTE: "ℹ️",
    Level.PASS: "✅",
    Level.UNKNOWN: "❔",
    Level.SKIPPED: "➖",
}
_CLEAN = Text("Nothing to report.", "没有问题。")
_FINDINGS = (Text("Line", "行"), Text("What is wrong", "问题"), Text("What to write instead", "建议写法"))
_CHECKS = (Text("Record", "记录"), Text("Planned", "计划"), Text("Found", "实际"), Text("Server", "服务器"))
_STATUS = {
    Overall.OK: Text("✅ as planned on every server asked", "✅ 所有服务器均与计划一致"),
    Overall.DIFFERS: Text("❌ differs from the plan", "❌ 与计划不一致"),
    Overall.UNKNOWN: Text("❔ could not tell", "❔ 无法判断"),
}
_PASSED = Text("{count} check(s) passed.", "{count} 项检查通过。")


def findings(items: Sequence[Item], lang: Lang) -> str:
    """A table a file."""
    if not items:
        return _CLEAN(lang)
    blocks = []
    ordered = sorted(items, key=lambda item: item.group)
    for group, several in groupby(ordered, key=lambda item: item.group):
        rows = [["", *(head(lang) for head in _FINDINGS)]]
        rows += [
            [
                _SIGN[item.level],
                str(item.position.line) if item.position else "",
                f"{markdown(item.message)} ({code(item.rule)})",
                markdown(item.hint),
            ]
            for item in several
        ]
        blocks.append(f"### {markdown(group) or 'Mailwright'}\n\n{table(rows)}")
    return "\n\n".join(blocks)


def verdicts(verdicts: Sequence[Verdict], lang: Lang) -> str:
    """A table a domain with what is not as planned; the rest is counted."""
    return "\n\n".join(_verdict(verdict, lang) for verdict in verdicts)


def _verdict(verdict: Verdict, lang: Lang) -> str:
    lines = [f"### {markdown(verdict.domain)}", "", _STATUS[verdict.status](lang)]
    checks = [check for check in verdict.checks if check.status is not Status.PASS]
    if checks:
        rows = [["", *(head(lang) for head in _CHECKS), ""], *(_row(check, lang) for check in checks)]
        lines += ["", table(rows)]
    passed = len(verdict.checks) - len(checks)
    return "\n".join([*lines, "", _PASSED.using(count=passed)(lang)])


def _row(check: Check, lang: Lang) -> list[str]:
    signs = {
        Status.PASS: Level.PASS,
        Status.FAIL: Level.ERROR,
        Status.WARN: Level.WARNING,
        Status.UNKNOWN: Level.UNKNOWN,
        Status.NOT_CHECKABLE: Level.SKIPPED,
    }
    return [
        _SIGN[signs[check.status]],
        f"{code(check.name)} {markdown(check.type)}",
        "<br>".join(map(code, check.expected)),
        "<br>".join(map(code, check.found)),
        markdown(check.server),
        markdown(check.text(lang)),
    ]


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table whose cells are escaped already; the first row is the head."""
    head, *body = rows
    table_rows = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(row) + " |" for row in table_rows)
