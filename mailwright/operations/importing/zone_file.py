"""A zone file as DNS hosts export it: every line that can be read, and what was wrong with the others.

Master format (RFC 1035 §5), and what exports make of it: Cloudflare's SOA without its final dot, its TTL 1
and its tags; GoDaddy's ``Parked`` and ``_sip._tls.@``; strings of more than 255 octets; GBK and UTF-16.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TXT
import dns.ttl

from mailwright.hosts.dns import wire
from mailwright.model import txt
from mailwright.model.names import absolute, bare
from mailwright.model.records import ObservedSet, ObservedValue
from mailwright.model.text import Text, visible
from mailwright.operations.importing.entries import Entry, Word, entries

#: The types that say something to mail, or to whom a name belongs; others are left out unread.
TYPES = ("MX", "TXT", "CNAME", "SRV", "TLSA", "A", "AAAA", "CAA", "NS", "SPF")
_TTL = 3600  # seconds, where a file says none
_AUTOMATIC = 300  # seconds: what Cloudflare serves where its export says 1
_GENERIC = "\\#"  # octets follow (RFC 3597 §5)
_SHOWN = 60  # characters of a value in a message
_GENERATED = 4096  # records that all $GENERATE lines of a file may make
_PROXIED = re.compile(r"cf-proxied:true")

_NO_ENTRY = Text("a quote or a parenthesis is not closed", "引号或括号没有闭合")
_NO_TYPE = Text("there is no record type in it", "没有记录类型")
_NO_OWNER = Text("there is no owner name in it, and none before it", "没有主机名，前面也没有")
_OTHER_TYPE = Text("DNS does not have the record type {type}", "{type} 不是 DNS 记录类型")
_NO_INCLUDE = Text("other files are not read ({word})", "不读取其他文件（{word}）")
_DIRECTIVE = Text("{word} cannot be read", "无法读取 {word}")
_NO_VALUE = Text("{value} cannot be a value of type {type}", "{value} 不是有效的 {type} 记录值")
_NAME = Text("{name} cannot be a name", "{name} 不是有效的名称")
_OTHER_CLASS = Text("its class is {word}, not IN", "类别为 {word}，不是 IN")
_APEX_ALIAS = Text(
    "the domain itself is a CNAME to {target} beside other records: the DNS host answers with the addresses "
    "of {target} instead",
    "域名本身是指向 {target} 的 CNAME，且另有其他记录：DNS 服务商会改以 {target} 的地址应答",
)
_BESIDE = Text(
    "{name} has a CNAME too, which excludes all other records (RFC 1034 §3.6.2)",
    "{name} 另有 CNAME，不能与其他记录并存（RFC 1034 §3.6.2）",
)
_SECOND = Text("{name} has a CNAME already (RFC 2181 §10.1)", "{name} 已有一条 CNAME（RFC 2181 §10.1）")


@dataclass(frozen=True, slots=True)
class Unread:
    """A line (from 1) that says nothing to us, and why."""

    line: int
    reason: Text


@dataclass(frozen=True, slots=True)
class ZoneFile:
    """What a file says. ``flattened``: where the apex leads, whose CNAME the DNS host answers as addresses.

    ``proxied`` are names (absolute) whose addresses Cloudflare hides behind its own.
    """

    sets: tuple[ObservedSet, ...]
    unread: tuple[Unread, ...] = ()
    proxied: frozenset[str] = frozenset()
    flattened: str | None = None


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    name: str
    type: str
    ttl: int
    value: ObservedValue


class _Line(Exception):
    """One line cannot be read; ``reason`` says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason("en"))
        self.reason = reason


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or GBK, with or without a byte order mark. Never raises.

    What is none of them is taken as UTF-8 with its odd octets kept, as they stand in TXT records.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    head = data[:64]
    for codec, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if len(zeros) > 3 and zeros.count(0) * 2 > len(zeros):
            return data.decode(codec, "replace")
    for codec in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "surrogateescape")


def read(text: str, domain: str) -> ZoneFile:
    """Read a zone file for a domain. Never raises: each line that cannot be read is in ``unread``."""
    reader = _Reader(absolute(domain), re.search(r"(?i)cloudflare", text) is not None)
    records, unread = list[_Record](), list[Unread]()
    listed = list(entries(text))
    reader.whole_names = _whole_names(listed, domain)
    for entry in listed:
        try:
            records += reader.records(entry)
        except _Line as error:
            unread.append(Unread(entry.line, error.reason))
    kept, beside, flattened = _alone(records, absolute(domain), zone=reader.has_soa)
    unreads = tuple(sorted((*unread, *beside), key=lambda line: line.line))
    return ZoneFile(tuple(_sets(kept)), unreads, frozenset(reader.proxied), flattened)


