"""One DNS message in, the answers out: signatures, opcodes, transfers. No sockets here."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.update

from mailwright.sandbox.keys import SandboxKey, keyring
from mailwright.sandbox.update import apply_update
from mailwright.sandbox.zone import Zone

#: The largest UDP answer that needs no fragments (RFC 9715 §3).
_MAX_UDP = 1232
_MAX_TCP = 65535
#: Octets of records in one message of a transfer; the rest is room for names and the signature.
_TRANSFER_CHUNK = 32_000


@dataclass(slots=True)
class Engine:
    """The zones and keys of a nameserver, and what it says to a message.

    ``save`` is called with a changed zone before the change is answered or served.
    """

    zones: MutableMapping[dns.name.Name, Zone]
    keys: Mapping[dns.name.Name, SandboxKey]
    save: Callable[[Zone], None]
    ring: dict[dns.name.Name, dns.tsig.Key] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.ring = keyring(self.keys.values())

    def respond(self, wire: bytes, *, tcp: bool) -> list[bytes]:
        """The answers to one message; none where it is not worth one (a response, garbage)."""
        if len(wire) < 12 or wire[2] & 0x80:
            return []
        try:
            query = dns.message.from_wire(wire, keyring=self.ring)
        except (dns.message.UnknownTSIGKey, dns.tsig.BadKey, dns.tsig.BadAlgorithm):
            return _bad_signature(wire, dns.rcode.BADKEY)
        except dns.tsig.BadSignature:
            return _bad_signature(wire, dns.rcode.BADSIG)
        except dns.tsig.BadTime:
            return self._bad_time(wire)
        except (dns.exception.DNSException, ValueError, struct.error):
            return [_bare_error(wire, dns.rcode.FORMERR)]
        try:
            return self._answer(query, tcp)
        except OSError:  # the disk is full: nothing was changed, and it must not look as if
            response = dns.message.make_response(query)
            response.set_rcode(dns.rcode.SERVFAIL)
            return [response.to_wire(max_size=_MAX_TCP)]

    def _answer(self, query: dns.message.Message, tcp: bool) -> list[bytes]:
        response = dns.message.make_response(query, our_payload=_MAX_UDP)
        if isinstance(query, dns.update.UpdateMessage):
            response.set_rcode(self._update(query))
        elif query.opcode() != dns.opcode.QUERY:
            response.set_rcode(dns.rcode.NOTIMP)
        elif len(query.question) != 1:
            response.set_rcode(dns.rcode.FORMERR)
        elif query.question[0].rdtype in (dns.rdatatype.AXFR, dns.rdatatype.IXFR):
            return self._transfer(query, response, tcp)
        else:
            self._query(query.question[0], response)
        if tcp:
            return [response.to_wire(max_size=_MAX_TCP)]
        size = min(max(query.payload, 512), _MAX_UDP) if query.edns >= 0 else 512
        return [_fitting(response, size)]

    def _query(self, question: dns.rrset.RRset, response: dns.message.Message) -> None:
        zone = self._zone_of(question.name)
        if zone is None or question.rdclass != dns.rdataclass.IN:
            response.set_rcode(dns.rcode.REFUSED)
            return
        answer = zone.answer(question.name, question.rdtype)
        response.set_rcode(answer.rcode)
        if answer.authoritative:
            response.flags |= dns.flags.AA
        response.answer = list(answer.answer)
        response.authority = list(answer.authority)
        response.additional = list(answer.additional)

    def _zone_of(self, name: dns.name.Name) -> Zone | None:
        """The zone that is closest above a name."""
        while name not in self.zones:
            if name == dns.name.root:
                return None
            name = name.parent()
        return self.zones[name]

    def _update(self, query: dns.update.UpdateMessage) -> dns.rcode.Rcode:
        """RFC 2136 §3; a key is always required."""
        if len(query.zone) != 1 or query.zone[0].rdclass != dns.rdataclass.IN:
            return dns.rcode.FORMERR
        zone = self.zones.get(query.zone[0].name)
        if zone is None:
            return dns.rcode.NOTAUTH
        if not query.had_tsig or query.keyname is None:
            return dns.rcode.REFUSED
        key = self.keys[query.keyname]
        code, after = apply_update(zone, query, lambda name, type: key.may_write(zone.origin, name, type))
        if after is not zone:
            self.save(after)
            self.zones[zone.origin] = after
        return code

    def _transfer(self, query: dns.message.Message, response: dns.message.Message, tcp: bool) -> list[bytes]:
        """The whole zone (RFC 5936), to whoever has a key that may write all of it."""
        zone = self.zones.get(query.question[0].name)
        key = self.keys.get(query.keyname) if query.had_tsig and query.keyname else None
        if zone is None or not tcp or key is None or key.grants is not None:
            response.set_rcode(dns.rcode.NOTAUTH if zone is None else dns.rcode.REFUSED)
            return [response.to_wire(max_size=_MAX_TCP)]
        context, wires = None, []
        for records in _chunks(zone):
            part = dns.message.make_response(query)
            part.flags |= dns.flags.AA
            part.answer = records
            wires.append(part.to_wire(max_size=_MAX_TCP, multi=True, tsig_ctx=context))
            context = part.tsig_ctx
        return wires

    def _bad_time(self, wire: bytes) -> list[bytes]:
        """BADTIME is signed and tells our time (RFC 8945 §5.2.3)."""
        query = dns.message.from_wire(wire, keyring=False)
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.NOTAUTH)
        now = struct.pack("!Q", int(time.time()))[2:]
        response.use_tsig(self.ring, query.keyname, tsig_error=dns.rcode.BADTIME, other_data=now)
        response.request_mac = query.mac or b""
        return [response.to_wire(max_size=_MAX_TCP)]


def _chunks(zone: Zone) -> list[list[dns.rrset.RRset]]:
    """The zone's sets in messages of a transfer, the SOA first and last."""
    chunks: list[list[dns.rrset.RRset]] = [[]]
    size = 0
    for rrset in (*zone.rrsets(), zone.soa.rrset(zone.origin)):
        for rdata in rrset:
            length = len(rdata.to_wire() or b"") + len(rrset.name) + 255
            if size + length > _TRANSFER_CHUNK:
                chunks.append([])
                size = 0
            size += length
            chunks[-1].append(dns.rrset.from_rdata(rrset.name, rrset.ttl, rdata))
    return chunks


