"""Specs written as people write them, and their plans in a form that reads like a zone."""

from __future__ import annotations

import datetime as dt

from mailwright.model.finding import Finding
from mailwright.model.plan import Plan
from mailwright.model.rules import Severity
from mailwright.plan.plan import plan, plans
from mailwright.spec import MailSpec, parse

DAY = dt.date(2026, 11, 23)
HEAD = """\
version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
dns_hosts: [{service: manual, console: aliyun}]
"""
CONTACT = "contact: wang@acme-trade.com\n"
EXMAIL = "mail_host: {service: tencent-exmail}\n"

#: 2048 and 1024 bits, made for these tests; the private halves were thrown away.
RSA_2048 = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAoiVKBsunxwyOyWohGNClERGoPrOe/6/Q/En1Gmbqqiatozb5jg7b"
    "7agMTAR2AFCWY1b6m28KehWo6hX9OZCKncK6SVMPSdF+2ILDOyJPwHw16LyjEQDd8dF/CtdmllPSePi3c0cec5COv7RxM6AQ"
    "36SPgizovyc1wGVsfD43y5sg42lnefq13Etgozd8kSlIqgVzxqEsjDzCigm7lfrlGZQKjwaYi6jfhNAr1FLYiHNBqB3M4dRd"
    "swSDmWQyQVxdzXu7MTqQcrw2rcGlT0Xa4/as7fR2cB20oJpjaL+k+Yn49lKqeazZeFJ3l/yKMGlTqH8v9p2HR8Zr0YYnrVyG"
    "DwIDAQAB"
)
RSA_1024 = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDm6hAmXx7To8lmqjTrWg/aFV7E74XoGoorp3uJaKREIXTRTQ6ZRAyz3uxv"
    "/FueHVDE196uVRumFnEuT4UQ7wE2f2PMu1PH+HZlf5rJKxWM3e5O19ISy1CmEFsaL0gcJfM0Gd1W2GsekjTLdgB2CAbvKLR4"
    "6yLWZTpQptyP0J/laQIDAQAB"
)
ED25519 = "iSspX6Cd3/sUqhJ4uN7FE2zJIt5eHwIxACLvm6bjNik="


def spec_of(text: str, *, head: str = HEAD) -> MailSpec:
    result = parse((head + text).encode(), "acme.yaml")
    assert result.spec is not None, [finding.message() for finding in result.findings]
    return result.spec


def planned(text: str, *, contact: str = CONTACT) -> Plan:
    return plan(spec_of(text + contact), DAY)


def all_planned(text: str, *, contact: str = CONTACT) -> tuple[Plan, ...]:
    return plans(spec_of(text + contact), DAY)


def zone(made: Plan) -> set[tuple[str, str, str]]:
    """(owner name, type, value) of everything planned."""
    return {(record.name, record.type, value) for record in made.records for value in record.values}


def rules(made: Plan, *severities: Severity) -> list[str]:
    """The rule ids found, those that are only information left out unless asked for."""
    wanted = severities or (Severity.ERROR, Severity.WARNING)
    return [finding.rule for finding in made.findings if finding.severity in wanted]


def one(made: Plan, rule: str) -> Finding:
    """The one finding of a rule."""
    (only,) = [finding for finding in made.findings if finding.rule == rule]
    return only
