"""Lint and budget: the suite's permerrors are errors, its good records are not, and each rule's own case."""

from __future__ import annotations

import string
from typing import Any

import pytest

from mailwright.model.rules import RULES, Rule, Severity
from mailwright.standards import spf
from mailwright.standards.spf import rules
from tests.standards.spf_suite import CASES, SUITE, Case, Zone


def linted(case: Case) -> set[str]:
    """The ids of the errors in what is published at the case's domain, the tree read live."""
    zone = Zone(case.zone)
    try:
        texts = zone(case.domain.rstrip(".") + ".", "TXT")
    except spf.LookupFailed:
        return set()
    tree = None
    records = spf.select(texts)
    if len(records) == 1:
        try:
            tree = spf.budget(case.domain, records[0], zone)
        except spf.SpfError:
            tree = None
    return {
        finding.rule
        for finding in spf.lint_set(texts, domain=case.domain, tree=tree)
        if finding.severity is Severity.ERROR
    }


PERMERRORS = [case for case in CASES if case.results == ("permerror",)]
GOOD = [case for case in CASES if "permerror" not in case.results]


@pytest.mark.parametrize("case", PERMERRORS, ids=lambda case: case.id)
def test_every_permerror_of_the_suite_is_an_error(case: Case) -> None:
    assert linted(case), "no permerror of the suite depends on the client's address"


#: Good by the letter, and errors all the same: what no company's record may say, or what only the
#: order of evaluation saved in the suite.
ANYBODY = "the record lets everybody send, as the case wants it"
ALARMS = {
    **dict.fromkeys(["multispf2", "all-double", "include-softfail"], ("spf-all-pass", ANYBODY)),
    **dict.fromkeys(
        [
            "a-nxdomain", "a-cidr4-0", "a-cidr4-0-ip6", "a-cidr6-0-ip4", "a-cidr6-0-ip4mapped",
            "a-cidr6-0-ip6", "a-cidr6-0-nxdomain", "mx-nxdomain", "mx-cidr4-0", "mx-cidr4-0-ip6",
            "mx-cidr6-0-ip4", "mx-cidr6-0-ip4mapped", "mx-cidr6-0-ip6",
            "mx-cidr6-0-nxdomain", "cidr4-0", "cidr6-0-ip4",
            "cidr6-ip4", "cidr6-0",
        ],
        ("spf-network-wide", ANYBODY),
    ),
    "nospace1": ("spf-not-read", "“v=spf1” with something glued to it: no record, as the case wants it"),
    "nospace2": ("spf-not-read", "“v=spf10” beside the record: foreign, and told"),
    "include-at-limit": ("spf-lookups-over-limit", "eleven look-ups; the client matches before the last"),
}  # fmt: skip


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.id)
def test_no_false_alarm_on_the_good_records(case: Case) -> None:
    expected = {ALARMS[case.id][0]} if case.id in ALARMS else set()
    assert linted(case) == expected


def test_the_exceptions_are_cases_of_the_suite() -> None:
    if not SUITE.exists():
        pytest.skip(f"no RFC 7208 suite at {SUITE}")
    assert set(ALARMS) <= {case.id for case in GOOD}


