"""The table of documented behaviours, one row per host and question.

The rows are data: ``facts/HOST.yaml``.  Each names the page it was read from, the date of the page (or of the
reading where the page carries none) and at most fifteen words of it.  A question a host has no row for is
*silent*: the simulator then draws among the choices of :mod:`simulators.questions` and says so.

``seen_at`` is filled in where the vendor's page was read in a copy kept elsewhere.  ``HEARSAY`` lists what only
dealers and resellers say; it is never used as a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Value = str | int | bool | None | tuple[str, ...]

HOSTS = ("google", "microsoft", "tencent", "alibaba", "netease", "zoho", "feishu")

#: The date of a page that carries none.
READ = "undated; read 2026-11-30"

_FOLDER = Path(__file__).with_name("facts")


@dataclass(frozen=True)
class Fact:
    """One documented behaviour of one host."""

    host: str
    key: str
    value: Value
    statement: str
    page: str
    date: str
    quote: str
    seen_at: str = ""

    @property
    def id(self) -> str:
        """The behaviour id, ``host:key``."""
        return f"{self.host}:{self.key}"


class _Loader(yaml.SafeLoader):
    """Reads a file of facts; a key that stands twice is an error, because one answer would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Build one mapping."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, "a key stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _data(host: str) -> Mapping[str, Any]:
    """The file of one host."""
    text = (_FOLDER / f"{host}.yaml").read_text(encoding="utf-8")
    return dict(yaml.load(text, Loader=_Loader))


def _rows(host: str) -> Iterator[Fact]:
    """The documented behaviours of one host."""
    data = _data(host)
    for key, row in data["facts"].items():
        page, value = data["pages"][row["page"]], row["is"]
        given = tuple(value) if isinstance(value, list) else value
        date, seen = page.get("date", READ), page.get("seen_at", "")
        yield Fact(host, key, given, row["means"], page["address"], date, row["quote"], seen)


TABLE: tuple[Fact, ...] = tuple(fact for host in HOSTS for fact in _rows(host))

FACTS: dict[str, Fact] = {fact.id: fact for fact in TABLE}

# What only dealers say: (host, key, what is said, address).  Kept for the reader, never used as a value.
HEARSAY: tuple[tuple[str, str, str, str], ...] = tuple(
    (host, row["question"], row["says"], row["address"])
    for host in HOSTS
    for row in _data(host).get("hearsay", ())
)
