"""Filters that stand before a mail host: by which names they show themselves (``gateways.yaml``)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from mailwright.catalog.loading import gateways
from mailwright.catalog.marks import shows
from mailwright.model.text import Text

#: A filter that the catalog does not know.
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter; ``mx`` and ``spf`` are marks as in ``marks.py``. Nothing of it is ever put into a plan."""

    id: str
    names: Text
    mx: tuple[str, ...] = ()
    spf: tuple[str, ...] = ()

    def takes(self, exchanger: str) -> bool:
        """Whether an exchanger is one of this filter's."""
        return any(shows(exchanger, mark) for mark in self.mx)

    def sends(self, include: str) -> bool:
        """Whether an include of SPF is one of this filter's."""
        return any(shows(include, mark) for mark in self.spf)


@functools.cache
def filters() -> Mapping[str, Filter]:
    """All of the catalog, by id."""
    rows = (
        Filter(
            str(row["id"]),
            Text(row["names"]["en"], row["names"]["zh"]),
            tuple(row.get("mx", ())),
            tuple(row.get("spf", ())),
        )
        for row in gateways()
    )
    return {row.id: row for row in rows}


def filter_at(exchanger: str) -> Filter | None:
    """The filter that takes mail at an exchanger; None where the catalog knows none."""
    return next((row for row in filters().values() if row.takes(exchanger)), None)


def name_of(id: str) -> Text:
    """What a filter is called, also one that the catalog does not know."""
    known = filters().get(id)
    return known.names if known else _UNLISTED


_UNLISTED = Text("a filter that the catalog does not know", "目录中没有的过滤网关")
