"""The next step as a change of the spec's own lines, which is reviewed like any other."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from mailwright.model.consent import proposed
from mailwright.model.finding import Finding, has_errors
from mailwright.model.names import absolute
from mailwright.model.plan import Plan
from mailwright.operations.dmarc.advising import Advice
from mailwright.operations.dmarc.spec_edit import unified, with_item, with_keys
from mailwright.plan.plan import plan
from mailwright.spec import loading
from mailwright.spec.model import MailSpec

WEAKER = "dmarc-weakened"
KEPT = "kept-as-found"


@dataclass(frozen=True, slots=True)
class Proposal:
    """``diff`` is empty where the lines cannot be changed alone; ``errors`` are of the changed spec."""

    diff: str
    errors: tuple[Finding, ...] = ()


def proposal(spec: MailSpec, source: str, advice: Advice, day: dt.date) -> Proposal:
    """The change of a spec's text that an advice asks for."""
    try:
        text = with_keys(source, "dmarc", advice.keys)
        if advice.back:
            why = f"back to {advice.target}"
            text = with_item(text, "allow", f"{{rule: {WEAKER}, until: {proposed(day)}, why: {why!r}}}")
    except ValueError:
        return Proposal("")
    result = loading.parse(text.encode(), spec.file)
    before, planned = plan(spec, day), plan(result.spec, day) if result.spec else None
    after = (*result.findings, *(planned.findings if planned else ()))
    known = {finding.rule for finding in before.findings if has_errors([finding])}
    errors = tuple(finding for finding in after if has_errors([finding]) and finding.rule not in known)
    if planned and _record(planned) == _record(before):  # as_found keeps it as it was
        errors += tuple(finding for finding in after if finding.rule == KEPT)
        return Proposal("", errors)
    return Proposal(unified(source, text, Path(spec.file).as_posix().lstrip("/")), errors)


def _record(planned: Plan) -> tuple[str, ...]:
    """The planned policy."""
    name = absolute("_dmarc", planned.domain)
    return tuple(value for record in planned.records if record.name == name for value in record.values)
