"""Two mail hosts under one domain: an own Postfix as either one delivers as `trace` says, and moves ask."""

from __future__ import annotations

import re
import smtplib
from pathlib import Path

import pytest

from mailwright.operations.planning import planned
from mailwright.plan.mailboxes.trace import Mail, trace
from tests.mail_host.server import Server
from tests.mail_host.worlds import Company
from tests.mailboxes import live as servers
from tests.mailboxes.specs import DAY, DOMAIN, mailboxes

GAP = "address-gap"
GOOGLE = "{service: google-workspace, site: classic}"
M365 = "{service: microsoft-365, mx_token: acme-com}"
OUTSIDE = "buyer@outside.test"
PEOPLE = """\
people: {wang: {at: self-hosted}, li: {at: google-workspace}, chen: {at: self-hosted}}
addresses: {info: {to: wang}, head: {to: li}, sales: {to: [wang, li], owner: wang}, all: {to: [chen, sales]}}
"""
RULES = """\
rules:
  - {for: info, when: {subject_contains: head}, then: {assign_to: li}}
  - {for: info, otherwise: true, then: {assign_to: wang}}
"""


def write(company: Company, first: str, second: str, text: str) -> None:
    company.spec.parent.mkdir(exist_ok=True)
    company.spec.write_text(
        f"version: 1\ndomain: {company.domain}\ntimezone: Asia/Shanghai\nmail_host: [{first}, {second}]\n"
        f"dns_hosts: [{{service: manual, console: aliyun}}]\ncontact: wang@{company.domain}\n{text}",
        "utf-8",
    )


def own(company: Company, live: bool = True) -> str:
    sieve = ""
    if live and company.live:
        sieve = f", sieve: {{server: 127.0.0.1, port: {company.live.sieve}, master_user: {servers.MASTER}}}"
    return f'{{service: self-hosted, mx: ["10 mail.{DOMAIN}"], maps: {{folder: {company.tables}}}{sieve}}}'


@pytest.mark.slow
@pytest.mark.parametrize("own_first", [True, False], ids=["mail comes in at it", "it is the second"])
def test_a_living_server_delivers_as_trace_says(
    own_first: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other host is a server that takes everything that comes to it, and remembers for whom."""
    monkeypatch.setenv("MAILWRIGHT_SIEVE_PASSWORD", servers.MASTER_PASSWORD)
    with servers.running(mailboxes("people: {wang: {}}\n")) as live:
        with (live.home / "postfix" / "main.cf").open("a") as config:
            config.write(f"transport_maps = texthash:{live.tables}/transports\n")
        company = Company(tmp_path, monkeypatch, live.tables, Server(live.home, live.sieve))
        pair = (own(company), GOOGLE) if own_first else (GOOGLE, own(company))
        write(company, *pair, PEOPLE + RULES)
        company.up()
        table = live.tables / "transports"
        assert f"li@{DOMAIN}  smtp:[aspmx.l.google.com]:25\n" in table.read_text()
        there = f"[127.0.0.1]:{live.sink.server_address[1]}"
        table.write_text(table.read_text().replace("[aspmx.l.google.com]:25", there))
        live.reload()
        (plan,) = (plan for _, plan in planned([company.spec], DAY).plans)
        assert plan.mailboxes is not None
        view = next(view for view in plan.mailboxes.views if view.home == "self-hosted")
        names = {*view.hops, *(f"{name}@{DOMAIN}" for name in ("wang", "chen", "info", "sales", "all"))}
        not_known = names & view.unsure.keys()
        assert not_known == (set() if own_first else {f"sales@{DOMAIN}", f"all@{DOMAIN}"})
        for to in sorted(names - not_known):
            for subject in ("head", "other"):
                live.sink.got.clear()
                id = f"<{to}.{subject}.{own_first}@outside.test>"
                head = f"From: {OUTSIDE}\r\nTo: {to}\r\nMessage-ID: {id}\r\nSubject: {subject}\r\n"
                live.send(to, f"{head}\r\nhello\r\n".encode())
                live.settle()
                story = trace(view, Mail(to, OUTSIDE, subject, "hello", (to,)))
                here = {f"{name}@{DOMAIN}" for name in ("wang", "chen") if live.inbox(name, id)}
                assert here == set(story.addresses), (to, subject)
                assert sorted(live.sink.got) == sorted(story.onward), (to, subject)
                assert here or live.sink.got, "everybody's mail arrives somewhere"
        for unknown in (f"nobody@{DOMAIN}", f"tom@{DOMAIN}", *not_known):
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                live.send(unknown, b"Subject: x\r\n\r\nx\r\n")
            asked = view if unknown in not_known else plan.mailboxes
            assert trace(asked, Mail(unknown)).refused == (unknown,)


HOSTED = (
    "people: {wang: {}, li: {at: microsoft-365}, tom: {}}\naddresses: {info: {to: wang}, sales: {to: tom}}\n"
)


def test_somebody_moves_from_one_host_to_the_other_with_consent_alone(company: Company) -> None:
    write(company, GOOGLE, M365, HOSTED)
    company.up()
    write(company, GOOGLE, M365, HOSTED.replace("tom: {}", "tom: {at: microsoft-365}"))
    refused = company.run("up")
    lines = "\n".join(refused.problems)
    assert refused.refused and f"[{GAP}]" in lines and f"sales@{DOMAIN}, tom@{DOMAIN}" in lines, lines
    company.up(allow=GAP)
    assert not company.run("up").refused


def test_a_second_host_joins_and_leaves_with_consent_alone(company: Company) -> None:
    write(company, GOOGLE, M365, HOSTED)
    both = company.spec.read_text()
    one = re.sub(r"mail_host: .*", f"mail_host: {GOOGLE}", both).replace("{at: microsoft-365}", "{}")
    company.spec.write_text(one)
    company.up()
    for text in (both, one):
        company.spec.write_text(text)
        refused = company.run("up")
        assert refused.refused and f"li@{DOMAIN}" in "\n".join(refused.problems)
        company.up(allow=f"{GAP},spf-sender-dropped")


def test_an_own_servers_tables_follow_who_moves(company: Company) -> None:
    write(company, own(company, live=False), GOOGLE, PEOPLE)
    company.up()
    assert f"li@{DOMAIN}  smtp:" in company.files()["transports"].decode()
    write(
        company,
        own(company, live=False),
        GOOGLE,
        PEOPLE.replace("li: {at: google-workspace}", "li: {at: self-hosted}"),
    )
    assert f"[{GAP}]" in "\n".join(company.run("up").problems)
    assert f"li@{DOMAIN}  smtp:" in company.files()["transports"].decode()
    company.up(allow=GAP)
    assert "transports" not in company.files() or f"li@{DOMAIN}" not in company.files()["transports"].decode()


def test_whoever_leaves_an_own_server_for_another_host_is_asked_about(company: Company) -> None:
    """The mailbox there is no longer led to, whatever stood in the spec before."""
    alone = PEOPLE.replace("at: self-hosted", "").replace("at: google-workspace", "")
    write(company, own(company, live=False), GOOGLE, alone)
    company.spec.write_text(
        company.spec.read_text().replace(f", {GOOGLE}]", "").replace("mail_host: [", "mail_host: ")
    )
    company.up()
    write(company, own(company, live=False), GOOGLE, PEOPLE)
    refused = company.run("up")
    assert (
        refused.refused
        and f"[mailbox-cut-off] No address would lead to the mailbox li@{DOMAIN}"
        in "\n".join(refused.problems)
    )
    assert "transports" not in company.files()
