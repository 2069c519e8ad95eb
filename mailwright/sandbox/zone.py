"""One zone as a value: its record sets, and the answer to a question (RFC 1034 §4.3.2, RFC 4592)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from mailwright.hosts.dns import wire

_IN = dns.rdataclass.IN
_BLANKS = " \t\r"
_MAX_CNAMES = 8


@dataclass(frozen=True, slots=True)
class RecordSet:
    """The records of one name and type; ``ttl`` in seconds."""

    ttl: int
    rdatas: tuple[dns.rdata.Rdata, ...]

    def rrset(self, name: dns.name.Name) -> dns.rrset.RRset:
        """As dnspython sends it."""
        return dns.rrset.from_rdata_list(name, self.ttl, self.rdatas)


Node = Mapping[dns.rdatatype.RdataType, RecordSet]
Nodes = Mapping[dns.name.Name, Node]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a zone says to a question. ``authoritative`` is False for a referral."""

    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    authoritative: bool = True
    answer: tuple[dns.rrset.RRset, ...] = ()
    authority: tuple[dns.rrset.RRset, ...] = ()
    additional: tuple[dns.rrset.RRset, ...] = ()


@dataclass(frozen=True, slots=True)
class Zone:
    """A version of a zone; an update makes another one.

    ``names`` are the owner names and the empty names between them and the origin.
    """

    origin: dns.name.Name
    nodes: Nodes
    names: frozenset[dns.name.Name] = field(repr=False)

    @staticmethod
    def of(origin: dns.name.Name, nodes: Nodes) -> Zone:
        """Build a version from its record sets; empty ones are dropped."""
        kept = {name: MappingProxyType(dict(node)) for name, node in nodes.items() if node}
        names = {origin}
        for owner in kept:
            name = owner
            while name not in names and name.is_subdomain(origin):
                names.add(name)
                name = name.parent()
        return Zone(origin, MappingProxyType(kept), frozenset(names))

    def get(self, name: dns.name.Name, type: dns.rdatatype.RdataType) -> RecordSet | None:
        """The set stored at exactly this name."""
        node = self.nodes.get(name)
        return node.get(type) if node else None

    @property
    def soa(self) -> RecordSet:
        """The start of authority; every zone has one."""
        return self.nodes[self.origin][dns.rdatatype.SOA]

    def rrsets(self) -> Iterator[dns.rrset.RRset]:
        """Every set, the SOA first."""
        yield self.soa.rrset(self.origin)
        for name in sorted(self.nodes):
            for type, record_set in sorted(self.nodes[name].items()):
                if type != dns.rdatatype.SOA:
                    yield record_set.rrset(name)

    def to_text(self) -> str:
        """The master file (RFC 1035 §5), one record a line."""
        lines = [
            f"{rrset.name} {rrset.ttl} IN {dns.rdatatype.to_text(rrset.rdtype)} {rdata.to_text()}"
            for rrset in self.rrsets()
            for rdata in rrset
        ]
        return "\n".join(lines) + "\n"

    # -- answering -------------------------------------------------------------------------------

    def answer(self, name: dns.name.Name, type: dns.rdatatype.RdataType) -> Answer:
        """Answer a question about a name at or below the origin."""
        answer_rrsets: list[dns.rrset.RRset] = []
        for _ in range(_MAX_CNAMES):
            cut = self.cut_above(name)
            if cut is not None and not (cut == name and type == dns.rdatatype.DS):
                return self._referral(cut, tuple(answer_rrsets))
            node = self._node(name)
            if node is None:
                return Answer(dns.rcode.NXDOMAIN, answer=tuple(answer_rrsets), authority=self._negative())
            cname = node.get(dns.rdatatype.CNAME)
            if cname is None or type in (dns.rdatatype.CNAME, dns.rdatatype.ANY):
                answer_rrsets += [
                    record_set.rrset(name)
                    for kind, record_set in node.items()
                    if type in (kind, dns.rdatatype.ANY)
                ]
                return Answer(
                    answer=tuple(answer_rrsets), authority=() if answer_rrsets else self._negative()
                )
            answer_rrsets.append(cname.rrset(name))
            name = cname.rdatas[0].target  # type: ignore[attr-defined]
            if not name.is_subdomain(self.origin):
                break
        return Answer(answer=tuple(answer_rrsets))

    def cut_above(self, name: dns.name.Name) -> dns.name.Name | None:
        """The topmost delegation at or above ``name``, below the origin."""
        cut = None
        while name != self.origin:
            if self.get(name, dns.rdatatype.NS):
                cut = name
            name = name.parent()
        return cut

    def _node(self, name: dns.name.Name) -> Node | None:
        """What is at ``name``: stored, empty, made up by a wildcard, or None: it does not exist."""
        if name in self.names:
            return self.nodes.get(name, {})
        while name not in self.names:
            name = name.parent()
        return self.nodes.get(dns.name.Name((b"*", *name.labels)))

    def _negative(self) -> tuple[dns.rrset.RRset, ...]:
        soa = self.soa
        minimum = soa.rdatas[0].minimum  # type: ignore[attr-defined]
        return (RecordSet(min(soa.ttl, minimum), soa.rdatas).rrset(self.origin),)

    def _referral(self, cut: dns.name.Name, answer_rrsets: tuple[dns.rrset.RRset, ...]) -> Answer:
        servers = self.nodes[cut][dns.rdatatype.NS]
        glue = tuple(
            record_set.rrset(rdata.target)  # type: ignore[attr-defined]
            for rdata in servers.rdatas
            for type in (dns.rdatatype.A, dns.rdatatype.AAAA)
            if (record_set := self.get(rdata.target, type))  # type: ignore[attr-defined]
        )
        return Answer(dns.rcode.NOERROR, bool(answer_rrsets), answer_rrsets, (servers.rrset(cut),), glue)


