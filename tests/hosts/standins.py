"""Stateful stand-ins of vendors' APIs: each refuses what its pages say, and is watched after every write.

A stand-in is no vendor. What it does not know (how long a change takes to be served, what a console adds to a
record) nobody has tried.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape, quoteattr

from mailwright.hosts.dns import fields
from mailwright.hosts.dns.base import DnsClient
from mailwright.hosts.dns.service import DnsService
from mailwright.hosts.dns.services import aliyun, dnspod, godaddy, namecheap
from mailwright.hosts.dns.signing import acs3, tc3
from mailwright.model.families import Family, family_of
from mailwright.model.names import absolute, bare, relative
from mailwright.model.records import ObservedValue
from tests.hosts.apis import ApiWorld, Row

Reply = tuple[int, dict[str, str], bytes]
Record = dict[str, Any]


class Refused(Exception):
    """The vendor's no: HTTP status, code, message."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message or code


class StandIn(ApiWorld):
    """An account at a vendor; records are kept in the vendor's own form.

    ``faults`` by the number of the writing call: ``lost`` (done, no answer), ``dropped`` (no answer, not
    done), ``nothing`` (yes, and not done), ``busy``, ``broken`` (500), ``late`` (somebody writes before it).
    """

    service: ClassVar[DnsService]
    #: What the vendor calls the two halves of a credential, by our variables.
    identity: ClassVar[tuple[str, str]]
    key_id = "id-of-the-tests"
    secrets = ("secret-of-the-tests-41f7", "secret-of-nobody-77aa")
    weak = ("id-without-rights", "secret-without-rights-3c")

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, list[Record]] = {}
        self.writes = self.reads = 0
        self.faults: dict[int, str] = {}
        self.busy = 0  # further calls that are turned away
        self.late: Callable[[], None] | None = None
        self.watched: list[str] = []
        self.gone: set[tuple[str, str]] = set()
        self.history: list[list[Row]] = []
        self._ids: Iterator[int] = count(1000)
        self._lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    # -- to be said by each vendor ------------------------------------------------------------------

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Raises Refused."""
        raise NotImplementedError

    def refusal(self, refused: Refused) -> Reply:
        raise NotImplementedError

    def to_row(self, zone: str, record: Record) -> Row | None:
        """None: not served to everybody."""
        raise NotImplementedError

    def to_record(self, zone: str, row: Row) -> Record:
        raise NotImplementedError

    # -- ApiWorld -------------------------------------------------------------------------------------

    def create(self, zone: str) -> None:
        self.records[zone] = []

    def rows(self, zone: str) -> list[Row]:
        with self._lock:
            rows = [self.to_row(zone, each) for each in self.records[zone]]
        return [row for row in rows if row]

    def write(self, zone: str, name: str, type: str, rows: list[Row]) -> None:
        with self._lock:
            kept: list[Record] = []
            standing = []
            for record in self.records[zone]:
                row = self.to_row(zone, record)
                if row is None or (row.name, row.type) != (name, type):
                    kept.append(record)
                elif row in rows:
                    kept.append(record)
                    standing.append(row)
            kept += [self.to_record(zone, each) for each in rows if each not in standing]
            self.records[zone] = kept

    def client(self, zone: str) -> DnsClient:
        return self.by(zone, self.key_id, self.secrets[0])

    def stranger(self, zone: str) -> DnsClient:
        return self.by(zone, self.key_id, self.secrets[1])

    def by(self, zone: str, id: str, secret: str) -> DnsClient:
        assert self.service.open
        target = self.service.target(zone, zone, {"base_url": self.address, **self.options()})
        return self.service.open().client(target, dict(zip(self.identity, (id, secret), strict=True)))

    def yes(self) -> Reply:
        """The answer to a write that was done, or is said to be."""
        return (200, {}, b"{}")

    def options(self) -> Record:
        """What the spec says beside the address."""
        return {}

    def holds(self, text: str) -> bool:
        """Whether the vendor can store this TXT."""
        return self.service.stores.limits.refusal("TXT", text) is None

    # -- inside ----------------------------------------------------------------------------------------

    def fresh(self) -> int:
        return next(self._ids)

    def zone_of(self, name: str) -> str | None:
        return absolute(name) if absolute(name) in self.records else None

    def writing(self, change: Callable[[], Reply]) -> Reply:
        """One call that changes something, with its fault, watched."""
        self.writes += 1
        fault = self.faults.get(self.writes, "")
        if fault == "busy":
            self.busy = 1
            raise Refused(429, "busy")
        if fault == "late" and self.late:
            self.late()
        if fault in ("dropped", "nothing", "broken"):
            reply = (500, {}, b"") if fault == "broken" else self.yes()
            return (0, {}, b"") if fault == "dropped" else reply
        before = {zone: self.rows(zone) for zone in self.records}
        reply = change()
        for zone in self.records:
            self.watch(before[zone], self.rows(zone))
            self.history.append(self.rows(zone))
        return (0, {}, b"") if fault == "lost" else reply

    def watch(self, before: list[Row], after: list[Row]) -> None:
        """A second SPF record, a CNAME beside others, no MX or SPF for a moment: noted, whatever the test."""
        for name in {row.name for row in (*before, *after)}:
            here = [row for row in after if row.name == name]
            spf = [row for row in here if family_of(name, row.type, row.value.value) is Family.SPF]
            was = [row for row in before if family_of(row.name, row.type, row.value.value) is Family.SPF]
            if len(spf) > max(1, len([row for row in was if row.name == name])):
                self.watched.append(f"{name}: {len(spf)} SPF records")
            self._watch_gap(name, "MX", [r.value for r in before if (r.name, r.type) == (name, "MX")], here)
            self._watch_gap(name, "SPF", [row.value for row in was if row.name == name], spf)
            types = {row.type for row in here}
            if "CNAME" in types and len(types) > 1:
                self.watched.append(f"{name}: a CNAME beside {types}")

    def _watch_gap(self, name: str, what: str, before: list[ObservedValue], after: list[Row]) -> None:
        """All of it goes, and some comes back in a later call: who asked between has none for a TTL."""
        standing = [row for row in after if what == "SPF" or row.type == what]
        if before and not standing:
            self.gone.add((name, what))
        elif standing and not before and (name, what) in self.gone:
            self.gone.discard((name, what))
            self.watched.append(f"{name}: no {what} for a moment")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        world = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # a head and a body are two pieces: the second would wait 40 ms

            def log_message(self, *_: object) -> None:
                return

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with world._lock:
                    try:
                        reply = world.answer(self.command, self.path, self.headers, body)
                    except Refused as refused:
                        reply = world.refusal(refused)
                status, headers, octets = reply
                if not status:  # the answer is lost
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(octets)))
                self.end_headers()
                self.wfile.write(octets)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

        return Handler


def in_json(status: int, body: Any) -> Reply:
    return (status, {"Content-Type": "application/json"}, json.dumps(body, ensure_ascii=False).encode())


class Aliyun(StandIn):
    """alidns 2015-01-09 (help.aliyun.com/zh/dns, pages of 2025-12-03)."""

    service = aliyun.SERVICE
    identity = (aliyun.KEY_ID.variable, aliyun.KEY.variable)
    page = 500

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        query = urlsplit(path).query
        told = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
        action = headers["x-acs-action"]
        self._authenticate(action, headers, query)
        if self.busy:
            self.busy -= 1
            raise Refused(400, "Throttling.User", "Request was denied due to user flow control.")
        return getattr(self, f"_{action}")(told)  # type: ignore[no-any-return]

    def _authenticate(self, action: str, headers: Mapping[str, str], query: str) -> None:
        authorization = headers["Authorization"]
        parts = dict(e.split("=", 1) for e in authorization.partition(" ")[2].split(","))
        id, names = parts["Credential"], parts["SignedHeaders"].split(";")
        secret = {self.key_id: self.secrets[0], self.weak[0]: self.weak[1]}.get(id)
        if secret is None:
            raise Refused(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
        if acs3(id, secret, {name: headers[name] for name in names}, query) != authorization:
            signed = f"Specified signature does not match our calculation. server string to sign is:{query}"
            raise Refused(400, "SignatureDoesNotMatch", signed)
        if id == self.weak[0] and not action.startswith("Describe"):
            raise Refused(403, "Forbidden.RAM", "User not authorized to operate on the specified resource.")

    def refusal(self, refused: Refused) -> Reply:
        if refused.code == "busy":
            refused = Refused(400, "Throttling.User")
        return in_json(refused.status, {"Code": refused.code, "Message": refused.message, "RequestId": "1"})

    def to_row(self, zone: str, record: Record) -> Row | None:
        if record["Line"] != "default" or record["Status"] != "ENABLE":
            return None
        name = absolute(record["RR"], zone)
        value = fields.read(name, record["Type"], record["Value"], record.get("Priority"))
        return Row(name, record["Type"], record["TTL"], value)

    def to_record(self, zone: str, row: Row) -> Record:
        told = fields.written(row.name, row.type, row.value)
        made: Record = {
            "RecordId": str(self.fresh()),
            "RR": relative(row.name, zone),
            "Type": row.type,
            "Value": told.text,
            "TTL": row.ttl,
            "Line": "default",
            "Status": "ENABLE",
            "Locked": False,
            "DomainName": bare(zone),
        }
        return made | ({"Priority": told.preference} if told.preference is not None else {})

    def _zone(self, told: Record) -> str:
        zone = self.zone_of(told["DomainName"])
        if zone is None:
            raise Refused(400, "InvalidDomainName.NoExist", "The specified domain name does not exist.")
        return zone

    def _find(self, told: Record) -> tuple[str, Record]:
        for zone, records in self.records.items():
            for record in records:
                if record["RecordId"] == told["RecordId"]:
                    return zone, record
        raise Refused(400, "DomainRecordNotBelongToUser", "The resolve record does not belong to you.")

    def _DescribeDomainRecords(self, told: Record) -> Reply:
        self.reads += 1
        records = self.records[self._zone(told)]
        size = int(told["PageSize"])
        if not 1 <= size <= 500:
            raise Refused(400, "InvalidParameter", "PageSize")
        size = min(size, self.page)
        start = (int(told["PageNumber"]) - 1) * size
        page = records[start : start + size]
        return in_json(200, {"TotalCount": len(records), "PageSize": size, "DomainRecords": {"Record": page}})

    def _AddDomainRecord(self, told: Record) -> Reply:
        zone = self._zone(told)
        return self.writing(lambda: self._kept(zone, self._checked(zone, told, None)))

    def _UpdateDomainRecord(self, told: Record) -> Reply:
        zone, record = self._find(told)

        def change() -> Reply:
            record.update(self._checked(zone, told, record), RecordId=record["RecordId"])
            return in_json(200, {"RecordId": record["RecordId"]})

        return self.writing(change)

    def _DeleteDomainRecord(self, told: Record) -> Reply:
        zone, record = self._find(told)

        def change() -> Reply:
            self.records[zone].remove(record)
            return in_json(200, {"RecordId": record["RecordId"]})

        return self.writing(change)

    def _kept(self, zone: str, record: Record) -> Reply:
        self.records[zone].append(record)
        return in_json(200, {"RecordId": record["RecordId"]})

    def _checked(self, zone: str, told: Record, old: Record | None) -> Record:
        """What the page of AddDomainRecord refuses."""
        record: Record = {
            **{name: told[name] for name in ("RR", "Type", "Value", "Line")},
            "TTL": int(told["TTL"]),
            "RecordId": str(self.fresh()),
            "Status": "ENABLE",
            "Locked": False,
            "DomainName": bare(zone),
        }
        if record["Type"] not in ("A", "NS", "MX", "TXT", "CNAME", "SRV", "AAAA", "CAA"):
            raise Refused(400, "InvalidType")
        if not record["Value"]:
            raise Refused(400, "MissingValue", "Value is mandatory for this action.")
        if record["Type"] == "MX":
            record["Priority"] = int(told.get("Priority") or 0)
            if not 1 <= record["Priority"] <= 50:
                raise Refused(400, "InvalidPriority")
        others = [each for each in self.records[zone] if each is not old and each["RR"] == record["RR"]]
        same = [
            e
            for e in others
            if (e["Type"], e["Value"], e["Line"]) == (record["Type"], record["Value"], record["Line"])
        ]
        if same:
            raise Refused(400, "DomainRecordDuplicate", "The DNS record already exists.")
        types = {other["Type"] for other in others}
        if ("CNAME" in types and record["Type"] != "CNAME") or (
            record["Type"] == "CNAME" and types - {"CNAME"}
        ):
            raise Refused(400, "DomainRecordConflict", "The DNS record conflicts with other records.")
        return record


class Dnspod(StandIn):
    """dnspod 2021-03-23 (cloud.tencent.com/document/api/1427)."""

    service = dnspod.SERVICE
    identity = (dnspod.KEY_ID.variable, dnspod.KEY.variable)
    page = 3000
    lag = 0  # listings that do not show the newest record yet

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        self._authenticate(headers, body)
        if self.busy:
            self.busy -= 1
            raise Refused(200, "RequestLimitExceeded")
        told = json.loads(body)
        return getattr(self, f"_{headers['X-TC-Action']}")(told)  # type: ignore[no-any-return]

    def _authenticate(self, headers: Mapping[str, str], body: bytes) -> None:
        import datetime as dt

        authorization = headers["Authorization"]
        id = authorization.partition("Credential=")[2].partition("/")[0]
        secret = {self.key_id: self.secrets[0], self.weak[0]: self.weak[1]}.get(id)
        if secret is None:
            raise Refused(200, "AuthFailure.SecretIdNotFound")
        at = dt.datetime.fromtimestamp(int(headers["X-TC-Timestamp"]), dt.UTC)
        signed = {"content-type": headers["Content-Type"], "host": headers["Host"]}
        if tc3(id, secret, signed, body, service="dnspod", at=at) != authorization:
            raise Refused(200, "AuthFailure.SignatureFailure", f"The provided credentials: {authorization}")
        if id == self.weak[0] and not headers["X-TC-Action"].startswith("Describe"):
            raise Refused(
                200, "AuthFailure.UnauthorizedOperation", "you are not authorized to perform operation"
            )

    def refusal(self, refused: Refused) -> Reply:
        code = "RequestLimitExceeded" if refused.code == "busy" else refused.code
        return in_json(
            200, {"Response": {"Error": {"Code": code, "Message": refused.message}, "RequestId": "1"}}
        )

    def to_row(self, zone: str, record: Record) -> Row | None:
        if record["LineId"] != "0" or record["Status"] != "ENABLE":
            return None
        name = absolute(record["Name"], zone)
        value = fields.read(name, record["Type"], record["Value"], record["MX"])
        return Row(name, record["Type"], record["TTL"], value)

    def to_record(self, zone: str, row: Row) -> Record:
        told = fields.written(row.name, row.type, row.value)
        return {
            "RecordId": self.fresh(),
            "Name": relative(row.name, zone),
            "Type": row.type,
            "Value": self._dotted(row.type, told.text),
            "TTL": row.ttl,
            "Line": "默认",
            "LineId": "0",
            "Status": "ENABLE",
            "MX": told.preference or 0,
            "Weight": None,
            "Remark": "",
        }

    @staticmethod
    def _dotted(type: str, text: str) -> str:
        """Host names come back with their final dot."""
        return text.rstrip(".") + "." if type in ("MX", "CNAME", "NS", "SRV") else text

    def _zone(self, told: Record) -> str:
        zone = self.zone_of(told["Domain"])
        if zone is None:
            raise Refused(200, "ResourceNotFound.NoDataOfDomain")
        return zone

    def _find(self, told: Record) -> tuple[str, Record]:
        zone = self._zone(told)
        for record in self.records[zone]:
            if record["RecordId"] == told["RecordId"]:
                return zone, record
        raise Refused(200, "InvalidParameter.RecordIdInvalid")

    def _DescribeRecordList(self, told: Record) -> Reply:
        self.reads += 1
        records = self.records[self._zone(told)]
        if not records:
            raise Refused(200, "ResourceNotFound.NoDataOfRecord")
        if not 1 <= told["Limit"] <= 3000:
            raise Refused(200, "InvalidParameter.LimitInvalid")
        shown = [e for e in records if self.lag <= 0 or e["RecordId"] != max(r["RecordId"] for r in records)]
        self.lag -= 1
        page = shown[told["Offset"] : told["Offset"] + min(told["Limit"], self.page)]
        counts = {"TotalCount": len(shown), "ListCount": len(page), "SubdomainCount": len(shown)}
        return in_json(200, {"Response": {"RecordCountInfo": counts, "RecordList": page, "RequestId": "1"}})

    def _CreateRecord(self, told: Record) -> Reply:
        zone = self._zone(told)

        def change() -> Reply:
            record = self._checked(zone, told, None)
            self.records[zone].append(record)
            return in_json(200, {"Response": {"RecordId": record["RecordId"], "RequestId": "1"}})

        return self.writing(change)

    def _ModifyRecord(self, told: Record) -> Reply:
        zone, record = self._find(told)

        def change() -> Reply:
            record.update(self._checked(zone, told, record), RecordId=record["RecordId"])
            return in_json(200, {"Response": {"RecordId": record["RecordId"], "RequestId": "1"}})

        return self.writing(change)

    def _DeleteRecord(self, told: Record) -> Reply:
        zone, record = self._find(told)

        def change() -> Reply:
            self.records[zone].remove(record)
            return in_json(200, {"Response": {"RequestId": "1"}})

        return self.writing(change)

    def _checked(self, zone: str, told: Record, old: Record | None) -> Record:
        """What the pages of CreateRecord and ModifyRecord refuse."""
        type, value = told["RecordType"], told["Value"]
        if type not in ("A", "NS", "MX", "TXT", "CNAME", "SRV", "AAAA", "CAA"):
            raise Refused(200, "InvalidParameter.RecordTypeInvalid")
        if not value:
            raise Refused(200, "InvalidParameter.RecordValueInvalid")
        if type == "MX" and not 1 <= told.get("MX", 0) <= 20:
            raise Refused(200, "InvalidParameter.MxInvalid")
        if not 1 <= told["TTL"] <= 604_800:
            raise Refused(200, "LimitExceeded.RecordTtlLimit")
        record = {
            "RecordId": self.fresh(),
            "Name": told["SubDomain"],
            "Type": type,
            "Value": self._dotted(type, value),
            "TTL": told["TTL"],
            "Line": told["RecordLine"],
            "LineId": told["RecordLineId"],
            "Status": "ENABLE",
            "MX": told.get("MX", 0),
            "Weight": None,
            "Remark": told.get("Remark", ""),
        }
        others = [e for e in self.records[zone] if e is not old and e["Name"] == record["Name"]]
        if any(
            (e["Type"], e["Value"], e["LineId"]) == (type, record["Value"], record["LineId"]) for e in others
        ):
            raise Refused(200, "InvalidParameter.DomainRecordExist")
        types = {other["Type"] for other in others}
        if ("CNAME" in types and type != "CNAME") or (type == "CNAME" and types - {"CNAME"}):
            raise Refused(200, "FailedOperation", "存在冲突的记录")
        return record


class Godaddy(StandIn):
    """GoDaddy's v1 (developer.godaddy.com/doc/endpoint/domains)."""

    service = godaddy.SERVICE
    identity = (godaddy.KEY_ID.variable, godaddy.KEY.variable)
    page = 500

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        id, _, secret = headers["Authorization"].removeprefix("sso-key ").partition(":")
        known = {self.key_id: self.secrets[0], self.weak[0]: self.weak[1]}
        if known.get(id) != secret:
            raise Refused(
                401, "UNABLE_TO_AUTHENTICATE", f"Unauthorized : Could not authenticate API key {id}"
            )
        if id == self.weak[0] and method != "GET":
            raise Refused(403, "ACCESS_DENIED", "Authenticated user is not allowed access, not authorized")
        if self.busy:
            self.busy -= 1
            raise Refused(429, "TOO_MANY_REQUESTS")
        parts = [unquote(part) for part in urlsplit(path).path.split("/")[3:]]
        zone = self.zone_of(parts[0])
        if zone is None:
            raise Refused(
                404, "UNKNOWN_DOMAIN", "The given domain is not registered, or does not have a zone file"
            )
        if method == "GET":
            return self._get(zone, parts[2:])
        assert len(parts) == 4 and all(parts), f"{method} {path} would write more than one set"
        type, name = parts[2:]
        if method == "DELETE":
            return self.writing(lambda: self._set(zone, type, name, []))
        return self.writing(lambda: self._set(zone, type, name, json.loads(body)))

    def refusal(self, refused: Refused) -> Reply:
        headers = {"Content-Type": "application/json"}
        if refused.code in ("busy", "TOO_MANY_REQUESTS"):
            headers["Retry-After"] = "0"
        body = json.dumps({"code": refused.code, "message": refused.message}).encode()
        return (refused.status, headers, body)

    def _get(self, zone: str, wanted: list[str]) -> Reply:
        self.reads += 1
        found = [e for e in self.records[zone] if not wanted or [e["type"], e["name"]] == wanted]
        return in_json(200, found[: self.page])

    def _set(self, zone: str, type: str, name: str, told: list[Record]) -> Reply:
        """What recordReplaceTypeName refuses."""
        if type not in ("A", "AAAA", "CNAME", "MX", "NS", "SRV", "TXT", "CAA"):
            raise Refused(422, "INVALID_BODY", "type")
        for each in told:
            if each.get("ttl", 3600) < 600 and each not in self.records[zone]:
                raise Refused(422, "INVALID_BODY", "ttl must be at least 600")
            if not each.get("data"):
                raise Refused(422, "INVALID_BODY", "data")
        others = [e for e in self.records[zone] if [e["type"], e["name"]] != [type, name]]
        types = {other["type"] for other in others if other["name"] == name}
        if told and (("CNAME" in types and type != "CNAME") or (type == "CNAME" and types)):
            raise Refused(422, "DUPLICATE_RECORD", "Record name conflicts with another record.")
        self.records[zone] = others + [{**each, "name": name, "type": type} for each in told]
        return (200, {}, b"") if told else (204, {}, b"")

    def to_row(self, zone: str, record: Record) -> Row | None:
        name = absolute(record["name"], zone)
        value, _ = fields.told(name, record["type"], record["data"], record.get("priority"))
        return Row(name, record["type"], record["ttl"], value)

    def to_record(self, zone: str, row: Row) -> Record:
        told = fields.written(row.name, row.type, row.value)
        ttl = max(row.ttl, 600)  # its console takes no less either
        made: Record = {"name": relative(row.name, zone), "type": row.type, "data": told.text, "ttl": ttl}
        return made | ({"priority": told.preference} if told.preference is not None else {})


