"""The next step as a change of the spec's own lines, which is reviewed like any other."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from mailwright.model.consent import proposed
from mailwright.model.finding import Finding, has_errors
from mailwright.model.names import absolute
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
    before = plan(spec, day).findings
    after = (*result.findings, *(plan(result.spec, day).findings if result.spec else ()))
    known = {finding.rule for finding in before if has_errors([finding])}
    errors = tuple(finding for finding in after if has_errors([finding]) and finding.rule not in known)
    if result.spec and _record(result.spec, day) == _record(spec, day):  # as_found keeps it as it was
        errors += tuple(finding for finding in after if finding.rule == KEPT)
        return Proposal("", errors)
    return Proposal(unified(source, text, Path(spec.file).as_posix().lstrip("/")), errors)


def _record(spec: MailSpec, day: dt.date) -> tuple[str, ...]:
    """The planned policy."""
    name = absolute("_dmarc", spec.domain)
    return tuple(
        value for record in plan(spec, day).records if record.name == name for value in record.values
    )
