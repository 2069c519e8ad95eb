"""DNSPod (Tencent Cloud), as its pages describe it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mailwright.hosts.dns import fields
from mailwright.hosts.dns.services import dnspod
from mailwright.hosts.dns.signing import tc3
from mailwright.model.names import absolute, relative
from tests.hosts.apis import Row
from tests.hosts.standins.base import Record, Refused, Reply, StandIn, in_json


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

    def yes(self) -> Reply:
        return in_json(200, {"Response": {"RecordId": 1, "RequestId": "1"}})

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
