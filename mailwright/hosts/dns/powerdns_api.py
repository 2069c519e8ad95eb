"""PowerDNS's own HTTP API: sets, replaced in one transaction.

The manual's ``docs/http-api/zone.rst`` and ``swagger/authoritative-api-swagger.yaml`` (PowerDNS/pdns at
12fed59 and 02c55fb, read 2026-12-01) have the calls, and that a ``REPLACE`` without comments leaves those.
That one ``PATCH`` is one transaction, whatever number of sets it names, neither says: it is tried on
pdns_server 4.7. There is no condition, so between our reading and our writing a second writer of the same set
is overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from mailwright.hosts.dns import api_said as said
from mailwright.hosts.dns import presentation
from mailwright.hosts.dns.accounts import HttpAccounts
from mailwright.hosts.dns.api import ApiHost
from mailwright.hosts.dns.base import DnsClient, HostError
from mailwright.hosts.dns.entries import Entry, Listing, SetWrite
from mailwright.hosts.dns.http import Answer, Http, Request
from mailwright.hosts.dns.service import Target
from mailwright.hosts.dns.shapes import Batch, SetWise
from mailwright.model.names import absolute, bare
from mailwright.model.text import Text

#: Kinds of zone that are copied from elsewhere: what is written here is lost or never served.
_COPIES = ("slave", "secondary", "consumer")
#: Kinds whose serial secondaries watch.
_PRIMARIES = ("master", "primary", "producer")

COPIED = Text(
    "{where} holds a copy of {zone} (kind {kind}): write to its primary server",
    "{where} 上的 {zone} 是副本（kind 为 {kind}）：请写入其主服务器",
)
NO_SERIAL = Text(
    "{where} does not raise the serial of {zone} when its API changes it, so secondary servers would keep "
    "the old records: `pdnsutil set-meta {zone} SOA-EDIT-API DEFAULT` first",
    "{where} 在通过 API 修改 {zone} 时不会增加序列号，辅助服务器会一直保留旧记录："
    "请先运行 `pdnsutil set-meta {zone} SOA-EDIT-API DEFAULT`",
)


class PowerDnsServers(HttpAccounts):
    """Every server of a run."""

    def signer(self, host: str, *credential: str) -> Callable[[Request], Mapping[str, str]]:  # noqa: ARG002
        """The key itself, in a header."""
        (key,) = credential
        return lambda _request: {"X-API-Key": key}

    def host(self, target: Target, http: Http, credential: tuple[str, ...]) -> DnsClient:  # noqa: ARG002
        """One zone."""
        api = PowerDnsApi(target.zone, http, str(target.options["server_id"]))
        return ApiHost(target.zone, api, SetWise(atomic=True))


class PowerDnsApi:
    """One zone on one PowerDNS; keeps ``ZoneApi``."""

    def __init__(self, zone: str, http: Http, server_id: str) -> None:
        self.zone = zone
        self.where = http.where
        self._http = http
        self._kind, self._raises_serial = "", True
        self._path = f"/api/v1/servers/{quote(server_id, safe='')}/zones/{quote(zone, safe='')}"

    async def listing(self, only: tuple[str, str] | None = None) -> Listing:  # noqa: ARG002
        """The whole zone in one answer; there is no paging."""
        answer = await self._http.ask(Request("GET", self._path))
        body = self._read(answer)
        try:
            kind, served = str(body["kind"]), absolute(str(body["name"]))
            entries = tuple(entry for rrset in body["rrsets"] for entry in _entries(rrset))
        except (KeyError, TypeError, ValueError):
            raise self._http.unreadable(answer) from None
        if served != self.zone:
            raise HostError(
                said.OTHER_ZONE,
                where=self.where,
                id=bare(self.zone),
                found=bare(served),
                zone=bare(self.zone),
            )
        self._kind, self._raises_serial = kind.lower(), bool(body.get("soa_edit_api"))
        return Listing(self.zone, _with_generated(entries))

    async def send(self, call: Batch) -> None:
        """Every set of the batch in one transaction."""
        self._require_primary()
        body = {"rrsets": [_rrset(write) for write in call.writes]}
        request = Request(
            "PATCH",
            self._path,
            headers={"Content-Type": "application/json"},
            body=json.dumps(body).encode(),
            writes=True,
        )
        self._read(await self._http.ask(request))

    def _require_primary(self) -> None:
        """Writing to a copy is lost, and a serial that stands still is seen by no secondary."""
        if self._kind in _COPIES:
            raise HostError(COPIED, where=self.where, zone=bare(self.zone), kind=self._kind)
        if self._kind in _PRIMARIES and not self._raises_serial:
            raise HostError(NO_SERIAL, where=self.where, zone=bare(self.zone))

    def _read(self, answer: Answer) -> Mapping[str, Any]:
        if answer.status == 204:
            return {}
        try:
            body = answer.json()
        except ValueError:
            body = {}
        words = body.get("error", "") if isinstance(body, dict) else ""
        if answer.status == 404 or "could not find domain" in str(words).lower():
            raise HostError(said.NO_ZONE, where=self.where, zone=bare(self.zone))
        if answer.status != 200:
            raise self._http.refused(answer.status, words)
        if not isinstance(body, dict):
            raise self._http.unreadable(answer)
        return body


def _entries(rrset: Mapping[str, Any]) -> list[Entry]:
    name, type, ttl = presentation.owner(str(rrset["name"])), str(rrset["type"]), int(rrset["ttl"])
    entries = []
    for record in rrset["records"]:
        content, disabled = str(record["content"]), bool(record.get("disabled"))
        value = presentation.read(name, type, content)
        # A set is written whole: what is switched off would come to life, or be lost.
        odd = said.SWITCHED_OFF.using(value=content[:60]) if disabled else None
        entries.append(Entry(name, type, ttl, value, raw=record, served=not disabled, odd=odd))
    return entries


def _with_generated(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """With what LUA records answer: they stand in for the type that their content begins with."""
    generated_entries = []
    for entry in entries:
        type, _, _ = str(entry.value.value).partition(" ")
        if entry.type == "LUA" and entry.served:
            odd = said.GENERATED.using(value=f"{entry.name} LUA")
            generated_entries.append(
                Entry(entry.name, type, entry.ttl, entry.value, raw=entry.raw, served=False, odd=odd)
            )
    return (*entries, *generated_entries)


def _rrset(write: SetWrite) -> dict[str, Any]:
    change = write.change
    rrset: dict[str, Any] = {"name": change.name, "type": change.type}
    if not write.after:
        return {**rrset, "changetype": "DELETE"}
    records = [_record(entry) for entry in write.after]
    return {**rrset, "changetype": "REPLACE", "ttl": change.ttl, "records": records}


def _record(entry: Entry) -> dict[str, Any]:
    if entry.raw:
        return {"content": entry.raw["content"], "disabled": False}
    return {"content": presentation.written(entry.name, entry.type, entry.value), "disabled": False}
