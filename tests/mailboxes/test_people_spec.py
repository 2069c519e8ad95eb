"""What a spec may say about people and addresses, and every slip at its line and column."""

from __future__ import annotations

import datetime as dt
import json

import jsonschema
import pytest
import yaml

from mailwright.plan.plan import plan
from mailwright.spec import parse
from mailwright.spec.shape import SCHEMA
from tests.mailboxes.specs import COMPANY, DAY, HEAD, PEOPLE, said, spec_of

SIX = HEAD.replace('self-hosted, mx: ["10 mail.acme-trade.com"]', "tencent-exmail")


def test_six_lines_say_nothing_about_mailboxes_and_stay_clean() -> None:
    result = parse(SIX.encode(), "acme.yaml")
    assert result.spec is not None and result.findings == () and result.spec.mailboxes.is_empty
    assert plan(result.spec, DAY).mailboxes is None


def test_a_company_is_read_with_its_places() -> None:
    spec = spec_of(COMPANY)
    asked = spec.mailboxes
    assert [person.key for person in asked.people] == ["wang", "li", "zhao"]
    assert asked.people[2].left == dt.date(2026, 10, 31) and asked.people[2].successor == "li@acme-trade.com"
    assert asked.addresses[1].to == ("wang@acme-trade.com", "li@acme-trade.com", "zhao@acme-trade.com")
    assert asked.rules[1].labels[0].name == "高意向" and asked.rules[2].when is None
    assert spec.at("addresses.info").line == HEAD.count("\n") + 6


WRONG = [
    ("addresses: {info: {to: wnag}}", "unknown-person", "to: wnag"),
    ("addresses: {info: {to: [wang, nobody]}}", "unknown-person", "nobody"),
    ("addresses: {info: {to: nobody@acme-trade.com}}", "unknown-person", "to: nobody"),
    ("addresses: {sales: {to: wang, owner: li}}", "owner-no-member", "sales"),
    ("addresses: {a: {to: b}, b: {to: a}}", "address-loop", "a: {"),
    ("addresses: {a: {to: a}}", "address-loop", "a: {"),
    ("addresses: {a: {to: b}, b: {to: c}, c: {to: [wang, a]}}", "address-loop", "a: {"),
    ("addresses: {wang: {to: li}}", "address-twice", "wang: {"),
    ("addresses: {info: {to: li}, Info: {to: wang}}", "address-twice", "Info"),
    ("addresses: {info: {to: li}, info@acme-trade.com: {to: wang}}", "address-twice", "info@acme"),
    ("addresses: {info@other.com: {to: li}}", "address-of-other-domain", "info@other"),
    ("addresses: {王: {to: li}}", "bad-local-part", "王"),
    ("addresses: {in..fo: {to: li}}", "bad-local-part", "in..fo"),
    ("addresses: {info: {to: []}}", "wrong-type", "[]"),
    ("addresses: {info: {to: }}", "wrong-type", None),
    ("addresses: {info: {owner: li}}", "key-missing", "{owner"),
    ("addresses: {info: {to: li, shard: true}}", "unknown-key", "shard"),
    ("addresses: {info: {to: li, shared: yes}}", "value-not-allowed", "yes"),
    ("addresses: {info: {to: a@b.example, shared: true}}", "target-outside", "to: a@b"),
    ("addresses: {info: {to: li}, s: {to: info, shared: true}}", "shared-member-no-person", "to: info"),
    ("rules: [{for: infos, otherwise: true, then: {assign_to: li}}]", "unknown-person", "for: infos"),
    ("rules: [{for: li, then: {assign_to: wang}}]", "rule-without-condition", "{for"),
    ("rules: [{for: li, when: {match: any}, then: {stop: true}}]", "rule-without-condition", "{for"),
    (
        "rules: [{for: li, otherwise: true, when: {from: x}, then: {stop: true}}]",
        "rule-with-two-conditions",
        "when",
    ),
    ("rules: [{for: li, otherwise: true, then: {}}]", "rule-without-action", "then"),
    ("rules: [{for: li, otherwise: true, then: {folder: a//b}}]", "bad-folder-name", "folder"),
    ("rules: [{for: li, otherwise: true, then: {folder: ../x}}]", "bad-folder-name", "folder"),
    ('rules: [{for: li, otherwise: true, then: {tag: "a\\u202eb"}}]', "hidden-character", "tag"),
    (
        'rules: [{for: li, when: {subject_contains: "a\\nb"}, then: {stop: true}}]',
        "hidden-character",
        "subject_contains",
    ),
    ("catch_all: {to: someone@example.com}", "target-outside", "to: some"),
    ("auto_replies: [{for: li, text: hi, from: 2026-13-01}]", "bad-date", "from"),
    ("auto_replies: [{for: li, text: hi, from: 2026-12-02, until: 2026-12-01}]", "dates-reversed", "until"),
    ("expect: [{mail_to: info, reaches: wnag}]", "unknown-person", "reaches"),
]


