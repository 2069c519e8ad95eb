"""``drift`` of a Google Workspace account by its APIs: read only, and whatever may be a fraud is shown."""

from __future__ import annotations

import datetime as dt

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from mailwright.hosts.mail.google.desired import desired
from mailwright.hosts.mail.google.scopes import READING
from mailwright.model.checks import Check, Status
from mailwright.operations.planning import planned
from mailwright.operations.world.hosted_drift import hosted_drift
from tests.mail_host.simulators.google_api import CLIENT, Group
from tests.mail_host.workspace import COMPANY, Workspace
from tests.mailboxes.specs import DOMAIN

DAY = dt.date(2026, 11, 23)
THIEF = "thief@evil.example"


def checks(workspace: Workspace) -> tuple[Check, ...]:
    return hosted_drift(planned([workspace.spec], DAY).plans)[DOMAIN]


def told(workspace: Workspace) -> set[tuple[str, str, str]]:
    """Rule, status and local part; what passes and what is never shown is left out."""
    return {
        (check.rule, str(check.status), check.name.partition("@")[0])
        for check in checks(workspace)
        if check.status not in (Status.PASS, Status.NOT_CHECKABLE)
    }


def filter_of(forward: str = "", **action: list[str]) -> dict[str, object]:
    done = {**({"forward": forward} if forward else {}), **action}
    return {"id": "F0", "criteria": {"query": "bank OR payment"}, "action": done}


def test_what_strangers_did_is_shown_wherever_they_did_it(workspace: Workspace) -> None:
    workspace.write("people: {wang: {}, li: {}}\n", writes=False)
    for name in ("wang", "li", "nobody-in-the-spec"):
        workspace.add(name)
    wang, li, other = (workspace.user(name) for name in ("wang", "li", "nobody-in-the-spec"))
    other.forwarding[THIEF] = "accepted"
    other.auto = {"enabled": True, "emailAddress": THIEF, "disposition": "leaveInInbox"}
    wang.forwarding[THIEF] = "accepted"
    wang.filters += [filter_of(THIEF), filter_of(addLabelIds=["TRASH"])]
    wang.filters += [filter_of(addLabelIds=["Label_7"]), filter_of(removeLabelIds=["UNREAD"])]
    li.delegates[f"nobody-in-the-spec@{DOMAIN}"] = "accepted"
    li.forwarding["prepared@evil.example"] = "pending"
    li.asps.append({"codeId": 4, "name": "old phone"})
    li.tokens.append({"clientId": "77.apps", "displayText": "Mail Reader"})
    li.recovery = "li@private.example"
    group = workspace.account.groups.setdefault(f"all@{DOMAIN}", Group(f"all@{DOMAIN}"))
    group.members[THIEF] = {"email": THIEF, "delivery_settings": "ALL_MAIL"}
    found = told(workspace)
    assert {
        ("mail-leaves-unknown", "fail", "nobody-in-the-spec"),
        ("mail-leaves-unknown", "fail", "wang"),
        ("mail-leaves-unknown", "warn", "li"),
        ("mail-leaves-unknown", "fail", "all"),
        ("mail-hidden-unknown", "fail", "wang"),
        ("mailbox-read-by-unknown", "fail", "li"),
        ("mailbox-way-in", "warn", "li"),
        ("mail-object-unknown", "warn", "filter wang"),
    } <= found
    ways = [check.text("en") for check in checks(workspace) if check.rule == "mailbox-way-in"]
    assert len(ways) == 3 and "old phone" in ways[0] and "Mail Reader" in ways[1]
    assert not workspace.google.writes


