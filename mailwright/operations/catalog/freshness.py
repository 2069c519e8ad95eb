"""How old the catalog's values are: what nobody has looked at for long may not be so any more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailwright.catalog import Service, load_services
from mailwright.catalog.costs import RELIABLE_DAYS
from mailwright.model.text import Text

#: Days after which the weekly run warns and fails; what an SPF include costs changes sooner.
WARN, FAIL = 180, 365
_OLD = Text(
    "{path} was last checked on {day}, {days} days ago", "{path} 最近一次核对是 {day}，已过 {days} 天"
)
_VAGUE = Text("{path}: its evidence cannot be opened any more", "{path}：依据已无法打开核对")


@dataclass(frozen=True, slots=True)
class Stale:
    """A value that somebody should look at; ``fails`` where it is too old to be relied on."""

    service: str
    text: Text
    fails: bool


def stale(day: dt.date, services: Iterable[Service] | None = None) -> Iterator[Stale]:
    """Every value that is too old on a day, and those whose source cannot be opened."""
    for service in load_services().values() if services is None else services:
        for path, evidence in service.evidence.items():
            days = (day - evidence.checked).days
            limit = RELIABLE_DAYS if path.startswith("spf_costs.") else FAIL
            if days > min(WARN, limit):
                text = _OLD.using(path=path, day=evidence.checked.isoformat(), days=days)
                yield Stale(service.id, text, days > limit)
            if all(service.sources[key].startswith("gathered ") for key in evidence.sources):
                yield Stale(service.id, _VAGUE.using(path=path), False)
