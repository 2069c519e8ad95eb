"""``preview --format``: what either engine would change, as values for a renderer."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any

from mailwright.operations.planning import planned
from mailwright.operations.stack.commands import run
from mailwright.operations.stack.request import Request, environment
from mailwright.report.formats.preview import render

_Reasons = dict[tuple[str, str], tuple[str, int | None]]


def previewed(request: Request, form: str) -> tuple[int, str]:
    """The preview's exit code, and what it found in one of the forms of ``report.preview``."""
    lines: list[str] = []
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "changes"
        with environment({"MAILWRIGHT_CHANGES": str(notes)}):
            code = run(request, lambda text: lines.append(str(text)), lambda text: problems.append(str(text)))
        written = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
    # A resource may be asked twice in one preview; the last answer counts.
    changes = {(one["domain"], one["target"]): one for one in map(json.loads, written)}
    day = request.as_of or dt.datetime.now(dt.UTC).date()
    reasons = _reasons(request) if changes else {}
    told = [_explained(one, reasons) for one in changes.values()]
    return code, render(form, told, problems=problems, lines=lines, lang=request.lang, day=day)


def _reasons(request: Request) -> _Reasons:
    """Why each set is planned, and the line that asks for it; the way through an engine loses both."""
    made: _Reasons = {}
    for _, plan in planned(request.specs, request.as_of).plans:
        for each in plan.records:
            line = each.position.line if each.position else None
            made.setdefault((each.name, each.type), (each.why(request.lang), line))
    return made


def _explained(told: dict[str, Any], reasons: _Reasons) -> dict[str, Any]:
    for each in told["records"]:
        why, line = reasons.get((each["name"], each["type"]), ("", None))
        each["why"], each["line"] = each["why"] or why, each["line"] or line
    return told
