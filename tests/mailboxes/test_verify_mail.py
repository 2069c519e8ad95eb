"""``verify --mail`` at living servers: what they take, who logs in, where a test mail ends."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailwright.cli import main
from mailwright.hosts.mail import postfix
from mailwright.hosts.mail.managesieve import Session
from mailwright.model.checks import Check, Status
from mailwright.model.plan import Plan
from mailwright.model.text import Text
from mailwright.operations.world.mail_trial import Trial, tried
from mailwright.plan.plan import plan
from mailwright.report.mailboxes.checklist import checklist
from mailwright.resolving.connect import Dial
from mailwright.spec.model import MailSpec
from mailwright.verify.mail.folders import decoded
from mailwright.verify.mail.letters import Letter, Wait, letters
from mailwright.verify.mail.recipients import MOST, Word, judged, probe
from mailwright.verify.mail.servers import Means, servers
from tests.conftest import ROOT
from tests.mailboxes.live import Live, free_ports, running
from tests.mailboxes.secure import HOST, Secure, certificate, secured
from tests.mailboxes.specs import DOMAIN, HEAD, spec_of
from tests.mailboxes.test_live_servers import may_log_in

TODAY = dt.datetime.now(dt.UTC).date()
CLIENTS = f"clients: {{imaps: {HOST}, pop3s: {HOST}, submissions: {HOST}}}\n"
GONE = TODAY - dt.timedelta(9)
TEXT = f"""\
people: {{wang: {{}}, li: {{}}, chen: {{}}, zhao: {{left: {GONE}, closed: {GONE}}}}}
addresses:
  info: {{to: wang}}
  sales: {{to: [wang, li]}}
  agent: {{to: [li, agent@partner.example]}}
rules:
  - {{for: info, when: {{subject_contains: [product A, 产品A]}}, then: {{assign_to: li, folder: 询盘}}}}
expect:
  - {{mail_to: info, subject: 产品A 询价, reaches: li, not: wang}}
