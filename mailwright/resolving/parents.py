"""What the servers above a zone say of it: its nameservers, its DS, and for how long both are kept."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import dns.dnssec
import dns.exception
import dns.message
import dns.name
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS

from mailwright.model.names import absolute, is_below
from mailwright.resolving.asking import Asker
from mailwright.resolving.server import Server


@dataclass(frozen=True, slots=True)
class Set:
    """One record set as one server gives it: ``values`` none where it says that there is none."""

    owner: str
    ttl: int = 0
    values: frozenset[str] = frozenset()


async def records(name: str, type: str, servers: Sequence[Server], asker: Asker) -> list[Set | None]:
    """The set as each server has it; None for one that gives no usable answer.

    NS is taken from a referral, too. DS is answered by a server above (RFC 4035 §3.1.4.1).
    """
    return list(await asyncio.gather(*(_set(name, type, server, asker) for server in servers)))


async def _set(name: str, type: str, server: Server, asker: Asker) -> Set | None:
    reply = await asker.reply(server, absolute(name), type, tcp=True)
    if reply.problem is not None:
        return None
    try:
        message = dns.message.from_wire(reply.message)
    except (dns.exception.DNSException, ValueError, struct.error):
        return None
    if message.rcode() not in (0, 3):
        return None
    # In a referral the set is in the authority section, of the zone that holds the name.
    sections = [*message.answer, *(message.authority if type == "NS" else ())]
    for rrset in sections:
        owner = rrset.name.to_text().lower()
        if rrset.rdtype == dns.rdatatype.from_text(type) and is_below(absolute(name), owner):
            values = frozenset(data.to_text() for data in rrset)
            return Set(owner, rrset.ttl, frozenset(map(str.lower, values)) if type == "NS" else values)
    return Set(absolute(name))


def signed_by(zone: str, ds: frozenset[str], dnskeys: frozenset[str]) -> bool:
    """Whether a DS is of one of the keys (RFC 4035 §5.2); True where there is no DS.

    A DS whose digest this library does not know counts as one that matches nothing.
    """
    if not ds:
        return True
    owner = dns.name.from_text(zone)
    keys = dns.rrset.from_text_list(zone, 0, "IN", "DNSKEY", sorted(dnskeys)) if dnskeys else ()
    for each in dns.rrset.from_text_list(zone, 0, "IN", "DS", sorted(ds)):
        for key in keys:
            if isinstance(each, DS) and isinstance(key, DNSKEY) and _made_of(owner, each, key):
                return True
    return False


def _made_of(owner: dns.name.Name, ds: DS, key: DNSKEY) -> bool:
    if (ds.key_tag, ds.algorithm) != (dns.dnssec.key_id(key), key.algorithm):
        return False
    try:
        return dns.dnssec.make_ds(owner, key, ds.digest_type, validating=True).digest == ds.digest
    except (dns.exception.DNSException, ValueError):
        return False
