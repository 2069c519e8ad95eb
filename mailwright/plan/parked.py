"""Parked domains: names that never mail say so, so that nobody else can mail in their name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from mailwright.model.families import Family
from mailwright.model.names import absolute
from mailwright.model.plan import Plan
from mailwright.model.records import PlannedRecord
from mailwright.model.text import Text
from mailwright.spec.model import MailSpec

_WHY = Text("{domain} is parked: it neither receives nor sends mail", "{domain} 为停放域名：不收信也不发信")


def plans(spec: MailSpec, today: dt.date, ttl: int) -> tuple[Plan, ...]:
    """One plan a parked domain: null MX (RFC 7505), ``-all``, ``p=reject``, revoked keys (RFC 6376)."""
    return tuple(
        Plan(domain, today, tuple(_records(spec, domain, index, ttl)), (), spec.allow)
        for index, domain in enumerate(spec.parked)
    )


def report_authorisations(spec: MailSpec, ttl: int) -> Iterator[PlannedRecord]:
    """RFC 9990 §3: the spec's domain says that it wants the parked domains' reports."""
    for index, domain in enumerate(spec.parked):
        name = absolute(f"{domain}._report._dmarc", spec.domain)
        why = Text(
            "lets reports about {parked} come here", "允许 {parked} 的报告发到这里", {"parked": domain}
        )
        position = spec.at(f"parked[{index}]")
        yield PlannedRecord(name, "TXT", ttl, ("v=DMARC1",), Family.REPORT, why, position)


def _records(spec: MailSpec, domain: str, index: int, ttl: int) -> Iterator[PlannedRecord]:
    why, position = _WHY.using(domain=domain), spec.at(f"parked[{index}]")
    apex = absolute(domain)
    inside = spec.contact.lower().endswith("@" + spec.domain)
    reports = f"; rua=mailto:{spec.contact}" if inside else ""
    rows = (
        ("*._domainkey." + apex, "v=DKIM1; p=", Family.DKIM),
        ("_dmarc." + apex, f"v=DMARC1; p=reject{reports}", Family.DMARC),
        (apex, "v=spf1 -all", Family.SPF),
    )
    for name, value, family in rows:
        yield PlannedRecord(name, "TXT", ttl, (value,), family, why, position)
    yield PlannedRecord(apex, "MX", ttl, ("0 .",), Family.MX, why, position)
