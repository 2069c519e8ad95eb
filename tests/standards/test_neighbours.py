"""``docs/neighbours.md``, line by line: what other tools let pass is reported, by the rule it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailwright.model.families import Family
from mailwright.plan.judging import Context, verdict
from mailwright.standards import spf
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "neighbours.md"
APEX = "acme-trade.com."
PLACES = {
    "spf": (APEX, "TXT", Family.SPF),
    "dmarc": (f"_dmarc.{APEX}", "TXT", Family.DMARC),
    "dkim": (f"s1._domainkey.{APEX}", "TXT", Family.DKIM),
    "mta-sts": (f"_mta-sts.{APEX}", "TXT", Family.MTA_STS),
    "mx": (APEX, "MX", Family.MX),
}


def lines(page: Path) -> list[tuple[list[str], str, str]]:
    """(inputs, kind, rule) of each line of the first table."""
    made = []
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 4 and cells[1] in PLACES:
            made.append((re.findall(r"`([^`]+)`", cells[0]), cells[1], cells[3].strip("`")))
    return made


def test_the_page_has_its_lines() -> None:
    assert len(lines(PAGE)) >= 30


@pytest.mark.parametrize(("inputs", "kind", "rule"), lines(PAGE))
def test_what_the_neighbours_let_pass_is_reported(inputs: list[str], kind: str, rule: str) -> None:
    name, type, family = PLACES[kind]
    context = Context()
    if kind == "mx" and len(inputs) == 2:
        address = inputs.pop()
        context = Context(addresses=lambda _host: [address])
    assert rule in [finding.rule for finding in verdict(name, type, family, inputs, context)]


def test_a_good_set_up_is_not_reported() -> None:
    good = {
        "spf": ["v=spf1 include:spf.mail.qq.com ~all"],
        "dmarc": ["v=DMARC1; p=reject; rua=mailto:a@acme-trade.com"],
        "mta-sts": ["v=STSv1; id=20261123"],
        "mx": ["10 mail.acme-trade.com."],
    }
    for kind, values in good.items():
        context = Context(addresses=lambda _host: ["1.1.1.1"])
        assert verdict(*PLACES[kind], values, context) == [], kind


def test_both_pages_have_the_same_lines() -> None:
    assert lines(PAGE.with_suffix(".zh-CN.md")) == lines(PAGE)


def test_the_version_of_spf_has_no_case() -> None:
    assert str(spf.parse("v=SpF1 -all")) == "v=spf1 -all"
