"""Mail hosts that the catalog does not know: written and imported as such, and nothing guessed of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import mailwright

OTHER = '{service: other, mx: ["5 mx1.mailhouse.example"], spf_include: spf.mailhouse.example}'


def spec(folder: Path, host: str = OTHER, more: str = "") -> Path:
    path = folder / "acme.yaml"
    path.write_text(
        f"version: 1\ndomain: acme-trade.com\ntimezone: Asia/Shanghai\nmail_host: {host}\n"
        f"dns_hosts: [{{service: manual, console: aliyun}}]\ncontact: wang@acme-trade.com\n{more}",
        encoding="utf-8",
    )
    return path


def rules(path: Path) -> dict[str, str]:
    body = json.loads(mailwright("check", str(path), "--format", "json").stdout)
    return {finding["rule"]: finding["severity"] for finding in body}


def imported(folder: Path, *lines: str) -> str:
    file = folder / "acme.zone"
    file.write_text("$ORIGIN acme-trade.com.\n" + "\n".join(lines) + "\n", encoding="utf-8")
    run = mailwright("import", "acme-trade.com", "--zone-file", str(file), "--lang", "en")
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_host_outside_the_domain_is_never_taken_for_a_server_of_ones_own(tmp_path: Path) -> None:
    text = imported(
        tmp_path,
        "@ 600 MX 10 mx2.mailhouse.example.",
        "@ 600 MX 5 mx1.mailhouse.example.",
        '@ 600 TXT "v=spf1 include:spf.mailhouse.example -all"',
    )
    host = '{service: other, mx: ["5 mx1.mailhouse.example", "10 mx2.mailhouse.example"]}'
    assert f"mail_host: {host}" in text
    assert "the catalog does not know who runs these exchangers" in text
    assert "include: [spf.mailhouse.example]" in text
    draft = tmp_path / "draft.yaml"
    draft.write_text(text, encoding="utf-8")
    assert mailwright("check", str(draft)).returncode == 0


def test_a_server_with_a_name_of_the_domain_is_ones_own_also_with_a_second_elsewhere(tmp_path: Path) -> None:
    text = imported(
        tmp_path,
        "@ 600 MX 5 mail.acme-trade.com.",
        "@ 600 MX 10 backup.mailhouse.example.",
        "mail 600 A 203.0.113.9",
        '@ 600 TXT "v=spf1 mx -all"',
    )
    assert "mail_host: {service: self-hosted" in text


@pytest.mark.parametrize(
    ("exchanger", "service"),
    [
        ("mxw.263.net.", "mail-263"),
        ("mx.global-mail.cn.", "xinnet-global-mail"),
        ("mx1.icoremail.net.", "coremail-hosted"),
    ],
)
def test_chinese_hosts_of_the_catalog_are_themselves(exchanger: str, service: str, tmp_path: Path) -> None:
    text = imported(tmp_path, f"@ 600 MX 5 {exchanger}", '@ 600 TXT "v=spf1 ip4:203.0.113.9 -all"')
    assert f"mail_host: {{service: {service}" in text


def test_nothing_is_claimed_of_it(tmp_path: Path) -> None:
    people = "people: {wang: {name: 老王}, li: {name: 小李}}\naddresses: {sales: {to: [wang, li]}}\n"
    path = spec(tmp_path, more=people + "expect: [{mail_to: sales, reaches: [wang, li]}]\n")
    found = rules(path)
    assert {found[r] for r in ("mail-host-not-known", "spf-cost-unknown")} == {"info"}
    assert found["expectation-not-known"] == "warning" and "error" not in found.values()
    assert (
        "not known" in mailwright("trace", str(path), "--to", "sales@acme-trade.com", "--lang", "en").stdout
    )
    cost = mailwright("plan", str(path), "--format", "zone").stdout
    assert "MX 5 mx1.mailhouse.example." in cost.replace("\t", " ")


def test_what_it_must_not_lack_is_an_error(tmp_path: Path) -> None:
    bare = '{service: other, mx: ["5 mx1.mailhouse.example"]}'
    assert rules(spec(tmp_path, bare))["mail-host-without-spf"] == "error"
    assert "mail-host-without-spf" not in rules(spec(tmp_path, bare, "spf: {ip4: [203.0.113.9]}\n"))
    assert rules(spec(tmp_path, "{service: other}"))["key-missing"] == "error"


def test_a_host_of_the_catalog_is_named(tmp_path: Path) -> None:
    host = '{service: other, mx: ["5 mxbiz1.qq.com"], spf_include: spf.mail.qq.com}'
    run = mailwright("check", str(spec(tmp_path, host)), "--lang", "zh")
    assert "mail-host-in-catalog" in run.stdout and "tencent-exmail" in run.stdout
