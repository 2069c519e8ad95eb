"""GoDaddy, as its pages describe it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from mailwright.hosts.dns import fields
from mailwright.hosts.dns.services import godaddy
from mailwright.model.names import absolute, relative
from tests.hosts.apis import Row
from tests.hosts.standins.base import Record, Refused, Reply, StandIn, in_json


class Godaddy(StandIn):
    """GoDaddy's v1 (developer.godaddy.com/doc/endpoint/domains)."""

    service = godaddy.SERVICE
    pages_by_number = False
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