"""
PASSWORDS = {f"MAILWRIGHT_MAIL_PASSWORD_{name.upper()}": f"pw-{name}" for name in ("wang", "li", "chen")}
LONG = Wait(60.0, 0.2, 0.3)


def company(head: str = HEAD + CLIENTS) -> tuple[MailSpec, Plan]:
    spec = spec_of(TEXT, head)
    return spec, plan(spec, TODAY)


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Live, Secure]]:
    mailboxes = company()[1].mailboxes
    assert mailboxes is not None
    with running(mailboxes) as live:
        live.apply(mailboxes)
        with secured(live) as secure:
            yield live, secure


@pytest.fixture
def planned(world: tuple[Live, Secure]) -> Iterator[None]:
    """Whatever the test does to the servers is undone."""
    yield
    live = world[0]
    (live.tables / postfix.ALIASES).write_text("")
    live.apply(company()[1].mailboxes)


def dial(world: tuple[Live, Secure]) -> Dial:
    return Dial.given(world[1].detours(world[0].smtp), str(world[1].ca))


def checks(world: tuple[Live, Secure], trial: Trial, head: str = HEAD + CLIENTS) -> list[Check]:
    verdict = tried(*company(head), trial)
    assert verdict is not None
    return list(verdict.checks)


def bad(made: Sequence[Check]) -> set[tuple[str, str]]:
    return {(check.rule, check.name.partition("@")[0]) for check in made if check.status is Status.FAIL}


def everything(world: tuple[Live, Secure]) -> Trial:
    return Trial(PASSWORDS, recipients=True, letters=True, dial=dial(world), wait=LONG, pause=0)


def test_all_is_as_planned(world: tuple[Live, Secure]) -> None:
    made = checks(world, everything(world))
    assert not [check for check in made if check.status not in (Status.PASS, Status.NOT_CHECKABLE)], made
    told = {
        (check.rule, check.type, check.name.partition("@")[0])
        for check in made
        if check.status is Status.PASS
    }
    assert {("mail-login", kind, "li") for kind in ("IMAP", "POP3", "SMTP")} <= told
    assert ("address-refused", "RCPT", "zhao") in told and ("address-takes-mail", "RCPT", "sales") in told
    ends = {
        check.position.line if check.position else 0: check.found for check in made if check.type == "MAIL"
    }
    line = HEAD.count("\n") + CLIENTS.count("\n") + TEXT.splitlines().index("expect:") + 2
    assert ends[line] == (f"li@{DOMAIN} 询盘",)
    # What would leave the company is not sent.
    assert [check.name for check in made if check.rule == "test-mail-untried"] == [f"agent@{DOMAIN}"]
    assert "agent@partner.example" not in world[0].sink.got


@pytest.mark.usefixtures("planned")
def test_what_the_server_has_otherwise_is_told_apart(world: tuple[Live, Secure]) -> None:
    live = world[0]
    aliases = live.tables / postfix.ALIASES
    text = aliases.read_text()
    kept = [line for line in text.splitlines(True) if not line.startswith(("sales@", "info@", "zhao@"))]
    aliases.write_text("".join(kept) + f"info@{DOMAIN}  chen@{DOMAIN}\nzhao@{DOMAIN}  li@{DOMAIN}\n")
    (live.tables / postfix.REFUSED).write_text("")
    live.reload()
    made = checks(world, everything(world))
    assert bad(made) == {
        ("address-refused", "sales"),
        ("address-takes-mail", "zhao"),
        ("test-mail-astray", "sales"),
        ("test-mail-astray", "info"),
        ("test-mail-astray", "zhao"),
    }
    astray = [check for check in made if check.rule == "test-mail-astray" and check.name.startswith("info")]
    assert [check.found for check in astray] == [(f"chen@{DOMAIN} INBOX",)] * 2


@pytest.mark.usefixtures("planned")
def test_a_rule_that_is_gone_shows_in_the_test_mail_only(world: tuple[Live, Secure]) -> None:
    live = world[0]
    with Session(live.login("wang")) as session:
        session.activate(None)
    made = checks(world, everything(world))
    assert bad(made) == {("test-mail-astray", "info")}
    (wrong,) = [check for check in made if check.status is Status.FAIL]
    assert wrong.found == (f"wang@{DOMAIN} INBOX",) and wrong.expected == (f"li@{DOMAIN} 询盘",)


@pytest.mark.usefixtures("planned")
def test_a_server_without_a_delimiter_is_told_before_mail_is_returned(world: tuple[Live, Secure]) -> None:
    """Rules run over wang+info@: each address alone is taken, and its mail comes back."""
    live = world[0]
    head = HEAD.replace('"]}', '"], maps: {folder: maps}}')
    told = [
        check for check in checks(world, Trial({}, dial=dial(world), pause=0), head) if check.type == "RCPT"
    ]
    assert {check.status for check in told} == {Status.PASS} and told[1].name == f"wang+info@{DOMAIN}"
    settings = live.home / "postfix" / "main.cf"
    text = settings.read_text()
    try:
        settings.write_text(text.replace("recipient_delimiter = +", "recipient_delimiter ="))
        live.reload()
        made = checks(world, Trial({}, dial=dial(world), pause=0), head)
    finally:
        settings.write_text(text)
        live.reload()
    assert bad(made) == {("detail-refused", "wang+info")}
    (wrong,) = [check for check in made if check.status is Status.FAIL]
    assert f"mail to info@{DOMAIN} goes over it" in wrong.text("en")


@pytest.mark.usefixtures("planned")
def test_a_catch_all_makes_the_probe_inconclusive(world: tuple[Live, Secure]) -> None:
    live = world[0]
    own = "".join(f"{name}@{DOMAIN}  {name}@{DOMAIN}\n" for name in ("wang", "li", "chen", "support"))
    with (live.tables / postfix.ALIASES).open("a") as table:
        table.write(f"{own}@{DOMAIN}  chen@{DOMAIN}\n")
    live.reload()
    made = checks(world, Trial({}, dial=dial(world), pause=0))
    asked = [check for check in made if check.type == "RCPT"]
    assert [check.status for check in asked] == [Status.WARN] + [Status.NOT_CHECKABLE] * (len(asked) - 1)
    assert {check.rule for check in asked[1:]} == {"probe-inconclusive"}


def test_a_wrong_password_is_told_and_never_shown(world: tuple[Live, Secure]) -> None:
    secret = "wröng-pässword"
    found = {"MAILWRIGHT_MAIL_PASSWORD_LI": secret, "MAILWRIGHT_MAIL_PASSWORD_WANG_ACME_TRADE_COM": "pw-wang"}
    made = checks(world, Trial(found, recipients=False, dial=dial(world)))
    assert bad(made) == {("mail-login-refused", "li")}
    assert secret not in repr(made) and secret not in repr(Trial(found))
    untried = {check.name for check in made if check.rule == "mail-login-untried"}
    assert untried == {f"chen@{DOMAIN}"}
    assert sum(check.rule == "mail-login" for check in made) == 3


@pytest.mark.usefixtures("planned")
def test_who_is_suspended_must_not_get_in(world: tuple[Live, Secure]) -> None:
    live = world[0]
    knows = Trial({"MAILWRIGHT_MAIL_PASSWORD_ZHAO": "pw-zhao"}, recipients=False, dial=dial(world))
    assert may_log_in(live, "zhao", False) is False
    shut = [check for check in checks(world, knows) if check.name == f"zhao@{DOMAIN}"]
    assert [check.status for check in shut] == [Status.PASS] * 3
    (live.tables / postfix.SUSPENDED).write_text("")
    assert may_log_in(live, "zhao", True)
    end = time.monotonic() + 15
    while not (found := bad(checks(world, knows))) and time.monotonic() < end:
        time.sleep(0.3)  # the second server looks at the file in its own time
    assert found == {("mail-login-closed", "zhao")}


def test_an_unproven_server_gets_no_password(world: tuple[Live, Secure], tmp_path: Path) -> None:
    live, secure = world
    cert, _ = certificate(tmp_path)
    strange = Dial.given(secure.detours(live.smtp), str(cert))
    made = checks(world, Trial(PASSWORDS, recipients=False, dial=strange))
    assert {check.rule for check in made if check.status is Status.FAIL} == {"mail-server-certificate"}
    assert not [check for check in made if check.rule.startswith("mail-login")]
    other = Dial.given([f"imap.other.example:993:127.0.0.1:{secure.imaps}"], str(secure.ca))
    head = HEAD + "clients: {imaps: imap.other.example}\n"
    made = checks(world, Trial(PASSWORDS, recipients=False, dial=other), head)
    assert {check.rule for check in made} == {"mail-server-certificate"}


def test_starttls_serves_as_well(world: tuple[Live, Secure]) -> None:
    head = HEAD + f"clients: {{imap: {HOST}, submission: {HOST}}}\n"
    made = checks(world, Trial(PASSWORDS, False, True, dial(world), LONG), head)
    assert {check.server for check in made if check.rule == "mail-login"} == {f"{HOST}:143", f"{HOST}:587"}
    assert not bad(made) and [check for check in made if check.rule == "test-mail-arrives"]


def test_a_server_that_does_not_answer_is_unknown(world: tuple[Live, Secure]) -> None:
    (port,) = free_ports(1)
    away = Dial.given([f"{HOST}::127.0.0.1:{port}"])
    made = checks(world, Trial(PASSWORDS, True, True, away, LONG, 0))
    told = {check.rule for check in made if check.rule != "test-mail-untried"}
    assert told == {"exchanger-not-reached", "mail-server-unreachable"}
    assert {check.status for check in made} == {Status.UNKNOWN, Status.NOT_CHECKABLE}


def test_the_command_takes_passwords_from_the_environment_only(
    world: tuple[Live, Secure], tmp_path: Path
) -> None:
    live, secure = world
    spec = tmp_path / "acme.yaml"
    spec.write_text(HEAD + CLIENTS + TEXT, encoding="utf-8")
    words = ["verify", str(spec), "--mail-test", "--no-records", "--format", "json", "--lang", "zh"]
    words += ["--ca-file", str(secure.ca), "--checklist", str(tmp_path / "CHECKLIST.md")]
    mailboxes = company()[1].mailboxes
    assert mailboxes is not None
    steps = checklist(mailboxes, Text("X", "X"), "en", lambda _: "api")
    (tmp_path / "CHECKLIST.md").write_text(steps, encoding="utf-8")
    words += [word for detour in secure.detours(live.smtp) for word in ("--connect-to", detour)]
    done = subprocess.run(
        [sys.executable, "-m", "mailwright", *words],
        cwd=ROOT,
        env={**os.environ, **PASSWORDS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert said["status"] == "ok" and len({each["type"] for each in said["checks"]}) == 4
    assert "测试邮件的去向与计划一致" in done.stdout and "pw-" not in done.stdout + done.stderr
    after = (tmp_path / "CHECKLIST.md").read_text(encoding="utf-8")
    left = [re.findall(r"<!-- (.*?) -->", line)[0] for line in after.splitlines() if "[ ]" in line]
    assert left == [f"group:agent@{DOMAIN}", "rules[0]", f"suspended:zhao@{DOMAIN}"]


def test_the_command_asks_the_exchanger(
    world: tuple[Live, Secure], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    live, secure = world
    spec = tmp_path / "acme.yaml"
    spec.write_text(HEAD + "people: {wang: {}}\n", encoding="utf-8")
    words = ["verify", str(spec), "--mail", "--no-records", "--lang", "en", "--ca-file", str(secure.ca)]
    words += [word for detour in secure.detours(live.smtp) for word in ("--connect-to", detour)]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert f"✓ wang@{DOMAIN} RCPT" in said and "write clients:" in said
    assert main(["verify", str(spec), "--no-records"]) == 64


def test_a_subject_cannot_leave_its_line(world: tuple[Live, Secure]) -> None:
    mailboxes = company()[1].mailboxes
    assert mailboxes is not None
    means = Means(servers(company()[0]), dial(world), PASSWORDS)
    letter = Letter(f"wang@{DOMAIN}", "a\r\nBcc: thief@evil.example")
    (seen,) = letters(mailboxes, (letter,), means, LONG)
    assert seen.status is Status.PASS and "thief@evil.example" not in world[0].sink.got


# ── answers of other servers ──


class _Answers(socketserver.StreamRequestHandler):
    """An exchanger with one answer to every recipient."""

    def handle(self) -> None:
        self.server.connections += 1  # type: ignore[attr-defined]
        self._say("220 there")
        for line in iter(self.rfile.readline, b""):
            word = line[:4].upper().strip()
            if word == b"RCPT":
                self.server.asked.append(line)  # type: ignore[attr-defined]
                if len(self.server.asked) > self.server.most:  # type: ignore[attr-defined]
                    self.server.asked.pop()  # type: ignore[attr-defined]
                    return
                self._say(self.server.answer)  # type: ignore[attr-defined]
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class _Exchanger(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, answer: str) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.answer, self.asked, self.connections, self.most = answer, list[bytes](), 0, 99


@contextmanager
def exchanger(answer: str) -> Iterator[tuple[_Exchanger, Dial]]:
    server = _Exchanger(answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server, Dial.given([f"mx.example:25:127.0.0.1:{server.server_address[1]}"])
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.mark.parametrize(
    ("answer", "rule", "status"),
    [
        ("550 5.1.1 no such user", "address-refused", Status.FAIL),
        ("550 no", "address-not-answered", Status.UNKNOWN),  # to everybody: perhaps it is us
        ("550 5.7.1 blocked, see our policy", "address-not-answered", Status.UNKNOWN),
        ("554 denied: your network is on a black list", "address-not-answered", Status.UNKNOWN),
        ("450 4.2.0 greylisted", "address-not-answered", Status.UNKNOWN),
        ("252 cannot verify", "address-not-answered", Status.UNKNOWN),
        ("250 ok", "probe-inconclusive", Status.NOT_CHECKABLE),
    ],
)
def test_only_what_is_said_of_the_address_counts(answer: str, rule: str, status: Status) -> None:
    mailboxes = company()[1].mailboxes
    assert mailboxes is not None
    with exchanger(answer) as (server, way):
        found = probe(mailboxes, ["mx.example"], way, pause=0)
    role = [check for check in found if check.name == f"sales@{DOMAIN}"]
    assert [(check.rule, check.status) for check in role] == [(rule, status)]
    assert server.connections == 1
    if status is not Status.FAIL and "550 no" not in answer:
        assert len(server.asked) == 1, "after the random address nobody else is asked"


def test_a_server_that_hangs_up_is_left_alone() -> None:
    mailboxes = company()[1].mailboxes
    assert mailboxes is not None
    with exchanger("550 5.1.1 unknown") as (server, way):
        server.most = 3
        found = probe(mailboxes, ["mx.example", "mx.example"], way, pause=0)
    assert server.connections == 1 and len(server.asked) == 3
    assert [check.status for check in found[:3]] == [Status.PASS, Status.FAIL, Status.FAIL]
    assert {check.rule for check in found[3:]} == {"address-not-answered"}


def test_no_more_than_twenty_are_asked_in_one_connection() -> None:
    people = ", ".join(f"p{number}: {{}}" for number in range(30))
    mailboxes = plan(spec_of(f"people: {{wang: {{}}, {people}}}\n"), TODAY).mailboxes
    assert mailboxes is not None
    with exchanger("550 5.1.1 unknown") as (server, way):
        found = probe(mailboxes, ["mx.example"], way, pause=0)
    assert len(server.asked) == MOST and server.connections == 1
    assert sum(check.rule == "probe-limit" for check in found) == 33 - (MOST - 1)


@pytest.mark.parametrize(
    ("code", "text", "word"),
    [
        (250, "ok", Word.TAKES),
        (251, "will forward", Word.TAKES),
        (252, "who knows", Word.UNSURE),
        (421, "later", Word.UNSURE),
        (550, "5.2.1 disabled", Word.REFUSES),
        (550, "No such user here", Word.REFUSES),
        (550, "5.7.26 unauthenticated", Word.UNSURE),
        (550, "Mailbox not found or access denied", Word.UNSURE),
        (503, "bad sequence", Word.UNSURE),
    ],
)
def test_an_answer_in_words(code: int, text: str, word: Word) -> None:
    assert judged(code, text).word is word


@pytest.mark.parametrize(
    ("wire", "name"),
    [("INBOX", "INBOX"), ("&i+J22A-", "询盘"), ("A&-B", "A&B"), ("&i+J22A-/x", "询盘/x"), ("Sent", "Sent")],
)
def test_folder_names_are_read_as_imap_writes_them(wire: str, name: str) -> None:
    assert decoded(wire) == name
