"""``plan(spec, today) → Plan``: what one company's mail needs, and why. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mailwright.catalog import Service, Site, service
from mailwright.catalog.filters import name_of
from mailwright.catalog.service import template_values
from mailwright.model.families import Family, family_of
from mailwright.model.finding import Finding
from mailwright.model.names import absolute
from mailwright.model.plan import Plan
from mailwright.model.position import Position
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity
from mailwright.model.text import Text
from mailwright.plan.lint import (
    bulk,
    expectations,
    gateways,
    habits,
    measured,
    moves,
    pasted,
    rotations,
    sending,
    slipped,
    storing,
    unlisted,
)
from mailwright.plan.lint import zone as lint
from mailwright.plan.mailboxes import limits
from mailwright.plan.mailboxes import two_hosts as both_hosts
from mailwright.plan.mailboxes.alias_domains import addresses_at
from mailwright.plan.mailboxes.build import mailboxes
from mailwright.plan.mailboxes.lint import findings as mailbox_findings
from mailwright.plan.records import (
    alias_domains,
    as_found,
    authentication,
    brand,
    clients,
    moving,
    parked,
    rotating,
    senders,
    spf,
    transport,
    two_hosts,
)
from mailwright.spec.model import MailSpec, NamedValue

#: One hour: short enough to correct a slip the same morning, long enough for every resolver to cache.
DEFAULT_TTL = 3600  # seconds


def plans(spec: MailSpec, today: dt.date) -> tuple[Plan, ...]:
    """The plan of the spec's domain, of each alias domain and each parked one (each is a zone of its own)."""
    unmailed = (storing.fitted(plan, spec) for plan in parked.plans(spec, today, spec.ttl or DEFAULT_TTL))
    alone = _at_aliases(spec, today)
    main = _plan(spec, today, alone)
    aliases = (_alias_plan(spec, main, number, alias_plan) for number, alias_plan in enumerate(alone))
    return (main, *aliases, *unmailed)


def _at_aliases(spec: MailSpec, today: dt.date) -> list[Plan]:
    """Each alias domain by itself, as a company without people."""
    return [plan(alias_domains.spec_for(spec, number), today) for number in range(len(spec.alias_domains))]


def _alias_plan(spec: MailSpec, main: Plan, number: int, alone: Plan) -> Plan:
    """An alias domain has what the company's own one has; its addresses lead to those of the company's."""
    return replace(
        alone,
        findings=alias_domains.own_findings(spec, main, alone, number),
        mailboxes=addresses_at(main.mailboxes, alone.domain, spec) if main.mailboxes else None,
    )


def plan(spec: MailSpec, today: dt.date) -> Plan:
    """Everything the spec's domain needs on ``today``.

    The spec is valid (``SpecResult.spec``): its service exists and its inputs are there.
    """
    return _plan(spec, today, None)


def _plan(spec: MailSpec, today: dt.date, alone: Sequence[Plan] | None) -> Plan:
    """``alone`` are the plans of the alias domains, where somebody has made them already."""
    written = spec
    spec = two_hosts.in_plan(moving.in_stage(rotating.on(alias_domains.of_company(spec), today)))
    known = service(spec.mail_host.service)
    assert known is not None, "the spec room refuses unknown services"
    site = known.site(spec.mail_host.site)
    records: list[PlannedRecord] = []
    findings: list[Finding] = []
    ttl = spec.ttl or DEFAULT_TTL
    of_services = moving.records(written, tuple(service_records(spec, known, site, ttl)), ttl)
    of_services = (*of_services, *two_hosts.records(spec, ttl))
    receiving = (*_mx(spec, known, site, ttl), *(record for record in of_services if record.type == "MX"))
    records += (*receiving, *(record for record in of_services if record.type != "MX"))
    records += (*parked.report_authorisations(spec, ttl), *parked.revoked(spec, ttl))
    policy = authentication.dmarc(spec, ttl)
    for planned, remarks in (
        spf.spf(spec, known, moving.spf_site(written), ttl),
        authentication.dkim(spec, known, ttl),
        policy,
        transport.transport(spec, receiving, ttl),
        brand.brand(spec, policy[0], ttl),
        clients.clients(spec, of_services, ttl),
        senders.senders(spec, ttl),
    ):
        records += planned
        findings += remarks
    records, below, kept = as_found.apply(records, spec, ttl)
    findings += kept
    served = [*records, *below]
    findings += pasted.findings(spec, known, {(record.name, record.family) for record in served})
    findings += [*unlisted.findings(spec, known), *gateways.findings(spec), *alias_domains.findings(spec)]
    records += _verification(spec, ttl)
    findings += lint.findings(records, receiving, spec)
    findings += slipped.planned(records, spec)
    served = [*records, *below]
    passing = sending.findings(spec, served)
    closed = sending.refused(passing) | sending.left_out(spec, served)
    findings += [*passing, *senders.alignments(spec, served, closed)]
    findings += [*bulk.findings(spec, served), *habits.findings(spec, today)]
    findings += measured.findings(served, today)
    if spec.mailboxes.claims or spec.mailboxes.expect:
        others = [record for one in parked.plans(spec, today, ttl) for record in one.records]
        for at_alias in _at_aliases(written, today) if alone is None else alone:
            others += at_alias.records
        findings += expectations.findings(spec, [*served, *others])
    findings = [*two_hosts.as_written(findings, written), *two_hosts.unsigned(written, ttl)]
    findings = [*moving.as_written(findings, written), *moves.findings(written, tuple(records), today)]
    findings += rotations.findings(written, today)
    people, noted = mailboxes(written, today)  # they are made at the new mail host before it takes mail
    findings += noted
    findings += both_hosts.findings(written)
    if people:
        findings += mailbox_findings(written, people)
        for host, view in zip(written.mail_hosts, people.at_hosts, strict=True):
            findings += limits.findings(written.at_host(host), view)
    findings += storing.findings(spec, records)
    return Plan(
        domain=spec.domain,
        as_of=today,
        records=_sorted(storing.stored(spec, records)),
        delegated=_sorted(below),
        findings=_kept(as_found.lowered(findings, spec), spec),
        consents=(*spec.allow, *moving.consents(written), *rotating.consents(written, today)),
        mailboxes=people,
        silenced=frozenset(silence.rule for silence in spec.silence),
    )


