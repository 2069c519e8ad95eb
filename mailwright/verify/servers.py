"""Whom to ask: the authoritative servers of a zone, found or given."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import dns.asyncquery
import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.resolver

TIMEOUT = 3.0  # seconds for one try


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
    """Every address of every server of the zone that holds the domain. Raises ServersError."""
    return (await discover(domain))[0]


async def discover(domain: str) -> tuple[tuple[Server, ...], frozenset[str]]:
    """Every address of every nameserver that the parent or the zone itself names, and the parent's set.

    The parent's set is empty where it could not be asked. Raises ServersError.
    """
    resolver = dns.asyncresolver.Resolver()
    try:
        zone = await dns.asyncresolver.zone_for_name(domain, resolver=resolver)
        answer = await resolver.resolve(zone, "NS")
    except dns.exception.DNSException as error:
        raise ServersError(f"the nameservers of {domain} cannot be found: {error}") from None
    own = {str(each.target).lower() for each in answer}
    parent = await _delegated(zone, resolver)
    servers = [server for name in sorted(own | parent) for server in await _addresses(name, resolver)]
    if not servers:
        raise ServersError(f"no nameserver of {domain} has an address")
    return tuple(servers), parent


async def _delegated(zone: dns.name.Name, resolver: dns.asyncresolver.Resolver) -> frozenset[str]:
    try:
        above = await dns.asyncresolver.zone_for_name(zone.parent(), resolver=resolver)
        names = await resolver.resolve(above, "NS")
    except (dns.exception.DNSException, dns.name.NoParent):
        return frozenset()
    for each in list(names)[:3]:
        for server in (await _addresses(str(each.target), resolver))[:1]:
            delegated = await delegation(zone.to_text(), server)
            if delegated:
                return delegated
    return frozenset()


async def delegation(zone: str, parent: Server) -> frozenset[str]:
    """The nameservers to which ``parent`` refers questions about ``zone``; empty without an answer."""
    query = dns.message.make_query(zone, "NS", use_edns=0, payload=1232)
    query.flags &= ~dns.flags.RD
    try:
        reply, _ = await dns.asyncquery.udp_with_fallback(query, parent.address, TIMEOUT, parent.port)
    except (dns.exception.DNSException, OSError):
        return frozenset()
    wanted = dns.name.from_text(zone)
    sets = [
        each
        for each in (*reply.answer, *reply.authority)
        if each.rdtype == dns.rdatatype.NS and each.name == wanted
    ]
    return frozenset(str(rdata.target).lower() for each in sets for rdata in each)


async def _addresses(name: str, resolver: dns.asyncresolver.Resolver) -> list[Server]:
    servers = []
    for type in ("A", "AAAA"):
        try:
            answer = await resolver.resolve(name, type)
        except dns.exception.DNSException:
            continue
        servers += [Server(name.rstrip("."), str(rdata)) for rdata in answer]
    return servers
