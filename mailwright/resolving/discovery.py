"""Whom to ask: the authoritative servers of a zone, and the resolvers of this machine."""

from __future__ import annotations

import asyncio
import ipaddress
import struct
from collections.abc import Sequence

import dns.exception
import dns.resolver

from mailwright.model.names import absolute
from mailwright.model.text import Text
from mailwright.resolving import wire
from mailwright.resolving.asking import Asker, asking
from mailwright.resolving.server import Server

_SOA = wire.TYPES["SOA"]


_NO_NAMESERVERS = Text("the nameservers of {domain} cannot be found", "找不到 {domain} 的 DNS 服务器")
_NO_PARENT = Text("the zone above {domain} cannot be found", "找不到 {domain} 的上级区域")
_NO_ADDRESS = Text("no nameserver of {domain} has an address", "{domain} 的 DNS 服务器都没有地址")
_NO_RESOLVER = Text("this machine has no resolver ({reason})", "本机没有解析器（{reason}）")


class ServersError(Exception):
    """The servers of a domain could not be found; ``text``: one line for people."""

    def __init__(self, text: Text) -> None:
        super().__init__(text("en"))
        self.text = text


async def found(domain: str) -> tuple[Server, ...]:
    """Every address of every server of the zone that holds the domain. Raises ServersError."""
    return (await discover(domain))[0]


async def discover(domain: str) -> tuple[tuple[Server, ...], frozenset[str]]:
    """Every address of every nameserver that the parent or the zone itself names, and the parent's set.

    The parent's set is empty where it could not be asked. Raises ServersError.
    """
    resolvers = system_resolvers()
    async with asking() as asker:
        zone = await _zone(absolute(domain), resolvers, asker)
        own = await _named(zone, resolvers, asker) if zone else frozenset()
        if zone is None or not own:
            raise ServersError(_NO_NAMESERVERS.using(domain=domain))
        parent = await _delegated(zone, resolvers, asker)
        lists = await asyncio.gather(*(addresses(name, resolvers, asker) for name in sorted(own | parent)))
    servers = tuple(server for group in lists for server in group)
    if not servers:
        raise ServersError(_NO_ADDRESS.using(domain=domain))
    return servers, parent


def system_resolvers() -> tuple[Server, ...]:
    """The resolvers of this machine. Raises ServersError where it has none."""
    try:
        configured = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError) as error:
        raise ServersError(_NO_RESOLVER.using(reason=error)) from None
    return tuple(
        Server(str(nameserver), str(nameserver), configured.port, authoritative=False)
        for nameserver in configured.nameservers
    )


async def _resolved(name: str, type: str, resolvers: Sequence[Server], asker: Asker) -> bytes | None:
    """The first usable reply (NOERROR or NXDOMAIN); None where no resolver gives one."""
    for resolver in resolvers:
        reply = await asker.reply(resolver, name, type)
        if reply.problem is None and wire.code(reply.message) in (0, 3):
            return reply.message
    return None


async def _zone(name: str, resolvers: Sequence[Server], asker: Asker) -> str | None:
    """The apex of the zone that holds a name; None where it cannot be told."""
    while True:
        reply = await _resolved(name, "SOA", resolvers, asker)
        if reply is None:
            return None
        try:
            owned = {
                record.owner for record in wire.records(reply) if not record.section and record.type == _SOA
            }
        except (ValueError, struct.error, IndexError):
            return None
        if wire.name(name) in owned:
            return name
        if name == ".":
            return None
        name = name.partition(".")[2] or "."


async def _named(zone: str, resolvers: Sequence[Server], asker: Asker) -> frozenset[str]:
    reply = await _resolved(zone, "NS", resolvers, asker)
    return _nameservers(reply, zone) if reply else frozenset()


def _nameservers(reply: bytes, zone: str) -> frozenset[str]:
    """The NS set of a zone that a reply gives, in answer or referral; empty for what is malformed."""
    try:
        return frozenset(name for owner, name in wire.targets(reply, "NS") if owner == wire.name(zone))
    except (ValueError, struct.error, IndexError):
        return frozenset()


async def _delegated(zone: str, resolvers: Sequence[Server], asker: Asker) -> frozenset[str]:
    above = await _zone(zone.partition(".")[2] or ".", resolvers, asker) if zone != "." else None
    for name in sorted(await _named(above, resolvers, asker))[:3] if above else ():
        for server in (await addresses(name, resolvers, asker))[:1]:
            delegated = await delegation(zone, server)
            if delegated:
                return delegated
    return frozenset()


async def servers_above(domain: str, asker: Asker) -> tuple[Server, ...]:
    """Every address of the servers of the zone that delegates the one of a domain. Raises ServersError."""
    resolvers = system_resolvers()
    zone = await _zone(absolute(domain), resolvers, asker) or "."
    above = await _zone(zone.partition(".")[2] or ".", resolvers, asker) if zone != "." else None
    names = await _named(above, resolvers, asker) if above else frozenset()
    lists = await asyncio.gather(*(addresses(name, resolvers, asker) for name in sorted(names)))
    servers = tuple(server for group in lists for server in group)
    if not servers:
        raise ServersError(_NO_PARENT.using(domain=domain))
    return servers


async def delegation(zone: str, parent: Server) -> frozenset[str]:
    """The nameservers to which ``parent`` refers questions about ``zone``; empty without an answer."""
    async with asking() as asker:
        reply = await asker.reply(parent, absolute(zone), "NS")
    return frozenset() if reply.problem else _nameservers(reply.message, absolute(zone))


async def addresses(name: str, resolvers: Sequence[Server], asker: Asker) -> list[Server]:
    """Every address of a host, behind aliases too."""
    servers = []
    for type in ("A", "AAAA"):
        reply = await _resolved(name, type, resolvers, asker)
        try:
            records = [record for record in wire.records(reply or b"") if record.type == wire.TYPES[type]]
            addresses = [ipaddress.ip_address(wire.rdata(reply or b"", record, type)) for record in records]
        except (ValueError, struct.error, IndexError):
            continue
        servers += [Server(name.rstrip("."), str(address)) for address in addresses]
    return servers
