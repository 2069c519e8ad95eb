"""A host that keeps sets, by its declared form: read, and written whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mailwright.hosts.dns import api_said as said
from mailwright.hosts.dns import presentation
from mailwright.hosts.dns.accounts import FormAccounts
from mailwright.hosts.dns.api import ApiHost
from mailwright.hosts.dns.base import DnsClient, HostError
from mailwright.hosts.dns.entries import Entry, Listing, SetWrite
from mailwright.hosts.dns.forms import SetForm, SetTexts
from mailwright.hosts.dns.http import Http
from mailwright.hosts.dns.records import strange
from mailwright.hosts.dns.rest import Rest
from mailwright.hosts.dns.service import Target
from mailwright.hosts.dns.shapes import Batch, SetWise
from mailwright.model.names import absolute, bare, relative
from mailwright.model.records import ObservedValue
from mailwright.model.text import Text


class SetAccounts(FormAccounts[SetForm]):
    """Every account of a run at a host of this form."""

    def host(self, target: Target, http: Http, credential: tuple[str, ...]) -> DnsClient:  # noqa: ARG002
        """One zone."""
        api = SetApi(target.zone, http, self.form, target.options)
        guarded = target.service.stores.shape.guarded
        form = self.form
        shape = SetWise(atomic=form.batch, overwrites=not guarded, ttl_apart=form.ttl_apart)
        return ApiHost(target.zone, api, shape, limits=target.service.stores.limits)


class SetApi:
    """One zone; keeps ``ZoneApi``. ``options`` of the spec may stand in paths."""

    def __init__(self, zone: str, http: Http, form: SetForm, options: Mapping[str, object]) -> None:
        self.zone = zone
        self.where = http.where
        self._form = form
        self._rest = Rest(zone, http, options, form.lookup)

    async def listing(self, only: tuple[str, str] | None = None) -> Listing:  # noqa: ARG002
        """Every set, page by page."""
        form = self._form
        items = await self._rest.every(await self._rest.path(form.listing), form.pages, form.query)
        try:
            sets = [tuple(self._entries(item)) for item in items]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise HostError(said.UNREADABLE, where=self.where, status=200) from None
        return Listing(self.zone, tuple(_one_a_pair(sets)))

    async def send(self, call: Batch) -> None:
        """Every set of the call."""
        request = self._form.writes(tuple(self._texts(write) for write in call.writes))
        path = await self._rest.path(request.path, **(request.parts or {}))
        await self._rest.write(request.method, path, request.body, request.headers)

    def _texts(self, write: SetWrite) -> SetTexts:
        change = write.change
        own = relative(change.name, self.zone)
        before = write.before[0].raw["set"] if write.before else None
        ttl = write.after[0].ttl if write.after else change.ttl
        values = tuple(self._text(entry) for entry in write.after)
        name = self._form.apex if own == "@" else own
        ttl_only = not (change.added or change.removed)
        return SetTexts(name, change.name, change.type, ttl, ttl_only, values, before)

    @staticmethod
    def _text(entry: Entry) -> str:
        """A value that stays goes back as it is stored."""
        if entry.raw:
            return str(entry.raw["text"])
        return presentation.written(entry.name, entry.type, entry.value)

    def _entries(self, told: Mapping[str, Any]) -> Iterator[Entry]:
        form = self._form
        item = form.read(told) if form.read else told
        type = str(item[form.type])
        name = presentation.owner(absolute(str(item[form.name]), self.zone))
        line = _line(item, form)
        served, off = self._state(name, type, item)
        known = (form.name, form.type, form.ttl, form.values, form.line[0], form.served[0], *form.known)
        odd = None if line else off or strange(f"{bare(name)} {type}", item, known, form.idle)
        own_ttl = item.get(form.ttl)
        ttl = int(self._rest.found[form.zone_ttl] if own_ttl is None and form.zone_ttl else own_ttl or 0)
        if odd and not item.get(form.values):  # answered by something else than records: an alias, a policy
            yield Entry(name, type, ttl, ObservedValue(""), "", {"set": told}, served=False, odd=odd)
            return
        for record in item[form.values]:
            text = str(record[form.inside] if form.inside else record)
            value, unread = presentation.told(name, type, presentation.rooted(type, text, self.zone))
            raw = {"text": text, "set": told}
            unable = odd or (None if line else unread)
            yield Entry(name, type, ttl, value, "", raw, served and not line, unable, line if served else "")

    def _state(self, name: str, type: str, item: Mapping[str, Any]) -> tuple[bool, Text | None]:
        """Whether a set is answered, and why it cannot be touched where it is not."""
        field, values = self._form.served
        if not field or item.get(field) in values:
            return True, None
        if item.get(field) in self._form.going:
            return False, None
        return False, said.SWITCHED_OFF.using(value=f"{bare(name)} {type}")


def _line(item: Mapping[str, Any], form: SetForm) -> str:
    """The line that alone gets a set, '' where everybody does."""
    field, everybody = form.line
    line = str(item.get(field) or "") if field else ""
    return "" if line == everybody else line


def _one_a_pair(sets: Sequence[tuple[Entry, ...]]) -> Iterator[Entry]:
    """All entries; where several sets of one name and type are answered together, none of them is written."""
    pairs = Counter(entries[0].pair for entries in sets if entries and entries[0].served)
    for entry in (entry for entries in sets for entry in entries):
        several = entry.served and pairs[entry.pair] > 1
        odd = said.SEVERAL_SETS.using(value=f"{bare(entry.name)} {entry.type}") if several else None
        yield replace(entry, odd=odd) if odd else entry
