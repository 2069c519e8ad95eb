"""Huawei Cloud DNS, as its own SDK describes it (huaweicloudsdkdns 3.1.219, models and paths of v2 and v2.1).

Its codes of errors were not read: those here are none of the vendor's. What is refused beyond the SDK's
words is what DNSControl found (its auditrecords.go at 7a079bc).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mailwright.hosts.dns.base import DnsClient
from mailwright.hosts.dns.services import huawei
from mailwright.hosts.dns.signing import canonical_query, sdk
from mailwright.model.names import absolute
from tests.hosts.apis import Row
from tests.hosts.standins.base import Record, Refused, Reply, StandIn, in_json
from tests.hosts.standins.rest import SetStandIn
from tests.hosts.worlds import value_of


class Huawei(SetStandIn):
    """Zones and sets have ids; a set is of one line, and one name, type and line have one set."""

    service = huawei.SERVICE
    identity = (huawei.KEY_ID.variable, huawei.KEY.variable)
    zone_status = "ACTIVE"
    page = 500

    def by(self, zone: str, id: str, secret: str) -> DnsClient:
        return StandIn.by(self, zone, id, secret)

    def secret_in(self, headers: Mapping[str, str]) -> str:
        return self._signed_by

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        self._signed_by = self._signer(method, path, headers, body)
        return super().answer(method, path, headers, body)

    def _signer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> str:
        """The secret that signed, '' for none that is known."""
        authorization = headers["Authorization"]
        parts = dict(part.split("=", 1) for part in authorization.partition(" ")[2].split(", "))
        secret = {self.key_id: self.secrets[0], self.weak[0]: self.weak[1]}.get(parts["Access"], "")
        address = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
        named = {name: headers[name] for name in parts["SignedHeaders"].split(";")}
        line = {"method": method, "path": address.path, "query": canonical_query(query)}
        text = sdk(parts["Access"], secret, named, body, **line)
        return secret if text == authorization else ""

    def unknown(self) -> Refused:
        return Refused(
            401, "APIGW.0301", "Incorrect IAM authentication information: verify aksk signature fail"
        )

    def no_right(self) -> Refused:
        return Refused(403, "PAP5.0024", "Policy doesn't allow this action to be performed: not authorized.")

    def words(self, refused: Refused) -> Any:
        if refused.status == 429:
            return {"error_code": "APIGW.0308", "error_msg": "The throttling threshold has been reached"}
        if refused.status in (401, 403):
            return {"error_code": refused.code, "error_msg": refused.message}
        return {"code": refused.code, "message": refused.message}

    def call(self, method: str, parts: list[str], query: dict[str, str], body: bytes) -> Reply:
        if method == "GET" and parts == ["v2", "zones"]:
            assert query["type"] == "public"
            zones = [self._zone(zone) for zone in self.records if query.get("name", "") in zone]
            return self._page("zones", zones, query)
        zone = next((zone for zone in self.records if self._id_of(zone) == parts[2]), None)
        if parts[:2] != ["v2.1", "zones"] or parts[3] != "recordsets" or zone is None:
            raise Refused(404, "no-zone", "This zone does not exist.")
        if method == "GET":
            self.reads += 1
            return self._page("recordsets", self.records[zone], query)
        if method == "POST":
            return self.writing(lambda: self._post(zone, json.loads(body)))
        stored = next((e for e in self.records[zone] if e["id"] == parts[4]), None)
        if stored is None:
            raise Refused(404, "no-set", "This record set does not exist.")
        if method == "DELETE":
            return self.writing(lambda: self._delete(zone, stored))
        assert method == "PUT"
        return self.writing(lambda: self._put(zone, stored, json.loads(body)))

    def yes(self) -> Reply:
        return in_json(202, {})

    @staticmethod
    def _id_of(zone: str) -> str:
        return f"ff8080{zone.encode().hex()}"

    def _zone(self, zone: str) -> Record:
        state = {"zone_type": "public", "status": self.zone_status, "ttl": 300}
        return {"id": self._id_of(zone), "name": zone, "email": f"hostmaster.{zone}", **state}

    def _page(self, name: str, items: list[Record], query: dict[str, str]) -> Reply:
        size, start = min(int(query["limit"]), self.page), int(query["offset"])
        assert 0 <= int(query["limit"]) <= 500
        page = items[start : start + size]
        return in_json(200, {"links": {}, name: page, "metadata": {"total_count": len(items)}})

    def _post(self, zone: str, told: Record) -> Reply:
        line = told.get("line", "default_view")
        stood = [e for e in self.records[zone] if self._key(e) == (told["name"], told["type"], line)]
        if stood:
            raise Refused(400, "exists", "The record set already exists.")
        self._check(zone, told, line, None)
        made = self._set(zone, told["name"], told["type"], told.get("ttl", 300), told["records"], line)
        self.records[zone].append(made)
        return in_json(202, made | {"status": "PENDING_CREATE"})

    def _put(self, zone: str, stored: Record, told: Record) -> Reply:
        """What is empty stays as it was."""
        after = stored | {name: value for name, value in told.items() if value}
        self._check(zone, after, stored["line"], stored)
        stored.update(after)
        return in_json(202, stored | {"status": "PENDING_UPDATE"})

    def _delete(self, zone: str, stored: Record) -> Reply:
        if stored["default"]:
            raise Refused(400, "default", "The record set is made by the system and cannot be deleted.")
        self.records[zone].remove(stored)
        return in_json(202, stored | {"status": "PENDING_DELETE"})

    @staticmethod
    def _key(stored: Record) -> tuple[str, str, str]:
        return (stored["name"], stored["type"], stored["line"])

    def _check(self, zone: str, told: Record, line: str, old: Record | None) -> None:
        name, type, texts = told["name"], told["type"], told["records"]
        if type not in ("A", "AAAA", "MX", "CNAME", "TXT", "SRV", "NS", "SOA", "CAA") or not texts:
            raise Refused(400, "type", "Invalid type or no records")
        if name != zone and not name.endswith(f".{zone}"):
            raise Refused(400, "name", "The name does not end with the zone's")
        if not 1 <= told["ttl"] <= 2**31 - 1:
            raise Refused(400, "ttl", "Invalid ttl")
        for text in texts:
            inner = text[1:-1].replace('" "', "")
            if type == "TXT" and (text[:1] != '"' or text[-1:] != '"' or '"' in inner or "\\" in inner):
                raise Refused(400, "txt", "Invalid TXT value")
            if type == "MX" and text.split()[-1] == ".":
                raise Refused(400, "mx", "Invalid MX value")
        here = [e for e in self.records[zone] if e is not old and e["name"] == name and e["line"] == line]
        types = {e["type"] for e in here}
        if "CNAME" in types or (type == "CNAME" and types):
            raise Refused(400, "conflict", "The record set conflicts with an existing one.")

    def _set(self, zone: str, name: str, type: str, ttl: int, texts: list[str], line: str) -> Record:
        return {
            "id": str(self.fresh()),
            "name": name,
            "description": "",
            "type": type,
            "ttl": ttl,
            "records": texts,
            "status": "ACTIVE",
            "line": line,
            "weight": None if type == "NS" else 1,
            "default": type in ("SOA", "NS") and name == zone,
            "zone_id": self._id_of(zone),
            "zone_name": zone,
            "created_at": "2026-11-01T00:00:00.000",
            "updated_at": "2026-11-01T00:00:00.000",
            "project_id": "e55c6f3dc4e34c9f86353b664ae0e70c",
            "links": {"self": "https://Endpoint/v2.1/zones"},
        }

    # -- SetStandIn -------------------------------------------------------------------------------

    def rows_of(self, zone: str, stored: Record) -> list[Row]:
        if stored["line"] != "default_view" or stored["status"] != "ACTIVE":
            return []
        name, type = absolute(stored["name"]), stored["type"]
        return [Row(name, type, stored["ttl"], value_of(zone, type, text)) for text in stored["records"]]

    def to_set(self, zone: str, name: str, type: str, ttl: int, texts: list[str]) -> Record:
        return self._set(zone, name, type, ttl, texts, "default_view")

    def texts_of(self, record_set: Record) -> list[str]:
        return list(record_set["records"])
