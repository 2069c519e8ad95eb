"""SPF of a plan: one record a sending name, and what it costs (RFC 7208)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailwright.catalog import Service, Site, lookup_costs
from mailwright.model.families import Family
from mailwright.model.finding import Finding, found
from mailwright.model.names import absolute, is_below
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.spec.model import MailSpec
from mailwright.standards import spf as spf_records

#: Past this many octets the answer may not fit a 512-octet UDP reply beside other TXT (RFC 7208 §3.4).
MOST_OCTETS = 450
#: Shorter prefixes let strangers send: (a warning below this, an error below that), in bits.
_WIDE = {4: (16, 8), 6: (32, 16)}

OVER_BUDGET = rule(
    "spf-over-budget",
    Severity.ERROR,
    en="The SPF record of {domain} needs {cost} DNS look-ups, more than 10: every sender would fail. "
    "What costs: {terms}.",
    zh="{domain} 的 SPF 需要 {cost} 次 DNS 查询，超过 10 次：所有发信方都会失败。各项开销：{terms}。",
    hint_en="Move one sender to a subdomain of its own (from: news@news.{domain}), "
    "or take out what no longer sends.",
    hint_zh="把其中一个发信方移到自己的子域名（from: news@news.{domain}），或去掉已不再发信的。",
    reference="RFC 7208 §4.6.4",
)
INVALID = rule(
    "spf-term-invalid",
    Severity.ERROR,
    en="This does not go into an SPF record: {reason}.",
    zh="无法写入 SPF 记录：{reason}。",
    hint_en="Write an address (ip4: 203.0.113.10) or the name of an include (spf.example.com), nothing else.",
    hint_zh="请只写地址（ip4: 203.0.113.10）或 include 的名称（spf.example.com）。",
    reference="RFC 7208 §4.6.1",
)
ITSELF = rule(
    "spf-includes-itself",
    Severity.ERROR,
    en="The SPF record of {domain} would include itself; receivers answer that with a permanent error.",
    zh="{domain} 的 SPF 会包含自身；收件方会判为永久错误（permerror）。",
    hint_en="Take include {domain} out.",
    hint_zh="请去掉 include {domain}。",
    reference="RFC 7208 §5.2",
)
TOO_WIDE = rule(
    "spf-range-too-wide",
    Severity.WARNING,
    en="{network} lets {count} addresses send in the name of {domain}.",
    zh="{network} 允许 {count} 个地址以 {domain} 的名义发信。",
    hint_en="Write only the addresses that send, such as 203.0.113.10 or 203.0.113.0/28.",
    hint_zh="请只写真正发信的地址，例如 203.0.113.10 或 203.0.113.0/28。",
    reference="RFC 7208 §5.6",
)
NOT_PUBLIC = rule(
    "spf-address-not-public",
    Severity.WARNING,
    en="{network} is not a public address: no receiver ever sees it, so this line has no effect.",
    zh="{network} 不是公网地址：收件方看不到它，此行不起作用。",
    hint_en="Write the public address that the machine leaves your network with.",
    hint_zh="请写该机器出网时使用的公网地址。",
    reference="RFC 7208 §5.6",
)
TOO_LONG = rule(
    "spf-record-long",
    Severity.WARNING,
    en="The SPF record of {domain} has {octets} octets; past 450 some receivers cannot fetch it reliably.",
    zh="{domain} 的 SPF 有 {octets} 字节；超过 450 字节时，部分收件方无法可靠获取。",
    hint_en="Write ranges instead of single addresses, or move a sender to a subdomain.",
    hint_zh="请用地址段代替单个地址，或把发信方移到子域名。",
    reference="RFC 7208 §3.4",
)
OUTSIDE = rule(
    "sender-outside-domain",
    Severity.WARNING,
    en="The sender writes as {address}, which is not in {domain}: nothing planned here authorises it.",
    zh="该发信方使用 {address}，不属于 {domain}：这里规划的记录不会为它授权。",
    hint_en="Write a from: in {domain}, or put the sender into the spec of that domain.",
    hint_zh="请在 from: 中写 {domain} 的地址，或把该发信方写入那个域名的规格。",
)


@dataclass(frozen=True, slots=True)
class _Term:
    """A piece of SPF that a line of the spec asks for, and the domain it is for."""

    owner: str
    path: str
    text: str


def spf(
    spec: MailSpec, service: Service, site: Site | None, ttl: int
) -> tuple[list[PlannedRecord], list[Finding]]:
    """One record a sending name (RFC 7208 §3.2); the company's policy ends each of them.

    A sender whose ``from`` lies below the domain is authorised there and not at the domain, so
    that moving it to a subdomain takes its look-ups out of the domain's budget.
    """
    terms = [*_of_host(spec, site), *_of_policy(spec)]
    findings: list[Finding] = []
    for path, index in ((f"senders[{n}]", n) for n in range(len(spec.senders))):
        address = spec.senders[index].from_address or ""
        owner = address.rpartition("@")[2].lower() or spec.domain
        if not is_below(owner, spec.domain):
            findings.append(
                found(OUTSIDE, path=path, position=spec.at(path), address=address, domain=spec.domain)
            )
            continue
        terms += _of_sender(spec, index, owner, path)
    records = []
    for owner in dict.fromkeys((spec.domain, *(each.owner for each in terms))):
        record, said = _record(spec, service, owner, [each for each in terms if each.owner == owner], ttl)
        records.append(record)
        findings += said
    return records, findings


def _of_host(spec: MailSpec, site: Site | None) -> Iterator[_Term]:
    host = spec.mail_host
    for term in site.spf if site else ():
        yield _Term(spec.domain, "mail_host", term)
    if "spf_include" in host.inputs:
        yield _Term(spec.domain, "mail_host.spf_include", _include(host.inputs["spf_include"]))
    yield from _addresses(spec.domain, "mail_host", host.ip4, host.ip6)


def _of_policy(spec: MailSpec) -> Iterator[_Term]:
    yield from _addresses(spec.domain, "spf", spec.spf.ip4, spec.spf.ip6)
    for number, each in enumerate(spec.spf.include):
        yield _Term(spec.domain, f"spf.include[{number}]", _include(each))


def _of_sender(spec: MailSpec, index: int, owner: str, path: str) -> Iterator[_Term]:
    sender = spec.senders[index]
    yield from _addresses(owner, path, sender.ip4, sender.ip6)
    for number, each in enumerate(sender.include):
        yield _Term(owner, f"{path}.include[{number}]", _include(each))


def _addresses(owner: str, path: str, ip4: Iterable[str], ip6: Iterable[str]) -> Iterator[_Term]:
    for kind, addresses in (("ip4", ip4), ("ip6", ip6)):
        for number, each in enumerate(addresses):
            yield _Term(owner, f"{path}.{kind}[{number}]", f"{kind}:{each}")


def _include(written: str) -> str:
    """The include meant by ``x``, ``include:x``, ``+include:x``, ``redirect=x`` or a whole record.

    ``redirect=`` is ignored beside an ``all`` (RFC 7208 §6.1) and so means an include here.
    """
    if re.match(r"(?i)v=spf1(?: |$)", written):
        return written
    return "include:" + re.sub(r"(?i)^(?:\+?include:|redirect=)", "", written)


def _read(term: _Term) -> spf_records.SpfRecord:
    """What a term says. Raises SpfError where it is not one term, or a whole record."""
    text = term.text
    if re.match(r"(?i)v=spf1(?: |$)", text):
        return spf_records.parse(text)
    if re.search(r"[\s=]", text) or (text.startswith("include:") and ":" in text.removeprefix("include:")):
        raise spf_records.SpfError("not the name of an include", text)
    return spf_records.parse(f"v=spf1 {text}")


def _record(
    spec: MailSpec, service: Service, owner: str, terms: list[_Term], ttl: int
) -> tuple[PlannedRecord, list[Finding]]:
    records, findings = [], []
    for each in terms:
        try:
            record = _read(each)
        except spf_records.SpfError as error:
            findings.append(found(INVALID, path=each.path, position=spec.at(each.path), reason=str(error)))
            continue
        records.append(record)
        findings += _term_findings(spec, each, record)
    merged = spf_records.merge(records, final_all="-" if spec.spf.all == "fail" else "~")
    where = next((each.path for each in terms if each.path.startswith(("senders", "spf"))), "mail_host")
    findings += _whole(spec, owner, merged, where)
    at_domain = owner == spec.domain
    position = spec.at("spf" if spec.spf.position else "mail_host") if at_domain else spec.at(where)
    why = _WHY if at_domain else _WHY_BELOW
    said = why.using(domain=spec.domain_unicode if at_domain else owner, service=service.names)
    return PlannedRecord(absolute(owner), "TXT", ttl, (str(merged),), Family.SPF, said, position), findings


_WHY = Text(
    "who may send in the name of {domain}: {service} and the senders of the spec",
    "允许以 {domain} 名义发信的：{service} 以及规格中的发信方",
)
_WHY_BELOW = Text("who may send in the name of {domain}", "允许以 {domain} 名义发信的主机")


def _term_findings(spec: MailSpec, term: _Term, record: spf_records.SpfRecord) -> Iterator[Finding]:
    position = spec.at(term.path)
    for each in record.mechanisms:
        if each.name == "include" and (each.domain or "").lower().rstrip(".") == term.owner:
            yield found(ITSELF, path=term.path, position=position, domain=term.owner)
        if each.network is None:
            continue
        network = ipaddress.ip_network(_presentation(each), strict=False)
        warn, refuse = _WIDE[network.version]
        if network.prefixlen < warn:
            yield found(
                TOO_WIDE,
                path=term.path,
                position=position,
                severity=Severity.ERROR if network.prefixlen < refuse else None,
                network=str(network),
                count=network.num_addresses,
                domain=term.owner,
            )
        elif _never_seen(network):
            yield found(NOT_PUBLIC, path=term.path, position=position, network=str(network))


#: Ranges no receiver ever sees a connection from (RFC 6890); the documentation ranges are left
#: out on purpose: every example in the world, ours too, is written with them.
_INSIDE = tuple(
    ipaddress.ip_network(each)
    for each in [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
        "::1/128",
    ]
)


def _never_seen(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    return any(each.version == network.version and each.supernet_of(network) for each in _INSIDE)  # type: ignore[arg-type]


def _presentation(mechanism: spf_records.Mechanism) -> str:
    bits = mechanism.cidr4 if mechanism.name == "ip4" else mechanism.cidr6
    return f"{mechanism.network}" + (f"/{bits}" if bits is not None else "")


def _whole(spec: MailSpec, owner: str, merged: spf_records.SpfRecord, path: str) -> Iterator[Finding]:
    cost = spf_records.lookup_cost(merged, lookup_costs())
    position = spec.at(path)
    if cost > spf_records.MAX_LOOKUPS:
        shown = ", ".join(f"{each} {_cost(each)}" for each in merged.mechanisms if each.looks_up)
        yield found(OVER_BUDGET, path=path, position=position, domain=owner, cost=cost, terms=shown)
    octets = len(str(merged).encode())
    if octets > MOST_OCTETS:
        yield found(TOO_LONG, path=path, position=position, domain=owner, octets=octets)


def _cost(mechanism: spf_records.Mechanism) -> int:
    return spf_records.lookup_cost(spf_records.SpfRecord((mechanism,)), lookup_costs())
