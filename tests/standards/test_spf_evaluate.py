"""check_host() held to the RFC 7208 suite, and to what the suite does not ask."""

from __future__ import annotations

import asyncio

import pytest

from mailwright.standards import spf
from tests.standards.spf_suite import CASES, SUITE, Case, Zone


def evaluate(case: Case) -> spf.SpfResult:
    return spf.check_host(
        case.ip, case.domain, case.sender, Zone(case.zone), helo=case.helo, default_explanation="DEFAULT"
    )


def test_the_suite_is_whole() -> None:
    if not SUITE.exists():
        pytest.skip(f"no RFC 7208 suite at {SUITE}")
    assert len(CASES) == 203


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_suite(case: Case) -> None:
    found = evaluate(case)
    assert found.result in case.results, found
    if case.explanation is not None:
        assert found.explanation == case.explanation


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_asynchronous_form_says_the_same_after_the_same_questions(case: Case) -> None:
    zone, waiting = Zone(case.zone), Zone(case.zone)

    async def later(name: str, type: str) -> list[str]:
        await asyncio.sleep(0)
        return waiting(name, type)

    now = spf.check_host(case.ip, case.domain, case.sender, zone, helo=case.helo)
    then = asyncio.run(spf.check_host_async(case.ip, case.domain, case.sender, later, helo=case.helo))
    assert now == then
    assert zone.asked == waiting.asked
