"""GoDaddy (API v1): one set replaced a call.

Written against developer.godaddy.com/doc/endpoint/domains (recordGet, recordReplaceTypeName,
recordDeleteTypeName, as known on 2026-11-30): ``PUT /v1/domains/DOMAIN/records/TYPE/NAME`` replaces one set,
sixty calls a minute, TTL from 600. The path without NAME would replace every set of the type, and v3 has been
seen to replace the zone (github.com/godaddy/cli/issues/136): neither is ever called. SRV is not written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from mailwright.hosts.dns import api_said as said
from mailwright.hosts.dns import fields
from mailwright.hosts.dns.accounts import HttpAccounts
from mailwright.hosts.dns.api import ApiHost
from mailwright.hosts.dns.base import Denied, DnsClient, HostError
from mailwright.hosts.dns.entries import Entry, Listing, SetWrite
from mailwright.hosts.dns.http import Answer, Http, Request
from mailwright.hosts.dns.service import Target
from mailwright.hosts.dns.shapes import Batch, SetWise
from mailwright.model.names import absolute, bare, relative
from mailwright.model.text import Text

_PAGE = 500
_FIELDS = ("data", "name", "port", "priority", "protocol", "service", "ttl", "type", "weight")

NOT_FOR_THIS_ACCOUNT = Text(
    "{where} knows the key and refuses ({words}). Only accounts with ten or more domains, or with the plan "
    "Discount Domain Club Premium, may use this API; others have service: manual with console: godaddy",
    "{where} 认得此密钥但拒绝（{words}）。只有拥有十个以上域名、或订有 Discount Domain Club Premium 的账户"
    "才能使用此 API；其他账户请用 service: manual 和 console: godaddy",
)


class GodaddyAccounts(HttpAccounts):
    """Every account of a run."""

    calls, seconds = 60, 60.0

    def signer(self, host: str, *credential: str) -> Callable[[Request], Mapping[str, str]]:  # noqa: ARG002
        """Key and secret, in a header."""
        pair = ":".join(credential)
        return lambda _request: {"Authorization": f"sso-key {pair}"}

    def host(self, target: Target, http: Http, credential: tuple[str, ...]) -> DnsClient:  # noqa: ARG002
        """One domain."""
        limits = target.service.stores.limits
        return ApiHost(target.zone, GodaddyApi(target.zone, http), SetWise(atomic=False), limits=limits)


class GodaddyApi:
    """One domain; keeps ``ZoneApi``."""

    def __init__(self, zone: str, http: Http) -> None:
        self.zone = zone
        self.where = http.where
        self._http = http
        self._path = f"/v1/domains/{quote(bare(zone), safe='')}/records"

    async def listing(self, only: tuple[str, str] | None = None) -> Listing:
        """Every record in one answer, or one set of them.

        Pages are counted in a way that nobody has tried, so a zone that fills one is refused.
        """
        path = self._set_path(*only) if only else self._path
        answer = await self._http.ask(Request("GET", path, {"limit": str(_PAGE)}))
        rows = self._read(answer)
        if not isinstance(rows, list):
            raise self._http.unreadable(answer)
        if len(rows) >= _PAGE:
            counts = {"found": len(rows), "total": "≥ 500", "zone": bare(self.zone)}
            raise HostError(said.INCOMPLETE, where=self.where, **counts)
        return Listing(self.zone, tuple(self._entry(row) for row in rows))

    async def send(self, call: Batch) -> None:
        """One set: replaced by all that it shall hold, or deleted where that is nothing."""
        (write,) = call.writes
        path = self._set_path(write.change.name, write.change.type)
        headers = {"Content-Type": "application/json"}
        body = (
            json.dumps([self._record(write, entry) for entry in write.after]).encode() if write.after else b""
        )
        method = "PUT" if write.after else "DELETE"
        request = Request(method, path, headers=headers, body=body, writes=True)
        self._read(await self._http.ask(request), writes=True)

    def _set_path(self, name: str, type: str) -> str:
        own = relative(name, self.zone)
        if not own or not type:  # the path without a name replaces every set of the type
            raise HostError(said.NO_ZONE, where=self.where, zone=bare(self.zone))
        return f"{self._path}/{type}/{quote(own, safe='')}"

    def _entry(self, record: Mapping[str, Any]) -> Entry:
        name, type = absolute(str(record["name"]), self.zone), str(record["type"])
        data = str(record["data"])
        target = bare(self.zone) if data == "@" and type in ("MX", "CNAME", "NS") else data
        value, odd = fields.told(name, type, target, record.get("priority"))
        unknown = sorted(set(record) - set(_FIELDS))
        if unknown:
            odd = said.UNKNOWN_FORM.using(value=f"{bare(name)} {type} ({', '.join(unknown)})")
        return Entry(name, type, int(record["ttl"]), value, raw=record, odd=odd)

    def _record(self, write: SetWrite, entry: Entry) -> dict[str, Any]:
        """A record that stays goes back field by field; the path says name and type."""
        if entry.raw:
            return {**entry.raw, "ttl": entry.ttl}
        written_fields = fields.written(entry.name, entry.type, entry.value)
        body: dict[str, Any] = {"data": written_fields.text, "ttl": entry.ttl}
        body |= {"name": relative(write.change.name, self.zone), "type": write.change.type}
        return body | (
            {"priority": written_fields.preference} if written_fields.preference is not None else {}
        )

    def _read(self, answer: Answer, *, writes: bool = False) -> Any:
        try:
            body = answer.json() if answer.body else None
        except ValueError:
            raise self._http.unreadable(answer, writes=writes) from None
        if answer.status in (200, 204):
            return body
        words = f"{body.get('code', '')} {body.get('message', '')}" if isinstance(body, dict) else ""
        if answer.status == 403:
            raise Denied(NOT_FOR_THIS_ACCOUNT, where=self.where, words=self._http.words(words))
        if answer.status == 404:
            raise HostError(said.NO_ZONE, where=self.where, zone=bare(self.zone))
        raise self._http.refused(answer.status, words)
