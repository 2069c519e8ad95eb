"""A host that keeps sets, by its declared form: read, and written whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mailwright.hosts.dns import api_said as said
from mailwright.hosts.dns import presentation
from mailwright.hosts.dns.accounts import FormAccounts
from mailwright.hosts.dns.api import ApiHost, Unclear
from mailwright.hosts.dns.base import DnsClient, HostError
from mailwright.hosts.dns.entries import Entry, Listing, SetWrite
from mailwright.hosts.dns.forms import Sent, SetForm, SetTexts
from mailwright.hosts.dns.http import Http
from mailwright.hosts.dns.records import strange
from mailwright.hosts.dns.rest import Rest
from mailwright.hosts.dns.service import Target
from mailwright.hosts.dns.shapes import Batch, SetWise
from mailwright.model.names import absolute, bare, relative


class SetAccounts(FormAccounts[SetForm]):
    """Every account of a run at a host of this form."""

    def host(self, target: Target, http: Http, credential: tuple[str, ...]) -> DnsClient:  # noqa: ARG002
        """One zone."""
        api = SetApi(target.zone, http, self.form, target.options)
        shape = SetWise(atomic=self.form.batch)
        return ApiHost(target.zone, api, shape, limits=target.service.stores.limits)


class SetApi:
    """One zone; keeps ``ZoneApi``. ``options`` of the spec may stand in paths."""

    def __init__(self, zone: str, http: Http, form: SetForm, options: Mapping[str, object]) -> None:
        self.zone = zone
        self.where = http.where
        self._form = form
        self._rest = Rest(zone, http, options)

    async def listing(self, only: tuple[str, str] | None = None) -> Listing:  # noqa: ARG002
        """Every set, page by page."""
        items = await self._rest.every(self._rest.path(self._form.listing), self._form.pages)
        try:
            return Listing(self.zone, tuple(entry for item in items for entry in self._entries(item)))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise HostError(said.UNREADABLE, where=self.where, status=200) from None

    async def send(self, call: Batch) -> None:
        """Every set of the call. Of several requests nobody knows what stands once a later one failed."""
        requests = self._form.writes(tuple(self._texts(write) for write in call.writes))
        for number, request in enumerate(requests):
            try:
                await self._send(request)
            except HostError as error:
                if not number:
                    raise
                raise Unclear(error.text) from None

    async def _send(self, request: Sent) -> None:
        path = self._rest.path(request.path, **(request.parts or {}))
        await self._rest.write(request.method, path, request.body, request.headers)

    def _texts(self, write: SetWrite) -> SetTexts:
        change = write.change
        own = relative(change.name, self.zone)
        before = write.before[0].raw["set"] if write.before else None
        ttl = write.after[0].ttl if write.after else change.ttl
        values = tuple(self._text(entry) for entry in write.after)
        name = self._form.apex if own == "@" else own
        return SetTexts(name, change.name, change.type, ttl, values, before)

    @staticmethod
    def _text(entry: Entry) -> str:
        """A value that stays goes back as it is stored."""
        if entry.raw:
            return str(entry.raw["text"])
        return presentation.written(entry.name, entry.type, entry.value)

    def _entries(self, item: Mapping[str, Any]) -> Iterator[Entry]:
        form = self._form
        type = str(item[form.type])
        name = presentation.owner(absolute(str(item[form.name]), self.zone))
        known = (form.name, form.type, form.ttl, form.values, *form.known)
        unknown = strange(f"{bare(name)} {type}", item, known)
        for text in map(str, item[form.values]):
            value, odd = presentation.told(name, type, presentation.rooted(type, text, self.zone))
            raw = {"text": text, "set": item}
            yield Entry(name, type, int(item[form.ttl]), value, "", raw, odd=unknown or odd)