#: (rule, severity, a record that breaks it)
BAD = [
    ("spf-equals-for-colon", "warning", "v=spf1 ip4=203.0.113.10 mx ~all"),
    ("spf-target-not-a-name", "warning", "v=spf1 include:https://spf.example.net ~all"),
    ("spf-target-not-a-name", "warning", "v=spf1 include:postmaster@example.net ~all"),
    ("spf-term-duplicate", "warning", "v=spf1 mx mx:example.com ~all"),
    ("spf-syntax", "error", "v=spf1 ip4:203.0.113.10 -all moo"),
    ("spf-syntax", "error", "v=spf1 -all ip6"),
    ("spf-syntax", "error", "spf1 -all"),
    ("spf-all-pass", "error", "v=spf1 +all"),
    ("spf-all-pass", "error", "v=spf1 a all"),
    ("spf-all-neutral", "warning", "v=spf1 a ?all"),
    ("spf-no-all", "warning", "v=spf1 a"),
    ("spf-no-all", "warning", "v=spf1"),
    ("spf-term-after-all", "warning", "v=spf1 a ~all mx"),
    ("spf-redirect-unused", "warning", "v=spf1 a ~all redirect=x.example"),
    ("spf-term-duplicate", "warning", "v=spf1 include:x.example +include:X.example ~all"),
    ("spf-term-duplicate", "warning", "v=spf1 ip4:203.0.113.1 -ip4:203.0.113.1 ~all"),
    ("spf-uses-ptr", "warning", "v=spf1 ptr:example.com ~all"),
    ("spf-network-wide", "error", "v=spf1 ip4:0.0.0.0/0 ~all"),
    ("spf-network-wide", "error", "v=spf1 a/7 ~all"),
    ("spf-network-wide", "error", "v=spf1 mx//0 ~all"),
    ("spf-network-wide", "warning", "v=spf1 ip4:203.0.0.0/15 ~all"),
    ("spf-network-wide", "warning", "v=spf1 ip6:2001::/31 ~all"),
    ("spf-network-wide", "warning", "v=spf1 ip4:203.0.0.0/8 ip6:2001::/32 ~all"),
    ("spf-network-wide", "warning", "v=spf1 ip6:2001::/16 ~all"),
    ("spf-network-not-public", "warning", "v=spf1 ip4:10.0.0.0/8 ~all"),
    ("spf-network-not-public", "warning", "v=spf1 ip4:127.0.0.1 ~all"),
    ("spf-network-not-public", "warning", "v=spf1 ip6:fd00::1 ~all"),
    ("spf-target-not-a-name", "warning", "v=spf1 a:mail..example.com ~all"),
    (
        "spf-size-over-450",
        "warning",
        "v=spf1 " + "".join(f"ip4:203.0.113.{n} " for n in range(100, 125)) + "~all",
    ),
    (
        "spf-size-over-512",
        "error",
        "v=spf1 " + "".join(f"ip4:203.0.113.{n} " for n in range(100, 129)) + "~all",
    ),
]


@pytest.mark.parametrize(("rule", "severity", "record"), BAD)
def test_each_fault_is_found_alone(rule: str, severity: str, record: str) -> None:
    assert [(finding.rule, str(finding.severity)) for finding in spf.lint(record)] == [(rule, severity)]


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 ip4:203.0.113.10 include:_spf.example.net ~all",
        "v=SpF1 a mx -all",
        "v=spf1 redirect=_spf.example.net",
        "v=spf1 -all",
        "v=spf1 ip4:203.0.0.0/16 ip6:2001:db8::/32 a/16//32 exists:%{i}._spf.example.net -all",
        "v=spf1 -ip4:0.0.0.0/0 ip6:2001:db8::1 ~all",
    ],
)
def test_a_good_record_has_no_finding(record: str) -> None:
    assert spf.lint(record) == []
    assert spf.lint(spf.parse(record)) == []


@pytest.mark.parametrize("octets", [450, 451, 512, 513])
def test_the_size_is_the_published_text_not_the_normalised_one(octets: int) -> None:
    text = "v=spf1 ip4:203.0.113.10".ljust(octets - 4) + "~all"
    assert len(text) == octets
    expected = [] if octets <= 450 else ["spf-size-over-450"] if octets <= 512 else ["spf-size-over-512"]
    assert [finding.rule for finding in spf.lint(text)] == expected


def test_several_records_are_an_error_and_other_text_is_not_spf() -> None:
    texts = ["v=spf1 a ~all", "google-site-verification=x", "V=SPF1 mx ~all", "v=spf10 a"]
    findings = spf.lint_set(texts, domain="acme.example")
    assert [each.rule for each in findings] == ["spf-several-records", "spf-not-read"]
    assert "2 SPF records" in findings[0].message()
    assert spf.lint_set(texts[:2]) == []


def zone(**entries: list[Any]) -> Zone:
    return Zone({name.replace("_", "."): values for name, values in entries.items()})


def judged(record: str, answers: Zone) -> dict[str, str]:
    tree = spf.budget("acme.example", record, answers)
    return {finding.rule: finding.message() for finding in spf.lint(record, domain="acme.example", tree=tree)}