def _fitting(response: dns.message.Message, size: int) -> bytes:
    """The response, or an empty one with TC that sends the asker to TCP (RFC 2181 §9)."""
    try:
        return response.to_wire(max_size=size)
    except dns.exception.TooBig:
        response.answer, response.authority, response.additional = [], [], []
        response.flags |= dns.flags.TC
        return response.to_wire(max_size=size)


def _bad_signature(wire: bytes, error: dns.rcode.Rcode) -> list[bytes]:
    """BADKEY and BADSIG go out unsigned (RFC 8945 §5.2.1, §5.2.2)."""
    try:
        query = dns.message.from_wire(wire, keyring=False)
    except dns.exception.DNSException:
        return [_bare_error(wire, dns.rcode.FORMERR)]
    response = dns.message.make_response(query)
    response.set_rcode(dns.rcode.NOTAUTH)
    if query.tsig is not None:
        rdata = query.tsig[0].replace(mac=b"", error=int(error), other=b"")
        response.tsig = dns.rrset.from_rdata(query.tsig.name, 0, rdata)
    return [response.to_wire(max_size=_MAX_TCP)]


def _bare_error(wire: bytes, code: dns.rcode.Rcode) -> bytes:
    """A header alone, for a message that cannot be read."""
    opcode = wire[2] & 0x78
    return wire[:2] + bytes((0x80 | opcode, int(code))) + bytes(8)
