"""Whether what SPF includes cost was measured lately enough for the plan's verdict to be relied on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from mailwright.catalog.costs import RELIABLE_DAYS
from mailwright.model.families import Family
from mailwright.model.finding import Finding, found
from mailwright.model.names import bare
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.plan.judging import snapshot_tree
from mailwright.standards import spf

COST_OLD = rule(
    "spf-cost-old",
    Severity.INFO,
    en="The SPF record of {domain} needs {cost} of 10 look-ups by measurements that are older than {days} "
    "days: {terms}. It may need more today.",
    zh="按超过 {days} 天之前的测量，{domain} 的 SPF 需要 10 次查询中的 {cost} 次：{terms}。如今可能更多。",
    hint_en="Measure it now: `mailwright check --online SPEC`.",
    hint_zh="请立即测量：`mailwright check --online 规格文件`。",
    reference="RFC 7208 §4.6.4",
)
#: Look-ups from which on little growth of an include is enough to break the record.
_NEAR = 8


def findings(records: Iterable[PlannedRecord], today: dt.date) -> Iterator[Finding]:
    """SPF records within the limit, but near it, by measurements that may not hold any more."""
    oldest = today - dt.timedelta(days=RELIABLE_DAYS)
    for record in records:
        for text in record.values if (record.type, record.family) == ("TXT", Family.SPF) else ():
            try:
                tree = snapshot_tree(record.name, text)
            except spf.SpfError:  # said elsewhere
                continue
            dated = [child for child in tree.children if child.checked and child.checked < oldest]
            alone = sum(child.lookups > 0 for child in tree.children) == 1
            if dated and not alone and _NEAR <= tree.lookups <= spf.MAX_LOOKUPS:
                yield found(
                    COST_OLD,
                    position=record.position,
                    domain=bare(record.name),
                    cost=tree.lookups,
                    days=RELIABLE_DAYS,
                    terms=", ".join(
                        f"{subtree.term} {subtree.lookups} ({subtree.checked})" for subtree in dated
                    ),
                )
