"""drift as CI runs it: its exit codes, the slips of pasting by name, what is foreign, what is due."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from mailwright.model.checks import Status
from mailwright.model.plan import Plan
from mailwright.operations.stack.retiring import in_file
from mailwright.operations.world.drift import drift as drifted
from mailwright.operations.world.drift import due
from mailwright.operations.world.verification import Asked
from mailwright.resolving.server import Server
from mailwright.sandbox.nameserver import running
from mailwright.verify.foreign import dangling, survey
from tests.cli.test_commands import company, mailwright
from tests.conftest import ROOT
from tests.servers.base import FULL, DnsServer, free_port
from tests.verify.test_verify import BASE, DAY, lines, plan_of, spec


def drift(path: Path, port: int, *more: str) -> subprocess.CompletedProcess[str]:
    start = [sys.executable, "-m", "mailwright", "drift", str(path), "--lang", "en", *more]
    where = ["--nameserver", f"ns1=127.0.0.1:{port}", "--as-of", DAY.isoformat()]
    return subprocess.run(
        [*start, *where],
        cwd=path.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_exit_codes_none_differs_and_could_not_tell(tmp_path: Path, server: DnsServer) -> None:
    zone = server.new_zone()
    path = spec(tmp_path, zone.rstrip("."))
    plan = plan_of(path)
    server.put(zone, lines(plan))
    server.put(zone, 's1._domainkey 300 TXT "v=DKIM1; p=abc"\nnews 300 MX 10 mx.else.example.\n')
    quiet = drift(path, server.port, "--format", "json")
    body = json.loads(quiet.stdout)
    schema = json.loads((ROOT / "schemas" / "drift.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(body)
    told = {each["rule"]: each["name"] for each in body["checks"] if each["status"] == "warn"}
    assert told == {"foreign-selector": f"s1._domainkey.{zone}", "foreign-mail-below": f"news.{zone}"}
    failed = [each for each in body["checks"] if each["status"] == "fail"]
    assert quiet.returncode == 0 and not failed, failed
    server.put(zone, '@ 300 TXT "v=spf1 -all"\n')
    second = drift(path, server.port)
    assert second.returncode == 2 and "more than planned: v=spf1 -all" in second.stdout
    assert drift(path, free_port(), "--deadline", "3s").returncode == 1


@pytest.mark.parametrize(
    ("record", "word"),
    [
        ('@ 300 TXT "\\"v=spf1 include:spf.mail.qq.com ~all\\""', "quotes"),
        ('@ 300 TXT "v=spf1 include:spf.mail.qq.com~all"', "space"),
        ('@ 300 TXT "v=spf1 include\\239\\188\\154spf.mail.qq.com ~all"', "full-width"),
        ("@ 300 MX 5 mxbiz1.qq.com.{zone}", "appended"),
        ('{zone}{zone} 300 TXT "v=spf1 include:spf.mail.qq.com ~all"', "adds the domain itself"),
    ],
)
def test_slips_of_pasting_are_named(tmp_path: Path, embedded: DnsServer, record: str, word: str) -> None:
    zone = embedded.new_zone()
    path = spec(tmp_path, zone.rstrip("."))
    embedded.put(zone, record.format(zone=zone))
    done = drift(path, embedded.port)
    assert done.returncode == 2 and word in done.stdout, done.stdout


def test_a_wrong_exchanger_beside_a_right_one_is_no_slip(tmp_path: Path, embedded: DnsServer) -> None:
    zone = embedded.new_zone()
    path = spec(tmp_path, zone.rstrip("."))
    embedded.put(zone, "@ 300 MX 10 mxbiz2.qq.com.\n@ 300 MX 1 mx.typo.example.")
    done = drift(path, embedded.port)
    assert done.returncode == 2 and "mx.typo.example." in done.stdout
    assert "appended" not in done.stdout, done.stdout


def test_a_target_that_does_not_exist_is_told_and_a_closed_network_is_not_blamed(tmp_path: Path) -> None:
    plan = plan_of(spec(tmp_path, "acme.example"))
    zones = {"com.": "@ 300 IN SOA a b 1 3600 900 604800 60\nmxbiz1.qq 300 A 192.0.2.1\n"}
    with running(zones) as world, running(["other.example."]) as closed:
        seen = []
        for server in (world, closed):
            resolver = Server("r", "127.0.0.1", server.port, authoritative=False)
            checks = asyncio.run(dangling(plan, [resolver]))
            seen.append({check.expected[0]: check.status for check in checks})
    assert seen[0] == {"mxbiz2.qq.com.": Status.FAIL}
    assert seen[1] == dict.fromkeys(("mxbiz1.qq.com.", "mxbiz2.qq.com."), Status.NOT_CHECKABLE)


def foreign(plan: Plan, *ports: int, resolver: int | None = None) -> set[str]:
    """Rule and name of each thing that nobody planned, the zone's own name left out."""
    servers = [Server(f"ns{number}", "127.0.0.1", port) for number, port in enumerate(ports)]
    # Nobody listens where no resolver is given: a test asks nobody outside.
    others = [Server("r", "127.0.0.1", resolver or free_port(), authoritative=False)]
    checks = asyncio.run(survey(plan, servers, others))
    assert all(check.status is Status.WARN for check in checks), checks
    return {f"{check.rule} {check.name.removesuffix(plan.domain + '.')}{check.type}" for check in checks}


