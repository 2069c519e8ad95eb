"""What has to be known of every service at once, so that none has to be read: kind, marks, SPF costs.

``index.json`` is made from the services' files (``python -m mailwright.catalog.index``). A file that it does
not know, or of another size, is read itself: a service is one file, and works without the index.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailwright.catalog import loading, reading
from mailwright.catalog.marks import Marks, table
from mailwright.catalog.service import SpfCost

FILE = Path(__file__).with_name("index.json")
_KEYS = ("kind", "recognise")


@dataclass(frozen=True, slots=True)
class Entry:
    """One service; ``recognise`` and ``costs`` as in ``Service``, ``places`` where its records may stand."""

    id: str
    kind: str
    recognise: Mapping[str, tuple[str, ...]]
    costs: Mapping[str, SpfCost]
    places: tuple[tuple[str, str], ...] = ()


@functools.cache
def entries() -> Mapping[str, Entry]:
    """All services, by id."""
    known: Mapping[str, Any] = json.loads(FILE.read_bytes()) if FILE.exists() else {}
    by_id = {}
    for id, path in loading.files().items():
        row = known.get(id)
        if row is None or path.parent != loading.SERVICES or row["size"] != path.stat().st_size:
            row = loading.content(path)
        by_id[id] = _entry(id, row)
    return by_id


def _entry(id: str, row: Mapping[str, Any]) -> Entry:
    recognise = {kind: tuple(listed_marks) for kind, listed_marks in row.get("recognise", {}).items()}
    known = row.get("places")
    pairs = [tuple(place.split(" ")) for place in known] if known is not None else reading.places(row)
    return Entry(id, row["kind"], recognise, dict(reading.costs(row)), tuple(pairs))


@functools.cache
def marks(kind: str, kinds: tuple[str, ...]) -> Marks:
    """The marks of a kind ("mx", "spf" …) of all services of these kinds."""
    return table({id: entry.recognise for id, entry in entries().items() if entry.kind in kinds}, kind)


def text() -> str:
    """What the index has to be for the package's files, a line a service."""
    rows = []
    for path in sorted(loading.SERVICES.glob("*.yaml")):
        data = loading.content(path)
        row = {"size": path.stat().st_size} | {key: data[key] for key in _KEYS if key in data}
        row["spf_costs"] = {
            name: {key: cost[key] for key in ("lookups", "void", "checked") if key in cost}
            for name, cost in data.get("spf_costs", {}).items()
        }
        row["places"] = [f"{host} {type}" for host, type in reading.places(data)]
        rows.append(f" {json.dumps(path.stem)}: {json.dumps(row, ensure_ascii=False)}")
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
