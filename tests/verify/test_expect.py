"""Many domains at once: lists against one spec, and a domain without servers beside others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mailwright.model.checks import Overall
from mailwright.model.text import Text
from mailwright.operations.world import verification
from mailwright.operations.world.expecting import expected
from mailwright.resolving.discovery import ServersError
from mailwright.resolving.server import Server
from tests.conftest import ROOT
from tests.servers.base import DnsServer
from tests.verify.test_verify import DAY, lines, plan_of, spec

SPEC = """\
version: 1
domain: acme.example
timezone: Asia/Shanghai
mail_host: {service: tencent-exmail}
dns_hosts: [{service: manual, console: aliyun}]
contact: wang@ACME.example     # not my-acme.example, nor acme.example.net
senders: [{custom: form, ip4: [203.0.113.10], from: news@news.acme.example}]
verification: [{value: see=my-acme.example}, {value: and=acme.example.net}]
parked: [acme.test]
"""


def planned(tmp_path: Path, listed: str | bytes, text: str = SPEC) -> dict[str, set[str]]:
    """Domain → owner names and TXT values of its plan."""
    path = tmp_path / "pattern.yaml"
    path.write_text(text, encoding="utf-8")
    data = listed if isinstance(listed, bytes) else listed.encode()
    seen = expected(path, [("list", data)], DAY)
    assert not seen.findings, [finding.message() for finding in seen.findings]
    return {
        plan.domain: {value for record in plan.records for value in (record.name, *record.values)}
        for _, plan in seen.plans
    }


def test_each_domain_takes_the_place_of_the_specs_own(tmp_path: Path) -> None:
    listed = "\ufeff# ours\r\none.example  # the first\r\n\r\nTwo.Example.\r\none.example\r\n例子.example\n"
    made = planned(tmp_path, listed)
    assert list(made) == ["one.example", "two.example", "xn--fsqu00a.example"]
    for domain, said in made.items():
        assert {f"{domain}.", f"news.{domain}.", f"_dmarc.{domain}."} <= said
        assert any(f"rua=mailto:wang@{domain}" in each for each in said)
        assert {"see=my-acme.example", "and=acme.example.net"} <= said
        assert not any("acme.test" in each for each in said)


def test_an_international_pattern_is_found_in_both_its_forms(tmp_path: Path) -> None:
    text = SPEC.replace("domain: acme.example", "domain: 公司.example").replace(
        "ACME.example", "公司.example"
    )
    made = planned(tmp_path, "one.example", text.replace("news.acme.example", "news.xn--55qx5d.example"))
    assert {"one.example.", "news.one.example."} <= made["one.example"]


@pytest.mark.parametrize(
    ("listed", "rule", "line"),
    [
        (b"one.example\nhttps://two.example/\n", "listed-name-broken", 2),
        (b"one.example two.example", "listed-name-broken", 1),
        (b"# nothing\n\n", "list-empty", 1),
        (b"", "list-empty", 1),
        ("例子.example".encode("gbk"), "list-unreadable", 1),
        (b"one.example\nqq.com\n", "free-mail-domain", 2),
    ],
)
def test_a_list_with_a_fault_is_refused_with_its_place(
    tmp_path: Path, listed: bytes, rule: str, line: int
) -> None:
    path = tmp_path / "pattern.yaml"
    path.write_text(SPEC)
    findings = [
        finding for finding in expected(path, [("list", listed)], DAY).findings if finding.rule == rule
    ]
    assert [finding.position.line for finding in findings if finding.position] == [line]


def verify(tmp_path: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mailwright", "verify", *words, "--lang", "en"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*command, "--as-of", DAY.isoformat()],
        cwd=tmp_path, env=env, input=given, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_command_takes_lists_and_says_which_domain_differs(tmp_path: Path, embedded: DnsServer) -> None:
    zones = [embedded.new_zone() for _ in range(3)]
    domains = [each.rstrip(".") for each in zones]
    pattern = spec(tmp_path, "acme.example")
    for zone, domain in list(zip(zones, domains, strict=True))[:2]:
        (tmp_path / domain).mkdir()
        embedded.put(zone, lines(plan_of(spec(tmp_path / domain, domain))))
    (tmp_path / "list.txt").write_text("\n".join(domains[:2]))
    server = f"127.0.0.1:{embedded.port}"
    common = ["--expect", str(pattern), "--nameserver", server, "--format", "json"]
    same = verify(tmp_path, "list.txt", *common)
    assert same.returncode == 0, same.stdout + same.stderr
    both = verify(tmp_path, "list.txt", "-", *common, given=domains[2])
    assert both.returncode == 2
    told = {load["domain"]: load["status"] for load in json.loads(both.stdout)}
    assert told == {domains[0]: "ok", domains[1]: "ok", domains[2]: "differs"}
    assert verify(tmp_path, "nowhere.txt", *common).returncode == 64
    empty = verify(tmp_path, "-", *common)
    assert empty.returncode == 1 and "no domain in -" in empty.stderr


def test_a_domain_without_servers_is_unknown_and_keeps_nobody_waiting(
    tmp_path: Path, embedded: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = []
    for name in ("lost.example", embedded.new_zone().rstrip(".")):
        (tmp_path / name).mkdir()
        plans.append(plan_of(spec(tmp_path / name, name)))
    embedded.put(plans[1].domain + ".", lines(plans[1]))

    async def discover(domain: str) -> tuple[tuple[Server, ...], frozenset[str]]:
        if domain == "lost.example":
            raise ServersError(Text("nobody knows it", "无人知晓"))
        return (Server("ns1", "127.0.0.1", embedded.port),), frozenset()

    monkeypatch.setattr(verification, "discover", discover)
    lost, known = verification.verify_all(plans)
    assert [check.rule for check in lost.checks] == ["servers-not-found"] and lost.status is Overall.UNKNOWN
    assert known.status is Overall.OK
