"""Any nameserver that takes RFC 2136 updates with TSIG: BIND, Knot, PowerDNS, our sandbox."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

import dns.message
import dns.rcode
import dns.tsig
import dns.update

from mailwright.hosts.dns import said
from mailwright.hosts.dns.base import Denied, HostError, Moved, NotApplied
from mailwright.hosts.dns.exchange import Connection, Endpoint, KeyRefused, Pool, Reply, Unanswered
from mailwright.hosts.dns.reading import Reading, Stored, read_sets
from mailwright.hosts.dns.transfer import read_zone
from mailwright.hosts.dns.updating import build_replacement, build_update, refuse_unsafe
from mailwright.model.changes import ChangeSet, SetChange
from mailwright.model.names import absolute, bare, is_below, key
from mailwright.model.records import Observed, ObservedSet
from mailwright.model.text import Text

#: Seconds to wait before asking again whether a confirmed change is served.
_LOOK_AGAIN = (0.1, 0.4, 1.0)
_MOVED = (dns.rcode.YXDOMAIN, dns.rcode.YXRRSET, dns.rcode.NXRRSET, dns.rcode.NXDOMAIN)
#: How an UPDATE is turned down (RFC 2136 §2.2).
_REFUSALS: Mapping[dns.rcode.Rcode, tuple[type[HostError], Text]] = {
    dns.rcode.REFUSED: (Denied, said.WRITE_REFUSED),
    dns.rcode.NOTAUTH: (Denied, said.NOT_PRIMARY),
    dns.rcode.NOTZONE: (HostError, said.NAME_NOT_IN_ZONE),
    dns.rcode.NOTIMP: (HostError, said.NO_UPDATES),
    dns.rcode.SERVFAIL: (HostError, said.UPDATE_FAILED),
}
_ALGORITHMS = ("hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha224", "hmac-sha1", "hmac-md5")


class Rfc2136Host:
    """One zone on one primary server; implements ``DnsHost``.

    Every method opens its own TCP connection; inside ``async with host:`` they share one. The
    host remembers the records as it last read them, in the server's own spelling, so an
    ``apply`` after a ``read`` on the same host costs two round trips less. Not for concurrent
    use inside one ``async with``.

    Args:
        zone: the zone's name.
        server: address or host name of the zone's primary server.
        port: its port.
        key_name: the TSIG key's name; None sends everything unsigned.
        secret: the key in base64. Never shown by anything here.
        algorithm: the key's algorithm (RFC 8945 §6).
        timeout: seconds for each wait: the connection, and each answer.
        transfer: read the zone by one AXFR where it fits into one message, and by questions else.
        pool: lends the connections; None opens one an operation.

    Raises:
        HostError: the secret is no base64, or the algorithm is unknown.
    """

    def __init__(
        self,
        zone: str,
        server: str,
        port: int = 53,
        key_name: str | None = None,
        secret: str | None = None,
        *,
        algorithm: str = "hmac-sha256",
        timeout: float = 10.0,
        transfer: bool = False,
        pool: Pool | None = None,
    ) -> None:
        self.zone = absolute(zone)
        self._endpoint = Endpoint(server, port, timeout, _key(key_name, secret, algorithm))
        self._stored: dict[tuple[str, str], tuple[Stored, ...]] = {}
        self._clear: set[tuple[str, str]] = set()
        self._cuts: set[str] = set()
        self._shared: Connection | None = None
        self._transfer = transfer
        self._pool = pool
        self._lent: contextlib.AsyncExitStack | None = None

    def __repr__(self) -> str:
        key = self._endpoint.key
        name = key.name.to_text(omit_final_dot=True) if key else None
        return f"Rfc2136Host(zone={self.zone!r}, server={str(self._endpoint)!r}, key_name={name!r})"

    async def __aenter__(self) -> Self:
        self._lent = contextlib.AsyncExitStack()
        self._shared = await self._lent.enter_async_context(self._new_connection())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        lent, self._lent, self._shared = self._lent, None, None
        if lent is not None:
            await lent.__aexit__(kind, error, trace)

    # -- DnsHost ---------------------------------------------------------------------------------

    async def read(self, keys: Iterable[tuple[str, str]]) -> Observed:
        """Read these (owner name, type) pairs; a name with a CNAME gives its CNAME set.

        An answer made up by a wildcard is no set at that name. Raises HostError.
        """
        pairs = {(absolute(name), type) for name, type in keys}
        for name, _ in sorted(pairs):
            if not is_below(name, self.zone):
                raise HostError(said.NOT_IN_ZONE, name=bare(name), zone=bare(self.zone))
        async with self._connection() as connection:
            reading = await self._read(connection, pairs)
        return self._observed(reading, pairs)

    async def apply(self, changes: ChangeSet) -> None:
        """Carry out all of ``changes`` in one UPDATE or nothing, then read back.

        Raises:
            Moved: a touched set is not as ``before`` says; nothing was written.
            Denied: the key is wrong, unknown, or may not do this.
            NotApplied: the server confirmed and serves something else.
            Unreachable: no answer; the message says what is known about the zone.
            HostError: everything else; names below a zone cut are refused before anything is sent.
        """
        set_changes = changes.changes
        if not set_changes:
            return
        refuse_unsafe(self.zone, set_changes, frozenset())
        async with self._connection() as connection:
            if not all((change.name, change.type) in self._clear for change in set_changes):
                await self._read(connection, _keys(set_changes))
            refuse_unsafe(self.zone, set_changes, frozenset(self._cuts))
            message = build_update(self.zone, set_changes, self._stored)
            await self._send(connection, message, set_changes)
            await self._confirm(connection, set_changes)

    # -- inside ----------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        if self._shared is not None:
            yield self._shared
            return
        async with self._new_connection() as connection:
            yield connection

    def _new_connection(self) -> contextlib.AbstractAsyncContextManager[Connection]:
        return self._pool.lend(self._endpoint) if self._pool else Connection(self._endpoint)

    async def _read(self, connection: Connection, keys: set[tuple[str, str]]) -> Reading:
        reading = await read_zone(connection, self.zone, keys) if self._transfer else None
        if reading is None:
            self._transfer = False
            reading = await read_sets(connection, self.zone, keys)
        for pair in keys | reading.stored.keys():
            self._stored.pop(pair, None)
        self._stored |= reading.stored
        self._clear |= keys
        self._cuts = {
            cut for cut in self._cuts if not any(is_below(name, cut) for name, _ in keys)
        } | reading.cuts
        return reading

    def _observed(self, reading: Reading, pairs: set[tuple[str, str]]) -> Observed:
        asked = frozenset(key(name, type) for name, type in pairs)
        return Observed.of(
            self.zone,
            list(reading.sets.values()),
            asked,
            frozenset(reading.cuts),
            reading.made_up.values(),
        )

    async def _send(
        self, connection: Connection, message: dns.update.UpdateMessage, changes: Sequence[SetChange]
    ) -> None:
        """Send the UPDATE; where nobody says what became of it, look."""
        try:
            reply = await connection.send_once(message)
        except Unanswered as lost:
            await self._look_after(connection, changes, lost)
            return
        except KeyRefused as error:
            # Knot says so of a key that has just read here and may not write one of these sets.
            sets = ", ".join(change.key for change in changes)
            raise Denied(said.KEY_MAY_NOT_WRITE, error=error.text, sets=sets) from None
        if reply.rcode in _MOVED:
            raise Moved(await self._moved(connection, changes))
        if reply.rcode == dns.rcode.SERVFAIL:
            await self._look_after(connection, changes, self._refusal(reply, changes))
        elif reply.rcode != dns.rcode.NOERROR:
            raise self._refusal(reply, changes)

    async def _look_after(
        self, connection: Connection, changes: Sequence[SetChange], error: HostError
    ) -> None:
        """Return where the change was carried out all the same, else raise ``error`` with what is known."""
        try:
            reading = await self._read(connection, _keys(changes))
        except HostError:
            raise type(error)(said.NOT_KNOWN, error=error.text) from None
        if not _differing(changes, reading):
            return
        untouched = all(
            _same(change.before, reading.sets.get((change.name, change.type))) for change in changes
        )
        seen = said.UNTOUCHED if untouched else said.IN_BETWEEN
        raise type(error)(said.ASKED_AGAIN, error=error.text, seen=seen)

    async def _moved(self, connection: Connection, changes: Sequence[SetChange]) -> Text:
        """Name what somebody else changed, as far as it can be seen now."""
        with contextlib.suppress(HostError):
            reading = await self._read(connection, _keys(changes))
            moved = [
                change.key
                for change in changes
                if not _same(change.before, reading.sets.get((change.name, change.type)))
            ]
            if reading.cuts:
                moved += [f"{cut} NS" for cut in sorted(reading.cuts)]
            if moved:
                return said.MOVED.using(sets=", ".join(moved))
        names = ", ".join(sorted({bare(change.name) for change in changes}))
        return said.OTHER_RECORDS.using(names=names)

    def _refusal(self, reply: Reply, changes: Sequence[SetChange]) -> HostError:
        """One clear error for each way a server says no."""
        sets = ", ".join(change.key for change in changes)
        kind, text = _REFUSALS.get(reply.rcode, (HostError, said.UPDATE_NOT_DONE))
        code = dns.rcode.to_text(reply.rcode)
        return kind(text, where=self._endpoint, code=code, zone=bare(self.zone), sets=sets)

    async def _confirm(self, connection: Connection, changes: Sequence[SetChange]) -> None:
        """NOERROR is no proof: read back until it is served, or say what is not."""
        reading = await self._read(connection, _keys(changes))
        misspelt = [change for change in _differing(changes, reading) if _kept_for_spelling(change, reading)]
        if misspelt:
            message = build_replacement(self.zone, misspelt, self._stored)
            await self._send(connection, message, misspelt)
        for pause in _LOOK_AGAIN:
            if not _differing(changes, reading):
                return
            await asyncio.sleep(0 if misspelt else pause)
            misspelt = []
            reading = await self._read(connection, _keys(changes))
        different = _differing(changes, reading)
        if different:
            texts = [
                text
                for change in different
                for text in _difference(change, reading.sets.get((change.name, change.type)))
            ]
            raise NotApplied(said.NOT_SERVED, where=self._endpoint, told=said.joined(texts))


def _key(name: str | None, secret: str | None, algorithm: str) -> dns.tsig.Key | None:
    if not name:
        return None
    if algorithm.lower().rstrip(".") not in _ALGORITHMS:
        raise HostError(said.ALGORITHM, algorithm=algorithm, known=", ".join(_ALGORITHMS))
    try:
        return dns.tsig.Key(name, secret or "", algorithm.lower())
    except Exception:  # whatever it says could quote the secret
        raise HostError(said.SECRET, name=name) from None


def _keys(changes: Iterable[SetChange]) -> set[tuple[str, str]]:
    return {(change.name, change.type) for change in changes}


def _same(before: ObservedSet | None, now: ObservedSet | None) -> bool:
    if before is None or now is None:
        return before is now
    return set(before.values) == set(now.values)


def _differing(changes: Sequence[SetChange], reading: Reading) -> list[SetChange]:
    """The changes whose set is not served as wanted: values, their split, TTL."""
    different = []
    for change in changes:
        now = reading.sets.get((change.name, change.type))
        if set(now.values if now else ()) != set(change.after) or (now is not None and now.ttl != change.ttl):
            different.append(change)
    return different


def _kept_for_spelling(change: SetChange, reading: Reading) -> bool:
    """Whether a record with a host name in it outlived its deletion, and nothing else is wrong."""
    now = reading.sets.get((change.name, change.type))
    if now is None or change.type not in ("MX", "CNAME", "SRV"):
        return False
    leftover = set(now.values) - set(change.after)
    return bool(leftover) and leftover <= set(change.removed) and set(change.after) <= set(now.values)


def _difference(change: SetChange, now: ObservedSet | None) -> Iterator[Text]:
    if now is None:
        yield said.IS_MISSING.using(key=change.key)
        return
    missing = [value.value for value in change.after if value not in now.values]
    extra = [value.value for value in now.values if value not in change.after]
    if missing:
        yield said.LACKS.using(key=change.key, missing=_shown(missing))
    if extra:
        yield said.STILL_HAS.using(key=change.key, extra=_shown(extra))
    if change.after and now.ttl != change.ttl:
        yield said.OTHER_TTL.using(key=change.key, now=now.ttl, ttl=change.ttl)


def _shown(values: list[str]) -> str:
    texts = (value if len(value) <= 60 else value[:57] + "..." for value in values)
    return ", ".join(f'"{text}"' for text in texts).encode("utf-8", "backslashreplace").decode()
