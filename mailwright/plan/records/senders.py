"""Senders beside the mail host: their keys, where they stand, and what they may then write as."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mailwright.catalog import Service, ServiceRecord, Site, service
from mailwright.catalog.service import GIVEN, template_values
from mailwright.model.families import family_of
from mailwright.model.finding import Finding, found
from mailwright.model.names import absolute, is_below
from mailwright.model.position import Position
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.judging import Context, placed, verdict
from mailwright.plan.keys import as_published, pasted, signing
from mailwright.spec.model import DMARC_POLICY, MailSpec, NamedValue, Sender
from mailwright.standards import dmarc

NEEDS_SUBDOMAIN = rule(
    "sender-needs-subdomain",
    Severity.ERROR,
    en="{service} wants an MX of its own: at {domain} it would compete with, or replace, the company's mail.",
    zh="{service} 需要自己的 MX：放在 {domain} 上会与企业邮件的 MX 并存甚至取代它。",
    hint_en="Give it a subdomain: from: news@news.{domain}.",
    hint_zh="请让它使用子域名：from: news@news.{domain}。",
    reference="RFC 5321 §5.1",
)
DKIM_PENDING = rule(
    "sender-dkim-pending",
    Severity.INFO,
    en="No DKIM key of {service} for {domain} yet: its mail is not signed in your name. {where}.",
    zh="还没有 {service} 在 {domain} 的 DKIM 密钥：它发出的邮件不会以您的名义签名。{where}。",
    hint_en="Write it as dkim: [{{name: …, value: …}}] of this sender, just as the console shows it.",
    hint_zh="请按后台显示的原样写入该发信方的 dkim: [{{name: …, value: …}}]。",
    reference="RFC 6376",
)
NO_RECORDS = rule(
    "sender-needs-no-record",
    Severity.INFO,
    en="{service} needs no DNS record. {note}",
    zh="{service} 不需要 DNS 记录。{note}",
    hint_en="Leave it in the list, so that everybody knows it is there.",
    hint_zh="保留在列表中即可，方便大家知道它的存在。",
)
ALIGNED = rule(
    "sender-may-write-as",
    Severity.INFO,
    en="{sender} may write as @{owner}{how}.{others}",
    zh="{sender} 可以用 @{owner} 发信{how}。{others}",
    hint_en="Write another from: if it should write as somebody else.",
    hint_zh="若它应使用其他发件地址，请修改 from:。",
    reference="RFC 9989 §4.4",
)
UNALIGNED = rule(
    "sender-not-aligned",
    Severity.INFO,
    en="Mail of {sender} as @{owner} would fail DMARC: {why}.",
    zh="{sender} 以 @{owner} 发出的邮件会无法通过 DMARC：{why}。",
    hint_en="Set up its DKIM key, or have it use a bounce address in @{owner}, before the stage is raised.",
    hint_zh="提高阶段之前，请设置它的 DKIM 密钥，或让它使用 @{owner} 内的退信地址。",
    reference="RFC 9989 §4.4",
)

Part = tuple[list[PlannedRecord], list[Finding]]
_Lookup = Callable[[str, str], Sequence[str]]


def senders(spec: MailSpec, ttl: int) -> Part:
    """The records of every sender at the domain it writes from; a machine of one's own has those it names."""
    records: list[PlannedRecord] = []
    findings: list[Finding] = []
    for index, sender in enumerate(spec.senders):
        known = service(sender.service) if sender.service else _of_ones_own(sender)
        path, owner = f"senders[{index}]", owner_of(spec, sender)
        if known is None or not is_below(owner, spec.domain):
            continue
        sender_records, sender_findings = _of_service(
            spec, sender, Use(known, owner, ttl, sender.inputs, spec.at(path)), path
        )
        records += sender_records
        findings += placed(sender_findings, path, spec.at(path))
    return records, findings


def _of_ones_own(sender: Sender) -> Service:
    """A custom sender: a service that only this spec knows."""
    return Service(sender.custom or "?", "sender", _name(sender))


def owner_of(spec: MailSpec, sender: Sender) -> str:
    """The domain of a sender's From address; the company's own where none is written."""
    return (sender.from_address or "").rpartition("@")[2].lower() or spec.domain


def site_of(sender: Sender) -> Site | None:
    """The site a sender's service is used at."""
    known = service(sender.service) if sender.service else None
    return known.site(sender.site) if known else None


@dataclass(frozen=True, slots=True)
class Use:
    """A service used for a domain: ``owner`` is the domain its records are for, ``ttl`` in seconds.

    ``filtered``: a filter takes the mail, and exchangers beside its own would pass it by.
    """

    service: Service
    owner: str
    ttl: int
    inputs: Mapping[str, str]
    position: Position | None
    filtered: bool = False

    def records(self, site: Site | None) -> Iterator[PlannedRecord]:
        """The site's records; an optional one only where its inputs are given."""
        for service_record in site.records if site else ():
            if self.filtered and service_record.type == "MX":
                continue
            named = set(re.findall(r"{(\w+)}", service_record.host + service_record.value)) - GIVEN
            if not service_record.optional or all(self.inputs.get(name) for name in named):
                yield self.record(service_record)

    def record(self, service_record: ServiceRecord) -> PlannedRecord:
        """One record of the catalog, its templates filled in."""
        filled = {name: value.strip() for name, value in self.inputs.items()}
        filled |= template_values(self.owner)
        name = absolute(service_record.host.format_map(filled), self.owner)
        value = service_record.value.format_map(filled)
        if service_record.type != "TXT":
            head, _, host = value.rpartition(" ")
            value = f"{head} {absolute(host) if host != '.' else '.'}".strip()
        why = Text(
            "{service}: {what}",
            "{service}：{what}",
            {"service": self.service.names, "what": service_record.why},
        )
        family = family_of(name, service_record.type, value)
        return PlannedRecord(name, service_record.type, self.ttl, (value,), family, why, self.position)

    def pasted(self, named_value: NamedValue) -> PlannedRecord:
        """A record as the service's console shows it."""
        value = absolute(named_value.value) if named_value.type == "CNAME" else named_value.value
        family = family_of(named_value.name, named_value.type, value)
        why = Text("{service} asks for this", "{service} 要求此记录", {"service": self.service.names})
        return PlannedRecord(
            named_value.name, named_value.type, self.ttl, (value,), family, why, named_value.position
        )


