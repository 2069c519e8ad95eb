"""Questions to many servers at once: one set of UDP sockets a process, everything multiplexed.

Resolvers over TLS or HTTPS have their own way (``secure.py``).

What keeps strangers out (RFC 5452): each question goes from one of several sockets whose ports the system
chose, with a random id and letters of random case, and an answer counts only from the address asked and
with the question as it was sent. What could be forged, or came truncated, is asked again over TCP.

What a server said is remembered for the length of one run: the same question is never asked twice of it,
nor any question about a name that it said does not exist (RFC 2308 §5).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import TYPE_CHECKING

from mailwright.model import deadline
from mailwright.resolving import wire
from mailwright.resolving.datagrams import Datagrams
from mailwright.resolving.peers import Peer
from mailwright.resolving.reply import Reply, plain
from mailwright.resolving.secure import Way

if TYPE_CHECKING:
    from mailwright.resolving.server import Server

#: TCP connections at a time, all servers together.
CONNECTIONS = 100
_NXDOMAIN = 3
#: Address, port, how it is put, whether over TCP, owner name; then the type.
_Name = tuple[str, int, wire.How, bool, str]
_CURRENT: ContextVar[Asker | None] = ContextVar("asker", default=None)


@contextlib.asynccontextmanager
async def asking() -> AsyncIterator[Asker]:
    """The asker of this run; inside another ``asking()`` the same one, so that nothing is asked twice."""
    running = _CURRENT.get()
    if running is not None and running.usable():
        yield running
        return
    asker = Asker()
    token = _CURRENT.set(asker)
    try:
        yield asker
    finally:
        _CURRENT.reset(token)
        await asker.close()


class Asker:
    """The sockets and the memory of one run. Use ``asking()``."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._answers: dict[tuple[_Name, str], asyncio.Future[Reply]] = {}
        self._names: dict[_Name, asyncio.Future[Reply]] = {}  # the last question about each
        self._peers: dict[tuple[str, int], Peer | Way] = {}
        self._datagrams: dict[int, Datagrams] = {}
        self._gate = asyncio.Semaphore(CONNECTIONS)
        self._closed = self._over = False
        rest = deadline.left()
        self._timer = None if rest is None else self._loop.call_later(rest, self._end)

    def _end(self) -> None:
        """The run's time is over: what is under way, and whatever comes, is not answered any more."""
        self._over = True
        for future in self._answers.values():
            if not future.done():
                future.set_result(Reply(problem=deadline.OVER))

    def usable(self) -> bool:
        """Whether it is open and belongs to the running loop."""
        return not self._closed and self._loop is asyncio.get_running_loop()

    def begin(
        self,
        server: Server,
        name: str,
        type: str,
        *,
        tcp: bool = False,
        how: wire.How | None = None,
        soon: bool = False,
    ) -> asyncio.Future[Reply]:
        """Ask, and return at once; the future is shared and never has an exception: use ``settled(it)``.

        A secure resolver has one way only, whatever ``tcp`` says. ``soon``: many wait for this one, so it
        does not wait behind others.
        """
        how = how or (wire.ITERATIVE if server.authoritative else wire.RECURSIVE)
        tcp = tcp and server.secure is None
        where = (server.address, server.port, how, tcp, name)
        key = (where, type)
        known = self._answers.get(key)
        if known is not None:
            return known
        future = self._answers[key] = self._loop.create_future()
        if self._over:
            future.set_result(Reply(problem=deadline.OVER))
            return future
        before = self._names.get(where)
        if before is not None and before.done() and _no_such_name(before.result()):
            future.set_result(before.result())
            return future
        self._names[where] = future
        try:
            asked = wire.question(wire.name(name), type, mixed=not tcp)
        except ValueError as error:
            future.set_result(Reply(problem=plain(error)))
            return future
        peer = self._peer(server)
        if tcp:
            peer.over_tcp(asked, how, future)
        else:
            peer.ask(asked, how, future, soon=soon)
        return future

    async def reply(
        self, server: Server, name: str, type: str, *, tcp: bool = False, how: wire.How | None = None
    ) -> Reply:
        """Ask and wait. Never raises for what a server or a network does."""
        return await settled(self.begin(server, name, type, tcp=tcp, how=how))

    @property
    def sent(self) -> int:
        """Datagrams sent so far, those sent again included."""
        return sum(peer.sent for peer in self._peers.values())

    def _peer(self, server: Server) -> Peer | Way:
        where = (server.address, server.port)
        if where not in self._peers:
            self._peers[where] = (
                Way(server.secure, self._gate)
                if server.secure is not None
                else Peer(*where, self.datagrams, self._gate)
            )
        return self._peers[where]

    def datagrams(self, family: int) -> Datagrams:
        """The sockets of one address family, opened when first used. Raises OSError."""
        if family not in self._datagrams:
            self._datagrams[family] = Datagrams(family)
        return self._datagrams[family]

    async def close(self) -> None:
        """Give everything back to the system; who still waits is told so."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for peer in self._peers.values():
            await peer.close()
        for datagram in self._datagrams.values():
            datagram.close()
        await asyncio.sleep(0)  # the loop closes transports in its next round


async def settled(future: asyncio.Future[Reply]) -> Reply:
    """The reply; whoever is cancelled while waiting does not take it from the others."""
    return future.result() if future.done() else await asyncio.shield(future)


def _no_such_name(reply: Reply) -> bool:
    return reply.problem is None and wire.code(reply.message) == _NXDOMAIN
