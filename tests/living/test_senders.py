"""Who may write as whom: the check stands in the way of forgers, never of our own rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.living.company import Company
from tests.living.variants import (
    DOCKER_MAILSERVER,
    IREDMAIL,
    LOGINS_EVERYWHERE,
    LOGINS_ON_SUBMISSION,
    MAILCOW,
    Variant,
)

Up = Callable[[Variant, str], Company]
TEXT = """\
people: {wang: {send_as: [info]}, li: {}, chen: {}}
addresses: {info: {to: wang}, support: {to: [li, chen], shared: true}}
rules:
  - {for: info, when: {subject_contains: [quote]}, then: {assign_to: li}}
  - {for: li, when: {subject_contains: [pump]}, then: {copy_to: chen}}
"""
ALL = (LOGINS_ON_SUBMISSION, DOCKER_MAILSERVER, MAILCOW, IREDMAIL)
CHECKING = (LOGINS_ON_SUBMISSION, DOCKER_MAILSERVER, MAILCOW)


def submitted(acme: Company, to: str, sender: str, login: str, **more: object) -> tuple[str, str | None]:
    letter = acme.letter(to, sender=acme.at(sender), **more)
    acme.letters.append(letter)
    reply = acme.world.submit(letter, acme.at(login))
    if reply:
        acme.refused[letter.mark] = reply
    acme.world.settle()
    return ",".join(sorted(acme.fate(letter).who)), reply


@pytest.mark.parametrize("variant", ALL, ids=lambda each: each.name)
def test_a_colleagues_mail_to_an_address_with_rules_is_passed_on(company: Up, variant: Variant) -> None:
    acme = company(variant, TEXT)
    assert submitted(acme, "info", "chen", "chen", subject="quote") == ("li", None)
    assert submitted(acme, "li", "wang", "wang", subject="pump") == ("chen,li", None)
    assert submitted(acme, "info", "info", "wang", subject="quote") == ("li", None)
    assert not list(acme.lost())


def test_nothing_is_lost_where_port_25_asks_for_a_login_too(company: Up) -> None:
    """There the server refuses what a script passes on: the mail stays with the owner."""
    acme = company(LOGINS_EVERYWHERE, TEXT)
    assert submitted(acme, "info", "chen", "chen", subject="quote")[0] in ("li", "wang")
    submitted(acme, "li", "wang", "wang", subject="pump")
    assert acme.fate(acme.send("info", subject="quote")).who == {"li"}
    assert not list(acme.lost())


@pytest.mark.parametrize("variant", CHECKING, ids=lambda each: each.name)
def test_nobody_writes_as_somebody_else(company: Up, variant: Variant) -> None:
    acme = company(variant, TEXT)
    for sender in ("wang", "info"):
        who, reply = submitted(acme, "li", sender, "chen")
        assert not who and reply and reply.startswith("553")


def test_members_of_a_shared_mailbox_write_as_it(company: Up) -> None:
    """Without saying it twice."""
    acme = company(LOGINS_ON_SUBMISSION, TEXT)
    for member in ("li", "chen"):
        assert submitted(acme, "wang", "support", member) == ("wang", None)
    assert submitted(acme, "wang", "support", "wang")[1]
