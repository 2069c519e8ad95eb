"""What came back to one question, and chance that nobody can guess."""

from __future__ import annotations

import os
from typing import NamedTuple


class Reply(NamedTuple):
    """A message as received, or ``problem`` in one line.

    ``no_way``: the problem is this machine's, which cannot reach such an address at all.
    """

    message: bytes = b""
    problem: str | None = None
    no_way: bool = False


class Chance:
    """Octets of the system's secure generator, fetched a block at a time: a question needs only a few."""

    def __init__(self) -> None:
        self._block, self._at = b"", 0

    def octets(self, count: int) -> bytes:
        """``count`` octets, each handed out once."""
        if self._at + count > len(self._block):
            self._block, self._at = os.urandom(max(4096, count)), 0
        self._at += count
        return self._block[self._at - count : self._at]

    def number(self) -> int:
        """A number of 16 bits."""
        return int.from_bytes(self.octets(2), "big")


CHANCE = Chance()
if hasattr(os, "register_at_fork"):  # a child must not draw what its parent drew
    os.register_at_fork(after_in_child=CHANCE.__init__)  # type: ignore[misc]
