"""The embedded engine, where there is no ``pulumi``: the project's own program in this process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mailwright.model.text import Text
from mailwright.operations.stack.request import Request, Say, environment, is_refusal, variables
from mailwright.operations.stack.stacks import state_file

if TYPE_CHECKING:
    from mailwright.deploy.embedded.engine import Outcome

_ENGINE = Text(
    "engine: {engine}, stack {stack}, state in {state}", "引擎：{engine}，栈 {stack}，状态保存在 {state}"
)
_NOTHING = Text("Nothing to change.", "没有需要变更的内容。")
_WOULD = Text(
    "Nothing was changed yet: `mailwright up` does it.", "尚未做任何修改：运行 `mailwright up` 执行。"
)
_WOULD_ADOPT = Text(
    "Nothing would be written: the records are taken over as they are, and `mailwright up` remembers them.",
    "不会写入任何内容：记录按现状接管，运行 `mailwright up` 后即记住。",
)
_WOULD_UNDO = Text(
    "Nothing was changed yet: `mailwright undo` does it.", "尚未做任何修改：运行 `mailwright undo` 执行。"
)
_DONE = Text("Done.", "完成。")
_MANUAL = Text(
    "{domain} is entered by hand: {command}",
    "{domain} 需手工录入：{command}",
)


def run(request: Request, say: Say, complain: Say) -> int:
    """preview, up, refresh or destroy."""
    from mailwright.deploy.embedded.engine import Embedded
    from mailwright.deploy.program import main

    path = state_file(request)
    engine = Embedded(Path.cwd(), request.name, path, program=main)
    shown = path.relative_to(Path.cwd())
    say(_ENGINE.using(engine="embedded", stack=request.name, state=str(shown))(request.lang))
    notes = path.with_suffix(".notes") if request.out else None
    told = variables(request, [str(each) for each in request.specs])
    told["MAILWRIGHT_PLAN_NOTES"] = str(notes) if notes else None
    with environment(told):
        if notes:
            notes.parent.mkdir(parents=True, exist_ok=True)
            notes.unlink(missing_ok=True)
        outcome = getattr(engine, request.command)()
        if request.out and notes and not outcome.problems:
            from mailwright.deploy.reviewed import collected

            deletes = [step.urn for step in outcome.steps if step.action == "delete"]
            collected(notes, deletes).write(request.out)
            notes.unlink(missing_ok=True)
    for step in outcome.changes:
        say(f"{step.name}: {step.action}")
        for line in step.lines:
            say("  " + line)
    for problem in outcome.problems:
        complain(problem)
    if outcome.problems:
        return 3 if outcome.refused or is_refusal("\n".join(outcome.problems)) else 1
    _close(request, outcome, say)
    return 2 if request.command == "preview" and _writes(outcome) else 0


def _writes(outcome: Outcome) -> bool:
    """Whether the world would change: what is only taken over stays as it is."""
    return any(step.action != "adopt" for step in outcome.changes)


def _close(request: Request, outcome: Outcome, say: Say) -> None:
    sheets: Mapping[str, str] = outcome.outputs.get("sheets") or {}
    for domain, command in sheets.items():
        say(_MANUAL.using(domain=domain, command=command)(request.lang))
    if not outcome.changes:
        say(_NOTHING(request.lang))
    elif request.command == "preview":
        would = _WOULD if _writes(outcome) else _WOULD_ADOPT
        say((_WOULD_UNDO if request.dry else would)(request.lang))
    else:
        say(_DONE(request.lang))
