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
    result = evaluate(case)
    assert result.result in case.results, result
    if case.explanation is not None:
        assert result.explanation == case.explanation


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
    result = spf.check_host(
        "::ffff:192.0.2.9", "A.example.", "x@a.example", zone, helo="m x", receiver="mx.example", time=7
    )
    assert (result.result, str(result.term), result.at) == ("fail", "-ip4:192.0.2.0/24", "c.example")
    assert result.explanation == "192.0.2.9 may not write as x (mx.example, 7, see m%20x)"
    assert (result.lookups, result.voids) == (3, 0)
    assert [(step.depth, step.domain, step.term, step.outcome) for step in result.trace] == [
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

    result = spf.check_host("192.0.2.1", "a.example", "x@a.example", lookup)
    assert result.result == "temperror"
    assert result.problem is not None
    assert "a.example TXT" in result.problem("zh")

    def broken(name: str, type: str) -> list[str]:
        raise KeyError(name)

    with pytest.raises(KeyError):
        spf.check_host("192.0.2.1", "a.example", "x@a.example", broken)


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="does not appear"):
        spf.check_host("192.0.2", "a.example", "x@a.example", Zone({}))


def test_octets_that_are_no_utf_8_are_escaped_and_raise_nothing() -> None:
    zone = Zone({"a.example": [{"TXT": "v=spf1 exists:%{L}.a.example -all"}]})
    sender = b"\xff@a.example".decode("utf-8", "surrogateescape")
    assert spf.check_host("192.0.2.1", "a.example", sender, zone).result == "fail"
    assert zone.asked[1] == ("%FF.a.example.", "A")


def test_a_local_part_outside_ascii_matches_no_macro_and_asks_nothing() -> None:
    zone = Zone({"a.example": [{"TXT": "v=spf1 exists:%{l}.a.example -all"}]})
    assert spf.check_host("192.0.2.1", "a.example", "王@a.example", zone).result == "fail"
    assert zone.asked == [("a.example.", "TXT")]


def test_only_a_fail_is_explained_and_only_in_ascii() -> None:
    zone = Zone(
        {
            "a.example": [{"TXT": "v=spf1 ~ip4:192.0.2.1 -all exp=why.example"}],
            "why.example": [{"TXT": "no mail from %{l}"}],
        }
    )

    def explained(ip: str, local: str) -> str:
        result = spf.check_host(ip, "a.example", f"{local}@a.example", zone, default_explanation="DEFAULT")
        return result.explanation

    assert explained("192.0.2.1", "x") == ""
    assert explained("192.0.2.2", "x") == "no mail from x"
    assert explained("192.0.2.2", "王") == "DEFAULT"


def test_ten_names_of_the_client_are_looked_at_and_no_more() -> None:
    names = [f"n{n}.example" for n in range(10)]
    zone = {
        "a.example": [{"TXT": "v=spf1 ptr -all"}],
        "1.2.0.192.in-addr.arpa": [{"PTR": name} for name in [*names, "mail.a.example"]],
        "mail.a.example": [{"A": "192.0.2.1"}],
    }
    assert spf.check_host("192.0.2.1", "a.example", "x@a.example", Zone(zone)).result == "fail"
    zone["1.2.0.192.in-addr.arpa"].pop(0)
    assert spf.check_host("192.0.2.1", "a.example", "x@a.example", Zone(zone)).result == "pass"


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["x.example", "mail.a.example", "a.example"], "a.example"),
        (["x.example", "mail.a.example"], "mail.a.example"),
        (["x.example"], "x.example"),
        ([], "unknown"),
    ],
)
def test_the_name_of_the_client_is_the_domain_then_one_below_it_then_any(
    names: list[str], chosen: str
) -> None:
    zone = Zone(
        {
            "a.example": [{"TXT": "v=spf1 exists:%{p}.list.example -all"}, {"A": "192.0.2.1"}],
            "1.2.0.192.in-addr.arpa": [{"PTR": name} for name in names],
            "mail.a.example": [{"A": "192.0.2.1"}],
            "x.example": [{"A": "192.0.2.1"}],
        }
    )
    spf.check_host("192.0.2.1", "a.example", "x@a.example", zone)
    assert zone.asked[-1] == (f"{chosen}.list.example.", "A")
