"""A host that is not RFC 2136: its whole life, beside RFC 2136 in one stack, and stopped anywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mailwright.cli import main
from mailwright.cli.init import init
from mailwright.hosts.dns.services import SERVICES
from tests.deploy.test_undo import BEFORE, MOVE
from tests.deploy.worlds import FOREIGN, TENCENT
from tests.hosts import memory
from tests.hosts.worlds import InMemory
from tests.servers.base import FULL, DnsServer

SPEC = """\
version: 1
domain: {domain}
timezone: Asia/Shanghai
mail_host: {{service: tencent-exmail}}
dns_hosts: [{hosts}]
contact: wang@{domain}
{more}"""
SHEET = "{service: manual, console: aliyun}"
CONSENT = [w for rule in ("no-mx-left", "spf-gone", "dmarc-weakened") for w in ("--allow", rule)]
DAY, LATER = "2026-11-23", "2026-11-26"


class Stack:
    """A folder with one stack of specs, a store and a nameserver."""

    def __init__(self, folder: Path, server: DnsServer) -> None:
        self.folder, self.server, self.memory = folder, server, InMemory()
        self.at_server = (
            f"{{service: rfc2136, server: 127.0.0.1, port: {server.port}, key_name: {FULL.name}}}"
        )
        self.in_memory = f"{{service: memory, store: {self.memory.name}}}"
        (folder / "stacks").mkdir()

    def write(self, zone: str, *hosts: str, more: str = "", name: str = "") -> Path:
        domain = zone.rstrip(".")
        path = self.folder / "stacks" / f"{name or domain}.yaml"
        path.write_text(SPEC.format(domain=domain, hosts=", ".join(hosts), more=more), "utf-8")
        return path

    def run(self, command: str, *words: str, day: str = DAY, specs: str = "stacks") -> int:
        return main([command, specs, "--engine", "embedded", "--as-of", day, "--lang", "en", *words])

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The state's ``DnsRecords`` by name."""
        body = json.loads((self.folder / ".mailwright" / "state" / "stacks.json").read_text("utf-8"))
        found = body["deployment"]["resources"]
        return {e["urn"].rpartition("::")[2]: e for e in found if e["type"].endswith(":DnsRecords")}

    def everything(self) -> str:
        """All of the store, as text."""
        sets = [record_set for zone in self.memory.store.zones.values() for record_set in zone.values()]
        return "\n".join(sorted(f"{e.name} {e.type} {e.ttl} {sorted(map(repr, e.values))}" for e in sets))


@pytest.fixture
def stack(tmp_path: Path, embedded: DnsServer, monkeypatch: pytest.MonkeyPatch) -> Stack:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILWRIGHT_AS_OF")
    monkeypatch.setitem(SERVICES, memory.SERVICE.name, memory.SERVICE)
    made = Stack(tmp_path, embedded)
    monkeypatch.setenv("MAILWRIGHT_NAMESERVERS", f"127.0.0.1:{embedded.port}")
    monkeypatch.setenv("MEMORY_TOKEN", made.memory.store.token)
    return made


