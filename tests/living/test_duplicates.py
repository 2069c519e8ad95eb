"""Mail that a server takes for one it has seen: the same Message-ID again, or mail that comes round."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.living.company import Company, day
from tests.living.variants import DOCS, HOUSES, Variant

Up = Callable[[Variant, str], Company]
STAFF = "people: {wang: {}, li: {}, chen: {}}\n"
QUOTE = "when: {subject_contains: [quote]}"


def rules(*lines: str, addresses: str = "info: {to: wang}") -> str:
    return f"{STAFF}addresses: {{{addresses}}}\nrules:\n" + "".join(f"  - {{{line}}}\n" for line in lines)


#: What a rule does besides passing on, or in which way it does it.
SHAPES = {
    "assign": rules(f"for: info, {QUOTE}, then: {{assign_to: li}}"),
    "assign-two": rules(f"for: info, {QUOTE}, then: {{assign_to: [li, chen]}}"),
    "assign-outside": rules(f"for: info, {QUOTE}, then: {{assign_to: agent@partner.example}}"),
    "assign-in-and-out": rules(f"for: info, {QUOTE}, then: {{assign_to: [li, agent@partner.example]}}"),
    "copy-and-otherwise": rules(
        f"for: info, {QUOTE}, then: {{copy_to: chen}}", "for: info, otherwise: true, then: {assign_to: li}"
    ),
    "folder": rules(f"for: info, {QUOTE}, then: {{assign_to: li, folder: Offers}}"),
    "tag": rules(f"for: info, {QUOTE}, then: {{assign_to: li, tag: hot}}"),
    "notify": rules(f"for: info, {QUOTE}, then: {{assign_to: li, notify: chen}}"),
    "stop": rules(f"for: info, {QUOTE}, then: {{copy_to: li, stop: true}}"),
    "reply": rules(f"for: info, {QUOTE}, then: {{assign_to: li}}")
    + "auto_replies:\n  - {for: info, text: Thank you}\n",
    "person": rules(f"for: wang, {QUOTE}, then: {{assign_to: li}}"),
    "group": rules(
        f"for: sales, {QUOTE}, then: {{assign_to: chen}}", addresses="sales: {to: [wang, li], owner: wang}"
    ),
    "chain": rules(
        f"for: info, {QUOTE}, then: {{assign_to: sales}}",
        f"for: sales, {QUOTE}, then: {{assign_to: chen}}",
        addresses="info: {to: wang}, sales: {to: li}",
    ),
    "chain-of-one-owner": rules(
        f"for: info, {QUOTE}, then: {{assign_to: sales}}",
        f"for: sales, {QUOTE}, then: {{assign_to: chen}}",
        addresses="info: {to: wang}, sales: {to: wang}",
    ),
    "shared": rules(
        f"for: support, {QUOTE}, then: {{assign_to: li}}", addresses="support: {to: wang, shared: true}"
    ),
    "shared-copy": rules(
        f"for: info, {QUOTE}, then: {{assign_to: support}}",
        addresses="info: {to: wang}, support: {to: li, shared: true}",
    ),
    "away": (
        f"people: {{wang: {{away: {{from: {day(-1)}, until: {day(1)}, cover: li}}}}, li: {{}}, chen: {{}}}}\n"
        f"addresses: {{info: {{to: wang}}}}\nrules:\n  - {{for: info, {QUOTE}, then: {{assign_to: chen}}}}\n"
    ),
    "handover": (
        f"people: {{wang: {{left: {day(-9)}, handover: {{to: li, until: {day(9)}}}}},\n"
        "  li: {}, chen: {}}\n"
        f"addresses: {{info: {{to: wang}}}}\nrules:\n  - {{for: info, {QUOTE}, then: {{assign_to: chen}}}}\n"
    ),
}
#: To whom mail goes in a shape; info@ elsewhere.
TO = {
    "person": "wang",
    "group": "sales",
    "shared": "support",
    "away": "wang",
    "handover": "wang",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_second_mail_with_one_message_id_is_not_lost(company: Up, shape: str) -> None:
    acme = company(DOCS, SHAPES[shape])
    first, second = acme.twice(TO.get(shape, "info"), subject="quote")
    assert acme.fate(first).who == acme.expected(first)
    assert not list(acme.lost())
    assert acme.fate(second).inside or acme.fate(second).outside


@pytest.mark.parametrize("variant", HOUSES, ids=lambda each: each.name)
@pytest.mark.parametrize("shape", ["assign", "chain", "assign-in-and-out", "reply"])
def test_nor_is_it_in_any_house(company: Up, variant: Variant, shape: str) -> None:
    acme = company(variant, SHAPES[shape])
    acme.twice("info", subject="quote")
    assert not list(acme.lost())


@pytest.mark.parametrize("order", ["one-then-both", "other-then-both"])
def test_a_target_that_saw_it_before_takes_it_from_nobody(company: Up, order: str) -> None:
    """Two rules: li had the first mail. The second goes to li and chen: chen has it, and nobody misses it."""
    acme = company(
        DOCS,
        rules(
            "for: info, when: {body_contains: [first]}, then: {assign_to: %s}"
            % ("li" if order == "one-then-both" else "chen"),
            "for: info, when: {body_contains: [second]}, then: {assign_to: [li, chen]}",
        ),
    )
    _, second = acme.twice("info")
    fate = acme.fate(second)
    missing = {"li", "chen"} - fate.who
    assert not fate.is_lost
    assert not missing or "wang" in fate.who, f"{missing} did not get it, nor did the owner: {fate}"


def test_what_a_partner_sends_back_is_kept(company: Up) -> None:
    """The partner's own forward: the header that Pigeonhole wrote is still there when it comes."""
    acme = company(DOCS, SHAPES["assign-outside"])
    letter = acme.send("info", subject="quote")
    assert acme.fate(letter).who == {"agent@partner.example"}
    for to in ("info", "wang"):
        back = acme.brought_back(letter, to, "agent@partner.example")
        assert set(acme.fate(back).inside) == {acme.at("wang")}


