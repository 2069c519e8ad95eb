"""Archive, quotas, relays, transports, spam and SMTPUTF8 at living servers, set up as the docs say."""

from __future__ import annotations

import datetime as dt
import re
import signal
import smtplib
import subprocess
import time
from collections.abc import Iterator

import pytest

from mailwright.hosts.mail.further import quota
from mailwright.model.mailboxes import Mailboxes
from mailwright.plan.mailboxes.message import read
from mailwright.plan.mailboxes.trace import trace
from tests.conftest import ROOT
from tests.mailboxes import policies
from tests.mailboxes.live import Live
from tests.mailboxes.policies import Pair, pair, put, servers
from tests.mailboxes.servers import require
from tests.mailboxes.specs import DOMAIN, HEAD, mailboxes

TODAY = dt.datetime.now(dt.UTC).date()
NAMES = ("wang", "li", "chen", "support")
BUYER = "buyer@outside.test"
COMPANY = """\
people: {wang: {send_as: [info, sales]}, li: {quota: 1MB}, chen: {}, ghost: {}}
addresses:
  info: {to: wang}
  sales: {to: [wang, li]}
  hello: {to: info}
  both: {to: sales}
  support: {to: li, shared: true}
  out: {to: [li, agent@partner.example]}
  pair: {to: [chen, support]}
rules:
  - {for: info, when: {subject_contains: pass, not_spam: true}, then: {assign_to: li}}
  - {for: info, when: {header: {X-Kind: order}}, then: {assign_to: chen}}
  - {for: info, when: {larger_than: 100KB}, then: {folder: Large}}
  - {for: info, when: {attachments: true}, then: {folder: Attached, copy_to: support}}
  - {for: sales, when: {from: li}, then: {assign_to: wang}}
  - {for: wang, when: {has_header: List-Id, smaller_than: 50KB}, then: {folder: Lists}}
"""
WHOLE = "archive: [{to: chen}]\n"


def company(archive: str, pairs: tuple[int, int]) -> Mailboxes:
    relay, partner = (f'"[127.0.0.1]:{port}"' for port in pairs)
    ways = f", relays: {{wang: {relay}}}, transports: {{via.example: {partner}}}}}\n"
    return mailboxes(COMPANY + archive, TODAY, HEAD.replace('"]}\n', '"]' + ways))


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Pair, Mailboxes]]:
    with servers() as (relay, partner):
        made = company(WHOLE, (relay.server_address[1], partner.server_address[1]))
        with pair(made, relay, partner) as both:
            yield both, made


def mail(
    id: str, to: str, subject: str = "x", sender: str = BUYER, more: str = "", body: str = "hi"
) -> bytes:
    whole = to if "@" in to else f"{to}@{DOMAIN}"
    head = f"From: {sender}\r\nTo: {whole}\r\nMessage-ID: <{id}@x>\r\nSubject: {subject}\r\n{more}"
    return (head + f"\r\n{body}\r\n").encode()


def boxes(live: Live, id: str) -> dict[str, set[str]]:
    found = {name: set(live.inbox(name, f"<{id}@x>")) for name in NAMES}
    return {f"{name}@{DOMAIN}": where for name, where in found.items() if where}


