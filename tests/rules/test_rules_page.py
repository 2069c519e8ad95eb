"""``docs/rules.md`` is what the code says, and each of its examples is tried."""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import mailwright
from mailwright.model.families import Family
from mailwright.model.rules import RULES, Severity
from mailwright.operations.planning import planned
from mailwright.plan.judging import Context, verdict
from mailwright.report.rules import all_rules, page
from tests.conftest import ROOT

DOCS = ROOT / "docs"
EXAMPLES: dict[str, Any] = yaml.safe_load((DOCS / "rules-examples.yaml").read_text(encoding="utf-8"))
APEX = "acme-trade.com."
PLACES = {
    "spf": (APEX, "TXT", Family.SPF),
    "dmarc": (f"_dmarc.{APEX}", "TXT", Family.DMARC),
    "dkim": (f"s1._domainkey.{APEX}", "TXT", Family.DKIM),
    "mta-sts": (f"_mta-sts.{APEX}", "TXT", Family.MTA_STS),
    "tls-rpt": (f"_smtp._tls.{APEX}", "TXT", Family.TLS_RPT),
    "mx": (APEX, "MX", Family.MX),
}
SIX = """\
version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
mail_host: {service: yandex-360}
dns_hosts: [{service: manual, console: aliyun}]
contact: wang@acme-trade.com
"""


def of_record(kind: str, text: str) -> set[str]:
    values = [each.strip() for each in text.split(" + ")]
    for name, key in EXAMPLES["keys"].items():
        values = [each.replace(f"{{{name}}}", key) for each in values]
    return {each.rule for each in verdict(*PLACES[kind], values, Context())}


def of_spec(line: str, folder: Path) -> set[str]:
    """What a spec with this line says; a line of the six is replaced by it."""
    key = re.split("[:：]", line)[0]
    lines = [each for each in SIX.splitlines() if not each.startswith(key + ":")]
    path = folder / "t.yaml"
    path.write_text("\n".join([*lines, line, ""]), encoding="utf-8")
    return {each.rule for each in planned([path], dt.date(2026, 11, 23)).findings}


@pytest.mark.parametrize(
    ("kind", "rule"), [(kind, rule) for kind, several in EXAMPLES["records"].items() for rule in several]
)
def test_a_record_example_is_bad_and_the_other_good(kind: str, rule: str) -> None:
    bad, good = EXAMPLES["records"][kind][rule]
    assert rule in of_record(kind, bad)
    assert rule not in of_record(kind, good)


@pytest.mark.parametrize("rule", EXAMPLES["spec"])
def test_a_spec_example_is_bad_and_the_other_good(rule: str, tmp_path: Path) -> None:
    bad, good = EXAMPLES["spec"][rule]
    assert rule in of_spec(bad, tmp_path)
    assert rule not in of_spec(good, tmp_path)


@pytest.mark.parametrize(("name", "lang"), [("rules.md", "en"), ("rules.zh-CN.md", "zh")])
def test_the_page_is_what_the_code_says(name: str, lang: Any) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == page(EXAMPLES, lang), (
        "write it anew: python -m mailwright.report.rules"
    )


def test_every_example_is_of_a_rule_that_is_there() -> None:
    rules = all_rules()
    named = {rule for several in EXAMPLES["records"].values() for rule in several} | set(EXAMPLES["spec"])
    assert named <= set(rules)


def test_no_rule_is_declared_where_the_page_does_not_look() -> None:
    listed = set(all_rules())
    for each in pkgutil.walk_packages(mailwright.__path__, "mailwright."):
        if not each.name.endswith("__main__"):
            importlib.import_module(each.name)
    assert set(RULES) == listed


def test_every_rule_speaks_both_languages_and_says_what_to_write() -> None:
    for each in all_rules().values():
        assert each.message.en, each.id
        assert any("\u4e00" <= char <= "\u9fff" for char in each.message.zh), each.id
        # A note that all is well asks for nothing.
        asks = each.severity is not Severity.INFO
        assert bool(each.hint.en) == bool(each.hint.zh), each.id
        assert each.hint.en or not asks, each.id
