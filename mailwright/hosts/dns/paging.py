"""Pages of a listing, counted: read whole, or nothing is concluded from them.

Somebody who writes between two pages moves what the next one has: what was added in front is read twice,
and where something went, another is not read at all. A zone read without its SPF would get a second one.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailwright.hosts.dns import api_said as said
from mailwright.hosts.dns.base import HostError
from mailwright.model.names import bare


class Tally:
    """What the pages of one reading gave so far; ``where`` is the host's name for people."""

    def __init__(self, where: str, zone: str) -> None:
        self._where, self._zone = where, zone
        self._ids: list[str] = []
        self._total: int | None = None

    def __len__(self) -> int:
        return len(self._ids)

    def take(self, ids: Sequence[str], total: int | None = None, *, more: bool | None = None) -> bool:
        """Count one page, by what is its items' own; whether there is another.

        ``total``: how many the host says there are; ``more``: whether it says that there is another page.
        Without either there is one as long as pages are not empty. Raises HostError where the zone was
        written to meanwhile, or has more than the host gave.
        """
        moved = bool(self._ids) and total != self._total
        self._ids += ids
        self._total = total
        goes_on = more
        if goes_on is None:
            goes_on = bool(ids) and (total is None or len(self) < total)
        short = total is not None and not goes_on and len(self) < total
        if moved or short or len(set(self._ids)) < len(self):
            counts = {"found": len(set(self._ids)), "total": "?" if total is None else total}
            raise HostError(said.INCOMPLETE, where=self._where, zone=bare(self._zone), **counts)
        return goes_on
