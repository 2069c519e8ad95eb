"""Plans at somebody else's mail host: through its own objects, by its documents, and never beyond them."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from mailwright.model.rules import Severity
from tests.mailboxes.hosts import HOSTS, at, boxes, head, steps, story, who
from tests.mailboxes.specs import DAY, DOMAIN, rules, said

LEAVER = "  zhao: {left: 2026-10-31, handover: {to: wang, until: 2027-04-30}}\n"
STAFF = "people:\n  wang: {}\n  li: {}\n  tom: {}\n"
SORTED = (
    STAFF
    + """\
addresses:
  info: {to: [li, tom], owner: li}
rules:
  - {for: info, when: {subject_contains: [product]}, then: {assign_to: tom}}
  - {for: info, otherwise: true, then: {assign_to: li}}
"""
)
WITH_RULES = ("google-workspace", "microsoft-365", "tencent-exmail", "feishu", "lark")


@pytest.mark.parametrize("host", WITH_RULES)
def test_rules_of_an_address_give_each_mail_to_one_person(host: str) -> None:
    """No group beside the rules, and no rule in a mailbox of somebody who is not to get it."""
    plan = at(host, SORTED)
    assert who(plan, "info", "product A") == {"tom"} and who(plan, "info", "hello") == {"li"}
    hosted = boxes(plan).hosted
    assert hosted is not None
    (mailbox,) = hosted.at(f"info@{DOMAIN}", "user", "group", "alias", "shared")
    assert mailbox.kind == "user" and mailbox.role
    assert not hosted.at(f"li@{DOMAIN}", "user")[0].cases
    text = steps(plan, host)
    assert f"info@{DOMAIN}`: `li" not in text and "<!-- rules[0] -->" in text


def test_what_the_host_has_no_stop_for_is_excluded_in_the_rule_itself() -> None:
    plan = at("google-workspace", SORTED)
    (otherwise,) = [line for line in steps(plan, "google-workspace").split("\n") if "all the rest" in line]
    assert "but not where the subject contains `product`" in otherwise and "no later rule" not in otherwise
    assert "no later rule" in steps(at("tencent-exmail", SORTED), "tencent-exmail")


def test_a_copy_and_an_assignment_reach_each_once() -> None:
    text = SORTED.replace(
        "{subject_contains: [product]}, then: {assign_to: tom}", "{body_contains: [x]}, then: {copy_to: li}"
    ).replace("then: {assign_to: li}", "then: {assign_to: [li, tom]}")
    hosted = boxes(at("google-workspace", text)).hosted
    assert hosted is not None
    for case in hosted.at(f"info@{DOMAIN}", "user")[0].cases:
        assert len(case.to) == len(set(case.to))


@pytest.mark.parametrize("host", HOSTS)
def test_a_leaver_is_followed_on_every_day_or_it_is_not_known(host: str) -> None:
    text = "people:\n  wang: {}\n" + LEAVER
    for day in (dt.date(2026, 10, 31), DAY, dt.date(2027, 4, 30), dt.date(2027, 5, 1), dt.date(2028, 1, 1)):
        plan = at(host, text, day)
        seen = story(plan, "zhao")
        assert not seen.refused
        assert who(plan, "zhao") == {"wang"} if host != "netease-qiye" else seen.unknown


@pytest.mark.parametrize("host", HOSTS)
def test_nobody_is_locked_out_before_mail_goes_on_nor_where_it_would_stop(host: str) -> None:
    plan = at(host, "people:\n  wang: {}\n" + LEAVER)
    ids = re.findall(r"<!-- (\S+:zhao@\S+) -->", steps(plan, host))
    hosted = boxes(plan).hosted
    assert hosted is not None and ids[:2] == [f"sign-out:zhao@{DOMAIN}", f"look:zhao@{DOMAIN}"]
    if f"suspended:zhao@{DOMAIN}" in ids:
        assert ids.index(f"handover:zhao@{DOMAIN}") < ids.index(f"suspended:zhao@{DOMAIN}")
        assert hosted.says("suspended") == "receives" or hosted.says("leaver") == "routing"
    assert not any(identifier.startswith("delete:") for identifier in ids)


@pytest.mark.parametrize("host", HOSTS)
def test_deletion_comes_with_the_closing_alone(host: str) -> None:
    closed = "people:\n  wang: {}\n" + LEAVER.replace("}}", "}, closed: 2027-06-01}")
    day = dt.date(2027, 6, 1)
    plan = at(host, closed, day)
    text = steps(plan, host)
    assert text.index("<!-- close:") < text.index("<!-- delete:")
    seen = story(plan, "zhao")
    hosted = boxes(plan).hosted
    assert hosted is not None and not seen.reached
    assert bool(seen.refused) == (hosted.says("suspended") == "rejects") and bool(seen.unknown) != bool(
        seen.refused
    )


def test_four_settings_of_a_disabled_user_are_written_out() -> None:
    text = steps(at("zoho-mail", "people:\n  wang: {}\n" + LEAVER), "zoho-mail")
    for word in (
        "blockIncoming false",
        "removeMailforward false",
        "removeGroupMembership",
        "removeAlias false",
    ):
        assert word in text


def test_reserved_names_become_what_may_have_them() -> None:
    plan = at("google-workspace", STAFF)
    hosted = boxes(plan).hosted
    assert hosted is not None
    for name in ("postmaster", "abuse"):
        (host_object,) = hosted.at(f"{name}@{DOMAIN}", "alias", "group")
        assert host_object.kind == "group" and who(plan, name) == {"wang"}
    assert story(at("alibaba-mail", STAFF), "postmaster").unknown


def test_one_outside_member_is_refused_where_it_costs_the_group() -> None:
    text = STAFF + "addresses: {sales: {to: [wang, partner@other.example]}}\n"
    plan = at("tencent-exmail", text)
    (error,) = [each for each in plan.findings if each.rule == "host-has-nothing-for-it"]
    assert error.severity is Severity.ERROR and "copy_to" in error.hint("zh")
    assert who(at("google-workspace", text), "sales") == {"wang", "partner"}


def test_an_alias_too_many_becomes_a_group() -> None:
    names = [f"role{n}" for n in range(9)]
    text = STAFF + "addresses: {" + ", ".join(f"{name}: {{to: li}}" for name in names) + "}\n"
    hosted = boxes(at("tencent-exmail", text)).hosted
    assert hosted is not None
    kinds = [hosted.at(f"{name}@{DOMAIN}", "alias", "group")[0].kind for name in names]
    assert kinds.count("alias") == 5 and kinds.count("group") == 4


@pytest.mark.parametrize("host", HOSTS)
def test_a_new_group_is_opened_to_outsiders_by_a_step(host: str) -> None:
    plan = at(host, STAFF + "addresses: {sales: {to: [wang, li]}}\n")
    hosted = boxes(plan).hosted
    assert hosted is not None
    known = bool(hosted.says("group_outside_senders"))
    assert bool(story(plan, "sales").unknown) != known
    assert ("outsiders too" in steps(plan, host)) == known
    assert {e.partition("@")[0] for e in story_inside(plan)} == {"wang", "li"}


def story_inside(plan: object) -> tuple[str, ...]:
    return story(plan, "sales", sender=f"tom@{DOMAIN}").addresses  # type: ignore[arg-type]


def test_words_that_a_host_compares_in_its_own_way_are_not_known() -> None:
    text = SORTED.replace("[product]", "[产品A]")
    gmail = at("google-workspace", text)
    assert story(gmail, "info", "产品A 询价").unknown and who(gmail, "info", "hello") == {"li"}
    assert who(at("tencent-exmail", text), "info", "产品A 询价") == {"tom"}


@pytest.mark.parametrize("host", HOSTS)
def test_a_colleague_on_holiday_fails_no_expectation(host: str) -> None:
    """The cover gets a copy, which an expectation about who gets mail does not mean."""
    text = (
        "people:\n  wang: {}\n  li: {away: {from: 2026-11-20, until: 2026-11-30, cover: wang}}\n"
        "expect: [{mail_to: li, reaches: li, not: wang}]\n"
    )
    plan = at(host, text)
    assert not rules(plan.findings) & {"expectation-leaked", "expectation-missed", "expectation-not-known"}
    covered = boxes(plan).hosted
    assert covered is not None
    wanted = {"wang", "li"} if covered.at(f"li@{DOMAIN}", "forward") else {"li"}
    assert who(plan, "li") == wanted
    assert ("cover-end:" in steps(plan, host)) == ("wang" in wanted)


@pytest.mark.parametrize("host", HOSTS)
def test_whoever_leaves_next_month_still_has_a_mailbox(host: str) -> None:
    text = "people:\n  wang: {}\n  zhao: {left: 2026-12-10, handover: {to: wang, until: 2027-05-31}}\n"
    told = steps(at(host, text, dt.date(2026, 11, 23)), host)
    assert f"<!-- person:zhao@{DOMAIN} -->" in told and f"<!-- sign-out:zhao@{DOMAIN} -->" in told


def test_a_copy_for_the_cover_is_also_one_of_what_no_rule_takes() -> None:
    """The rule that keeps mail is not the only mail that is kept."""
    text = (
        "people:\n  wang: {}\n  li: {away: {from: 2026-11-20, until: 2026-11-30, cover: wang}}\n  chen: {}\n"
        "rules: [{for: li, when: {subject_contains: [pump]}, then: {assign_to: chen}}]\n"
    )
    for host, words in (("microsoft-365", "for all the rest"), ("google-workspace", "but not where")):
        plan = at(host, text, dt.date(2026, 11, 23))
        assert who(plan, "li", "hello") == {"li", "wang"} and who(plan, "li", "pump") == {"chen"}
        step = next(each for each in steps(plan, host).split("\n\n") if "<!-- cover:" in each)
        cover = step[: step.index("<!-- cover:")].rpartition(". [ ]")[2]
        assert words in cover and "one more rule" in cover


def test_whoever_would_get_a_mail_twice_is_named() -> None:
    """In a group and in the rules of a member, and by two addresses with rules."""
    text = STAFF + (
        "addresses: {info: {to: wang}, all: {to: [li, info]}}\n"
        "rules: [{for: info, when: {subject_contains: [pump]}, then: {assign_to: li}}]\n"
    )
    ruled = text.replace(
        "rules: [", "rules: [{for: all, when: {subject_contains: [x]}, then: {assign_to: wang}}, "
    )
    for spec in (text, ruled):
        assert "group-delivers-twice" in rules(at("microsoft-365", spec).findings)
    assert "group-delivers-twice" not in rules(
        at("microsoft-365", text.replace("[li, info]", "info")).findings
    )


def test_what_goes_outside_by_a_rule_waits_for_its_owner_to_confirm() -> None:
    text = STAFF + (
        "addresses: {both: {to: [wang, agent@partner.example]}}\n"
        "rules: [{for: both, when: {subject_contains: [pump]}, then: {assign_to: wang}}]\n"
    )
    assert f"<!-- confirm:both@{DOMAIN}:" in steps(at("google-workspace", text), "google-workspace")
    assert f"<!-- permit:both@{DOMAIN}:" in steps(at("microsoft-365", text), "microsoft-365")


def test_a_leavers_reply_names_what_stays_and_the_person_only_where_asked() -> None:
    text = (
        "people:\n  wang: {}\n  zhao: {left: 2026-11-01, handover: {to: wang, until: 2027-05-31}}\n"
        "addresses: {orders: {to: [zhao]}}\n"
    )

    def reply(text: str) -> str:
        route = boxes(at("microsoft-365", text, dt.date(2026, 11, 23))).route(f"zhao@{DOMAIN}")
        assert route is not None
        return route.replies[0].text

    assert f"orders@{DOMAIN}" in reply(text) and "wang" not in reply(text)
    assert "@" not in reply(text.replace("addresses: {orders: {to: [zhao]}}\n", ""))
    named = text.replace("until: 2027-05-31", "until: 2027-05-31, name_successor: true")
    assert f"wang@{DOMAIN}" in reply(named)


def test_old_mail_is_asked_about_before_somebody_else_reads_the_mailbox() -> None:
    """A mailbox that becomes a public one is read with everything in it; one that is released is gone."""
    text = "people:\n  wang: {}\n  zhao: {left: 2026-11-01, handover: {to: wang, until: 2027-05-31}}\n"
    for host, first in (
        ("tencent-exmail", "old-mail"),
        ("feishu", "old-mail"),
        ("microsoft-365", "handover"),
    ):
        told = steps(at(host, text, dt.date(2026, 11, 23)), host)
        order = re.findall(r"<!-- (old-mail|handover):", told)
        assert order[0] == first and set(order) == {"old-mail", "handover"}


def test_a_leavers_list_never_ends_with_mail_that_nobody_reads() -> None:
    """Where no way to the successor is known the mailbox stays open; a released one is none any more."""
    text = "people:\n  wang: {}\n  zhao: {left: 2026-11-01, handover: {to: wang, until: 2027-05-31}}\n"
    unknown, released = (
        steps(at(host, text, dt.date(2026, 11, 23)), host) for host in ("netease-qiye", "feishu")
    )
    assert re.search(r"Do not suspend, rename or delete `zhao@.*keep-open:zhao@", unknown, re.DOTALL)
    assert "handover:" not in unknown and "suspended:" not in unknown
    assert "keep-open:" not in released and "licence:" not in released


def test_what_is_not_known_is_never_a_met_expectation() -> None:
    text = STAFF + "addresses: {sales: {to: [wang, li]}}\nexpect: [{mail_to: sales, reaches: wang}]\n"
    assert "expectation-not-known" in rules(at("netease-qiye", text).findings)
    assert "expectation-not-known" not in rules(at("tencent-exmail", text).findings)


@pytest.mark.parametrize("host", HOSTS)
def test_auto_replies_go_to_colleagues_alone(host: str) -> None:
    text = "people:\n  li: {}\n  wang: {away: {from: 2026-11-20, until: 2026-11-30}}\n"
    plan = at(host, text)
    assert not story(plan, "wang").replies
    hosted = boxes(plan).hosted
    assert hosted is not None
    inside = story(plan, "wang", sender=f"li@{DOMAIN}").replies
    assert bool(inside) == (hosted.says("auto_reply") == "yes")
    if inside:
        assert "to colleagues alone" in steps(plan, host) and ":end -->" in steps(plan, host)


@pytest.mark.parametrize("host", HOSTS)
def test_both_languages_say_every_step(host: str) -> None:
    text = SORTED.replace("people:\n", "people:\n" + LEAVER)
    plan = at(host, text)
    english, chinese = steps(plan, host), steps(plan, host, "zh")
    assert re.findall("<!-- .*? -->", english) == re.findall("<!-- .*? -->", chinese)
    assert not re.search(
        "[\u4e00-\u9fff]", re.sub(r"`[^`]*`|^# .*|^       .*", "", english, flags=re.MULTILINE)
    )


def test_days_to_come_are_due_and_days_gone_by_are_not() -> None:
    text = "people:\n  wang: {}\n" + LEAVER
    assert "leaver-due" in rules(at("tencent-exmail", text, dt.date(2026, 10, 10)).findings)
    assert "leaver-due" not in rules(at("tencent-exmail", text).findings)
    before, after = dt.date(2027, 4, 20), dt.date(2027, 5, 2)
    assert "leaver-due" in rules(at("tencent-exmail", text, before).findings)
    assert rules(at("tencent-exmail", text, after).findings) & {"leaver-due", "handover-over"} == {
        "handover-over"
    }


def test_a_spec_at_each_host_is_read() -> None:
    for host in HOSTS:
        assert not said(STAFF, head(host)), host
