"""A host that keeps single records, by its declared form: read, added, changed in place, removed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from mailwright.hosts.dns import api_said as said
from mailwright.hosts.dns import fields
from mailwright.hosts.dns.accounts import FormAccounts
from mailwright.hosts.dns.api import ApiHost
from mailwright.hosts.dns.base import DnsClient, HostError
from mailwright.hosts.dns.entries import Entry, Listing
from mailwright.hosts.dns.forms import RecordForm
from mailwright.hosts.dns.http import Http
from mailwright.hosts.dns.rest import Rest
from mailwright.hosts.dns.service import Target
from mailwright.hosts.dns.shapes import OneValue, ValueWise
from mailwright.model.names import absolute, bare, relative
from mailwright.model.records import ObservedValue
from mailwright.model.text import Text

_NAMES = ("MX", "CNAME", "NS", "SRV")


class RecordAccounts(FormAccounts[RecordForm]):
    """Every account of a run at a host of this form."""

    def host(self, target: Target, http: Http, credential: tuple[str, ...]) -> DnsClient:  # noqa: ARG002
        """One zone."""
        api = RecordApi(target.zone, http, self.form, target.options)
        return ApiHost(target.zone, api, ValueWise(), limits=target.service.stores.limits)


class RecordApi:
    """One zone; keeps ``ZoneApi``. ``options`` of the spec may stand in paths."""

    def __init__(self, zone: str, http: Http, form: RecordForm, options: Mapping[str, object]) -> None:
        self.zone = zone
        self.where = http.where
        self._form = form
        self._rest = Rest(zone, http, options)

    async def listing(self, only: tuple[str, str] | None = None) -> Listing:  # noqa: ARG002
        """Every record, page by page."""
        records = await self._rest.every(await self._rest.path(self._form.listing), self._form.pages)
        try:
            return Listing(self.zone, tuple(self._entry(record) for record in records))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise HostError(said.UNREADABLE, where=self.where, status=200) from None

    async def send(self, call: OneValue) -> None:
        """One record."""
        if call.new is None:
            assert call.old is not None
            await self._rest.write("DELETE", await self._rest.path(self._form.one, id=call.old.id))
            return
        record = self._record(call, call.new)
        if call.old is None:
            await self._rest.write("POST", await self._rest.path(self._form.listing), record)
            return
        path = await self._rest.path(self._form.one, id=call.old.id)
        await self._rest.write(self._form.update, path, record)

    def _record(self, call: OneValue, value: ObservedValue) -> dict[str, Any]:
        form, change = self._form, call.change
        sent = fields.written(change.name, change.type, value)
        text = absolute(sent.text) if form.dotted and change.type in _NAMES else sent.text
        own = relative(change.name, self.zone)
        record: dict[str, Any] = {
            form.name: form.apex if own == "@" else own,
            form.type: change.type,
            form.value: text,
            form.ttl: call.ttl,
        }
        return record | ({form.preference: sent.preference} if sent.preference is not None else {})

    def _entry(self, record: Mapping[str, Any]) -> Entry:
        form = self._form
        type, text = str(record[form.type]), str(record[form.value])
        name = absolute(str(record[form.name]), self.zone)
        if text == "@" and type in _NAMES:
            text = self.zone
        value, odd = fields.told(name, type, text, int(record.get(form.preference) or 0))
        odd = self._unknown(name, type, record) or odd
        return Entry(name, type, int(record[form.ttl]), value, str(record[form.id]), record, odd=odd)

    def _unknown(self, name: str, type: str, record: Mapping[str, Any]) -> Text | None:
        """Why a record cannot be carried: it says something that nobody here knows."""
        form = self._form
        return strange(
            f"{bare(name)} {type}",
            record,
            (form.id, form.name, form.type, form.value, form.ttl, form.preference, *form.known),
        )


def strange(
    key: str,
    told: Mapping[str, Any],
    known: tuple[str, ...],
    idle: Mapping[str, tuple[Any, ...]] = MappingProxyType({}),
) -> Text | None:
    """What a host says of a record or a set beside what is known here; None where that is nothing.

    ``idle``: fields, and the values with which they say nothing.
    """
    more = sorted(
        field
        for field, value in told.items()
        if (value not in idle[field] if field in idle else value and field not in known)
    )
    return said.UNKNOWN_FORM.using(value=f"{key} ({', '.join(more)})") if more else None
