"""The whole Cloudflare way with the real ``pulumi`` and its real plugin, on the stand-in of the API."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cloudflare.api import TOKEN, Account, Api
from tests.cloudflare.conftest import write
from tests.cloudflare.plugged import CHANGED, MARKS, Stack, new_stack
from tests.cloudflare.test_program import DOWN, EXMAIL, FOREIGN, KEY, SPF, ZONE

pytestmark = MARKS


@pytest.fixture
def stack(tmp_path: Path, api: Api) -> Stack:
    """A new stack ``t`` whose spec is on the stand-in."""
    made = new_stack(tmp_path)
    _spec(made.folder, api)
    return made


def _spec(folder: Path, api: Api, **more: str) -> None:
    write(folder / "stacks", options=f", base_url: '{api.url}'", **more).rename(folder / "stacks" / "t.yaml")


def test_a_zone_that_already_has_mail(api: Api, account: Account, stack: Stack, tmp_path: Path) -> None:
    old = ((ZONE, "MX", "10 mx.old.example"), (ZONE, "TXT", '"v=spf1 ip4:192.0.2.1 -all"'))
    zone = account.new_zone(ZONE, *FOREIGN, *old)
    before = {id: dict(each) for id, each in account.records[zone].items()}
    refused = stack.pulumi("up", "--yes")
    assert refused.returncode != 0
    assert "[mx-changed]" in refused.stdout + refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
    assert account.records[zone] == before

    stack.up(MAILWRIGHT_ALLOW="mx-changed,spf-sender-dropped")
    assert account.values(zone, "MX") == ["10 mx.old.example"], "SPF widens before MX switches"
    assert before.keys() <= account.records[zone].keys(), "what was there are still the same records"
    stack.up(MAILWRIGHT_ALLOW="mx-changed,spf-sender-dropped")
    assert account.values(zone, "MX") == sorted([*EXMAIL, "10 mx.old.example"])
    spf = [each for each in account.values(zone, "TXT", ZONE) if "spf1" in each]
    assert spf == ['"v=spf1 include:spf.mail.qq.com ip4:192.0.2.1 ~all"']
    assert stack.unchanged() == 0
    stack.up(MAILWRIGHT_AS_OF="2026-11-25")
    assert account.values(zone, "MX") == EXMAIL
    foreign = sorted(content for _, type, content in FOREIGN if type == "TXT")
    assert account.values(zone, "TXT", ZONE) == sorted([SPF, *foreign])
    state = "".join(path.read_text() for path in (tmp_path / "state").rglob("*.json"))
    assert "v=spf1" in state
    assert TOKEN not in state


def test_identical_records_are_adopted_and_nothing_is_pending(account: Account, stack: Stack) -> None:
    zone = account.new_zone(ZONE)
    account.add(zone, ZONE, "MX", "5 mxbiz1.qq.com", ttl=3600, comment="by wang")
    account.add(zone, ZONE, "MX", "10 mxbiz2.qq.com", ttl=3600)
    account.add(zone, ZONE, "TXT", SPF.strip('"'), ttl=3600)
    before = set(account.records[zone])
    preview = ("preview", "stacks/t.yaml", "--engine", "pulumi")
    seen = stack.mailwright(*preview)
    assert seen.returncode == 2, seen.stdout + seen.stderr  # no DMARC yet
    account.add(zone, f"_dmarc.{ZONE}", "TXT", f'"v=DMARC1; p=none; rua=mailto:wang@{ZONE}"', ttl=3600)
    seen = stack.mailwright(*preview)
    assert seen.returncode == 0, seen.stdout + seen.stderr
    assert "taken over as it is" in seen.stdout and "create" not in seen.stdout
    stack.up()
    assert before <= set(account.records[zone])
    assert stack.unchanged() == 0
    assert not [method for method, _ in account.log if method in ("PUT", "PATCH", "DELETE")]


def test_outside_changes_are_seen_and_repaired(account: Account, stack: Stack) -> None:
    zone = account.new_zone(ZONE, *FOREIGN)
    stack.up()
    assert stack.unchanged() == 0
    spf = next(each for each in account.records[zone].values() if "spf1" in each["content"])
    spf["content"] = '"v=spf1 -all"'
    gone = next(id for id, each in account.records[zone].items() if each["content"] == "mxbiz2.qq.com")
    del account.records[zone][gone]
    assert stack.unchanged() == CHANGED
    stack.up()
    assert account.values(zone, "MX") == EXMAIL
    assert SPF in account.values(zone, "TXT", ZONE)
    assert stack.unchanged() == 0


def test_destroy_is_refused_before_it_deletes_anything(account: Account, stack: Stack) -> None:
    zone = account.new_zone(ZONE, *FOREIGN)
    before = {id: dict(each) for id, each in account.records[zone].items()}
    stack.up()
    deployed = dict(account.records[zone])
    for arguments in (("destroy", "--yes"), ("destroy", "--yes", "--skip-preview")):
        assert stack.pulumi(*arguments).returncode != 0
        assert account.records[zone] == deployed
    refused = stack.mailwright("destroy", "stacks/t.yaml", "--engine", "pulumi")
    assert refused.returncode == 3, refused.stdout + refused.stderr
    assert account.records[zone] == deployed
    flags = [flag for rule in DOWN.split(",") for flag in ("--allow", rule)]
    ended = stack.mailwright("destroy", "stacks/t.yaml", "--engine", "pulumi", *flags)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert account.records[zone] == before


def test_mailwright_up_takes_over_and_changes_in_one_go(account: Account, api: Api, stack: Stack) -> None:
    """And a selector that was an alias becomes a key, in place."""
    name = f"google._domainkey.{ZONE}"
    zone = account.new_zone(ZONE, (ZONE, "TXT", "v=spf1 ip4:192.0.2.1 -all"), (name, "CNAME", "old.example"))
    dkim = f'google-workspace, dkim: [{{name: google._domainkey, value: "v=DKIM1; k=rsa; p={KEY}"}}]'
    _spec(stack.folder, api, service=dkim)
    allow = ("--allow", "selector-changed", "--allow", "spf-sender-dropped")
    ended = stack.mailwright("up", "stacks/t.yaml", "--engine", "pulumi", *allow)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert account.values(zone, "CNAME", name) == []
    (key,) = account.values(zone, "TXT", name)
    assert key.replace('" "', "").strip('"') == f"v=DKIM1; k=rsa; p={KEY}"
    assert account.values(zone, "TXT", ZONE) == ['"v=spf1 include:_spf.google.com ip4:192.0.2.1 ~all"']
    assert stack.unchanged() == 0


def test_a_wrong_token_is_one_clear_error(account: Account, stack: Stack) -> None:
    account.new_zone(ZONE)
    ended = stack.pulumi("up", "--yes", CLOUDFLARE_API_TOKEN="x" * 40)
    text = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert "Invalid access token" in text
    assert "Traceback" not in text
    assert "x" * 40 not in text