def test_over_budget_says_which_term_costs_what() -> None:
    answers = zone(
        big_example=[{"SPF": "v=spf1 " + "a " * 7 + "-all"}, {"A": "203.0.113.1"}],
        small_example=[{"SPF": "v=spf1 mx mx -all"}, {"MX": [0, "mail.example"]}],
    )
    said = judged("v=spf1 include:big.example include:small.example ~all", answers)
    assert list(said) == ["spf-lookups-over-limit"]
    assert "needs 11 DNS look-ups" in said["spf-lookups-over-limit"]
    assert "include:big.example 8, include:small.example 3" in said["spf-lookups-over-limit"]


def test_voids_are_named_up_to_two_and_an_error_past_them() -> None:
    answers = zone(here_example=[{"AAAA": "2001:db8::1"}])
    assert list(judged("v=spf1 a:here.example a:gone.example ~all", answers)) == ["spf-term-finds-nothing"]
    said = judged("v=spf1 a:gone.example mx:gone.example exists:gone.example ~all", answers)
    assert list(said) == ["spf-voids-over-limit"]


@pytest.mark.parametrize(
    ("rule", "record"),
    [
        ("spf-target-broken", "v=spf1 include:none.example ~all"),
        ("spf-target-broken", "v=spf1 redirect=none.example"),
        ("spf-target-broken", "v=spf1 include:bad.example ~all"),
        ("spf-target-broken", "v=spf1 include:two.example ~all"),
        ("spf-include-loop", "v=spf1 include:back.example ~all"),
        ("spf-mx-over-limit", "v=spf1 mx:many.example ~all"),
        ("spf-lookup-unanswered", "v=spf1 include:slow.example ~all"),
    ],
)
def test_what_a_term_leads_to_is_judged(rule: str, record: str) -> None:
    answers = zone(
        bad_example=[{"SPF": "v=spf1 ip4 -all"}],
        two_example=[{"SPF": "v=spf1 -all"}, {"SPF": "v=spf1 ~all"}],
        back_example=[{"SPF": "v=spf1 include:ACME.example -all"}],
        many_example=[{"MX": [n, f"m{n}.example"]} for n in range(11)],
        slow_example=["TIMEOUT"],
    )
    assert list(judged(record, answers)) == [rule]


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("v=spf1,include:spf.example.net,~all", True),
        ("v=spf1include:spf.example.net ~all", True),
        ("v= spf1 mx ~all", True),
        (" v=spf1 mx ~all", True),
        ('"v=spf1 mx ~all"', True),
        ("spf1 mx ~all", True),
        ("V=SPF1 mx ~all", False),
        ("spf2.0/pra mx ~all", False),
        ("v=spf10 mx", True),
        ("spf10-token", False),
        ("google-site-verification=spf1", False),
    ],
)
def test_what_only_looks_like_a_record_is_told_from_tokens(text: str, slip: bool) -> None:
    assert [each.rule for each in spf.lint_set([text])] == ["spf-not-read"] * slip


def test_every_message_finds_all_its_parameters_in_both_languages() -> None:
    records = [record for _, _, record in BAD]
    answers = zone(back_example=[{"SPF": "v=spf1 include:back.example -all"}], slow_example=["TIMEOUT"],
                   many_example=[{"MX": [n, f"m{n}.example"]} for n in range(11)])  # fmt: skip
    trees = [
        "v=spf1 include:none.example include:back.example include:slow.example "
        "mx:many.example a:x.example ~all",
        "v=spf1 a:x.example a:y.example a:z.example " + "exists:%{i}.example " * 9 + "~all",
    ]
    findings = [finding for record in records for finding in spf.lint(record)]
    findings += spf.lint_set(["v=spf1 -all", "v=spf1 ~all", "v=spf1,mx,-all"])
    for record in trees:
        findings += spf.lint(record, tree=spf.budget("acme.example", record, answers))
    measured = {"dear.example": spf.Cost(8, 1)}
    for record in ("v=spf1 mx include:new.example ~all", "v=spf1 mx include:dear.example ~all"):
        findings += spf.lint(record, tree=spf.budget("acme.example", record, measured))
    ours = {id for id, rule in RULES.items() if rule is getattr(rules, _constant(rule), None)}
    assert {finding.rule for finding in findings} == ours
    for each in findings:
        for template in (each.definition.message, each.definition.hint):
            for text in (template.en, template.zh):
                wanted = {field for _, field, _, _ in string.Formatter().parse(text) if field}
                assert wanted <= set(each.params), each.rule


def _constant(rule: Rule) -> str:
    return next((name for name, value in vars(rules).items() if value is rule), "")
