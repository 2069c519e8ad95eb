"""Checklists as changes: what was ticked is not asked again, what ends is ended, kinds change in order."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from random import Random

import pytest

from mailwright.catalog import service
from mailwright.catalog.behaviour import behaviour
from mailwright.catalog.capability import capability
from mailwright.model.checks import Check, Status
from mailwright.model.consent import Consent
from mailwright.model.text import Lang
from mailwright.plan.mailboxes import lowering
from mailwright.plan.mailboxes.reach import Reach, losses
from mailwright.report.mailboxes import hosted_steps
from mailwright.report.mailboxes.checklist import checklist, ids
from mailwright.report.mailboxes.progress import Memory
from mailwright.report.mailboxes.ticking import ticked as by_trial
from tests.mail_host import simulators
from tests.mail_host.simulators import Step, Tenant
from tests.mailboxes.hosts import HOSTS, at, boxes
from tests.mailboxes.specs import DOMAIN

GOOGLE, MICROSOFT = "google-workspace", "microsoft-365"
STAFF = "people: {wang: {}, li: {}, chen: {}}\n"
DAY = dt.date(2026, 11, 23)
INFO = f"info@{DOMAIN}"


def exported(host: str, text: str, before: str = "", lang: Lang = "en", day: dt.date = DAY) -> str:
    """A checklist that goes on where the one before was left."""
    known = service(host)
    assert known is not None
    answers = capability(host).answer
    return checklist(boxes(at(host, text, day)), known.names, lang, answers, memory=Memory.of(before, host))


def ticked(text: str, *only: str) -> str:
    """Every step ticked, or those alone."""

    def mark(step: re.Match[str]) -> str:
        return step[0].replace("[ ]", "[x]", 1) if not only or step[1] in only else step[0]

    return re.sub(r"^\d+\. \[ \](?:(?!^\d+\. \[).)*?<!-- (.+?) -->", mark, text, flags=re.M | re.S)


@pytest.mark.parametrize("host", HOSTS)
def test_what_was_ticked_is_not_asked_again(host: str) -> None:
    text = STAFF + "addresses: {info: {to: wang}}\n"
    first = exported(host, text)
    done = exported(host, text, ticked(first))
    assert ids(done) == () and "Nothing is left to do." in done
    assert "没有待办步骤" in exported(host, text, ticked(first), "zh"), "the memory has no language"
    assert ids(exported(host, text, first)) == ids(first), "nothing was ticked"

    more = exported(host, text.replace("chen: {}", "chen: {}, zhou: {}"), done)
    assert [id for id in ids(more) if not id.startswith("unknown")] == [f"person:zhou@{DOMAIN}"]


def test_what_differs_is_changed_and_what_ends_is_taken_away() -> None:
    before = ticked(exported(GOOGLE, STAFF + "addresses: {sales: {to: [wang, li]}, info: {to: wang}}\n"))
    after = exported(GOOGLE, STAFF + "addresses: {sales: {to: [wang, chen]}}\n", before)
    assert ids(after) == (f"group:sales@{DOMAIN}", f"end:alias:{INFO}")
    assert "Set up before, and different now" in after
    assert f"No longer wanted, take it away: Alias `{INFO}` of `wang@{DOMAIN}`" in after
    assert ids(exported(GOOGLE, STAFF + "addresses: {sales: {to: [wang, chen]}}\n", after)) == ids(after)
    last = exported(GOOGLE, STAFF + "addresses: {sales: {to: [wang, chen]}}\n", ticked(after))
    assert ids(last) == ()


def test_another_mail_host_has_nothing_of_what_was_made_at_the_first() -> None:
    """After a move the list of the old host must not say that the new one is ready."""
    text = STAFF + "addresses: {info: {to: wang}}\n"
    done = ticked(exported("tencent-exmail", text))
    assert ids(exported(GOOGLE, text, done)) == ids(exported(GOOGLE, text))
    before, after = Reach.of(boxes(at(GOOGLE, text))), boxes(at(MICROSOFT, text))
    assert before.kinds[f"abuse@{DOMAIN}"] != Reach.of(after).kinds[f"abuse@{DOMAIN}"]
    assert not losses(Reach.of_plain(before.plain), after, (), DAY), (
        "nothing changes its kind at the new host"
    )


@pytest.mark.parametrize("host", HOSTS)
def test_a_leavers_mailbox_is_never_taken_away_by_a_line_that_is_gone(host: str) -> None:
    before = ticked(exported(host, STAFF))
    left = "people: {wang: {}, li: {}, chen: {left: 2026-11-20, handover: {to: wang, until: 2027-05-31}}}\n"
    assert f"end:person:chen@{DOMAIN}" not in ids(exported(host, left, before))
    assert f"sign-out:chen@{DOMAIN}" in ids(exported(host, left, before))


def test_what_nobody_knows_any_more_is_not_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fact that is withdrawn leaves groups, role mailboxes and their rules where they are."""
    text = STAFF + (
        "addresses: {info: {to: wang}, sales: {to: [wang, li]}}\n"
        "rules: [{for: info, when: {subject_contains: [pump]}, then: {assign_to: li}}]\n"
    )
    done = ticked(exported(MICROSOFT, text))
    known = behaviour(MICROSOFT)
    assert known is not None and {f"group:sales@{DOMAIN}", "rules[0]"} <= set(ids(exported(MICROSOFT, text)))
    facts = {name: answer for name, answer in known.facts.items() if name not in ("group", "rules")}
    changed = replace(known, facts=facts)
    for module in (lowering, hosted_steps):
        monkeypatch.setattr(module, "behaviour", lambda _: changed)
    assert not [id for id in ids(exported(MICROSOFT, text, done)) if id.startswith("end:")]