@pytest.mark.parametrize(
    ("records", "told"),
    [
        ("* 300 CNAME www.else.example.", set()),
        ("* 300 A 192.0.2.1", set()),
        ('* 300 TXT "v=spf1 -all"', set()),
        ('*._domainkey 300 TXT "v=DKIM1; p="', set()),
        ('s1._domainkey 300 TXT "v=DKIM1; p="', set()),
        ('_mta-sts 300 TXT "v=STSv1; id=1"', {"foreign-mta-sts _mta-sts.TXT"}),
        ('_mta-sts 300 TXT "a note"', set()),
        ("* 300 MX 10 mx.else.example.", {"foreign-mail-below *.MX"}),
        ('*._domainkey 300 TXT "v=DKIM1; p=abc"', {"foreign-selector *._domainkey.TXT"}),
        (
            '*._domainkey 300 TXT "v=DKIM1; p="\ns1._domainkey 300 TXT "v=DKIM1; p=abc"',
            {"foreign-selector s1._domainkey.TXT"},
        ),
    ],
)
def test_a_wildcard_is_told_once_and_a_key_only_where_there_is_one(
    tmp_path: Path, embedded: DnsServer, records: str, told: set[str]
) -> None:
    zone = embedded.new_zone(records)
    assert foreign(plan_of(spec(tmp_path, zone.rstrip("."))), embedded.port) == told


@pytest.mark.parametrize(
    ("records", "told"),
    [
        ("", {"sender-domain-takes-no-mail news.MX"}),
        (
            '* 300 MX 10 mx.else.example.\nnews 300 TXT "x"',
            {"sender-domain-takes-no-mail news.MX", "foreign-mail-below *.MX"},
        ),
        ("news 300 A 192.0.2.1", set()),
        ("news 300 CNAME www.else.example.", set()),
    ],
)
def test_a_name_that_is_written_as_and_takes_no_mail(
    tmp_path: Path, embedded: DnsServer, records: str, told: set[str]
) -> None:
    zone = embedded.new_zone(records)
    path = spec(tmp_path, zone.rstrip("."))
    sender = f"senders: [{{custom: shop, from: news@news.{zone.rstrip('.')}, ip4: [203.0.113.10]}}]\n"
    path.write_text(path.read_text() + sender)
    assert foreign(plan_of(path), embedded.port) == told


