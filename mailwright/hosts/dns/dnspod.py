"""DNSPod, by Tencent Cloud's API 3.0 (dnspod 2021-03-23): single records, added, changed in place, removed.

Written against cloud.tencent.com/document/api/1427 (DescribeRecordList, CreateRecord, ModifyRecord,
DeleteRecord, as known on 2026-11-30): JSON, errors inside an answer of status 200, at most 3000 records a
page, line "0" (默认) is what everybody gets. The page of the list says that a new record may be missing from
it for up to 30 seconds, so the read-back waits that long. There is no condition, and no call for several.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

from mailwright.hosts.dns import api_said as said
from mailwright.hosts.dns import fields
from mailwright.hosts.dns.accounts import HttpAccounts
from mailwright.hosts.dns.api import ApiHost, Unclear
from mailwright.hosts.dns.base import Denied, DnsClient, HostError, Moved
from mailwright.hosts.dns.entries import Entry, Listing
from mailwright.hosts.dns.http import Answer, Http, Request
from mailwright.hosts.dns.paging import Tally
from mailwright.hosts.dns.service import Target
from mailwright.hosts.dns.shapes import OneValue, ValueWise
from mailwright.hosts.dns.signing import tc3
from mailwright.model.names import absolute, bare, relative

VERSION = "2021-03-23"
#: The line that answers everybody, by name and by id.
DEFAULT_LINE, DEFAULT_LINE_ID = "默认", "0"
#: Seconds before each further look: the list lags behind by up to 30.
PAUSES = (1.0, 3.0, 6.0, 10.0, 14.0)
_PAGE = 3000
_JSON = "application/json; charset=utf-8"
_NO_RIGHT = ("AuthFailure.UnauthorizedOperation", "UnauthorizedOperation", "OperationDenied")
_NO_ZONE = (
    "ResourceNotFound.NoDataOfDomain",
    "InvalidParameter.DomainIdInvalid",
    "InvalidParameterValue.DomainNotExists",
    "InvalidParameter.DomainInvalid",
)
_NO_RECORDS = "ResourceNotFound.NoDataOfRecord"
_MOVED = ("InvalidParameter.RecordIdInvalid", "InvalidParameter.DomainRecordExist")


class DnspodAccounts(HttpAccounts):
    """Every account of a run."""

    def signer(self, host: str, *credential: str) -> Callable[[Request], Mapping[str, str]]:
        """Signature V3 over the body and two headers."""
        key_id, key, token = credential

        def sign(request: Request) -> Mapping[str, str]:
            at = dt.datetime.now(dt.UTC)
            signed = {"content-type": _JSON, "host": host}
            authorization = tc3(key_id, key, signed, request.body, service="dnspod", at=at)
            headers = {
                **signed,
                "X-TC-Version": VERSION,
                "X-TC-Timestamp": str(int(at.timestamp())),
                "Authorization": authorization,
            }
            return headers | ({"X-TC-Token": token} if token else {})

        return sign

    def host(self, target: Target, http: Http, credential: tuple[str, ...]) -> DnsClient:  # noqa: ARG002
        """One domain."""
        limits = target.service.stores.limits
        api = DnspodApi(target.zone, http)
        return ApiHost(target.zone, api, ValueWise(), limits=limits, pauses=PAUSES)

    def busy(self, answer: Answer) -> bool:
        """Too many calls, which is told with status 200."""
        return str(_error(answer).get("Code", "")).startswith("RequestLimitExceeded")


class DnspodApi:
    """One domain; keeps ``ZoneApi``."""

    def __init__(self, zone: str, http: Http) -> None:
        self.zone = zone
        self.where = http.where
        self._http = http

    async def listing(self, only: tuple[str, str] | None = None) -> Listing:  # noqa: ARG002
        """Every record on every line, page by page, counted."""
        entries: list[Entry] = []
        tally = Tally(self.where, self.zone)
        goes_on = True
        while goes_on:
            asked = {"Domain": bare(self.zone), "Offset": len(entries), "Limit": _PAGE}
            body = await self._call("DescribeRecordList", asked, writes=False)  # None: no record
            total = int(body["RecordCountInfo"]["TotalCount"]) if body else 0
            rows = [self._entry(row) for row in body["RecordList"]] if body else []
            goes_on = tally.take([entry.id for entry in rows], total)
            entries += rows
        return Listing(self.zone, tuple(entries))

    async def send(self, call: OneValue) -> None:
        """One record. What else the record carries (remark, weight) is sent along with a change."""
        zone: dict[str, Any] = {"Domain": bare(self.zone)}
        if call.old is not None:
            zone["RecordId"] = int(call.old.id)
        if call.new is None:
            await self._call("DeleteRecord", zone, writes=True)
            return
        change = call.change
        written_fields = fields.written(change.name, change.type, call.new)
        record: dict[str, Any] = {
            "SubDomain": relative(change.name, self.zone),
            "RecordType": change.type,
            "RecordLine": DEFAULT_LINE,
            "RecordLineId": DEFAULT_LINE_ID,
            "Value": written_fields.text,
            "TTL": call.ttl,
        }
        if written_fields.preference is not None:
            record["MX"] = written_fields.preference
        if call.old is not None and call.old.raw.get("Remark"):
            record["Remark"] = call.old.raw["Remark"]
        await self._call("CreateRecord" if call.old is None else "ModifyRecord", zone | record, writes=True)

    def _entry(self, record: Mapping[str, Any]) -> Entry:
        name, type = absolute(str(record["Name"]), self.zone), str(record["Type"])
        value, odd = fields.told(name, type, str(record["Value"]), int(record.get("MX") or 0))
        enabled = str(record.get("Status", "ENABLE")).upper() == "ENABLE"
        everybody = str(record.get("LineId", DEFAULT_LINE_ID)) == DEFAULT_LINE_ID
        line = "" if everybody or not enabled else str(record.get("Line") or record.get("LineId"))
        weighted = said.POLICY.using(value=str(record["Value"])[:60], word="weighted")
        odd = weighted if record.get("Weight") else odd
        id = str(record["RecordId"])
        return Entry(name, type, int(record["TTL"]), value, id, record, enabled and everybody, odd, line)

    async def _call(self, action: str, body: Mapping[str, Any], *, writes: bool) -> Mapping[str, Any] | None:
        """The ``Response``; None where the zone is there and holds no record."""
        octets = json.dumps(body).encode()
        request = Request("POST", "/", headers={"X-TC-Action": action}, body=octets, writes=writes)
        answer = await self._http.ask(request)
        error = _error(answer)
        code = str(error.get("Code", ""))
        if code == _NO_RECORDS and not writes:
            return None
        if code:
            raise self._refusal(code, str(error.get("Message", "")), writes=writes)
        try:
            response = answer.json()["Response"]
        except (ValueError, KeyError, TypeError):
            response = None
        if answer.status != 200 or not isinstance(response, dict):
            raise self._http.unreadable(answer, writes=writes)
        return response

    def _refusal(self, code: str, message: str, *, writes: bool) -> HostError:
        if code.startswith(_NO_RIGHT):
            return Denied(said.NO_RIGHT, where=self.where, words=self._http.words(message) or code)
        if code.startswith("AuthFailure"):
            return Denied(said.WRONG_CREDENTIAL, where=self.where, words=code)
        if code in _NO_ZONE:
            return HostError(said.NO_ZONE, where=self.where, zone=bare(self.zone))
        if code in _MOVED:
            return Moved(said.CHANGED_BETWEEN, sets=code)
        if code.startswith("InternalError") and writes:
            return Unclear(said.FAILED, where=self.where, status=200, words=code)
        return self._http.refused(200, f"{code} {message}")


def _error(answer: Answer) -> Mapping[str, Any]:
    try:
        error = answer.json()["Response"].get("Error")
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return error if isinstance(error, dict) else {}
