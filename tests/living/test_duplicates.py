"""Mail that a server takes for one it has seen: the same Message-ID again, or mail that comes round."""

from __future__ import annotations

from tests.living.company import Company, Scene, day
from tests.living.sink import NO_ID
from tests.living.situations import situation
from tests.living.variants import DOCS, HOUSES

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


@situation(DOCS, shape=SHAPES)
def test_the_second_mail_with_one_message_id_is_not_lost(acme: Company, shape: str) -> Scene:
    acme.up(SHAPES[shape])
    first, second = yield from acme.twice(TO.get(shape, "info"), subject="quote")
    assert acme.fate(first).who == acme.expected(first)
    assert acme.fate(second).who == acme.expected(second, again=True)
    assert not list(acme.lost())
    assert acme.fate(second).inside or acme.fate(second).outside


@situation(*HOUSES, shape=["assign", "chain", "assign-in-and-out", "reply"])
def test_nor_is_it_in_any_house(acme: Company, shape: str) -> Scene:
    acme.up(SHAPES[shape])
    for letter, again in zip((yield from acme.twice("info", subject="quote")), (False, True), strict=True):
        assert acme.fate(letter).who == acme.expected(letter, again=again)
    assert not list(acme.lost())


@situation(DOCS, order=["one-then-both", "other-then-both"])
def test_a_target_that_saw_it_before_takes_it_from_nobody(acme: Company, order: str) -> Scene:
    """Two rules: li had the first mail. Where the second, for li and chen, does not reach one of them, the
    owner has it."""
    acme.up(
        rules(
            "for: info, when: {body_contains: [first]}, then: {assign_to: %s}"
            % ("li" if order == "one-then-both" else "chen"),
            "for: info, when: {body_contains: [second]}, then: {assign_to: [li, chen]}",
        )
    )
    _, second = yield from acme.twice("info")
    fate = acme.fate(second)
    missing = {"li", "chen"} - fate.who
    assert not fate.is_lost
    assert not missing or "wang" in fate.who, f"{missing} did not get it, nor did the owner: {fate}"


@situation(DOCS)
def test_what_a_partner_sends_back_is_kept(acme: Company) -> Scene:
    """The partner's own forward: the header that Pigeonhole wrote is still there when it comes."""
    acme.up(SHAPES["assign-outside"])
    letter = acme.send("info", subject="quote")
    yield
    assert acme.fate(letter).who == {acme.at("agent@partner.example")}
    for to in ("info", "wang"):
        back = acme.brought_back(letter, to, "agent@partner.example")
        yield
        assert set(acme.fate(back).inside) == {acme.at("wang")}
        assert acme.fate(back).who == acme.expected(back, again=True)


@situation(DOCS)
def test_what_a_partner_sends_back_to_a_colleague_who_passes_on(acme: Company) -> Scene:
    acme.up(
        rules(
            f"for: info, {QUOTE}, then: {{assign_to: agent@partner.example}}",
            f"for: sales, {QUOTE}, then: {{assign_to: info}}",
            addresses="info: {to: wang}, sales: {to: li}",
        )
    )
    letter = acme.send("sales", subject="quote")
    yield
    back = acme.brought_back(letter, "sales", "agent@partner.example")
    yield
    assert not list(acme.lost())
    assert acme.fate(back).who == acme.expected(back, again=True) == {"li"}


@situation(DOCS, name=["wang", "wang+info", "info"])
def test_a_mail_that_came_round_with_another_text_and_other_id(acme: Company, name: str) -> Scene:
    """A list server rewrites the Message-ID and keeps our header: loops are told by the header alone."""
    acme.up(SHAPES["assign"])
    letter = acme.send("info", subject="quote", headers=(("X-Sieve-Redirected-From", acme.at(name)),))
    yield
    assert acme.fate(letter).inside


@situation(DOCS)
def test_mails_without_message_id_are_all_passed_on(acme: Company) -> Scene:
    acme.up(SHAPES["assign"])
    letters = [acme.send("info", subject="quote", id=NO_ID) for _ in range(2)]
    yield
    for letter in letters:
        assert acme.fate(letter).who == {"li"}


@situation(DOCS)
def test_a_resend_after_a_bounce_arrives(acme: Company) -> Scene:
    """The partner's server refuses; the sender has it back, sends again with the same id, and it arrives."""
    acme.up(SHAPES["assign-outside"])
    agent = acme.at("agent@partner.example")
    acme.world.sink.refusals[agent] = "550 5.1.1 unknown"
    first = acme.send("info", subject="quote", id=f"again-{acme.domain}")
    yield
    assert acme.fate(first).returned
    del acme.world.sink.refusals[agent]
    again = acme.send("info", subject="quote", id=f"again-{acme.domain}")
    yield
    assert acme.fate(again).who == acme.expected(again, again=True) == {"wang"}


@situation(*HOUSES, rule=[QUOTE, "otherwise: true"])
def test_what_an_outside_target_refuses_comes_back_or_is_with_the_owner(acme: Company, rule: str) -> Scene:
    """mailcow sends what a script passes on in the owner's name: the bounce meets the owner's rules again."""
    acme.up(rules(f"for: info, {rule}, then: {{assign_to: agent@partner.example}}"))
    acme.world.sink.refusals["@" + acme.partner] = "550 5.1.1 unknown"
    letter = acme.send("info", subject="quote")
    yield
    fate = acme.fate(letter)
    assert not fate.is_lost
    if acme.world.variant.rewrites_sender:
        assert fate.reported == {acme.at("wang")}
    else:
        assert fate.returned


@situation(*HOUSES, to=["li", "agent@partner.example"], refused=[False, True])
def test_a_bounce_stays_with_the_owner_where_it_goes_outside(acme: Company, to: str, refused: bool) -> Scene:
    """Nobody would hear of a bounce that is refused outside."""
    acme.up(rules(f"for: info, {QUOTE}, then: {{assign_to: {to}}}"))
    if refused:
        acme.world.sink.refusals["@" + acme.partner] = "550 5.1.1 unknown"
    for number in range(2):
        letter = acme.send(
            "info", subject="quote", sender="", envelope="", id=f"dsn-{acme.domain}", body=str(number)
        )
        yield
        fate, again = acme.fate(letter), number == 1
        gone = {acme.at(to)} if refused and "@" in to else set()
        assert fate.inside and fate.who == acme.expected(letter, again=again, bounce=True) - gone


@situation(DOCS)
def test_a_bounce_stays_with_the_owner_where_an_address_leads_outside(acme: Company) -> Scene:
    """The rule names an address of the company, and all that one does is pass mail on to a partner."""
    acme.up(
        rules(
            "for: info, otherwise: true, then: {assign_to: agent}",
            addresses="info: {to: wang}, agent: {to: agent@partner.example}",
        )
    )
    acme.world.sink.refusals["@" + acme.partner] = "550 5.1.1 unknown"
    letter = acme.send("info", sender="", envelope="")
    yield
    assert acme.fate(letter).inside


@situation(DOCS)
def test_assign_to_still_leaves_the_owner_out(acme: Company) -> Scene:
    """What is passed on is not kept as well; only what could not be passed on is."""
    acme.up(SHAPES["assign"])
    letter = acme.send("info", subject="quote")
    yield
    assert acme.fate(letter).who == {"li"}
