"""Subdomains that get mail by a wildcard, and a sender that brings one of them into being."""

from __future__ import annotations

from pathlib import Path

import dns.message
import dns.query
import pytest

from tests.cli.test_commands import mailwright
from tests.servers.base import ADDRESS, FULL, DnsServer
from tests.servers.fixtures import started

SPEC = """\
version: 1
domain: {domain}
timezone: Asia/Shanghai
mail_host: {{service: self-hosted, mx: ["10 mail.{domain}"]}}
dns_hosts: [{{service: rfc2136, server: 127.0.0.1, port: {port}, key_name: {key}}}]
contact: wang@{domain}
senders:
  - {{custom: shop, from: news@news.{domain}, ip4: [203.0.113.10]}}
{more}"""
KEEP = """\
as_found:
  - {name: news, type: MX, values: [10 mail.%s]}
  - {name: '*.news', type: MX, values: [10 mail.%s]}
  - {name: news, type: A, values: [192.0.2.1]}
  - {name: '*.news', type: A, values: [192.0.2.1]}
"""


def run(folder: Path, server: DnsServer, zone: str, *words: str, more: str = "") -> tuple[int, str]:
    text = SPEC.format(domain=zone.rstrip("."), port=server.port, key=FULL.name, more=more)
    (folder / "acme.yaml").write_text(text)
    secret = {"MAILWRIGHT_TSIG_SECRET": FULL.secret}
    done = mailwright(*words, "acme.yaml", "--engine", "embedded", cwd=folder, **secret)
    return done.returncode, done.stdout + done.stderr


def exchangers(server: DnsServer, name: str) -> set[str]:
    answer = dns.query.udp(dns.message.make_query(name, "MX"), ADDRESS, port=server.port, timeout=5)
    return {rdata.to_text().partition(" ")[2] for rrset in answer.answer for rdata in rrset}


def test_mail_by_a_wildcard_is_not_lost_without_a_word(tmp_path: Path) -> None:
    server = started("embedded")
    zone = server.new_zone("@ 300 MX 10 mail\n* 300 MX 10 mail\n* 300 A 192.0.2.1\nmail 300 A 192.0.2.2\n")
    names = [f"news.{zone}", f"a.news.{zone}", f"other.{zone}"]
    before = {name: exchangers(server, name) for name in names}
    assert all(before.values())
    for command in ("preview", "up"):
        code, told = run(tmp_path, server, zone, command)
        assert code == 3 and "[wildcard-mail-lost]" in told and "'*.news'" in told, told
    assert {name: exchangers(server, name) for name in names} == before

    domain = zone.rstrip(".")
    code, told = run(tmp_path, server, zone, "up", more=KEEP % (domain, domain))
    assert code == 0, told
    assert {name: exchangers(server, name) for name in names} == before
    code, told = run(tmp_path, server, zone, "preview", more=KEEP % (domain, domain))
    assert code == 0, told


@pytest.mark.parametrize("host", ["em7.shop", "em7.eu.shop", "*.shop"])
def test_a_name_in_between_takes_mail_too(host: str, tmp_path: Path) -> None:
    """Nothing is written at ``shop`` itself, but below it: it exists from then on, and so do all between."""
    server = started("embedded")
    zone = server.new_zone(
        "@ 300 MX 10 mail\n* 300 MX 10 mail\nmail 300 A 192.0.2.2\n"
        "news 300 MX 10 mail\n*.news 300 MX 10 mail\n"
    )
    domain = zone.rstrip(".")
    name = f"shop.{zone}"
    before = exchangers(server, name)
    assert before

    line = f"as_found: [{{name: '{host}', type: A, values: [192.0.2.9]}}]\n"
    code, told = run(tmp_path, server, zone, "up", more=line)
    assert code == 3 and "[wildcard-mail-lost]" in told and "name: 'shop', type: MX" in told, told
    assert exchangers(server, name) == before
    kept = f"  - {{name: shop, type: MX, values: [10 mail.{domain}]}}\n"
    kept += f"  - {{name: '*.shop', type: MX, values: [10 mail.{domain}]}}\n"
    kept += f"  - {{name: eu.shop, type: MX, values: [10 mail.{domain}]}}\n" if "eu" in host else ""
    kept += f"  - {{name: '*.eu.shop', type: MX, values: [10 mail.{domain}]}}\n" if "eu" in host else ""
    text = f"as_found:\n  - {{name: '{host}', type: A, values: [192.0.2.9]}}\n" + kept
    code, told = run(tmp_path, server, zone, "up", more=text)
    assert code == 0, told
    for one in (name, f"a.{name}", f"b.a.{name}"):
        assert exchangers(server, one) == before, one


