"""Email Routing with the real ``pulumi`` and a real Cloudflare plugin, on the stand-in of the API."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cloudflare.api import Account, Api
from tests.cloudflare.plugged import CHANGED, MARKS, Stack, new_stack
from tests.cloudflare.routing import SPF, switch_off, switch_on
from tests.cloudflare.test_email_routing import ADDRESSES, HEAD, LI, REST, WANG, ZONE
from tests.cloudflare.test_program import DOWN

pytestmark = MARKS
EMPTIED = "role-address-emptied"


class World:
    """One zone on a stack, and who would have got mail after every write."""

    def __init__(self, account: Account, stack: Stack, api: Api, zone: str) -> None:
        self.account, self.stack, self.api, self.zone = account, stack, api, zone
        self.lost: list[str] = []

    def write(self, text: str, options: str = "") -> None:
        """The spec."""
        head = (HEAD % options).replace(
            "{service: cloudflare}", f"{{service: cloudflare, base_url: '{self.api.url}'}}"
        )
        (self.stack.folder / "stacks" / "t.yaml").write_text(head + text, encoding="utf-8")

    def up(self, **more: str) -> str:
        """``pulumi up``, which has to succeed."""
        ended = self.stack.pulumi("up", "--yes", "--skip-preview", **more)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def refused(self, **more: str) -> str:
        """``pulumi up``, which has to fail without a traceback and without a write."""
        before = len(self.writes())
        ended = self.stack.pulumi("up", "--yes", "--skip-preview", **more)
        said = ended.stdout + ended.stderr
        assert ended.returncode != 0 and "Traceback" not in said, said
        assert self.writes()[before:] == []
        return said

    def writes(self) -> list[tuple[str, str]]:
        return [each for each in self.account.log if each[0] != "GET"]

    def settled(self) -> None:
        """Nothing is left to do."""
        ended = self.stack.pulumi("preview", "--refresh", "--expect-no-changes", "--diff")
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def goes_to(self, *locals: str) -> list[list[str]]:
        return [self.account.routing[self.zone].goes_to(f"{local}@{ZONE}") for local in locals]

    def watch(self, *locals: str) -> None:
        """From now on note every moment in which mail for these comes in and reaches nobody."""

        def look() -> None:
            coming = bool(self.account.values(self.zone, "MX", ZONE))
            routing = self.account.routing.get(self.zone)
            for local in locals:
                reached = routing is not None and routing.enabled and routing.goes_to(f"{local}@{ZONE}")
                if coming and (not reached or reached == ["drop"]):
                    self.lost.append(f"{local} after {self.account.log[-1]}")

        self.account.watch = look


@pytest.fixture
def world(account: Account, api: Api, tmp_path: Path) -> World:
    """A zone without mail; both destinations have agreed, and two things of others are there."""
    for each in (WANG, LI, "boss@elsewhere.example"):
        account.click(each)
    zone = account.new_zone(ZONE, (ZONE, "TXT", "MS=ms1"))
    return World(account, new_stack(tmp_path), api, zone)


def test_a_life(world: World, account: Account) -> None:
    """Made, left alone, broken by hand in every way, repaired, taken down; never is mail lost."""
    before = {id: dict(each) for id, each in account.records[world.zone].items()}
    world.write(ADDRESSES + REST)
    world.watch("info", "sales", "postmaster", "nobody-knows")
    world.up()
    assert world.goes_to("info", "sales", "rest", "nobody-knows") == [[WANG], [WANG], [LI], [LI]]
    assert len(account.values(world.zone, "MX")) == 3 and account.routing[world.zone].locked
    world.settled()
    written = len(world.writes())
    world.up()
    assert world.writes()[written:] == [], "a second run writes nothing"

    routing = account.routing[world.zone]
    strange = routing.by_hand(account, f"boss@{ZONE}", "boss@elsewhere.example")
    info, sales = (_id(world, each) for each in ("info", "sales"))
    routing.rules[info]["actions"] = [{"type": "forward", "value": [LI]}]
    del routing.rules[sales]
    routing.catch_all |= {"actions": [{"type": "drop"}]}
    account.watch = lambda: None  # what was broken by hand is not ours to be blamed for
    assert world.stack.unchanged() == CHANGED
    said = world.up()
    assert "boss@acme-trade.com → boss@elsewhere.example" in said, "a quiet forward is named"
    assert world.goes_to("info", "sales", "nobody-knows") == [[WANG], [WANG], [LI]]
    assert _id(world, "info") == info, "changed in place"
    world.settled()

    switch_off(account, world.zone)
    assert world.stack.unchanged() == CHANGED
    world.watch("info", "sales", "postmaster", "nobody-knows")
    assert "was switched off at Cloudflare" in world.up()
    assert routing.enabled and routing.locked and len(account.values(world.zone, "MX")) == 3
    world.up()
    world.settled()
    assert world.lost == []

    allowed = ",".join([DOWN, EMPTIED])
    flags = [part for rule in DOWN.split(",") for part in ("--allow", rule)]
    deployed = dict(account.records[world.zone])
    ended = world.stack.mailwright("destroy", "stacks/t.yaml", "--engine", "pulumi", *flags)
    assert ended.returncode == 3 and EMPTIED in ended.stdout + ended.stderr
    assert account.records[world.zone] == deployed and routing.enabled
    ended = world.stack.mailwright(
        "destroy", "stacks/t.yaml", "--engine", "pulumi", *flags, "--allow", EMPTIED, MAILWRIGHT_ALLOW=allowed
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    left = {id: each for id, each in account.records[world.zone].items() if each["content"] != SPF}
    assert left == before, "but the SPF that Cloudflare wrote, and leaves"
    assert not routing.enabled and set(routing.rules) == {strange}
    assert len(account.destinations) == 3
    assert world.lost == []


def _id(world: World, local: str) -> str:
    rules = world.account.routing[world.zone].rules
    return next(id for id, each in rules.items() if each["matchers"][0]["value"] == f"{local}@{ZONE}")


def test_what_stands_is_taken_over_and_stays_as_it_is(world: World, account: Account) -> None:
    """Same rules, same ids; a name and an order of somebody's stay; a second run changes what differs."""
    routing = switch_on(account, world.zone)
    info = routing.by_hand(account, f"info@{ZONE}", WANG, priority=5, name="Info")
    sales = routing.by_hand(account, f"sales@{ZONE}", LI)
    routing.catch_all |= {"actions": [{"type": "forward", "value": [WANG]}], "enabled": True}
    world.write(ADDRESSES + REST)
    world.watch("info", "sales", "nobody-knows")
    said = world.up()
    assert world.goes_to("info", "sales", "nobody-knows") == [[WANG], [LI], [WANG]], "as found"
    assert "sales@acme-trade.com email rule" in said and "taken over as they are" in said
    world.up()
    assert world.goes_to("info", "sales", "nobody-knows") == [[WANG], [WANG], [LI]]
    assert {info, sales} <= set(routing.rules)
    assert (routing.rules[info]["name"], routing.rules[info]["priority"]) == ("Info", 5)
    assert [write for write in world.writes() if info in write[1] or write[1].endswith("/routing/dns")] == []
    world.settled()
    del routing.rules[sales]
    again = routing.by_hand(account, f"sales@{ZONE}", LI)
    world.up()
    world.up()
    assert _id(world, "sales") == again and world.goes_to("sales") == [[WANG]]
    world.settled()
    assert world.lost == []


