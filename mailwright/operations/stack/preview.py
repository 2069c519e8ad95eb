"""``preview --format``: what either engine would change, as values for a renderer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from mailwright.operations.planning import planned
from mailwright.operations.stack.commands import carry_out
from mailwright.operations.stack.engine import conclude
from mailwright.operations.stack.request import Request
from mailwright.operations.stack.stacks import open_stack
from mailwright.report.formats.preview import render

_Reasons = dict[tuple[str, str], tuple[str, int | None]]


def previewed(request: Request, form: str) -> tuple[int, str]:
    """The preview's exit code, and what would change in one of the forms of ``report.formats.preview``."""
    lines: list[str] = []
    problems: list[str] = []
    outcome = carry_out(open_stack(request), lines.append)
    code = conclude(outcome, request, lines.append, problems.append, preview=True)
    reasons = _reasons(request) if outcome.records else {}
    if form == "page":
        from mailwright.plan.transition.sheet import Sheet
        from mailwright.report.formats import by_hand_page

        if not problems:
            return code, by_hand_page.page([Sheet.of(sheet) for sheet in outcome.by_hand], request.lang)
        form = "markdown"
    changes = [_explained(change, reasons) for change in outcome.records]
    day = request.as_of or dt.datetime.now(dt.UTC).date()
    return code, render(form, changes, problems=problems, lines=lines, lang=request.lang, day=day)


def _reasons(request: Request) -> _Reasons:
    """Why each set is planned, and the line that asks for it; the way through an engine loses both."""
    reasons: _Reasons = {}
    for _, plan in planned(request.specs, request.as_of).plans:
        for record in plan.records:
            line = record.position.line if record.position else None
            reasons.setdefault((record.name, record.type), (record.why(request.lang), line))
    return reasons


def _explained(change: Mapping[str, Any], reasons: _Reasons) -> Mapping[str, Any]:
    explained = []
    for record in change["records"]:
        why, line = reasons.get((record["name"], record["type"]), ("", None))
        explained.append({**record, "why": record["why"] or why, "line": record["line"] or line})
    return {**change, "records": explained}