@pytest.mark.parametrize(("text", "rule", "place"), WRONG)
def test_a_slip_is_named_at_its_place(text: str, rule: str, place: str | None) -> None:
    found = said(text + "\n" + PEOPLE)
    assert rule in {each[0] for each in found}
    if place:
        assert (rule, 1, text.index(place) + 1) in found


TWO = "  - {for: li, when: {subject_contains: product}, then: {assign_to: wang}}\n"


@pytest.mark.parametrize(
    ("later", "rule"),
    [
        ("{for: li, when: {subject_contains: Product}, then: {assign_to: boss}}", "rules-contradict"),
        ("{for: li, when: {subject_contains: product A}, then: {assign_to: boss}}", "rule-never-fires"),
        ("{for: li, when: {subject_contains: [product A, my products]}, then: {tag: x}}", "rule-never-fires"),
        ("{for: li, when: {subject_contains: product, from: a@b}, then: {tag: x}}", "rule-never-fires"),
        ("{for: li, when: {subject_contains: [product A, pro]}, then: {tag: x}}", None),
        ("{for: li, when: {body_contains: product}, then: {assign_to: boss}}", None),
        ("{for: li, when: {subject_contains: product, from: x, match: any}, then: {tag: x}}", None),
        ("{for: wang, when: {subject_contains: product}, then: {tag: x}}", None),
    ],
)
def test_rules_that_contradict_or_never_fire(later: str, rule: str | None) -> None:
    people = PEOPLE + "  boss: {name: 老板}\n"
    found = set(said(people + "rules:\n" + TWO + f"  - {later}\n"))
    assert {(each[0], each[1]) for each in found} == ({(rule, 7)} if rule else set())


def test_otherwise_comes_last() -> None:
    text = PEOPLE + "rules:\n  - {for: li, otherwise: true, then: {tag: x}}\n" + TWO
    assert [each[:2] for each in said(text)] == [("otherwise-not-last", 6)]


@pytest.mark.parametrize(
    "rule",
    [
        "{for: li, otherwise: true, then: {copy_to: sales}}",
        "{for: sales, otherwise: true, then: {copy_to: sales}}",
    ],
)
def test_a_rule_that_sends_mail_in_a_circle(rule: str) -> None:
    text = PEOPLE + f"addresses: {{sales: {{to: li}}}}\nrules: [{rule}]\n"
    assert "address-loop" in {each[0] for each in said(text)}


def test_leavers_in_a_circle_and_dates_that_do_not_fit() -> None:
    circle = "people:\n  a: {left: 2026-01-01, handover: {to: b, until: 2026-02-01}}\n" + (
        "  b: {left: 2026-01-01, handover: {to: a, until: 2025-02-01}}\n"
        "  wang: {handover: {to: a, until: 2026-01-01}}\n"
    )
    assert {each[0] for each in said(circle)} == {"address-loop", "dates-reversed", "handover-without-left"}


def test_the_schema_knows_every_key() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    loader = type("Dateless", (yaml.SafeLoader,), {})
    loader.yaml_implicit_resolvers = {
        first: [each for each in some if not each[0].endswith("timestamp")]
        for first, some in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    written = yaml.load(HEAD + COMPANY, Loader=loader)
    assert [error.message for error in validator.iter_errors(written)] == []
