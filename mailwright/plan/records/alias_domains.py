"""Alias domains of a plan: what the company's own domain has, published at another one.

Exchangers, SPF, DMARC, MTA-STS and client set-up are those of the mail host, the filter and the company; keys
and proofs are the domain's own. Senders write as the company's own domain, and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mailwright.catalog import Input, service, service_name
from mailwright.catalog.behaviour import behaviour
from mailwright.catalog.capability import capability
from mailwright.model.finding import Finding
from mailwright.model.names import bare, is_below
from mailwright.model.plan import Plan
from mailwright.model.rules import Severity, rule
from mailwright.plan.records.authentication import REPORT_UNAUTHORISED
from mailwright.spec.mailboxes import MailboxSpec
from mailwright.spec.model import AliasDomain, MailHost, MailSpec, Move

NOT_HERE = rule(
    "alias-domain-not-here",
    Severity.ERROR,
    en="{service} has nothing by which every address takes mail at {domain} too.",
    zh="{service}无法让所有地址在 {domain} 也能收信。",
    hint_en="Write a spec of its own for {domain}, or choose a mail host with mailboxes.",
    hint_zh="请为 {domain} 另写一份规格，或改用带邮箱的邮件服务。",
)
NOT_KNOWN = rule(
    "alias-domain-not-known",
    Severity.WARNING,
    en="No document of {service} says whether addresses can take mail at {domain} too.",
    zh="没有文档说明{service}的地址能否在 {domain} 也收信。",
    hint_en="Try it with a mail from outside to {domain}, sent to its exchangers, before the MX changes. "
    "Until then "
    "`trace` answers “not known”.",
    hint_zh="在切换 MX 之前，从外部直接向其 MX 投递一封发往 {domain} 的邮件来试。在此之前 `trace` "
    "回答“不清楚”。",
)
MOVING = rule(
    "alias-domain-while-moving",
    Severity.ERROR,
    en="{service} has exchangers of its own for each domain, and those of {domain} at the mail host that "
    "is left "
    "are not in the spec.",
    zh="{service}给每个域名不同的 MX，规格中没有 {domain} 在迁出服务上的 MX。",
    hint_en="Write them with the domain: {{domain: {domain}, moving_from: {{{key}: …}}}}. Where to look: "
    "{where}.",
    hint_zh="请写在该域名下：{{domain: {domain}, moving_from: {{{key}: …}}}}。查看位置：{where}。",
    reference="RFC 5321 §5.1",
)
TO_SERVE = rule(
    "alias-domain-to-serve",
    Severity.INFO,
    en="Your own server has to know {domain}: else it refuses all mail to it.",
    zh="自建服务器须认识 {domain}，否则会拒收发往它的全部邮件。",
    hint_en="Add {domain} to virtual_alias_domains in main.cf before its MX is published, and sign as it "
    "with the "
    "keys of signing.",
    hint_zh="发布其 MX 之前，请在 main.cf 的 virtual_alias_domains 中加入 {domain}，并用 signing "
    "的密钥以它的名义签名。",
)


def spec_for(spec: MailSpec, number: int) -> MailSpec:
    """The spec of one alias domain, as if it were a company of its own without people."""
    alias = spec.alias_domains[number]
    host = replace(
        spec.mail_host,
        inputs={**_shared(spec.mail_host), **alias.inputs},
        dkim=alias.dkim,
        verification=alias.verification,
        maps=None,
        sieve=None,
    )
    move = spec.moving_from
    if move:  # keys of the mail host that is left are the domain's own, and are with its others
        inputs = {**move.host.inputs, **alias.moving_from}  # what is lacking is an error of its own
        move = replace(move, host=replace(move.host, inputs=inputs, dkim=(), verification=()))
    at = f"alias_domains[{number}]"
    head = {"mail_host.dkim": f"{at}.dkim", "mail_host.verification": f"{at}.verification", "domain": at}
    positions = {**spec.positions, "mail_host": spec.at(at)}
    for path, position in spec.positions.items():
        for name, place in head.items():
            if path == place or path.startswith((f"{place}.", f"{place}[")):
                positions[name + path[len(place) :]] = position
    return replace(
        spec,
        domain=alias.domain,
        domain_unicode=alias.domain,
        mail_host=host,
        dns_hosts=spec.hosts_of(alias.domain),
        moving_from=move,
        gateway=replace(spec.gateway, dkim=()) if spec.gateway else None,
        senders=(),
        verification=(),
        parked=(),
        alias_domains=(),
        as_found=tuple(line for line in spec.as_found if is_below(bare(line.name), alias.domain)),
        mailboxes=MailboxSpec(),
        extra=replace(spec.extra, dane=(), reports_from=_reporting(spec, alias.domain)),
        positions=positions,
    )


def of_company(spec: MailSpec) -> MailSpec:
    """The spec with what it keeps as found at the company's own domain alone."""
    elsewhere = [alias.domain for alias in spec.alias_domains]
    own = (line for line in spec.as_found if not any(is_below(bare(line.name), name) for name in elsewhere))
    return replace(spec, as_found=tuple(own)) if elsewhere else spec


