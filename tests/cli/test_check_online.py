"""``check --online`` as a process against a living nameserver; without the flag nothing is asked."""

from __future__ import annotations

import json
from pathlib import Path

from mailwright.sandbox.nameserver import running
from tests.cli.test_commands import mailwright
from tests.servers.fixtures import started


def spec(folder: Path, include: str) -> Path:
    path = folder / "acme.yaml"
    path.write_text(
        "version: 1\ndomain: acme-trade.com\ntimezone: Asia/Shanghai\n"
        'mail_host: {service: self-hosted, mx: ["10 mail.acme-trade.com"], ip4: [203.0.113.10]}\n'
        "dns_hosts: [{service: manual, console: aliyun}]\ncontact: wang@acme-trade.com\n"
        f"spf: {{include: [{include}]}}\n"
    )
    return path


def test_the_budget_is_read_from_living_records_and_shown_as_a_tree(tmp_path: Path) -> None:
    server = started("embedded")
    zone = server.new_zone("mail 300 A 203.0.113.9\n")
    name = zone.rstrip(".")
    server.put(zone, f'spf 300 TXT "v=spf1 a:mail.{name} include:two.{name} -all"')
    server.put(zone, 'two 300 TXT "v=spf1 ip4:203.0.113.64/28 -all"')
    path = spec(tmp_path, f"spf.{name}")
    resolver = f"127.0.0.1:{server.port}"
    done = mailwright("check", str(path), "--online", "--resolver", resolver, "--lang", "en")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SPF of acme-trade.com: 4 of 10 look-ups" in done.stdout and f"include:two.{name}" in done.stdout

    whole = mailwright(
        "check", str(path), "--online", "--resolver", resolver, "--lang", "en", "--format", "json"
    )
    (told,) = [load["message"] for load in json.loads(whole.stdout) if load["rule"] == "spf-costs"]
    assert (
        f"costs 4 of 10 look-ups: mx 1, include:spf.{name} 3 (a:mail.{name} 1, include:two.{name} 1)." in told
    )

    broken = spec(tmp_path, f"nowhere.{name}")
    listed = mailwright("check", str(broken), "--online", "--resolver", resolver, "--format", "json")
    assert listed.returncode == 1
    assert "spf-target-broken" in {load["rule"] for load in json.loads(listed.stdout)}
    assert mailwright("check", str(broken)).returncode == 0


def test_reports_about_certificates_need_somebody_who_reads_them(tmp_path: Path) -> None:
    zone = '@ 300 CAA 0 iodef "mailto:{}@acme-trade.com"\nmail 300 A 8.8.8.8\n'
    people = "people: {wang: {}}\n"
    path = tmp_path / "acme.yaml"
    path.write_text(spec(tmp_path, "spf.example.net").read_text().replace("spf: ", "#") + people)
    said = {}
    for local in ("wang", "security"):
        with running({"acme-trade.com.": zone.format(local)}) as server:
            resolver = f"127.0.0.1:{server.port}"
            done = mailwright("check", str(path), "--online", "--resolver", resolver, "--format", "json")
        said[local] = {load["rule"]: load["message"] for load in json.loads(done.stdout)}
    assert "report-mailbox-missing" not in said["wang"]
    assert "security@acme-trade.com" in said["security"]["report-mailbox-missing"]


def test_a_resolver_that_is_no_address_is_wrong_usage(tmp_path: Path) -> None:
    path = spec(tmp_path, "spf.example.net")
    done = mailwright("check", str(path), "--online", "--resolver", "dns.example")
    assert done.returncode == 64 and "ADDRESS" in done.stderr


def test_a_resolver_that_does_not_answer_is_said_and_nothing_is_claimed(tmp_path: Path) -> None:
    from tests.servers.base import free_port

    path = spec(tmp_path, "spf.example.net")
    done = mailwright(
        "check",
        str(path),
        "--online",
        "--resolver",
        f"127.0.0.1:{free_port()}",
        "--deadline",
        "3s",
        "--format",
        "json",
    )
    rules = {load["rule"] for load in json.loads(done.stdout)}
    assert "spf-lookup-unanswered" in rules and "spf-target-broken" not in rules
