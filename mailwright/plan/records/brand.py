"""The logo beside a company's mail: BIMI (draft-ietf-bimi-guidelines). On request only."""

from __future__ import annotations

from dataclasses import replace

from mailwright.model.families import Family
from mailwright.model.finding import Finding
from mailwright.model.records import PlannedRecord
from mailwright.model.text import Text
from mailwright.spec.model import MailSpec
from mailwright.standards import bimi
from mailwright.standards import dmarc as dmarc_records

_WHY = Text("receivers may show this logo beside mail of {domain}", "收件方可在 {domain} 的邮件旁显示此徽标")


def brand(spec: MailSpec, dmarc: list[PlannedRecord], ttl: int) -> tuple[list[PlannedRecord], list[Finding]]:
    """The BIMI record, and whether the planned DMARC record lets the logo be shown."""
    written, position = spec.extra.bimi, spec.at("bimi")
    if written is None:
        return [], []
    text = str(bimi.BimiRecord(written.logo, written.certificate))
    name = bimi.owner_name(spec.domain, written.selector)
    why = _WHY.using(domain=spec.domain_unicode)
    record = PlannedRecord(name, "TXT", ttl, (text,), Family.BIMI, why, position)
    policy = dmarc_records.only_record(dmarc[0].values) if dmarc else None
    findings = bimi.lint(text, spec.domain, policy, name.rstrip("."))
    return [record], [replace(finding, path="bimi", position=position) for finding in findings]
