"""Names that were captured and that the catalog does not know, by how often they were seen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailwright.catalog import RECEIVING, SENDING, index
from mailwright.catalog.loading import gateways
from mailwright.catalog.marks import shows

_LINE = re.compile(
    r"(?:(\d+)[\s,;]+)?(?:(mx|spf)[\s,;:]+)?([A-Za-z0-9_.%{}-]+)(?:[\s,;]+(\d+))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Gaps:
    """How many of the names are known, and the others with their count, the most common first."""

    known: int
    total: int
    unknown: tuple[tuple[str, str, int], ...]  # kind ("mx", "spf" or ""), name, count


def gaps(lines: Iterable[str]) -> Gaps:
    """Of a list with a name a line: ``mx NAME``, ``spf NAME`` or ``NAME``, a count before or after it."""
    known, total = 0, 0
    unknown: Counter[tuple[str, str]] = Counter()
    for kind, name, count in _read(lines):
        total += count
        if named(kind, name):
            known += count
        else:
            unknown[kind, name] += count
    most = sorted(unknown.items(), key=lambda pair: (-pair[1], pair[0]))
    return Gaps(known, total, tuple((kind, name, count) for (kind, name), count in most))


def named(kind: str, name: str) -> tuple[str, ...]:
    """Ids of the services and filters that a captured name alone shows; ``kind`` "" tries both."""
    kinds = (kind,) if kind else ("mx", "spf")
    ids = [
        id
        for mark_kind in kinds
        for id in index.marks(mark_kind, (*RECEIVING, *SENDING)).named(name)
        if not index.entries()[id].recognise.get("needs")
    ]
    if not ids:
        ids = [
            str(gateway["id"])
            for gateway in gateways()
            if any(shows(name, mark) for mark_kind in kinds for mark in gateway.get(mark_kind, ()))
        ]
    return tuple(dict.fromkeys(ids))


def _read(lines: Iterable[str]) -> Iterator[tuple[str, str, int]]:
    for line in lines:
        match = _LINE.fullmatch(line.partition("#")[0].strip())
        if match:
            count = int(match[1] or match[4] or 1)
            yield (match[2] or "").lower(), match[3].lower().rstrip("."), count