@dataclass(slots=True)
class _Reader:
    """The state that one line leaves to the next: origin, TTL, owner."""

    apex: str
    cloudflare: bool
    whole_names: bool = False
    proxied: set[str] = field(default_factory=set)
    origin: str = ""
    owner: str = ""
    ttl: int = _TTL
    fixed: bool = False  # a $TTL was given; without one the last TTL stands (RFC 1035 §5.1)
    has_soa: bool = False
    generated: int = 0

    def records(self, entry: Entry) -> Iterator[_Record]:
        """The records of one entry, none for a directive or a comment. Raises _Line."""
        if entry.broken:
            raise _Line(_NO_ENTRY)
        if not entry.words:
            return
        first = entry.words[0]
        if first.text.startswith("$") and not first.quoted and not entry.continues:
            yield from self._directive(entry)
        else:
            record = self._record(entry)
            if record is not None:
                yield record

    def _directive(self, entry: Entry) -> Iterator[_Record]:
        word, *rest = (part.text for part in entry.words)
        name = word.upper()
        if name == "$TTL" and rest:
            self.ttl, self.fixed = _seconds(rest[0]), True
        elif name == "$ORIGIN" and rest:
            self.origin = self._name(rest[0])
        elif name == "$GENERATE" and len(rest) > 2:
            for words in _generated(entry.words[1:]):
                self.generated += 1
                if self.generated > _GENERATED:
                    raise _Line(_DIRECTIVE.using(word=word))
                record = self._record(replace(entry, words=words, continues=False))
                if record:
                    yield record
        else:
            raise _Line((_NO_INCLUDE if name == "$INCLUDE" else _DIRECTIVE).using(word=word))

    def _record(self, entry: Entry) -> _Record | None:
        words = list(entry.words)
        written = "" if entry.continues else words.pop(0).text
        ttl, type = self._head(words)
        if written:
            whole = type == "SOA" and absolute(bare(written)) == self.apex
            self.owner = self.apex if whole else self._name(written)
        if not self.owner:
            raise _Line(_NO_OWNER)
        if not self.fixed:
            self.ttl = ttl
        if type not in TYPES:
            self.has_soa = self.has_soa or (type == "SOA" and self.owner == self.apex)
            return None
        if ttl == 1 and self.cloudflare:
            ttl = _AUTOMATIC
        if _PROXIED.search(entry.comment):
            self.proxied.add(self.owner)
        value = _value(type, words, self.origin or self.apex)
        return _Record(entry.line, self.owner, type, ttl, value)

    def _head(self, words: list[Word]) -> tuple[int, str]:
        """TTL and type, taken off the front. Raises _Line where there is no type."""
        ttl: int | None = None
        while words:
            word = words.pop(0).text
            upper = word.upper()
            if upper == "IN":
                continue
            if upper in ("CH", "CHAOS", "HS"):
                raise _Line(_OTHER_CLASS.using(word=word))
            if ttl is None and word[:1].isdigit():
                ttl = _seconds(word)
                continue
            return self.ttl if ttl is None else ttl, _type(word)
        raise _Line(_NO_TYPE)

    def _name(self, written: str) -> str:
        """An owner name, absolute. Raises _Line where it is none."""
        text = written
        if text.endswith(".@"):  # as GoDaddy exports names below the domain
            text = text[:-2]
        if self.whole_names and not text.endswith(".") and text != "@":
            text += "."
        try:
            origin = wire.to_name(self.origin or self.apex)
            return wire.from_name(dns.name.from_text(text, origin))
        except (dns.exception.DNSException, UnicodeError, ValueError):
            raise _Line(_NAME.using(name=written)) from None


def _whole_names(listed: Iterable[Entry], domain: str) -> bool:
    """Whether the file writes every owner whole and without its final dot, the SOA's included."""
    base, soa, others = domain.lower(), False, 0
    for entry in listed:
        if entry.broken or entry.continues or len(entry.words) < 2 or entry.words[0].text.startswith("$"):
            continue
        owner = entry.words[0].text.lower()
        if owner != base and not owner.endswith("." + base):
            return False
        soa = soa or any(word.text.upper() == "SOA" for word in entry.words[1:4])
        others += owner != base
    return soa and others > 0


def _seconds(text: str) -> int:
    try:
        return int(dns.ttl.from_text(text))
    except (dns.exception.DNSException, ValueError):
        raise _Line(_DIRECTIVE.using(word=text)) from None


def _type(word: str) -> str:
    """A record type by its own name, also where it is written ``TYPE15`` (RFC 3597 §5). Raises _Line."""
    try:
        return dns.rdatatype.to_text(dns.rdatatype.from_text(word))
    except (dns.exception.DNSException, ValueError):
        raise _Line(_OTHER_TYPE.using(type=word)) from None


