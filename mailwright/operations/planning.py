"""From spec files to plans, with everything there is to say about both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mailwright.model.finding import Finding
from mailwright.model.plan import Plan
from mailwright.model.rules import Rule
from mailwright.operations.processes import spread
from mailwright.plan.lint.consents import findings as consent_findings
from mailwright.plan.lint.reports import settled
from mailwright.plan.lint.silence import findings as silence_findings
from mailwright.plan.lint.silence import unsilenced
from mailwright.plan.plan import plans
from mailwright.spec.loading import SpecResult, claimed, find_specs, load
from mailwright.spec.model import MailSpec


@dataclass(frozen=True, slots=True)
class Planned:
    """The plans of several specs; a spec with errors has none. ``sources`` are the texts by file."""

    plans: tuple[tuple[MailSpec, Plan], ...]
    findings: tuple[Finding, ...]
    sources: dict[str, str]


def planned(paths: Sequence[Path], as_of: dt.date | None) -> Planned:
    """Read and plan; ``as_of`` None means today in each spec's own timezone."""
    pairs: list[tuple[MailSpec, Plan]] = []
    findings: list[Finding] = []
    sources: dict[str, str] = {}
    now = dt.datetime.now(dt.UTC)

    def each_alone(files: Sequence[Path], _: int) -> list[_Alone]:
        return [_alone(load(file), as_of, now) for file in files]

    alone = spread(each_alone, [spec for path in paths for spec in find_specs(path)])
    results = claimed(file_result.result for file_result in alone)
    for result, (_, planned_) in zip(results, alone, strict=True):
        findings += result.findings
        sources[result.file] = result.source
        if result.spec is None:
            continue
        day = as_of or result.spec.today(now)
        findings += consent_findings(result.spec.allow, day)
        findings += silence_findings(result.spec.silence, _every_rule)
        for plan in planned_:
            pairs.append((result.spec, plan))
            findings += plan.findings
    specs = [spec for spec, _ in pairs]
    return Planned(tuple(pairs), unsilenced(settled(findings, specs), specs), sources)


class _Alone(NamedTuple):
    """A spec as it is without the others: what other specs claim is not seen yet."""

    result: SpecResult
    plans: tuple[Plan, ...]


def _alone(result: SpecResult, as_of: dt.date | None, now: dt.datetime) -> _Alone:
    spec = result.spec
    return _Alone(result, tuple(plans(spec, as_of or spec.today(now))) if spec else ())


def _every_rule() -> Mapping[str, Rule]:
    """Those of verify and drift too, which checking does not load."""
    from mailwright.report.docs.rules import all_rules

    return all_rules()
