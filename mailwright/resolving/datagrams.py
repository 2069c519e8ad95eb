"""The UDP sockets of one process: a few for each address family, every server's questions through all.

Several, because a forger has to guess the port too (RFC 5452 §9.2); no more, because thousands of
questions share them. None is connected to a server: a reply counts by its source, its id and its question.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Protocol

from mailwright.resolving.reply import CHANCE

#: Sockets of one family; the system chooses each port at random.
SOCKETS = 4
#: Octets asked for to hold replies until they are read; the system may give less.
_BUFFER = 4 << 20
_LARGEST = 65535
#: Replies read at one go, so that the rest of the loop has its turn too.
_AT_A_GO = 256

Key = tuple[int, str, int]  # id, address, port


class Receiver(Protocol):
    """Whoever waits for a reply."""

    def received(self, message: bytes) -> None:
        """Take a message with the right id from the right address; it may still be somebody else's."""


class Datagrams:
    """The sockets of one address family. Raises OSError where the machine has none of it."""

    def __init__(self, family: int) -> None:
        self._sockets: list[Socket] = []
        try:
            for _ in range(SOCKETS):
                self._sockets.append(Socket(family))
        except OSError:
            self.close()
            raise

    def any(self) -> Socket:
        """One of them, by chance."""
        return self._sockets[CHANCE.octets(1)[0] % SOCKETS]

    def catch_up(self) -> None:
        """Read what has come already: a busy process must not take its own delay for the network's."""
        for endpoint in self._sockets:
            endpoint.read(_LARGEST)

    def close(self) -> None:
        """Close every socket."""
        for endpoint in self._sockets:
            endpoint.close()


def resolved(address: str, port: int) -> tuple[int, tuple[object, ...]]:
    """Family and socket address of a literal address, as replies name their source. Raises OSError."""
    infos = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)
    return int(infos[0][0]), tuple(infos[0][4])


class Socket:
    """One UDP socket, and who waits for what through it."""

    def __init__(self, family: int) -> None:
        self._waiting: dict[Key, Receiver] = {}
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

    def expect(self, address: str, port: int, receiver: Receiver) -> Key:
        """A place for one question to an address, with an id that nothing else there has."""
        key = (CHANCE.number(), address, port)
        while key in self._waiting:
            key = (CHANCE.number(), address, port)
        self._waiting[key] = receiver
        return key

    def send(self, message: bytes, where: tuple[object, ...]) -> None:
        """Send; a full buffer loses it, as a network would. Raises OSError where there is no way."""
        try:  # noqa: SIM105  suppress() costs as much as all the rest, and this runs for each question
            self.socket.sendto(message, where)
        except BlockingIOError:
            pass

    def forget(self, key: Key) -> None:
        """Nothing is expected any more; what still comes is dropped."""
        self._waiting.pop(key, None)

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
        receiver = self._waiting.get((int.from_bytes(data[:2], "big"), source[0], source[1]))
        if receiver is not None:
            receiver.received(data)

    def close(self) -> None:
        """Close, whatever is still expected."""
        if self._task is not None:
            self._task.cancel()
        else:
            self._loop.remove_reader(self.socket)
        self.socket.close()
