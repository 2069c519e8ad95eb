"""Resolvers whose answers nobody on the way can read or forge: DNS over TLS (RFC 7858) and HTTPS (RFC 8484).

The strict profile of RFC 8310 §5: no certificate for the name that was written, no answer.
"""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailwright.model.text import Text
from mailwright.resolving import wire
from mailwright.resolving.connect import Dial
from mailwright.resolving.reply import CLOSED, CUT, OTHER_ANSWER, SILENT, Reply, trouble
from mailwright.resolving.streams import Security, Stream
from mailwright.standards.faults import Fault

if TYPE_CHECKING:
    import httpx2

#: Seconds for one answer.
TIMEOUT = 9.0
#: Connections to one HTTPS resolver, with a question in each: Unbound lets ten in as it is delivered.
AT_ONCE = 8
#: Questions in a row without any answer, until the resolver is spared the rest: more than one round of them,
#: for there are names that no resolver gets an answer for.
_SILENT = 16
_MEDIA = "application/dns-message"
_LARGEST = 65535
_PORTS = {"tls": 853, "https": 443}
_PATH = "/dns-query"


@dataclass(frozen=True, slots=True)
class Secure:
    """A resolver over TLS or HTTPS.

    Attributes:
        scheme: ``tls`` or ``https``.
        host: name or address to connect to.
        proven: the name or address that its certificate must have.
        path: of the URL; empty for ``tls``.
        dial: how to reach it and whom to trust.
    """

    scheme: str
    host: str
    port: int
    proven: str
    path: str = ""
    dial: Dial = field(default=Dial(timeout=TIMEOUT), compare=False)

    def __str__(self) -> str:
        """As people write it: ``tls://1.1.1.1``, ``https://dns.example/dns-query``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        name = f"#{self.proven}" if self.proven != self.host else ""
        return f"{self.scheme}://{host}{port}{self.path}{name}"


def secure(text: str, dial: Dial | None = None) -> Secure | None:
    """``tls://HOST[:PORT]`` or ``https://HOST[:PORT][/PATH]``; ``#NAME``: what its certificate has.

    None for what is neither. Raises Fault for what is meant so and is wrong.
    """
    scheme, separator, _ = text.partition("://")
    if not separator:
        return None
    if scheme not in _PORTS:
        raise Fault(
            "{text}: a resolver may begin with tls:// or https:// only",
            "{text}：解析器只能以 tls:// 或 https:// 开头",
            text=text,
        )
    parts = urllib.parse.urlsplit(text)
    try:
        port = parts.port
    except ValueError:
        raise Fault("a port is a number up to 65535", "端口是不超过 65535 的数字") from None
    if not parts.hostname or parts.username is not None or parts.query:
        shown = text if parts.username is None else f"{scheme}://…@…"  # no password is printed
        form = f"{scheme}://HOST[:PORT]" + ("/PATH" if scheme == "https" else "")
        raise Fault("{text} is not {form}", "{text} 不是 {form} 的形式", text=shown, form=form)
    if scheme == "tls" and parts.path not in ("", "/"):
        raise Fault(
            "{text}: tls has no path; https://HOST/PATH has one",
            "{text}：tls 没有路径；https://HOST/PATH 才有",
            text=text,
        )
    path = "" if scheme == "tls" else parts.path.rstrip("/") or _PATH
    proven = parts.fragment.lower().rstrip(".") or parts.hostname
    return Secure(scheme, parts.hostname, port or _PORTS[scheme], proven, path, dial or Dial(timeout=TIMEOUT))


class Way:
    """Answers from one such resolver, through one connection (TLS) or a few (HTTPS). Never an exception."""

    def __init__(self, resolver: Secure, gate: asyncio.Semaphore) -> None:
        self._stream: Stream | None = None
        self._web: _Web | None = None
        if resolver.scheme == "https":
            self._web = _Web(resolver)
        else:
            where = resolver.dial.target(resolver.host, resolver.port)
            self._stream = Stream(
                *where, gate, Security(resolver.dial.context(resolver.proven), resolver.proven)
            )
        self.sent = 0

    def ask(
        self,
        asked: bytes,
        how: wire.How,
        future: asyncio.Future[Reply],
        *,
        soon: bool = False,  # noqa: ARG002  there is no queue here
    ) -> None:
        """Ask, and tell the future."""
        self.sent += 1
        if self._stream is not None:
            self._stream.ask(asked, how, future)
        elif self._web is not None:
            self._web.ask(asked, how, future)

    over_tcp = ask

    async def close(self) -> None:
        """End the connections; who still waits is told so."""
        for transport in (self._stream, self._web):
            if transport is not None:
                await transport.close()


class _Web:
    """Questions as HTTP requests over a few connections, HTTP/2 where the server has it.

    One question at a time in each: in a shared one an answer that is there waits until whoever reads has
    his own, which may be never (httpx2 2.16; tried beside a name that no server answers for).
    """

    def __init__(self, resolver: Secure) -> None:
        self._resolver = resolver
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._idle: list[httpx2.AsyncClient] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures, self._problem = 0, SILENT

    def ask(self, asked: bytes, how: wire.How, future: asyncio.Future[Reply]) -> None:
        """Ask, and tell the future."""
        task = asyncio.get_running_loop().create_task(self._told(asked, how, future))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _told(self, asked: bytes, how: wire.How, future: asyncio.Future[Reply]) -> None:
        reply = Reply(problem=CLOSED)
        try:
            async with self._turns:
                if self._failures >= _SILENT:
                    reply = Reply(problem=self._problem)
                else:
                    reply = await self._reply(asked, how)
        finally:
            if not future.done():
                future.set_result(reply)

    async def _reply(self, asked: bytes, how: wire.How) -> Reply:
        # RFC 8484 §4.1: an id of 0, so that caches on the way see equal questions as equal.
        octets, problem = await said(self._post(wire.message(0, asked, how)), self._resolver)
        if problem is None and wire.kind(octets, asked) not in (wire.Kind.ANSWER, wire.Kind.NO_EDNS):
            problem = CUT if wire.kind(octets, asked) is wire.Kind.TRUNCATED else OTHER_ANSWER
        if problem is None:
            self._failures = 0
            return Reply(octets)
        self._failures, self._problem = self._failures + 1, problem
        return Reply(problem=problem)

    async def _post(self, message: bytes) -> bytes:
        """One question; again where a connection that had served before is closed (RFC 9110 §9.2.2)."""
        import httpx2

        if self._idle:
            try:
                return await self._through(self._idle.pop(), message)
            except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
                pass
        return await self._through(client(self._resolver), message)

    async def _through(self, connection: httpx2.AsyncClient, message: bytes) -> bytes:
        try:
            octets = await post(connection, self._resolver, message)
        except BaseException:
            await connection.aclose()  # what is left in it answers nobody
            raise
        self._idle.append(connection)
        return octets

    async def close(self) -> None:
        """Give up what is under way."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(async_client.aclose() for async_client in self._idle), return_exceptions=True)