def test_what_a_partner_sends_back_to_a_colleague_who_passes_on(company: Up) -> None:
    acme = company(
        DOCS,
        rules(
            f"for: info, {QUOTE}, then: {{assign_to: agent@partner.example}}",
            f"for: sales, {QUOTE}, then: {{assign_to: info}}",
            addresses="info: {to: wang}, sales: {to: li}",
        ),
    )
    letter = acme.send("sales", subject="quote")
    back = acme.brought_back(letter, "sales", "agent@partner.example")
    assert not list(acme.lost())
    assert acme.fate(back).inside


def test_a_mail_that_came_round_with_another_text_and_other_id(company: Up) -> None:
    """A list server rewrites the Message-ID and keeps our header: loops are told by the header alone."""
    acme = company(DOCS, SHAPES["assign"])
    for name in ("wang", "wang+info", "info"):
        head = (("X-Sieve-Redirected-From", acme.at(name)),)
        letter = acme.send("info", subject="quote", headers=head)
        assert acme.fate(letter).inside, f"lost where the header says {name}"


def test_a_mail_without_message_id_twice(company: Up) -> None:
    acme = company(DOCS, SHAPES["assign"])
    letters = [acme.letter("info", subject="quote", id="-"), acme.letter("info", subject="quote", id="-")]
    acme.hand_in(*letters)
    acme.world.settle()
    assert not list(acme.lost())


def test_a_resend_after_a_bounce_arrives(company: Up) -> None:
    """The partner's server refuses; the sender has it back, sends again with the same id, and it arrives."""
    acme = company(DOCS, SHAPES["assign-outside"])
    acme.world.sink.refusals["agent@partner.example"] = "550 5.1.1 unknown"
    try:
        first = acme.send("info", subject="quote", id=f"again-{acme.domain}")
        assert acme.fate(first).returned
    finally:
        del acme.world.sink.refusals["agent@partner.example"]
    again = acme.send("info", subject="quote", id=f"again-{acme.domain}")
    assert not acme.fate(again).is_lost


@pytest.mark.parametrize("variant", HOUSES, ids=lambda each: each.name)
def test_what_an_outside_target_refuses_comes_back_or_is_with_the_owner(
    company: Up, variant: Variant
) -> None:
    """mailcow sends what a script passes on in the owner's name: the bounce meets the owner's rules again."""
    for rule in (QUOTE, "otherwise: true"):
        acme = company(variant, rules(f"for: info, {rule}, then: {{assign_to: agent@refusing.example}}"))
        acme.world.sink.refusals["@refusing.example"] = "550 5.1.1 unknown"
        acme.send("info", subject="quote")
        assert not list(acme.lost())


def test_a_bounce_with_rules_is_kept_or_passed_on(company: Up) -> None:
    acme = company(DOCS, SHAPES["assign"])
    for number in range(2):
        letter = acme.send(
            "info", subject="quote", sender="", envelope="", id=f"dsn-{acme.domain}", body=str(number)
        )
        assert acme.fate(letter).inside


def test_assign_to_still_leaves_the_owner_out(company: Up) -> None:
    """What is passed on is not kept as well; only what could not be passed on is."""
    acme = company(DOCS, SHAPES["assign"])
    letter = acme.send("info", subject="quote")
    assert acme.fate(letter).who == {"li"}
