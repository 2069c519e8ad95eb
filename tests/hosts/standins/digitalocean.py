"""DigitalOcean, as its OpenAPI description has it (digitalocean/openapi, resources/domains, 2026-12-01).

What is refused beyond that description is what DNSControl found (its auditrecords.go at 7a079bc).
"""

from __future__ import annotations

import json
from typing import Any

from mailwright.hosts.dns.services import digitalocean
from mailwright.model import txt
from mailwright.model.names import absolute, bare, relative
from tests.hosts.apis import Row
from tests.hosts.standins.base import Record, Refused, Reply, in_json
from tests.hosts.standins.rest import RestStandIn, zone_file_text
from tests.hosts.worlds import value_of

_TYPES = ("A", "AAAA", "CAA", "CNAME", "MX", "NS", "SOA", "SRV", "TXT")
_IDS = {401: "Unauthorized", 403: "Forbidden", 404: "not_found", 422: "unprocessable_entity"}


class Digitalocean(RestStandIn):
    """Host names are taken with their final dot and told without; the zone's own is told as ``@``."""

    service = digitalocean.SERVICE
    identity = (digitalocean.TOKEN.variable,)
    page = 200

    def unknown(self) -> Refused:
        return Refused(401, "Unable to authenticate you")

    def no_right(self) -> Refused:
        return Refused(403, "You are not authorized to perform this operation")

    def words(self, refused: Refused) -> Any:
        if refused.status == 429:
            return {"id": "too_many_requests", "message": "API Rate limit exceeded."}
        return {"id": _IDS.get(refused.status, "error"), "message": refused.message}

    def call(self, method: str, parts: list[str], query: dict[str, str], body: bytes) -> Reply:
        zone = self.zone_of(parts[2])
        if parts[:2] != ["v2", "domains"] or parts[3] != "records" or zone is None:
            raise Refused(404, "The resource you were accessing could not be found.")
        if method == "GET":
            return self._get(zone, query)
        if method == "POST":
            return self.writing(lambda: self._post(zone, json.loads(body)))
        record = next((e for e in self.records[zone] if str(e["id"]) == parts[4]), None)
        if record is None:
            raise Refused(404, "The resource you were accessing could not be found.")
        if method == "DELETE":
            return self.writing(lambda: self._delete(zone, record))
        assert method == "PUT"
        return self.writing(lambda: self._put(zone, record, json.loads(body)))

    def _get(self, zone: str, query: dict[str, str]) -> Reply:
        self.reads += 1
        size, number = int(query.get("per_page", 20)), int(query.get("page", 1))
        assert 1 <= size <= 200
        size = min(size, self.page)
        records = self.records[zone]
        page = records[(number - 1) * size : number * size]
        return in_json(200, {"domain_records": page, "links": {}, "meta": {"total": len(records)}})

    def _post(self, zone: str, told: Record) -> Reply:
        record = self._checked(zone, told, None) | {"id": self.fresh()}
        self.records[zone].append(record)
        return in_json(201, {"domain_record": record})

    def _put(self, zone: str, record: Record, told: Record) -> Reply:
        record.update(self._checked(zone, record | told, record))
        return in_json(200, {"domain_record": record})

    def _delete(self, zone: str, record: Record) -> Reply:
        self.records[zone].remove(record)
        return (204, {}, b"")

    def _checked(self, zone: str, told: Record, old: Record | None) -> Record:
        type, name, data = told.get("type"), told.get("name"), told.get("data")
        if type not in _TYPES or not data or not (name or type == "MX"):
            raise Refused(422, "422", "Data or name can't be blank.")
        if told.get("ttl", 1800) < 30:
            raise Refused(422, "422", "TTL must be greater than or equal to 30")
        if type == "TXT" and ("\\" in data or len(txt.quote(txt.split(data))) > 509):
            raise Refused(422, "422", "Data is too long, or has a backslash")
        data = self._host(zone, data, told) if type in ("MX", "CNAME", "NS", "SRV") else data
        if type == "MX" and not isinstance(told.get("priority"), int):
            raise Refused(422, "422", "Priority can't be blank for MX records")
        types = {e["type"] for e in self.records[zone] if e is not old and e["name"] == name}
        if ("CNAME" in types) or (type == "CNAME" and types):
            raise Refused(422, "422", "CNAME records cannot share a name with other records")
        return self._record(type, name or "@", data, told)

    @staticmethod
    def _host(zone: str, data: str, told: Record) -> str:
        if data == ".":
            raise Refused(422, "422", "Data is not a host name")
        if not data.endswith(".") and data != "@" and told.get("data") == data and "id" not in told:
            raise Refused(422, "422", "Data needs to end with a dot (.)")
        return "@" if data in (zone, "@") else bare(data)

    @staticmethod
    def _record(type: str, name: str, data: str, told: Record) -> Record:
        record: Record = {"id": told.get("id"), "type": type, "name": name, "data": data}
        record |= {field: told.get(field) for field in ("priority", "port", "weight", "flags", "tag")}
        return record | {"ttl": told.get("ttl", 1800)}

    # -- StandIn ----------------------------------------------------------------------------------

    def to_row(self, zone: str, record: Record) -> Row | None:
        type, data = record["type"], record["data"]
        name = absolute(record["name"], zone)
        if type in ("MX", "CNAME", "NS", "SRV"):
            data = absolute(data, zone if data == "@" else "")
        front = {"MX": ("priority",), "SRV": ("priority", "weight", "port")}.get(type, ())
        text = " ".join([*(str(record[field]) for field in front), data])
        value = value_of(zone, type, txt.quote(txt.split(data)) if type == "TXT" else text)
        return Row(name, type, record["ttl"], value)

    def to_record(self, zone: str, row: Row) -> Record:
        *front, data = [row.value.value] if row.type == "TXT" else zone_file_text(row).split(" ")
        fields = {"MX": ("priority",), "SRV": ("priority", "weight", "port")}.get(row.type, ())
        numbers = dict(zip(fields, map(int, front), strict=True))
        if row.type in ("MX", "CNAME", "NS", "SRV"):
            data = "@" if data == zone else bare(data)
        told = {"id": self.fresh(), "ttl": max(row.ttl, 30), **numbers}
        return self._record(row.type, relative(row.name, zone), data, told)
