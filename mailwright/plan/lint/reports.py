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
    en="DMARC reports of {domain} go to {destination}, whose spec {file} does not accept them: "
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
    owners = {spec.domain: spec for spec in specs}
    kept: list[Finding] = []
    for finding in findings:
        owner = _owner(finding, owners) if finding.rule == REPORT_UNAUTHORISED.id else None
        if owner is None:
            kept.append(finding)
        elif str(finding.params["domain"]) not in owner.extra.reports_from:
            params = {
                "domain": str(finding.params["domain"]),
                "destination": owner.domain,
                "file": owner.file,
            }
            kept.append(Finding(NOT_LET_IN.id, finding.path, finding.position, params))
    return tuple(dict.fromkeys(kept))


def _owner(finding: Finding, owners: Mapping[str, MailSpec]) -> MailSpec | None:
    destination = str(finding.params["address"]).rpartition("@")[2].lower()
    # The record stands at _report._dmarc of the very destination: a spec above it does not plan it.
    return owners.get(destination)
