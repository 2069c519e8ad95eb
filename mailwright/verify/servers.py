"""Whom to ask: the authoritative servers of a zone, found or given."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import dns.asyncresolver
import dns.exception
import dns.resolver


@dataclass(frozen=True, slots=True)
class Server:
    """One address of one server; ``authoritative`` is False for a resolver."""

    name: str
    address: str
    port: int = 53
    authoritative: bool = True

    def __str__(self) -> str:
        """The name people know it by, and the address asked."""
        where = f"[{self.address}]" if ":" in self.address else self.address
        where += f":{self.port}" if self.port != 53 else ""
        return f"{self.name} ({where})" if self.name and self.name != self.address else where


class ServersError(Exception):
    """The servers of a domain could not be found; one line for people."""


def given(text: str, *, authoritative: bool = True) -> Server:
    """``NAME=ADDRESS:PORT``, ``ADDRESS:PORT``, ``[IPV6]:PORT`` or an address. Raises ValueError."""
    name, equals, where = text.rpartition("=")
    host, port = where, "53"
    if where.startswith("["):
        host, _, rest = where[1:].partition("]")
        port = rest.removeprefix(":") or "53"
    elif where.count(":") == 1:
        host, _, port = where.partition(":")
    address = str(ipaddress.ip_address(host))
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"no port: {port}")
    return Server(name if equals else address, address, int(port), authoritative)


async def found(domain: str) -> tuple[Server, ...]:
    """Every address of every NS of the zone that holds the domain. Raises ServersError."""
    resolver = dns.asyncresolver.Resolver()
    try:
        zone = await dns.asyncresolver.zone_for_name(domain, resolver=resolver)
        names = await resolver.resolve(zone, "NS")
    except dns.exception.DNSException as error:
        raise ServersError(f"the nameservers of {domain} cannot be found: {error}") from None
    servers = []
    for each in names:
        for type in ("A", "AAAA"):
            try:
                answer = await resolver.resolve(each.target, type)
            except dns.exception.DNSException:
                continue
            servers += [Server(str(each.target).rstrip("."), str(rdata)) for rdata in answer]
    if not servers:
        raise ServersError(f"no nameserver of {domain} has an address")
    return tuple(servers)