class Namecheap(StandIn):
    """Namecheap's XML API (namecheap.com/support/api/methods/domains-dns)."""

    service = namecheap.SERVICE
    identity = (namecheap.USER.variable, namecheap.KEY.variable)
    email = "MX"
    ours = "true"

    def options(self) -> Record:
        return {"client_ip": "203.0.113.10"}

    def create(self, zone: str) -> None:
        super().create(zone)
        self.records[zone].append(
            self.to_record(zone, Row(f"first.{zone}", "A", 1799, ObservedValue("192.0.2.1")))
        )

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        assert method == "POST" and "?" not in path, "a credential in an address"
        told = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        known = {self.key_id: self.secrets[0], self.weak[0]: self.weak[1]}
        if known.get(told["ApiUser"]) != told["ApiKey"]:
            raise Refused(200, "1011102", "API Key is invalid or API access has not been enabled")
        command = told["Command"].rpartition(".")[2]
        if told["ApiUser"] == self.weak[0] and command != "getHosts":
            raise Refused(200, "1011150", f"Invalid request IP: {told['ClientIp']}, not authorized")
        if self.busy:
            self.busy -= 1
            raise Refused(200, "500000", "Too many requests")
        zone = self.zone_of(f"{told['SLD']}.{told['TLD']}")
        if zone is None:
            raise Refused(200, "2019166", f"Domain name not found ({told['SLD']}.{told['TLD']})")
        if command == "getHosts":
            self.reads += 1
            hosts = "".join(f"<host {self._attributes(each)} />" for each in self.records[zone])
            inside = (
                f'<DomainDNSGetHostsResult Domain="{bare(zone)}" EmailType="{self.email}" '
                f'IsUsingOurDNS="{self.ours}">{hosts}</DomainDNSGetHostsResult>'
            )
            return self._xml("OK", f"<CommandResponse>{inside}</CommandResponse>")
        return self.writing(lambda: self._set(zone, told))

    def refusal(self, refused: Refused) -> Reply:
        number = "500000" if refused.code == "busy" else refused.code
        text = escape(refused.message)
        return self._xml("ERROR", f'<Errors><Error Number="{number}">{text}</Error></Errors>')

    @staticmethod
    def _xml(status: str, inside: str) -> Reply:
        text = f'<ApiResponse Status="{status}" xmlns="http://api.namecheap.com/xml.response">{inside}</ApiResponse>'
        return (200, {"Content-Type": "text/xml"}, text.encode())

    @staticmethod
    def _attributes(host: Record) -> str:
        return " ".join(f"{name}={quoteattr(str(value))}" for name, value in host.items())

    def _set(self, zone: str, told: Record) -> Reply:
        """What is not named is deleted; without EmailType=MX every MX is."""
        hosts = []
        for number in range(1, 1000):
            if f"HostName{number}" not in told:
                break
            host = {
                "HostId": str(self.fresh()),
                "Name": told[f"HostName{number}"],
                "Type": told[f"RecordType{number}"],
                "Address": told[f"Address{number}"],
                "MXPref": told.get(f"MXPref{number}", "10"),
                "TTL": told.get(f"TTL{number}", "1800"),
                **EXTRAS,
            }
            if not 60 <= int(host["TTL"]) <= 60_000:
                raise Refused(200, "2050900", "TTL")
            same = [
                e for e in self.records[zone] if all(e[k] == host[k] for k in ("Name", "Type", "Address"))
            ]
            hosts.append(host | ({"HostId": same[0]["HostId"]} if same else {}))
        if told.get("EmailType") != "MX":
            hosts = [each for each in hosts if each["Type"] != "MX"]
        self.records[zone] = hosts
        return self.yes()

    def yes(self) -> Reply:
        result = '<DomainDNSSetHostsResult IsSuccess="true" />'
        return self._xml("OK", f"<CommandResponse>{result}</CommandResponse>")

    def to_row(self, zone: str, record: Record) -> Row | None:
        name = absolute(record["Name"], zone)
        value, _ = fields.told(name, record["Type"], record["Address"], int(record["MXPref"]))
        return Row(name, record["Type"], int(record["TTL"]), value)

    def to_record(self, zone: str, row: Row) -> Record:
        told = fields.written(row.name, row.type, row.value)
        text = f"{told.text}." if row.type in ("MX", "CNAME", "NS") else told.text
        preference = "10" if told.preference is None else str(told.preference)
        made: Record = {"HostId": str(self.fresh()), "Name": relative(row.name, zone), "Type": row.type}
        return made | {"Address": text, "MXPref": preference, "TTL": str(max(row.ttl, 60)), **EXTRAS}


#: What getHosts tells of a host beside what setHosts takes.
EXTRAS = {"AssociatedAppTitle": "", "FriendlyName": "", "IsActive": "true", "IsDDNSEnabled": "false"}


STAND_INS: dict[str, type[StandIn]] = {
    "aliyun": Aliyun,
    "dnspod": Dnspod,
    "godaddy": Godaddy,
    "namecheap": Namecheap,
}
