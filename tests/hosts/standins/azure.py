"""Azure DNS, as Microsoft's own SDK describes it (azure-mgmt-dns 9.0.0, api-version 2018-05-01).

What is refused beyond the SDK's words is what DNSControl found (its auditrecords.go at 7a079bc).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from mailwright.hosts.dns.services import azure
from mailwright.model import txt
from mailwright.model.names import absolute, bare, relative
from tests.hosts.apis import Row
from tests.hosts.standins.base import Record, Refused, Reply, in_json
from tests.hosts.standins.rest import SetStandIn
from tests.hosts.worlds import value_of

_ONE = {"A": "ipv4Address", "AAAA": "ipv6Address", "NS": "nsdname", "CNAME": "cname"}
_LISTS = {"A": "ARecords", "AAAA": "AAAARecords", "NS": "NSRecords", "MX": "MXRecords"}
_LISTS |= {"TXT": "TXTRecords", "SRV": "SRVRecords", "CNAME": "CNAMERecord"}


class Azure(SetStandIn):
    """Each set has a tag, which changes with every write; host names come back without their final dot."""

    service = azure.SERVICE
    identity = (azure.TOKEN.variable,)
    pages_by_number = False
    skip = "$skiptoken"
    subscription = "00000000-0000-0000-0000-000000000000"

    def options(self) -> Record:
        return {"subscription": self.subscription, "resource_group": "dns"}

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        self._conditions = (headers.get("If-Match"), headers.get("If-None-Match"))
        return super().answer(method, path, headers, body)

    def unknown(self) -> Refused:
        return Refused(401, "InvalidAuthenticationToken", "The access token is invalid.")

    def no_right(self) -> Refused:
        words = "The client does not have authorization to perform this action: not authorized"
        return Refused(403, "AuthorizationFailed", words)

    def words(self, refused: Refused) -> Any:
        return {"error": {"code": refused.code, "message": refused.message}}

    def call(self, method: str, parts: list[str], query: dict[str, str], body: bytes) -> Reply:
        assert query["api-version"] == "2018-05-01"
        if parts[:4] != ["subscriptions", self.subscription, "resourceGroups", "dns"]:
            raise Refused(404, "ResourceGroupNotFound", "Resource group could not be found.")
        assert parts[4:7] == ["providers", "Microsoft.Network", "dnsZones"]
        zone = self.zone_of(parts[7])
        if zone is None:
            raise Refused(404, "ResourceNotFound", "The Resource under resource group was not found.")
        if method == "GET":
            assert parts[8:] == ["recordsets"]
            return self._get(zone, query)
        type, name = parts[8:]
        return self.writing(lambda: self._write(zone, method, name, type, body))

    def _get(self, zone: str, query: dict[str, str]) -> Reply:
        self.reads += 1
        size, start = min(int(query.get("$top", 100)), self.page), int(query.get("$skiptoken", 0))
        sets = self.records[zone]
        here = f"{self.address}/subscriptions/{self.subscription}/recordsets?api-version=2018-05-01"
        more = {"nextLink": f"{here}&{quote(self.skip)}={start + size}"} if start + size < len(sets) else {}
        return in_json(200, {"value": sets[start : start + size], **more})

    def _write(self, zone: str, method: str, name: str, type: str, body: bytes) -> Reply:
        tag, none = self._conditions
        old = next((e for e in self.records[zone] if (e["name"], self._type(e)) == (name, type)), None)
        if (tag and (old is None or old["etag"] != tag)) or (none == "*" and old is not None):
            raise Refused(412, "PreconditionFailed", f"The condition was not met for {name}.")
        if method == "DELETE":
            self.records[zone] = [e for e in self.records[zone] if e is not old]
            return (204 if old is None else 200, {}, b"")
        assert method == "PUT"
        told = json.loads(body)["properties"]
        self._check(zone, name, type, told)
        made = self._set(zone, name, type, told)
        if old is None:
            self.records[zone].append(made)
        else:
            self.records[zone][self.records[zone].index(old)] = made
        return in_json(200 if old else 201, made)

    def _check(self, zone: str, name: str, type: str, told: Record) -> None:
        records = told.get(_LISTS[type])
        if not records or not isinstance(told.get("TTL"), int):
            raise Refused(400, "BadRequest", "The record set has no records, or no TTL.")
        if type == "TXT" and any(not "".join(e["value"]) or max(map(len, e["value"])) > 255 for e in records):
            raise Refused(400, "BadRequest", "A TXT string is empty, or longer than 255.")
        if type == "MX" and any(e["exchange"] in ("", ".") for e in records):
            raise Refused(400, "BadRequest", "The exchange of an MX record is invalid.")
        types = {self._type(e) for e in self.records[zone] if e["name"] == name} - {type}
        if "CNAME" in types or (type == "CNAME" and types):
            raise Refused(400, "BadRequest", "A CNAME record set cannot stand beside others.")

    @staticmethod
    def _type(stored: Record) -> str:
        return str(stored["type"]).rpartition("/")[2]

    def _set(self, zone: str, name: str, type: str, told: Record) -> Record:
        for record in (told["CNAMERecord"],) if type == "CNAME" else told[_LISTS[type]]:
            for field in {"nsdname", "exchange", "target", "cname"} & record.keys():
                record[field] = bare(record[field])
        where = f"/subscriptions/{self.subscription}/resourceGroups/dns/dnszones/{bare(zone)}/{type}/{name}"
        fixed = {"fqdn": name, "provisioningState": "Succeeded", "targetResource": {}}
        kind = f"Microsoft.Network/dnszones/{type}"
        tag = f"tag-{self.fresh()}"
        return {"id": where, "name": name, "type": kind, "etag": tag, "properties": {**told, **fixed}}

    # -- SetStandIn -------------------------------------------------------------------------------

    def rows_of(self, zone: str, stored: Record) -> list[Row]:
        name, type = absolute(stored["name"], zone), self._type(stored)
        ttl = stored["properties"]["TTL"]
        return [Row(name, type, ttl, value_of(zone, type, text)) for text in self.texts_of(stored)]

    def texts_of(self, record_set: Record) -> list[str]:
        type, told = self._type(record_set), record_set["properties"]
        records = told.get(_LISTS[type]) or []
        if type == "TXT":
            return [txt.quote(tuple(map(txt.to_octets, e["value"]))) for e in records]
        if type == "CNAME":
            return [f"{records['cname']}."] if records else []
        if type == "MX":
            return [f"{e['preference']} {e['exchange']}." for e in records]
        if type == "SRV":
            return [f"{e['priority']} {e['weight']} {e['port']} {e['target']}." for e in records]
        return [e[_ONE[type]] + ("." if type == "NS" else "") for e in records]

    def to_set(self, zone: str, name: str, type: str, ttl: int, texts: list[str]) -> Record:
        records: list[Record] = []
        for text in texts:
            if type == "TXT":
                strings = value_of(zone, type, text).strings or ()
                records.append({"value": [txt.from_octets(octets) for octets in strings]})
            elif type == "MX":
                preference, exchange = text.split()
                records.append({"preference": int(preference), "exchange": exchange})
            elif type == "SRV":
                *numbers, target = text.split()
                fields = dict(zip(("priority", "weight", "port"), map(int, numbers), strict=True))
                records.append({**fields, "target": target})
            else:
                records.append({_ONE[type]: text})
        told = {"TTL": ttl, _LISTS[type]: records[0] if type == "CNAME" else records}
        return self._set(zone, relative(name, zone), type, told)