MAILS = [
    (to, sender, subject)
    for to in ("wang", "li", "info", "sales", "hello", "both", "support", "out", "wang+fair", "info+fair")
    for sender, subject in ((BUYER, "x"), (BUYER, "pass"), (f"wang@{DOMAIN}", "pass"), (f"li@{DOMAIN}", "x"))
] + [("chen", BUYER, "x"), ("li", "", "x"), ("someone@world.test", f"wang@{DOMAIN}", "x")]
ARCHIVES = {
    "whole": WHOLE,
    "incoming": "archive: [{to: chen, mail: incoming}]\n",
    "outgoing": "archive: [{to: pair, mail: outgoing}]\n",
    "of-a-person": "archive: [{to: chen, for: li}]\n",
    "of-the-owner-of-rules": "archive: [{to: chen, for: wang}]\n",
    "of-an-address": "archive: [{to: pair, for: info, mail: incoming}]\n",
    "of-a-group": "archive: [{to: chen, for: [sales, support]}]\n",
    "outside": "archive: [{to: journal@keeper.example, for: [li, sales]}]\n",
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_copies_go_where_the_trace_says(name: str, running: tuple[Pair, Mailboxes]) -> None:
    both, _ = running
    live = both.live
    made = company(ARCHIVES[name], (both.relay.server_address[1], both.partner.server_address[1]))
    put(live, made)
    kept = len(live.sink.got)
    stories = []
    for number, (to, sender, subject) in enumerate(MAILS):
        whole = to if "@" in to else f"{to}@{DOMAIN}"
        message = mail(f"{name}-{number}", to, subject, sender or BUYER)
        live.send(whole, message, sender)
        stories.append(trace(made, read(message, whole)))
    live.settle()
    outside = live.sink.got[kept:] + both.relay.got
    for number, story in enumerate(stories):
        wanted = {reached.address: set(reached.folders) for reached in story.reached if not reached.outside}
        assert boxes(live, f"{name}-{number}") == wanted, MAILS[number]
    gone = {reached.address for story in stories for reached in story.reached if reached.outside}
    assert gone <= set(outside) and not {BUYER, f"wang@{DOMAIN}"} & set(outside)


def test_a_sender_is_not_told_of_an_archive_that_fails(running: tuple[Pair, Mailboxes]) -> None:
    """ghost is in the tables and not on the server (RFC 3461 §4.1: NOTIFY=NEVER)."""
    both, made = running
    live = both.live
    ports = (both.relay.server_address[1], both.partner.server_address[1])
    put(live, company("archive: [{to: ghost}]\n", ports))
    live.send(f"li@{DOMAIN}", mail("ghost", "li"), "told@outside.test")
    live.settle()
    put(live, made)
    assert boxes(live, "ghost") == {f"li@{DOMAIN}": {"INBOX"}}
    assert "told@outside.test" not in live.sink.got
    assert f"to=<ghost@{DOMAIN}>" in (live.home / "postfix.log").read_text()


def test_mail_leaves_by_the_server_of_its_sender_or_recipient(running: tuple[Pair, Mailboxes]) -> None:
    both, made = running
    live = both.live
    put(live, made)
    for to, sender in (("a@world.test", "wang"), ("b@world.test", "li"), ("c@via.example", "li")):
        live.send(to, mail("way", to, sender=f"{sender}@{DOMAIN}"), f"{sender}@{DOMAIN}")
    live.settle()
    assert "a@world.test" in both.relay.got and "a@world.test" not in live.sink.got
    assert "b@world.test" in live.sink.got and "b@world.test" not in both.relay.got
    assert "c@via.example" in both.partner.got and "c@via.example" not in live.sink.got


def test_conditions_hold_as_in_the_trace_and_spam_stays_inside(running: tuple[Pair, Mailboxes]) -> None:
    both, made = running
    live = both.live
    put(live, made)
    attached = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="q"\r\n'
    parts = "--q\r\nContent-Type: application/pdf\r\n\r\nx\r\n--q--"
    mails = {
        "c-order": mail("c-order", "info", more="X-Kind: new ORDER\r\n"),
        "c-large": mail("c-large", "info", body="x" * 70 + "\r\n" + "y\r\n" * 40000),
        "c-attached": mail("c-attached", "info", more=attached, body=parts),
        "c-list": mail("c-list", "wang", more="List-Id: <a>\r\n"),
        "c-pass": mail("c-pass", "info", "pass", more="X-Spam-Flag: NO\r\n"),
    }
    for message in mails.values():
        live.send(re.findall(rb"To: (\S+)", message)[0].decode(), message)
    live.send(f"info@{DOMAIN}", mail("c-spam", "info", "pass", more="X-Spam-Status: Yes, score=9\r\n"))
    live.settle()
    for id, message in mails.items():
        story = trace(made, read(message, re.findall(rb"To: (\S+)", message)[0].decode()))
        assert boxes(live, id) == {each.address: set(each.folders) for each in story.reached}, id
    # sieve_before: nothing that a filter marked is passed on, and nothing is lost.
    assert boxes(live, "c-spam") == {f"wang@{DOMAIN}": {"Junk"}, f"chen@{DOMAIN}": {"Junk"}}


@pytest.mark.parametrize("sender", ["买家@outside.test", "plain@outside.test"])
def test_mail_that_asks_for_smtputf8_arrives(sender: str, running: tuple[Pair, Mailboxes]) -> None:
    both, _ = running
    id = f"utf8-{len(sender.encode())}"
    with smtplib.SMTP("127.0.0.1", both.live.smtp, timeout=20) as server:
        server.ehlo()
        assert not server.has_extn("smtputf8")
        server.command_encoding = "utf-8"
        assert server.mail(sender)[0] == server.rcpt(f"sales@{DOMAIN}")[0] == 250
        assert server.data(mail(id, "sales", "产品", sender))[0] == 250
    both.live.settle()
    assert {f"wang@{DOMAIN}", f"li@{DOMAIN}"} <= set(boxes(both.live, id))


def test_a_full_mailbox_refuses_and_the_sender_is_told(running: tuple[Pair, Mailboxes]) -> None:
    """Directly, by a group, and passed on by a script; who is not full gets the mail."""
    both, made = running
    live = both.live
    put(live, made)
    settings = str(live.home / "dovecot.conf")
    known = [
        subprocess.run(
            ["doveadm", "-c", settings, "user", f"{name}@{DOMAIN}"], capture_output=True, check=False
        )
        for name in ("li", "wang", "ghost")
    ]
    assert b"1048576" in known[0].stdout and b"1048576" not in known[1].stdout
    assert [process.returncode == 0 for process in known] == [True, True, False]
    big = ("x" * 70 + "\r\n") * 9000
    for number in range(3):
        live.send(f"li@{DOMAIN}", mail(f"q-{number}", "li", body=big), f"filler{number}@outside.test")
        live.settle()
    arrived = [f"li@{DOMAIN}" in boxes(live, f"q-{number}") for number in range(3)]
    told = [f"filler{number}@outside.test" in live.sink.got for number in range(3)]
    assert arrived[0] and not arrived[2] and [not each for each in arrived] == told
    for to, subject in (("sales", "x"), ("info", "pass")):
        live.send(f"{to}@{DOMAIN}", mail(f"q-{to}", to, subject, body=big), f"{to}@outside.test")
    live.settle()
    assert set(boxes(live, "q-sales")) == {f"wang@{DOMAIN}", f"chen@{DOMAIN}"}
    assert set(boxes(live, "q-info")) == {f"chen@{DOMAIN}"}  # the archive; the sender is told below
    assert {"sales@outside.test", "info@outside.test"} <= set(live.sink.got)


def test_without_the_file_of_quotas_mail_still_comes_in(running: tuple[Pair, Mailboxes]) -> None:
    live = running[0].live
    quotas = live.tables / "quotas"
    kept = quotas.read_text()
    quotas.unlink()
    live.processes[0].send_signal(signal.SIGHUP)
    time.sleep(1)
    try:
        live.send(f"wang@{DOMAIN}", mail("no-file", "wang"))
        live.settle()
        assert f"wang@{DOMAIN}" in boxes(live, "no-file")
    finally:
        quotas.write_text(kept)


@pytest.mark.parametrize("password", ["", "!", "x"])
def test_no_password_opens_a_mailbox_by_its_quota(password: str) -> None:
    made = quota(1 << 20).partition(":")[0]
    command = ["doveadm", "pw", "-t", made, "-p", password]
    require("doveadm")
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def plain(line: str) -> str:
    return line.partition("#")[0].strip()


@pytest.mark.parametrize("name", ["mailboxes.md", "mailboxes.zh-CN.md"])
def test_the_documentation_says_just_these_settings(name: str) -> None:
    page = {plain(line) for line in (ROOT / "docs" / name).read_text(encoding="utf-8").splitlines()}
    folder = "/etc/mailwright/DOMAIN"
    parts = [policies.MAIN.format(folder=folder), policies.SPAM_SCRIPT, *policies.QUOTA, *policies.SPAM]
    parts += [each.format(folder=folder) for each in policies.USERDB]
    assert not {plain(line) for part in parts for line in part.splitlines()} - page
