"""``examples/``: every spec is clean, and the whole company is so strictly, with its expectations."""

from __future__ import annotations

import re

import pytest
import yaml
from click.testing import CliRunner

from mailwright.cli.check import check
from mailwright.cli.trace import trace
from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"
DAY = ("--as-of", "2026-12-01", "--lang", "en")


def test_all_examples_together_have_no_error() -> None:
    outcome = CliRunner().invoke(check, [str(EXAMPLES), *DAY], standalone_mode=False)
    assert outcome.return_value == 0 and "error" not in outcome.output, outcome.output


def test_the_whole_company_is_clean_under_strict() -> None:
    company = EXAMPLES / "whole-company.yaml"
    outcome = CliRunner().invoke(check, [str(company), "--strict", *DAY], standalone_mode=False)
    assert outcome.return_value == 0, outcome.output
    assert len(yaml.safe_load(company.read_text(encoding="utf-8"))["expect"]) >= 7


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_trace_that_the_readme_shows_ends_where_it_says(readme: str) -> None:
    text = (EXAMPLES / readme).read_text(encoding="utf-8")
    match = re.search(
        r"^mailwright trace (\S+) --to (\S+) --subject (\S+) --body \"(.*?)\"$", text, re.MULTILINE
    )
    assert match
    spec, to, subject, body = match.groups()
    words = [str(ROOT / spec), "--to", to, "--subject", subject, "--body", body, *DAY]
    outcome = CliRunner().invoke(trace, words, standalone_mode=False)
    reached = [line for line in outcome.output.splitlines() if line.startswith("→")]
    assert [line.split("@")[0] for line in reached] == ["→ chen", "→ wang"], outcome.output
