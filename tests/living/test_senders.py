"""Who may write as whom: the check stands in the way of forgers, never of our own rules."""

from __future__ import annotations

from tests.living.company import Company, Scene
from tests.living.situations import situation
from tests.living.variants import (
    DOCKER_MAILSERVER,
    IREDMAIL,
    LOGINS_EVERYWHERE,
    LOGINS_ON_SUBMISSION,
    MAILCOW,
)

TEXT = """\
people: {wang: {send_as: [info]}, li: {}, chen: {}}
addresses: {info: {to: wang}, support: {to: [li, chen], shared: true}}
rules:
  - {for: info, when: {subject_contains: [quote]}, then: {assign_to: li}}
  - {for: li, when: {subject_contains: [pump]}, then: {copy_to: chen}}
"""
ALL = (LOGINS_ON_SUBMISSION, DOCKER_MAILSERVER, MAILCOW, IREDMAIL)
CHECKING = (LOGINS_ON_SUBMISSION, DOCKER_MAILSERVER, MAILCOW)


@situation(*ALL)
def test_a_colleagues_mail_to_an_address_with_rules_is_passed_on(acme: Company) -> Scene:
    acme.up(TEXT)
    letters = [
        acme.submit("info", "chen", "chen", subject="quote"),
        acme.submit("li", "wang", "wang", subject="pump"),
        acme.submit("info", "wang", "info", subject="quote"),
    ]
    yield
    assert [acme.fate(letter).who for letter in letters] == [{"li"}, {"chen", "li"}, {"li"}]
    assert [acme.expected(letter) for letter in letters] == [{"li"}, {"chen", "li"}, {"li"}]
    assert not acme.refused


@situation(LOGINS_EVERYWHERE)
def test_where_port_25_asks_for_a_login_too_it_stays_with_the_owner(acme: Company) -> Scene:
    """There the server refuses what a script passes on for a colleague (553), as the documentation says."""
    acme.up(TEXT)
    colleague = acme.submit("info", "chen", "chen", subject="quote")
    copied = acme.submit("li", "wang", "wang", subject="pump")
    world = acme.send("info", subject="quote")
    yield
    assert acme.fate(colleague).who == {"wang"}
    assert acme.fate(copied).who == {"li"}
    assert acme.fate(world).who == {"li"}
    assert "553" in acme.world.log()


@situation(*CHECKING)
def test_nobody_writes_as_somebody_else(acme: Company) -> Scene:
    acme.up(TEXT)
    letters = [acme.submit("li", "chen", sender) for sender in ("wang", "info")]
    yield
    for letter in letters:
        assert not acme.fate(letter).inside
        assert acme.refused[letter.mark].startswith("553")


@situation(LOGINS_ON_SUBMISSION)
def test_members_of_a_shared_mailbox_write_as_it(acme: Company) -> Scene:
    """Without saying it twice."""
    acme.up(TEXT)
    members = [acme.submit("wang", member, "support") for member in ("li", "chen")]
    stranger = acme.submit("wang", "wang", "support")
    yield
    assert [acme.fate(member).who for member in members] == [{"wang"}] * 2
    assert acme.refused[stranger.mark].startswith("553")
