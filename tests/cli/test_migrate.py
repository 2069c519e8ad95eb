"""A company moves from 网易 to 腾讯 on a living nameserver: stage by stage, by the commands a person runs."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailwright.cli import main
from tests.deploy.worlds import FOREIGN, FOREIGN_TXT
from tests.servers.base import FULL, DnsServer
from tests.servers.embedded import Embedded
from tests.servers.fixtures import started

HZ = {"5 hzmx01.mxmail.netease.com.", "10 hzmx02.mxmail.netease.com."}
EXMAIL = {"5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."}
LIVING = """\
@ 7200 MX 5 hzmx01.mxmail.netease.com.
@ 7200 MX 10 hzmx02.mxmail.netease.com.
@ 300 TXT "v=spf1 include:spf.163.com -all"
old._domainkey 3600 TXT "v=DKIM1; k=rsa; p={key}"
"""
SPEC = """\
version: 1
domain: {domain}
timezone: Asia/Shanghai
mail_host:
  service: tencent-exmail
  dkim: [{{name: new._domainkey, value: "v=DKIM1; k=rsa; p={key}"}}]
moving_from:
  service: netease-qiye
  site: hz
  contract_until: 2027-03-31
  stage: {stage}
  dkim: [{{name: old._domainkey, value: "v=DKIM1; k=rsa; p={key}"}}]
  addresses: {{seen: 2026-12-01, ip4: [203.0.113.0/24]}}
  confirmed: {{{confirmed}}}