def _of_service(spec: MailSpec, sender: Sender, use: Use, path: str) -> Part:
    known = use.service
    if known.no_records:
        return [], [found(NO_RECORDS, service=known.names, note=known.note or Text("", ""))]
    if known.subdomain_only and use.owner == spec.domain:
        return [], [found(NEEDS_SUBDOMAIN, service=known.names, domain=spec.domain)]
    site = known.site(sender.site)
    records = list(use.records(site))
    records += [use.pasted(named_value) for named_value in sender.verification]
    keys = [use.pasted(as_published(named_value)) for named_value in sender.dkim]
    findings: list[Finding] = []
    for number, (record, key) in enumerate(zip(sender.dkim, keys, strict=True)):
        findings += pasted(record, f"{path}.dkim[{number}]")
        remarks = verdict(key.name, key.type, key.family, key.values, Context(DMARC_POLICY[spec.dmarc.stage]))
        findings += placed(remarks, f"{path}.dkim[{number}]", record.position)
    if known.dkim and not signing(sender.dkim):
        where = known.dkim[0].where
        findings.append(found(DKIM_PENDING, service=known.names, domain=use.owner, where=where))
    return [*records, *keys], findings


def alignments(
    spec: MailSpec, records: Sequence[PlannedRecord], refused: Collection[str] = ()
) -> Iterator[Finding]:
    """For each sender one sentence: as whom it may write under the planned DMARC, and as whom it cannot.

    ``refused`` are the paths of senders that the planned SPF record does not let in.
    """
    world = _world(records)
    for index, sender in enumerate(spec.senders):
        owner = owner_of(spec, sender)
        if not is_below(owner, spec.domain) or (sender.service and _is_silent(sender)):
            continue
        path = f"senders[{index}]"
        signed = [owner] if _signs(sender, owner, records) else []
        # A machine of one's own mails as itself.
        passed = ("pass", owner) if not sender.service and path not in refused else None
        evaluation = dmarc.evaluate(owner, spf=passed, dkim=signed, lookup=world)
        name = _name(sender)
        if evaluation.result == "fail":
            yield found(
                UNALIGNED, path=path, position=spec.at(path), sender=name, owner=owner, why=evaluation.why
            )
        elif evaluation.result == "pass":
            others = _others(spec, owner, passed, signed, world)
            how = Text(" (DKIM)", "（DKIM）") if signed else Text(" (SPF)", "（SPF）")
            yield found(
                ALIGNED, path=path, position=spec.at(path), sender=name, owner=owner, how=how, others=others
            )


def _others(
    spec: MailSpec, owner: str, passed: tuple[str, str] | None, signed: Sequence[str], world: _Lookup
) -> Text:
    """What a sender below the domain can do in the domain's own name."""
    if owner == spec.domain:
        return Text("", "")
    evaluation = dmarc.evaluate(spec.domain, spf=passed, dkim=signed, lookup=world)
    params: Mapping[str, object] = {"domain": spec.domain}
    if evaluation.result == "pass":
        return Text(
            " By relaxed alignment it passes as @{domain} too (dmarc: {{adkim: s, aspf: s}} stops that).",
            "按宽松对齐，它也能通过 @{domain} 的验证（写 dmarc: {{adkim: s, aspf: s}} 可禁止）。",
            params,
        )
    return Text(" It cannot write as @{domain}.", "它不能用 @{domain} 发信。", params)


def _world(records: Iterable[PlannedRecord]) -> _Lookup:
    texts: dict[str, list[str]] = {}
    for record in records:
        if record.type == "TXT":
            texts.setdefault(record.name, []).extend(record.values)

    def lookup(name: str, type: str) -> Sequence[str]:
        return texts.get(name, ()) if type == "TXT" else ()

    return lookup


def _signs(sender: Sender, owner: str, records: Iterable[PlannedRecord]) -> bool:
    """Whether a key of this sender stands at its domain: pasted, or one that its catalog entry gives."""
    zone = "._domainkey." + absolute(owner)
    site = site_of(sender)
    given = site is not None and any("._domainkey" in record.host for record in site.records)
    own = any(named_value.name.endswith(zone) for named_value in signing(sender.dkim))
    return (given or own) and any(record.name.endswith(zone) for record in records)


def _is_silent(sender: Sender) -> bool:
    known = service(sender.service or "")
    return known is None or known.no_records


def _name(sender: Sender) -> Text:
    known = service(sender.service) if sender.service else None
    if known:
        return known.names
    return Text("{name}", "{name}", {"name": sender.custom or "?"})