def test_what_differs_from_the_plan_and_what_no_api_shows(workspace: Workspace) -> None:
    """The account has an alias that leads elsewhere, and a group that refuses outsiders."""
    workspace.write(writes=False)
    for name in ("wang", "li", "chen", "support", "quotes"):
        workspace.add(name)
    workspace.user("li").aliases[f"info@{DOMAIN}"] = type(workspace.user("li").lag)()
    sales = workspace.account.groups.setdefault(f"sales@{DOMAIN}", Group(f"sales@{DOMAIN}"))
    sales.members[f"li@{DOMAIN}"] = {"email": f"li@{DOMAIN}", "delivery_settings": "NONE"}
    differing = {(check.type, check.name, check.found) for check in checks(workspace) if check.expected}
    assert ("alias", f"info@{DOMAIN}", (f"li@{DOMAIN}",)) in differing
    assert ("member", f"sales@{DOMAIN} li@{DOMAIN}", ("NONE",)) in differing
    assert any(
        name == f"sales@{DOMAIN}" and "ALL_IN_DOMAIN" in there[0] for _, name, there in differing if there
    )
    hidden = [check for check in checks(workspace) if check.status is Status.NOT_CHECKABLE]
    assert hidden and all(check.rule == "mail-host-not-shown" for check in hidden)
    plan = planned([workspace.spec], DAY).plans[0][1]
    assert plan.mailboxes is not None
    assert len({key.split()[0] for key in desired(plan.mailboxes).rows}) >= 7


def test_a_suspended_mailbox_is_not_shown_and_never_empty(workspace: Workspace) -> None:
    workspace.write("people: {wang: {}}\n", writes=False)
    workspace.add("wang").suspended = True
    (hidden,) = [check for check in checks(workspace) if "wang" in check.name and not check.expected]
    assert (hidden.rule, hidden.status) == ("mail-host-not-shown", Status.NOT_CHECKABLE)
    assert ("mail-object-differs", "fail", "wang") in told(workspace)


def test_reading_takes_the_scopes_that_are_named_for_it_and_no_other(workspace: Workspace) -> None:
    workspace.write(COMPANY, writes=False)
    workspace.add("wang")
    workspace.google.granted = set(map(str, READING)) - {str(READING[-1])}
    assert not any(check.status is Status.UNKNOWN for check in checks(workspace))
    used = {scope for _, scope, _ in workspace.google.calls}
    for scope in sorted(used):
        workspace.google.granted = used - {scope}
        (unread,) = checks(workspace)
        assert (unread.rule, unread.status) == ("mail-host-unread", Status.UNKNOWN)
        text = unread.text("en")
        assert scope in text and CLIENT in text and "\n" not in text


@pytest.mark.parametrize("what", ["nothing", "no file", "no account", "other key", "no admin"])
def test_a_wrong_credential_is_one_clear_line(workspace: Workspace, what: str) -> None:
    workspace.write(writes=False)
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    values = {
        "nothing": "",
        "no file": str(workspace.folder / "nowhere.json"),
        "no account": '{"type": "authorized_user"}',
        "other key": workspace.google.credentials(stranger),
        "no admin": workspace.google.credentials(),
    }
    if what == "no admin":
        del workspace.account.users[f"it@{DOMAIN}"]
    workspace.patch.setenv("MAILWRIGHT_GOOGLE_CREDENTIALS", values[what])
    (unread,) = checks(workspace)
    assert unread.rule == "mail-host-unread"
    assert unread.status is (Status.NOT_CHECKABLE if what == "nothing" else Status.UNKNOWN)
    for lang in ("en", "zh"):
        text = unread.text(lang)  # type: ignore[arg-type]
        assert "\n" not in text and "PRIVATE" not in text and "Traceback" not in text


def test_pages_throttling_and_a_large_account(workspace: Workspace) -> None:
    """Two pages of groups, more than one of members; every few calls Google asks to wait."""
    workspace.write("people: {wang: {}}\n", writes=False)
    workspace.add("wang")
    for number in range(230):
        address = f"g{number}@{DOMAIN}"
        workspace.account.groups[address] = Group(address)
    last = workspace.account.groups[f"g229@{DOMAIN}"]
    for number in range(205):
        member = f"m{number}@{DOMAIN}"
        last.members[member] = {"email": member, "delivery_settings": "ALL_MAIL"}
    last.members[THIEF] = {"email": THIEF, "delivery_settings": "ALL_MAIL"}
    workspace.google.busy = 3
    assert ("mail-leaves-unknown", "fail", "g229") in told(workspace)
    assert not workspace.google.busy