dns_hosts: [{{service: rfc2136, server: 127.0.0.1, port: {port}, key_name: {tsig}}}]
contact: wang@{domain}
"""


@pytest.fixture(scope="module")
def key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    public = rsa.generate_private_key(65537, 2048).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(public.public_bytes(serialization.Encoding.DER, form)).decode()


@pytest.fixture(scope="module")
def vendors() -> Iterator[Embedded]:
    """What the world's resolvers answer for the old host's include."""
    server = Embedded(1)
    server.zones = ["spf.163.com."]
    server.start()
    server.put("spf.163.com.", '@ 300 TXT "v=spf1 ip4:203.0.113.0/25 ip4:203.0.113.128/25 -all"')
    yield server
    server.dispose()


class Company:
    """A living domain, its spec, and somebody at the command line."""

    def __init__(self, folder: Path, server: DnsServer, vendors: DnsServer, key: str) -> None:
        first, second = key[:200], key[200:]
        self.zone = server.new_zone(FOREIGN + LIVING.format(key=f'{first}" "{second}'))
        self.server, self.vendors, self.key = server, vendors, key
        self.path, self.domain = folder / "hengda.yaml", self.zone.rstrip(".")

    def write(self, stage: str, *confirmed: str) -> None:
        days = ", ".join(f"{each}: 2026-12-01" for each in confirmed)
        self.path.write_text(
            SPEC.format(
                domain=self.domain,
                stage=stage,
                key=self.key,
                confirmed=days,
                port=self.server.port,
                tsig=FULL.name,
            )
        )

    def run(self, command: str, day: str, *words: str) -> int:
        asked = (
            f"--nameserver=ns=127.0.0.1:{self.server.port}",
            f"--resolver=world=127.0.0.1:{self.vendors.port}",
        )
        ways = asked if command in ("migrate", "drift") else ("--engine", "embedded")
        return main([command, str(self.path), *ways, "--as-of", day, "--lang", "en", *words])

    def up(self, day: str) -> None:
        assert self.run("up", day) == 0
        exchangers = self.server.texts(self.zone, "MX")
        assert exchangers in (HZ, EXMAIL), "one mail host takes the mail at any time"
        texts = self.server.texts(self.zone, "TXT")
        assert sum("v=spf1" in text for text in texts) == 1
        assert texts >= FOREIGN_TXT

    @property
    def spf(self) -> str:
        (record,) = (text for text in self.server.texts(self.zone, "TXT") if "v=spf1" in text)
        return record


@pytest.fixture(params=["embedded", pytest.param("knot", marks=pytest.mark.knot)])
def company(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    vendors: Embedded,
    key: str,
) -> Company:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    return Company(tmp_path, started(request.param), vendors, key)


def conditions(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    (made,) = json.loads(capsys.readouterr().out)
    return {each["key"]: each["state"] for each in made["conditions"]}


def test_from_one_mail_host_to_another(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    company.write("prepare")
    assert company.run("migrate", "2026-12-01") == 2
    assert "run `mailwright up`" in capsys.readouterr().out
    company.up("2026-12-01")
    assert company.server.texts(company.zone, "MX") == HZ
    assert "ip4:203.0.113.0/24" in company.spf and "include:spf.mail.qq.com" in company.spf
    assert company.server.ttl(company.zone, "MX") == 300

    capsys.readouterr()
    assert company.run("migrate", "2026-12-02", "--format", "json") == 2
    first = conditions(capsys)
    assert first["served"] == "done" and first["waited"] == "waiting", "resolvers may hold the old SPF"
    assert first["both_hold"] == first["addresses"] == first["signing"] == "open"
    company.write("prepare", "both_hold", "addresses", "signing")
    assert company.run("migrate", "2026-12-02") == 2
    assert "only time is missing" in capsys.readouterr().out
    assert company.run("migrate", "2026-12-04") == 0
    assert "write moving_from: {stage: switch}" in capsys.readouterr().out

    company.write("switch", "both_hold", "addresses", "signing")
    company.up("2026-12-04")
    assert company.server.texts(company.zone, "MX") == EXMAIL
    assert "ip4:203.0.113.0/24" in company.spf, "whoever still writes at the old host passes"
    assert company.server.texts(f"old._domainkey.{company.zone}", "TXT")

    company.write("clients", "both_hold", "addresses", "signing", "copied")
    company.up("2026-12-06")
    company.write("withdraw", "both_hold", "addresses", "signing", "copied", "silent")
    assert company.run("up", "2026-12-07") != 0, "its last mail may still be in a queue"
    assert company.server.texts(f"old._domainkey.{company.zone}", "TXT")
    company.up("2026-12-09")
    company.up("2026-12-12")
    assert company.server.texts(f"old._domainkey.{company.zone}", "TXT"), "mail may still be in queues"
    company.up("2026-12-17")
    assert company.spf.strip('"') == "v=spf1 include:spf.mail.qq.com ~all"
    assert not company.server.texts(f"old._domainkey.{company.zone}", "TXT")
    assert company.server.ttl(company.zone, "MX") == 3600


def test_going_back_is_a_step_like_any_other(company: Company) -> None:
    company.write("prepare", "both_hold", "addresses", "signing")
    company.up("2026-12-01")
    company.write("switch", "both_hold", "addresses", "signing")
    company.up("2026-12-04")
    company.write("prepare", "both_hold", "addresses", "signing")
    company.up("2026-12-05")
    assert company.server.texts(company.zone, "MX") == HZ


def test_a_stage_that_was_skipped_changes_no_exchanger(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    company.write("switch", "both_hold", "addresses", "signing")
    assert company.run("up", "2026-12-01") == 3
    assert "mx-changed" in capsys.readouterr().err
    assert company.server.texts(company.zone, "MX") == HZ


def test_an_include_that_has_changed_is_told_with_its_new_addresses(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    company.write("prepare")
    company.path.write_text(company.path.read_text().replace("203.0.113.0/24", "198.51.100.0/24"))
    assert company.run("migrate", "2026-12-01") == 2
    assert "      ip4: [203.0.113.0/24]" in capsys.readouterr().out


def test_drift_fails_while_addresses_in_spf_are_not_those_of_the_include(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    company.write("prepare")
    company.up("2026-12-01")
    capsys.readouterr()

    def said() -> dict[str, object]:
        made = json.loads(capsys.readouterr().out)
        (check,) = (each for each in made["checks"] if each["rule"] == "move-addresses-changed")
        return {key: check[key] for key in ("status", "message")}

    company.run("drift", "2026-12-01", "--dns-only", "--format", "json")
    assert said()["status"] == "pass"
    company.path.write_text(company.path.read_text().replace("203.0.113.0/24", "198.51.100.0/24"))
    assert company.run("drift", "2026-12-01", "--dns-only", "--format", "json") == 2
    wrong = said()
    assert wrong["status"] == "fail" and "It adds ip4:203.0.113.0/24" in str(wrong["message"])
    words = ["drift", str(company.path), "--nameserver", f"ns=127.0.0.1:{company.server.port}", "--dns-only"]
    words += [
        "--resolver",
        "none=127.0.0.1:9",
        "--deadline",
        "5s",
        "--as-of",
        "2026-12-01",
        "--lang",
        "en",
        "--format",
        "json",
    ]
    main(words)
    assert said()["status"] == "unknown"


def test_where_nobody_moves_it_says_how_to_begin(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    company.write("prepare")
    lines = company.path.read_text().splitlines(keepends=True)
    kept = [line for n, line in enumerate(lines) if not 6 <= n <= 13]
    company.path.write_text("".join(kept))
    assert company.run("migrate", "2026-12-01") == 0
    assert "moving_from" in capsys.readouterr().err


def test_an_unreachable_server_is_not_a_step_that_is_done(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    company.write("prepare")
    words = [
        "migrate",
        str(company.path),
        "--nameserver",
        "ns=127.0.0.1:9",
        "--deadline",
        "3s",
        "--as-of",
        "2026-12-01",
    ]
    assert main([*words, "--lang", "en"]) == 1
    assert "could not be told" in capsys.readouterr().out


def test_an_alias_domain_moves_in_the_same_stages(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = company.key[:200], company.key[200:]
    other = company.server.new_zone(FOREIGN + LIVING.format(key=f'{first}" "{second}'))
    there = other.rstrip(".")
    keys = ", ".join(
        f'{{name: {name}._domainkey, value: "v=DKIM1; k=rsa; p={company.key}"}}' for name in ("old", "new")
    )

    def stage(name: str, day: str, *confirmed: str) -> None:
        company.write(name, *confirmed)
        entry = f"alias_domains: [{{domain: {there}, dkim: [{keys}]}}]\n"
        company.path.write_text(company.path.read_text() + entry)
        company.up(day)

    stage("prepare", "2026-12-01")
    assert company.server.texts(other, "MX") == HZ and company.server.ttl(other, "MX") == 300
    capsys.readouterr()
    assert company.run("migrate", "2026-12-02", "--format", "json") == 2
    told = json.loads(capsys.readouterr().out)
    assert [each["domain"] for each in told] == [company.domain, there]
    assert all({c["key"]: c["state"] for c in each["conditions"]}["served"] == "done" for each in told)

    everything = ("both_hold", "addresses", "signing")
    stage("switch", "2026-12-04", *everything)
    assert company.server.texts(other, "MX") == EXMAIL
    (record,) = (text for text in company.server.texts(other, "TXT") if "v=spf1" in text)
    assert "ip4:203.0.113.0/24" in record and "include:spf.mail.qq.com" in record
    stage("clients", "2026-12-06", *everything, "copied")
    stage("withdraw", "2026-12-09", *everything, "copied", "silent")
    company.up("2026-12-17")
    (record,) = (text for text in company.server.texts(other, "TXT") if "v=spf1" in text)
    assert record.strip('"') == "v=spf1 include:spf.mail.qq.com ~all"
    assert company.server.texts(f"old._domainkey.{other}", "TXT"), "a key goes when its line does"
