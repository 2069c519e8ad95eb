"""When a run ends, whatever servers do: what is not answered then is not known."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator

from mailwright.model.text import Text
from mailwright.model.variables import UNTIL

#: What is said of a question that the run had no time for.
OVER = Text("the deadline of this run is over (--deadline)", "本次运行的时限已到（--deadline）")
#: On the monotonic clock, which the processes of one machine share; the last one counts.
_ENDS: list[float] = []


@contextlib.contextmanager
def until(seconds: float) -> Iterator[None]:
    """The run ends after so many seconds."""
    _ENDS.append(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ENDS.pop()


def extend(seconds: float) -> None:
    """A run that was told to wait may take so much longer."""
    if _ENDS:
        _ENDS[-1] += seconds


def left() -> float | None:
    """Seconds until the run's deadline, not below 0; None where it has none."""
    end = _end()
    return None if end is None else max(0.0, end - time.monotonic())


def inherited() -> str | None:
    """What a process started by this one is told of the deadline, as the value of ``MAILWRIGHT_UNTIL``."""
    end = _end()
    return None if end is None else repr(end)


def _end() -> float | None:
    if _ENDS:
        return _ENDS[-1]
    try:
        return float(os.environ[UNTIL])
    except (KeyError, ValueError):
        return None
