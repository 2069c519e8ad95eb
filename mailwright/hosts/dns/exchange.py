"""Signed DNS messages over one TCP connection: what is sent, what comes back, what went wrong.

A server may answer out of order, close after any answer, or refuse in ways that differ from
program to program; here all of that becomes replies or one HostError.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import struct
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.tsig

from mailwright.hosts.dns import said
from mailwright.hosts.dns.answers import Record, plain_answer
from mailwright.hosts.dns.base import Denied, HostError, Unreachable
from mailwright.model import deadline

#: Octets of the largest message that TCP can carry (RFC 1035 §4.2.2).
MAX_MESSAGE = 65535
#: Connections to one server at the same time.
AT_ONCE = 24
#: Seconds for which an idle connection is used again; servers close theirs after five or more.
KEPT = 2.0
#: Seconds and stray answers that the answers to one batch may take together, however they come in.
LONGEST, STRAY = 300.0, 1000


class Unanswered(Unreachable):
    """The message was sent and no answer came: what it asked for may have been done."""


class KeyRefused(Denied):
    """The server answered that it does not accept the key (RFC 8945 §5.2)."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server, and the key it knows us by. ``timeout`` is in seconds, for each wait."""

    server: str
    port: int
    timeout: float
    key: dns.tsig.Key | None = field(default=None, repr=False)

    @property
    def identity(self) -> tuple[object, ...]:
        """What two endpoints share whose connections can stand in for each other. Holds the secret."""
        key = (self.key.name, self.key.secret, self.key.algorithm) if self.key else ()
        return (self.server, self.port, self.timeout, *key)

    def __str__(self) -> str:
        return self.server if self.port == 53 else f"{self.server} port {self.port}"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer whose signature held, or an error that servers do not sign.

    ``records`` are the answer section in the order sent.
    """

    rcode: dns.rcode.Rcode
    message: dns.message.Message | None
    plain: tuple[Record, ...] | None = None

    @property
    def records(self) -> tuple[Record, ...]:
        """Every record of the answer section."""
        if self.plain is not None:
            return self.plain
        sets = self.message.answer if self.message else ()
        return tuple(Record(rrset.name, rrset.rdtype, rrset.ttl, rdata) for rrset in sets for rdata in rrset)


class Connection:
    """One TCP connection, opened at the first message; an asynchronous context manager."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def ask(self, queries: Sequence[dns.message.Message], *, plain: bool = False) -> list[Reply]:
        """The replies to questions, in their order. Questions may be repeated by us, so no UPDATE.

        ``plain``: only the records of a good answer matter; that is read faster.

        Raises Unreachable, Denied or HostError.
        """
        frames = _frames(queries, self.endpoint)
        replies: dict[int, Reply] = {}
        stale = self._streams is not None
        while len(replies) < len(frames):
            waiting = {id: frame for id, frame in frames.items() if id not in replies}
            before = len(replies)
            await self._converse(waiting, replies, plain)
            if len(replies) == before and not stale:
                raise Unanswered(said.CLOSED, where=self.endpoint)
            stale = False
        return [replies[query.id] for query in queries]

    async def send_once(self, message: dns.message.Message) -> Reply:
        """The reply to one message that must not be sent twice.

        Raises Unanswered where it was sent and nothing came back.
        """
        frames = _frames([message], self.endpoint)
        replies: dict[int, Reply] = {}
        await self._converse(frames, replies)
        if not replies:
            raise Unanswered(said.CLOSED, where=self.endpoint)
        return replies[message.id]

    async def close(self) -> None:
        """Close the connection; the next message opens another."""
        if self._streams is not None:
            writer = self._streams[1]
            self._streams = None
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), 1)

    async def _converse(
        self, frames: dict[int, _Frame], replies: dict[int, Reply], plain: bool = False
    ) -> None:
        """Send every frame, then collect answers until all are there or the server closes."""
        reader, writer = await self._open()
        ends, strays = time.monotonic() + LONGEST, 0
        try:
            writer.write(b"".join(frame.octets for frame in frames.values()))
            while not frames.keys() <= replies.keys():
                wait = self._wait(ends - time.monotonic())
                wire = await asyncio.wait_for(_receive(reader), wait)
                frame = frames.get(struct.unpack_from("!H", wire)[0]) if len(wire) >= 12 else None
                if frame is None or frame.message.id in replies:
                    strays += 1
                    if strays > STRAY:
                        raise TimeoutError
                else:
                    quick = _plain_reply(frame.message, wire, self.endpoint) if plain else None
                    replies[frame.message.id] = quick or _reply(frame.message, wire, self.endpoint)
        except TimeoutError:
            await self.close()
            raise self._silent() from None
        except (OSError, EOFError):
            await self.close()
        except BaseException:
            await self.close()
            raise

    def _wait(self, rest: float) -> float:
        """Seconds that the server may take now. Raises Unreachable where the run's time is over."""
        left = deadline.left()
        if left == 0:
            raise Unreachable(deadline.OVER)
        return max(0.0, min(self.endpoint.timeout, rest, self.endpoint.timeout if left is None else left))

    def _silent(self) -> Unanswered:
        if deadline.left() == 0:
            return Unanswered(deadline.OVER)
        return Unanswered(said.SILENT, where=self.endpoint, seconds=f"{self.endpoint.timeout:g}")

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is not None and self._streams[0].at_eof():
            await self.close()  # the server has closed it meanwhile
        if self._streams is None:
            wait = self._wait(self.endpoint.timeout)
            opening = asyncio.open_connection(self.endpoint.server, self.endpoint.port)
            try:
                self._streams = await asyncio.wait_for(opening, wait)
            except TimeoutError:
                seconds = f"{self.endpoint.timeout:g}"
                raise Unreachable(said.NO_CONNECTION, where=self.endpoint, seconds=seconds) from None
            except (OSError, UnicodeError) as error:
                raise _unreachable(error, self.endpoint) from None
        return self._streams


