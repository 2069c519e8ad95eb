"""pyspf as an independent oracle of evaluation: where the two differ, this file says why."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.standards import spf
from tests.standards.spf_suite import CASES, Case, Zone

pyspf = pytest.importorskip("spf", reason="the oracle, pyspf, is not installed")


def oracle(zone: Zone, ip: str, sender: str, helo: str, patch: pytest.MonkeyPatch) -> str:
    """What pyspf says, asked with the same zone data."""

    def lookup(name: str, type: str, strict: bool = True, timeout: int = 20) -> list[Any]:
        if type == "SPF":
            return []
        try:
            answers = zone(name.rstrip(".") + ".", type)
        except spf.LookupFailed as error:
            raise pyspf.TempError(str(error)) from None
        return [((name, type), _value(type, answer)) for answer in answers]

    patch.setattr(pyspf, "DNSLookup", lookup)
    return str(pyspf.query(i=ip, s=sender, h=helo).check()[0])


def _value(type: str, text: str) -> Any:
    if type == "TXT":
        return (text.encode("latin-1"),)
    if type == "MX":
        preference, _, host = text.partition(" ")
        return int(preference), host
    return text


#: Cases of the suite on which the oracle itself is wrong.
ORACLE_FAILS = {
    "ptr-cname-loop": "a failed address look-up skips that PTR name (§5.5); pyspf ends with temperror",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_suite_gives_the_same_result(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = spf.check_host(case.ip, case.domain, case.sender, Zone(case.zone), helo=case.helo)
    theirs = oracle(Zone(case.zone), case.ip, case.sender, case.helo, monkeypatch)
    assert (ours.result == theirs) == (case.id not in ORACLE_FAILS)


NAMES = ["a.example", "b.example", "c.example", "d.example"]
CLIENTS = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "::ffff:192.0.2.1"]


def records(own: str) -> st.SearchStrategy[str]:
    """Records of ``own``. None includes itself: see the differences below."""
    others = st.sampled_from([each for each in NAMES if each != own])
    anything = st.sampled_from([*NAMES, "gone.example"])
    plain = (
        st.sampled_from(
            [
                "ip4:192.0.2.1",
                "ip4:192.0.2.0/30",
                "ip6:2001:db8::1",
                "ip6:2001:db8::/126",
                "a",
                "mx",
                "ptr",
                "all",
            ]
        )
        | st.sampled_from(
            ["a/30", "a:%{d}", "exists:%{ir}.a.example", "exists:%{l}.b.example", "a:%{o}//126", "mx/30//126"]
        )
        | st.just("ptr")
    )
    named = st.builds("{}:{}".format, st.sampled_from(["a", "mx", "ptr", "exists"]), anything)
    include = st.builds("include:{}".format, others)
    signed = st.builds("{}{}".format, st.sampled_from(["", "", "-", "~", "?"]), plain | named | include)
    end = st.sampled_from([[], ["-all"], ["~all"]]) | others.map(lambda each: [f"redirect={each}"])
    return st.builds(
        lambda terms, last: " ".join(["v=spf1", *terms, *last]), st.lists(signed, max_size=4), end
    )


def entries(own: str) -> st.SearchStrategy[list[Any]]:
    """What is at one name: mostly one record, some addresses, some exchangers."""
    host = st.sampled_from([*NAMES, "gone.example", "."])
    texts = st.lists(records(own).map(lambda each: {"TXT": each}), min_size=1, max_size=1)
    return st.builds(
        lambda *parts: [each for part in parts for each in part],
        texts | texts | st.lists(records(own).map(lambda each: {"TXT": each}), max_size=2),
        st.lists(st.sampled_from(["192.0.2.1", "192.0.2.2"]).map(lambda each: {"A": each}), max_size=2),
        st.lists(st.just({"AAAA": "2001:db8::1"}), max_size=1),
        st.lists(st.tuples(st.integers(0, 9), host).map(lambda each: {"MX": list(each)}), max_size=2),
    )


pointers = st.lists(st.sampled_from(NAMES).map(lambda each: {"PTR": each}), max_size=2)
zones = st.fixed_dictionaries(
    {
        **{name: entries(name) for name in NAMES},
        "1.2.0.192.in-addr.arpa": pointers,
        "2.2.0.192.in-addr.arpa": pointers,
        f"1.{'0.' * 23}8.b.d.0.1.0.0.2.ip6.arpa": pointers,
    }
)


@settings(deadline=None, max_examples=300)
@given(zones, st.sampled_from(CLIENTS))
def test_any_zone_gives_the_same_result(zone: dict[str, list[Any]], ip: str) -> None:
    """Void look-ups are left out here; how the two count them is shown below."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyspf, "MAX_VOID_LOOKUPS", 99)
        theirs = oracle(Zone(zone), ip, "x@a.example", "h.example", patch)
        limits = spf.Limits(voids=99)
        ours = spf.check_host(ip, "a.example", "x@a.example", Zone(zone), helo="h.example", limits=limits)
        if theirs == "permerror" != ours.result and "redirect=" in str(zone):
            # It counts a redirect that is never followed (see below): without its limit it must agree.
            assert ours.lookups <= spf.MAX_LOOKUPS
            patch.setattr(pyspf, "MAX_LOOKUP", 99)
            theirs = oracle(Zone(zone), ip, "x@a.example", "h.example", patch)
    assert ours.result == theirs, ours


