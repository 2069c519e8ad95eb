"""Namecheap, as its pages describe it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs
from xml.sax.saxutils import escape, quoteattr

from mailwright.hosts.dns import fields
from mailwright.hosts.dns.services import namecheap
from mailwright.model.names import absolute, bare, relative
from mailwright.model.records import ObservedValue
from tests.hosts.apis import Row
from tests.hosts.standins.base import Record, Refused, Reply, StandIn


class Namecheap(StandIn):
    """Namecheap's XML API (namecheap.com/support/api/methods/domains-dns)."""

    service = namecheap.SERVICE
    pages_by_number = False
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
