"""An alias domain in the tables of an own server: everybody's addresses lead to the company's own ones."""

from __future__ import annotations

import smtplib
from pathlib import Path

import pytest

from mailwright.operations.planning import planned
from mailwright.plan.mailboxes.trace import Mail, trace
from tests.mail_host.server import Server
from tests.mail_host.worlds import COMPANY, Company
from tests.mailboxes import live as servers
from tests.mailboxes.specs import DAY, DOMAIN, mailboxes

ALIAS = "hengda.cn"
LINE = f"alias_domains: [{ALIAS}]\n"
LEAVER = COMPANY.replace(
    "chen: {}}", "chen: {}, zhao: {left: 2026-10-31, handover: {to: li, until: 2027-04-30}}}"
)
LOSS = "role-address-emptied"


def test_it_comes_and_is_kept_and_goes_only_with_consent(company: Company) -> None:
    company.write(LEAVER, more=LINE)
    company.up()
    aliases = company.files()["aliases"].decode()
    for name in ("wang", "info", "sales", "zhao", "postmaster"):
        assert f"{name}@{ALIAS}  {name}@{DOMAIN}\n" in aliases
    assert f"wang@{ALIAS}  wang@{DOMAIN}\n" in company.files()["senders"].decode()
    assert not company.up().changes
    path = company.tables / "aliases"
    path.write_text(aliases.replace(f"wang@{ALIAS}  wang", f"wang@{ALIAS}  thief"))
    assert [step.action for step in company.run("refresh").changes] == ["drift"]
    company.up()
    assert company.files()["aliases"].decode() == aliases

    company.write(LEAVER)
    outcome = company.run("up")
    assert outcome.refused and f"wang@{ALIAS}" in "".join(outcome.problems)
    assert company.files()["aliases"].decode() == aliases
    company.up(allow=LOSS)
    left = company.files()["aliases"].decode()
    assert ALIAS not in left and f"sales@{DOMAIN}  wang@{DOMAIN}, li@{DOMAIN}" in left


def test_an_address_that_goes_is_asked_for_at_both(company: Company) -> None:
    company.write(LEAVER, more=LINE)
    company.up()
    company.write(LEAVER.replace("  sales: {to: [wang, li], owner: wang}\n", ""), more=LINE)
    problems = "".join(company.run("up").problems)
    assert f"sales@{DOMAIN}" in problems and f"sales@{ALIAS}" in problems


def test_a_closed_leaver_is_refused_at_both_and_the_catch_all_is_one(company: Company) -> None:
    closed = LEAVER.replace("until: 2027-04-30}", "until: 2026-11-30}, closed: 2026-12-01")
    company.write(closed + "catch_all: {to: wang}\n", more=LINE)
    company.up(day="2026-12-02")
    refused = company.files()["refused"].decode()
    assert f"zhao@{DOMAIN}  550" in refused and f"zhao@{ALIAS}  550" in refused
    assert f"@{ALIAS}  wang@{DOMAIN}\n" in company.files()["aliases"].decode()


@pytest.mark.slow
def test_a_living_server_delivers_as_trace_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILWRIGHT_SIEVE_PASSWORD", servers.MASTER_PASSWORD)
    with servers.running(mailboxes("people: {wang: {}}\n")) as live:
        with (live.home / "postfix" / "main.cf").open("a") as config:
            config.write(f"virtual_alias_domains = {ALIAS}\n")
        company = Company(tmp_path, monkeypatch, live.tables, Server(live.home, live.sieve))
        company.write(LEAVER, more=LINE)
        company.up()
        live.reload()
        plan = next(plan for spec, plan in planned([company.spec], DAY).plans if plan.domain == spec.domain)
        assert plan.mailboxes is not None
        sent: list[tuple[str, set[str]]] = []
        for name in ("wang", "WANG", "wang+fair", "info", "sales", "zhao", "postmaster"):
            to, id = f"{name}@{ALIAS}", f"<{name}.alias@outside.test>"
            head = f"From: buyer@outside.test\r\nTo: {to}\r\nMessage-ID: {id}\r\nSubject: x\r\n"
            live.send(to, f"{head}\r\nhello\r\n".encode())
            mail = Mail(to, "buyer@outside.test", "x", "hello", (to,))
            sent.append((id, set(trace(plan.mailboxes, mail).addresses)))
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            live.send(f"nobody@{ALIAS}", b"Subject: x\r\n\r\nx\r\n")
        assert not trace(plan.mailboxes, Mail(f"nobody@{ALIAS}")).reached
        live.settle()
        for id, wanted in sent:
            found = {f"{name}@{DOMAIN}" for name in ("wang", "li", "chen") if live.inbox(name, id)}
            assert found == wanted and wanted, id
