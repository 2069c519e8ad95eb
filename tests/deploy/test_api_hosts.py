"""Hosts behind an API in a stack: a whole life, stopped in the middle, no secret in what is kept or said."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from mailwright.cli import main
from mailwright.hosts.dns.service import Shape
from mailwright.model import txt
from tests.deploy.test_any_host import CONSENT, SPEC
from tests.deploy.test_undo import BEFORE, MOVE
from tests.deploy.worlds import FOREIGN, TENCENT
from tests.hosts.standins import EVERY_HOST, STAND_INS, StandIn
from tests.recorded.worlds import ZoneServer
from tests.servers.base import BASE_ZONE

DAY, LATER = "2026-11-23", "2026-11-26"
LEAVE = [*CONSENT, "--allow", "selector-gone", "--allow", "whole-zone-write"]
WHOLE = "allow: [{rule: whole-zone-write, until: 2099-12-31, why: there is no other way}]\n"
#: One of each shape, and DNSPod, whose records come late; every one where that is asked for.
WHOLE_LIVES = list(STAND_INS) if os.environ.get(EVERY_HOST) else ["aliyun", "dnspod", "godaddy", "namecheap"]


class Stack:
    """A folder with one stack, and one account."""

    def __init__(self, folder: Path, vendor: StandIn, output: pytest.CaptureFixture[str]) -> None:
        self.folder, self.vendor, self._output = folder, vendor, output
        self.said = ""
        (folder / "stacks").mkdir()

    def write(self, zone: str, more: str = "") -> None:
        options = {"base_url": f'"{self.vendor.address}"', **self.vendor.options()}
        host = ", ".join(f"{name}: {value}" for name, value in {"service": self.name, **options}.items())
        more += WHOLE if self.vendor.service.stores.shape is Shape.WHOLE_ZONE else ""
        text = SPEC.format(domain=zone.rstrip("."), hosts=f"{{{host}}}", more=more)
        (self.folder / "stacks" / "firm.yaml").write_text(text, "utf-8")

    @property
    def name(self) -> str:
        return self.vendor.service.name

    def run(self, command: str, *words: str, day: str = DAY) -> int:
        code = main([command, "stacks", "--engine", "embedded", "--as-of", day, "--lang", "en", *words])
        shown = self._output.readouterr()
        self.last = shown.out + shown.err
        self.said += self.last
        return code

    def verify(self, *words: str) -> int:
        code = main(["verify", "stacks", "--as-of", DAY, "--lang", "en", *words])
        shown = self._output.readouterr()
        self.last = shown.out + shown.err
        return code

    def kept(self) -> str:
        return "".join(p.read_text("utf-8") for p in (self.folder / ".mailwright").rglob("*") if p.is_file())


@pytest.fixture(params=["aliyun"])
def stack(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Stack:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILWRIGHT_AS_OF")
    monkeypatch.setattr("mailwright.hosts.dns.http.Pace.wait", lambda _: None)
    monkeypatch.setattr("mailwright.hosts.dns.dnspod.PAUSES", (0.0,) * 5)
    vendor = STAND_INS[request.param]()
    for name, value in zip(vendor.identity[::-1], (vendor.secrets[0], vendor.key_id), strict=False):
        monkeypatch.setenv(name, value)
    return Stack(tmp_path, vendor, capsys)


@pytest.mark.parametrize("stack", WHOLE_LIVES, indirect=True)
def test_a_whole_life_and_no_secret_in_what_is_kept_or_said(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = stack.vendor
    zone = vendor.new_zone(FOREIGN + BEFORE)
    stack.write(zone, "ttl: 3600\n")
    before = sorted(map(str, vendor.rows(zone)))
    assert stack.run("preview") == 3 and sorted(map(str, vendor.rows(zone))) == before
    assert stack.run("up", *MOVE) == 0, stack.last
    assert stack.run("up") == 0 and "Nothing to change." in stack.last
    vendor.drop(zone, "@", "MX", "5 mxbiz1.qq.com.")
    assert stack.run("refresh") == 0 and "mxbiz1.qq.com." in stack.last
    assert stack.run("up") == 0 and vendor.texts(zone, "MX") >= TENCENT
    assert stack.run("up", day=LATER) == 0 and vendor.texts(zone, "MX") == TENCENT
    assert stack.run("undo", *MOVE, day="2026-11-27") == 0, stack.last
    assert stack.run("undo", day="2026-11-30") == 0, stack.last
    assert sorted(map(str, vendor.rows(zone))) == before
    assert stack.run("up", *MOVE, day="2026-12-01") == 0
    monkeypatch.setenv(vendor.identity[-1], vendor.secrets[1])
    assert stack.run("up", day="2026-12-05") == 1 and "does not take this credential" in stack.last
    monkeypatch.setenv(vendor.identity[-1], vendor.secrets[0])
    assert stack.run("destroy", *LEAVE, day="2026-12-05") == 0, stack.last
    assert not vendor.texts(zone, "MX") and vendor.texts(zone, "A") == {"192.0.2.80"}
    for secret in vendor.secrets:
        assert secret not in stack.said + stack.kept()
    assert not vendor.watched


@pytest.mark.parametrize(("lang", "words"), [("en", "aliyun is experimental"), ("zh", "aliyun 为实验性支持")])
def test_the_first_use_of_an_untried_host_says_so(stack: Stack, lang: str, words: str) -> None:
    stack.write(stack.vendor.new_zone(FOREIGN), "ttl: 3600\n")
    for command in ("preview", "up"):
        assert stack.run(command, "--lang", lang) in (0, 2)
        assert stack.last.count(words) == 1, stack.last
    assert stack.run("up", "--lang", lang) == 0 and words not in stack.last


def test_a_silent_nameserver_changes_nothing_at_an_api_and_is_told_by_verify(stack: Stack) -> None:
    """The API says what the zone holds; who serves it is another question, and no answer is none."""
    vendor = stack.vendor
    zone = vendor.new_zone(FOREIGN)
    stack.write(zone, "ttl: 3600\n")
    assert stack.run("up") == 0, stack.last
    rows = [(row, row.value.strings) for row in vendor.rows(zone)]
    lines = [
        f"{row.name} {row.ttl} IN {row.type} {txt.quote(s) if s else row.value.value}\n" for row, s in rows
    ]
    with ExitStack() as servers:
        both = [ZoneServer({zone: BASE_ZONE + "".join(lines)}) for _ in range(2)]
        for server in both:
            server.start()
            servers.callback(server.dispose)
        where = [word for server in both for word in ("--nameserver", f"127.0.0.1:{server.port}")]
        assert stack.verify(*where) == 0, stack.last
        both[1].kill()
        assert stack.verify(*where, "--deadline", "3s") == 1 and f"127.0.0.1:{both[1].port}" in stack.last
        before = sorted(map(str, vendor.rows(zone)))
        for day in (DAY, LATER):
            assert stack.run("up", *where, day=day) == 0 and "Nothing to change." in stack.last
        assert sorted(map(str, vendor.rows(zone))) == before


def test_stopped_in_the_middle_the_state_knows_and_the_next_run_goes_on(stack: Stack) -> None:
    vendor = stack.vendor
    zone = vendor.new_zone(FOREIGN + BEFORE)
    stack.write(zone, "ttl: 3600\n")
    vendor.faults = {3: "broken"}
    assert stack.run("up", *MOVE) == 1
    assert "Written so far:" in stack.last and "Still to do:" in stack.last
    assert re.search(r"asked again, the change is not there", stack.last)
    vendor.faults = {}
    assert stack.run("up", *MOVE) == 0, stack.last
    assert stack.run("preview") == 0
    assert stack.run("up", day=LATER) == 0 and vendor.texts(zone, "MX") == TENCENT
    assert not vendor.watched


@pytest.mark.parametrize("stack", ["desec"], indirect=True)
def test_a_declared_host_in_a_stack_says_what_it_is_and_keeps_its_token(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = stack.vendor
    zone = vendor.new_zone(FOREIGN)
    stack.write(zone, "ttl: 3600\n")
    assert stack.run("up") == 0 and "desec is experimental" in stack.last, stack.last
    assert vendor.texts(zone, "MX") == TENCENT and vendor.writes == 1
    assert stack.run("up") == 0 and "Nothing to change." in stack.last
    monkeypatch.delenv(vendor.identity[0])
    assert stack.run("up") == 1 and "DESEC_TOKEN is not set" in stack.last
    for secret in vendor.secrets:
        assert secret not in stack.said + stack.kept()