def test_a_destination_that_waits_for_its_click(world: World, account: Account) -> None:
    """A new domain's exchangers wait; later the old target stays until the new one has agreed."""
    for destination in account.destinations.values():
        destination["verified"] = None
    world.write(ADDRESSES)
    world.watch("info", "sales", "postmaster")
    said = world.up()
    assert f"waiting for a click: {WANG}" in said and "only when every destination has agreed" in said
    assert account.values(world.zone, "MX") == [] and account.routing[world.zone].rules == {}
    assert f"waiting for a click: {WANG}" in world.up()
    account.click(WANG)
    assert "waiting for a click" not in world.up()
    assert world.goes_to("info", "sales") == [[WANG], [WANG]] and account.routing[world.zone].locked
    world.settled()
    world.write(ADDRESSES.replace(WANG, LI))
    assert f"waiting for a click: {LI}" in world.up()
    assert world.goes_to("info", "sales") == [[WANG], [WANG]]
    account.click(LI)
    world.up()
    assert world.goes_to("info", "sales") == [[LI], [LI]]
    assert world.lost == []


def test_what_is_refused(world: World, account: Account) -> None:
    """A group without a Worker, other exchangers, and an address that ends: nothing is written."""
    group = f"addresses: {{info: {{to: {WANG}}}, sales: {{to: [{WANG}, {LI}]}}}}\n"
    world.write(group)
    assert "host-cannot" in world.refused()
    other = account.add(world.zone, ZONE, "MX", "5 mxbiz1.qq.com")
    world.write(group, ", worker: fan-out")
    assert "allows no other exchangers beside its own" in world.refused()
    account.delete(world.zone, other)
    world.up()
    assert world.goes_to("info", "sales") == [[WANG], ["fan-out"]]
    world.write(f"addresses: {{info: {{to: {WANG}}}}}\n")
    assert f"[{EMPTIED}]" in world.refused()
    ended = world.stack.mailwright("up", "stacks/t.yaml", "--engine", "pulumi")
    assert ended.returncode == 3 and world.goes_to("sales") == [["fan-out"]]
    ended = world.stack.mailwright("up", "stacks/t.yaml", "--engine", "pulumi", "--allow", EMPTIED)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert world.goes_to("info", "sales") == [[WANG], []]
    world.up()
    world.settled()


@pytest.mark.parametrize("writes", [1, 4, 7, 8])
def test_a_killed_run_is_taken_up_by_the_next(world: World, account: Account, writes: int) -> None:
    """SIGKILL after so many writes, also of the plugin; the next run ends where an unbroken one does."""
    world.write(ADDRESSES + REST)
    command = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]
    running = subprocess.Popen(
        command,
        cwd=world.stack.folder,
        env=world.stack.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    world.watch("info", "sales", "postmaster")
    look = account.watch

    def kill() -> None:
        look()
        if len(world.writes()) == writes:
            _kill_session(running.pid)

    account.watch = kill
    running.wait()
    world.watch("info", "sales", "postmaster")
    cancelled = world.stack.pulumi("cancel", "--yes")
    assert cancelled.returncode == 0, cancelled.stderr
    world.up()
    world.up()
    assert world.goes_to("info", "sales", "rest", "nobody-knows") == [[WANG], [WANG], [LI], [LI]]
    assert len(account.routing[world.zone].rules) == 5 and account.routing[world.zone].locked
    assert world.lost == []
    world.settled()


def _kill_session(leader: int) -> None:
    """The command and its plugins, which have process groups of their own."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            session = int(path.read_text().rpartition(")")[2].split()[3])
            if session == leader:
                os.kill(int(path.parent.name), signal.SIGKILL)
        except (OSError, ValueError):
            continue  # it has ended in the meantime
