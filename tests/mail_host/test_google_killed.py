"""A run at Google may end after any call, and Google's answers lag: no mail is lost in any state between."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable

import pytest

from mailwright.hosts.mail.google.scopes import READING, WRITING
from tests.mail_host import simulators
from tests.mail_host.simulators.google_api import Account, tenant
from tests.mail_host.workspace import COMPANY, DAY, Workspace
from tests.mailboxes.specs import DOMAIN

OUTSIDE = "mail-forwarded-outside"
#: Calls that a run may make before it is killed; 3 takes some minutes. With fewer it never ends: locking
#: a leaver out is two calls, and a run that remembers nothing does them again.
CALLS = int(os.environ.get("MAILWRIGHT_GOOGLE_CALLS", "10"))
#: Sellers change, a rule changes, li leaves: no address becomes something else.
LATER = """\
people:
  wang: {name: 老王}
  chen: {}
  zhou: {}
  li: {left: 2026-11-20, handover: {to: zhou, until: 2027-05-20}}
addresses:
  info: {to: wang}
  sales: {to: [chen, zhou], owner: chen}
  agent: {to: [zhou, agent@partner.example]}
  quotes: {to: [zhou, chen]}
  support: {to: [zhou, chen], shared: true}
rules:
  - {for: quotes, when: {subject_contains: ["product A"]}, then: {assign_to: zhou}}
  - {for: quotes, otherwise: true, then: {assign_to: chen}}
"""
ROLES = ("info", "sales", "agent", "quotes", "support", "postmaster", "abuse", "wang", "li", "chen")
PASSING = {f"{name}@{DOMAIN}" for name in ("quotes", "it")}
SUBJECTS = ("product A, 200 pieces", "hello")


def readers(account: Account, name: str, subject: str) -> set[str]:
    """Who finds a mail from outside where they look; who only passes mail on is nobody."""
    mail = simulators.Mail("buyer@outside.example", f"{name}@{DOMAIN}", {"Subject": subject})
    delivery = tenant(account, dt.date.fromisoformat(DAY)).deliver(mail, dt.date.fromisoformat(DAY))
    arrived = [
        event.target
        for event in delivery.events
        if event.kind in ("delivered", "copied", "forwarded") and event.folder != "Trash"
    ]
    return set(arrived) - PASSING


def held(workspace: Workspace) -> Callable[[str], None]:
    """Every address that somebody reads now has to be read by somebody after each further call."""
    names = [
        (name, subject) for name in ROLES for subject in SUBJECTS if readers(workspace.account, name, subject)
    ]
    assert len(names) == len(ROLES) * len(SUBJECTS)

    def watch(call: str) -> None:
        for name, subject in names:
            assert readers(workspace.account, name, subject), (call, name, subject)

    return watch


def established(workspace: Workspace) -> None:
    workspace.write(COMPANY)
    workspace.up(allow=OUTSIDE)


@pytest.fixture
def company(workspace: Workspace) -> Workspace:
    established(workspace)
    return workspace


def seen(workspace: Workspace) -> list[str]:
    """What a watch complained of: the stand-in's threads cannot raise into the test."""
    problems: list[str] = []
    watch = held(workspace)

    def noted(call: str) -> None:
        try:
            watch(call)
        except AssertionError as error:
            problems.append(str(error))

    workspace.google.watch = noted
    return problems


def test_no_mail_is_lost_after_any_call_of_a_change(company: Workspace) -> None:
    problems = seen(company)
    writes = len(company.google.writes)
    company.write(LATER)
    company.up()
    assert not problems and len(company.google.writes) - writes > 20
    assert readers(company.account, "li", "hello") == {f"zhou@{DOMAIN}", f"li@{DOMAIN}"}
    assert readers(company.account, "quotes", "product A") == {f"zhou@{DOMAIN}"}
    assert readers(company.account, "quotes", "hello") == {f"chen@{DOMAIN}"}
    assert not company.up().changes


def test_a_mail_that_would_be_lost_is_seen(company: Workspace) -> None:
    """The watch itself: a filter that goes before the next one is there."""
    problems = seen(company)
    company.user("quotes").filters.clear()
    company.google.watch("by hand")
    assert problems


@pytest.mark.parametrize("first", [True, False], ids=["first run", "change"])
def test_killed_after_every_call_and_run_again(workspace: Workspace, first: bool) -> None:
    """Nothing of the killed run is remembered: the state is the one before it."""
    if not first:
        established(workspace)
    problems: list[str] = []
    if not first:
        problems = seen(workspace)
    workspace.write(COMPANY if first else LATER)
    kept = workspace.folder / "kept.json"
    if workspace.state.exists():
        shutil.copy(workspace.state, kept)
    rounds = 0
    while True:
        workspace.google.stop_after = len(workspace.google.writes) + CALLS
        outcome = workspace.run("up", allow=OUTSIDE)
        if not outcome.problems:
            break
        rounds += 1
        assert rounds < 60, outcome.problems
        assert "Traceback" not in outcome.problems[0]
        workspace.state.unlink(missing_ok=True)
        if kept.exists():
            shutil.copy(kept, workspace.state)
    workspace.google.stop_after = None
    assert rounds > 1 and not problems
    assert not workspace.up().changes
    assert all(readers(workspace.account, name, "hello") for name in ROLES)


def test_what_was_written_is_kept_by_the_state_of_a_run_that_failed(workspace: Workspace) -> None:
    workspace.write(COMPANY)
    workspace.google.stop_after = 12
    outcome = workspace.run("up", allow=OUTSIDE)
    assert "Written so far" in outcome.problems[0]
    workspace.google.stop_after = None
    workspace.up(allow=OUTSIDE)
    calls = [call for call in workspace.google.writes if call.startswith("POST ")]
    assert not workspace.up().changes and calls


def test_google_shows_what_is_new_only_after_a_while(workspace: Workspace) -> None:
    """A new user is not found by some reads, its mailbox is not served yet, aliases and groups lag too."""
    workspace.account.lag = 2
    workspace.write(COMPANY)
    workspace.up(allow=OUTSIDE)
    assert not workspace.up().changes
    assert all(readers(workspace.account, name, "hello") for name in ROLES)


def test_throttled_and_unanswered_calls_end_well(workspace: Workspace) -> None:
    workspace.write(COMPANY)
    workspace.google.busy = 3
    workspace.google.lost = 1  # done, and nobody answered
    outcome = workspace.run("up", allow=OUTSIDE)
    assert outcome.problems  # nobody knows what became of that call
    workspace.up(allow=OUTSIDE)
    assert not workspace.up().changes


def test_the_scopes_that_are_named_are_enough_and_each_is_needed(workspace: Workspace) -> None:
    workspace.google.granted = set(map(str, (*READING, *WRITING)))
    workspace.write(COMPANY)
    workspace.up(allow=OUTSIDE)
    workspace.write(LATER)
    workspace.up()
    used = {scope for _, scope, _ in workspace.google.calls}
    assert used == workspace.google.granted
