"""Who gets which mail, from the spec alone: on one day, after somebody left, while somebody is away."""

from __future__ import annotations

import datetime as dt

import pytest

from mailwright.model.rules import Severity
from mailwright.operations.who import who as threads
from tests.mailboxes.specs import COMPANY, HEAD, PEOPLE, mailboxes, planned, reached, rules, spec_of, traced

LEAVER = "people: {wang: {}, zhao: {left: 2026-11-01, closed: 2026-11-01}}\n"


@pytest.mark.parametrize(
    ("to", "subject", "body", "who"),
    [
        ("wang", "", "", {"wang"}),
        ("WANG", "", "", {"wang"}),
        ("wang+fair", "", "", {"wang"}),
        ("info", "about PRODUCT a", "", {"wang"}),
        ("info", "产品A 询价", "", {"wang"}),
        ("info", "hello", "please QUOTE", {"wang", "li"}),
        ("info", "hello", "", {"li"}),
        ("info+web", "hello", "", {"li"}),
        ("sales", "", "", {"wang", "li"}),
        ("support", "", "", {"support"}),
        ("agent", "", "", {"li", "agent@partner.example"}),
        ("zhao", "", "", {"li"}),
        ("old", "", "", {"li"}),
        ("postmaster", "", "", {"wang"}),
        ("abuse", "", "", {"wang"}),
        ("nobody", "", "", set()),
    ],
)
def test_who_gets_it(to: str, subject: str, body: str, who: set[str]) -> None:
    story = traced(COMPANY, to, subject=subject, body=body)
    assert reached(story) == who
    assert bool(story.refused) == (not who)
    assert story.steps and all(step.text("en") and step.text("zh") for step in story.steps)


def test_a_tag_that_the_host_cannot_store_is_a_copy_in_a_folder_and_says_so() -> None:
    story = traced(COMPANY, "info", body="报价")
    assert {(each.address, each.folders) for each in story.reached} == {
        ("wang@acme-trade.com", ("INBOX", "高意向")),
        ("li@acme-trade.com", ("INBOX", "高意向")),
    }
    assert "tag-as-folder" in rules(planned(COMPANY).findings)
    plain = COMPANY.replace("高意向", "hot")
    assert {each.tags for each in traced(plain, "info", body="报价").reached} == {("hot",)}
    assert "tag-as-folder" not in rules(planned(plain).findings)


def test_a_leaver_is_followed_until_somebody_closes_the_address() -> None:
    """A date that passes refuses nobody: afterwards the end is due, and mail goes on."""
    last, after = dt.date(2027, 4, 30), dt.date(2027, 5, 1)
    before = dt.date(2026, 10, 30)
    assert reached(traced(COMPANY, "zhao", day=before)) == {"zhao"}
    assert [reply.sender for reply in traced(COMPANY, "zhao", day=last).replies] == ["zhao@acme-trade.com"]
    assert "handover-over" not in rules(planned(COMPANY, last).findings)
    assert reached(traced(COMPANY, "zhao", day=after)) == {"li"}
    assert not traced(COMPANY, "zhao", day=after).replies
    assert reached(traced(COMPANY, "sales", day=after)) == {"wang", "li"}
    assert "handover-over" in rules(planned(COMPANY, after).findings)
    assert [suspended.address for suspended in mailboxes(COMPANY).suspended] == ["zhao@acme-trade.com"]
    closed = COMPANY.replace("until: 2027-04-30}", "until: 2027-04-30}, closed: 2027-06-01")
    assert reached(traced(closed, "zhao", day=dt.date(2027, 5, 31))) == {"li"}
    assert traced(closed, "zhao", day=dt.date(2027, 6, 1)).refused == ("zhao@acme-trade.com",)
    assert "handover-over" not in rules(planned(closed, dt.date(2027, 6, 1)).findings)
    assert reached(traced(closed, "sales", day=dt.date(2027, 6, 1))) == {"wang", "li"}


def test_a_leaver_whose_mail_nobody_gets_is_said_before_the_day() -> None:
    alone = "people: {wang: {}, zhao: {left: 2026-12-31}}\n"
    assert "leaver-reaches-nobody" in rules(planned(alone).findings)
    later = alone.replace("2026-12-31", "2026-12-31, closed: 2027-01-31")
    assert "leaver-reaches-nobody" in rules(planned(later).findings)
    assert "leaver-reaches-nobody" not in rules(planned(later, dt.date(2027, 1, 31)).findings)
    chain = "people: {wang: {}, li: {left: 2026-11-01, closed: 2026-11-01}, "
    chain += "zhao: {left: 2026-10-31, handover: {to: li, until: 2027-04-30}}}\n"
    (finding,) = [each for each in planned(chain).findings if each.rule == "leaver-reaches-nobody"]
    assert "zhao@acme-trade.com" in finding.message("en")