def _reporting(spec: MailSpec, domain: str) -> tuple[str, ...]:
    """RFC 9990 §3: the domains whose reports go to a contact at this alias domain."""
    destination = spec.contact.rpartition("@")[2].lower()
    return tuple(name for name in spec.domains if is_below(destination, domain) and name != domain)


def spec_of(spec: MailSpec, domain: str) -> MailSpec:
    """The spec of one of its domains that mail: its own, or an alias domain's."""
    names = [alias.domain for alias in spec.alias_domains]
    return spec_for(spec, names.index(domain)) if domain in names else spec


def _shared(host: MailHost) -> dict[str, str]:
    """The inputs of a mail host that are the same for all of a company's domains."""
    known = service(host.service)
    own = {want.name for want in known.wants(host.site) if want.per_domain} if known else set()
    return {name: value for name, value in host.inputs.items() if name not in own}


def own_findings(spec: MailSpec, main: Plan, plan: Plan, number: int) -> tuple[Finding, ...]:
    """What is said of the alias domain and not of the company's own one already, at the alias's line."""
    known = {finding.rule for finding in main.findings}
    path = f"alias_domains[{number}]"
    kept = (
        finding
        for finding in plan.findings
        if finding.severity is Severity.ERROR
        or (
            (finding.rule not in known or plan.domain in finding.message())
            and finding.rule != REPORT_UNAUTHORISED.id
        )
    )
    kept_as_found = {line.path for line in spec.as_found}
    return tuple(
        finding if finding.path in kept_as_found else replace(finding, path=path, position=spec.at(path))
        for finding in kept
    )


def findings(spec: MailSpec) -> Iterator[Finding]:
    """What the mail host makes of each alias domain."""
    host, known = service(spec.mail_host.service), behaviour(spec.mail_host.service)
    says = known.says("alias_domain") if known else ""
    can = capability(spec.mail_host.service)
    for number, alias in enumerate(spec.alias_domains):
        path = f"alias_domains[{number}]"
        say: dict[str, object] = {
            "domain": alias.domain,
            "service": service_name(spec.mail_host.service),
        }
        if not can.stores_mail or says == "no":
            yield Finding(NOT_HERE.id, path, spec.at(path), say)
        elif host and host.exchangers == "own":
            yield Finding(TO_SERVE.id, path, spec.at(path), say)
        elif not says:
            yield Finding(NOT_KNOWN.id, path, spec.at(path), say)
        if spec.moving_from and not spec.gateway:
            for want in _lacking(spec.moving_from, alias):
                left = service_name(spec.moving_from.host.service)
                asked = {"service": left, "key": want.name, "where": want.where}
                yield Finding(MOVING.id, path, spec.at(path), {**say, **asked})


def _lacking(move: Move, alias: AliasDomain) -> Iterator[Input]:
    """What the mail host that is left has for this domain alone, and the spec has not."""
    known = service(move.host.service)
    for want in known.wants(move.host.site) if known else ():
        if want.per_domain and want.required and not alias.moving_from.get(want.name):
            yield want
