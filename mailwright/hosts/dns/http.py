"""The one way to an HTTP API: https only, no redirects, our own time limits and pace, and no secret told.

A read may be repeated; a call that writes is made once. What the network or the host says is cut down to a
class of error and a short text that the host gave in its body: never a query, a header or a request's body.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mailwright.hosts.dns import api_said as said
from mailwright.hosts.dns.api import Unclear
from mailwright.hosts.dns.base import Denied, HostError, Unreachable
from mailwright.model import deadline
from mailwright.model.hiding import without

TIMEOUT = 20.0  # seconds for each wait
#: Seconds that a host which has had too many calls may ask us to wait, altogether.
PATIENCE = 60.0
_RETRIES = 4
#: Seconds and octets that one answer may take altogether, however it comes in.
LONGEST, MOST = 300.0, 64 << 20
_MOST_WORDS = 200
#: What is shorter is an account's name and no secret; it may be a part of any word.
_LEAST_SECRET = 8


class _Endless(Exception):
    """An answer that takes longer, or is longer, than any that a host gives."""


class Throttled(HostError):
    """The host takes no more calls for now; nothing was written by this one."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``path`` and ``query`` are below the base address; ``writes``: it changes something."""

    method: str
    path: str
    query: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body)


class Pace:
    """At most so many calls within so many seconds; shared by everything that uses one credential."""

    def __init__(self, calls: int, seconds: float = 1.0) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque(maxlen=calls)
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Until the next call may be made."""
        with self._lock:
            now = time.monotonic()
            full = len(self._times) == self._times.maxlen
            at = max(now, self._times[0] + self._seconds) if full else now
            self._times.append(at)
        if at > now:
            time.sleep(at - now)


class Http:
    """Requests to one address. Synchronous inside, in threads, so that it outlives an event loop.

    Args:
        base_url: the API's address; https, or http on this machine.
        sign: gives the headers that carry the credential, for a request about to be made.
        pace: how quickly calls may follow each other.
        timeout: seconds for each wait.
        busy: whether an answer says that the host did not look at the call, in words of its own.
        hidden: the credential: a host may quote in its words what it was sent.

    Raises:
        HostError: the address is none, or would be reached unencrypted.
    """

    def __init__(
        self,
        base_url: str,
        sign: Callable[[Request], Mapping[str, str]],
        pace: Pace | None = None,
        *,
        timeout: float = TIMEOUT,
        busy: Callable[[Answer], bool] = lambda _answer: False,
        hidden: Iterable[str] = (),
    ) -> None:
        import httpx2

        for name in ("httpx2", "httpcore2"):  # a line a request, with its query, is a line too many
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.where = require_private(base_url)
        self.address = self._base = base_url.rstrip("/")
        self._sign = sign
        self._pace = pace
        self._busy = busy
        self._hidden = tuple(value for value in hidden if len(value) >= _LEAST_SECRET)
        self._client = httpx2.Client(timeout=timeout, follow_redirects=False)
        weakref.finalize(self, self._client.close)

    def __repr__(self) -> str:
        return f"Http({self._base!r})"

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    async def ask(self, request: Request) -> Answer:
        """The answer, whatever its status below 500, but 3xx and 429.

        Raises Unreachable where nothing was sent or a read failed, Unclear where something was written that
        nobody answered for, Throttled where the host wants no more calls.
        """
        return await asyncio.to_thread(self._patiently, request)

    def _patiently(self, request: Request) -> Answer:
        left = PATIENCE
        for attempt in range(_RETRIES + 1):
            answer = self._once(request, last=attempt == _RETRIES)
            if answer is None:  # a read that failed
                time.sleep(min(0.2 * 2**attempt, 2.0))
                continue
            if answer.status != 429 and not self._busy(answer):
                return self._usable(request, answer)
            pause = _wanted_pause(answer, attempt)
            left -= pause
            if left < 0 or attempt == _RETRIES:
                break
            time.sleep(pause)
        raise Throttled(said.THROTTLED, where=self.where, status=429)

    def _once(self, request: Request, *, last: bool) -> Answer | None:
        import httpx2

        if self._pace:
            self._pace.wait()
        if deadline.left() == 0:  # nothing is sent any more
            raise Unreachable(deadline.OVER)
        try:
            with self._client.stream(
                request.method,
                self._base + request.path,
                params=request.query,
                headers={**(request.headers or {}), **self._sign(request)},
                content=request.body or None,
            ) as reply:
                answer = Answer(reply.status_code, _body(reply.iter_bytes()), reply.headers)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError) as error:
            # Nothing was sent.
            raise Unreachable(said.NOT_REACHED, where=self.where, reason=type(error).__name__) from None
        except (httpx2.HTTPError, httpx2.StreamError, _Endless) as error:
            reason = type(error).__name__.lstrip("_")
        except (httpx2.InvalidURL, UnicodeError, ValueError):
            raise HostError(said.NOT_AN_ADDRESS, where=self.where) from None
        else:
            if answer.status < 500 or request.writes or last:
                return answer
            return None
        if request.writes:
            raise Unclear(said.NO_ANSWER, where=self.where, reason=reason)
        if last:
            raise Unreachable(said.NO_ANSWER, where=self.where, reason=reason)
        return None

    def _usable(self, request: Request, answer: Answer) -> Answer:
        if 300 <= answer.status < 400:
            raise HostError(said.REDIRECTED, where=self.where)
        if answer.status >= 500:
            kind = Unclear if request.writes else Unreachable
            raise kind(said.FAILED, where=self.where, status=answer.status, words="–")
        return answer

    def words(self, text: object) -> str:
        """A host's own words as they may be shown: on one line, cut short, and without the credential."""
        return without(" ".join(str(text).split()), *self._hidden)[:_MOST_WORDS]

    def refused(self, status: int, words: object) -> HostError:
        """The error of an answer that says no; ``words`` are the host's own."""
        text = self.words(words) or "–"
        if status == 401:
            return Denied(said.WRONG_CREDENTIAL, where=self.where, words=text)
        if status == 403:
            return Denied(said.NO_RIGHT, where=self.where, words=text)
        return HostError(said.REFUSED, where=self.where, status=status, words=text)

    def unreadable(self, answer: Answer, *, writes: bool = False) -> HostError:
        """The error of an answer that is not what the API documents; of a write nobody knows what became."""
        kind = Unclear if writes else HostError
        return kind(said.UNREADABLE, where=self.where, status=answer.status)


def _body(chunks: Iterable[bytes]) -> bytes:
    """What was sent. Raises _Endless."""
    rest = deadline.left()
    end = time.monotonic() + (LONGEST if rest is None else min(LONGEST, rest))
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > MOST or time.monotonic() > end:
            raise _Endless
    return bytes(body)


def _wanted_pause(answer: Answer, attempt: int) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdigit() else min(0.5 * 2**attempt, 8.0)


def require_private(base_url: str) -> str:
    """The host of an address at which a credential may be shown: https, or this machine. Raises HostError."""
    address = urlsplit(base_url)
    if address.scheme not in ("http", "https") or not address.hostname or address.username:
        raise HostError(said.NOT_AN_ADDRESS, where=address.hostname or "–")
    if address.scheme == "http" and not _is_here(address.hostname):
        raise HostError(said.NOT_ENCRYPTED, where=address.hostname)
    return address.hostname


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
