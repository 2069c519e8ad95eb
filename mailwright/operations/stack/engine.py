"""What every engine can do, and a stack opened for one command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mailwright.deploy.run.outcome import Outcome
from mailwright.model.text import Text
from mailwright.operations.stack.request import Request, Say

HEAD = Text(
    "engine: {engine}, stack {stack}, state in {state}", "引擎：{engine}，栈 {stack}，状态保存在 {state}"
)
_NOTHING = Text("Nothing to change.", "没有需要变更的内容。")
_WOULD_ADOPT = Text(
    "Nothing would be written: the records are taken over as they are, and `mailwright up` remembers them.",
    "不会写入任何内容：记录按现状接管，运行 `mailwright up` 后即记住。",
)
_WOULD = Text(
    "Nothing was changed yet: `mailwright up` does it.", "尚未做任何修改：运行 `mailwright up` 执行。"
)
_WOULD_UNDO = Text(
    "Nothing was changed yet: `mailwright undo` does it.", "尚未做任何修改：运行 `mailwright undo` 执行。"
)
_DONE = Text("Done.", "完成。")
_MANUAL = Text("{domain} is entered by hand: {command}", "{domain} 需手工录入：{command}")


class Engine(Protocol):
    """One way to carry out one stack. Each of these is one run; ``say`` is told line by line how it goes."""

    def preview(self, say: Say, /) -> Outcome:
        """What ``up`` would do; writes nothing."""
        ...

    def up(self, say: Say, /) -> Outcome:
        """Bring the world to what the specs ask for."""
        ...

    def refresh(self, say: Say, /) -> Outcome:
        """Read the world into the state, and say what differs from what was applied."""
        ...

    def destroy(self, say: Say, /) -> Outcome:
        """Take away everything the state says is ours, through the gate."""
        ...

    def forget(self, say: Say, /) -> Outcome:
        """Drop everything from the state; the world stays as it is."""
        ...

    def state(self) -> Mapping[str, Any]:
        """The stack's deployment (version 3), empty where there is none.

        Raises DeployError or BackendError where it cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack as one command has it. ``file`` holds its state here; None: it is elsewhere, or nowhere yet."""

    name: str
    request: Request
    engine: Engine
    file: Path | None


def conclude(outcome: Outcome, request: Request, say: Say, complain: Say, *, preview: bool) -> int:
    """Tell how it ended. 0 done, 1 error, 2 (preview) something would change, 3 refused for safety."""
    for problem in outcome.problems:
        complain(problem)
    if outcome.problems:
        return 3 if outcome.refused else 1
    for domain, command in outcome.sheets.items():
        say(_MANUAL.using(domain=domain, command=command)(request.lang))
    if not outcome.changes:
        say(_NOTHING(request.lang))
    elif preview:
        would = _WOULD if outcome.writes else _WOULD_ADOPT
        say((_WOULD_UNDO if request.dry else would)(request.lang))
    else:
        say(_DONE(request.lang))
    return 2 if preview and outcome.writes else 0
