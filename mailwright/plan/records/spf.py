"""SPF of a plan: one record a sending name, and what it costs (RFC 7208)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mailwright.catalog import Service, Site
from mailwright.catalog.service import template_values
from mailwright.model.families import Family, family_of
from mailwright.model.finding import Finding, found
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.readings import surely
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.judging import placed, verdict
from mailwright.plan.records.parked import is_silent
from mailwright.plan.records.senders import site_of
from mailwright.spec.model import MailSpec
from mailwright.standards import spf as spf_records

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
    hint_en="Remove include {domain}.",
    hint_zh="请去掉 include {domain}。",
    reference="RFC 7208 §5.2",
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
    for owner in dict.fromkeys((spec.domain, *(term.owner for term in terms))):
        record, record_findings = _record(
            spec, service, owner, [term for term in terms if term.owner == owner], ttl
        )
        records.append(record)
        findings += record_findings
    return records, findings


def _of_host(spec: MailSpec, site: Site | None) -> Iterator[_Term]:
    host, filtering = spec.mail_host, spec.gateway
    if filtering and filtering.sends != "nothing":
        yield from _addresses(spec.domain, "gateway", filtering.ip4, filtering.ip6)
        for number, name in enumerate(filtering.include):
            yield _Term(spec.domain, f"gateway.include[{number}]", include_of(name))
    if filtering and filtering.sends == "everything":
        return
    for term in terms_of_site(site, host.inputs, spec.domain):
        if term == "mx" and filtering:  # `mx` is whoever takes mail
            yield from (_Term(spec.domain, "mail_host", f"a:{bare(name)}") for name in host.mx_hosts)
        elif term != "mx" or not host.takes_no_mail:
            yield _Term(spec.domain, "mail_host", term)
    if "spf_include" in host.inputs:
        yield _Term(spec.domain, "mail_host.spf_include", include_of(host.inputs["spf_include"]))
    yield from _addresses(spec.domain, "mail_host", host.ip4, host.ip6)


def terms_of_site(site: Site | None, inputs: Mapping[str, str], owner: str) -> Iterator[str]:
    """The site's terms, filled in; one whose input may be left out, and is, goes."""
    known = {name: value.strip() for name, value in inputs.items() if value.strip()} | template_values(owner)
    for term in site.spf if site else ():
        if all(name in known for name in re.findall(r"{(\w+)}", term)):
            yield term.format_map(known)


def _of_policy(spec: MailSpec) -> Iterator[_Term]:
    yield from _addresses(spec.domain, "spf", spec.spf.ip4, spec.spf.ip6)
    for number, include in enumerate(spec.spf.include):
        yield _Term(spec.domain, f"spf.include[{number}]", include_of(include))


def _of_sender(spec: MailSpec, index: int, owner: str, path: str) -> Iterator[_Term]:
    sender = spec.senders[index]
    for term in terms_of_site(site_of(sender), sender.inputs, owner):
        yield _Term(owner, path, term)
    yield from _addresses(owner, path, sender.ip4, sender.ip6)
    for number, include in enumerate(sender.include):
        yield _Term(owner, f"{path}.include[{number}]", include_of(include))


def _addresses(owner: str, path: str, ip4: Iterable[str], ip6: Iterable[str]) -> Iterator[_Term]:
    for kind, addresses in (("ip4", ip4), ("ip6", ip6)):
        for number, address in enumerate(addresses):
            yield _Term(owner, f"{path}.{kind}[{number}]", f"{kind}:{address}")


def include_of(written: str) -> str:
    """The include meant by ``x``, ``include:x``, ``+include:x``, ``redirect=x`` or a whole record.

    ``redirect=`` is ignored beside an ``all`` (RFC 7208 §6.1) and so means an include here.
    """
    if surely(Family.SPF, written):
        return written
    return "include:" + re.sub(r"(?i)^(?:\+?include:|redirect=)", "", written)