def test_what_a_wildcard_no_longer_answers_is_said(tmp_path: Path) -> None:
    """Addresses and texts are no mail: said, and refused by nobody."""
    server = started("embedded")
    zone = server.new_zone(
        "@ 300 MX 10 mail\n* 300 A 192.0.2.1\n* 300 TXT hello\nmail 300 A 192.0.2.2\nnews 300 MX 10 mail\n"
    )
    domain = zone.rstrip(".")
    more = f"  - {{custom: crm, from: crm@crm.{domain}, ip4: [203.0.113.11]}}\n"
    more += f"as_found: [{{name: crm, type: MX, values: [10 mail.{domain}]}}]\n"
    code, told = run(tmp_path, server, zone, "preview", more=more)
    assert code == 2, told
    assert "[wildcard-record-lost]" in told and "{name: 'crm', type: A, values: ['192.0.2.1']}" in told
    assert "{name: '*.crm', type: TXT, values: ['hello']}" in told
    assert f"news.{domain} comes" not in told, "it is there already"
    assert run(tmp_path, server, zone, "up", more=more)[0] == 0
    code, told = run(tmp_path, server, zone, "preview", more=more)
    assert code == 0 and "wildcard-record-lost" not in told, told


def test_a_wildcard_that_comes_back_is_judged(tmp_path: Path) -> None:
    server = started("embedded")
    zone = server.new_zone("@ 300 MX 10 mail\n* 300 MX 10 other\n* 300 A 192.0.2.1\nmail 300 A 192.0.2.2\n")
    domain = zone.rstrip(".")
    more = f"as_found: [{{name: news, type: MX, values: [10 mail.{domain}]}}]\n"
    code, told = run(tmp_path, server, zone, "up", more=more)
    assert code == 0 and "names below" in told, told
    gone = ("no-mx-left", "spf-gone", "selector-gone", "dmarc-weakened")
    words = [word for rule in gone for word in ("--allow", rule)]
    code, told = run(tmp_path, server, zone, "destroy", *words, more=more)
    assert code == 3 and "[mx-changed]" in told and "10 other" in told, told
    assert "[found-before-removed]" in told and "destroy --as-before" in told, "what stood there before"
    words += ["--allow", "mx-changed", "--allow", "found-before-removed"]
    code, told = run(tmp_path, server, zone, "destroy", *words, more=more)
    assert code == 0 and "[wildcard-answers-again]" in told, told
    assert exchangers(server, f"news.{zone}") == {f"other.{zone}"}


WILD = """\
version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
mail_host: {service: self-hosted, mx: ["10 mail.acme-trade.com"]}
dns_hosts: [{service: manual}]
contact: wang@acme-trade.com
as_found:
  - {name: "*", type: MX, values: [10 mail.acme-trade.com]}
"""
SHOP = "senders: [{custom: shop, from: news@news.acme-trade.com, ip4: [203.0.113.10]}]\n"


def test_a_planned_wildcard_is_told_before_anything_is_served(tmp_path: Path) -> None:
    """By check, and by the review of a change, though nothing is asked of the world."""
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, text in ((before, WILD), (after, WILD + SHOP)):
        folder.mkdir()
        (folder / "acme.yaml").write_text(text)
    done = mailwright("check", "acme.yaml", cwd=after, MAILWRIGHT_LANG="en")
    assert done.returncode == 0 and "[wildcard-does-not-cover]" in done.stdout + done.stderr
    done = mailwright("plan", "acme.yaml", "--against", str(before / "acme.yaml"), cwd=after)
    assert "[wildcard-mail-lost]" in done.stdout, done.stdout + done.stderr
    kept = "  - {name: news, type: MX, values: [10 mail.acme-trade.com]}\n"
    (after / "acme.yaml").write_text(WILD + kept + SHOP)
    done = mailwright("check", "acme.yaml", cwd=after)
    assert done.returncode == 0 and "wildcard-does-not-cover" not in done.stdout + done.stderr