def test_successors_follow_successors() -> None:
    text = COMPANY.replace(
        "cover: wang}", "cover: wang}, left: 2026-11-01, handover: {to: wang, until: 2027-12-31}"
    )
    assert reached(traced(text, "zhao")) == {"wang"} and reached(traced(text, "old")) == {"wang"}


def test_a_role_address_never_ends_up_empty() -> None:
    text = LEAVER + "addresses: {info: {to: zhao}, all: {to: [wang, zhao]}}\n"
    (finding,) = [each for each in planned(text).findings if each.severity is Severity.ERROR]
    assert (
        finding.rule == "address-reaches-nobody"
        and finding.position is not None
        and finding.position.line == 8
    )
    assert not rules(planned(text, dt.date(2026, 10, 31)).findings) & {"address-reaches-nobody"}
    rule = LEAVER + "rules: [{for: wang, otherwise: true, then: {assign_to: zhao}}]\n"
    assert "rule-reaches-nobody" in rules(planned(rule).findings)


def test_who_is_away_keeps_the_mail_and_the_cover_gets_a_copy() -> None:
    for day, who in ((23, {"li"}), (24, {"li", "wang"})):
        story = traced(COMPANY, "li", day=dt.date(2026, 12, day))
        assert reached(story) == who and bool(story.replies) == (day == 24)
    assert reached(traced(COMPANY, "li", day=dt.date(2027, 1, 2))) == {"li", "wang"}
    both = PEOPLE.replace("老王", "老王, away: {from: 2026-12-30, until: 2026-12-31, cover: li}").replace(
        "小李", "小李, away: {from: 2026-12-24, until: 2027-01-02, cover: wang}"
    )
    assert "cover-away" in rules(planned(both).findings)
    assert reached(traced(both, "li", day=dt.date(2026, 12, 30))) == {"li", "wang"}


def test_windows_know_summer_time() -> None:
    text = COMPANY.replace("2026-12-24, until: 2027-01-02", "2026-10-20, until: 2026-10-30")
    plan = planned(text, head=HEAD.replace("Asia/Shanghai", "Europe/Berlin"))
    assert plan.mailboxes is not None
    (box,) = [mailbox for mailbox in plan.mailboxes.mailboxes if mailbox.cover]
    assert box.cover is not None
    assert (box.cover.window.start_offset, box.cover.window.until_offset) == (120, 60)


def test_the_catch_all_takes_only_what_nobody_else_does_and_is_a_warning() -> None:
    text = COMPANY.replace("until: 2027-04-30}", "until: 2027-04-30}, closed: 2027-05-01")
    text += "catch_all: {to: li}\n"
    assert reached(traced(text, "wnag")) == {"li"} and reached(traced(text, "wang")) == {"wang"}
    assert traced(text, "zhao", day=dt.date(2027, 5, 1)).refused
    (finding,) = [each for each in planned(text).findings if each.rule == "catch-all-hides-mistakes"]
    assert finding.severity is Severity.WARNING
    quiet = text + "silence: [{rule: catch-all-hides-mistakes, why: moving}]\n"
    assert "catch-all-hides-mistakes" not in rules(planned(quiet).findings)


def test_the_contact_gets_what_rfc_2142_asks_for_or_it_is_an_error() -> None:
    text = "people: {li: {}}\n"
    assert "contact-unreachable" in rules(planned(text).findings)
    own = "people: {wang: {}, li: {}}\naddresses: {abuse: {to: li}}\n"
    assert reached(traced(own, "abuse")) == {"li"} and reached(traced(own, "postmaster")) == {"wang"}


def test_who_shows_both_ends_of_a_hand_over() -> None:
    text = "people: {wang: {}, zhao: {left: 2026-10-31, handover: {to: wang, until: 2027-04-30}}}\n"
    spec, plan = spec_of(text), planned(text)
    for person, words in (("zhao", ("wang", "2027-04-30")), ("wang", ("zhao", "2027-04-30"))):
        (thread,) = [each for each in threads(spec, plan.mailboxes, person) if each.kind == "handover"]
        assert all(word in thread.text("en") and word in thread.text("zh") for word in words)


def test_published_addresses_take_mail() -> None:
    text = (
        PEOPLE
        + "dmarc: {rua: [dmarc@acme-trade.com]}\nsenders: [{custom: form, ip4: [203.0.113.1], from: web}]\n"
    )
    found = [finding.path for finding in planned(text).findings if finding.rule == "report-mailbox-missing"]
    assert found == ["dmarc.rua[0]", "senders[0].from"]


