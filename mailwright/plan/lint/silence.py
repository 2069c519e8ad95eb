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
    en="There is no rule {rule}: nothing is silenced.",
    zh="没有 {rule} 这条规则：什么也没有屏蔽。",
    hint_en="Did you mean {close}? `mailwright check` names the rule of each finding.",
    hint_zh="是不是 {close}？`mailwright check` 会列出每条结果的规则编号。",
)
NOT_SILENCED = rule(
    "silence-of-an-error",
    Severity.WARNING,
    en="{rule} is an error; errors cannot be silenced.",
    zh="{rule} 是错误；错误不能屏蔽。",
    hint_en="Repair what it says and remove the line.",
    hint_zh="请按提示修复，并去掉此行。",
)


def findings(silenced: Iterable[Silence], rules: Callable[[], Mapping[str, Rule]]) -> list[Finding]:
    """What is wrong with the entries.

    ``rules`` gives every rule there is, also those of rooms that checking does not load; it is only called
    for one that is not known here.
    """
    listed_findings = []
    for silence in silenced:
        known = RULES.get(silence.rule) or rules().get(silence.rule)
        if known is None:
            close = (difflib.get_close_matches(silence.rule, RULES, 1, 0.0) or ["spf-size"])[0]
            listed_findings.append(
                Finding(UNKNOWN_RULE.id, "silence", silence.position, {"rule": silence.rule, "close": close})
            )
        elif known.severity is Severity.ERROR:
            listed_findings.append(
                Finding(NOT_SILENCED.id, "silence", silence.position, {"rule": silence.rule})
            )
    return listed_findings


def unsilenced(listed_findings: Iterable[Finding], specs: Iterable[MailSpec]) -> tuple[Finding, ...]:
    """Findings of a whole set of specs without those that the spec they stand in silences."""
    silenced = {(spec.file, entry.rule) for spec in specs for entry in spec.silence}
    return tuple(
        finding
        for finding in listed_findings
        if finding.severity is Severity.ERROR
        or finding.position is None
        or (finding.position.file, finding.rule) not in silenced
    )
