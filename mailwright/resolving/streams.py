"""Questions over TCP: one connection a server, many questions in it at a time (RFC 7766 §6.2.1.1).

A server that closes after some answers is asked on over a new connection, with no more in it at a time
than it answered; one that answers nothing twice is given up.
"""

from __future__ import annotations

import asyncio
import errno
import ssl
import struct
from collections import deque
from typing import NamedTuple, cast

from mailwright.model.text import Text
from mailwright.resolving import wire
from mailwright.resolving.reply import CHANCE, CLOSED, CUT, ENDED, SILENT, Reply, trouble
from mailwright.resolving.sharing import share

CONNECT = 5.0  # seconds for a connection
SILENCE = 5.0  # seconds without any answer while some are owed
IDLE = 0.5  # seconds until a connection without questions is closed
WINDOW = 400  # questions over TCP at a time, all processes of a run together
_FAILURES = 2  # connections without any answer

#: What the system says where this machine has no way to such an address (mostly: no IPv6 here).
NO_WAY = frozenset({errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class Security(NamedTuple):
    """TLS for a connection: whom to trust, and the name or address that the certificate must have."""

    context: ssl.SSLContext
    name: str


class Item:
    """One question on its way: its section in the letters sent, and whom to tell."""

    __slots__ = ("asked", "edns", "future", "how")

    def __init__(self, asked: bytes, how: wire.How, future: asyncio.Future[Reply]) -> None:
        self.asked, self.how, self.future = asked, how, future
        self.edns = True


class Stream:
    """One server's questions over TCP. ``gate`` limits the connections open at one time, all servers'."""

    def __init__(
        self, address: str, port: int, gate: asyncio.Semaphore, security: Security | None = None
    ) -> None:
        self._where, self._security = (address, port), security
        self._gate = gate
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Item] = deque()
        self._flying: dict[int, Item] = {}
        self._link: _Link | None = None
        self._task: asyncio.Task[None] | None = None
        self._window = share(WINDOW)
        self._failures = 0
        self._problem: Text | None = None
        self._pumping = False
        self._no_way = False

    def ask(self, asked: bytes, how: wire.How, future: asyncio.Future[Reply]) -> None:
        """Ask, and tell the future; it never gets an exception."""
        if self._failures >= _FAILURES:
            future.set_result(self._failed())
            return
        self._waiting.append(Item(asked, how, future))
        if self._link is not None:
            self._soon()
        elif self._task is None:
            self._task = self._loop.create_task(self._run())

    def _failed(self) -> Reply:
        return Reply(problem=self._problem or SILENT, no_way=self._no_way)

    async def close(self) -> None:
        """End the connection; what is still owed is told so."""
        self._failures, self._problem = _FAILURES, self._problem or CLOSED
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._give_up()

    async def _run(self) -> None:
        """Connections, one after the other, until nothing is owed any more."""
        try:
            while self._waiting and self._failures < _FAILURES:
                async with self._gate:
                    answered = await self._connection()
                if answered:
                    self._failures = 0
                else:
                    self._failures += 1
                if self._flying:
                    self._window = max(1, min(self._window, answered))
                    self._waiting.extendleft(reversed(self._flying.values()))
                    self._flying.clear()
            if self._failures >= _FAILURES:
                self._give_up()
        finally:
            self._task = None

    async def _connection(self) -> int:
        """One connection to its end: how many answers came."""
        link = _Link(self)
        try:
            async with asyncio.timeout(CONNECT):
                await self._connect(link)
        except TimeoutError:
            self._problem = SILENT
            return 0
        except OSError as error:
            name = self._security.name if self._security else ""
            self._problem, self._no_way = trouble(error, name), error.errno in NO_WAY
            return 0
        self._no_way = False
        self._link = link
        self._pump()
        try:
            self._problem = await link.ended() or self._problem or SILENT
        finally:
            self._link = None
            link.abort()
        return link.answered

    async def _connect(self, link: _Link) -> None:
        if self._security is None:
            await self._loop.create_connection(lambda: link, *self._where)
        else:
            context, name = self._security
            await self._loop.create_connection(lambda: link, *self._where, ssl=context, server_hostname=name)

    def _soon(self) -> None:
        if not self._pumping:
            self._pumping = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        self._pumping = False
        chunks: list[bytes] = []
        while self._link is not None and self._waiting and len(self._flying) < self._window:
            item = self._waiting.popleft()
            id = CHANCE.number()
            while id in self._flying:
                id = CHANCE.number()
            self._flying[id] = item
            text = wire.message(id, item.asked, item.how, edns=item.edns)
            chunks += (struct.pack("!H", len(text)), text)
        if chunks and self._link is not None:
            self._link.send(b"".join(chunks))

    def received(self, reply: bytes) -> bool:
        """Take one message; False where it answers nothing that was asked."""
        id = int.from_bytes(reply[:2], "big")
        item = self._flying.get(id) if len(reply) >= 12 else None
        if item is None:
            return False
        kind = wire.kind(reply, item.asked)
        if kind is wire.Kind.OTHER:
            return False
        del self._flying[id]
        if kind is wire.Kind.NO_EDNS and item.edns:
            item.edns = False
            self._waiting.append(item)
        elif not item.future.done():
            # TC over TCP: what stands in it is not all, so nothing is known of what is missing.
            item.future.set_result(Reply(problem=CUT) if kind is wire.Kind.TRUNCATED else Reply(reply))
        if self._waiting:
            self._soon()
        return True

    @property
    def owed(self) -> bool:
        """Whether an answer or a question is still under way."""
        return bool(self._flying or self._waiting)

    def _give_up(self) -> None:
        for item in (*self._flying.values(), *self._waiting):
            if not item.future.done():
                item.future.set_result(self._failed())
        self._flying.clear()
        self._waiting.clear()


class _Link(asyncio.Protocol):
    """One connection: frames of two octets of length and a message (RFC 1035 §4.2.2)."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._end: asyncio.Future[Text] = asyncio.get_running_loop().create_future()
        self._heard = asyncio.get_running_loop().time()
        self.answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def send(self, data: bytes) -> None:
        """Write frames."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        at, have = 0, len(self._buffer)
        while have - at >= 2:
            length = self._buffer[at] << 8 | self._buffer[at + 1]
            if have - at - 2 < length:
                break
            if self._stream.received(bytes(self._buffer[at + 2 : at + 2 + length])):
                self.answered += 1
                self._heard = asyncio.get_running_loop().time()
            at += 2 + length
        del self._buffer[:at]

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._end.done():
            self._end.set_result(trouble(exc) if exc else ENDED)

    async def ended(self) -> Text | None:
        """Wait until the server closes, falls silent, or nothing is left to ask; None for the last."""
        loop = asyncio.get_running_loop()
        while True:
            since = loop.time()
            await asyncio.wait([self._end], timeout=IDLE)
            if self._end.done():
                return self._end.result()
            if not self._stream.owed and self._heard < since:
                return None
            if self._stream.owed and loop.time() - self._heard > SILENCE:
                return SILENT

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()
