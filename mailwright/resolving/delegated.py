"""Names below a delegation: who serves them, told by the referral of the servers above (RFC 1034 §4.3.2)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from mailwright.model.names import bare, is_below
from mailwright.resolving.asking import asking
from mailwright.resolving.discovery import ServersError, addresses, system_resolvers
from mailwright.resolving.server import Server

_ADDRESSES = (dns.rdatatype.A, dns.rdatatype.AAAA)


@dataclass(frozen=True, slots=True)
class Referral:
    """The names of the servers that a zone is delegated to, and the addresses that came with them."""

    names: frozenset[str]
    addresses: tuple[str, ...] = ()


def referral(message: bytes, name: str) -> Referral | None:
    """The referral that a reply about a name is; None for whatever else it is. Never raises."""
    try:
        reply = dns.message.from_wire(message)
    except (dns.exception.DNSException, ValueError, struct.error):
        return None
    if reply.rcode() != dns.rcode.NOERROR or reply.flags & dns.flags.AA or reply.answer:
        return None
    for rrset in reply.authority:
        if rrset.rdtype == dns.rdatatype.NS and is_below(name, rrset.name.to_text().lower()):
            names = frozenset(bare(rdata.target.to_text()).lower() for rdata in rrset)
            given = (one for one in reply.additional if bare(one.name.to_text()).lower() in names)
            glue = [str(rdata.address) for one in given if one.rdtype in _ADDRESSES for rdata in one]
            return Referral(names, tuple(glue))
    return None


async def own_servers(name: str, above: Server, others: Sequence[Server] = ()) -> tuple[Server, ...]:
    """The servers of the zone that holds a delegated name; empty where they cannot be found.

    ``above`` is a server of the zone that delegates it. A server among ``others`` that bears the name of one
    of them is taken for it.
    """
    async with asking() as asker:
        reply = await asker.reply(above, name, "NS", tcp=True)
        delegation = None if reply.problem else referral(reply.message, name)
        if delegation is None:
            return ()
        known = tuple(server for server in others if bare(server.name).lower() in delegation.names)
        if known:
            return known
        if delegation.addresses:
            label = min(delegation.names)
            return tuple(Server(label, address) for address in delegation.addresses)
        try:
            resolvers = system_resolvers()
        except ServersError:
            return ()
        serverses = [
            await addresses(server_name + ".", resolvers, asker)
            for server_name in sorted(delegation.names)[:4]
        ]
    return tuple(server for servers in serverses for server in servers)