def _value(type: str, words: list[Word], origin: str) -> ObservedValue:
    """The value of a record. Raises _Line where it is none of its type."""
    try:
        if type in ("TXT", "SPF") and words and words[0].text != _GENERIC:
            return wire.from_rdata(_text(words))
        text = " ".join(f'"{word.text}"' if word.quoted else word.text for word in words)
        rdata = dns.rdata.from_text("IN", type, text, wire.to_name(origin), relativize=False)
        return wire.from_rdata(rdata)
    except (dns.exception.DNSException, ValueError, UnicodeError, OverflowError):
        shown = visible(" ".join(word.text for word in words))
        shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
        raise _Line(_NO_VALUE.using(type=type, value=shown or "–")) from None


def _text(words: list[Word]) -> dns.rdtypes.ANY.TXT.TXT:
    """The strings of a TXT; one of more than 255 octets is parted, as every server does that takes it."""
    strings: list[bytes] = []
    for word in words:
        octets = _octets(word.text)
        strings += [octets[at : at + txt.MAX_STRING] for at in range(0, len(octets), txt.MAX_STRING)] or [b""]
    if not strings:
        raise ValueError("there is none")
    return dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings)


def _octets(text: str) -> bytes:
    """A character-string without its escapes (RFC 1035 §5.1). Raises ValueError for ``\\999``."""

    def plain(match: re.Match[str]) -> str:
        return chr(0xDC00 + int(match[1])) if match[1] else match[2]

    shown = re.sub(r"\\(?:([0-9]{3})|(.))", plain, text)
    octets = bytearray()
    for char in shown:
        octet = ord(char) - 0xDC00
        if 0 <= octet <= 255:
            octets.append(octet)
        elif octet in range(256, 1000):
            raise ValueError("an escape over 255")
        else:
            octets += char.encode("utf-8", "surrogateescape")
    return bytes(octets)


def _generated(words: tuple[Word, ...]) -> Iterator[tuple[Word, ...]]:
    """The lines that BIND's ``$GENERATE start-stop[/step] lhs type rhs`` stands for."""
    ends = re.fullmatch(r"(\d{1,9})-(\d{1,9})(?:/(\d{1,9}))?", words[0].text)
    if ends is None or int(ends[3] or 1) < 1:
        raise _Line(_DIRECTIVE.using(word="$GENERATE"))
    for number in range(int(ends[1]), int(ends[2]) + 1, int(ends[3] or 1)):
        yield tuple(Word(_numbered(word.text, number), word.quoted) for word in words[1:])


def _numbered(text: str, number: int) -> str:
    def put(match: re.Match[str]) -> str:
        shift, width, base = int(match[1] or 0), int(match[2] or 0), match[3] or "d"
        return f"{number + shift:0{min(width, 63)}{base}}"

    pattern = r"\$(?:\{(-?\d{1,9})(?:,(\d{1,3}))?(?:,([dxXo]))?\})?"
    return re.sub(pattern, put, text)


def _alone(
    records: list[_Record], apex: str, *, zone: bool
) -> tuple[list[_Record], list[Unread], str | None]:
    """A CNAME stands alone: at the apex of a zone it goes, elsewhere what is beside it."""
    aliases: dict[str, _Record] = {}
    others = {record.name for record in records if record.type != "CNAME"} | ({apex} if zone else set())
    kept, unread, flattened = list[_Record](), list[Unread](), None
    for zone_record in records:
        if zone_record.type == "CNAME":
            aliases.setdefault(zone_record.name, zone_record)
    for zone_record in records:
        alias = aliases.get(zone_record.name)
        shown = bare(zone_record.name)
        if alias is None:
            kept.append(zone_record)
        elif zone_record.name == apex and apex in others:
            if zone_record is alias:
                flattened = bare(zone_record.value.value)
                unread.append(Unread(zone_record.line, _APEX_ALIAS.using(target=flattened)))
            elif zone_record.type == "CNAME":
                unread.append(Unread(zone_record.line, _SECOND.using(name=shown)))
            else:
                kept.append(zone_record)
        elif zone_record is alias:
            kept.append(zone_record)
        elif zone_record.type != "CNAME":
            unread.append(Unread(zone_record.line, _BESIDE.using(name=shown)))
        elif zone_record.value != alias.value:
            unread.append(Unread(zone_record.line, _SECOND.using(name=shown)))
    return kept, unread, flattened


def _sets(records: Iterable[_Record]) -> Iterator[ObservedSet]:
    """Records as sets; of several TTLs the lowest stands (RFC 2181 §5.2)."""
    grouped: dict[tuple[str, str], list[_Record]] = {}
    for record in records:
        grouped.setdefault((record.name, record.type), []).append(record)
    for (name, type), here in grouped.items():
        values = sorted(
            {zone_record.value for zone_record in here}, key=lambda one: (one.value, one.strings or ())
        )
        yield ObservedSet(name, type, min(zone_record.ttl for zone_record in here), tuple(values))
