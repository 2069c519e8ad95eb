"""Mail through a living Postfix and Dovecot while the spec changes: each ends where the plan says."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailwright.operations.planning import planned
from mailwright.plan.mailboxes.trace import Mail, trace
from tests.mail_host.server import Server
from tests.mail_host.test_killed import NAMES, OTHER
from tests.mail_host.worlds import COMPANY, Company
from tests.mailboxes import live as servers
from tests.mailboxes.specs import DAY, DOMAIN, mailboxes

PEOPLE = ("wang", "li", "chen")
#: Without dates: servers know today only.
CHANGED = OTHER.replace("{away: {from: 2026-11-20, until: 2026-12-20, cover: wang}}", "{}")


@pytest.mark.slow
def test_mail_ends_where_the_plan_says_after_each_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILWRIGHT_SIEVE_PASSWORD", servers.MASTER_PASSWORD)
    with servers.running(mailboxes("people: {wang: {}}\n")) as live:
        company = Company(tmp_path, monkeypatch, live.tables, Server(live.home, live.sieve))
        sent: list[tuple[str, set[str]]] = []
        for number, text in enumerate((COMPANY, CHANGED)):
            company.write(text)
            company.up()
            live.reload()
            (plan,) = [plan for _, plan in planned([company.spec], DAY).plans]
            assert plan.mailboxes is not None
            for name in NAMES:
                to = f"{name}@{DOMAIN}"
                id = f"<{name}.{number}@outside.test>"
                head = f"From: buyer@outside.test\r\nTo: {to}\r\nMessage-ID: {id}\r\nSubject: x\r\n"
                live.send(to, f"{head}\r\nhello\r\n".encode())
                mail = Mail(to, "buyer@outside.test", "x", "hello", (to,))
                sent.append((id, set(trace(plan.mailboxes, mail).addresses)))
            live.settle()  # a mail is delivered by the tables and scripts of its own day
        for id, wanted in sent:
            found = {f"{name}@{DOMAIN}" for name in PEOPLE if live.inbox(name, id)}
            assert found == {each for each in wanted if each.endswith(DOMAIN)}, id
        outside = [each for _, wanted in sent for each in wanted if not each.endswith(DOMAIN)]
        assert outside and sorted(outside) == sorted(to for to in live.sink.got if to.endswith(".example"))