def test_a_mailbox_that_is_only_missing_in_the_spec_is_not_deleted() -> None:
    after = exported(GOOGLE, "people: {wang: {}, li: {}}\n", ticked(exported(GOOGLE, STAFF)))
    assert ids(after) == (f"end:person:chen@{DOMAIN}",) and "Delete nothing yet" in after


def test_whoever_comes_back_is_let_in_again() -> None:
    left = "people: {wang: {}, li: {}, chen: {left: 2026-11-20, handover: {to: wang, until: 2027-05-31}}}\n"
    gone = ticked(exported(MICROSOFT, left, ticked(exported(MICROSOFT, STAFF))))
    back = ids(exported(MICROSOFT, STAFF, gone))
    assert f"person:chen@{DOMAIN}" in back and f"end:handover:chen@{DOMAIN}" in back


def test_a_hand_edit_or_a_list_of_an_earlier_version_is_no_memory() -> None:
    text = STAFF + "addresses: {info: {to: wang}}\n"
    first = exported(GOOGLE, text)
    for broken in ("", "1. [x] old <!-- person:wang -->\n", first.replace('{"', "{{")):
        assert ids(exported(GOOGLE, text, broken)) == ids(first)


def test_a_change_of_kind_has_its_order_and_is_taken_up_after_each_step() -> None:
    alias, group = STAFF + "addresses: {info: {to: wang}}\n", STAFF + "addresses: {info: {to: [wang, li]}}\n"
    text = ticked(exported(GOOGLE, alias))
    order = [f"route:{INFO}", f"free:alias:{INFO}", f"group:{INFO}", f"test:{INFO}", f"unroute:{INFO}"]
    text = exported(GOOGLE, group, text)
    assert list(ids(text)) == order
    while order:
        text = exported(GOOGLE, group, ticked(text, order.pop(0)))
        assert list(ids(text)) == order
    assert ids(exported(GOOGLE, alias, text))[0] == f"route:{INFO}", "and back again"


def test_a_test_mail_ticks_the_test_of_a_change_and_the_list_goes_on() -> None:
    alias, group = STAFF + "addresses: {info: {to: wang}}\n", STAFF + "addresses: {info: {to: [wang, li]}}\n"
    text = exported(GOOGLE, group, ticked(exported(GOOGLE, alias)))
    for id in (f"route:{INFO}", f"free:alias:{INFO}"):
        text = exported(GOOGLE, group, ticked(text, id))
    seen = Check("test-mail-arrives", Status.PASS, INFO, "", (), (), "")
    assert ids(exported(GOOGLE, group, by_trial(text, [seen]))) == (f"unroute:{INFO}",)