#: (why they differ, zone, client, what we say, what pyspf says)
DIFFERENCES = [
    (
        "RFC 7208 §4.6.4 counts terms whose query is void; pyspf counts the exchangers' queries too, so "
        "that three exchangers without AAAA would refuse every client with IPv6",
        {
            "a.example": [{"TXT": "v=spf1 mx ip6:2001:db8::1 -all"}]
            + [{"MX": [10, f"m{n}.example"]} for n in range(3)],
            **{f"m{n}.example": [{"A": "192.0.2.9"}] for n in range(3)},
        },
        "2001:db8::1",
        "pass",
        "permerror",
    ),
    (
        "what the client publishes about itself is not held against the domain; pyspf counts its PTR query",
        {"a.example": [{"TXT": "v=spf1 a:x.example a:y.example ptr ip4:192.0.2.1 -all"}]},
        "192.0.2.1",
        "pass",
        "permerror",
    ),
    (
        "an include of itself is legal until it is read, and then ends at the limit (§4.6.4); pyspf "
        "refuses it unread (lint reports it here)",
        {"a.example": [{"TXT": "v=spf1 ip4:192.0.2.1 include:a.example -all"}]},
        "192.0.2.1",
        "pass",
        "permerror",
    ),
    (
        "a redirect behind a mechanism that matches is not followed (§6.1), and free; pyspf counts it "
        "when it reads the record",
        {
            "a.example": [{"TXT": f"v=spf1{' a:b.example' * 10} ip4:192.0.2.1 redirect=c.example"}],
            "b.example": [{"A": "192.0.2.9"}],
            "c.example": [{"TXT": "v=spf1 -all"}],
        },
        "192.0.2.1",
        "pass",
        "permerror",
    ),
    (
        "exchangers are asked one after the other; pyspf asks all first, and fails with the last",
        {
            "a.example": [{"TXT": "v=spf1 mx -all"}, {"MX": [1, "b.example"]}, {"MX": [2, "c.example"]}],
            "b.example": [{"A": "192.0.2.1"}],
            "c.example": ["TIMEOUT"],
        },
        "192.0.2.1",
        "pass",
        "temperror",
    ),
    (
        "a failed address look-up skips that PTR name (§5.5)",
        {
            "a.example": [{"TXT": "v=spf1 ptr -all"}],
            "1.2.0.192.in-addr.arpa": [{"PTR": "c.example"}],
            "c.example": ["TIMEOUT"],
        },
        "192.0.2.1",
        "fail",
        "temperror",
    ),
]


@pytest.mark.parametrize(("why", "zone", "ip", "ours", "theirs"), DIFFERENCES)
def test_where_the_oracle_differs(
    why: str, zone: dict[str, list[Any]], ip: str, ours: str, theirs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert spf.check_host(ip, "a.example", "x@a.example", Zone(zone)).result == ours, why
    assert oracle(Zone(zone), ip, "x@a.example", "h.example", monkeypatch) == theirs, why
