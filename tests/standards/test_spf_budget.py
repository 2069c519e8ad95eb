"""The budget: what each term costs, live and from a snapshot, whatever the zone does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mailwright.standards import spf
from tests.standards.spf_suite import CASES, Case, Zone

ZONE: dict[str, list[Any]] = {
    "google.example": [{"TXT": "v=spf1 include:one.example include:two.example ~all"}],
    "one.example": [{"TXT": "v=spf1 ip4:192.0.2.1 -all"}],
    "two.example": [{"TXT": "v=spf1 a mx:gone.example -all"}, {"AAAA": "2001:db8::1"}],
    "sub.acme.example": [{"TXT": "v=spf1 -all"}],
}


def shape(tree: spf.BudgetTree) -> Any:
    return (tree.term, tree.lookups, tree.voids, [shape(child) for child in tree.children])


def test_the_tree_shows_what_each_term_costs() -> None:
    record = "v=spf1 ip4:192.0.2.9 include:google.example exists:%{i}.x.example redirect=sub.%{d}"
    tree = spf.budget("acme.example", record, Zone(ZONE))
    assert shape(tree) == (
        "", 7, 1, [
            ("ip4:192.0.2.9", 0, 0, []),
            ("include:google.example", 5, 1, [
                ("include:one.example", 1, 0, [("ip4:192.0.2.1", 0, 0, []), ("-all", 0, 0, [])]),
                ("include:two.example", 3, 1, [
                    ("a", 1, 0, []), ("mx:gone.example", 1, 1, []), ("-all", 0, 0, []),
                ]),
                ("~all", 0, 0, []),
            ]),
            ("exists:%{i}.x.example", 1, 0, []),
            ("redirect=sub.%{d}", 1, 0, [("-all", 0, 0, [])]),
        ],
    )  # fmt: skip
    assert [each.trouble for each in tree.walk() if each.trouble] == []


def test_what_is_never_read_costs_nothing_and_is_not_asked_for() -> None:
    zone = Zone(ZONE)
    tree = spf.budget("acme.example", "v=spf1 a:one.example -all mx redirect=google.example", zone)
    assert tree.lookups == 1
    assert {name for name, _ in zone.asked} == {"one.example."}


def test_a_snapshot_gives_whole_costs_and_says_what_it_does_not_know() -> None:
    record = spf.parse("v=spf1 include:Google.example. mx include:new.example redirect=two.example")
    tree = spf.budget("acme.example", record, {"google.example": 4, "two.example": 3})
    assert [(child.term, child.lookups, child.trouble) for child in tree.children] == [
        ("include:Google.example.", 4, None),
        ("mx", 1, None),
        ("include:new.example", 1, spf.Trouble.UNMEASURED),
        ("redirect=two.example", 3, None),
    ]
    assert tree.lookups == 9 and not tree.measured, "the least it can be"
    assert "include:new.example" in (tree.children[2].problem or (lambda lang: ""))("zh")


def test_the_asynchronous_form_gives_the_same_tree() -> None:
    zone = Zone(ZONE)

    async def later(name: str, type: str) -> list[str]:
        await asyncio.sleep(0)
        return zone(name, type)

    record = "v=spf1 include:google.example include:none.example -all"
    tree = asyncio.run(spf.budget_async("acme.example", record, later))
    assert tree == spf.budget("acme.example", record, Zone(ZONE))


def test_a_loop_and_a_tree_without_end_are_cut_not_followed() -> None:
    loop = Zone({"b.example": [{"TXT": "v=spf1 include:A.example -all"}]})
    tree = spf.budget("a.example", "v=spf1 include:b.example -all", loop)
    assert [each.trouble for each in tree.walk() if each.trouble] == [spf.Trouble.LOOP]

    asked = []

    def endless(name: str, type: str) -> list[str]:
        asked.append(name)
        return ["v=spf1 include:x.%{d} include:y.%{d} -all"]

    tree = spf.budget("a.example", "v=spf1 include:b.example -all", endless)
    assert spf.MAX_LOOKUPS < tree.lookups < 250
    assert len(asked) <= 101
    assert spf.Trouble.CUT in {each.trouble for each in tree.walk()}


@pytest.mark.parametrize(
    ("record", "lookups"),
    [
        ("v=spf1 +include:one.example ~include:one.example ?a -mx all", 4),
        ("v=spf1 INCLUDE:One.Example A:one.example ~ALL", 2),
        ("v=spf1 redirect=google.example", 5),
        ("v=spf1 include:one.example include:one.example -all", 2),
        ("v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 exp=one.example -all", 0),
    ],
)
def test_what_other_tools_miscount(record: str, lookups: int) -> None:
    """Qualifiers, upper case, redirects, repeats; exp= and addresses are free (RFC 7208 §4.6.4)."""
    assert spf.budget("acme.example", record, Zone(ZONE)).lookups == lookups


#: Cases where a client is answered before the record is read to its end, or what is asked for
#: depends on it: the tree, which reads everything, costs more or less than this evaluation.
UNREAD = [case for case in CASES if case.results != ("permerror",)]


@pytest.mark.parametrize("case", UNREAD, ids=lambda case: case.id)
def test_no_evaluation_of_the_suite_costs_more_than_the_tree_says(case: Case) -> None:
    result = spf.check_host(case.ip, case.domain, case.sender, Zone(case.zone), helo=case.helo)
    if result.result in ("none", "temperror", "permerror"):
        return
    text = spf.select(tuple(Zone(case.zone)(case.domain.rstrip(".") + ".", "TXT")))[0]
    tree = spf.budget(case.domain, text, Zone(case.zone))
    unknown = any(each.trouble is spf.Trouble.UNKNOWN for each in tree.walk())
    assert unknown or result.lookups <= tree.lookups


def test_a_record_that_is_none_is_refused() -> None:
    with pytest.raises(spf.SpfError):
        spf.budget("a.example", "v=spf1 ip4", {})
