"""The catalog against the living DNS: what includes cost now, whether exchangers and keys are still there.

Pure: the look-up comes in as a function. What it finds is written as a change to the files, for review.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mailwright.catalog import Service
from mailwright.catalog.loading import files
from mailwright.model.names import absolute
from mailwright.model.text import Text
from mailwright.operations.catalog.writing import flow
from mailwright.standards import spf

EMPTY = Text("include:{name} has no SPF record any more", "include:{name} 已没有 SPF 记录")
COST = Text(
    "include:{name} costs {now}, the catalog says {before}", "include:{name} 现需 {now} 次，目录写 {before}"
)
NO_HOST = Text("the exchanger {name} has no address", "MX 主机 {name} 没有地址")
NO_KEY = Text("{name} holds no DKIM key", "{name} 处没有 DKIM 密钥")
SILENT = Text("{name} cannot be queried", "无法查询 {name}")
_UNKNOWN = Text("nothing", "未测量")
#: What keeps an include from being counted.
_EMPTY = frozenset({spf.Trouble.NO_RECORD, spf.Trouble.SEVERAL, spf.Trouble.INVALID})


@dataclass(frozen=True, slots=True)
class Now:
    """What was found of one service: words for the reader, and costs to write (include → look-ups, voids)."""

    service: str
    notes: tuple[Text, ...] = ()
    costs: Mapping[str, spf.Cost] = field(default_factory=dict)
    silent: tuple[str, ...] = ()


def measured(service: Service, lookup: spf.Lookup) -> Now:
    """Look at all that a service names by a whole name."""
    notes: list[Text] = []
    silent: list[str] = []
    costs: dict[str, spf.Cost] = {}
    for name in (cost for cost in service.spf_costs if "*" not in cost):
        tree = spf.budget("probe.invalid", f"v=spf1 include:{name} -all", lookup).children[0]
        if any(subtree.trouble in (spf.Trouble.UNANSWERED, spf.Trouble.CUT) for subtree in tree.walk()):
            silent.append(name)
        elif tree.trouble in _EMPTY:
            notes.append(EMPTY.using(name=name))
        else:
            costs[name] = spf.Cost(tree.lookups, tree.voids)
            before = service.spf_costs[name].lookups
            if before != tree.lookups:
                old_cost: object = _UNKNOWN if before is None else before
                notes.append(COST.using(name=name, now=tree.lookups, before=old_cost))
    for name, types, text in _names(service):
        try:
            if not any(lookup(absolute(name), type) for type in types):
                notes.append(text.using(name=name))
        except (spf.LookupFailed, OSError):
            silent.append(name)
    notes += [SILENT.using(name=name) for name in dict.fromkeys(silent)]
    return Now(service.id, tuple(dict.fromkeys(notes)), costs, tuple(silent))


def _names(service: Service) -> Iterator[tuple[str, tuple[str, ...], Text]]:
    """Exchangers and aliases of keys that stand in the catalog as they are."""
    for site in service.sites:
        for mx in site.mx:
            if "{" not in mx.host:
                yield mx.host, ("A", "AAAA"), NO_HOST
        for record in site.records:
            if "{" in record.value:
                continue
            if record.type == "MX":
                yield record.value.split()[-1], ("A", "AAAA"), NO_HOST
            elif record.type == "CNAME" and "_domainkey" in record.host:
                yield record.value, ("TXT",), NO_KEY


def changed(now: Now, day: dt.date, resolver: str) -> tuple[Path, str, str] | None:
    """The service's file before and after, with today's costs in it; None where nothing is to be written."""
    path = files()[now.service]
    before = path.read_text(encoding="utf-8")
    after = before
    key = f"measured-{day.isoformat()}"
    for name, cost in now.costs.items():
        value = {
            "lookups": cost.lookups,
            "void": cost.voids,
            "c": "R",
            "checked": day.isoformat(),
            "source": key,
        }
        line = re.compile(rf"^(  {re.escape(name)}: )\{{.*\}}$", re.MULTILINE)
        whole = re.compile(rf"(spf_costs: \{{{re.escape(name)}: )\{{[^}}]*\}}\}}")
        after = line.sub(lambda match, value=value: match[1] + flow(value), after)  # type: ignore[misc]
        after = whole.sub(lambda match, value=value: match[1] + flow(value) + "}", after)  # type: ignore[misc]
    if after == before:
        return None
    return path, before, _with_source(after, key, f"measured {day.isoformat()} at {resolver}")


def _with_source(text: str, key: str, locator: str) -> str:
    entry = f"{key}: {locator}"
    if re.search(r"^sources: \{", text, re.MULTILINE):
        return re.sub(r"^sources: \{", f"sources: {{{entry}, ", text, count=1, flags=re.MULTILINE)
    return re.sub(r"^sources:\n", f"sources:\n  {entry}\n", text, count=1, flags=re.MULTILINE)


def diff(path: Path, before: str, after: str) -> str:
    """The change as a patch."""
    name = f"mailwright/catalog/services/{path.name}"
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{name}", f"b/{name}", n=1
    )
    return "".join(lines)
