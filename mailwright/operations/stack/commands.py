"""preview, up, refresh, destroy, move: by Pulumi, or by the embedded engine where there is no ``pulumi``."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mailwright.model.text import Lang, Text
from mailwright.operations.stack import stacks

if TYPE_CHECKING:
    from mailwright.deploy.embedded.engine import Outcome

Say = Callable[[str], object]

_ENGINE = Text(
    "engine: {engine}, stack {stack}, state in {state}", "引擎：{engine}，栈 {stack}，状态保存在 {state}"
)
_NOTHING = Text("Nothing to change.", "没有需要变更的内容。")
_WOULD = Text(
    "Nothing was changed yet: `mailwright up` does it.", "尚未做任何修改：运行 `mailwright up` 执行。"
)
_WOULD_UNDO = Text(
    "Nothing was changed yet: `mailwright undo` does it.", "尚未做任何修改：运行 `mailwright undo` 执行。"
)
_DONE = Text("Done.", "完成。")
_MANUAL = Text(
    "{domain} is entered by hand: {command}",
    "{domain} 需手工录入：{command}",
)


class BackendError(Exception):
    """Where Pulumi keeps the stack it cannot be read; the text is Pulumi's own reason."""


@dataclass(frozen=True, slots=True)
class Request:
    """One command of the engine; ``allow`` are the rules consented to for this run.

    ``stack`` was asked for by name; ``folder`` is the one folder that was named instead of files.
    ``as_before``: bring back what the first apply found; ``dry``: only show that.
    """

    command: str
    specs: tuple[Path, ...]
    engine: str = "auto"
    stack: str | None = None
    as_of: dt.date | None = None
    allow: tuple[str, ...] = ()
    lang: Lang = "en"
    out: Path | None = None
    plan_file: Path | None = None
    folder: str | None = None
    as_before: bool = False
    dry: bool = False

    @property
    def name(self) -> str:
        """The stack: as given, else the folder's name, else the one spec's file name."""
        if self.stack or self.folder:
            return self.stack or self.folder or ""
        return self.specs[0].stem if len(self.specs) == 1 else self.specs[0].resolve().parent.name


def run(request: Request, say: Say, complain: Say) -> int:
    """Carry it out. 0 done, 1 error, 2 (preview) something would change, 3 refused for safety."""
    if request.command == "move":
        from mailwright.operations.stack import by_pulumi as pulumi_engine

        return pulumi_engine.move(request, say, complain)
    if request.as_before:
        from mailwright.operations.stack import undoing

        if chosen(request) != "pulumi":
            request = stacks.resolved(request, _states())
        return undoing.run(request, say, complain, lambda each: _carry_out(each, say, complain))
    code = _carry_out(request, say, complain)
    if request.command == "destroy" and code == 3:
        from mailwright.operations.stack import undoing

        offered = undoing.offer(request)
        if offered:
            complain(offered)
    return code


def _carry_out(request: Request, say: Say, complain: Say) -> int:
    if request.command == "up" and request.plan_file:
        from mailwright.operations.stack import reviewed_plan as reviewing

        other = reviewing.held(request, _carry_out, complain)
        if other:
            return other
    if chosen(request) == "pulumi":
        from mailwright.operations.stack import by_pulumi as pulumi_engine

        return pulumi_engine.run(request, say, complain)
    request = stacks.resolved(request, _states())
    held = stacks.held_elsewhere(request, _states()) if request.command in ("up", "preview") else None
    if held:
        complain(held)
        return 3
    return _embedded(request, say, complain)


def chosen(request: Request) -> str:
    """``auto`` stays with the engine whose state exists; else Pulumi where there is a command.

    Without the command Pulumi's state is not passed over: the embedded engine would begin anew beside it.
    """
    if request.engine != "auto":
        return request.engine
    if state_file(request).exists():
        return "embedded"
    known = stacks.held_by_pulumi(request.name, Path.cwd())
    return "pulumi" if shutil.which("pulumi") or known else "embedded"


def state_file(request: Request) -> Path:
    """Where the embedded engine keeps a stack: below the folder the command is run in."""
    return _states() / f"{stacks.resolved(request, _states()).name}.json"


def _states() -> Path:
    return Path.cwd() / ".mailwright" / "state"


@contextmanager
def environment(values: Mapping[str, str | None]) -> Iterator[None]:
    """These variables for the time of a run."""
    before = {name: os.environ.get(name) for name in values}
    _set(values)
    try:
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def variables(request: Request, specs: list[str]) -> dict[str, str | None]:
    """What the program and the provider are told through the environment."""
    given = [each for each in os.environ.get("MAILWRIGHT_ALLOW", "").replace(",", " ").split() if each]
    return {
        "MAILWRIGHT_SPECS": json.dumps(specs),
        "MAILWRIGHT_AS_OF": request.as_of.isoformat()
        if request.as_of
        else os.environ.get("MAILWRIGHT_AS_OF"),
        "MAILWRIGHT_ALLOW": ",".join([*given, *request.allow]) or None,
        "MAILWRIGHT_LANG": request.lang,
        "MAILWRIGHT_PLAN": str(request.plan_file.resolve()) if request.plan_file else None,
    }


def _embedded(request: Request, say: Say, complain: Say) -> int:
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
    return 2 if request.command == "preview" and outcome.changes else 0


def _close(request: Request, outcome: Outcome, say: Say) -> None:
    sheets: Mapping[str, str] = outcome.outputs.get("sheets") or {}
    for domain, command in sheets.items():
        say(_MANUAL.using(domain=domain, command=command)(request.lang))
    if not outcome.changes:
        say(_NOTHING(request.lang))
    elif request.command == "preview":
        say((_WOULD_UNDO if request.dry else _WOULD)(request.lang))
    else:
        say(_DONE(request.lang))


def is_refusal(text: str) -> bool:
    """Whether an engine's output says that the gate refused."""
    return "Refused: this change could lose mail" in text or "已拒绝：这次变更可能会丢失邮件" in text