def _read(term: _Term) -> spf_records.SpfRecord:
    """What a term says. Raises SpfError where it is not one term, or a whole record."""
    text = term.text
    if surely(Family.SPF, text):
        return spf_records.parse(text)
    if re.search(r"[\s=]", text) or (text.startswith("include:") and ":" in text.removeprefix("include:")):
        raise spf_records.SpfError("not the name of an include", text)
    return spf_records.parse(f"v=spf1 {text}")


def _record(
    spec: MailSpec, service: Service, owner: str, terms: list[_Term], ttl: int
) -> tuple[PlannedRecord, list[Finding]]:
    records, findings = [], []
    for term in terms:
        try:
            record = _read(term)
        except spf_records.SpfError as error:
            findings.append(_invalid(spec, term.path, error))
            continue
        records.append(record)
        findings += _term_findings(spec, term, record)
    where = next(
        (term.path for term in terms if term.path.startswith(("senders", "spf", "gateway"))), "mail_host"
    )
    strict = spec.spf.all == "fail" or (spec.spf.all is None and is_silent(spec))
    final: spf_records.Qualifier = "-" if strict else "~"
    try:
        merged = spf_records.merge(records, final_all=final)
    except spf_records.SpfError as error:
        findings.append(_invalid(spec, where, error))
        merged = spf_records.merge([], final_all=final)
    if not _stands_as_found(spec, owner):  # what is published there is judged in its own place
        findings += _whole(spec, owner, merged, where)
    at_domain = owner == spec.domain
    position = spec.at("spf" if spec.spf.position else "mail_host") if at_domain else spec.at(where)
    why = _WHY if at_domain else _WHY_BELOW
    text = why.using(domain=spec.domain_unicode if at_domain else owner, service=service.names)
    return PlannedRecord(absolute(owner), "TXT", ttl, (str(merged),), Family.SPF, text, position), findings


def _stands_as_found(spec: MailSpec, owner: str) -> bool:
    """Whether ``as_found`` publishes another SPF record in this one's place, or none."""
    return any(
        (as_found.name, as_found.type) == (absolute(owner), "TXT")
        and (
            as_found.absent or any(family_of(as_found.name, "TXT", v) is Family.SPF for v in as_found.values)
        )
        for as_found in spec.as_found
    )


def _invalid(spec: MailSpec, path: str, error: spf_records.SpfError) -> Finding:
    return found(INVALID, path=path, position=spec.at(path), reason=error.text)


_WHY = Text(
    "who may send in the name of {domain}: {service} and the senders of the spec",
    "允许以 {domain} 名义发信的：{service} 以及规格中的发信方",
)
_WHY_BELOW = Text("who may send in the name of {domain}", "允许以 {domain} 名义发信的主机")


#: What is wrong with one term is said at its line; what is wrong with the whole record at the record's.
_OF_ONE_TERM = frozenset(
    {"spf-network-wide", "spf-network-not-public", "spf-uses-ptr", "spf-target-not-a-name"}
)


def _term_findings(spec: MailSpec, term: _Term, record: spf_records.SpfRecord) -> Iterator[Finding]:
    position = spec.at(term.path)
    for mechanism in record.mechanisms:
        if mechanism.name == "include" and (mechanism.domain or "").lower().rstrip(".") == term.owner:
            yield found(ITSELF, path=term.path, position=position, domain=term.owner)
    findings = spf_records.lint(record, domain=term.owner, path=term.path, position=position)
    yield from (finding for finding in findings if finding.rule in _OF_ONE_TERM)


def _whole(spec: MailSpec, owner: str, merged: spf_records.SpfRecord, path: str) -> Iterator[Finding]:
    findings = verdict(absolute(owner), "TXT", Family.SPF, (str(merged),))
    yield from placed(
        (finding for finding in findings if finding.rule not in _OF_ONE_TERM), path, spec.at(path)
    )