def _mx(spec: MailSpec, known: Service, site: Site | None, ttl: int) -> Iterator[PlannedRecord]:
    """RFC 5321 §5.1: where mail for the domain comes in."""
    values, at = spec.mail_host.mx, "mail_host"
    service_names = known.names
    if spec.gateway:
        values, at, service_names = spec.gateway.mx, "gateway", name_of(spec.gateway.service)
    inputs = {name: value.lower() for name, value in spec.mail_host.inputs.items()}
    inputs |= template_values(spec.domain)
    if not values and site is not None and not spec.gateway:
        values = tuple(
            f"{mx_host.priority} {absolute(mx_host.host.format_map(inputs))}" for mx_host in site.mx
        )
    if not values:
        return
    why = Text(
        "mail for {domain} comes in at {service}",
        "{domain} 的来信由 {service} 接收",
        {"domain": spec.domain_unicode, "service": service_names},
    )
    yield PlannedRecord(absolute(spec.domain), "MX", ttl, values, Family.MX, why, spec.at(at))


def service_records(spec: MailSpec, known: Service, site: Site | None, ttl: int) -> Iterator[PlannedRecord]:
    """What the mail host wants beside MX and SPF: client set-up, keys that the domain's name gives."""
    use = senders.Use(
        known, spec.domain, ttl, spec.mail_host.inputs, spec.at("mail_host"), bool(spec.gateway)
    )
    yield from use.records(site)


def _verification(spec: MailSpec, ttl: int) -> Iterator[PlannedRecord]:
    why = Text("proves to a service that the domain is yours", "向服务商证明域名归您所有")
    for named_value in (*spec.mail_host.verification, *spec.verification):
        # A policy pasted here is claimed as what it is, so that it is never a stranger beside ours.
        value = _absolute_target(named_value)
        family = family_of(named_value.name, named_value.type, value)
        yield PlannedRecord(
            named_value.name, named_value.type, ttl, (value,), family, why, named_value.position
        )


def _absolute_target(named_value: NamedValue) -> str:
    return absolute(named_value.value) if named_value.type == "CNAME" else named_value.value


def _sorted(records: Iterable[PlannedRecord]) -> tuple[PlannedRecord, ...]:
    """One entry a name, type and family: what several lines ask for is joined, the first gives the reason."""
    by_key: dict[tuple[str, str, str], PlannedRecord] = {}
    for record in records:
        key = (record.name, record.type, record.family)
        first = by_key.get(key)
        values = dict.fromkeys((*(first.values if first else ()), *record.values))
        by_key[key] = PlannedRecord(
            record.name,
            record.type,
            record.ttl,
            tuple(values),
            record.family,
            first.why if first else record.why,
            first.position if first else record.position,
        )
    return tuple(by_key[key] for key in sorted(by_key))


def _kept(findings: Iterable[Finding], spec: MailSpec) -> tuple[Finding, ...]:
    """Silenced rules are left out; an error cannot be silenced."""
    silenced = {silence.rule for silence in spec.silence}
    kept = [
        finding for finding in findings if finding.rule not in silenced or finding.severity is Severity.ERROR
    ]
    return tuple(sorted(kept, key=lambda finding: (finding.position or Position("", 0, 0), finding.rule)))