def test_a_delegation_and_an_exchanger_below_are_seen_at_every_server(
    tmp_path: Path, server: DnsServer
) -> None:
    zone = server.new_zone("news 300 NS ns.else.example.\nwww 300 MX 10 mx.else.example.")
    seen = foreign(plan_of(spec(tmp_path, zone.rstrip("."))), server.port)
    assert seen == {"foreign-mail-below news.NS", "foreign-mail-below www.MX"}


def test_where_the_first_server_says_nothing_the_next_one_is_asked(tmp_path: Path) -> None:
    plan = plan_of(spec(tmp_path, "acme.example"))
    key = BASE.format(serial=1, ns="ns1") + 's1._domainkey 300 TXT "v=DKIM1; p=abc"\n'
    with running(["other.example."]) as lame, running({"acme.example.": key}) as good:
        assert foreign(plan, lame.port, good.port) == {"foreign-selector s1._domainkey.TXT"}


def test_an_alias_that_programs_ask_and_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    plan = plan_of(spec(tmp_path, "acme.example"))
    zone = BASE.format(serial=1, ns="ns1") + (
        "autodiscover 300 CNAME gone.com.\nautoconfig 300 CNAME there.com.\nmta-sts 300 CNAME gone.closed.\n"
    )
    com = {"com.": "@ 300 IN SOA a b 1 3600 900 604800 60\nthere 300 A 192.0.2.1\n"}
    with running({"acme.example.": zone}) as own, running(com) as world:
        seen = foreign(plan, own.port, resolver=world.port)
    assert seen == {"target-dangling autodiscover.CNAME"}


def test_what_is_retired_falls_due_on_its_day(tmp_path: Path) -> None:
    plan = plan_of(spec(tmp_path, "acme.example"))
    retired = {"name": "acme.example.", "type": "MX", "value": "10 old.example.", "since": "2026-11-20"}
    state = tmp_path / "state.json"

    def late(until: str) -> list[str]:
        outputs = {"domain": "acme.example", "retiring": [{**retired, "until": until}]}
        state.write_text(json.dumps({"deployment": {"resources": [{"outputs": outputs}]}}))
        return [check.found[0] for _, check in due(in_file(state), [plan])]

    assert late(DAY.isoformat()) == ["10 old.example."]
    assert late((DAY + dt.timedelta(days=1)).isoformat()) == []
    outputs = {"domain": "acme.example", "retiring": [{**retired, "until": DAY.isoformat()}]}
    state.write_text(
        json.dumps({"version": 3, "checkpoint": {"latest": {"resources": [{"outputs": outputs}]}}})
    )
    assert [check.found[0] for _, check in due(in_file(state), [plan])] == ["10 old.example."], "Pulumi's own"
    below = {"acme.example": {"applied": {}, "retiring": outputs["retiring"]}}
    component = {"type": "mailwright:index:MailDomain", "outputs": {"cloudflare": below}}
    state.write_text(json.dumps({"deployment": {"resources": [component]}}))
    assert [check.found[0] for _, check in due(in_file(state), [plan])] == ["10 old.example."], "Cloudflare"
    for broken in ("{broken", "[]", '{"checkpoint": {"latest": null}}'):
        state.write_text(broken)
        assert not in_file(state)


def test_a_warning_that_the_spec_silences_is_not_told(tmp_path: Path) -> None:
    path = spec(tmp_path, "acme.example")
    foreign_key = 's1._domainkey 300 TXT "v=DKIM1; p=abc"\nnews 300 MX 10 mx.else.example.\n'
    with running(
        {"acme.example.": BASE.format(serial=1, ns="ns1") + lines(plan_of(path)) + foreign_key}
    ) as server:
        asked = Asked((Server("ns1", "127.0.0.1", server.port),))
        loud = {
            check.rule for check in drifted([plan_of(path)], asked)[0].checks if check.status is Status.WARN
        }
        path.write_text(path.read_text() + "silence: [{rule: foreign-selector, why: the old system}]\n")
        quiet = {
            check.rule for check in drifted([plan_of(path)], asked)[0].checks if check.status is Status.WARN
        }
    assert loud - quiet == {"foreign-selector"} and "foreign-mail-below" in quiet


