"""Waiting for what somebody enters by hand: the same run again and again, each of them whole and finished.

Nothing waits inside a run. So whoever interrupts it, or kills it, loses nothing, and the next `up` goes on.
"""

from __future__ import annotations

import time

from mailwright.deploy.run.outcome import Outcome
from mailwright.model.text import Text
from mailwright.operations.stack.engine import Stack, conclude
from mailwright.operations.stack.request import Say
from mailwright.verify.waiting import pause

_BEGINS = Text(
    "Looking again until it is there. Ctrl-C ends this, and nothing is lost: `mailwright up` goes on.",
    "将反复核对，直到全部查到。可按 Ctrl-C 结束，不会丢失进度：再次运行 `mailwright up` 即可继续。",
)
_ENDED = Text(
    "Not everything is there yet; `mailwright up` goes on from here.",
    "尚未全部查到；再次运行 `mailwright up` 会从此处继续。",
)


def follow(stack: Stack, outcome: Outcome, say: Say, complain: Say) -> int:
    """Run until nothing waits, or the request's patience ends; the sheet is told where it has changed.

    0 all is there, 1 error, 2 something still waits, 3 refused for safety.
    """
    request, sheets = stack.request, outcome.by_hand
    say(_BEGINS(request.lang))
    deadline, round = time.monotonic() + request.wait.total_seconds(), 0
    try:
        while (left := deadline - time.monotonic()) > 0:
            time.sleep(pause(round, None, left))
            outcome, round = stack.engine.up(_silently), round + 1
            if outcome.problems or not outcome.waits:
                return conclude(outcome, request, say, complain, preview=False)
            if outcome.by_hand != sheets:
                sheets, round = outcome.by_hand, 0
                conclude(outcome, request, say, complain, preview=False)
    except KeyboardInterrupt:
        pass
    say(_ENDED(request.lang))
    return 2


def _silently(_line: str) -> None:
    """What an engine tells on the way is known from the first run."""
