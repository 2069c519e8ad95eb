"""A host's world as somebody else sees it, past the code under test: what the conformance suite needs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Protocol

import dns.rdata
import dns.rdataclass
import dns.rdatatype

from mailwright.hosts.dns import wire
from mailwright.hosts.dns.base import DnsClient
from mailwright.hosts.dns.services import powerdns
from mailwright.model.names import absolute
from mailwright.model.records import ObservedValue
from tests.hosts import memory
from tests.servers.base import ADDRESS, FORGED, FULL, DnsServer
from tests.servers.powerdns import API_KEY, PowerDns


class World(Protocol):
    """One host with room for many zones. Records are zone file lines ``NAME TTL TYPE RDATA``."""

    secrets: tuple[str, ...]

    def new_zone(self, records: str = "") -> str: ...
    def client(self, zone: str) -> DnsClient: ...
    def stranger(self, zone: str) -> DnsClient: ...
    def put(self, zone: str, records: str) -> None: ...
    def drop(self, zone: str, name: str, type: str, rdata: str | None = None) -> None: ...
    def texts(self, name: str, type: str) -> set[str]: ...
    def joined(self, name: str) -> set[str]: ...
    def ttl(self, name: str, type: str) -> int | None: ...


def holds(world: World, text: str) -> bool:
    """Whether this host can store a TXT; nameservers hold every one."""
    said = getattr(world, "holds", None)
    return bool(said(text)) if said else True


def least_ttl(world: World) -> int:
    """Seconds below which nothing can be there."""
    service = getattr(world, "service", None)
    return service.stores.least_ttl if service else 0


class Nameserver:
    """A server that takes RFC 2136 updates."""

    secrets = (FULL.secret, FORGED.secret)

    def __init__(self, server: DnsServer) -> None:
        self.server = server
        self.new_zone, self.put, self.drop = server.new_zone, server.put, server.drop
        self.texts, self.ttl, self.joined = server.texts, server.ttl, server.joined

    def client(self, zone: str) -> DnsClient:
        return self.server.host(zone)

    def stranger(self, zone: str) -> DnsClient:
        return self.server.host(zone, FORGED)


class PowerDnsHttp(Nameserver):
    """The same PowerDNS by its own API; what is served is asked for by DNS."""

    secrets = (API_KEY, "api-key-of-nobody")

    def __init__(self, server: PowerDns) -> None:
        super().__init__(server)
        self.address = f"http://{ADDRESS}:{server.api_port}"

    def client(self, zone: str) -> DnsClient:
        return self._client(zone, API_KEY)

    def stranger(self, zone: str) -> DnsClient:
        return self._client(zone, self.secrets[1])

    def _client(self, zone: str, key: str) -> DnsClient:
        target = powerdns.SERVICE.target(zone, zone, {"base_url": self.address})
        assert powerdns.SERVICE.open
        return powerdns.SERVICE.open().client(target, {powerdns.KEY.variable: key})


class InMemory:
    """A store of ``memory``."""

    _fresh: Iterator[int] = count()

    def __init__(self, name: str = "") -> None:
        self.name = name or f"store{next(self._fresh)}"
        self.store = memory.STORES[self.name] = memory.Store()
        self.secrets = (self.store.token, "token-of-nobody")
        self._zones = (f"m{number}.example." for number in count())

    def client(self, zone: str) -> DnsClient:
        return memory.Client(zone, self.name, self.store.token)

    def stranger(self, zone: str) -> DnsClient:
        return memory.Client(zone, self.name, self.secrets[1])

    def new_zone(self, records: str = "") -> str:
        zone = next(self._zones)
        self.store.zones[zone] = {}
        self.put(zone, f"@ 300 NS ns1.{zone}\nns1 300 A 127.0.0.1\nwww 300 A 192.0.2.10\n{records}")
        return zone

    def put(self, zone: str, records: str) -> None:
        for line in filter(None, map(str.strip, records.splitlines())):
            name, ttl, type, text = line.split(None, 3)
            pair, value = (owner_of(name, zone), type), value_of(zone, type, text)
            old = self.store.zones[zone].get(pair)
            values = old.values if old else ()
            self.store.write(zone, *pair, int(ttl), (*values, value))

    def drop(self, zone: str, name: str, type: str, rdata: str | None = None) -> None:
        pair = (owner_of(name, zone), type)
        old = self.store.zones[zone][pair]
        gone = value_of(zone, type, rdata) if rdata else None
        left = [value for value in old.values if gone is not None and value.value != gone.value]
        self.store.write(zone, *pair, old.ttl, left)

    def texts(self, name: str, type: str) -> set[str]:
        mark = '"' if type == "TXT" else ""
        return {f"{mark}{value.value}{mark}" for value in self._values(name, type)}

    def joined(self, name: str) -> set[str]:
        return {value.value for value in self._values(name, "TXT")}

    def ttl(self, name: str, type: str) -> int | None:
        return next(
            (sets[(name, type)].ttl for sets in self.store.zones.values() if (name, type) in sets), None
        )

    def _values(self, name: str, type: str) -> tuple[ObservedValue, ...]:
        made_up = f"*.{name.partition('.')[2]}"
        for sets in self.store.zones.values():
            record_set = sets.get((name, type)) or sets.get((made_up, type))
            if record_set:
                return record_set.values
        return ()


def owner_of(name: str, zone: str) -> str:
    if name == "@":
        return zone
    return absolute(name) if name.endswith(".") else f"{name}.{zone}"


def value_of(zone: str, type: str, text: str) -> ObservedValue:
    origin = wire.to_name(zone)
    rdata = dns.rdata.from_text(
        dns.rdataclass.IN, dns.rdatatype.from_text(type), text, origin, relativize=False
    )
    return wire.from_rdata(rdata)
