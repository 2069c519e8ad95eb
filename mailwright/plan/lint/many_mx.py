"""``mx`` of an SPF record against the exchangers that the same plan publishes (RFC 7208 §4.6.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from mailwright.model.families import Family
from mailwright.model.finding import Finding, found
from mailwright.model.names import absolute, bare
from mailwright.model.records import PlannedRecord
from mailwright.standards import spf
from mailwright.standards.spf import problems, rules
from mailwright.standards.spf.record import MAX_MX


def findings(records: Iterable[PlannedRecord]) -> Iterator[Finding]:
    """One for each term whose exchangers are planned and more than ten: a permerror for every sender."""
    exchangers: dict[str, set[str]] = defaultdict(set)
    records = tuple(records)
    for record in records:
        if record.type == "MX":
            exchangers[record.name].update(record.values)
    many = {name for name, values in exchangers.items() if len(values) > MAX_MX}
    for record in records if many else ():
        if record.family is Family.SPF and record.type == "TXT":
            yield from _of_record(record, many)


def _of_record(record: PlannedRecord, many: Collection[str]) -> Iterator[Finding]:
    for text in record.values:
        try:
            terms = spf.parse(text).mechanisms
        except spf.SpfError:
            continue  # said elsewhere
        for term in terms:
            name = absolute(term.domain) if term.domain else record.name
            if term.name == "mx" and name in many:
                yield found(
                    rules.MANY_MX,
                    position=record.position,
                    term=str(term),
                    name=bare(name),
                    domain=bare(record.name),
                    reason=problems.TOO_MANY_MX.using(name=bare(name), most=MAX_MX),
                )