def client(resolver: Secure) -> httpx2.AsyncClient:
    """An HTTP client of one connection that trusts only the resolver's certificate, and uses no proxy."""
    import httpx2

    context = resolver.dial.context(resolver.proven)
    one = httpx2.Limits(max_connections=1)
    return httpx2.AsyncClient(http2=True, verify=context, timeout=TIMEOUT, trust_env=False, limits=one)


async def post(client: httpx2.AsyncClient, resolver: Secure, message: bytes) -> bytes:
    """One question and its answer (RFC 8484 §4.1). Raises OSError and what ``httpx2`` raises."""
    host, port = resolver.dial.target(resolver.host, resolver.port)
    host = f"[{host}]" if ":" in host else host
    authority = resolver.proven if resolver.port == 443 else f"{resolver.proven}:{resolver.port}"
    request = client.stream(
        "POST",
        f"https://{host}:{port}{resolver.path}",
        content=message,
        headers={"host": authority, "content-type": _MEDIA, "accept": _MEDIA},
        extensions={"sni_hostname": resolver.proven},
    )
    async with request as answer:
        media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if answer.status_code != 200 or media != _MEDIA:
            raise OSError(f"HTTP {answer.status_code} {media}".rstrip())
        octets = bytearray()
        async for part in answer.aiter_bytes():
            octets += part
            if len(octets) > _LARGEST:
                raise OSError("an answer longer than a DNS message can be")
    return bytes(octets)


async def said(asked: Coroutine[None, None, bytes], resolver: Secure) -> tuple[bytes, Text | None]:
    """The answer, or in one line why there is none."""
    import httpx2

    try:
        async with asyncio.timeout(TIMEOUT):
            return await asked, None
    except TimeoutError:
        return b"", SILENT
    except (OSError, httpx2.HTTPError, httpx2.InvalidURL) as error:
        return b"", trouble(error, resolver.proven)
