"""One run's work shared: between processes the limits of a server, within one the turns of its loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable, Iterator
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
#: Tasks begun before the network has its turn.
_AT_A_GO = 16

_COUNT: ContextVar[int] = ContextVar("processes that ask", default=1)


@contextlib.contextmanager
def one_of(count: int) -> Iterator[None]:
    """What runs inside is one of ``count`` processes that ask at the same time."""
    token = _COUNT.set(count)
    try:
        yield
    finally:
        _COUNT.reset(token)


def share(most: int) -> int:
    """This process's part of a limit that holds for all together, at least 1."""
    return max(1, most // _COUNT.get())


async def in_turn(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The same as ``gather``; but what comes in is read while the later ones are begun."""
    tasks = []
    for number, coroutine in enumerate(work, 1):
        tasks.append(asyncio.ensure_future(coroutine))
        if not number % _AT_A_GO:
            await asyncio.sleep(0)
    return list(await asyncio.gather(*tasks))
