"""preview, up, refresh, destroy, undo, move: by Pulumi, or by the embedded engine without ``pulumi``."""

from __future__ import annotations

from dataclasses import replace

from mailwright.deploy.run.outcome import Outcome
from mailwright.model.text import Text
from mailwright.operations.stack.engine import Stack, conclude
from mailwright.operations.stack.request import Request, Say
from mailwright.operations.stack.stacks import open_stack

_NOTHING_TO_MOVE = Text("There is no embedded stack {stack} here.", "这里没有内置引擎的栈 {stack}。")


def run(request: Request, say: Say, complain: Say) -> int:
    """Carry it out.

    0 done, 1 error, 2 something would change (preview) or waits for a person, 3 refused for safety.
    """
    if request.command == "move":
        return _move(request, say, complain)
    stack = open_stack(request)
    if request.as_before:
        from mailwright.operations.stack import undoing

        return undoing.run(stack, say, complain)
    outcome = carry_out(stack, say)
    code = conclude(outcome, request, say, complain, preview=request.command == "preview")
    if request.command == "up" and request.wait and outcome.waits and not outcome.problems:
        from mailwright.operations.stack import following

        return following.follow(stack, outcome, say, complain)
    if request.command == "destroy" and outcome.refused:
        from mailwright.operations.stack import undoing

        offered = undoing.offer(stack)
        if offered:
            complain(offered)
    return code


def carry_out(stack: Stack, say: Say) -> Outcome:
    """What the engine did; nothing where it is not what was reviewed."""
    match stack.request.command:
        case "preview":
            return _previewed(stack, say)
        case "up":
            return _applied(stack, say)
        case "refresh":
            return stack.engine.refresh(say)
        case "destroy":
            return stack.engine.destroy(say)
        case command:
            raise ValueError(f"no engine knows {command}")


def _previewed(stack: Stack, say: Say) -> Outcome:
    outcome = stack.engine.preview(say)
    if stack.request.out and not outcome.problems:
        from mailwright.deploy.reviewed import Reviewed

        Reviewed(dict(outcome.digests), outcome.deletes).write(stack.request.out)
    return outcome


def _applied(stack: Stack, say: Say) -> Outcome:
    if stack.request.plan_file:
        from mailwright.operations.stack.reviewed_plan import unreviewed

        other = unreviewed(stack)
        if other:
            return other
    return stack.engine.up(say)


def _move(request: Request, say: Say, complain: Say) -> int:
    """Pulumi takes the embedded stack over; then its old file is renamed."""
    source = open_stack(replace(request, engine="embedded"))
    if source.file is None:
        complain(_NOTHING_TO_MOVE.using(stack=source.name)(request.lang))
        return 1
    from mailwright.operations.stack.by_pulumi import ByPulumi

    target = open_stack(replace(request, engine="pulumi", stack=source.name)).engine
    assert isinstance(target, ByPulumi)
    outcome = target.take_over(source.file, say)
    for problem in outcome.problems:
        complain(problem)
    return 1 if outcome.problems else 0
