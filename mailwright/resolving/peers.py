"""One server's address: its pace, what is under way, and whether it has fallen silent."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable

from mailwright.resolving import wire
from mailwright.resolving.datagrams import Datagrams, Key, Socket, resolved
from mailwright.resolving.pace import Pace
from mailwright.resolving.reply import CLOSED, Reply, trouble
from mailwright.resolving.reply import SILENT as NO_ANSWER
from mailwright.resolving.streams import NO_WAY, Stream

#: Seconds until a question is given up.
PATIENCE = 9.0
#: Questions given up in a row, without any answer, until an address counts as silent: then it is spared.
SILENT = 8


class Peer:
    """Sends questions, again where no answer comes, and no more at a time than is polite."""

    def __init__(
        self, address: str, port: int, datagrams: Callable[[int], Datagrams], gate: asyncio.Semaphore
    ) -> None:
        self._address, self._port, self._datagrams = address, port, datagrams
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Question] = deque()
        self._flying: set[_Question] = set()
        self._stream = Stream(address, port, gate)
        self._way: tuple[Datagrams, tuple[object, ...], str, int] | None = None
        self._due: list[tuple[float, int, int, _Question]] = []  # a heap: when, which, its sending
        self._timer: asyncio.TimerHandle | None = None
        self._count = 0
        self._sending = False
        self._silent = 0
        self.pace = Pace()
        self.sent = 0

    def ask(self, asked: bytes, how: wire.How, future: asyncio.Future[Reply], *, soon: bool = False) -> None:
        """Ask over UDP, now or when it is its turn; over TCP where the answer is truncated or doubtful."""
        question = _Question(self, asked, how, future)
        if soon:
            self._waiting.appendleft(question)
        else:
            self._waiting.append(question)
        self._next()

    def over_tcp(self, asked: bytes, how: wire.How, future: asyncio.Future[Reply]) -> None:
        """Ask over the connection to this server."""
        self._stream.ask(asked, how, future)

    async def close(self) -> None:
        """Give up what is under way."""
        self._silent = SILENT
        if self._timer is not None:
            self._timer.cancel()
        for question in tuple(self._flying):
            question.finish(Reply(problem=CLOSED))
        self._next()
        await self._stream.close()

    # -- for its questions ---------------------------------------------------------------------

    def way(self) -> tuple[Datagrams, tuple[object, ...], str, int]:
        """The sockets, the socket address, and how replies name address and port. Raises OSError."""
        if self._way is None:
            family, where = resolved(self._address, self._port)
            self._way = (self._datagrams(family), where, str(where[0]), self._port)
        return self._way

    def watch(self, question: _Question, seconds: float) -> None:
        """Look at it again after so long; one timer serves all."""
        self._count += 1
        heapq.heappush(self._due, (self._loop.time() + seconds, self._count, question.tries, question))
        if self._timer is None or self._due[0][0] < self._timer.when():
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        while self._due and not self._due[0][3].still(self._due[0][2]):
            heapq.heappop(self._due)
        self._timer = self._loop.call_at(self._due[0][0], self._expired) if self._due else None

    def _expired(self) -> None:
        self._timer = None
        if self._way is not None:
            self._way[0].catch_up()
        now = self._loop.time()
        while self._due and self._due[0][0] <= now:
            _, _, sending, question = heapq.heappop(self._due)
            if question.still(sending):
                question.expired(now)
        self._set_timer()

    def heard(self, now: float, first: float, last: float, tries: int) -> None:
        """An answer came to what was sent ``tries`` times, from ``first`` to ``last``."""
        self._silent = 0
        known = self.pace.known
        self.pace.heard(now, first, last, tries)
        if self.pace.known and not known:  # now it is known that nobody has to wait for so long
            for question in self._flying:
                self.watch(question, self.pace.pause)

    def over(self, question: _Question, *, silent: bool) -> None:
        """A question has come to its end."""
        self._flying.discard(question)
        self._silent += silent
        self._next()

    def _next(self) -> None:
        if self._sending:
            return  # a question that failed at once comes back here: the loop below goes on
        self._sending = True
        waiting, flying, pace = self._waiting, self._flying, self.pace
        while waiting and (len(flying) < pace.window or self._silent >= SILENT):
            question = waiting.popleft()
            if question.future.done():  # the run's time was over before its turn came
                continue
            if self._silent >= SILENT:
                question.future.set_result(Reply(problem=NO_ANSWER))
            else:
                flying.add(question)
                question.begin(self._loop.time())
        self._sending = False


class _Question:
    """One question over UDP, until it is answered or given up."""

    __slots__ = (
        *("_asked", "_edns", "_how", "_key", "_over", "_pause", "_peer", "_sent", "_since", "_socket"),
        *("_where", "future", "tries"),
    )

    def __init__(self, peer: Peer, asked: bytes, how: wire.How, future: asyncio.Future[Reply]) -> None:
        self._peer, self._asked, self._how, self.future = peer, asked, how, future
        self._edns, self._over = True, False
        self.tries = 0
        self._pause = self._since = self._sent = 0.0
        self._socket: Socket | None = None
        self._key: Key = (0, "", 0)
        self._where: tuple[object, ...] = ()

    def begin(self, now: float) -> None:
        """Send it for the first time."""
        self._pause, self._since = self._peer.pace.pause, now
        try:
            datagrams, self._where, address, port = self._peer.way()
            self._socket = datagrams.any()
            self._key = self._socket.expect(address, port, self)
        except OSError as error:
            self._failed(error)
            return
        self._send(now)

    def still(self, sending: int) -> bool:
        """Whether it waits, and has not been sent again since."""
        return not self._over and self.tries == sending

    def _send(self, now: float) -> None:
        assert self._socket is not None
        self.tries += 1
        self._sent = now
        self._peer.sent += 1
        message = wire.message(self._key[0], self._asked, self._how, edns=self._edns)
        try:
            self._socket.send(message, self._where)
        except OSError as error:
            self._failed(error)
            return
        self._peer.watch(self, self._pause)

    def expired(self, now: float) -> None:
        """No answer in time: once more, or never."""
        if now - self._since >= PATIENCE:
            self.finish(Reply(problem=NO_ANSWER), silent=True)
            return
        pace = self._peer.pace
        self._pause = pace.again(self._pause, self.tries)
        if pace.lost(self._sent):
            self._send(now)
        else:
            self._peer.watch(self, self._pause)

    def received(self, message: bytes) -> None:
        """A reply with its id from the address asked."""
        kind = wire.kind(message, self._asked)
        if kind is wire.Kind.OTHER:
            return
        now = self.future.get_loop().time()
        self._peer.heard(now, self._since, self._sent, self.tries)
        if kind is wire.Kind.NO_EDNS and self._edns:
            self._edns = False
            self._send(now)
        elif kind in (wire.Kind.TRUNCATED, wire.Kind.DOUBTFUL):
            self._end()
            self._peer.over_tcp(self._asked, self._how, self.future)
            self._peer.over(self, silent=False)
        else:
            self.finish(Reply(message))

    def _failed(self, error: OSError) -> None:
        self.finish(Reply(problem=trouble(error), no_way=error.errno in NO_WAY))

    def finish(self, reply: Reply, *, silent: bool = False) -> None:
        """Tell who waits, and make room for the next."""
        self._end()
        if not self.future.done():
            self.future.set_result(reply)
        self._peer.over(self, silent=silent)

    def _end(self) -> None:
        self._over = True
        if self._socket is not None:
            self._socket.forget(self._key)
