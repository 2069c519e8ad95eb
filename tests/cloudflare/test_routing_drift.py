"""``drift`` of Email Routing on the stand-in: what differs, waits, or is in no spec; it never writes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mailwright.cli import main
from mailwright.hosts.mail.email_routing_api import RoutingError, read
from mailwright.model.checks import Check
from mailwright.operations.planning import planned
from mailwright.operations.world.routing_drift import TOKEN as VARIABLE
from mailwright.operations.world.routing_drift import routing_drift
from tests.cloudflare.api import TOKEN, Account, Api
from tests.cloudflare.routing import Routing, switch_off, switch_on
from tests.cloudflare.test_email_routing import ADDRESSES, HEAD, LI, REST, WANG, ZONE
from tests.servers.base import free_port
from tests.verify.test_verify import DAY

EVERYBODY = ("info", "sales", "postmaster", "abuse")


@pytest.fixture
def routing(account: Account, monkeypatch: pytest.MonkeyPatch) -> Routing:
    """As planned: every rule by hand, in the console, and a second page of rules that do nothing."""
    for each in (WANG, LI):
        account.click(each)
    zone = account.new_zone(ZONE)
    made = switch_on(account, zone)
    for number in range(60):
        made.by_hand(account, f"old{number}@{ZONE}", LI, enabled=False)
    for each in EVERYBODY:
        made.by_hand(account, f"{each}@{ZONE}", WANG)
    made.by_hand(account, f"rest@{ZONE}", LI)
    made.catch_all |= {"actions": [{"type": "forward", "value": [LI]}], "enabled": True}
    monkeypatch.setenv(VARIABLE, TOKEN)
    return made


def spec(folder: Path, url: str, text: str = ADDRESSES + REST, more: str = "") -> Path:
    path = folder / "acme.yaml"
    host = f"{{service: cloudflare, base_url: '{url}'}}"
    path.write_text((HEAD % more).replace("{service: cloudflare}", host) + text, encoding="utf-8")
    return path


def drift(path: Path) -> list[Check]:
    (checks,) = routing_drift(planned([path], DAY).plans).values()
    return list(checks)


def told(checks: list[Check]) -> set[str]:
    return {f"{check.status} {check.rule} {check.name}" for check in checks}


def rule(routing: Routing, local: str) -> dict[str, object]:
    return next(each for each in routing.rules.values() if each["matchers"][0]["value"] == f"{local}@{ZONE}")


def test_a_zone_as_planned_passes_and_nothing_is_written(
    account: Account, api: Api, routing: Routing, tmp_path: Path
) -> None:
    assert told(drift(spec(tmp_path, api.url))) == {f"pass routing-as-planned {ZONE}"}
    assert {method for method, _ in account.log} == {"GET"}
    account.destinations.clear()
    assert told(drift(spec(tmp_path, api.url))) == {f"pass routing-as-planned {ZONE}"}, "not ours to know"


def _elsewhere(account: Account, routing: Routing) -> None:
    rule(routing, "info")["actions"] = [{"type": "forward", "value": ["thief@evil.example"]}]


def _deleted(account: Account, routing: Routing) -> None:
    routing.rules = {id: each for id, each in routing.rules.items() if each is not rule(routing, "sales")}


def _disabled(account: Account, routing: Routing) -> None:
    rule(routing, "sales")["enabled"] = False


def _dropped(account: Account, routing: Routing) -> None:
    rule(routing, "abuse")["actions"] = [{"type": "drop"}]


def _quiet(account: Account, routing: Routing) -> None:
    routing.by_hand(account, f"bank@{ZONE}", "thief@evil.example")


def _another(account: Account, routing: Routing) -> None:
    routing.by_hand(account, f"jobs@{ZONE}", LI.upper())


def _swallowed(account: Account, routing: Routing) -> None:
    routing.by_hand(account, f"orders@{ZONE}")


def _caught(account: Account, routing: Routing) -> None:
    routing.catch_all |= {"actions": [{"type": "forward", "value": ["thief@evil.example"]}]}


def _uncaught(account: Account, routing: Routing) -> None:
    routing.catch_all |= {"actions": [{"type": "drop"}]}


def _off(account: Account, routing: Routing) -> None:
    switch_off(account, next(iter(account.zones)))


def _not_agreed(account: Account, routing: Routing) -> None:
    for destination in account.destinations.values():
        destination["verified"] = None if destination["email"] == LI else destination["verified"]


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (_elsewhere, {"fail routing-rule-differs info@", "fail mail-leaves-unknown info@"}),
        (_deleted, {"fail routing-rule-differs sales@"}),
        (_disabled, {"fail routing-rule-differs sales@"}),
        (_dropped, {"fail routing-rule-differs abuse@"}),
        (_quiet, {"fail mail-leaves-unknown bank@", "pass routing-as-planned "}),
        (_another, {"warn routing-rule-unknown jobs@", "pass routing-as-planned "}),
        (_swallowed, {"warn routing-rule-unknown orders@", "pass routing-as-planned "}),
        (_caught, {"fail routing-rule-differs @", "fail mail-leaves-unknown @"}),
        (_uncaught, {"fail routing-rule-differs @"}),
        (_off, {"fail routing-off "}),
        (_not_agreed, {"fail routing-destination-waits rest@", "fail routing-destination-waits @"}),
    ],
)
def test_what_somebody_changed_in_the_console(
    account: Account,
    api: Api,
    routing: Routing,
    tmp_path: Path,
    break_it: Callable[[Account, Routing], None],
    said: set[str],
) -> None:
    break_it(account, routing)
    checks = drift(spec(tmp_path, api.url))
    assert told(checks) == {each + ZONE for each in said}
    lines = [
        check.position.line for check in checks if check.rule == "routing-rule-differs" and check.position
    ]
    assert not any("sales" in each for each in said) or lines == [HEAD.count("\n") + 3]


def test_a_worker_and_a_catch_all_that_nobody_planned(
    account: Account, api: Api, routing: Routing, tmp_path: Path
) -> None:
    text = f"addresses:\n  info: {{to: {WANG}}}\n  sales: {{to: [{WANG}, {LI}]}}\n"
    path = spec(tmp_path, api.url, text, ", worker: fan-out")
    rule(routing, "sales")["actions"] = [{"type": "worker", "value": ["fan-out"]}]
    found = {f"warn routing-rule-unknown {each}{ZONE}" for each in ("rest@", "@")}
    assert told(drift(path)) == found | {f"pass routing-as-planned {ZONE}"}
    rule(routing, "sales")["actions"] = [{"type": "worker", "value": ["other"]}]
    assert f"fail routing-rule-differs sales@{ZONE}" in told(drift(path))


def test_what_cannot_be_read_is_never_as_planned(
    account: Account, api: Api, routing: Routing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (refused,) = _with(monkeypatch, "x" * 40, spec(tmp_path, api.url))
    assert (refused.rule, str(refused.status)) == ("mail-host-unread", "unknown")
    assert "HTTP 403 Invalid access token (9109)" in refused.text("en") and "xxxx" not in refused.text("en")
    (away,) = _with(monkeypatch, TOKEN, spec(tmp_path, f"http://127.0.0.1:{free_port()}/client/v4"))
    assert str(away.status) == "unknown" and "ConnectError" in away.text("en")
    (open_,) = _with(monkeypatch, TOKEN, spec(tmp_path, "http://192.0.2.1/client/v4"))
    assert str(open_.status) == "unknown" and "over https only" in open_.text("en")
    (none,) = _with(monkeypatch, "", spec(tmp_path, api.url))
    assert str(none.status) == "not-checkable" and f"{VARIABLE} is not set" in none.text("en")
    with pytest.raises(RoutingError, match="no zone other"):
        read("other.example", TOKEN, base_url=api.url)


def _with(monkeypatch: pytest.MonkeyPatch, token: str, path: Path) -> list[Check]:
    monkeypatch.setenv(VARIABLE, token)
    return drift(path)


def test_a_strange_rule_cannot_write_to_the_terminal(
    account: Account, api: Api, routing: Routing, tmp_path: Path
) -> None:
    routing.by_hand(account, f"a\x1b[2J\u202e@{ZONE}", "thief\x07@evil.example")
    routing.rules["odd"] = {
        "id": "odd\x1b",
        "matchers": [{"type": "subject"}],
        "actions": [],
        "enabled": True,
    }
    checks = drift(spec(tmp_path, api.url))
    shown = [
        text for check in checks for text in (check.text("en"), check.text("zh"), check.name, *check.found)
    ]
    for part in ("thief", "odd"):  # both are reported, or nothing would be tried here
        assert any(part in text for text in shown), part
    assert not [text for text in shown if re.search(r"[\x00-\x1f\x7f\u202e]", text)]


def test_the_command(
    account: Account,
    api: Api,
    routing: Routing,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _quiet(account, routing)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.defpath)
    path = spec(tmp_path, api.url)
    words = ["drift", str(path), "--nameserver", f"127.0.0.1:{free_port()}", "--as-of", DAY.isoformat()]
    assert main([*words, "--format", "json", "--lang", "en"]) == 2
    printed = capsys.readouterr()
    said = json.loads(printed.out)["checks"]
    assert [each["found"] for each in said if each["rule"] == "mail-leaves-unknown"] == [
        ["thief@evil.example"]
    ]
    assert TOKEN not in printed.out + printed.err


def test_a_subdomain_is_judged_by_its_own_rules(
    account: Account, api: Api, routing: Routing, tmp_path: Path
) -> None:
    """The zone's catch-all takes no mail of a subdomain, and the zone's own rules are no strangers there."""
    path = spec(tmp_path, api.url, ADDRESSES)
    text = path.read_text().replace(f"domain: {ZONE}", f"domain: mail.{ZONE}")
    path.write_text(text.replace("base_url", f"zone: {ZONE}, base_url"))
    assert told(drift(path)) == {f"fail routing-rule-differs {each}@mail.{ZONE}" for each in EVERYBODY}
    for each in EVERYBODY:
        routing.by_hand(account, f"{each}@mail.{ZONE}", WANG)
    assert told(drift(path)) == {f"pass routing-as-planned mail.{ZONE}"}
