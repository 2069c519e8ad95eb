"""Specs of a small trading company, grown a few lines at a time."""

from __future__ import annotations

import datetime as dt

from mailwright.model.finding import Finding, has_errors
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.plan import Plan
from mailwright.plan.mailboxes.trace import Mail, Trace, trace
from mailwright.plan.plan import plan
from mailwright.spec import MailSpec, parse

DAY = dt.date(2026, 11, 23)
DOMAIN = "acme-trade.com"
HEAD = """\
version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
mail_host: {service: self-hosted, mx: ["10 mail.acme-trade.com"]}
dns_hosts: [{service: manual, console: aliyun}]
contact: wang@acme-trade.com
"""
PEOPLE = """\
people:
  wang: {name: 老王}
  li: {name: 小李}
"""
COMPANY = """\
people:
  wang: {name: 老王, title: Sales Manager, send_as: [info, sales]}
  li:   {name: 小李, away: {from: 2026-12-24, until: 2027-01-02, cover: wang}}
  zhao: {name: 小赵, left: 2026-10-31, handover: {to: li, until: 2027-04-30}}
addresses:
  info:    {to: wang}
  sales:   {to: [wang, li, zhao], owner: wang}
  support: {to: li, shared: true}
  agent:   {to: [li, agent@partner.example]}
  old:     {to: zhao}
rules:
  - {for: info, when: {subject_contains: ["product A", "产品A"]}, then: {assign_to: wang}}
  - {for: info, when: {body_contains: [quote, 报价]}, then: {tag: 高意向, copy_to: wang}}
  - {for: info, otherwise: true, then: {assign_to: li}}
"""


def said(text: str, head: str = HEAD) -> list[tuple[str, int, int]]:
    """(rule, line, column) of what the spec itself is told; lines count from the first of ``text``."""
    before = head.count("\n")
    result = parse((head + text).encode(), "acme.yaml")
    return [(e.rule, e.position.line - before, e.position.column) for e in result.findings if e.position]


def spec_of(text: str, head: str = HEAD) -> MailSpec:
    result = parse((head + text).encode(), "acme.yaml")
    assert result.spec is not None, [finding.message() for finding in result.findings]
    return result.spec


def planned(text: str, day: dt.date = DAY, head: str = HEAD) -> Plan:
    return plan(spec_of(text, head), day)


def mailboxes(text: str, day: dt.date = DAY, head: str = HEAD) -> Mailboxes:
    made = planned(text, day, head)
    assert made.mailboxes is not None
    assert not has_errors(made.findings), [finding.message() for finding in made.findings]
    return made.mailboxes


def traced(
    text: str, to: str, *, day: dt.date = DAY, subject: str = "", body: str = "", **more: object
) -> Trace:
    mail = Mail(f"{to}@{DOMAIN}", subject=subject, body=body, to=(f"{to}@{DOMAIN}",), **more)  # type: ignore[arg-type]
    return trace(mailboxes(text, day), mail)


def reached(story: Trace) -> set[str]:
    """Who gets it: local parts inside, whole addresses outside."""
    return {each.address.removesuffix("@" + DOMAIN) for each in story.reached}


def rules(findings: tuple[Finding, ...] | list[Finding]) -> set[str]:
    return {finding.rule for finding in findings}
