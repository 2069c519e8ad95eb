"""Alibaba Cloud DNS, as its pages describe it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from mailwright.hosts.dns import fields
from mailwright.hosts.dns.services import aliyun
from mailwright.hosts.dns.signing import acs3
from mailwright.model.names import absolute, bare, relative
from tests.hosts.apis import Row
from tests.hosts.standins.base import Record, Refused, Reply, StandIn, in_json


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
