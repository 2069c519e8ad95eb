"""Parked domains: names that never mail say so, so that nobody else can mail in their name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from mailwright.model.families import Family
from mailwright.model.names import absolute, is_below
from mailwright.model.plan import Plan
from mailwright.model.records import PlannedRecord
from mailwright.model.text import Text
from mailwright.spec.model import MailSpec
from mailwright.standards.dmarc import mailto

_NO_KEY = "v=DKIM1; p="
_WHY = Text("{domain} is parked: it neither receives nor sends mail", "{domain} 为停放域名：不收信也不发信")


def plans(spec: MailSpec, today: dt.date, ttl: int) -> tuple[Plan, ...]:
    """One plan a parked domain: null MX (RFC 7505), ``-all``, ``p=reject``, revoked keys (RFC 6376)."""
    silenced = frozenset(silence.rule for silence in spec.silence)
    return tuple(
        Plan(domain, today, tuple(_records(spec, domain, index, ttl)), (), spec.allow, silenced=silenced)
        for index, domain in enumerate(spec.parked)
    )


def is_silent(spec: MailSpec) -> bool:
    """Whether the spec's own domain is parked: it takes no mail, and nothing is said to send in its name."""
    policy, host = spec.spf, spec.mail_host
    sends = (
        spec.senders,
        spec.signing,
        host.dkim,
        policy.ip4,
        policy.ip6,
        policy.include,
        host.ip4,
        host.ip6,
    )
    return host.takes_no_mail and not any(sends)


def revoked(spec: MailSpec, ttl: int) -> Iterator[PlannedRecord]:
    """RFC 6376 §3.6.1: no key of a parked domain is valid, whatever its selector."""
    if is_silent(spec):
        name, why = absolute("*._domainkey", spec.domain), _WHY.using(domain=spec.domain_unicode)
        yield PlannedRecord(name, "TXT", ttl, (_NO_KEY,), Family.DKIM, why, spec.at("mail_host"))


def report_authorisations(spec: MailSpec, ttl: int) -> Iterator[PlannedRecord]:
    """RFC 9990 §3: the spec's domain says that it wants the parked domains' reports."""
    destination = _reports_go_to(spec)
    places = [(domain, f"parked[{index}]") for index, domain in enumerate(spec.parked)]
    places += [(alias.domain, f"alias_domains[{n}]") for n, alias in enumerate(spec.alias_domains)]
    for domain, path in places:
        if destination is None or is_below(domain, spec.domain):
            continue  # nobody to ask, or the same organisation
        name = absolute(f"{domain}._report._dmarc", destination)
        why = Text(
            "lets reports about {parked} come here", "允许 {parked} 的报告发到这里", {"parked": domain}
        )
        position = spec.at(path)
        yield PlannedRecord(name, "TXT", ttl, ("v=DMARC1",), Family.REPORT, why, position)
    for index, domain in enumerate(spec.extra.reports_from):
        name = absolute(f"{domain}._report._dmarc", spec.domain)
        why = Text(
            "lets reports about {domain} come here", "允许 {domain} 的报告发到这里", {"domain": domain}
        )
        position = spec.at(f"reports_from[{index}]")
        yield PlannedRecord(name, "TXT", ttl, ("v=DMARC1",), Family.REPORT, why, position)


def _reports_go_to(spec: MailSpec) -> str | None:
    """The contact's domain where this spec can say there that it wants the reports."""
    domain = spec.contact.rpartition("@")[2].lower()
    return domain if is_below(domain, spec.domain) and domain not in spec.parked else None


def _records(spec: MailSpec, domain: str, index: int, ttl: int) -> Iterator[PlannedRecord]:
    why, position = _WHY.using(domain=domain), spec.at(f"parked[{index}]")
    apex = absolute(domain)
    reports = f"; rua={mailto(spec.contact)}" if _reports_go_to(spec) else ""
    rows = (
        ("*._domainkey." + apex, _NO_KEY, Family.DKIM),
        ("_dmarc." + apex, f"v=DMARC1; p=reject{reports}", Family.DMARC),
        (apex, "v=spf1 -all", Family.SPF),
    )
    for name, value, family in rows:
        yield PlannedRecord(name, "TXT", ttl, (value,), family, why, position)
    yield PlannedRecord(apex, "MX", ttl, ("0 .",), Family.MX, why, position)
