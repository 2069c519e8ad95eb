"""The records of a plain signed answer, without the sets that a whole message builds of them.

A zone transfer is nothing but records: to read them one by one takes half the time of the
general parser, and an answer that is not as plain as that is left to it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import dns.exception
import dns.message
import dns.name
import dns.rdata
import dns.rdatatype
import dns.rdtypes.ANY.TSIG
import dns.tsig
import dns.wire

#: Of the flags of RFC 1035 §4.1.1: what an answer has, and what a good and whole one has not.
_QR, _OPCODE, _TC, _RCODE = 0x8000, 0x7800, 0x0200, 0x000F

#: A longer one is taken for 0 (RFC 2181 §8).
_MAX_TTL = 0x7FFFFFFF


@dataclass(frozen=True, slots=True)
class Record:
    """One record as sent; ``ttl`` in seconds."""

    name: dns.name.Name
    type: dns.rdatatype.RdataType
    ttl: int
    rdata: dns.rdata.Rdata


def plain_answer(request: dns.message.Message, wire: bytes, key: dns.tsig.Key) -> list[Record] | None:
    """The answer section of a signed NOERROR reply to ``request``, its signature verified (RFC 8945 §5.3).

    None for everything else (an error, another question, no signature, records beside the answer, a
    signature that does not verify): that is for the general parser, which says what is wrong.
    """
    try:
        return _plain(request, wire, key)
    except (dns.exception.DNSException, ValueError):
        return None


def _plain(request: dns.message.Message, wire: bytes, key: dns.tsig.Key) -> list[Record] | None:
    parser = dns.wire.Parser(wire)
    id, flags, questions, answers, authority, additional = parser.get_struct("!HHHHHH")
    if id != request.id or not flags & _QR or flags & (_OPCODE | _TC | _RCODE):
        return None
    if (questions, authority, additional) != (1, 0, 1) or len(request.question) != 1:
        return None
    asked = request.question[0]
    question = (parser.get_name(decompress=True), *parser.get_struct("!HH"))
    if question != (asked.name, asked.rdtype, asked.rdclass):
        return None
    records = [_record(parser) for _ in range(answers)]
    start = parser.current
    signature = _record(parser)
    if signature.type != dns.rdatatype.TSIG:
        return None
    assert isinstance(signature.rdata, dns.rdtypes.ANY.TSIG.TSIG)
    now, mac = int(time.time()), request.mac or b""
    dns.tsig.validate(  # type: ignore[no-untyped-call]
        wire, key, signature.name, signature.rdata, now, mac, start
    )
    return records


def _record(parser: dns.wire.Parser) -> Record:
    name = parser.get_name(decompress=True)
    type, rdclass, ttl, length = parser.get_struct("!HHIH")
    with parser.restrict_to(length):
        rdata = dns.rdata.from_wire_parser(rdclass, dns.rdatatype.RdataType.make(type), parser)
    return Record(name, rdata.rdtype, ttl if ttl <= _MAX_TTL else 0, rdata)
