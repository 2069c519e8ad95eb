"""What a DNS host cannot store is an error before anything is written."""

from __future__ import annotations

import datetime as dt

import pytest

from mailwright.hosts.dns.services import SERVICES
from mailwright.plan.plan import plans
from mailwright.spec import parse

SPEC = """\
version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
mail_host: {{service: self-hosted, mx: ["{preference} mx.acme-trade.net"]}}
dns_hosts: [{{service: {service}{more}}}]
contact: wang@acme-trade.com
ttl: {ttl}
"""


def _said(service: str, *, preference: int = 10, ttl: int = 3600, more: str = "") -> list[str]:
    text = SPEC.format(service=service, preference=preference, ttl=ttl, more=more)
    spec = parse(text.encode(), "t.yaml").spec
    assert spec, text
    made = plans(spec, dt.date(2026, 11, 23))
    found = (each for plan in made for each in plan.findings if each.rule == "host-cannot-store")
    return [each.message("en") for each in found]


@pytest.mark.parametrize(
    ("service", "preference", "ttl", "reason"),
    [
        ("aliyun", 51, 3600, "MX preference from 1 to 50"),
        ("dnspod", 21, 3600, "MX preference from 1 to 20"),
        ("godaddy", 10, 300, "TTL of at least 600 seconds"),
    ],
)
def test_a_value_or_ttl_that_a_host_refuses(service: str, preference: int, ttl: int, reason: str) -> None:
    assert any(reason in each for each in _said(service, preference=preference, ttl=ttl))
    assert not _said(service, preference=20, ttl=3600)
    assert not _said("manual", preference=preference, ttl=ttl), "a person enters what is possible"


def test_a_type_that_a_host_does_not_take(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from mailwright.hosts.dns.services import manual

    narrow = replace(manual.SERVICE, stores=replace(manual.SERVICE.stores, types=("TXT",)))
    monkeypatch.setitem(SERVICES, "manual", narrow)
    assert [each for each in _said("manual") if "acme-trade.com MX" in each]
