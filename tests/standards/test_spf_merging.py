"""Merging: every term kept, redirect= becomes what it means, and no mail lost by it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mailwright.standards import spf

NETWORKS = ["192.0.2.0/28", "192.0.2.4/30", "192.0.2.8", "198.51.100.0/29", "198.51.100.3"]
CLIENTS = ["192.0.2.1", "192.0.2.5", "192.0.2.8", "198.51.100.3", "198.51.100.6", "203.0.113.1"]
ZONE = {
    "one.example": "v=spf1 ip4:192.0.2.0/28 -all",
    "two.example": "v=spf1 -ip4:198.51.100.3 ip4:198.51.100.0/29 ?all",
    "three.example": "v=spf1 redirect=one.example",
    "by.example.com": "v=spf1 ip4:203.0.113.1 -all",
}


def served(record: str) -> spf.Lookup:
    zone = {**ZONE, "example.com": record}
    return lambda name, type: [zone[name[:-1]]] if type == "TXT" and name[:-1] in zone else []


def passes(record: spf.SpfRecord) -> set[str]:
    """The clients that the record passes at example.com."""
    lookup = served(str(record))
    results = {ip: spf.check_host(ip, "example.com", "a@example.com", lookup) for ip in CLIENTS}
    assert not {result.result for result in results.values()} & {"permerror", "temperror", "none"}
    return {ip for ip, result in results.items() if result.result == "pass"}


def test_merging_keeps_every_term_and_the_company_decides_the_all() -> None:
    records = [
        spf.parse("v=spf1 +include:_spf.smallbiz.com ~all"),
        spf.parse("v=spf1 include:_spf.smallbiz.com ?a mx -all"),
        spf.parse("v=spf1 redirect=_spf.yandex.net"),
    ]
    merged = spf.merge(records, final_all="~")
    assert str(merged) == "v=spf1 include:_spf.smallbiz.com include:_spf.yandex.net ?a mx ~all"


def test_a_redirect_becomes_an_include_with_its_macros_and_its_meaning() -> None:
    record = spf.parse("v=spf1 ip4:192.0.2.8 redirect=by.%{d}")
    merged = spf.merge([record, spf.parse("v=spf1 include:one.example -all")], final_all="-")
    assert str(merged) == "v=spf1 ip4:192.0.2.8 include:by.%{d} include:one.example -all"
    assert passes(record) <= passes(merged)
    assert "203.0.113.1" in passes(merged)


def test_a_redirect_beside_an_all_means_nothing_and_brings_nobody_in() -> None:
    merged = spf.merge([spf.parse("v=spf1 ip4:192.0.2.8 redirect=two.example -all")], final_all="-")
    assert str(merged) == "v=spf1 ip4:192.0.2.8 -all"


def test_two_explanations_are_refused_and_one_is_kept() -> None:
    one, two = spf.parse("v=spf1 a exp=x.example -all"), spf.parse("v=spf1 mx exp=y.example -all")
    with pytest.raises(spf.SpfError, match="two different explanations"):
        spf.merge([one, two], final_all="~")
    assert str(spf.merge([one, one], final_all="~")) == "v=spf1 a ~all exp=x.example"


mechanisms = st.one_of(
    st.sampled_from([spf.Mechanism("+", "ip4", network=each.partition("/")[0]) for each in NETWORKS]),
    st.sampled_from(
        [
            spf.parse(f"v=spf1 {sign}ip4:{each}").mechanisms[0]
            for sign in ("", "-", "?", "~")
            for each in NETWORKS
        ]
    ),
    st.sampled_from([spf.Mechanism("+", "include", each) for each in ("one.example", "two.example")]),
)
ends = st.sampled_from(["-all", "~all", "?all", "redirect=three.example", "redirect=two.example"])
records = st.builds(
    lambda terms, end: spf.SpfRecord((*terms, *spf.parse(f"v=spf1 {end}").terms)),
    st.lists(mechanisms, max_size=3),
    ends,
)


@settings(deadline=None)
@given(st.lists(records, min_size=1, max_size=3), st.sampled_from(["-", "~"]))
def test_what_any_record_passes_the_merged_record_passes(parts: list[spf.SpfRecord], end: str) -> None:
    assume(sum(any(m.qualifier != "+" for m in spf_record.mechanisms) for spf_record in parts) <= 1)
    merged = spf.merge(parts, final_all=end)  # type: ignore[arg-type]
    assume(spf.budget("example.com", merged, served("")).lookups <= spf.MAX_LOOKUPS)
    assert passes(merged) >= set().union(*map(passes, parts))
    assert [term.name for term in merged.terms].count("all") == 1
    kept = {mechanism.identity for mechanism in merged.mechanisms}
    assert all(mechanism.identity in kept for part in parts for mechanism in part.mechanisms)
