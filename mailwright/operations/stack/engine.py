"""What every engine can do, and a stack opened for one command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mailwright.deploy.run.outcome import Outcome
from mailwright.model.text import Text
from mailwright.operations.stack.request import Request, Say
from mailwright.plan.transition.sheet import Sheet
from mailwright.report.formats import by_hand

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
_WAITS = Text(
    "Waits for somebody: enter what is above, then run `mailwright up` again (or with --wait). Nothing is "
    "taken for done before every nameserver shows it.",
    "等待人工操作：请录入以上内容，然后再次运行 `mailwright up`（或加 --wait）。所有 DNS 服务器都能查到之前，"
    "不会视为已完成。",
)
_WOULD_WAIT = Text(
    "Nothing was changed yet: somebody enters what is above, and `mailwright up` follows it.",
    "尚未做任何修改：需由人工录入以上内容，`mailwright up` 会跟进核对。",
)


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
    """Tell how it ended.

    0 done, 1 error, 2 something would change (preview) or waits for a person, 3 refused for safety.
    """
    for problem in outcome.problems:
        complain(problem)
    if outcome.problems:
        return 3 if outcome.refused else 1
    for sheet in outcome.by_hand:
        say(by_hand.text(Sheet.of(sheet), request.lang))
    if outcome.waits:
        say((_WOULD_WAIT if preview else _WAITS)(request.lang))
        return 2
    if not outcome.changes:
        say(_NOTHING(request.lang))
    elif preview:
        would = _WOULD if outcome.writes else _WOULD_ADOPT
        say((_WOULD_UNDO if request.dry else would)(request.lang))
    else:
        say(_DONE(request.lang))
    return 2 if preview and outcome.writes else 0
