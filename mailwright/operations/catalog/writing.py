"""A service's file as text: one value a line, so that a review shows what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

#: The keys of a file, in the order in which a reader asks.
ORDER = (
    "kind", "names", "region", "note", "end_of_life", "dmarc", "subdomain_only", "no_records",
    "site_required", "inputs", "sites", "dkim", "return_path", "spf_costs", "client", "console", "limits",
    "capabilities", "recognise", "sources",
)  # fmt: skip
_WIDTH = 118


def text(data: Mapping[str, Any]) -> str:
    """The whole file."""
    keys = [key for key in ORDER if key in data] + [key for key in data if key not in ORDER]
    return "\n".join(line for key in keys for line in _entry(key, data[key], 0)) + "\n"


def flow(value: Any) -> str:
    """A value in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {flow(child)}" for key, child in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    return _scalar(value)


def _scalar(value: object) -> str:
    """As YAML reads it back inside brackets; a day stays a day's text."""
    dumped = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=10**9)
    return dumped.strip()[1:-1]


def _entry(key: str, value: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    short = f"{pad}{_scalar(key)}: {flow(value)}"
    small = len(short) <= _WIDTH
    scalar = not isinstance(value, (Mapping, list, tuple))
    if scalar or (small and not _holds_parts(value)) or (_is_leaf(value) and depth):
        yield short
    elif isinstance(value, Mapping):
        yield f"{pad}{_scalar(key)}:"
        for name, child in value.items():
            yield from _entry(name, child, depth + 1)
    else:
        yield f"{pad}{_scalar(key)}:"
        for child in value:
            yield from _item(child, depth + 1)


def _item(value: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if (
        _is_leaf(value)
        or not isinstance(value, Mapping)
        or (all(map(_is_leaf, value.values())) and "id" not in value)
    ):
        yield f"{pad}- {flow(value)}"
        return
    lines = [line for key, child in value.items() for line in _entry(key, child, depth + 1)]
    yield f"{pad}- {lines[0].lstrip()}"
    yield from lines[1:]


def _is_leaf(value: Any) -> bool:
    """A scalar, or something made of scalars alone."""
    if isinstance(value, Mapping):
        return (
            all(not isinstance(child, (Mapping, list, tuple)) for child in value.values()) and len(value) > 0
        )
    if isinstance(value, (list, tuple)):
        return all(not isinstance(child, (Mapping, list, tuple)) for child in value)
    return True


def _holds_parts(value: Any) -> bool:
    """Lists of records and tables of values stand below each other, however short they are."""
    parts = (
        value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else ()
    )
    return any("checked" in part for part in parts if isinstance(part, Mapping))
