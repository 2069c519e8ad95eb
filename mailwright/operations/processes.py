"""Long lists worked on by several processes, with the result that one would have.

A part is done by a fork: it has what its parent has in memory, so nothing is handed over in arguments or
files, and only values come back, through a pipe. A part that is lost is an error of the whole: what it would
have said is never taken for "nothing wrong". Whoever ends the parent ends the parts too.

Only where somebody asked for it (``with several():``, as the command line does), and only on Linux in a
process without threads and without gRPC: a fork would take over their locks.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from importlib import import_module
from typing import Any, NoReturn, TypeVar

from mailwright.model import variables
from mailwright.model.text import Text

T = TypeVar("T")
R = TypeVar("R")

#: Processes at most, whatever the machine has: each brings a connection of its own to every server.
MOST = 4
#: Items that are worth a process.
LEAST = 100
#: How many processes; unset means as many as there are processors for, 1 means never a second.
VARIABLE = variables.PROCESSES

_ENDING = (signal.SIGINT, signal.SIGTERM)
_ALLOWED: ContextVar[int] = ContextVar("processes", default=1)


_SIGNAL = Text("signal {number}", "信号 {number}")
_CODE = Text("exit code {number}", "退出码 {number}")
_LOST = Text(
    "a process that did a part of the work was lost ({how}): nothing is known of its part. "
    "Run the command again; {variable}=1 does it all in one process",
    "有一个承担部分工作的进程意外结束（{how}）：这一部分的结果未知。请重新运行命令；"
    "设置 {variable}=1 可在单个进程中完成",
)


class LostError(ChildProcessError):
    """A part of the work was lost; ``reason`` says so in both languages."""

    def __init__(self, how: Text) -> None:
        self.reason = _LOST.using(how=how, variable=VARIABLE)
        super().__init__(self.reason("en"))


@contextlib.contextmanager
def several(most: int = MOST) -> Iterator[None]:
    """Allow up to ``most`` processes for what runs inside."""
    token = _ALLOWED.set(most)
    try:
        yield
    finally:
        _ALLOWED.reset(token)


def spread(work: Callable[[Sequence[T], int], Sequence[R]], items: Sequence[T]) -> list[R]:
    """``work`` over all the items, in their order; it is told of how many parts its items are one.

    ``work`` gives a value that can be pickled. Raises what it raises, and LostError where a part was
    lost.
    """
    count = min(_processes(), len(items) // LEAST)
    if count < 2:
        return list(work(items, 1))
    bounds = [len(items) * number // count for number in range(count + 1)]
    chunks = [items[start:end] for start, end in itertools.pairwise(bounds)]
    life = os.pipe()
    parts: list[_Part] = []
    try:
        for chunk in chunks[1:]:
            ends = (*life, *(part.pipe for part in parts))
            parts.append(_begin(work, chunk, count, ends))
        results = list(work(chunks[0], count))
        for worker_part in parts:
            results += worker_part.result()
        return results
    finally:
        for worker_part in parts:
            worker_part.end()
        for end in life:
            os.close(end)


def _processes() -> int:
    """How many are allowed, asked for, and safe here."""
    allowed = _ALLOWED.get()
    if allowed < 2 or sys.platform != "linux" or "grpc" in sys.modules:
        return 1
    import threading

    # Where ended children are not kept, a lost one could not be told from a good one.
    if threading.active_count() > 1 or signal.getsignal(signal.SIGCHLD) is not signal.SIG_DFL:
        return 1
    wished = os.environ.get(VARIABLE, "")
    return min(allowed, int(wished) if wished.isdecimal() else len(os.sched_getaffinity(0)))


class _Part:
    """A running fork, and the end of its pipe that is read."""

    __slots__ = ("_over", "_pid", "pipe")

    def __init__(self, pid: int, pipe: int) -> None:
        self._pid, self.pipe, self._over = pid, pipe, False

    def result(self) -> list[Any]:
        """What it made. Raises what its work raised, LostError where it did not come to its end."""
        import pickle

        with os.fdopen(self.pipe, "rb", closefd=False) as stream:
            data = stream.read()
        status = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        self._over = True
        if status:
            how = (_SIGNAL if status < 0 else _CODE).using(number=abs(status))
            raise LostError(how)
        loaded, message = pickle.loads(data)  # written by our own fork
        for module in loaded:  # the rules of what it found are declared there
            import_module(module)
        good, payload = pickle.loads(message)
        if not good:
            raise payload
        return list(payload)

    def end(self) -> None:
        """End it if it still runs: it holds nothing that could be lost."""
        os.close(self.pipe)
        if not self._over:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)


def _begin(
    work: Callable[[Sequence[T], int], Sequence[R]], chunk: Sequence[T], count: int, ends: Sequence[int]
) -> _Part:
    """Fork. ``ends``: what the parent keeps open; the first is the pipe that says whether it lives."""
    read, write = os.pipe()
    held = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # none may reach the fork as the parent's
    pid = os.fork()
    if not pid:
        _child(work, chunk, count, (read, write, *ends))
    signal.pthread_sigmask(signal.SIG_SETMASK, held)
    os.close(write)
    return _Part(pid, read)


def _child(
    work: Callable[[Sequence[T], int], Sequence[R]], chunk: Sequence[T], count: int, ends: Sequence[int]
) -> NoReturn:
    """Do the part, hand it back, and end without anything of the parent's: no handlers, no buffers."""
    import pickle

    code = 1
    try:
        for signals in _ENDING:
            signal.signal(signals, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        read, write, alive, *others = ends
        for end in (read, *others):
            os.close(end)
        _ALLOWED.set(1)
        _follow(alive)
        before = set(sys.modules)
        try:
            message = pickle.dumps((True, list(work(chunk, count))), 5)
        except Exception as error:
            message = _told(error)
        loaded = [module for module in sys.modules.keys() - before if module.startswith("mailwright.")]
        with os.fdopen(write, "wb") as stream:
            stream.write(pickle.dumps((sorted(loaded), message), 5))
        code = 0
    finally:
        os._exit(code)


def _follow(alive: int) -> None:
    """End with the parent, however it ended: then nobody holds the other end of this pipe."""
    import threading

    def watch() -> None:
        os.read(alive, 1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _told(error: Exception) -> bytes:
    import pickle

    try:
        message = pickle.dumps((False, error), 5)
        pickle.loads(message)  # some can be written and not read
        return message
    except Exception:
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")), 5)
