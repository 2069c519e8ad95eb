"""Hetzner's Cloud API, as its own SDK describes it (hcloud 2.27.0, zones/client.py and zones/domain.py)."""

from __future__ import annotations

import json
from typing import Any

from mailwright.hosts.dns.services import hetzner
from mailwright.model.names import absolute, bare, relative
from tests.hosts.apis import Row
from tests.hosts.standins.base import Record, Refused, Reply, in_json
from tests.hosts.standins.rest import SetStandIn
from tests.hosts.worlds import value_of

_CODES = {401: "unauthorized", 403: "forbidden", 404: "not_found", 409: "uniqueness_error"}
_CODES |= {422: "invalid_input", 423: "locked", 429: "rate_limit_exceeded"}


class Hetzner(SetStandIn):
    """A set is made, and its records and its TTL are changed by an action each; ``locked`` calls wait."""

    service = hetzner.SERVICE
    identity = (hetzner.TOKEN.variable,)
    mode = "primary"
    zone_ttl = 3600
    locked = 0

    def unknown(self) -> Refused:
        return Refused(401, "unauthorized", "unable to authenticate")

    def no_right(self) -> Refused:
        return Refused(403, "forbidden", "token is read-only: not authorized")

    def words(self, refused: Refused) -> Any:
        return {
            "error": {"code": _CODES.get(refused.status, "error"), "message": refused.message, "details": {}}
        }

    def call(self, method: str, parts: list[str], query: dict[str, str], body: bytes) -> Reply:
        if method == "GET" and parts == ["v1", "zones"]:
            zones = [self._zone(zone) for zone in self.records if query.get("name") in (None, bare(zone))]
            return self._page("zones", zones, query)
        zone = next((zone for zone in self.records if self._id_of(zone) == parts[2]), None)
        if parts[:2] != ["v1", "zones"] or parts[3] != "rrsets" or zone is None:
            raise Refused(404, "not_found", "zone not found")
        if method == "GET":
            self.reads += 1
            return self._page("rrsets", self.records[zone], query)
        if self.locked:
            self.locked -= 1
            raise Refused(423, "locked", "the item you are trying to access is locked")
        told = json.loads(body) if body else {}
        return self.writing(lambda: self._write(zone, method, parts[4:], told))

    @staticmethod
    def _id_of(zone: str) -> str:
        return str(sum(zone.encode()))

    def _zone(self, zone: str) -> Record:
        state = {"mode": self.mode, "status": "ok", "ttl": self.zone_ttl, "labels": {}}
        return {"id": int(self._id_of(zone)), "name": bare(zone), **state}

    def _page(self, name: str, items: list[Record], query: dict[str, str]) -> Reply:
        size, number = min(int(query.get("per_page", 25)), self.page), int(query.get("page", 1))
        assert int(query.get("per_page", 25)) <= 50
        page = items[(number - 1) * size : number * size]
        counts = {"page": number, "per_page": size, "total_entries": len(items)}
        return in_json(200, {name: page, "meta": {"pagination": counts}})

    def _write(self, zone: str, method: str, parts: list[str], told: Record) -> Reply:
        action = in_json(201, {"action": {"id": 1, "status": "running", "error": None}})
        if not parts:
            assert method == "POST"
            if any((e["name"], e["type"]) == (told["name"], told["type"]) for e in self.records[zone]):
                raise Refused(409, "uniqueness_error", "the RRSet exists already")
            self._check(zone, told["name"], told["type"], told["records"], told.get("ttl"))
            texts = [record["value"] for record in told["records"]]
            self.records[zone].append(self._set(zone, told["name"], told["type"], told.get("ttl"), texts))
            return action
        name, type = parts[:2]
        stored = next((e for e in self.records[zone] if (e["name"], e["type"]) == (name, type)), None)
        if stored is None:
            raise Refused(404, "not_found", "the RRSet was not found")
        if stored["protection"]["change"]:
            raise Refused(423, "protected", "the RRSet is protected")
        if method == "DELETE":
            self.records[zone].remove(stored)
            return action
        assert method == "POST" and parts[2] == "actions"
        if parts[3] == "change_ttl":
            self._check(zone, name, type, stored["records"], told["ttl"])
            stored["ttl"] = told["ttl"]
        else:
            assert parts[3] == "set_records" and "ttl" not in told
            self._check(zone, name, type, told["records"], None)
            stored["records"] = [{"comment": None, **record} for record in told["records"]]
        return action

    def _check(self, zone: str, name: str, type: str, records: list[Record], ttl: int | None) -> None:
        texts = [record["value"] for record in records]
        if not texts or (ttl is not None and not 60 <= ttl <= 2**31 - 1):
            raise Refused(422, "invalid_input", "no records, or an invalid ttl")
        if type == "TXT" and not all(text[:1] == text[-1:] == '"' for text in texts):
            raise Refused(422, "invalid_input", "TXT values are in quotation marks")
        types = {e["type"] for e in self.records[zone] if e["name"] == name} - {type}
        if "CNAME" in types or (type == "CNAME" and (types or len(texts) > 1)):
            raise Refused(422, "invalid_input", "a CNAME stands alone")

    @staticmethod
    def _set(zone: str, name: str, type: str, ttl: int | None, texts: list[str]) -> Record:
        records = [{"value": text, "comment": None} for text in texts]
        fixed = {"labels": {}, "protection": {"change": False}, "zone": int(Hetzner._id_of(zone))}
        return {"id": f"{name}/{type}", "name": name, "type": type, "ttl": ttl, "records": records, **fixed}

    # -- SetStandIn -------------------------------------------------------------------------------

    def rows_of(self, zone: str, stored: Record) -> list[Row]:
        name, type = absolute(stored["name"], zone), stored["type"]
        ttl = self.zone_ttl if stored["ttl"] is None else stored["ttl"]
        return [Row(name, type, ttl, value_of(zone, type, text)) for text in self.texts_of(stored)]

    def texts_of(self, record_set: Record) -> list[str]:
        return [record["value"] for record in record_set["records"]]

    def to_set(self, zone: str, name: str, type: str, ttl: int, texts: list[str]) -> Record:
        return self._set(zone, relative(name, zone), type, max(ttl, 60), texts)
