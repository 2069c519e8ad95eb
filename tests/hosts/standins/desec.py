"""deSEC, as its pages describe it (desec-io/desec-stack at d7ccaf7: docs/dns/rrsets.rst, rate-limits.rst)."""

from __future__ import annotations

import json
from typing import Any

from mailwright.hosts.dns.services import desec
from mailwright.model.names import absolute, bare, relative
from tests.hosts.apis import Row
from tests.hosts.standins.base import Record, Refused, Reply, in_json
from tests.hosts.standins.rest import SetStandIn
from tests.hosts.worlds import value_of


class Desec(SetStandIn):
    """Bulk writes are atomic; sets come newest first, 500 at a time."""

    service = desec.SERVICE
    identity = (desec.TOKEN.variable,)
    token = "Token "
    minimum_ttl = 3600
    pages_by_number = False
    clock = 0

    def unknown(self) -> Refused:
        return Refused(401, "Invalid token.")

    def no_right(self) -> Refused:
        return Refused(403, "You do not have permission to perform this action.")

    def words(self, refused: Refused) -> Any:
        if refused.code == "errors":  # one object a set, in their order
            return json.loads(refused.message)
        return {"detail": "Request was throttled." if refused.status == 429 else refused.message}

    def call(self, method: str, parts: list[str], query: dict[str, str], body: bytes) -> Reply:
        if parts[:3] != ["api", "v1", "domains"] or parts[4:] != ["rrsets", ""]:
            raise Refused(404, "Not found.")
        zone = self.zone_of(parts[3])
        if zone is None:
            raise Refused(404, "Not found.")
        if method == "GET":
            return self._get(zone, query)
        assert method == "PATCH", "POST makes new sets only, and PUT wants every field"
        return self.writing(lambda: self._patch(zone, json.loads(body)))

    def _get(self, zone: str, query: dict[str, str]) -> Reply:
        self.reads += 1
        newest = self.records[zone][::-1]
        here = f"{self.address}/api/v1/domains/{bare(zone)}/rrsets/?cursor="
        if len(newest) <= self.page:
            return in_json(200, newest)
        if "cursor" not in query:
            status, headers, octets = in_json(400, {"detail": "Pagination required."})
            return (status, headers | {"Link": f'<{here}>; rel="first"'}, octets)
        start = int(query["cursor"].removeprefix("c") or 0)
        links = [f'<{here}>; rel="first"']
        if start:
            links.append(f'<{here}c{max(0, start - self.page)}>; rel="prev"')
        if start + self.page < len(newest):
            links.append(f'<{here}c{start + self.page}>; rel="next"')
        status, headers, octets = in_json(200, newest[start : start + self.page])
        return (status, headers | {"Link": ", ".join(links)}, octets)

    def _patch(self, zone: str, sets: list[Record]) -> Reply:
        """All of them, or none."""
        after = {(e["subname"], e["type"]): e for e in self.records[zone]}
        errors: list[Record] = []
        for told in sets:
            key = (told.get("subname", ""), told["type"])
            old = after.get(key)
            errors.append(self._fault(told, old))
            if told.get("records") == []:
                after.pop(key, None)
            elif not errors[-1]:
                ttl = told.get("ttl", old and old["ttl"])
                texts = told.get("records") or (old or {})["records"]
                after[key] = self._set(zone, *key, ttl, texts, old)
        for subname in {key[0] for key in after}:
            types = {key[1] for key in after if key[0] == subname}
            if "CNAME" in types and len(types) > 1:
                errors.append({"non_field_errors": ["RRset with conflicting type present: no CNAME beside."]})
        if any(errors):
            raise Refused(400, "errors", json.dumps(errors))
        self.records[zone] = list(after.values())
        return in_json(200, [e for e in after.values() if e["touched"] == f"t{self.clock}"])

    def _fault(self, told: Record, old: Record | None) -> Record:
        if told.get("subname") == "@":
            return {"subname": ["Use an empty string."]}
        if told["type"] in ("SOA", "RRSIG", "DNSKEY", "ALIAS"):
            return {"type": [f"You cannot tinker with the {told['type']} RR set."]}
        if told.get("records") == []:
            return {}
        if old is None and not {"ttl", "records"} <= told.keys():
            return {"ttl": ["This field is required."]}
        ttl, texts = told.get("ttl", self.minimum_ttl), told.get("records", [])
        if not self.minimum_ttl <= ttl <= 86400:
            return {"ttl": [f"Ensure this value is greater than or equal to {self.minimum_ttl}."]}
        if told["type"] == "TXT" and not all(text[:1] == text[-1:] == '"' for text in texts):
            return {"records": ["Data for TXT records must be given using quotation marks."]}
        if told["type"] in ("MX", "CNAME", "NS", "SRV") and not all(text.endswith(".") for text in texts):
            return {"records": ["Hostnames must be fully qualified (end in a dot)."]}
        if told["type"] == "CNAME" and len(texts) > 1:
            return {"records": ["RRset of type CNAME cannot have multiple records."]}
        return {}

    def _set(
        self, zone: str, subname: str, type: str, ttl: int, texts: list[str], old: Record | None
    ) -> Record:
        self.clock += 1
        name = f"{subname}.{zone}" if subname else zone
        first = old["created"] if old else f"t{self.clock}"
        return {
            "created": first,
            "domain": bare(zone),
            "subname": subname,
            "name": name,
            "type": type,
            "records": texts,
            "ttl": ttl,
            "touched": f"t{self.clock}",
        }

    # -- SetStandIn -------------------------------------------------------------------------------

    def rows_of(self, zone: str, stored: Record) -> list[Row]:
        name, type = absolute(stored["name"]), stored["type"]
        return [Row(name, type, stored["ttl"], value_of(zone, type, text)) for text in stored["records"]]

    def to_set(self, zone: str, name: str, type: str, ttl: int, texts: list[str]) -> Record:
        subname = "" if name == zone else relative(name, zone)
        return self._set(zone, subname, type, max(ttl, self.minimum_ttl), texts, None)

    def texts_of(self, record_set: Record) -> list[str]:
        return list(record_set["records"])
