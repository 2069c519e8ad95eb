"""What happens to mail when a target fails: it is kept where the script ran, or tried again, never lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from mailwright.hosts.mail import postfix
from mailwright.hosts.mail.managesieve import Session
from tests.mailboxes.live import Live, running
from tests.mailboxes.specs import DOMAIN, mailboxes

TODAY = dt.datetime.now(dt.UTC).date()
COMPANY = """\
people: {wang: {}, li: {}, chen: {}}
addresses: {info: {to: wang}, all: {to: [li, chen], owner: li}}
rules:
  - {for: info, otherwise: true, then: {assign_to: li, copy_to: chen}}
  - {for: all, when: {subject_contains: x}, then: {tag: hot}}
"""


def mail(name: str) -> bytes:
    head = f"From: a@b.example\r\nTo: somebody@{DOMAIN}\r\nMessage-ID: <{name}@x>\r\nSubject: hi\r\n"
    return f"{head}\r\nhi\r\n".encode()


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    made = mailboxes(COMPANY, TODAY)
    with running(made) as server:
        server.apply(made)
        yield server


def test_a_target_that_refuses_leaves_the_mail_where_the_script_ran(live: Live) -> None:
    table = live.tables / postfix.MAILBOXES
    table.write_text(
        "".join(line for line in table.read_text().splitlines(True) if not line.startswith("li@"))
    )
    live.reload()
    live.send(f"info@{DOMAIN}", mail("lost"))
    live.settle()
    assert live.inbox("chen", "<lost@x>") and not live.inbox("li", "<lost@x>")
    assert set(live.inbox("wang", "<lost@x>")) == {"INBOX"}


def test_a_script_that_is_gone_leaves_the_mail_with_the_owner(live: Live) -> None:
    with Session(live.login("li")) as session:
        session.activate(None)
    live.apply_tables(mailboxes(COMPANY, TODAY))
    live.send(f"all@{DOMAIN}", mail("gone"))
    live.settle()
    assert set(live.inbox("li", "<gone@x>")) == {"INBOX"}


def test_a_label_that_nobody_knows_does_no_harm(live: Live) -> None:
    live.apply(mailboxes(COMPANY, TODAY))
    for number, local in enumerate(("li+mw.ffffff", "li+mw", "li+all+", "li+mw.ffffff*", "all+mw.")):
        live.send(f"{local}@{DOMAIN}", mail(f"odd{number}"))
    live.settle()
    assert [set(live.inbox("li", f"<odd{number}@x>")) for number in range(5)] == [{"INBOX"}] * 5
