"""Records of a domain that was taken over: they stay as found until their line leaves the spec."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mailwright.model.families import WHOLE, Family, family_of, meant
from mailwright.model.finding import Finding, found
from mailwright.model.names import bare
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.judging import placed, verdict
from mailwright.spec.found import AsFound
from mailwright.spec.model import MailSpec
from mailwright.standards import spf

KEPT = rule(
    "kept-as-found",
    Severity.WARNING,
    en="{name} {type} stays as it was found ({live}); the rest of the spec asks for {planned}.",
    zh="{name} {type} 保持接管时的原样（{live}）；规格的其余部分要求的是 {planned}。",
    hint_en="When that is what you want, remove this line from as_found: `mailwright plan` shows the change.",
    hint_zh="如果需要后者，请从 as_found 中删除此行；mailwright plan 会显示变化。",
)
NONE = Text("nothing", "无记录")


def apply(
    records: Sequence[PlannedRecord], spec: MailSpec, ttl: int
) -> tuple[list[PlannedRecord], list[PlannedRecord], list[Finding]]:
    """The plan's records with what ``as_found`` keeps in their place, and those of delegated names apart.

    ``ttl`` is the spec's, in seconds.
    """
    all_records, below, findings = list(records), list[PlannedRecord](), list[Finding]()
    for as_found in spec.as_found:
        here = [
            planned
            for planned in all_records
            if (planned.name, planned.type) == (as_found.name, as_found.type)
        ]
        others = [planned for planned in all_records if planned not in here]
        kept = list(_kept(here, as_found, ttl))
        findings += placed(_differing(here, kept, as_found), as_found.path, as_found.position)
        if as_found.elsewhere:
            all_records, below = others, [*below, *kept]
        else:
            all_records = [*others, *kept]
    return all_records, below, findings


def _kept(here: Sequence[PlannedRecord], as_found: AsFound, ttl: int) -> Iterator[PlannedRecord]:
    ttl = as_found.ttl if as_found.ttl is not None else ttl
    if as_found.absent:
        yield from (replace(planned, ttl=ttl) for planned in here if planned.family not in WHOLE)
        return
    by_family: dict[Family, list[str]] = {}
    for value in as_found.values:
        by_family.setdefault(family_of(as_found.name, as_found.type, value), []).append(value)
    for planned in here:
        if planned.family not in by_family or planned.family not in WHOLE:
            yield replace(planned, ttl=ttl)
    for family, found_values in by_family.items():
        values = found_values
        planned_values = [v for planned in here if planned.family is family for v in planned.values]
        if family is Family.SPF and not as_found.exact:
            values = [_widened(values, planned_values)] if len(values) == 1 else values
        elif family not in WHOLE:
            values = list(dict.fromkeys((*planned_values, *values)))
        why = Text("as found when the domain was taken over", "接管域名时的原样")
        yield PlannedRecord(as_found.name, as_found.type, ttl, tuple(values), family, why, as_found.position)


def _widened(values: Sequence[str], planned: Sequence[str]) -> str:
    """The record as found with what the plan lets through beside it: a new sender is never left out."""
    try:
        record = spf.parse(values[0])
        whole = record
        for text in planned:
            whole = spf.union(spf.parse(text), whole)
    except spf.SpfError:
        return values[0]
    return values[0] if whole == record else str(whole)


def _differing(
    here: Sequence[PlannedRecord], kept: Sequence[PlannedRecord], as_found: AsFound
) -> Iterator[Finding]:
    """What the line hides, and what is wrong with it: it stood there before, so that stops nothing."""
    before, after = _values(here), _values(kept)
    if before != after:
        name, live, planned_values = bare(as_found.name), _shown(after), _shown(before)
        finding = found(KEPT, name=name, type=as_found.type, live=live, planned=planned_values)
        # A record beside the plan's own hides nothing.
        yield finding if before else replace(finding, severity_override=Severity.INFO)
    for planned in kept:
        if planned.position is as_found.position:
            for family in {meant(planned.name, planned.type, value) for value in planned.values}:
                yield from verdict(planned.name, planned.type, family, planned.values)


def lowered(findings: Iterable[Finding], spec: MailSpec) -> list[Finding]:
    """What is wrong with a record that stands there already stops nothing: errors become warnings."""
    places = {as_found.position: as_found.path for as_found in spec.as_found}
    lowered_findings: list[Finding] = []
    for finding in findings:
        path = places.get(finding.position)
        if path is None or finding.position is None:
            lowered_findings.append(finding)
            continue
        severity = Severity.WARNING if finding.severity is Severity.ERROR else finding.severity
        lowered_findings.append(replace(finding, path=finding.path or path, severity_override=severity))
    return list(
        {
            (lowered_finding.rule, lowered_finding.path, lowered_finding.message()): lowered_finding
            for lowered_finding in lowered_findings
        }.values()
    )


def _values(records: Iterable[PlannedRecord]) -> list[str]:
    return sorted(value for record in records if record.family in WHOLE for value in record.values)


def _shown(values: Sequence[str]) -> Text:
    if not values:
        return NONE
    text = ", ".join(value if len(value) <= 80 else value[:77] + "…" for value in values)
    return Text("{text}", "{text}", {"text": text})
