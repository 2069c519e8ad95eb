"""Ctrl-C while a pulumi command runs: the command gets it from the terminal too, and ends by itself.

It finishes the steps that are under way, saves its state and lifts its lock; a second Ctrl-C ends it at once.
Whoever left before it would leave a lock, and a state that does not know what has been written.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from mailwright.model.text import Lang, Text
from mailwright.operations.stack.request import Say

_ONCE = Text(
    "Interrupted: waiting until Pulumi has finished what is under way and saved its state. "
    "Ctrl-C again ends it at once.",
    "已中断：正在等待 Pulumi 完成进行中的操作并保存状态。再按一次 Ctrl-C 立即结束。",
)
INTERRUPTED = Text(
    "Interrupted. What was done is in the state; run this again, and it goes on from there.",
    "已中断。已完成的部分记录在状态中；再次运行会从此处继续。",
)


class Interruptions:
    """How often the user asked for the end."""

    def __init__(self) -> None:
        self.count = 0


@contextmanager
def orderly(say: Say, lang: Lang) -> Iterator[Interruptions]:
    """Wait for the command that runs inside, whatever the terminal says; outside the main thread as usual."""
    asked = Interruptions()

    def handler(_signal: int, _frame: FrameType | None) -> None:
        asked.count += 1
        if asked.count == 1:
            say(_ONCE(lang))

    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
