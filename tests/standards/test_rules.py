"""Every rule of the standards speaks both languages, and says the same in each."""

from __future__ import annotations

import string
import subprocess
import sys

import pytest

from mailwright.model.rules import RULES, Rule
from mailwright.standards import across, bimi, dane, dkim, dmarc, mta_sts, tls_rpt

MODULES = (across, bimi, dane, dkim.lint, dmarc.lint, mta_sts.lint_policy, tls_rpt)
PREFIXES = ("dmarc-", "dkim-", "mta-sts-", "tls-rpt-", "tlsa-", "bimi-", "mx-not-in-")
OURS = sorted((rule for rule in RULES.values() if rule.id.startswith(PREFIXES)), key=lambda rule: rule.id)


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("rule", OURS, ids=[rule.id for rule in OURS])
def test_a_rule_says_the_same_in_both_languages(rule: Rule) -> None:
    for text in (rule.message, rule.hint):
        assert placeholders(text.en) == placeholders(text.zh)
        assert any("\u4e00" <= each <= "\u9fff" for each in text.zh) and text.en.isprintable()
    assert rule.reference and rule.message.en.endswith(".") and rule.message.zh.endswith("。")


def test_each_module_of_the_standards_is_usable_alone() -> None:
    names = (
        "dmarc",
        "dkim",
        "mta_sts",
        "tls_rpt",
        "dane",
        "bimi",
        "null_mx",
        "client_setup",
        "across",
        "der",
    )
    heavy = "pulumi|grpc|dns|cryptography|rich|click|asyncio|mailwright.plan|mailwright.spec"
    for name in names:
        program = (
            f"import sys, mailwright.standards.{name}\n"
            f"print([each for each in {heavy.split('|')!r} if each in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]", name