def test_a_gap_that_nothing_bridges_is_said_in_minutes_and_wants_consent() -> None:
    alias, group = STAFF + "addresses: {info: {to: wang}}\n", STAFF + "addresses: {info: {to: [wang, li]}}\n"
    text = exported(MICROSOFT, group, ticked(exported(MICROSOFT, alias)))
    assert list(ids(text)) == [f"free:alias:{INFO}", f"group:{INFO}", f"test:{INFO}"]
    assert "about 10 minutes" in text
    for host in HOSTS:
        before, after = Reach.of(boxes(at(host, alias))), boxes(at(host, group))
        refusals = losses(Reach.of_plain(before.plain), after, (), DAY)
        assert [refusal.rule for refusal in refusals] == ([] if host in BRIDGED else ["address-gap"]), host
        assert not losses(before, after, (Consent("address-gap"),), DAY)


@pytest.mark.parametrize("host", HOSTS)
def test_a_leavers_address_that_is_released_first_wants_the_same_consent(host: str) -> None:
    left = STAFF.replace("li: {}", "li: {left: 2026-11-20, handover: {to: wang, until: 2027-05-31}}")
    before, after = Reach.of_plain(Reach.of(boxes(at(host, STAFF))).plain), boxes(at(host, left))
    gaps = [refusal.rule for refusal in losses(before, after, (), DAY)].count("address-gap")
    assert gaps == (host in ("feishu", "lark"))
    assert not losses(Reach.of(after), after, (), DAY), "once it is the successor's nobody is asked again"


#: Routing by Google's documents; NetEase has no documented group, so nothing is made there.
BRIDGED = ("google-workspace",)


def test_a_mailbox_that_becomes_shared_is_converted_where_the_host_does_that() -> None:
    shared = "people: {wang: {}, li: {}}\naddresses: {chen: {to: [wang, li], shared: true}}\n"
    text = exported(MICROSOFT, shared, ticked(exported(MICROSOFT, STAFF)))
    chen = f"chen@{DOMAIN}"
    assert ids(text) == (f"free:person:{chen}", f"shared:{chen}", f"test:{chen}") and "in place" in text
    assert ids(exported(MICROSOFT, shared, ticked(text))) == ()
    assert not losses(Reach.of(boxes(at(MICROSOFT, STAFF))), boxes(at(MICROSOFT, shared)), (), DAY)


def test_no_mail_is_refused_while_a_kind_changes_at_a_simulated_host() -> None:
    """Google's documents: the route takes mail before anybody has the address, and after."""
    tenant = Tenant("google", DOMAIN, Random(7))
    wang, li = f"wang@{DOMAIN}", f"li@{DOMAIN}"
    start = DAY - dt.timedelta(days=7)
    for step in (
        Step("create_user", wang),
        Step("create_user", li),
        Step("add_alias", wang, {"alias": INFO}),
    ):
        tenant.do(step, start)
    text = STAFF + "addresses: {info: {to: [wang, li]}}\n"
    todo = exported("google-workspace", text, ticked(exported(GOOGLE, text.replace("[wang, li]", "wang"))))
    console = {
        "route": Step("add_route", "bridge", {"kind": "map", "address": INFO, "to": (wang, li)}),
        "free": Step("remove_alias", wang, {"alias": INFO}),
        "group": Step("create_group", INFO, {"members": (wang, li), "posting": "anyone", "name": "info"}),
        "unroute": Step("remove_route", "bridge"),
    }
    for id in ids(todo):
        if id.partition(":")[0] in console:
            assert tenant.do(console[id.partition(":")[0]], DAY).taken
        delivery = tenant.deliver(simulators.Mail("buyer@outside.example", INFO), DAY)
        assert delivery.reached(wang) and not delivery.of("rejected"), id
