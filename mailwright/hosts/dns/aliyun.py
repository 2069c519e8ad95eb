"""Alibaba Cloud DNS (阿里云云解析, alidns 2015-01-09): single records, added, changed in place, removed.

Written against help.aliyun.com/zh/dns (API pages DescribeDomainRecords, AddDomainRecord, UpdateDomainRecord,
DeleteDomainRecord of 2025-12-03, as known on 2026-11-30): RPC parameters in the query, errors as ``Code`` and
``Message``, pages of at most 500, ``Line`` "default" is what everybody gets who has no line of his own,
``Priority`` of an MX from 1 to 50. There is no condition and no call for several records.
"""

from __future__ import annotations

import datetime as dt
import secrets as random
from collections.abc import Callable, Mapping
from typing import Any

from mailwright.hosts.dns import api_said as said
from mailwright.hosts.dns import fields
from mailwright.hosts.dns.accounts import HttpAccounts
from mailwright.hosts.dns.api import ApiHost
from mailwright.hosts.dns.base import Denied, DnsClient, HostError, Moved
from mailwright.hosts.dns.entries import Entry, Listing
from mailwright.hosts.dns.http import Answer, Http, Request
from mailwright.hosts.dns.paging import Tally
from mailwright.hosts.dns.service import Target
from mailwright.hosts.dns.shapes import OneValue, ValueWise
from mailwright.hosts.dns.signing import acs3, canonical_query, digest
from mailwright.model.names import absolute, bare, relative

VERSION = "2015-01-09"
#: The line that answers everybody.
DEFAULT_LINE = "default"
_PAGE = 500
_WRONG_CREDENTIAL = (
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "InvalidSecurityToken",
)
_NO_RIGHT = ("Forbidden", "NoPermission", "Unauthorized")
_NO_ZONE = ("InvalidDomainName", "IncorrectDomainUser", "DomainNotFound")
_MOVED = ("DomainRecordNotBelongToUser", "DomainRecordNotFound", "InvalidRecordId", "DomainRecordDuplicate")
_BUSY = ("Throttling", "LastOperationNotFinished", "ServiceUnavailable")


class AliyunAccounts(HttpAccounts):
    """Every account of a run."""

    def signer(self, host: str, *credential: str) -> Callable[[Request], Mapping[str, str]]:
        """Signature V3 over method, query and the ``x-acs-`` headers."""
        key_id, key, token = credential

        def sign(request: Request) -> Mapping[str, str]:
            at = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            headers = {
                "host": host,
                **(request.headers or {}),
                "x-acs-version": VERSION,
                "x-acs-date": at,
                "x-acs-signature-nonce": random.token_hex(16),
                "x-acs-content-sha256": digest(b""),
            }
            if token:
                headers["x-acs-security-token"] = token
            query = request.path.partition("?")[2]
            return {**headers, "Authorization": acs3(key_id, key, headers, query)}

        return sign

    def host(self, target: Target, http: Http, credential: tuple[str, ...]) -> DnsClient:  # noqa: ARG002
        """One domain."""
        limits = target.service.stores.limits
        return ApiHost(target.zone, AliyunApi(target.zone, http), ValueWise(), limits=limits)

    def busy(self, answer: Answer) -> bool:
        """Too many calls, or the last one is still being carried out."""
        return answer.status >= 400 and _code(answer).startswith(_BUSY)


class AliyunApi:
    """One domain; keeps ``ZoneApi``."""

    def __init__(self, zone: str, http: Http) -> None:
        self.zone = zone
        self.where = http.where
        self._http = http

    async def listing(self, only: tuple[str, str] | None = None) -> Listing:  # noqa: ARG002
        """Every record on every line, page by page, counted."""
        entries: list[Entry] = []
        tally = Tally(self.where, self.zone)
        page, goes_on = 0, True
        while goes_on:
            page += 1
            body = await self._call(
                "DescribeDomainRecords",
                {"DomainName": bare(self.zone), "PageNumber": str(page), "PageSize": str(_PAGE)},
                writes=False,
            )
            rows = [self._entry(row) for row in body["DomainRecords"]["Record"]]
            goes_on = tally.take([entry.id for entry in rows], int(body["TotalCount"]))
            entries += rows
        return Listing(self.zone, tuple(entries))

    async def send(self, call: OneValue) -> None:
        """One record."""
        if call.new is None:
            assert call.old is not None, "a call without a record"
            await self._call("DeleteDomainRecord", {"RecordId": call.old.id}, writes=True)
            return
        change = call.change
        written_fields = fields.written(change.name, change.type, call.new)
        record = {
            "RR": relative(change.name, self.zone),
            "Type": change.type,
            "Value": written_fields.text,
            "TTL": str(call.ttl),
            "Line": DEFAULT_LINE,
        }
        if written_fields.preference is not None:
            record["Priority"] = str(written_fields.preference)
        if call.old is None:
            await self._call("AddDomainRecord", {"DomainName": bare(self.zone), **record}, writes=True)
        else:
            await self._call("UpdateDomainRecord", {"RecordId": call.old.id, **record}, writes=True)

    def _entry(self, record: Mapping[str, Any]) -> Entry:
        name, type = absolute(str(record["RR"]), self.zone), str(record["Type"])
        preference = int(record["Priority"]) if record.get("Priority") is not None else None
        value, odd = fields.told(name, type, str(record["Value"]), preference)
        enabled = str(record.get("Status", "ENABLE")).upper() == "ENABLE"
        served = enabled and record.get("Line", DEFAULT_LINE) == DEFAULT_LINE
        return Entry(
            name,
            type,
            int(record["TTL"]),
            value,
            str(record["RecordId"]),
            record,
            served,
            odd,
            _line(record) if enabled else "",
        )

    async def _call(self, action: str, query: Mapping[str, str], *, writes: bool) -> Mapping[str, Any]:
        request = Request(
            "POST", f"/?{canonical_query(query)}", headers={"x-acs-action": action}, writes=writes
        )
        answer = await self._http.ask(request)
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise self._http.unreadable(answer, writes=writes)
        if answer.status == 200:
            return body
        raise self._refusal(answer.status, str(body.get("Code", "")), str(body.get("Message", "")))

    def _refusal(self, status: int, code: str, message: str) -> HostError:
        if code.startswith(_WRONG_CREDENTIAL):  # its message quotes what was signed
            return Denied(said.WRONG_CREDENTIAL, where=self.where, words=code)
        if code.startswith(_NO_RIGHT):
            return Denied(said.NO_RIGHT, where=self.where, words=self._http.words(message) or code)
        if code.startswith(_NO_ZONE):
            return HostError(said.NO_ZONE, where=self.where, zone=bare(self.zone))
        if code.startswith(_MOVED):
            return Moved(said.CHANGED_BETWEEN, sets=code)
        return self._http.refused(status if status not in (401, 403) else 400, f"{code} {message}")


def _line(record: Mapping[str, Any]) -> str:
    line = str(record.get("Line", DEFAULT_LINE))
    return "" if line == DEFAULT_LINE else line


def _code(answer: Answer) -> str:
    try:
        body = answer.json()
    except ValueError:
        return ""
    return str(body.get("Code", "")) if isinstance(body, dict) else ""
