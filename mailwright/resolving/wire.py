"""DNS messages octet by octet, for the questions that verify asks by the thousand (RFC 1035 §4).

A reply is held against what is expected without being parsed; only where it differs does dnspython read
it. Whatever is not plain raises ValueError here, and is then read by dnspython too.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from mailwright.model import txt
from mailwright.resolving.reply import CHANCE

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33}
TYPES |= {"DS": 43, "DNSKEY": 48, "TLSA": 52, "CAA": 257}
#: Octets of a UDP answer that need no fragments (RFC 9715 §3).
PAYLOAD = 1232
#: Octets of rdata before a name, for the types that end in one.
_BEFORE_NAME = {"NS": 0, "CNAME": 0, "PTR": 0, "MX": 2, "SRV": 6}
_LETTERS = bytes(0x20 if chr(octet).isascii() and chr(octet).isalpha() else 0 for octet in range(256))
_HYPHENS = bytes.maketrans(b"-_", b"00")
_HEADER = struct.Struct("!HHHHHH")
_FIXED = struct.Struct("!HHIH")  # type, class, TTL, length of rdata
_QR, _OPCODE, _AA, _TC, _RD, _AD, _CD = 0x8000, 0x7800, 0x0400, 0x0200, 0x0100, 0x0020, 0x0010
_OPT, _BARE_OPT = 41, b"\0\0\x29"  # the type; the root, and the type
_DO = 0x8000  # among the flags of EDNS
_CLIENT_SUBNET = 8  # EDNS option code


class How(NamedTuple):
    """How a question is put: the flags of its header, and its OPT record (EDNS, RFC 6891)."""

    flags: int
    opt: bytes


def _opt(flags: int = 0, options: bytes = b"") -> bytes:
    return b"\0" + struct.pack("!HHIH", 41, PAYLOAD, flags, len(options)) + options


#: To a server of the zone; to a resolver; to one that validates; to one that shall not (RFC 4035 §3.2).
ITERATIVE, RECURSIVE = How(0, _opt()), How(_RD, _opt())
VALIDATING, UNCHECKED = How(_RD | _AD, _opt(_DO)), How(_RD | _CD, _opt(_DO))


def in_the_name_of(network: str) -> How:
    """Ask a server of the zone as if a client in ``network`` (such as ``192.0.2.0/24``) did (RFC 7871 §6)."""
    net = ipaddress.ip_network(network)
    octets = net.network_address.packed[: (net.prefixlen + 7) // 8]
    option = struct.pack("!HBB", 1 if net.version == 4 else 2, net.prefixlen, 0) + octets
    return How(0, _opt(options=struct.pack("!HH", _CLIENT_SUBNET, len(option)) + option))


class Record(NamedTuple):
    """One record of a reply: ``owner`` in lower case and uncompressed, ``start`` of its rdata."""

    section: int  # 0 answer, 1 authority
    owner: bytes
    type: int
    ttl: int  # seconds
    start: int
    length: int


@lru_cache(maxsize=8192)
def name(text: str) -> bytes:
    """The wire form of an absolute owner name. Raises ValueError for what is none."""
    if "\\" in text or not text.isascii():
        return _escaped(text)
    if text == ".":
        return b"\0"
    labels = [part.encode("ascii") for part in text.rstrip(".").split(".")]
    if not all(0 < len(label) < 64 for label in labels):
        raise ValueError(f"{text} is no DNS name")
    octets = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    if len(octets) > 255:
        raise ValueError(f"{text} is longer than a DNS name can be")
    return octets


def _escaped(text: str) -> bytes:
    import dns.exception
    import dns.name

    try:
        return dns.name.from_text(text, idna_codec=None).to_wire() or b"\0"
    except dns.exception.DNSException as error:
        raise ValueError(f"{text} is no DNS name: {error}") from None


def question(owner: bytes, type: str, *, mixed: bool = True) -> bytes:
    """A question section, in letters of random case that a forger has to guess (the "0x20" bits)."""
    if not mixed:
        return owner + struct.pack("!HH", _number(type), 1)
    length = len(owner)
    mask = int.from_bytes(owner.translate(_LETTERS), "big") & int.from_bytes(CHANCE.octets(length), "big")
    letters = (int.from_bytes(owner, "big") ^ mask).to_bytes(length, "big")
    return letters + struct.pack("!HH", _number(type), 1)


def _number(type: str) -> int:
    known = TYPES.get(type)
    if known is not None:
        return known
    import dns.rdatatype

    return int(dns.rdatatype.from_text(type))


def message(id: int, asked: bytes, how: How, *, edns: bool = True) -> bytes:
    """A query: one question, EDNS with a payload of 1232 octets unless the server cannot bear it."""
    header = _HEADER.pack(id, how.flags, 1, 0, 0, 1 if edns else 0)
    return header + asked + (how.opt if edns else b"")


class Kind(StrEnum):
    """What a received message is to the question asked."""

    ANSWER = "answer"
    TRUNCATED = "truncated"
    DOUBTFUL = "doubtful"  # ours only perhaps: to be asked again where nobody can forge
    NO_EDNS = "no-edns"
    OTHER = "other"


def kind(reply: bytes, asked: bytes) -> Kind:
    """Whether ``reply`` (its id and source are checked already) answers the question section ``asked``.

    Another question is OTHER. The same question in other letters, or an error without a question, is
    DOUBTFUL: some servers answer so, and a forger who cannot see our letters does too.
    """
    if len(reply) < 12:
        return Kind.OTHER
    plain = reply[2] & 0xFA == 0x80 and reply[3] & 15 not in (1, 4) and reply[4:6] == b"\0\1"
    if plain and reply.startswith(asked, 12):  # a whole response to just this: nearly all are
        return Kind.ANSWER
    _, flags, questions, *_ = _HEADER.unpack_from(reply)
    if not flags & _QR or flags & _OPCODE:
        return Kind.OTHER
    code = flags & 15
    if questions == 0 and code in (1, 2, 4, 5) and len(reply) < 64:
        return Kind.DOUBTFUL
    echoed = reply[12 : 12 + len(asked)]
    if questions != 1 or echoed != asked:
        return Kind.DOUBTFUL if questions == 1 and echoed.lower() == asked.lower() else Kind.OTHER
    if flags & _TC:
        return Kind.TRUNCATED
    if code in (1, 4) and reply[10:12] == b"\0\0":  # FORMERR or NOTIMP, and no OPT record of its own
        return Kind.NO_EDNS
    return Kind.ANSWER


def code(reply: bytes) -> int:
    """The response code: four bits in the header, eight more in the OPT record (RFC 6891 §6.1.3)."""
    low = reply[3] & 15
    if reply[10:12] == b"\0\0":
        return low
    if reply[-11:-8] == _BARE_OPT and reply[-2:] == b"\0\0":  # as nearly all end
        return reply[-6] << 4 | low
    try:
        return _extended(reply) << 4 | low
    except (ValueError, struct.error, IndexError):
        return low


def _extended(reply: bytes) -> int:
    """The upper bits, from an OPT record wherever it stands. Raises what malformed messages do."""
    _, _, questions, *others = _HEADER.unpack_from(reply)
    at = 12
    for _ in range(questions):
        at = name_at(reply, at)[1] + 4
    for _ in range(sum(others)):
        at = name_at(reply, at)[1]
        type, _, ttl, length = _FIXED.unpack_from(reply, at)
        if type == _OPT:
            return int(ttl >> 24)
        at += 10 + length
    return 0


def authoritative(reply: bytes) -> bool:
    """The AA bit."""
    return bool(reply[2] & (_AA >> 8))


def validated(reply: bytes) -> bool:
    """The AD bit: whoever answered has checked the signatures (RFC 4035 §3.2.3)."""
    return bool(reply[3] & _AD)


def records(reply: bytes, asked: bytes | None = None) -> Iterator[Record]:
    """The records of answer and authority, in order. Raises ValueError for what is malformed.

    ``asked`` is the name of the question in lower case, where the caller knows it already.
    """
    _, _, questions, answers, authority, _ = _HEADER.unpack_from(reply)
    if questions != 1:
        raise ValueError("not one question")
    if asked is None:
        asked, at = name_at(reply, 12)
    else:
        at = 12 + len(asked)
    at += 4
    end = len(reply)
    for count in range(answers + authority):
        if reply[at : at + 2] == b"\xc0\x0c":
            owner, at = asked, at + 2
        else:
            owner, at = name_at(reply, at)
        if at + 10 > end:
            raise ValueError("cut short")
        type, klass, ttl, length = _FIXED.unpack_from(reply, at)
        at += 10
        if at + length > end:
            raise ValueError("cut short")
        if klass == 1:
            yield Record(int(count >= answers), owner, type, ttl, at, length)
        at += length


def name_at(reply: bytes, at: int) -> tuple[bytes, int]:
    """The uncompressed name at an offset, in lower case, and the offset behind it. Raises ValueError."""
    parts: list[bytes] = []
    after, lowest, total = 0, at, 0
    while True:
        if at >= len(reply):
            raise ValueError("cut short")
        length = reply[at]
        if length >= 0xC0:
            if at + 1 >= len(reply):
                raise ValueError("cut short")
            after = after or at + 2
            at = (length & 0x3F) << 8 | reply[at + 1]
            if at >= lowest:
                raise ValueError("a pointer that does not lead back")
            lowest = at
            continue
        if length > 63 or at + 1 + length > len(reply):
            raise ValueError("no label")
        total += length + 1
        if total > 255:
            raise ValueError("a name too long")
        parts.append(reply[at : at + 1 + length])
        at += 1 + length
        if length == 0:
            return b"".join(parts).lower(), after or at


def rdata(reply: bytes, record: Record, type: str) -> bytes:
    """The rdata in the form in which equal values are equal octets: TXT joined, names plain and lower."""
    start, end = record.start, record.start + record.length
    if type == "TXT":
        strings, at = [], start
        while at < end:
            after = at + 1 + reply[at]
            strings.append(reply[at + 1 : after])
            at = after
        if at != end:
            raise ValueError("a string that is longer than its record")
        return b"".join(strings)
    before = _BEFORE_NAME.get(type)
    if before is None:
        return reply[start:end]
    target, at = name_at(reply, start + before)
    if at != end:
        raise ValueError("a name that is longer than its record")
    return reply[start : start + before] + target


def expected(type: str, value: str) -> bytes | None:
    """The same form of a planned value; None where it has none that is plain."""
    try:
        if type == "TXT":
            return txt.to_octets(value)
        *numbers, last = value.split()
        if type == "TLSA":
            usage, selector, matching, *_ = map(int, value.split()[:3])
            return bytes((usage, selector, matching)) + bytes.fromhex("".join(value.split()[3:]))
        if type in ("A", "AAAA"):
            return ipaddress.ip_address(value).packed
        if type in _BEFORE_NAME and len(numbers) * 2 == _BEFORE_NAME[type]:
            return struct.pack(f"!{len(numbers)}H", *map(int, numbers)) + name(last).lower()
    except (ValueError, struct.error):
        return None
    return None


def ttl_if_same(reply: bytes, owner: bytes, type: str, expected_rdatas: frozenset[bytes]) -> int | None:
    """The TTL where the reply holds exactly the wanted values at ``owner``, the name asked, else None.

    Raises ValueError for what is malformed. The caller has looked at the response code and AA.
    """
    number, ttl = _number(type), None
    rdatas: list[bytes] = []
    asked = owner.lower()
    for record in records(reply, asked):
        if record.section:
            break
        if (
            record.type != number
            or record.owner != asked
            or record.ttl != (record.ttl if ttl is None else ttl)
        ):
            return None
        ttl = record.ttl
        rdatas.append(rdata(reply, record, type))
    return ttl if len(rdatas) == len(expected_rdatas) and expected_rdatas == set(rdatas) else None


def text(owner: bytes) -> str:
    """A wire name as people write it, absolute. Raises ValueError."""
    labels, at = [], 0
    while owner[at]:
        labels.append(owner[at + 1 : at + 1 + owner[at]])
        at += 1 + owner[at]
    if all(label.isascii() and label.translate(_HYPHENS).isalnum() for label in labels):
        return b".".join((*labels, b"")).decode("ascii") or "."
    import dns.name

    return dns.name.from_wire(owner, 0)[0].to_text()


def serial(reply: bytes) -> tuple[bytes, int] | None:
    """The owner and the serial of the first SOA in answer or authority. Raises ValueError."""
    for record in records(reply):
        if record.type == TYPES["SOA"] and record.length >= 22:
            end = record.start + record.length
            return record.owner, int.from_bytes(reply[end - 20 : end - 16], "big")
    return None


def targets(reply: bytes, type: str) -> Iterator[tuple[bytes, str]]:
    """Owner and target of every NS, CNAME or MX record, in answer and authority. Raises ValueError."""
    number, before = TYPES[type], _BEFORE_NAME[type]
    for record in records(reply):
        if record.type == number:
            yield record.owner, text(name_at(reply, record.start + before)[0])
