"""Who left, beside a catch-all: their mail is refused or comes back, whatever way it came."""

from __future__ import annotations

from tests.living.company import Company, Scene, day
from tests.living.situations import situation
from tests.living.variants import COURIER, HOUSES, delimited

TEXT = f"""\
people:
  wang: {{}}
  chen: {{}}
  old: {{left: {day(-9)}, closed: {day(-8)}}}
  zhao: {{left: {day(-9)}, handover: {{to: wang, until: {day(9)}}}}}
  past: {{left: {day(-9)}, handover: {{to: wang, until: {day(-2)}}}, closed: {day(-1)}}}
  over: {{left: {day(-9)}, handover: {{to: wang, until: {day(-2)}}}}}
catch_all: {{to: chen}}
"""
CLOSED = ("old", "past", "old{sign}fair", "OLD")
EVERY = (*HOUSES, COURIER, delimited("-"))


def closed(acme: Company) -> list[str]:
    return [each.format(sign=acme.world.variant.delimiter) for each in CLOSED]


@situation(*EVERY)
def test_mail_of_the_world_is_refused(acme: Company) -> Scene:
    acme.up(TEXT)
    letters = [acme.send(to) for to in closed(acme)]
    yield
    for letter in letters:
        fate = acme.fate(letter)
        assert not fate.inside and not fate.kept_from and fate.returned, (letter.to, fate)
        assert acme.traced(letter).refused


@situation(*EVERY)
def test_mail_of_the_server_itself_comes_back(acme: Company) -> Scene:
    """cron, a web form, sendmail(1): no smtpd asks."""
    acme.up(TEXT)
    letters = [acme.from_server(to) for to in closed(acme)]
    yield
    for letter in letters:
        fate = acme.fate(letter)
        assert not fate.inside and not fate.kept_from and fate.returned, (letter.to, fate)


@situation(*EVERY)
def test_a_colleagues_mail_comes_back_or_is_refused(acme: Company) -> Scene:
    acme.up(TEXT)
    letter = acme.submit("old", "wang", "wang")
    yield
    fate = acme.fate(letter)
    assert not fate.inside and not fate.kept_from and fate.returned, fate


@situation(*EVERY)
def test_the_others_have_their_mail(acme: Company) -> Scene:
    """The successor takes it until the address is closed; the catch-all takes what nobody else has."""
    acme.up(TEXT)
    letters = {name: acme.send(name) for name in ("zhao", "over", "nobody-such", "wang", "chen")}
    server = {name: acme.from_server(name) for name in ("zhao", "over", "nobody-such", "wang")}
    yield
    who = {"zhao": {"wang"}, "over": {"wang"}, "nobody-such": {"chen"}, "wang": {"wang"}, "chen": {"chen"}}
    for name, letter in (*letters.items(), *server.items()):
        assert acme.fate(letter).who == acme.expected(letter) == who[name], name


@situation(*EVERY)
def test_a_rule_of_somebody_else_does_not_lead_there(acme: Company) -> Scene:
    """Wang's rules go on while zhao's mail comes by him; nothing of it comes into the closed mailboxes."""
    acme.up(TEXT + "rules:\n  - {for: wang, when: {subject_contains: [quote]}, then: {assign_to: chen}}\n")
    letter = acme.send("zhao", subject="quote")
    yield
    assert acme.fate(letter).who == acme.expected(letter) == {"chen"}
    assert not acme.fate(letter).kept_from
