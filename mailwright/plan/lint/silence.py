"""``silence:`` entries: each names a rule that exists, or it would silence nothing and nobody would know."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping

from mailwright.model.finding import Finding
from mailwright.model.rules import RULES, Rule, Severity, rule
from mailwright.plan.lint import living as _living  # noqa: F401  its rules may be silenced too
from mailwright.spec.model import MailSpec, Silence

UNKNOWN_RULE = rule(
    "silence-unknown-rule",
    Severity.ERROR,
    en="{rule} is no rule: nothing is silenced.",
    zh="没有 {rule} 这条规则：什么也没有静默。",
    hint_en="Did you mean {close}? `mailwright check` names the rule of each finding.",
    hint_zh="是不是 {close}？`mailwright check` 会列出每条结果的规则编号。",
)
NOT_SILENCED = rule(
    "silence-of-an-error",
    Severity.WARNING,
    en="{rule} is an error; errors cannot be silenced.",
    zh="{rule} 是错误；错误不能静默。",
    hint_en="Repair what it says and take the line out.",
    hint_zh="请按提示修复，并去掉此行。",
)


def findings(silenced: Iterable[Silence], rules: Callable[[], Mapping[str, Rule]]) -> list[Finding]:
    """What is wrong with the entries.

    ``rules`` gives every rule there is, also those of rooms that checking does not load; it is only called
    for one that is not known here.
    """
    said = []
    for each in silenced:
        known = RULES.get(each.rule) or rules().get(each.rule)
        if known is None:
            close = (difflib.get_close_matches(each.rule, RULES, 1, 0.0) or ["spf-size"])[0]
            said.append(
                Finding(UNKNOWN_RULE.id, "silence", each.position, {"rule": each.rule, "close": close})
            )
        elif known.severity is Severity.ERROR:
            said.append(Finding(NOT_SILENCED.id, "silence", each.position, {"rule": each.rule}))
    return said


def unsilenced(said: Iterable[Finding], specs: Iterable[MailSpec]) -> tuple[Finding, ...]:
    """Findings of a whole set of specs without those that the spec they stand in silences."""
    silenced = {(each.file, entry.rule) for each in specs for entry in each.silence}
    return tuple(
        each
        for each in said
        if each.severity is Severity.ERROR
        or each.position is None
        or (each.position.file, each.rule) not in silenced
    )
