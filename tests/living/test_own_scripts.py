"""People's own scripts beside ours: both run, neither undoes the other, and what was active comes back."""

from __future__ import annotations

from tests.living.company import Company, Scene, day
from tests.living.situations import situation
from tests.living.variants import DOCS, IREDMAIL, MAILCOW
from tests.living.world import Refusal

AWAY = f"people: {{wang: {{away: {{from: {day(-1)}, until: {day(1)}, cover: li, text: Away}}}}, li: {{}}}}\n"
RULES = """\
people: {wang: {}, li: {}, chen: {}}
addresses: {info: {to: wang}}
rules:
  - {for: info, when: {subject_contains: [quote]}, then: {assign_to: li}}
  - {for: wang, when: {subject_contains: [pump]}, then: {copy_to: chen}}
"""
FILTERED = RULES.replace("copy_to: chen", "tag: hot")
VACATION = 'require "vacation"; vacation :addresses ["{own}"] "my own words";\n'
#: What people write for themselves: ours has to take it, and the spec holds all the same.
HARMLESS = {
    "filing": 'require ["fileinto", "mailbox"];\nfileinto :create "Mine";\n',
    "copy": 'require "copy";\nredirect :copy "home@outside.test";\n',
    "vacation": VACATION,
    "vacation-and-copy": 'require ["vacation", "copy"];\nvacation :addresses ["{own}"] "mine";\n'
    'redirect :copy "home@outside.test";\n',
    "discard-spam": 'if header :contains "subject" "lottery" {{ discard; stop; }}\n',
    "discard": "discard;\n",
    "stop": "stop;\n",
    "keep": "keep;\n",
    "twelve-folders": 'require ["fileinto", "mailbox"];\n'
    + "".join(f'fileinto :create "F{n}";\n' for n in range(12)),
}
#: What can undo a run in which ours acts: refused, or the spec holds.
BREAKING = {
    "reject": 'require "reject"; reject "not here";\n',
    "many-actions": 'require ["fileinto", "mailbox"];\n'
    + "".join(f'fileinto :create "F{n}";\n' for n in range(32)),
    "many-redirects": 'require "copy";\n'
    + "".join(f'redirect :copy "r{n}@outside.test";\n' for n in range(4)),
}
#: What undoes every run by itself: with it ours too, and the mail stays with the owner.
BROKEN = {
    "runtime-error": 'require "variables"; set "to" "no address"; redirect "${{to}}";\n',
    "bad-folder": 'require ["fileinto", "mailbox"]; fileinto :create "../b";\n',
    "same-reply-twice": VACATION + VACATION.partition("; ")[2],
}
OWN = {**HARMLESS, **BREAKING, **BROKEN}


def beside(acme: Company, text: str, own: str) -> bool:
    """Brings up a company whose wang had a script before; whether the gate lets it through."""
    acme.world.own_script(acme.at("wang"), OWN[own].format(own=acme.at("wang")))
    try:
        acme.up(text)
    except Refusal as refusal:
        assert own not in HARMLESS, f"a harmless script is refused: {refusal}"
        assert f"{acme.at('wang')} has a Sieve script of its owner's, own," in str(refusal)
        return False
    return True


@situation(DOCS, own=[each for each in OWN if each not in BROKEN])
def test_the_spec_still_holds_or_up_refuses(acme: Company, own: str) -> Scene:
    """Whoever is away answers once and has a cover, whatever else they have written."""
    if not beside(acme, AWAY, own):
        return
    letter = acme.send("wang")
    yield
    assert acme.at("li") in acme.fate(letter).inside, "the cover has no copy"
    (reply,) = acme.replies(letter)
    assert b"Away" in reply.data


@situation(DOCS, own=list(OWN))
def test_nothing_is_lost_beside_an_own_script(acme: Company, own: str) -> Scene:
    if not beside(acme, RULES, own):
        return
    letters = [
        acme.send(to, subject=subject) for to in ("wang", "info") for subject in ("x", "quote", "pump")
    ]
    yield
    for letter in letters:
        fate = acme.fate(letter)
        threw_away_itself = own == "discard" and "wang" in acme.expected(letter)
        assert not fate.is_lost or threw_away_itself, acme.world.written_about(letter)
        missing = acme.expected(letter) - fate.who
        if own in BROKEN and "wang" in acme.expected(letter):
            assert "wang" in fate.who
            continue
        assert not missing or (missing == {"wang"} and threw_away_itself), (letter.subject, missing)


@situation(DOCS, own=HARMLESS)
def test_own_scripts_still_do_what_they_did(acme: Company, own: str) -> Scene:
    assert beside(acme, RULES, own)
    letter = acme.send("wang", subject="hello")
    yield
    fate = acme.fate(letter)
    folders = fate.inside.get(acme.at("wang"), set())
    expected = {"filing": {"Mine"}, "twelve-folders": {f"F{n}" for n in range(12)}, "discard": set()}
    assert folders == expected.get(own, {"INBOX"})
    assert ("home@outside.test" in fate.outside) == ("copy" in own)
    assert bool(acme.replies(letter)) == ("vacation" in own)


@situation(DOCS, own=OWN)
def test_what_is_passed_on_is_passed_on_beside_every_own_script(acme: Company, own: str) -> Scene:
    """Mail of the company's address is the company's: wang's own script does not see what li gets."""
    if not beside(acme, RULES, own):
        return
    letter = acme.send("info", subject="quote")
    yield
    assert acme.fate(letter).who == {"li"}


@situation(DOCS, IREDMAIL, MAILCOW)
def test_a_filter_in_a_plain_file_goes_on_and_comes_back(acme: Company) -> Scene:
    """No link to a script but the file itself, as people wrote it before ManageSieve."""
    text = 'require ["fileinto", "mailbox"];\nif header :contains "subject" "pump" {'
    text += '\n  fileinto :create "Mine";\n}\n'
    acme.up("people: {wang: {}, li: {}, chen: {}}\n")
    active = acme.world.plain_filter(acme.at("wang"), text)
    letters = [acme.send("wang", subject="pump")]
    yield
    acme.up(FILTERED)
    letters.append(acme.send("wang", subject="pump"))
    yield
    acme.world.down(acme.plan)
    letters.append(acme.send("wang", subject="pump"))
    yield
    assert [acme.fate(letter).inside for letter in letters] == [{acme.at("wang"): {"Mine"}}] * 3
    assert text in active.read_text()


@situation(DOCS)
def test_what_comes_back_is_what_was_there(acme: Company) -> Scene:
    beside(acme, RULES, "vacation")
    acme.up(RULES.replace("quote", "offer"))
    acme.world.down(acme.plan)
    with acme.world.session(acme.at("wang")) as session:
        assert session.scripts() == (("own",), "own")
        assert "my own words" in session.get("own")
    yield