def test_what_the_mail_host_cannot_do_is_refused_and_what_is_by_hand_is_said() -> None:
    head = (
        "version: 1\ndomain: acme-trade.com\ntimezone: Asia/Shanghai\nmail_host: {service: tencent-exmail}\n"
        + ("dns_hosts: [{service: manual, console: aliyun}]\ncontact: wang@acme-trade.com\n")
    )
    plan = planned(COMPANY, head=head)
    (finding,) = [each for each in plan.findings if each.rule == "set-up-by-hand"]
    assert (
        finding.severity is Severity.INFO
        and "腾讯" in finding.message("zh")
        and "按正文" in finding.message("zh")
    )


def test_rules_need_a_mailbox_to_run_in_and_few_redirects() -> None:
    text = (
        PEOPLE
        + "addresses: {info: {to: a@b.example}}\nrules: [{for: info, when: {from: x}, then: {stop: true}}]\n"
    )
    assert "rule-needs-mailbox" in rules(planned(text).findings)
    inside = text.replace("{stop: true}", "{assign_to: li}")
    assert mailboxes(inside).routes[1].router == "li@acme-trade.com"
    many = (
        PEOPLE
        + "addresses: {info: {to: [wang, a@b.example, b@b.example, c@b.example, d@b.example, e@b.example]}}\n"
        + ("rules: [{for: info, when: {from: x}, then: {tag: hot}}]\n")
    )
    assert "too-many-copies" in rules(planned(many).findings)
    grouped = many.replace("{info: {to: [wang", "{info: {to: [wang, others]}, others: {to: [li")
    assert "too-many-copies" not in rules(planned(grouped).findings)


def test_expectations_are_mail_tests() -> None:
    good = (
        COMPANY + "expect:\n  - {mail_to: info, subject: product A, reaches: wang, not: li}\n"
        "  - {mail_to: sales, reaches: [wang, li]}\n"
    )
    assert not rules(planned(good).findings) & {"expectation-missed", "expectation-leaked"}
    bad = COMPANY + "expect:\n  - {mail_to: info, subject: product A, reaches: li, not: wang}\n"
    lines = {finding.rule: finding.position.line for finding in planned(bad).findings if finding.position}
    assert lines["expectation-missed"] == lines["expectation-leaked"] == len((HEAD + bad).splitlines())


def test_rules_of_a_mailbox_take_whatever_arrives_there() -> None:
    text = COMPANY + "  - {for: li, when: {from: bank.example}, then: {assign_to: wang}}\n"
    for to in ("li", "zhao", "old", "info"):
        assert reached(traced(text, to, sender="a@BANK.example")) == {"wang"}
    assert reached(traced(text, "sales", sender="a@bank.example")) == {"wang"}


def test_not_on_replies_any_and_stop() -> None:
    text = (
        PEOPLE
        + "addresses: {info: {to: wang}}\nrules:\n"
        + (
            "  - {for: info, when: {not_replies: true, subject_contains: x, body_contains: y, match: any},\n"
            "     then: {copy_to: li, stop: true}}\n"
            "  - {for: info, otherwise: true, then: {folder: Rest}}\n"
        )
    )
    assert reached(traced(text, "info", subject="x")) == {"wang", "li"}
    assert reached(traced(text, "info", body="y")) == {"wang", "li"}
    assert reached(traced(text, "info", body="y", is_reply=True)) == {"wang"}
    assert [each.folders for each in traced(text, "info").reached] == [("Rest",)]


def test_the_plan_as_json_says_every_address_once_with_its_line() -> None:
    said = planned(COMPANY).to_json("zh")["mailboxes"]
    assert isinstance(said, list)
    names = [each["name"] for each in said if each["kind"] != "suspended"]
    assert len(names) == len(set(names)) == 10
    info = next(each for each in said if each["name"] == "info@acme-trade.com")
    assert info["line"] == 12 and info["runs_in"] == "wang@acme-trade.com" and len(info["rules"]) == 3


def test_what_leaves_the_company_is_marked_where_it_is_written() -> None:
    text = PEOPLE + "addresses:\n  agent: {to: [li, agent@partner.example]}\nrules:\n"
    text += "  - {for: wang, when: {from: bank}, then: {copy_to: boss@partner.example}}\n"
    text += "  - {for: li, when: {from: bank}, then: {notify: chief@partner.example}}\n"
    findings = [finding for finding in planned(text).findings if finding.rule.startswith("outside")]
    told = {
        (finding.rule, finding.params["target"], finding.position.line)
        for finding in findings
        if finding.position
    }
    first = HEAD.count("\n") + PEOPLE.count("\n") + 1
    assert told == {
        ("outside-forward", "agent@partner.example", first + 1),
        ("outside-forward", "boss@partner.example", first + 3),
        ("outside-spam", "boss@partner.example", first + 3),
        ("outside-notice", "chief@partner.example", first + 4),
    }
    story = traced(text, "agent")
    assert [each.address for each in story.reached if each.outside] == ["agent@partner.example"]
    assert any("SPF breaks" in step.text("en") for step in story.steps)
