"""Consents of a spec: a misspelt rule would consent to nothing, and nobody would notice."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable

from mailwright.model.consent import Consent
from mailwright.model.finding import Finding
from mailwright.model.rules import Severity, rule
from mailwright.plan.transition.gate_rules import CONSENTABLE

UNKNOWN_RULE = rule(
    "allow-unknown-rule",
    Severity.ERROR,
    en="{rule} is not a rule that can be allowed.",
    zh="{rule} 不是可以放行的规则。",
    hint_en="Did you mean {close}? Rules: {rules}.",
    hint_zh="是不是 {close}？可放行的规则：{rules}。",
)
EXPIRED = rule(
    "allow-run-out",
    Severity.INFO,
    en="The consent to {rule} ran out on {until}.",
    zh="对 {rule} 的同意已于 {until} 到期。",
    hint_en="Remove the line, or give it a new date if the change is still to come.",
    hint_zh="可删除此行；若变更尚未进行，请更新日期。",
)


def findings(consents: Iterable[Consent], day: dt.date) -> list[Finding]:
    """What is wrong with the ``allow:`` entries on ``day``."""
    known = [consentable_rule.id for consentable_rule in CONSENTABLE]
    listed_findings = []
    for consent in consents:
        if consent.rule not in known:
            close = (difflib.get_close_matches(consent.rule, known, 1, 0.0) or known)[0]
            listed = ", ".join(known)
            named: dict[str, object] = {"rule": consent.rule, "close": close, "rules": listed}
            listed_findings.append(Finding(UNKNOWN_RULE.id, "allow", consent.position, named))
        elif not consent.holds(day):
            shown: dict[str, object] = {"rule": consent.rule, "until": str(consent.until)}
            listed_findings.append(Finding(EXPIRED.id, "allow", consent.position, shown))
    return listed_findings
