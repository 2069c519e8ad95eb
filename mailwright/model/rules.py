"""The registry of rules: every id that a finding or a check may carry.

A rule is declared once, beside the function that applies it, with its messages in both
languages. The registry is filled by importing the rooms; it holds no logic.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mailwright.model.text import Text


class Severity(StrEnum):
    """How bad a finding is: an error stops a plan, a warning stops ``--strict``."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    ``id`` is kebab-case and never reused; ``message`` says what is wrong, ``hint`` what to
    write instead; both are templates over the finding's parameters. ``reference`` names the
    standard and section it comes from ("RFC 7208 §4.5"), or is empty for our own rules.
    """

    id: str
    severity: Severity
    message: Text
    hint: Text
    reference: str = ""


RULES: dict[str, Rule] = {}


def rule(
    id: str,
    severity: Severity,
    *,
    en: str,
    zh: str,
    hint_en: str,
    hint_zh: str,
    reference: str = "",
) -> Rule:
    """Declare a rule. Raises ``ValueError`` where the id is taken: one rule, one id."""
    if id in RULES:
        raise ValueError(f"rule id declared twice: {id}")
    new_rule = Rule(id, severity, Text(en, zh), Text(hint_en, hint_zh), reference)
    RULES[id] = new_rule
    return new_rule