def parse(origin: dns.name.Name, text: str) -> Zone:
    """Read a master file of one record a line: ``NAME TTL [IN] TYPE RDATA``, names may be relative.

    Raises ``ValueError`` or dnspython's errors where a line cannot be read.
    """
    nodes: dict[dns.name.Name, dict[dns.rdatatype.RdataType, RecordSet]] = {}
    for line in text.split("\n"):  # RFC 1035 §5.1; str.splitlines knows ends that stand within a TXT
        if not line.strip(_BLANKS) or line.lstrip(_BLANKS).startswith(";"):
            continue
        owner, ttl, type_text, data = _fields(line)
        name, type = dns.name.from_text(owner, origin), dns.rdatatype.from_text(type_text)
        rdata = dns.rdata.from_text(_IN, type, data, origin, relativize=False)
        present = nodes.setdefault(name, {}).get(type)
        nodes[name][type] = RecordSet(ttl, (*(present.rdatas if present else ()), rdata))
    return Zone.of(origin, nodes)


def _fields(line: str) -> tuple[str, int, str, str]:
    parts = re.split(r"[ \t\r]+", line.strip(_BLANKS), maxsplit=3)
    if len(parts) == 4 and parts[2].upper() == "IN":
        parts[2:] = re.split(r"[ \t\r]+", parts[3], maxsplit=1)
    if len(parts) != 4:
        raise ValueError(f"not a record: {line[:80]!r}")
    return parts[0], int(parts[1]), parts[2], parts[3]


def fresh(name: str, records: str = "") -> Zone:
    """A new zone with an SOA and an NS, and these records in master file form."""
    origin = wire.to_name(name if name.endswith(".") else name + ".")
    base = "@ 3600 IN SOA ns1 hostmaster 1 3600 900 604800 60\n@ 3600 IN NS ns1\nns1 3600 IN A 127.0.0.1\n"
    return parse(origin, base + records)
