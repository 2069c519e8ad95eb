"""The embedded nameserver: UDP and TCP on a loopback address, on asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import struct
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from mailwright.hosts.dns import wire
from mailwright.sandbox.keys import SandboxKey
from mailwright.sandbox.messages import Engine
from mailwright.sandbox.store import Store, canonical
from mailwright.sandbox.zone import Zone, fresh

#: Seconds that a silent TCP connection is kept (RFC 7766 §6.2.3).
_IDLE = 30.0
_PORT_TRIES = 20


class Nameserver:
    """A primary nameserver for a few zones, for trials, tests and closed networks.

    Args:
        zones: names of the zones, or a mapping from name to records in master file form
            (``NAME TTL TYPE RDATA`` a line); each gets an SOA and an NS record of its own.
        keys: who may update and transfer.
        host: a loopback address; anything else is refused.
        port: for UDP and TCP; 0 picks a free one.
        journal: a folder where every zone is kept; what is there wins over ``zones``' records.

    Raises:
        ValueError: the address is not a loopback one, or a zone's name is none.
    """

    def __init__(
        self,
        zones: Iterable[str] | Mapping[str, str],
        keys: Iterable[SandboxKey] = (),
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        journal: Path | None = None,
    ) -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"the sandbox serves loopback addresses only, not {host}")
        self.host = host
        self.port = port
        records_by_zone = zones if isinstance(zones, Mapping) else dict.fromkeys(zones, "")
        self._wanted = {canonical(name): records for name, records in records_by_zone.items()}
        self._store = Store(journal) if journal is not None else None
        by_name = {wire.to_name(canonical(key.name)): key for key in keys}
        self._engine = Engine({}, by_name, self._save)
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._clients: set[asyncio.Task[Any]] = set()

    @property
    def zones(self) -> list[str]:
        """The names of the zones served."""
        return sorted(wire.from_name(name) for name in self._engine.zones)

    def add_zone(self, name: str, records: str = "") -> None:
        """Serve one more zone; where a journal has it already, as it was left there."""
        name = canonical(name)
        zone = self._store.load(name, records) if self._store else fresh(name, records)
        self._engine.zones[zone.origin] = zone

    async def start(self) -> None:
        """Load the zones and listen. Raises ``OSError``, or Busy where the folder is in use."""
        if self._store:
            self._store.__enter__()
            for name in self._store.names():
                self.add_zone(name)
        for name, records in self._wanted.items():
            if wire.to_name(name) not in self._engine.zones:
                self.add_zone(name, records)
        try:
            await self._listen()
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop listening, end the connections, release the folder."""
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()
        for client in tuple(self._clients):
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        if self._tcp is not None:
            await self._tcp.wait_closed()
        if self._store:
            self._store.__exit__(None, None, None)
        self._udp = self._tcp = None

    async def _listen(self) -> None:
        """Both transports on one port; a free TCP port may be taken for UDP."""
        loop = asyncio.get_running_loop()
        for left in range(_PORT_TRIES if self.port == 0 else 1, 0, -1):
            tcp = await asyncio.start_server(self._serve_tcp, self.host, self.port)
            port = int(tcp.sockets[0].getsockname()[1])
            try:
                udp, _ = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self._engine), local_addr=(self.host, port)
                )
            except OSError:
                tcp.close()
                if left == 1:
                    raise
                continue
            self._tcp, self._udp, self.port = tcp, udp, port
            return

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer every message of one connection, in order, until it ends or falls silent."""
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            while True:
                (length,) = struct.unpack("!H", await asyncio.wait_for(reader.readexactly(2), _IDLE))
                message = await asyncio.wait_for(reader.readexactly(length), _IDLE)
                for answer in self._engine.respond(message, tcp=True):
                    writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.CancelledError):
            pass
        finally:
            self._clients.discard(task)
            writer.close()

    def _save(self, zone: Zone) -> None:
        if self._store:
            self._store.save(zone)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for answer in self._engine.respond(data, tcp=False):
            if self._transport is not None:
                self._transport.sendto(answer, addr)


@contextlib.contextmanager
def running(
    zones: Iterable[str] | Mapping[str, str],
    keys: Iterable[SandboxKey] = (),
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    journal: Path | None = None,
) -> Iterator[Nameserver]:
    """Run a Nameserver in a thread of its own for the length of a ``with`` block."""
    server = Nameserver(zones, keys, host=host, port=port, journal=journal)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result()
        try:
            yield server
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
