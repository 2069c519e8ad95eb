"""When a run ends, whatever servers do: what is not answered then is not known."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from mailwright.model.text import Text

#: What is said of a question that the run had no time for.
OVER = Text("the deadline of this run is over (--deadline)", "本次运行的时限已到（--deadline）")
_ENDS: list[float] = []  # on the monotonic clock, which forks share; the last one counts


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
    return max(0.0, _ENDS[-1] - time.monotonic()) if _ENDS else None
