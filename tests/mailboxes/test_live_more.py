"""What else mail meets at living servers: a catch-all, notices, auto-replies, days, shared mailboxes."""

from __future__ import annotations

import base64
import datetime as dt
import email
import imaplib
import smtplib
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mailwright.hosts.mail import acl, postfix
from mailwright.model.mailboxes import Mailbox, Mailboxes
from mailwright.plan.mailboxes.message import read
from mailwright.plan.mailboxes.trace import Mail, trace
from tests.mailboxes.live import Live, running
from tests.mailboxes.servers import Oracle, require, work
from tests.mailboxes.shared import sharing
from tests.mailboxes.specs import DAY, DOMAIN, HEAD, mailboxes
from tests.mailboxes.test_live_servers import may_log_in

__all__ = ["work"]

TODAY = dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()


def day(offset: int) -> str:
    return (TODAY + dt.timedelta(offset)).isoformat()


COMPANY = f"""\
people:
  wang: {{name: 老王}}
  li: {{away: {{from: {day(-1)}, until: {day(1)}, cover: chen, subject: Away 休假, text: "Back. 很快回"}}}}
  chen: {{away: {{from: {day(5)}, until: {day(6)}}}}}
  zhao: {{left: {day(-9)}, handover: {{to: wang, until: {day(9)}}}, closed: {day(15)}}}
  old: {{left: {day(-9)}, closed: {day(-9)}}}
addresses:
  info: {{to: wang}}
  fair: {{to: wang}}
  support: {{to: li, shared: true}}
rules:
  - {{for: support, when: {{subject_contains: urgent}}, then: {{notify: wang}}}}
  - {{for: info, when: {{subject_contains: 产品A}}, then: {{assign_to: chen}}}}
  - {{for: info, when: {{body_contains: 报价}}, then: {{folder: 询盘, tag: 高意向}}}}
catch_all: {{to: chen}}
auto_replies:
  - {{for: fair, subject: We have got your mail, text: "Thank you. 谢谢"}}
  - {{for: info, until: {day(-1)}, text: "The fair is over."}}
  - {{for: info, from: {day(1)}, text: "The fair begins."}}
"""


@pytest.fixture(scope="module")
def made() -> Mailboxes:
    return mailboxes(COMPANY, TODAY)


@pytest.fixture(scope="module")
def live(made: Mailboxes) -> Iterator[Live]:
    with running(made) as server:
        server.apply(made)
        assert server.apply(made) == 0
        yield server


