"""Google Cloud DNS, as Google's own description of its API has it (dns.v1.json, revision 20261009).

Which status a change gets that does not match was not read; 412 is what the words "conditionNotMet" go with
elsewhere.
"""

from __future__ import annotations

import json
from typing import Any

from mailwright.hosts.dns.services import google
from mailwright.model.names import absolute, bare
from tests.hosts.apis import Row
from tests.hosts.standins.base import Record, Refused, Reply, in_json
from tests.hosts.standins.rest import SetStandIn
from tests.hosts.worlds import value_of


class Google(SetStandIn):
    """One project; a change is all of its deletions and additions, or nothing."""

    service = google.SERVICE
    identity = (google.TOKEN.variable,)
    pages_by_number = False
    private: tuple[str, ...] = ()

    def options(self) -> Record:
        return {"project": "acme-dns"}

    def unknown(self) -> Refused:
        return Refused(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")

    def no_right(self) -> Refused:
        return Refused(403, "PERMISSION_DENIED", "Forbidden: not authorized to write")

    def words(self, refused: Refused) -> Any:
        return {"error": {"code": refused.status, "message": refused.message, "status": refused.code}}

    def call(self, method: str, parts: list[str], query: dict[str, str], body: bytes) -> Reply:
        if parts[:5] != ["dns", "v1", "projects", "acme-dns", "managedZones"]:
            raise Refused(404, "NOT_FOUND", "The 'parameters.project' resource is not found.")
        if len(parts) == 5:
            zones = [self._zone(zone) for zone in self.records if query.get("dnsName", zone) == zone]
            hidden = [self._zone(zone) | {"name": "inside", "visibility": "private"} for zone in self.private]
            return self._page("managedZones", [*hidden, *zones], query)
        zone = next((zone for zone in self.records if self._name_of(zone) == parts[5]), None)
        if zone is None:
            raise Refused(404, "NOT_FOUND", "The 'parameters.managedZone' resource is not found.")
        if method == "GET":
            self.reads += 1
            assert parts[6:] == ["rrsets"]
            return self._page("rrsets", self.records[zone], query)
        assert (method, parts[6:]) == ("POST", ["changes"])
        return self.writing(lambda: self._change(zone, json.loads(body)))

    @staticmethod
    def _name_of(zone: str) -> str:
        return f"z-{bare(zone).replace('.', '-')}"

    def _zone(self, zone: str) -> Record:
        kind = {"kind": "dns#managedZone", "visibility": "public"}
        return {"name": self._name_of(zone), "dnsName": zone, "id": "7", **kind}

    def _page(self, name: str, items: list[Record], query: dict[str, str]) -> Reply:
        size, start = min(int(query.get("maxResults", 100)), self.page), int(query.get("pageToken", 0))
        further = {"nextPageToken": str(start + size)} if start + size < len(items) else {}
        return in_json(200, {"kind": "dns#list", name: items[start : start + size], **further})

    def _change(self, zone: str, told: Record) -> Reply:
        after = list(self.records[zone])
        for gone in told.get("deletions", ()):
            stood = [e for e in after if all(e.get(f) == gone[f] for f in ("name", "type", "ttl", "rrdatas"))]
            if not stood:
                raise Refused(412, "FAILED_PRECONDITION", f"Precondition not met for {gone['name']}")
            after.remove(stood[0])
        for new in told.get("additions", ()):
            self._check(zone, new, after)
            after.append({"kind": "dns#resourceRecordSet", **new, "signatureRrdatas": []})
        if not [e for e in after if e["type"] == "NS" and e["name"] == zone]:
            raise Refused(400, "INVALID_ARGUMENT", "The NS set of the zone's own name cannot be deleted")
        self.records[zone] = after
        return in_json(200, {"kind": "dns#change", "status": "pending", "id": "1", **told})

    def _check(self, zone: str, new: Record, standing: list[Record]) -> None:
        name, type, texts = new["name"], new["type"], new["rrdatas"]
        if not name.endswith(".") or (absolute(name) != zone and not name.endswith(f".{zone}")):
            raise Refused(400, "INVALID_ARGUMENT", "Invalid value for 'entity.change.additions[0].name'")
        if not texts or not isinstance(new["ttl"], int):
            raise Refused(400, "INVALID_ARGUMENT", "Invalid value for 'entity.change.additions[0].rrdata'")
        if type == "TXT" and not all(text[:1] == text[-1:] == '"' for text in texts):
            raise Refused(400, "INVALID_ARGUMENT", "Invalid TXT data")
        if type in ("MX", "CNAME", "NS", "SRV") and not all(text.endswith(".") for text in texts):
            raise Refused(400, "INVALID_ARGUMENT", "Invalid host name")
        types = {e["type"] for e in standing if e["name"] == name}
        if type in types:
            raise Refused(409, "ALREADY_EXISTS", f"The resource '{name} ({type})' already exists")
        if "CNAME" in types or (type == "CNAME" and types):
            raise Refused(400, "FAILED_PRECONDITION", "cnameResourceRecordSetConflict")

    # -- SetStandIn -------------------------------------------------------------------------------

    def rows_of(self, zone: str, stored: Record) -> list[Row]:
        name, type = absolute(stored["name"]), stored["type"]
        return [Row(name, type, stored["ttl"], value_of(zone, type, text)) for text in self.texts_of(stored)]

    def to_set(self, zone: str, name: str, type: str, ttl: int, texts: list[str]) -> Record:
        told = {"name": name, "type": type, "ttl": ttl, "rrdatas": texts, "signatureRrdatas": []}
        return {"kind": "dns#resourceRecordSet", **told}

    def texts_of(self, record_set: Record) -> list[str]:
        return list(record_set.get("rrdatas", ()))
