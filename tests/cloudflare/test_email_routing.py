"""Cloudflare Email Routing on the stand-in: order, clicks, adoption, consent, and what is never touched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailwright.plan.plan import plan
from mailwright.spec import parse
from tests.cloudflare.api import Account
from tests.cloudflare.engine import Engine
from tests.cloudflare.routing import switch_on
from tests.cloudflare.test_program import DOWN
from tests.conftest import ROOT
from tests.mailboxes.specs import DAY

ZONE = "acme-trade.com"
WANG, LI = "wang@boxes.example", "li@boxes.example"
HEAD = """\
version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
mail_host: {service: cloudflare-email-routing, priority_1: "10", priority_2: "11", priority_3: "12"%s}
dns_hosts: [{service: cloudflare}]
contact: wang@boxes.example
"""
ADDRESSES = f"addresses:\n  info: {{to: {WANG}}}\n  sales: {{to: info}}\n"
REST = f"  rest: {{to: {LI}}}\ncatch_all: {{to: rest}}\n"
EVERY = "role-address-emptied,mx-changed," + DOWN


def write(folder: Path, text: str, more: str = "") -> Path:
    path = folder / "acme.yaml"
    path.write_text(HEAD % more + text, encoding="utf-8")
    return path


def agreed(account: Account) -> str:
    """A zone, and both destinations have agreed long ago."""
    for each in (WANG, LI):
        account.click(each)
    return account.new_zone(ZONE, (ZONE, "TXT", "MS=ms1"))


def targets(account: Account, zone: str, *locals: str) -> list[list[str]]:
    return [account.routing[zone].goes_to(f"{local}@{ZONE}") for local in locals]


def test_a_new_zone_is_routed_and_a_second_run_changes_nothing(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    zone = agreed(account)
    spec = write(tmp_path, ADDRESSES + REST)
    first = engine.up(spec)
    assert not first.problems
    steps = [name for did, name in first.steps if "email" in name]
    assert set(steps[:2]) == {f"{ZONE} email destination {each}" for each in (LI, WANG)}
    rules = {f"{each}@{ZONE} email rule" for each in ("abuse", "info", "postmaster", "rest", "sales")}
    assert set(steps[2:8]) == rules | {f"{ZONE} email catch-all"}, "in whatever order"
    switch = [f"{ZONE} email exchangers", f"{ZONE} email routing"]
    assert steps[8:] == switch, "what switches routing on comes last"
    assert targets(account, zone, "info", "sales", "postmaster", "nobody") == [[WANG], [WANG], [WANG], [LI]]
    assert len(account.values(zone, "MX")) == 3 and account.routing[zone].locked
    assert account.values(zone, "TXT", ZONE) == ['"v=spf1 include:_spf.mx.cloudflare.net ~all"', "MS=ms1"]
    assert "pending" not in first.outputs
    second = engine.up(spec)
    assert not second.problems and {did for did, _ in second.steps} == {"same"}


def test_no_mail_comes_in_before_the_destinations_have_agreed(
    account: Account, engine: Engine, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    zone = account.new_zone(ZONE)
    spec = write(tmp_path, ADDRESSES)
    first = engine.up(spec)
    assert not first.problems and first.outputs["pending"] == [ZONE]
    assert account.values(zone, "MX") == [] and account.routing[zone].rules == {}
    assert [destination["email"] for destination in account.destinations.values()] == [WANG]
    account.click(WANG)
    second = engine.up(spec)
    assert not second.problems and "pending" not in second.outputs
    assert len(account.values(zone, "MX")) == 3 and targets(account, zone, "info") == [[WANG]]
    capfd.readouterr()


def test_the_old_target_stays_until_the_new_one_has_agreed(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    zone = account.new_zone(ZONE)
    account.click(WANG)
    assert not engine.up(write(tmp_path, ADDRESSES)).problems
    moved = write(tmp_path, ADDRESSES.replace(WANG, LI))
    waiting = engine.up(moved)
    assert not waiting.problems and waiting.outputs["pending"] == [ZONE]
    assert targets(account, zone, "info", "sales") == [[WANG], [WANG]] and account.routing[zone].locked
    account.click(LI)
    done = engine.up(moved)
    assert not done.problems and targets(account, zone, "info", "sales") == [[LI], [LI]]


def test_what_stands_is_adopted_and_changed_by_the_next_run(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    zone, ids = agreed(account), {}
    routing = switch_on(account, zone)
    for local, target in (("info", WANG), ("sales", LI), ("boss", "thief@evil.example")):
        ids[local] = routing.by_hand(account, f"{local}@{ZONE}", target)
    spec = write(tmp_path, ADDRESSES)
    first = engine.up(spec)
    assert not first.problems
    assert {f"info@{ZONE} email rule", f"sales@{ZONE} email rule", f"{ZONE} email exchangers"} <= set(
        first.names("import")
    )
    assert targets(account, zone, "info", "sales") == [[WANG], [LI]], "as found"
    assert first.outputs["pending"] == [ZONE]
    second = engine.up(spec)
    assert not second.problems and "pending" not in second.outputs
    assert targets(account, zone, "info", "sales", "boss") == [[WANG], [WANG], ["thief@evil.example"]]
    assert ids["info"] in account.routing[zone].rules
    assert {did for did, _ in engine.up(spec).steps} == {"same"}


def test_drift_is_repaired(account: Account, engine: Engine, tmp_path: Path) -> None:
    zone = agreed(account)
    spec = write(tmp_path, ADDRESSES)
    engine.up(spec)
    rules = account.routing[zone].rules
    (id,) = [id for id, each in rules.items() if each["matchers"][0]["value"] == f"info@{ZONE}"]
    rules[id]["actions"] = [{"type": "forward", "value": [LI]}]
    again = engine.up(spec)
    assert again.names("update") == [f"info@{ZONE} email rule"]
    assert targets(account, zone, "info") == [[WANG]]


def test_an_address_ends_only_with_consent(account: Account, engine: Engine, tmp_path: Path) -> None:
    zone = agreed(account)
    engine.up(write(tmp_path, ADDRESSES))
    spec = write(tmp_path, f"addresses: {{info: {{to: {WANG}}}}}\n")
    refused = engine.up(spec)
    assert "role-address-emptied" in refused.problems[0] and targets(account, zone, "sales") == [[WANG]]
    opened = engine.up(spec, allow="role-address-emptied")
    assert not opened.problems and targets(account, zone, "sales") == [[WANG]]
    gone = engine.up(spec, allow="role-address-emptied")
    assert not gone.problems and targets(account, zone, "info", "sales") == [[WANG], []]
    assert gone.names("delete") == [f"sales@{ZONE} email rule"]
    settled = engine.up(spec)
    assert not settled.problems


def test_a_catch_all_that_ends_is_switched_off_with_consent(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    zone = agreed(account)
    engine.up(write(tmp_path, ADDRESSES + REST))
    spec = write(tmp_path, ADDRESSES + REST.partition("catch_all")[0])
    assert "role-address-emptied" in engine.up(spec).problems[0]
    assert not engine.up(spec, allow="role-address-emptied").problems
    assert targets(account, zone, "nobody") == [[]]
    assert not engine.up(spec).problems


def test_a_group_needs_a_worker(account: Account, engine: Engine, tmp_path: Path) -> None:
    zone = agreed(account)
    text = f"addresses: {{info: {{to: {WANG}}}, sales: {{to: [{WANG}, {LI}]}}}}\n"
    refused = engine.up(write(tmp_path, text))
    assert "host-cannot" in refused.problems[0]
    assert not engine.up(write(tmp_path, text, ", worker: fan-out")).problems
    assert targets(account, zone, "info", "sales") == [[WANG], ["fan-out"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("people: {wang: {}}\n", "host-cannot"),
        (
            f"addresses: {{info: {{to: {WANG}}}}}\nrules: [{{for: info, otherwise: true, "
            f"then: {{assign_to: {LI}}}}}]\n",
            "host-cannot",
        ),
        ("", "no address is written"),
    ],
)
def test_what_email_routing_cannot_do_is_refused(
    account: Account, engine: Engine, tmp_path: Path, text: str, said: str
) -> None:
    zone = agreed(account)
    outcome = engine.up(write(tmp_path, text))
    assert said in outcome.problems[0]
    assert account.values(zone, "MX") == [] and zone not in account.routing


def test_exchangers_of_another_mail_host_are_an_error(
    account: Account, engine: Engine, tmp_path: Path
) -> None:
    account.click(WANG)
    zone = account.new_zone(ZONE, (ZONE, "MX", "5 mxbiz1.qq.com"))
    outcome = engine.up(write(tmp_path, ADDRESSES), allow=EVERY)
    assert "allows no other exchangers" in outcome.problems[0] and "mxbiz1.qq.com" in outcome.problems[0]
    assert account.values(zone, "MX") == ["5 mxbiz1.qq.com"] and zone not in account.routing


def test_a_richer_spf_stays_ours(account: Account, engine: Engine, tmp_path: Path) -> None:
    zone = agreed(account)
    more = "senders: [{custom: form, ip4: [203.0.113.10], from: info}]\n"
    assert not engine.up(write(tmp_path, ADDRESSES + more)).problems
    (policy,) = [each for each in account.values(zone, "TXT", ZONE) if "v=spf1" in each]
    assert "203.0.113.10" in policy and "_spf.mx.cloudflare.net" in policy


def test_a_destroy_stops_before_anything_is_gone(account: Account, engine: Engine, tmp_path: Path) -> None:
    zone = agreed(account)
    engine.up(write(tmp_path, ADDRESSES))
    held = {resource.urn.rpartition("::")[2] for resource in engine.state.values() if resource.protect}
    assert {f"{ZONE} email exchangers", f"{ZONE} email routing", f"info@{ZONE} email rule"} <= held
    assert targets(account, zone, "info") == [[WANG]]


def test_check_says_what_is_applied_and_what_is_not() -> None:
    def rules(text: str, dns: str = "{service: cloudflare}", more: str = "") -> set[str]:
        head = (HEAD % more).replace("{service: cloudflare}", dns)
        result = parse((head + text).encode(), "acme.yaml")
        assert result.spec is not None, [finding.message() for finding in result.findings]
        return {finding.rule for finding in plan(result.spec, DAY).findings}

    assert not {"host-cannot", "set-up-by-hand"} & rules(ADDRESSES)
    assert "set-up-by-hand" in rules(ADDRESSES, "{service: manual, console: aliyun}")
    group = f"addresses: {{sales: {{to: [{WANG}, {LI}]}}}}\n"
    assert "host-cannot" in rules(group)
    assert "host-cannot" not in rules(group, more=", worker: fan-out")


@pytest.mark.parametrize("page", ["cloudflare.md", "cloudflare.zh-CN.md"])
def test_the_spec_of_the_page_is_deployed_as_it_stands(
    account: Account, engine: Engine, tmp_path: Path, page: str
) -> None:
    text = (ROOT / "docs" / "dns-hosts" / page).read_text(encoding="utf-8")
    (block,) = [match for match in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "routing" in match]
    path = tmp_path / "acme.yaml"
    head = "".join(HEAD.splitlines(keepends=True)[:3])
    path.write_text(head + block, encoding="utf-8")
    zone = agreed(account)
    assert not engine.up(path).problems
    assert targets(account, zone, "info", "nobody") == [[WANG], [LI]]
