"""People's own scripts beside ours: both run, neither undoes the other, and what was active comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mailwright.hosts.mail.managesieve import ManageSieveError
from tests.living.company import Company, day
from tests.living.variants import DOCS, IREDMAIL, MAILCOW, Variant

Up = Callable[[Variant, str], Company]
AWAY = f"people: {{wang: {{away: {{from: {day(-1)}, until: {day(1)}, cover: li, text: Away}}}}, li: {{}}}}\n"
RULES = """\
people: {wang: {}, li: {}, chen: {}}
addresses: {info: {to: wang}}
rules:
  - {for: info, when: {subject_contains: [quote]}, then: {assign_to: li}}
  - {for: wang, when: {subject_contains: [pump]}, then: {copy_to: chen}}
"""
VACATION = 'require "vacation"; vacation :addresses ["{own}"] "my own words";\n'
#: Own scripts that can undo a run in which ours acts; each as a person would have it.
BREAKING = {
    "vacation": VACATION,
    "vacation-and-copy": 'require "copy";\n' + VACATION + 'redirect :copy "home@outside.test";\n',
    "reject": 'require "reject"; reject "not here";\n',
    "many-actions": 'require ["fileinto", "mailbox"];\n'
    + "".join(f'fileinto :create "F{n}";\n' for n in range(32)),
    "many-redirects": 'require "copy";\n'
    + "".join(f'redirect :copy "r{n}@outside.test";\n' for n in range(4)),
    "runtime-error": 'require "variables"; set "to" "no address"; redirect "${{to}}";\n',
    "bad-folder": 'require ["fileinto", "mailbox"]; fileinto :create "a/b";\n',
    "discard": "discard;\n",
    "stop": "stop;\n",
}


def beside(company: Up, text: str, own: str, variant: Variant = DOCS) -> Company | None:
    """A company whose wang had a script before ``up``; None where ``up`` refuses."""
    acme = company(variant, "people: {wang: {}, li: {}, chen: {}}\n")
    acme.world.own_script(acme.at("wang"), own.format(own=acme.at("wang")))
    try:
        return acme.up(text)
    except ManageSieveError as refusal:
        assert "own" in str(refusal)
        return None


@pytest.mark.parametrize("own", BREAKING)
def test_the_spec_still_holds_or_up_refuses(company: Up, own: str) -> None:
    """The conflict is a refusal that names the script, or ours does what the spec says all the same."""
    acme = beside(company, AWAY, BREAKING[own])
    if acme is None:
        return
    letter = acme.send("wang")
    assert acme.at("li") in acme.fate(letter).inside, "the cover has no copy"
    assert acme.replies(letter.sender), "no reply"


@pytest.mark.parametrize("own", BREAKING)
def test_nothing_is_lost_beside_an_own_script(company: Up, own: str) -> None:
    acme = beside(company, RULES, BREAKING[own])
    if acme is None:
        return
    letters = [
        acme.send(to, subject=subject) for to in ("wang", "info") for subject in ("x", "quote", "pump")
    ]
    for letter in letters:
        fate = acme.fate(letter)
        threw_away_itself = own == "discard" and fate.who <= {"chen"}
        assert not fate.is_lost or threw_away_itself, letter


def test_what_is_passed_on_is_passed_on_beside_every_own_script(company: Up) -> None:
    """Mail of the company's address is the company's: wang's own script does not see what li gets."""
    for own, text in BREAKING.items():
        acme = beside(company, RULES, text)
        if acme is not None:
            assert acme.fate(acme.send("info", subject="quote")).who == {"li"}, own


@pytest.mark.parametrize("variant", [DOCS, IREDMAIL, MAILCOW], ids=lambda each: each.name)
def test_a_filter_in_a_plain_file_goes_on_and_comes_back(company: Up, variant: Variant) -> None:
    """No link to a script but the file itself, as people wrote it before ManageSieve."""
    acme = company(variant, "people: {wang: {}, li: {}}\n")
    home = acme.world.mail_home(acme.at("wang"))
    active = home / variant.sieve.partition(";active=~/")[2]
    active.parent.mkdir(parents=True, exist_ok=True)
    text = 'require ["fileinto", "mailbox"];\nif header :contains "subject" "pump" {'
    text += '\n  fileinto :create "Mine";\n}\n'
    acme.world.plant(active, text)
    assert acme.fate(acme.send("wang", subject="pump")).inside[acme.at("wang")] == {"Mine"}
    acme.up(AWAY)
    during = acme.fate(acme.send("wang", subject="pump")).inside[acme.at("wang")]
    acme.world.write_scripts(None, acme.domain)
    after = acme.fate(acme.send("wang", subject="pump")).inside[acme.at("wang")]
    assert (during, after) == ({"Mine"}, {"Mine"})
    assert text in active.read_text()


def test_what_comes_back_is_what_was_there(company: Up) -> None:
    acme = company(DOCS, "people: {wang: {}, li: {}}\n")
    acme.world.own_script(acme.at("wang"), VACATION.format(own=acme.at("wang")))
    for text in (RULES, RULES.replace("quote", "offer")):
        try:
            acme.up(text)
        except ManageSieveError:
            break
    acme.world.write_scripts(None, acme.domain)
    with acme.world.session(acme.at("wang")) as session:
        assert session.scripts() == (("own",), "own")
        assert "my own words" in session.get("own")