def mail(id: str, to: str, subject: str = "hello", body: str = "hi", sender: str = "a@outside.test") -> bytes:
    head = f"From: {sender}\r\nTo: {to}@{DOMAIN}\r\nMessage-ID: <{id}@x>\r\nSubject: {subject}\r\n"
    return (head + f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n").encode()


def places(live: Live, id: str) -> dict[str, set[str]]:
    found = {name: live.inbox(name, f"<{id}@x>") for name in ("wang", "li", "chen", "support")}
    return {name: set(where) for name, where in found.items() if where}


def letters(live: Live, name: str, word: str) -> list[EmailMessage]:
    """The mails in somebody's inbox with a word in their octets."""
    box = imaplib.IMAP4("127.0.0.1", live.imap, timeout=20)
    try:
        box.login(f"{name}@{DOMAIN}", f"pw-{name}")
        box.select("INBOX", readonly=True)
        email_messages = []
        for number in box.search(None, "ALL")[1][0].split():
            part = box.fetch(number.decode(), "(BODY.PEEK[])")[1][0]
            octets = part[1] if isinstance(part, tuple) else b""
            if word.encode() in octets:
                parsed = email.message_from_bytes(octets, policy=policy.default)
                assert isinstance(parsed, EmailMessage)
                email_messages.append(parsed)
    finally:
        box.logout()
    return email_messages


def test_a_catch_all_takes_only_what_nobody_else_takes(live: Live) -> None:
    for to in ("wang", "li", "support", "info", "wnag", "sales+x", "zhao"):
        live.send(f"{to}@{DOMAIN}", mail(f"c-{to}", to))
    live.settle()
    assert {to: set(places(live, f"c-{to}")) for to in ("wang", "li", "support", "info", "zhao")} == {
        "wang": {"wang"},
        "li": {"li", "chen"},  # li is away: chen covers
        "support": {"support"},
        "info": {"wang"},
        "zhao": {"wang"},
    }
    assert set(places(live, "c-wnag")) == set(places(live, "c-sales+x")) == {"chen"}
    with pytest.raises(smtplib.SMTPRecipientsRefused, match=r"5\.2\.1"):
        live.send(f"old@{DOMAIN}", mail("c-old", "old"))


def test_a_notice_is_short_and_holds_nothing_of_the_mail(live: Live) -> None:
    live.send(f"support@{DOMAIN}", mail("n-1", "support", "urgent: pump", "the secret drawing"))
    live.send(f"support@{DOMAIN}", mail("n-2", "support", "no hurry", "the other drawing"))
    live.settle()
    assert places(live, "n-1") == places(live, "n-2") == {"support": {"INBOX"}}
    (notice,) = letters(live, "wang", "mailwright: rules[0]")
    assert "auto-notified" in str(notice["Auto-Submitted"])
    assert "drawing" not in notice.as_string()


def test_an_auto_reply_arrives_in_the_name_of_who_was_written_to(live: Live) -> None:
    live.send(f"fair@{DOMAIN}", mail("v-1", "fair", sender=f"chen@{DOMAIN}"), f"chen@{DOMAIN}")
    live.send(f"li@{DOMAIN}", mail("v-2", "li", sender=f"chen@{DOMAIN}"), f"chen@{DOMAIN}")
    live.settle()
    (fair,) = letters(live, "chen", "In-Reply-To: <v-1@x>")
    assert f"fair@{DOMAIN}" in str(fair["From"]) and fair["Subject"] == "We have got your mail"
    assert fair.get_content().strip() == "Thank you. 谢谢"
    (away,) = letters(live, "chen", "In-Reply-To: <v-2@x>")
    assert f"li@{DOMAIN}" in str(away["From"]) and away["Subject"] == "Away 休假"
    assert str(away["Auto-Submitted"]).startswith("auto-replied")
    assert places(live, "v-2") == {"li": {"INBOX"}, "chen": {"INBOX"}}


def test_nobody_is_answered_on_days_that_are_over_or_to_come(live: Live, made: Mailboxes) -> None:
    for to in ("info", "chen"):
        live.send(f"{to}@{DOMAIN}", mail(f"d-{to}", to, sender=f"wang@{DOMAIN}"), f"wang@{DOMAIN}")
        assert trace(made, Mail(f"{to}@{DOMAIN}")).replies == ()
    live.settle()
    assert not letters(live, "wang", "In-Reply-To: <d-")
    later = trace(made, Mail(f"chen@{DOMAIN}"), TODAY + dt.timedelta(5))
    assert [reply.sender for reply in later.replies] == [f"chen@{DOMAIN}"]


def test_a_plan_for_another_day_is_that_days(live: Live, made: Mailboxes) -> None:
    try:
        live.apply_tables(mailboxes(COMPANY, TODAY - dt.timedelta(20)))
        live.send(f"zhao@{DOMAIN}", mail("t-before", "zhao"))
        live.settle()
        assert may_log_in(live, "zhao", True)
        assert live.inbox("zhao", "<t-before@x>") and not places(live, "t-before")
        live.apply_tables(mailboxes(COMPANY, TODAY + dt.timedelta(20)))
        with pytest.raises(smtplib.SMTPRecipientsRefused, match=r"5\.2\.1"):
            live.send(f"zhao@{DOMAIN}", mail("t-after", "zhao"))
    finally:
        live.apply_tables(made)
    live.send(f"zhao@{DOMAIN}", mail("t-now", "zhao"))
    live.settle()
    assert places(live, "t-now") == {"wang": {"INBOX"}}


def test_members_read_the_shared_mailbox_and_nobody_else_does(live: Live, made: Mailboxes) -> None:
    live.send(f"support@{DOMAIN}", mail("s-1", "support", "broken pump"))
    live.settle()
    place = f"shared/support@{DOMAIN}"
    with sharing(live, made) as port:
        seen = {}
        for name in ("li", "chen"):
            box = imaplib.IMAP4("127.0.0.1", port, timeout=20)
            try:
                box.login(f"{name}@{DOMAIN}", f"pw-{name}")
                listed = b"".join(each for each in box.list()[1] if isinstance(each, bytes))
                opened = box.select(f'"{place}"')[0] == "OK"
                found = opened and box.search(None, "HEADER", "Message-ID", '"<s-1@x>"')[1][0].split()
                seen[name] = (place.encode() in listed, bool(found))
                assert box.select("INBOX")[0] == "OK"
            finally:
                box.logout()
    assert seen == {"li": (True, True), "chen": (False, False)}


@pytest.mark.parametrize("value", ["a b@x.example", "*@x.example", "a%u@x.example", "a/b@x.example"])
def test_no_name_reaches_beyond_its_line_in_an_acl(value: str) -> None:
    made = Mailboxes(DOMAIN, DAY, mailboxes=(Mailbox(f"s@{DOMAIN}", "shared", members=(value,)),))
    for write in (acl.rights, acl.shared):
        with pytest.raises(postfix.UnsafeValueError):
            write(made)


def test_acl_lines_by_hand_stay(made: Mailboxes) -> None:
    hand = "Archive user=boss@other.example lr\n"
    text = acl.rights(made, hand)
    assert text.startswith(hand) and f"shared/support@{DOMAIN}/* user=li@{DOMAIN}  lrwstie" in text
    assert acl.rights(made, text) == text
    assert acl.rights(Mailboxes(DOMAIN, DAY), text) == hand


PRODUCT = base64.b64encode("产品A".encode()).decode()
HALVES = [base64.b64encode(each.encode("gbk")).decode() for each in ("产", "品A 询价")]
FORMS = {
    "whole-utf8": (f"=?UTF-8?B?{PRODUCT}?=", b"hi"),
    "split-gbk": (f"=?gbk?B?{HALVES[0]}?=\r\n =?GBK?b?{HALVES[1]}?=", b"hi"),
    "raw-utf8": ("产品A", b"hi"),
    "quoted": ("=?utf-8?q?=E4=BA=A7=E5=93=81A?=", b"hi"),
    "full-width": ("产品Ａ", b"hi"),
    "no-break": ("产品\u00a0A", b"hi"),
    "html": ("hi", "<html><body><p>请<b>报价</b></p></body></html>".encode()),
    "html-cut": ("hi", "<html><body>报<b>价</b></body></html>".encode()),
    "html-entity": ("hi", b"<html><body>&#25253;&#20215;</body></html>"),
    "plain": ("hi", "请报价".encode()),
}


def test_odd_forms_end_where_the_trace_says(live: Live, made: Mailboxes) -> None:
    written = {}
    for name, (subject, body) in FORMS.items():
        kind = b"html" if name.startswith("html") else b"plain"
        head = f"From: a@b.example\r\nTo: info@{DOMAIN}\r\nMessage-ID: <f-{name}@x>\r\nSubject: {subject}\r\n"
        written[name] = (
            head.encode() + b"Content-Type: text/" + kind + b"; charset=utf-8\r\n\r\n" + body + b"\r\n"
        )
        live.send(f"info@{DOMAIN}", written[name])
    live.settle()
    ends = {}
    for name, octets in written.items():
        story = trace(made, read(octets, f"info@{DOMAIN}"))
        wanted = {reached.address.partition("@")[0]: set(reached.folders) for reached in story.reached}
        assert places(live, f"f-{name}") == wanted, name
        ends[name] = "chen" if "chen" in wanted else ", ".join(sorted(wanted["wang"]))
    assert ends == {
        **dict.fromkeys(("whole-utf8", "split-gbk", "raw-utf8", "quoted"), "chen"),
        **dict.fromkeys(("full-width", "no-break", "html-cut"), "INBOX"),
        **dict.fromkeys(("html", "html-entity", "plain"), "询盘, 高意向"),
    }


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Shanghai"])
def test_days_are_those_of_the_specs_clock(zone: str, work: Path) -> None:
    """+14:00 and -11:00 never have the same day: a window of today holds in each on its own day only."""
    require("sieve-test")
    head = HEAD.replace("Asia/Shanghai", zone)
    for _ in range(2):  # again where midnight passed in between
        today = dt.datetime.now(ZoneInfo(zone)).date()
        days = {offset: (today + dt.timedelta(offset)).isoformat() for offset in (-1, 0, 1)}
        replies = "".join(
            f"  - {{for: a{offset + 1}, from: {value}, until: {value}, text: x}}\n"
            for offset, value in days.items()
        )
        text = "people: {wang: {}}\naddresses: {a0: {to: wang}, a1: {to: wang}, a2: {to: wang}}\n"
        made = mailboxes(f"{text}auto_replies:\n{replies}", today, head)
        oracle = Oracle(work, made)
        answered = [
            bool(oracle.run(f"wang+a{n}@{DOMAIN}", "b@c.example", mail("z", f"a{n}")).replies)
            for n in range(3)
        ]
        if dt.datetime.now(ZoneInfo(zone)).date() == today:
            break
    assert answered == [False, True, False]
    assert [bool(trace(made, Mail(f"a{n}@{DOMAIN}")).replies) for n in range(3)] == answered