def test_what_an_up_left_to_run_out_is_no_drift_until_its_day(tmp_path: Path, embedded: DnsServer) -> None:
    """Old exchangers and old senders stay for days on purpose: nobody may be woken for them."""
    old = '@ 300 MX 10 mxold.qq.com.\n@ 300 TXT "v=spf1 ip4:192.0.2.1 ~all"\n@ 300 TXT "token=1"\n'
    zone = embedded.new_zone(old)
    path = company(tmp_path, zone, embedded.port)
    where = ("--nameserver", f"127.0.0.1:{embedded.port}")

    def run(*words: str, day: dt.date = DAY) -> subprocess.CompletedProcess[str]:
        secret = {"MAILWRIGHT_TSIG_SECRET": FULL.secret}
        always = ("--lang", "en", "--as-of", day.isoformat())
        return mailwright(words[0], str(path), *words[1:], *always, cwd=tmp_path, **secret)

    consents = ("--allow", "mx-changed", "--allow", "spf-sender-dropped")
    assert run("up", "--engine", "embedded", *consents).returncode == 0
    assert "10 mxold.qq.com." in embedded.texts(zone, "MX") and any(
        "ip4:192.0.2.1" in text for text in embedded.texts(zone, "TXT")
    )
    for words in (("drift", "--dns-only"), ("verify",)):
        quiet = run(*words, *where)
        assert quiet.returncode == 0 and "mxold.qq.com. stays until" in quiet.stdout, quiet.stdout
        assert "ip4:192.0.2.1 stays until" in quiet.stdout and "slip" not in quiet.stdout
        assert run(*words, *where, day=DAY + dt.timedelta(days=9)).returncode == 2, "its time is over"
    waited = run("verify", *where, "--wait=1h")
    assert waited.returncode == 0 and not waited.stderr, "nothing that will come is waited for"
    embedded.put(zone, "@ 300 MX 1 mx.typo.example.")
    assert run("drift", "--dns-only", *where).returncode == 2
    (tmp_path / ".mailwright" / "state" / "acme.json").write_text("{broken")
    assert run("verify", *where).returncode == 2


def test_where_pulumi_does_not_give_the_state_dns_is_judged_and_the_reason_told(
    tmp_path: Path, embedded: DnsServer
) -> None:
    zone = embedded.new_zone()
    path = company(tmp_path, zone, embedded.port)
    embedded.put(zone, lines(plan_of(path)))
    (tmp_path / "Pulumi.yaml").write_text("name: mailwright\nruntime: python\n")
    command = tmp_path / "bin" / "pulumi"
    command.parent.mkdir()
    command.write_text(
        '#!/bin/sh\n[ "$1" = version ] && echo v3.200.0 && exit\n'
        "echo 'error: could not get the state: no credentials' >&2; exit 255\n"
    )
    command.chmod(0o755)
    there = {"PATH": f"{command.parent}:{os.environ['PATH']}", "PULUMI_BACKEND_URL": "s3://nowhere"}

    def drift(*more: str) -> subprocess.CompletedProcess[str]:
        where = ("--nameserver", f"127.0.0.1:{embedded.port}", "--lang", "en", "--as-of", DAY.isoformat())
        return mailwright("drift", str(path), *where, *more, cwd=tmp_path, **there)

    process = drift()
    assert process.returncode == 1 and "could not get the state: no credentials" in process.stdout, (
        process.stdout
    )
    assert "failed" not in process.stderr and zone.rstrip(".") in process.stdout
    assert drift("--dns-only").returncode == 0
    embedded.put(zone, "@ 300 MX 1 mx.typo.example.\n")
    assert drift().returncode == 2 and drift("--dns-only").returncode == 2
    command.write_text(command.read_text().replace("v3.200.0", "v2.0.0"))
    old = drift()
    assert old.returncode == 2 and "your current CLI version is 2.0.0" in old.stdout, old.stdout
    assert "failed" not in old.stderr
