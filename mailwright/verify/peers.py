"""One server's address: its pace, what is under way, and whether it has fallen silent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from mailwright.verify import wire
from mailwright.verify.datagrams import Datagrams, Flight, resolved
from mailwright.verify.reply import Reply
from mailwright.verify.streams import NO_WAY, Stream

#: Questions under way at one address at a time; fewer until it has answered for the first time.
AT_ONCE, AT_FIRST = 256, 16
#: Seconds: the first pause before a question is sent again, its bounds, and when it is given up.
FIRST_PAUSE, SHORTEST, LONGEST, PATIENCE = 0.4, 0.08, 3.0, 9.0
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
        self._where: tuple[int, tuple[object, ...]] | None = None
        self._heard = self._sending = False
        self._silent = 0
        self._mean = self._spread = 0.0  # of the round-trip time, as RFC 6298 §2 keeps them
        self.sent = 0

    def ask(self, asked: bytes, recurse: bool, future: asyncio.Future[Reply]) -> None:
        """Ask over UDP, now or when it is its turn; over TCP where the answer is truncated or doubtful."""
        self._waiting.append(_Question(self, asked, recurse, future))
        self._next()

    def over_tcp(self, asked: bytes, recurse: bool, future: asyncio.Future[Reply]) -> None:
        """Ask over the connection to this server."""
        self._stream.ask(asked, recurse, future)

    async def close(self) -> None:
        """Give up what is under way."""
        self._silent = SILENT
        for question in tuple(self._flying):
            question.finish(Reply(problem="closed"))
        self._next()
        await self._stream.close()

    # -- for its questions ---------------------------------------------------------------------

    def flight(self, received: Callable[[bytes], None]) -> Flight:
        """A socket and an id. Raises OSError."""
        if self._where is None:
            self._where = resolved(self._address, self._port)
        return self._datagrams(self._where[0]).flight(self._where[1], received)

    def pause(self) -> float:
        """Seconds until a first sending counts as lost."""
        if not self._heard:
            return FIRST_PAUSE
        return min(max(self._mean + 4 * self._spread, SHORTEST), LONGEST)

    def heard(self, took: float | None) -> None:
        """An answer came; ``took`` seconds, None where it may be to an earlier sending (Karn)."""
        self._silent = 0
        if took is not None and self._mean:
            self._spread += (abs(took - self._mean) - self._spread) / 4
            self._mean += (took - self._mean) / 8
        elif took is not None:
            self._mean, self._spread = took, took / 2
        self._heard = self._heard or took is not None

    def over(self, question: _Question, *, silent: bool) -> None:
        """A question has come to its end."""
        self._flying.discard(question)
        self._silent += silent
        self._next()

    def _next(self) -> None:
        if self._sending:
            return  # a question that failed at once comes back here: the loop below goes on
        self._sending = True
        most = AT_ONCE if self._heard else AT_FIRST
        while self._waiting and (len(self._flying) < most or self._silent >= SILENT):
            question = self._waiting.popleft()
            if self._silent >= SILENT:
                question.future.set_result(Reply(problem="timeout"))
            else:
                self._flying.add(question)
                question.begin()
        self._sending = False


class _Question:
    """One question over UDP, until it is answered or given up."""

    __slots__ = (
        "_asked",
        "_edns",
        "_flight",
        "_pause",
        "_peer",
        "_recurse",
        "_since",
        "_timer",
        "_tries",
        "future",
    )

    def __init__(self, peer: Peer, asked: bytes, recurse: bool, future: asyncio.Future[Reply]) -> None:
        self._peer, self._asked, self._recurse, self.future = peer, asked, recurse, future
        self._edns = True
        self._tries = 0
        self._pause = self._since = 0.0
        self._flight: Flight | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Send it for the first time."""
        self._pause = self._peer.pause()
        self._since = self.future.get_loop().time()
        try:
            self._flight = self._peer.flight(self._received)
        except OSError as error:
            self._failed(error)
            return
        self._send()

    def _send(self) -> None:
        assert self._flight is not None
        self._tries += 1
        self._peer.sent += 1
        try:
            self._flight.send(
                wire.message(self._flight.id, self._asked, recurse=self._recurse, edns=self._edns)
            )
        except OSError as error:
            self._failed(error)
            return
        self._timer = self.future.get_loop().call_later(self._pause, self._expired)

    def _expired(self) -> None:
        assert self._flight is not None
        timer = self._timer
        self._flight.catch_up()
        if self._timer is not timer:
            return  # the answer had come already
        if self.future.get_loop().time() - self._since >= PATIENCE:
            self.finish(Reply(problem="timeout"), silent=True)
            return
        self._pause = min(self._pause * 2, LONGEST)
        self._send()

    def _received(self, message: bytes) -> None:
        kind = wire.kind(message, self._asked)
        if kind is wire.Kind.OTHER:
            return
        now = self.future.get_loop().time()
        self._peer.heard(now - self._since if self._tries == 1 else None)
        if kind is wire.Kind.NO_EDNS and self._edns:
            self._edns, self._tries = False, 1
            self._stop_timer()
            self._send()
        elif kind in (wire.Kind.TRUNCATED, wire.Kind.DOUBTFUL):
            self._end()
            self._peer.over_tcp(self._asked, self._recurse, self.future)
            self._peer.over(self, silent=False)
        else:
            self.finish(Reply(message))

    def _failed(self, error: OSError) -> None:
        self.finish(Reply(problem=error.strerror or str(error), no_way=error.errno in NO_WAY))

    def finish(self, reply: Reply, *, silent: bool = False) -> None:
        """Tell who waits, and make room for the next."""
        self._end()
        if not self.future.done():
            self.future.set_result(reply)
        self._peer.over(self, silent=silent)

    def _end(self) -> None:
        self._stop_timer()
        if self._flight is not None:
            self._flight.end()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
