"""A company at Google Workspace by its APIs: adopted, made, repaired, left alone, taken away."""

from __future__ import annotations

import json

from tests.mail_host.simulators.google_api import Group
from tests.mail_host.workspace import PEOPLE, Workspace
from tests.mailboxes.specs import DOMAIN

OUTSIDE, LOSS = "mail-forwarded-outside", "role-address-emptied"
THIEF = "thief@evil.example"


def test_the_whole_life_of_a_company(workspace: Workspace) -> None:
    workspace.write()
    workspace.add("wang", "老王")
    workspace.add("stranger").aliases[f"old@{DOMAIN}"] = type(workspace.user("wang").lag)()
    workspace.user("stranger").filters.append(
        {"id": "F0", "criteria": {"query": "x"}, "action": {"addLabelIds": ["STARRED"]}}
    )

    refused = workspace.run("up")
    assert (
        refused.refused
        and f"[{OUTSIDE}] " in refused.problems[0]
        and "agent@partner.example" in refused.problems[0]
    )
    assert not workspace.google.writes
    preview = workspace.run("preview", allow=OUTSIDE)
    assert not workspace.google.writes and not preview.problems
    outcome = workspace.up(allow=OUTSIDE)
    lines = outcome.changes[0].lines
    assert f"+ alias info@{DOMAIN} wang@{DOMAIN}" in lines and f"+ user li@{DOMAIN} active" in lines
    assert not any(line.startswith(f"+ user wang@{DOMAIN}") for line in lines)
    assert workspace.account.groups[f"sales@{DOMAIN}"].settings["whoCanPostMessage"] == "ANYONE_CAN_POST"
    assert workspace.user("support").delegates == {f"li@{DOMAIN}": "accepted", f"chen@{DOMAIN}": "accepted"}
    writes = len(workspace.google.writes)
    assert not workspace.up().changes
    assert len(workspace.google.writes) == writes

    strangers = dict(workspace.user("stranger").aliases), list(workspace.user("stranger").filters)
    del workspace.account.groups[f"sales@{DOMAIN}"].members[f"li@{DOMAIN}"]
    workspace.account.groups[f"sales@{DOMAIN}"].members[THIEF] = {
        "email": THIEF,
        "delivery_settings": "ALL_MAIL",
    }
    workspace.user("quotes").filters.clear()
    (step,) = workspace.run("refresh").changes
    assert step.action == "drift" and f"- member sales@{DOMAIN} li@{DOMAIN} ALL_MAIL" in step.lines
    workspace.up()
    members = workspace.account.groups[f"sales@{DOMAIN}"].members
    assert f"li@{DOMAIN}" in members and THIEF in members  # shown by drift, and for a person to take away
    assert len(workspace.user("quotes").filters) == 2
    assert (dict(workspace.user("stranger").aliases), list(workspace.user("stranger").filters)) == strangers
    assert not workspace.up().changes

    state = workspace.state.read_text()
    assert "PRIVATE KEY" not in state and "ya29" not in state and workspace.user("li").password not in state
    refused = workspace.run("destroy")
    assert refused.refused and f"[{LOSS}] " in refused.problems[0]
    assert not workspace.run("destroy", allow=LOSS).problems
    assert {user.partition("@")[0] for user in workspace.account.users} == {
        *("it", "wang", "stranger", "li", "chen", "quotes", "support")
    }
    assert not workspace.account.groups and not workspace.user("quotes").filters
    assert (dict(workspace.user("stranger").aliases), list(workspace.user("stranger").filters)) == strangers
    assert json.loads(workspace.state.read_text())["deployment"]["resources"] == []


def test_what_stood_there_is_adopted_without_a_write_and_left_at_last(workspace: Workspace) -> None:
    workspace.write(PEOPLE + "addresses: {sales: {to: [wang, li]}}\n")
    for name in ("wang", "li", "chen"):
        workspace.add(name)
    workspace.up()
    found = {name: dict(group.members) for name, group in workspace.account.groups.items()}
    workspace.state.unlink()
    writes = len(workspace.google.writes)
    outcome = workspace.up()
    assert len(workspace.google.writes) == writes
    assert not any(line.startswith("+") for change in outcome.changes for line in change.lines)
    assert not workspace.run("destroy").problems
    assert {name: dict(group.members) for name, group in workspace.account.groups.items()} == found


def test_a_spec_that_leaves_the_api_changes_nothing_there(workspace: Workspace) -> None:
    workspace.write(PEOPLE)
    workspace.up()
    writes = len(workspace.google.writes)
    workspace.write(PEOPLE, writes=False)
    workspace.up()
    assert len(workspace.google.writes) == writes and workspace.account.groups


