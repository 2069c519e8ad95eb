"""Whoever breaks the generator is found out by what happens to mail: no mutant survives the judge."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.living.company import Company
from tests.living.judging import Case, Sent, faults
from tests.living.mutants import MUTANTS, Mutant, files
from tests.living.variants import COURIER, DOCS, Variant, delimited
from tests.living.world import Files, world


def mails(case: Case) -> Generator[None, None, None]:
    """One after the other to each address: a mail, the same again, a bounce, one of the server itself."""
    plan = case.acme.plan
    addresses = [
        *plan.mailboxes,
        *(route for route in plan.routes if route.address[0] not in "ap"),
        *plan.refused,
    ]
    for name in [address.address.partition("@")[0] for address in addresses]:
        id = f"{case.acme.domain}-{name}"
        for subject in ("quote", "hello"):
            case.send(name, subject=subject, id=f"{id}-{subject}")
            yield
        mail = case.acme.send(name, subject="quote", body="other", id=f"{id}-quote")
        case.note(Sent(mail, again=True))
        yield
        mail = case.acme.send(name, subject="quote", body="second", id=f"{id}-quote")
        case.note(Sent(mail, again=True, otherwise=True))
        yield
        case.send(
            f"{name}{case.acme.world.variant.delimiter[0]}fair", subject="quote", sender="", envelope=""
        )
        case.note(Sent(case.acme.from_server(name)))
        yield


def survivors(variant: Variant, mutants: list[Mutant]) -> list[str]:
    """The mutants that the judge finds nothing against, and companies that it blames without one."""
    with world(variant) as pair:
        cases: list[tuple[Mutant, bool, Case]] = []
        planted: list[Files] = []
        for mutant in mutants:
            for is_mutant in (True, False):
                acme = Company(pair)
                acme.plan = acme.planned(mutant.text)
                own = {acme.at("wang"): mutant.own} if mutant.own else {}
                cases.append((mutant, is_mutant, Case(mutant.name, acme, mutant.text, own)))
                planted.append(files(acme.plan, own, mutant if is_mutant else None))
        pair.plant_all(planted)
        rounds = [mails(case) for _, _, case in cases]
        while rounds:
            rounds = [each for each in rounds if next(each, StopIteration) is None]
            pair.deliver()
        found = [(mutant, is_mutant, list(faults(case))) for mutant, is_mutant, case in cases]
    alive = [f"survives: {mutant.name}" for mutant, is_mutant, wrong in found if is_mutant and not wrong]
    return alive + [f"falsely blamed: {wrong[0]}" for _, is_mutant, wrong in found if wrong and not is_mutant]


@pytest.mark.parametrize("variant", [DOCS, COURIER, delimited("-")], ids=lambda each: each.name)
def test_no_mutant_survives(variant: Variant) -> None:
    wrong = survivors(variant, [mutant for mutant in MUTANTS if mutant.variant == variant])
    assert not wrong, "\n\n".join(wrong)


def test_there_are_enough() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 20
