"""Values of others beside a planned policy record that look like one and are none to receivers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mailwright.model.finding import Finding
from mailwright.model.names import bare
from mailwright.model.readings import VERSIONED
from mailwright.model.records import PlannedRecord
from mailwright.model.text import Text
from mailwright.standards import beginnings


def alike(
    pair: tuple[str, str], values: Iterable[str], planned: Iterable[PlannedRecord]
) -> Iterator[tuple[str, Text]]:
    """(rule, message) of each foreign value at a set that was meant as a record of a planned family."""
    name, type = pair
    families = {record.family for record in planned if record.family in VERSIONED}
    here = tuple(values) if type == "TXT" else ()
    for family in sorted(families):
        yield from (_said(finding) for finding in beginnings.unread(family, here, bare(name)))


def _said(finding: Finding) -> tuple[str, Text]:
    return finding.rule, finding.definition.message.using(**finding.params)
