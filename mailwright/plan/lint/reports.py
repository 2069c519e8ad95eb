"""Reports that go to another domain of ours: that domain's spec lets them in (RFC 9990 §3). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mailwright.model.finding import Finding
from mailwright.model.rules import Severity, rule
from mailwright.plan.records.authentication import REPORT_UNAUTHORISED
from mailwright.spec.model import MailSpec

NOT_LET_IN = rule(
    "report-not-let-in",
    Severity.WARNING,
    en="DMARC reports of {domain} go to {destination}, whose spec {file} does not let them in: "
    "nobody sends them.",
    zh="{domain} 的 DMARC 报告发往 {destination}，但其规格 {file} 没有声明接收：报告不会发出。",
    hint_en="Write reports_from: [{domain}] in {file}.",
    hint_zh="请在 {file} 中写 reports_from: [{domain}]。",
    reference="RFC 9990 §3",
)


def settled(findings: Iterable[Finding], specs: Sequence[MailSpec]) -> tuple[Finding, ...]:
    """The findings of a whole spec set: where the destination's spec is in it, that one is asked.

    A single spec cannot see the other zone, so its plan demands the record there.
    """
    owners = {each.domain: each for each in specs}
    kept: list[Finding] = []
    for each in findings:
        owner = _owner(each, owners) if each.rule == REPORT_UNAUTHORISED.id else None
        if owner is None:
            kept.append(each)
        elif str(each.params["domain"]) not in owner.extra.reports_from:
            params = {"domain": str(each.params["domain"]), "destination": owner.domain, "file": owner.file}
            kept.append(Finding(NOT_LET_IN.id, each.path, each.position, params))
    return tuple(dict.fromkeys(kept))


def _owner(finding: Finding, owners: Mapping[str, MailSpec]) -> MailSpec | None:
    destination = str(finding.params["address"]).rpartition("@")[2].lower()
    # The record stands at _report._dmarc of the very destination: a spec above it does not plan it.
    return owners.get(destination)
