"""Who left, beside a catch-all: their mail is refused or comes back, whatever way it came."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.living.company import Company, day
from tests.living.variants import COURIER, HOUSES, Variant

Up = Callable[[Variant, str], Company]
TEXT = f"""\
people:
  wang: {{}}
  chen: {{}}
  old: {{left: {day(-9)}}}
  zhao: {{left: {day(-9)}, handover: {{to: wang, until: {day(9)}}}}}
  past: {{left: {day(-9)}, handover: {{to: wang, until: {day(-2)}}}}}
catch_all: {{to: chen}}
"""
CLOSED = ("old", "past", "old+fair", "OLD")
EVERY = pytest.mark.parametrize("variant", [*HOUSES, COURIER], ids=lambda each: each.name)


@EVERY
def test_mail_of_the_world_is_refused(company: Up, variant: Variant) -> None:
    acme = company(variant, TEXT)
    letters = [acme.letter(to) for to in CLOSED]
    acme.hand_in(*letters)
    acme.world.settle()
    for letter in letters:
        fate = acme.fate(letter)
        assert not fate.inside and fate.returned, (letter.to, fate)


@EVERY
def test_mail_of_the_server_itself_comes_back(company: Up, variant: Variant) -> None:
    """cron, a web form, sendmail(1): no smtpd asks."""
    acme = company(variant, TEXT)
    letters = [acme.letter(to, sender="form@outside.test") for to in CLOSED[:3]]
    for letter in letters:
        acme.letters.append(letter)
        acme.world.from_server(letter)
    acme.world.settle()
    for letter in letters:
        fate = acme.fate(letter)
        assert not fate.inside and not fate.kept_from and fate.returned, (letter.to, fate)


@EVERY
def test_a_colleagues_mail_comes_back_or_is_refused(company: Up, variant: Variant) -> None:
    acme = company(variant, TEXT)
    letter = acme.letter("old", sender=acme.at("wang"))
    acme.letters.append(letter)
    reply = acme.world.submit(letter, acme.at("wang"))
    acme.world.settle()
    fate = acme.fate(letter)
    assert not fate.inside and not fate.kept_from
    assert reply or acme.at("wang") in fate.reported


@EVERY
def test_a_rule_of_somebody_else_does_not_lead_there(company: Up, variant: Variant) -> None:
    """A partner's list still sends to who left: the handover takes it while it lasts, the catch-all never."""
    acme = company(variant, TEXT)
    assert acme.fate(acme.send("zhao")).who == {"wang"}
    assert acme.fate(acme.send("nobody-such")).who == {"chen"}
    assert acme.fate(acme.send("wang")).who == {"wang"}
