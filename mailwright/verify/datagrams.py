"""The UDP sockets of one process: a few for each address family, every server's questions through all.

Several, because a forger has to guess the port too (RFC 5452 §9.2); no more, because thousands of
questions share them. None is connected to a server: a reply counts by its source, its id and its question.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

from mailwright.verify.reply import CHANCE

#: Sockets of one family; the system chooses each port at random.
SOCKETS = 4
#: Octets asked for to hold replies until they are read; the system may give less.
_BUFFER = 4 << 20
_LARGEST = 65535
#: Replies read at one go, so that the rest of the loop has its turn too.
_AT_A_GO = 256

_Key = tuple[int, str, int]  # id, address, port


class Flight:
    """One question under way: its socket, its id and whom it was sent to."""

    __slots__ = ("_key", "_pool", "_socket", "_where", "id", "received")

    def __init__(self, pool: _Socket, where: tuple[object, ...], received: Callable[[bytes], None]) -> None:
        self._pool, self._where, self.received = pool, where, received
        self.id = CHANCE.number()
        self._key: _Key = (self.id, str(where[0]), int(str(where[1])))
        while self._key in pool.flights:
            self.id = CHANCE.number()
            self._key = (self.id, self._key[1], self._key[2])
        pool.flights[self._key] = self

    def send(self, message: bytes) -> None:
        """Send; a full buffer loses it, as a network would. Raises OSError where there is no way."""
        with contextlib.suppress(BlockingIOError):
            self._pool.socket.sendto(message, self._where)

    def catch_up(self) -> None:
        """Read what has come already: a busy process must not take its own delay for the network's."""
        self._pool.read(_LARGEST)

    def end(self) -> None:
        """Nothing is expected any more; what still comes is dropped."""
        self._pool.flights.pop(self._key, None)


class Datagrams:
    """The sockets of one address family. Raises OSError where the machine has none of it."""

    def __init__(self, family: int) -> None:
        self._family = family
        self._sockets: list[_Socket] = []
        try:
            for _ in range(SOCKETS):
                self._sockets.append(_Socket(family))
        except OSError:
            self.close()
            raise

    def flight(self, where: tuple[object, ...], received: Callable[[bytes], None]) -> Flight:
        """A place for one question to ``where``, a socket address as ``resolved`` makes it."""
        return Flight(self._sockets[CHANCE.number() % SOCKETS], where, received)

    def close(self) -> None:
        """Close every socket."""
        for each in self._sockets:
            each.close()


def resolved(address: str, port: int) -> tuple[int, tuple[object, ...]]:
    """Family and socket address of a literal address, as replies name their source. Raises OSError."""
    found = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)
    return int(found[0][0]), tuple(found[0][4])


class _Socket:
    def __init__(self, family: int) -> None:
        self.flights: dict[_Key, Flight] = {}
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        try:
            self.socket.setblocking(False)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            self.socket.bind(("", 0))
        except OSError:
            self.socket.close()
            raise
        try:
            self._loop.add_reader(self.socket, self.read)
        except NotImplementedError:  # the loop of Windows has no readiness, only completion
            self._task = self._loop.create_task(self._reading())

    def read(self, most: int = _AT_A_GO) -> None:
        """Take what has arrived."""
        for _ in range(most):
            try:
                data, source = self.socket.recvfrom(_LARGEST)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue  # what an ICMP message says about one of many servers; silence tells the same
            self._take(data, source)

    async def _reading(self) -> None:
        while True:
            with contextlib.suppress(ConnectionError):
                self._take(*await self._loop.sock_recvfrom(self.socket, _LARGEST))

    def _take(self, data: bytes, source: tuple[str, int]) -> None:
        if len(data) >= 12:
            flight = self.flights.get((data[0] << 8 | data[1], source[0], source[1]))
            if flight is not None:
                flight.received(data)

    def close(self) -> None:
        """Close, whatever is still expected."""
        if self._task is not None:
            self._task.cancel()
        else:
            self._loop.remove_reader(self.socket)
        self.socket.close()
