"""preview, up, refresh, destroy, move: by Pulumi, or by the embedded engine where there is no ``pulumi``."""

from __future__ import annotations

from mailwright.operations.stack import stacks
from mailwright.operations.stack.request import Request, Say
from mailwright.operations.stack.stacks import chosen, states


def run(request: Request, say: Say, complain: Say) -> int:
    """Carry it out. 0 done, 1 error, 2 (preview) something would change, 3 refused for safety."""
    if request.command == "move":
        from mailwright.operations.stack import by_pulumi

        return by_pulumi.move(request, say, complain)
    if request.as_before:
        from mailwright.operations.stack import undoing

        if chosen(request) != "pulumi":
            request = stacks.resolved(request, states())
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
        from mailwright.operations.stack import reviewed_plan

        other = reviewed_plan.held(request, _carry_out, complain)
        if other:
            return other
    if chosen(request) == "pulumi":
        from mailwright.operations.stack import by_pulumi

        return by_pulumi.run(request, say, complain)
    request = stacks.resolved(request, states())
    held = stacks.held_elsewhere(request, states()) if request.command in ("up", "preview") else None
    if held:
        complain(held)
        return 3
    from mailwright.operations.stack import by_embedded

    return by_embedded.run(request, say, complain)