class Pool:
    """Connections of one event loop, lent to one operation at a time and kept open between them.

    Many zones lie on one server: a few connections serve them all, where one each would overrun its
    queue of new ones.
    """

    def __init__(self) -> None:
        self._idle: dict[tuple[object, ...], list[tuple[float, Connection]]] = {}
        self._gates: dict[tuple[str, int], asyncio.Semaphore] = {}

    @contextlib.asynccontextmanager
    async def lend(self, endpoint: Endpoint) -> AsyncIterator[Connection]:
        """A connection to this endpoint for the length of a block; a failed block closes it."""
        place = (endpoint.server, endpoint.port)
        async with self._gates.setdefault(place, asyncio.Semaphore(AT_ONCE)):
            connection = await self._take(endpoint)
            try:
                yield connection
            except BaseException:
                await connection.close()
                raise
            self._idle.setdefault(endpoint.identity, []).append((time.monotonic(), connection))

    async def _take(self, endpoint: Endpoint) -> Connection:
        idle = self._idle.get(endpoint.identity, [])
        while idle:
            since, connection = idle.pop()
            if time.monotonic() - since < KEPT:
                return connection
            await connection.close()
        return Connection(endpoint)

    async def close(self) -> None:
        """Close what is idle."""
        for several in self._idle.values():
            while several:
                await several.pop()[1].close()


@dataclass(frozen=True, slots=True)
class _Frame:
    message: dns.message.Message
    octets: bytes = field(repr=False)


def _frames(messages: Sequence[dns.message.Message], endpoint: Endpoint) -> dict[int, _Frame]:
    """Number, sign and frame the messages (RFC 1035 §4.2.2, RFC 8945)."""
    first = secrets.randbelow(1 << 16)
    frames: dict[int, _Frame] = {}
    for offset, message in enumerate(messages):
        message.id = (first + offset) & 0xFFFF
        if endpoint.key is not None:
            message.use_tsig(endpoint.key)
        try:
            wire = message.to_wire(max_size=MAX_MESSAGE)
        except dns.exception.TooBig:
            raise HostError(said.TOO_BIG) from None
        frames[message.id] = _Frame(message, struct.pack("!H", len(wire)) + wire)
    return frames


async def _receive(reader: asyncio.StreamReader) -> bytes:
    (length,) = struct.unpack("!H", await reader.readexactly(2))
    return await reader.readexactly(length)


def _plain_reply(request: dns.message.Message, wire: bytes, endpoint: Endpoint) -> Reply | None:
    records = plain_answer(request, wire, endpoint.key) if endpoint.key else None
    return None if records is None else Reply(dns.rcode.NOERROR, None, tuple(records))


def _reply(request: dns.message.Message, wire: bytes, endpoint: Endpoint) -> Reply:
    """Verify and parse one answer. Raises Denied where the server did not accept our key."""
    try:
        reply = dns.message.from_wire(
            wire,
            keyring=request.keyring,
            request_mac=request.mac or b"",
            one_rr_per_rrset=True,
            ignore_trailing=True,
        )
    except dns.tsig.PeerError as error:
        raise _key_trouble(error, endpoint) from None
    except (dns.tsig.BadSignature, dns.tsig.BadTime, dns.tsig.BadKey, dns.message.UnknownTSIGKey):
        raise HostError(said.BAD_SIGNATURE, where=endpoint) from None
    except dns.exception.DNSException:
        # Refusals come unsigned from PowerDNS and, for an unknown zone, from Knot.
        rcode = dns.rcode.Rcode(wire[3] & 0x0F)
        if rcode in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            raise HostError(said.UNREADABLE, where=endpoint) from None
        return Reply(rcode, None)
    if reply.flags & dns.flags.TC:  # over TCP: what stands in it is not all
        raise HostError(said.UNREADABLE, where=endpoint)
    if reply.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN) and not request.is_response(reply):
        raise HostError(said.OTHER_QUESTION, where=endpoint)
    return Reply(reply.rcode(), reply)


def _key_trouble(error: dns.tsig.PeerError, endpoint: Endpoint) -> KeyRefused:
    key = endpoint.key.name.to_text(omit_final_dot=True) if endpoint.key else ""
    if isinstance(error, dns.tsig.PeerBadTime):
        return KeyRefused(said.PEER_TIME, where=endpoint, key=key)
    if isinstance(error, dns.tsig.PeerBadSignature):
        return KeyRefused(said.PEER_SIGNATURE, where=endpoint, key=key)
    if isinstance(error, dns.tsig.PeerBadKey):
        # Knot says BADKEY for a key that it knows and that may not do this, too.
        return KeyRefused(said.PEER_KEY, where=endpoint, key=key)
    return KeyRefused(said.PEER_OTHER, where=endpoint, key=key, kind=type(error).__name__)


def _unreachable(error: OSError | UnicodeError, endpoint: Endpoint) -> Unreachable:
    if isinstance(error, socket.gaierror):
        return Unreachable(said.NO_SUCH_HOST, where=endpoint)
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(said.CONNECTION_REFUSED, where=endpoint)
    reason = error.strerror if isinstance(error, OSError) else None
    text = said.NOT_REACHED if reason else said.NO_USABLE_NAME
    return Unreachable(text, where=endpoint, reason=reason)
