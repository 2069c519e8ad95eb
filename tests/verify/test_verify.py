"""verify over living servers: who lags, who disagrees, and waiting that can be interrupted."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mailwright.model.checks import Overall, Status
from mailwright.model.plan import Plan
from mailwright.operations.planning import planned
from mailwright.operations.world.verification import verify_all
from mailwright.resolving.discovery import delegation
from mailwright.resolving.server import Server
from mailwright.sandbox.keys import SandboxKey
from mailwright.sandbox.nameserver import running
from mailwright.verify import waiting
from mailwright.verify.zones import newer
from tests.conftest import ROOT
from tests.servers.base import FULL, DnsServer

KEYS = [SandboxKey(FULL.name, FULL.secret)]
DAY = dt.date(2026, 11, 23)
BASE = "@ 300 IN SOA ns1 hostmaster {serial} 3600 900 604800 60\n@ 300 IN NS {ns}\nns1 300 IN A 127.0.0.1\n"


def spec(tmp_path: Path, domain: str) -> Path:
    path = tmp_path / "acme.yaml"
    path.write_text(
        f"version: 1\ndomain: {domain}\ntimezone: Asia/Shanghai\nmail_host: {{service: tencent-exmail}}\n"
        f"dns_hosts: [{{service: manual, console: aliyun}}]\ncontact: wang@{domain}\n"
    )
    return path


def plan_of(path: Path) -> Plan:
    return planned([path], DAY).plans[0][1]


def lines(plan: Plan) -> str:
    """The plan as zone lines, so that a server can hold exactly it."""
    return "".join(
        f"{record.name} {record.ttl} {record.type} "
        + (f'"{value}"' if record.type == "TXT" else value)
        + "\n"
        for record in plan.records
        for value in record.values
    )


def test_the_one_lagging_server_of_two_is_named(tmp_path: Path) -> None:
    plan = plan_of(spec(tmp_path, "acme.example"))
    old = BASE.format(serial=4294967295, ns="ns1")
    new = BASE.format(serial=3, ns="ns1") + lines(plan)
    with running({"acme.example.": old}) as behind, running({"acme.example.": new}) as ahead:
        servers = [Server("old", "127.0.0.1", behind.port), Server("new", "127.0.0.1", ahead.port)]
        verdict = verify_all([plan], servers)[0]
    assert verdict.status is Overall.DIFFERS
    lag = [check for check in verdict.checks if check.rule == "server-lags"]
    assert [(check.server, check.expected, check.found) for check in lag] == [
        (str(servers[0]), ("3",), ("4294967295",))
    ]
    assert {check.server for check in verdict.checks if check.status is Status.FAIL} == {str(servers[0])}


def test_servers_that_name_different_servers_are_told(tmp_path: Path) -> None:
    plan = plan_of(spec(tmp_path, "acme.example"))
    zones = [BASE.format(serial=1, ns=ns) + lines(plan) for ns in ("ns1", "ns2")]
    with running({"acme.example.": zones[0]}) as one, running({"acme.example.": zones[1]}) as two:
        servers = [Server("a", "127.0.0.1", one.port), Server("b", "127.0.0.1", two.port)]
        verdict = verify_all([plan], servers)[0]
    told = {check.server: check.found for check in verdict.checks if check.rule == "ns-sets-disagree"}
    assert told == {str(servers[0]): ("ns1.acme.example.",)}  # the embedded server always names its ns1 too
    assert verdict.status is Overall.OK


def test_the_parents_servers_are_read_from_its_referral() -> None:
    records = BASE.format(serial=1, ns="ns1") + "acme 300 NS NS7.host.test.\nacme 300 NS ns8.host.test.\n"
    with running({"example.": records}) as parent:
        names = asyncio.run(delegation("acme.example.", Server("p", "127.0.0.1", parent.port)))
    assert names == {"ns7.host.test.", "ns8.host.test."}


def test_serials_are_compared_on_a_circle() -> None:
    assert newer(2, 1) and not newer(1, 2) and newer(3, 4294967295) and not newer(1, 1)


def verify_command(path: Path, server: DnsServer, *more: str) -> list[str]:
    where = f"ns1=127.0.0.1:{server.port}"
    start = [sys.executable, "-m", "mailwright", "verify", str(path), "--nameserver", where]
    return [*start, "--as-of", DAY.isoformat(), "--lang", "en", *more]


def test_waiting_is_resumed_after_sigint_and_ends_when_the_record_is_there(
    tmp_path: Path, server: DnsServer
) -> None:
    zone = server.new_zone()
    path = spec(tmp_path, zone.rstrip("."))
    command = verify_command(path, server, "--format", "json", "--wait=1h")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}

    def begin() -> subprocess.Popen[str]:
        return subprocess.Popen(
            command, cwd=tmp_path, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    first = begin()
    assert first.stderr is not None
    assert "about 0:01:00 more" in first.stderr.readline()  # the zone's negative TTL
    first.send_signal(signal.SIGINT)
    _, said = first.communicate(timeout=60)
    assert first.returncode == 130 and "goes on with this wait" in said
    kept = next((tmp_path / ".mailwright" / "wait").glob("*.json")).read_text()

    second = begin()
    assert second.stderr is not None
    assert "going on with the wait" in second.stderr.readline()
    assert next((tmp_path / ".mailwright" / "wait").glob("*.json")).read_text() == kept
    second.send_signal(signal.SIGINT)
    second.communicate(timeout=60)
    server.put(zone, lines(plan_of(path)))
    third = begin()
    out, said = third.communicate(timeout=60)
    assert third.returncode == 0 and json.loads(out)["status"] == "ok", said
    assert not list((tmp_path / ".mailwright" / "wait").iterdir())


def test_waiting_that_runs_out_says_what_differs(tmp_path: Path, embedded: DnsServer) -> None:
    path = spec(tmp_path, embedded.new_zone().rstrip("."))
    done = subprocess.run(
        verify_command(path, embedded, "--wait=1s"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2 and "missing" in done.stdout


@pytest.mark.parametrize("text", ["", "1", "0s", "49h", "3d", "-1h", "1.5h", "example"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        waiting.duration(text)


def test_pauses_grow_and_never_pass_the_deadline_or_the_old_ttl() -> None:
    assert waiting.duration("2d") == waiting.LONGEST
    assert [round(waiting.pause(n, None, 1e9)) for n in (0, 1, 2, 20, 400)] == [2, 3, 5, 300, 300]
    assert waiting.pause(20, 7, 1e9) == 7 and waiting.pause(20, 0, 1e9) == 2
    assert waiting.pause(20, None, 4) == 4 and waiting.pause(3, None, -1) == 0
