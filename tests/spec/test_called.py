"""Services by the names that people give them: the error says what a spec calls them."""

from __future__ import annotations

import pytest

from mailwright.hosts.dns.services import SERVICES
from mailwright.spec import parse
from tests.spec.test_spec import SIX


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("阿里云", "service: aliyun"),
        ("阿里云解析", "service: aliyun"),
        ("Alibaba Cloud", "service: aliyun"),
        ("腾讯云", "service: dnspod"),
        ("DNSPod", "service: dnspod"),
        ("GoDaddy", "service: godaddy"),
        ("Amazon Route 53", "service: route53"),
        ("Google Cloud DNS", "service: google-cloud-dns"),
    ],
)
def test_a_dns_host_is_told_by_its_consoles_name(name: str, written: str) -> None:
    assert _advice("service: manual, console: aliyun", f"service: {name}") == f"Write {written}."


@pytest.mark.parametrize(("name", "id"), [("华为云", "huawei"), ("Azure DNS", "azure-dns")])
def test_a_console_without_a_way_is_entered_by_hand(name: str, id: str) -> None:
    """Once there is a way to it, that is what to write."""
    written = f"service: {id}" if id in SERVICES else f"service: manual, console: {id}"
    assert _advice("service: manual, console: aliyun", f"service: {name}") == f"Write {written}."


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("腾讯企业邮", "tencent-exmail"),
        ("企业微信", "tencent-exmail"),
        ("阿里邮箱", "alibaba-mail"),
        ("Zoho", "zoho-mail"),
    ],
)
def test_a_mail_host_is_told_by_its_name(name: str, id: str) -> None:
    assert _advice("service: tencent-exmail", f"service: {name}") == f"Write service: {id}."


def test_a_slip_and_what_nobody_is_called_are_told_as_ever() -> None:
    manual = "service: manual, console: aliyun"
    assert _advice(manual, "service: rfc2163").startswith("Did you mean rfc2136?")
    assert _advice(manual, "service: x").startswith("Known: ")
    assert _advice(manual, "service: 云").startswith("Known: "), "a part of many names"


def _advice(old: str, new: str) -> str:
    assert old in SIX
    findings = parse(SIX.replace(old, new).encode(), "t.yaml").findings
    (only,) = [finding for finding in findings if finding.rule in ("value-not-allowed", "unknown-service")]
    return only.hint("en")
