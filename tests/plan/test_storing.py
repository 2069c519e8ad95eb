"""What a DNS host cannot store is an error before anything is written."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from mailwright.hosts.dns.services import SERVICES, manual
from mailwright.model.plan import Plan
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


def _plans(service: str, *, preference: int = 10, ttl: int = 3600, more: str = "") -> tuple[Plan, ...]:
    text = SPEC.format(service=service, preference=preference, ttl=ttl, more=more)
    spec = parse(text.encode(), "t.yaml").spec
    assert spec, text
    return plans(spec, dt.date(2026, 11, 23))


def _said(
    service: str,
    *,
    preference: int = 10,
    ttl: int = 3600,
    more: str = "",
    rule: str = "host-cannot-store",
) -> list[str]:
    made = _plans(service, preference=preference, ttl=ttl, more=more)
    return [finding.message("en") for plan in made for finding in plan.findings if finding.rule == rule]


@pytest.mark.parametrize(
    ("service", "preference", "reason"),
    [("aliyun", 51, "MX preference from 1 to 50"), ("dnspod", 21, "MX preference from 1 to 20")],
)
def test_a_value_that_a_host_refuses(service: str, preference: int, reason: str) -> None:
    assert any(reason in each for each in _said(service, preference=preference))
    assert not _said(service, preference=20)
    assert not _said("manual", preference=preference), "a person enters what is possible"


def test_a_parked_domain_is_stored_at_the_same_hosts() -> None:
    (said,) = _said(
        "aliyun", more="}]\nparked: [acmetrade.net]\nsenders: [{custom: x, ip4: [203.0.113.1], from: info"
    )
    assert "acmetrade.net MX" in said
    assert not _said(
        "route53", more="}]\nparked: [acmetrade.net]\nsenders: [{custom: x, ip4: [203.0.113.1], from: info"
    )


def test_a_ttl_is_the_least_that_every_host_takes_and_one_note_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not _said("godaddy", ttl=600, rule="ttl-fitted")
    (said,) = _said("godaddy", ttl=300, rule="ttl-fitted")
    assert said.startswith("godaddy does not take a TTL of 300 seconds: 600 is planned")
    assert {record.ttl for record in _plans("godaddy", ttl=300)[0].records} == {600}
    assert {record.ttl for record in _plans("manual", ttl=300)[0].records} == {300}
    stepped = replace(manual.SERVICE, stores=replace(manual.SERVICE.stores, ttls=(120, 900, 86_400)))
    monkeypatch.setitem(SERVICES, "manual", stepped)
    both = _plans("godaddy", ttl=300, more="}, {service: manual")
    assert {record.ttl for record in both[0].records} == {900}
    assert {record.ttl for record in _plans("manual", ttl=100_000)[0].records} == {86_400}


def test_two_entries_that_lead_to_one_place_are_told_with_their_lines() -> None:
    hosts = [
        "{service: manual, console: aliyun}, {service: manual, console: godaddy}",
        "{service: aliyun}, {service: aliyun}",
        "{service: rfc2136, server: 192.0.2.1}, {service: rfc2136, server: 192.0.2.1, port: 53}",
    ]
    for host in hosts:
        text = SPEC.format(service="manual", preference=10, ttl=3600, more="").replace(
            "{service: manual}", host
        )
        (finding,) = parse(text.encode(), "t.yaml").findings
        assert (finding.rule, finding.path) == ("dns-host-twice", "dns_hosts[1]")
        assert finding.position and finding.position.line == 5 and "in line 5" in finding.message("en")
    fine = "{service: rfc2136, server: 192.0.2.1}, {service: rfc2136, server: 192.0.2.2}, {service: manual}"
    text = SPEC.format(service="manual", preference=10, ttl=3600, more="").replace("{service: manual}", fine)
    assert not parse(text.encode(), "t.yaml").findings


@pytest.mark.parametrize("zone", ["com.cn", "COM.CN.", "cn", "gd.cn", "co.uk"])
def test_a_registrys_zone_is_nobodys(zone: str) -> None:
    text = SPEC.format(service="manual", preference=10, ttl=3600, more="").replace(
        "{service: manual}", f"{{service: manual}}, {{service: aliyun, zone: {zone}}}"
    )
    findings = parse(text.encode(), "t.yaml").findings
    assert ("registry-zone", "dns_hosts[1].zone") in [(finding.rule, finding.path) for finding in findings]


def test_a_type_that_a_host_does_not_take(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = replace(manual.SERVICE, stores=replace(manual.SERVICE.stores, types=("TXT",)))
    monkeypatch.setitem(SERVICES, "manual", narrow)
    assert [each for each in _said("manual") if "acme-trade.com MX" in each]


def test_a_ttl_that_is_too_long_for_a_host_is_planned_as_its_longest() -> None:
    (said,) = _said("desec", ttl=604_800, rule="ttl-fitted")
    assert said.startswith("desec does not take a TTL of 604800 seconds: 86400 is planned")
    assert {record.ttl for record in _plans("desec", ttl=604_800)[0].records} == {86_400}
    assert not _said("desec", ttl=86_400, rule="ttl-fitted")


@pytest.mark.parametrize(
    ("service", "type", "value", "reason"),
    [
        ("huawei", "MX", "0 .", "no null MX"),
        ("huawei", "TXT", "老王", "printable ASCII"),
        ("huawei", "TXT", "a\tb", "printable ASCII"),
        ("huawei", "TXT", 'say "yes"', 'no TXT with "'),
        ("digitalocean", "TXT", "a\\b", "no TXT with \\"),
        ("digitalocean", "TXT", "k" * 505, "504 characters"),
        ("azure-dns", "TXT", "", "no empty TXT"),
    ],
)
def test_what_declared_hosts_cannot_hold(service: str, type: str, value: str, reason: str) -> None:
    limits = SERVICES[service].stores.limits
    refusal = limits.refusal(type, value)
    assert refusal and reason in refusal("en") and refusal("zh") != refusal("en")
    assert limits.refusal("TXT", "v=spf1 -all") is None and limits.refusal("MX", "10 mx.example.") is None