def test_a_whole_life_beside_rfc2136_in_one_stack(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """Two companies, one at each: neither leaves on the second run, either is asked for when it leaves."""
    at_server, in_memory = stack.server.new_zone(FOREIGN), stack.memory.new_zone(FOREIGN)
    before = stack.everything()
    stack.write(at_server, stack.at_server)
    path = stack.write(in_memory, stack.in_memory)
    assert stack.run("preview") == 2 and stack.everything() == before
    assert stack.run("up") == 0
    assert stack.server.texts(at_server, "MX") == TENCENT == stack.memory.texts(in_memory, "MX")
    deployed = stack.everything()
    assert deployed != before
    capsys.readouterr()
    for command in ("preview", "refresh", "up"):
        assert stack.run(command) == 0, capsys.readouterr().err
        assert "Nothing to change." in capsys.readouterr().out

    stack.memory.drop(in_memory, "@", "MX", "5 mxbiz1.qq.com.")
    assert stack.run("refresh") == 0 and "mxbiz1.qq.com." in capsys.readouterr().out
    assert stack.run("up") == 0 and stack.memory.texts(in_memory, "MX") == TENCENT
    assert stack.everything() == deployed

    text = path.read_text("utf-8")
    path.unlink()
    assert stack.run("up") == 3 and "[no-mx-left]" in capsys.readouterr().err
    path.write_text(text, "utf-8")
    assert stack.run("destroy") == 3 and stack.memory.texts(in_memory, "MX") == TENCENT
    assert stack.run("destroy", *CONSENT) == 0
    assert stack.everything() == before and not stack.server.texts(at_server, "MX")


@pytest.mark.parametrize("order", ["both", "turned", "sheet first", "sheet last"])
def test_two_hosts_of_one_domain(stack: Stack, order: str, capsys: pytest.CaptureFixture[str]) -> None:
    zone = stack.server.new_zone(FOREIGN)
    stack.memory.store.zones[zone] = {}
    hosts = [stack.at_server, stack.in_memory]
    hosts = {"turned": hosts[::-1], "sheet first": [SHEET, *hosts], "sheet last": [*hosts, SHEET]}.get(
        order, hosts
    )
    path = stack.write(zone, *hosts)
    domain = zone.rstrip(".")
    by_hand = [f"{domain}@manual"] if SHEET in hosts else []
    assert stack.run("up") == (2 if by_hand else 0)
    assert stack.run("up") == 0, "now its servers show what the other way wrote"
    second = f"127.0.0.1:{stack.server.port}" if order == "turned" else f"memory:{stack.memory.name}"
    assert sorted(stack.resources) == sorted([domain, f"{domain}@{second}", *by_hand])
    services = [stack.resources[name]["inputs"].get("service") for name in (domain, f"{domain}@{second}")]
    assert services == (["memory", None] if order == "turned" else [None, "memory"])
    assert stack.server.texts(zone, "MX") == TENCENT == stack.memory.texts(zone, "MX")
    assert stack.run("preview") == 0
    # One of them goes: it is judged before anything else is written.
    capsys.readouterr()
    path.write_text(path.read_text("utf-8").replace(f", {hosts[-1 if order != 'sheet last' else 1]}", ""))
    path.write_text(path.read_text("utf-8") + "senders: [{custom: form, ip4: [203.0.113.9]}]\n")
    spf = stack.server.joined(zone), stack.memory.joined(zone)
    assert stack.run("up") == 3 and "[no-mx-left]" in capsys.readouterr().err
    assert (stack.server.joined(zone), stack.memory.joined(zone)) == spf
    assert stack.run("up", *CONSENT) == (2 if by_hand else 0)
    assert sorted(stack.resources) == [domain, *by_hand]


def test_undo_brings_back_what_a_store_had(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    zone = stack.memory.new_zone(FOREIGN + BEFORE)
    stack.write(zone, stack.in_memory, more="ttl: 3600\n")
    before = {pair: set(record_set.values) for pair, record_set in stack.memory.store.zones[zone].items()}
    assert stack.run("up") == 3
    assert stack.run("up", *MOVE) == 0
    assert stack.run("up", day=LATER) == 0 and stack.memory.texts(zone, "MX") == TENCENT
    assert stack.run("undo", day="2026-11-27") == 3
    assert stack.run("undo", *MOVE, day="2026-11-27") == 0
    assert stack.run("undo", day="2026-11-30") == 0
    assert {
        pair: set(record_set.values) for pair, record_set in stack.memory.store.zones[zone].items()
    } == before
    assert stack.run("up", *MOVE, day="2026-12-01") == 0
    assert stack.run("destroy", "--as-before", *MOVE, day="2026-12-02") == 0
    assert stack.run("destroy", "--as-before", day="2026-12-05") == 0
    assert "holds nothing any more" in capsys.readouterr().out and not stack.resources
    assert {
        pair: set(record_set.values) for pair, record_set in stack.memory.store.zones[zone].items()
    } == before


def test_a_domain_in_a_store_is_in_one_stack(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    zone = stack.memory.new_zone()
    stack.write(zone, stack.in_memory, name="firm")
    stack.write(stack.memory.new_zone(), stack.in_memory, name="other")
    assert stack.run("up") == 0
    assert stack.run("up", specs="stacks/firm.yaml") == 3
    assert "--stack stacks" in capsys.readouterr().err
    elsewhere = InMemory()
    elsewhere.store.zones[zone] = {}
    path = stack.write(zone, f"{{service: memory, store: {elsewhere.name}}}", name="firm")
    path.rename(stack.folder / "trial.yaml")
    assert stack.run("up", specs="trial.yaml") == 0, "another store is another place"
    assert elsewhere.texts(zone, "MX") == TENCENT


def test_doctor_tries_a_store(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = stack.memory.new_zone()
    path = stack.write(zone, stack.in_memory, stack.at_server)

    def said() -> tuple[int, str]:
        return main(["doctor", str(path), "--lang", "en"]), capsys.readouterr().out

    code, shown = said()
    assert code == 1, "the nameserver has no such zone"
    assert re.search(r"MEMORY_TOKEN +set", shown)
    assert re.search(rf"memory:{stack.memory.name} +✓ reached", shown)
    assert re.search(rf"127.0.0.1:{stack.server.port} +✗", shown)
    monkeypatch.setenv("MEMORY_TOKEN", "token-of-nobody")
    code, shown = said()
    assert code == 1 and "✗ the store does not take this token" in shown and "nobody" not in shown
    monkeypatch.delenv("MEMORY_TOKEN")
    code, shown = said()
    assert code == 1 and "✗ MEMORY_TOKEN is not set" in shown


@pytest.mark.parametrize("wrong", ["token", "zone"])
def test_a_store_that_lets_nobody_in_changes_nothing(
    stack: Stack, wrong: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    zone = stack.memory.new_zone(FOREIGN)
    stack.write(zone if wrong == "token" else "not-here.example.", stack.in_memory)
    before = stack.everything()
    monkeypatch.setenv("MEMORY_TOKEN", "token-of-nobody" if wrong == "token" else stack.memory.store.token)
    assert stack.run("up") == 1
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err and "token-of-nobody" not in shown.err + shown.out
    assert stack.everything() == before


# -- stopped in the middle ----------------------------------------------------------------------------


def _to_the_end(stack: Stack, day: str, *words: str) -> int:
    """Runs with one more call each until one succeeds; how many were stopped."""
    for stops in range(40):
        stack.memory.store.calls = stack.memory.store.made + stops
        code = stack.run("up", *words, day=day)
        _require_whole_mail(stack)
        if code == 0:
            stack.memory.store.calls = None
            return stops
        assert code == 1
    raise AssertionError("it never ended")


def _require_whole_mail(stack: Stack) -> None:
    """What the state says is ours and stands is what stands: the state knows of every call."""
    for resource in stack.resources.values() if stack.memory.store.made else ():
        outputs = resource["outputs"]
        sets = stack.memory.store.zones[outputs["zone"]]
        for pair, body in outputs["records"].items():
            name, _, type = pair.rpartition(" ")
            standing = [value.value.split() for value in sets[(name, type)].values]
            # An SPF record that is moving holds what leaves beside what is ours.
            assert all(any(set(ours.split()) <= set(each) for each in standing) for ours in body["values"])


@pytest.mark.parametrize("calls", range(1, 5))
def test_what_was_written_is_in_the_state_and_the_next_run_goes_on(
    stack: Stack, calls: int, capsys: pytest.CaptureFixture[str]
) -> None:
    zone = stack.memory.new_zone(FOREIGN + BEFORE)
    stack.write(zone, stack.in_memory, more="ttl: 3600\n")
    before = {pair: set(record_set.values) for pair, record_set in stack.memory.store.zones[zone].items()}
    stack.memory.store.calls = calls
    code = stack.run("up", *MOVE)
    said = capsys.readouterr().err
    stack.memory.store.calls = None
    assert bool(code) is (calls < 4), "four records are written"
    if code:
        assert "Written so far:" in said and "Still to do:" in said
        _require_whole_mail(stack)
        assert stack.run("up", *MOVE) == 0, capsys.readouterr().err
    assert stack.memory.texts(zone, "MX") == TENCENT
    assert stack.run("preview") == 0
    assert stack.run("up", day=LATER) == 0 and stack.memory.texts(zone, "MX") == TENCENT
    # What stood there before the first of all these runs comes back, however they were stopped.
    assert stack.run("undo", *MOVE, day="2026-11-27") == 0
    assert stack.run("undo", day="2026-11-30") == 0
    assert {
        pair: set(record_set.values) for pair, record_set in stack.memory.store.zones[zone].items()
    } == before


def test_stopped_at_every_call_it_still_arrives(stack: Stack) -> None:
    zone = stack.memory.new_zone(FOREIGN + BEFORE)
    stack.write(zone, stack.in_memory, more="ttl: 3600\n")
    assert _to_the_end(stack, DAY, *MOVE) > 2
    assert stack.memory.texts(zone, "MX") == TENCENT
    assert stack.run("preview") == 0
    assert _to_the_end(stack, LATER) >= 1
    assert stack.memory.texts(zone, "MX") == TENCENT
    assert not stack.resources[zone.rstrip(".")]["outputs"]["retiring"]
    assert stack.run("preview", day=LATER) == 0
    stack.memory.store.calls = stack.memory.store.made + 2
    assert stack.run("destroy", *CONSENT, "--allow", "selector-gone", day=LATER) == 1
    stack.memory.store.calls = None
    assert stack.run("destroy", *CONSENT, "--allow", "selector-gone", day=LATER) == 0
    assert not stack.resources and not stack.memory.texts(zone, "MX")


def test_from_one_host_to_another_the_old_one_keeps_what_it_has(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    zone = stack.server.new_zone(FOREIGN)
    stack.memory.store.zones[zone] = {}
    stack.memory.put(zone, FOREIGN + "@ 300 MX 1 smtp.google.com.")
    path = stack.write(zone, stack.at_server)
    assert stack.run("up") == 0
    urns = {resource["urn"] for resource in stack.resources.values()}
    path.write_text(path.read_text("utf-8").replace(stack.at_server, stack.in_memory), "utf-8")
    assert stack.run("up") == 3 and "[mx-changed]" in capsys.readouterr().err
    assert stack.memory.texts(zone, "MX") == {"1 smtp.google.com."}
    assert stack.run("up", "--allow", "mx-changed") == 0
    assert {resource["urn"] for resource in stack.resources.values()} == urns
    assert stack.server.texts(zone, "MX") == TENCENT
    assert stack.memory.texts(zone, "MX") == TENCENT
    assert stack.run("preview") == 0
    (entry,) = stack.resources.values()
    assert entry["outputs"]["found"][f"{zone} MX"]["values"] == ["1 smtp.google.com."]


def test_init_asks_for_what_a_store_needs(stack: Stack) -> None:
    words = ["--domain", "acme-trade.com", "--service", "feishu", "--contact", "wang@acme-trade.com"]
    done = CliRunner().invoke(init, [*words, "--dns", "memory"], input="a\n", standalone_mode=False)
    assert done.return_value == 0, done.output
    assert "which store" in done.output
    text = (stack.folder / "stacks" / "acme-trade.yaml").read_text("utf-8")
    assert "dns_hosts: [{service: memory, store: a}]" in text
