"""``docs/rules.md`` is what the code says; every rule has an example there, and each example is tried."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest
import yaml

import mailwright
from mailwright.model.rules import RULES, Severity
from mailwright.report.docs.examples import KINDS, examples, reasons
from mailwright.report.docs.rules import all_rules, page
from tests.conftest import ROOT
from tests.rules.tries import TRIES, tried

DOCS = ROOT / "docs"
BODY: dict[str, Any] = yaml.safe_load((DOCS / "rules-examples.yaml").read_text(encoding="utf-8"))
EXAMPLES = examples(BODY)
WANTED = """\
no example: {rules}. Write one into docs/rules-examples.yaml, below the kind that shows the rule (spec,
records, file, served, lookups, change …; tests/rules/tries.py says what each is), as `rule-id: [bad, good]`
or with given:, bad: and good:; then `python -m mailwright.report.docs.rules`. Only where no bad and good
pair can exist: below `none:`, with the reason in both languages."""


@pytest.mark.parametrize("rule", EXAMPLES)
def test_an_example_is_bad_and_the_other_good(rule: str, tmp_path: Path) -> None:
    example = EXAMPLES[rule]
    bad, good = (tmp_path / each for each in ("bad", "good"))
    bad.mkdir()
    good.mkdir()
    said = tried(example, example.bad, bad)
    assert rule in said, f"the bad one shows {sorted(said)}"
    assert rule not in tried(example, example.good, good)


@pytest.mark.parametrize(("name", "lang"), [("rules.md", "en"), ("rules.zh-CN.md", "zh")])
def test_the_page_is_what_the_code_says(name: str, lang: Any) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == page(BODY, lang), (
        "write it anew: python -m mailwright.report.docs.rules"
    )


def test_every_rule_has_an_example_or_a_reason_for_none() -> None:
    rules, without = set(all_rules()), reasons(BODY)
    missing = rules - set(EXAMPLES) - set(without)
    assert not missing, WANTED.format(rules=", ".join(sorted(missing)))
    assert set(EXAMPLES) | set(without) <= rules, "an example of no rule"
    assert not set(EXAMPLES) & set(without), "an example and a reason for none"
    assert all(text.en and any("\u4e00" <= char <= "\u9fff" for char in text.zh) for text in without.values())


def test_every_kind_of_example_is_tried() -> None:
    assert set(KINDS) == {*TRIES, "records"}


def test_no_rule_is_declared_where_the_page_does_not_look() -> None:
    listed = set(all_rules())
    for package in pkgutil.walk_packages(mailwright.__path__, "mailwright."):
        if not package.name.endswith("__main__"):
            importlib.import_module(package.name)
    assert set(RULES) == listed


def test_every_rule_speaks_both_languages_and_says_what_to_write() -> None:
    for rule in all_rules().values():
        assert rule.message.en, rule.id
        assert any("\u4e00" <= char <= "\u9fff" for char in rule.message.zh), rule.id
        # A note that all is well asks for nothing.
        asks = rule.severity is not Severity.INFO
        assert bool(rule.hint.en) == bool(rule.hint.zh), rule.id
        assert rule.hint.en or not asks, rule.id