def test_an_alias_of_somebody_else_is_not_taken_without_consent(workspace: Workspace) -> None:
    """And an address that becomes a group is nobody's for a moment, which is asked too."""
    workspace.write(PEOPLE + "addresses: {info: {to: [wang, li]}}\n")
    for name in ("wang", "li", "chen"):
        workspace.add(name)
    workspace.user("chen").aliases[f"info@{DOMAIN}"] = type(workspace.user("wang").lag)()
    refused = workspace.run("up")
    assert "[map-line-in-the-way]" in refused.problems[0] and "[address-gap]" in refused.problems[0]
    assert not workspace.google.writes
    workspace.up(allow="map-line-in-the-way,address-gap")
    assert not workspace.user("chen").aliases
    assert {*workspace.account.groups[f"info@{DOMAIN}"].members} == {f"wang@{DOMAIN}", f"li@{DOMAIN}"}
    freed = next(n for n, call in enumerate(workspace.google.writes) if "/aliases/" in call)
    assert workspace.google.writes[freed + 1] == "POST /admin/directory/v1/groups"


def test_a_mailbox_is_never_deleted(workspace: Workspace) -> None:
    workspace.write(PEOPLE + "addresses: {info: {to: [wang, li]}}\n")
    workspace.add("info")
    refused = workspace.run("up", allow="map-line-in-the-way,address-gap,role-address-emptied")
    assert refused.problems and "never deleted" in refused.problems[0]
    assert not workspace.google.writes
    workspace.write(PEOPLE)
    workspace.up()
    workspace.write("people: {wang: {name: 老王}, li: {name: 小李}}\n")
    outcome = workspace.up()
    assert f"chen@{DOMAIN}" in workspace.account.users
    assert any(line.startswith(f"= user chen@{DOMAIN} stays") for line in outcome.changes[0].lines)


def test_an_outside_address_has_to_agree_first(workspace: Workspace) -> None:
    """A rule for an outside address waits; the mail stays in the mailbox meanwhile."""
    rules = (
        "rules: [{for: li, when: {subject_contains: [invoice]}, then: {copy_to: [books@outside.example]}}]\n"
    )
    workspace.write(PEOPLE + rules)
    outcome = workspace.run("up", allow=OUTSIDE)
    assert outcome.problems and "books@outside.example must agree" in outcome.problems[0]
    assert not workspace.user("li").filters
    workspace.user("li").forwarding["books@outside.example"] = "accepted"
    workspace.up(allow=OUTSIDE)
    assert len(workspace.user("li").filters) == 1
    assert not workspace.up().changes


def test_a_leaver_is_locked_out_and_mail_goes_on(workspace: Workspace) -> None:
    workspace.write(PEOPLE + "addresses: {sales: {to: [wang, li]}}\n")
    workspace.up()
    li = workspace.user("li")
    li.asps.append({"codeId": 4, "name": "old phone"})
    li.tokens.append({"clientId": "77.apps", "displayText": "Mail Reader"})
    password = li.password
    left = "people: {wang: {}, chen: {}, li: {left: 2026-11-20, handover: {to: wang, until: 2027-05-20}}}\n"
    workspace.write(left + "addresses: {sales: {to: [wang, chen]}}\n")
    workspace.up()
    assert li.password != password and li.signed_out == 1 and not li.asps and not li.tokens
    assert not li.suspended and li.auto["emailAddress"] == f"wang@{DOMAIN}"
    assert {*workspace.account.groups[f"sales@{DOMAIN}"].members} == {f"wang@{DOMAIN}", f"chen@{DOMAIN}"}
    assert not workspace.up().changes
    assert li.signed_out == 1
    li.asps.append({"codeId": 5, "name": "came back"})
    workspace.up()
    assert not li.asps and li.signed_out == 2
    closed = left.replace("until: 2027-05-20}", "until: 2026-11-21}, closed: 2026-11-22")
    workspace.write(closed + "addresses: {sales: {to: [wang, chen]}}\n")
    refused = workspace.run("up")
    assert refused.refused and f"[{LOSS}] li@{DOMAIN} " in refused.problems[0]
    workspace.up(allow=LOSS)
    assert li.suspended
    assert not workspace.up().changes
    workspace.write(PEOPLE + "addresses: {sales: {to: [wang, chen]}}\n")
    assert "[login-opened-again]" in workspace.run("up").problems[0]


def test_groups_that_swallow_mail_are_opened(workspace: Workspace) -> None:
    workspace.write(PEOPLE + "addresses: {sales: {to: [wang, li]}}\n")
    for name in ("wang", "li", "chen"):
        workspace.add(name)
    group = workspace.account.groups.setdefault(f"sales@{DOMAIN}", Group(f"sales@{DOMAIN}"))
    group.settings["messageModerationLevel"] = "MODERATE_ALL_MESSAGES"
    group.members[f"wang@{DOMAIN}"] = {"email": f"wang@{DOMAIN}", "delivery_settings": "NONE"}
    workspace.up()
    assert group.members[f"wang@{DOMAIN}"]["delivery_settings"] == "ALL_MAIL"
    assert group.settings["messageModerationLevel"] == "MODERATE_NONE"
    assert group.settings["spamModerationLevel"] == "ALLOW"
