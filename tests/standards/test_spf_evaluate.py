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


#: RFC 7208 §7.4, for strong-bad@email.example.com from 192.0.2.3, and its IPv6 example.
MACROS = [
    ("%{s}", "strong-bad@email.example.com"),
    ("%{o}", "email.example.com"),
    ("%{d4}", "email.example.com"),
    ("%{d2}", "example.com"),
    ("%{d1}", "com"),
    ("%{dr}", "com.example.email"),
    ("%{d2r}", "example.email"),
    ("%{l-}", "strong.bad"),
    ("%{lr}", "strong-bad"),
    ("%{lr-}", "bad.strong"),
    ("%{l1r-}", "strong"),
    ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
    ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
    ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
    ("%{S}.x%%%_%-.example", "strong-bad%40email.example.com.x% %20.example"),
    ("%{d9999999999}", "email.example.com"),
]


@pytest.mark.parametrize(("spec", "name"), MACROS)
def test_macros_expand_as_the_rfc_shows(spec: str, name: str) -> None:
    zone = Zone({"email.example.com": [{"TXT": f"v=spf1 exists:{spec} -all"}]})
    spf.check_host("192.0.2.3", "email.example.com", "strong-bad@email.example.com", zone)
    assert zone.asked == [("email.example.com.", "TXT"), (name + ".", "A")]


def test_the_result_names_the_term_its_record_and_the_way_there() -> None:
    zone = Zone(
        {
            "a.example": [{"TXT": "v=spf1 include:b.example a redirect=c.example"}, {"A": "192.0.2.1"}],
            "b.example": [{"TXT": "v=spf1 ip4:192.0.2.2 ?all"}],
            "c.example": [{"TXT": "v=spf1 -ip4:192.0.2.0/24 exp=why.%{d}"}],
            "why.c.example": [{"TXT": "%{i} may not write as %{l} (%{r}, %{t}, see %{H})"}],
        }
    )
    said = spf.check_host(
        "::ffff:192.0.2.9", "A.example.", "x@a.example", zone, helo="m x", receiver="mx.example", time=7
    )
    assert (said.result, str(said.term), said.at) == ("fail", "-ip4:192.0.2.0/24", "c.example")
    assert said.explanation == "192.0.2.9 may not write as x (mx.example, 7, see m%20x)"
    assert (said.lookups, said.voids) == (3, 0)
    assert [(each.depth, each.domain, each.term, each.outcome) for each in said.trace] == [
        (0, "A.example", "include:b.example", "no match"),
        (1, "b.example", "ip4:192.0.2.2", "no match"),
        (1, "b.example", "?all", "match"),
        (0, "A.example", "a", "no match"),
        (0, "A.example", "redirect=c.example", "redirect"),
        (0, "c.example", "-ip4:192.0.2.0/24", "match"),
    ]


def test_the_limits_are_the_caller_s_to_set() -> None:
    zone = Zone({"a.example": [{"TXT": "v=spf1 a:x.example a:y.example a:z.example ip4:192.0.2.1 -all"}]})

    def result(limits: spf.Limits | None) -> tuple[str, int, int]:
        said = spf.check_host("192.0.2.1", "a.example", "x@a.example", zone, limits=limits)
        assert said.problem is None or "reached at a:" in said.problem("en")
        return said.result, said.lookups, said.voids

    assert result(None) == ("permerror", 3, 3)
    assert result(spf.Limits(voids=3)) == ("pass", 3, 3)
    assert result(spf.Limits(voids=3, lookups=2)) == ("permerror", 3, 2)
    with pytest.raises(ValueError, match="0 to 100"):
        spf.Limits(lookups=1000)


@pytest.mark.parametrize("failure", [spf.LookupFailed(), TimeoutError(), ConnectionRefusedError()])
def test_no_answer_is_a_temperror_and_a_fault_of_the_caller_is_not_hidden(failure: Exception) -> None:
    def lookup(name: str, type: str) -> list[str]:
        raise failure

    said = spf.check_host("192.0.2.1", "a.example", "x@a.example", lookup)
    assert said.result == "temperror"
    assert said.problem is not None
    assert "a.example TXT" in said.problem("zh")

    def broken(name: str, type: str) -> list[str]:
        raise KeyError(name)

    with pytest.raises(KeyError):
        spf.check_host("192.0.2.1", "a.example", "x@a.example", broken)


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="does not appear"):
        spf.check_host("192.0.2", "a.example", "x@a.example", Zone({}))


def test_a_local_part_outside_ascii_matches_no_macro_and_asks_nothing() -> None:
    zone = Zone({"a.example": [{"TXT": "v=spf1 exists:%{l}.a.example -all"}]})
    assert spf.check_host("192.0.2.1", "a.example", "王@a.example", zone).result == "fail"
    assert zone.asked == [("a.example.", "TXT")]
