"""Worlds behind an API: what a test needs of one, made from a few functions of each."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, ClassVar

from mailwright.hosts.dns.base import DnsClient
from mailwright.hosts.dns.services import route53
from mailwright.model import txt
from mailwright.model.names import absolute
from mailwright.model.records import ObservedValue
from tests.hosts.worlds import owner_of, value_of


@dataclass(frozen=True)
class Row:
    """One record that is served."""

    name: str
    type: str
    ttl: int
    value: ObservedValue


class ApiWorld:
    """One account with room for many zones; subclasses say how its records are read and written past us."""

    secrets: tuple[str, ...] = ()
    _numbers: ClassVar[Iterator[int]] = count()

    def __init__(self) -> None:
        self.zones: list[str] = []

    # -- to be said by each --------------------------------------------------------------------------

    def create(self, zone: str) -> None:
        raise NotImplementedError

    def rows(self, zone: str) -> list[Row]:
        raise NotImplementedError

    def write(self, zone: str, name: str, type: str, rows: list[Row]) -> None:
        """One set as it is to be."""
        raise NotImplementedError

    def client(self, zone: str) -> DnsClient:
        raise NotImplementedError

    def stranger(self, zone: str) -> DnsClient:
        raise NotImplementedError

    # -- use -----------------------------------------------------------------------------------------

    def new_zone(self, records: str = "") -> str:
        zone = f"a{next(self._numbers)}.example."
        self.create(zone)
        self.zones.append(zone)
        self.put(zone, f"@ 300 NS ns1.{zone}\nns1 300 A 127.0.0.1\nwww 300 A 192.0.2.10\n{records}")
        return zone

    def put(self, zone: str, records: str) -> None:
        for line in filter(None, map(str.strip, records.splitlines())):
            name, ttl, type, text = line.split(None, 3)
            row = Row(owner_of(name, zone), type, int(ttl), value_of(zone, type, text))
            stood = [each for each in self.rows(zone) if (each.name, each.type) == (row.name, type)]
            self.write(zone, row.name, type, [*stood, row])

    def drop(self, zone: str, name: str, type: str, rdata: str | None = None) -> None:
        name = owner_of(name, zone)
        gone = value_of(zone, type, rdata).value if rdata else None
        left = [
            e
            for e in self.rows(zone)
            if (e.name, e.type) == (name, type) and gone not in (None, e.value.value)
        ]
        self.write(zone, name, type, left)

    def served(self, name: str, type: str) -> list[Row]:
        rows = [row for zone in self.zones for row in self.rows(zone)]
        wild = f"*.{name.partition('.')[2]}"
        exact = [row for row in rows if (row.name, row.type) == (name, type)]
        return exact or [row for row in rows if (row.name, row.type) == (wild, type)]

    def texts(self, name: str, type: str) -> set[str]:
        rows = self.served(name, type)
        if type == "TXT":
            return {txt.quote(row.value.strings or ()) for row in rows}
        return {row.value.value for row in rows}

    def joined(self, name: str) -> set[str]:
        return {row.value.value for row in self.served(name, "TXT")}

    def ttl(self, name: str, type: str) -> int | None:
        return next((row.ttl for row in self.served(name, type)), None)


class Route53(ApiWorld):
    """Moto's server, which plays Amazon, behind a check of signatures; records go past us by boto3 itself."""

    _server: ClassVar[str] = ""
    #: Secrets by access key id: ``mail`` may do DNS, ``nobody`` nothing.
    keys: ClassVar[dict[str, tuple[str, str]]] = {
        "mail": ("AKIAMAILMAILMAIL", "secret-of-the-tests-5b0f3a"),
        "nobody": ("AKIANOBODYNOBODY", "secret-without-rights-91cc"),
    }

    def __init__(self) -> None:
        super().__init__()
        Route53._server = Route53._server or _moto(dict(self.keys.values()))
        self.address = Route53._server
        self.secrets = (self.keys["mail"][1], "secret-of-nobody-77aa")
        self._boto = self._account(*self.keys["mail"])
        self._ids: dict[str, str] = {}

    def _account(self, id: str, secret: str) -> Any:
        from mailwright.hosts.dns.route53 import Account

        return Account(self.address, {"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret}).client

    def create(self, zone: str) -> None:
        made = self._boto.create_hosted_zone(Name=zone, CallerReference=zone)
        self._ids[zone] = id = made["HostedZone"]["Id"]
        found = self._boto.list_resource_record_sets(HostedZoneId=id)["ResourceRecordSets"]
        (ns,) = (each for each in found if each["Type"] == "NS")
        batch = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": ns}]}
        self._boto.change_resource_record_sets(HostedZoneId=id, ChangeBatch=batch)

    def rows(self, zone: str) -> list[Row]:
        from mailwright.hosts.dns.route53 import read_txt

        pages = self._boto.get_paginator("list_resource_record_sets").paginate(HostedZoneId=self._ids[zone])
        made = []
        for record_set in (each for page in pages for each in page["ResourceRecordSets"]):
            name, type = absolute(record_set["Name"].replace("\\052", "*")), record_set["Type"]
            for record in record_set.get("ResourceRecords", ()):
                text = record["Value"]
                if type == "TXT":
                    value = read_txt(text)
                else:
                    value = ObservedValue(text) if type == "SOA" else value_of(zone, type, text)
                made.append(Row(name, type, record_set["TTL"], value))
        return made

    def write(self, zone: str, name: str, type: str, rows: list[Row]) -> None:
        stood = [row for row in self.rows(zone) if (row.name, row.type) == (name, type)]
        action, wanted = ("UPSERT", rows) if rows else ("DELETE", stood)
        records = [{"Value": self._text(row)} for row in wanted]
        record_set = {"Name": name, "Type": type, "TTL": wanted[0].ttl, "ResourceRecords": records}
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record_set}]}
        self._boto.change_resource_record_sets(HostedZoneId=self._ids[zone], ChangeBatch=batch)

    @staticmethod
    def _text(row: Row) -> str:
        return txt.quote(row.value.strings or ()) if row.type == "TXT" else row.value.value

    def client(self, zone: str) -> DnsClient:
        return self.by(zone, *self.keys["mail"])

    def stranger(self, zone: str) -> DnsClient:
        return self.by(zone, self.keys["mail"][0], self.secrets[1])

    def by(self, zone: str, id: str, secret: str) -> DnsClient:
        target = route53.SERVICE.target(zone, zone, {"base_url": self.address})
        return route53.Accounts().client(target, {"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret})


def _moto(secrets: dict[str, str]) -> str:
    """The address of a server of this process."""
    import logging
    from threading import Thread

    from moto.route53 import models
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    _compare_with_what_is_there(models)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = DomainDispatcherApplication(create_backend_app)

    def app(environ: dict[str, Any], start: Any) -> Any:
        refusal = _refusal(environ, secrets)
        if not refusal:
            return moto(environ, start)
        body = f"<ErrorResponse><Error><Type>Sender</Type>{refusal}</Error></ErrorResponse>".encode()
        start("403 Forbidden", [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))])
        return [body]

    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def _refusal(environ: dict[str, Any], secrets: dict[str, str]) -> str:
    """What Amazon says to a signature of another key (Signature Version 4), or to who has no right."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    told = dict(
        part.strip().split("=", 1) for part in environ["HTTP_AUTHORIZATION"].partition(" ")[2].split(",")
    )
    id = told["Credential"].partition("/")[0]
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
    url = f"http://{environ['HTTP_HOST']}{environ['RAW_URI'].partition('?')[0]}{query}"
    names = [part for part in told["SignedHeaders"].split(";") if part != "host"]
    headers = {name: environ["HTTP_" + name.upper().replace("-", "_")] for name in names}
    request = AWSRequest(environ["REQUEST_METHOD"], url, headers, body)
    request.context["timestamp"] = environ["HTTP_X_AMZ_DATE"]
    signer = SigV4Auth(Credentials(id, secrets.get(id, "")), "route53", "us-east-1")
    text = signer.string_to_sign(request, signer.canonical_request(request))
    if signer.signature(text, request) != told["Signature"]:
        return f"<Code>SignatureDoesNotMatch</Code><Message>The signature of {text} does not match</Message>"
    if "NOBODY" in id:
        return (
            "<Code>AccessDenied</Code><Message>User nobody is not authorized to perform: route53:*</Message>"
        )
    return ""


def _compare_with_what_is_there(models: Any) -> None:
    """Moto compares a batch with all that was ever sent; Amazon with what is there now."""
    carry_out = models.Route53Backend.change_resource_record_sets

    class Now(list[Any]):
        def __init__(self, zone: Any) -> None:
            super().__init__()
            self.there = {(e.name, e.type): (int(e.ttl or 0), sorted(e.records)) for e in zone.rrsets}

        def __contains__(self, change: object) -> bool:
            return False

        def has_insert_or_update(self, told: dict[str, Any]) -> bool:
            values = sorted(ResourceRecord["Value"] for ResourceRecord in told.get("ResourceRecords", ()))
            return self.there.get((told["Name"], told["Type"])) == (int(told.get("TTL", 0)), values)

    def change(self: Any, zoneid: str, change_list: list[dict[str, Any]]) -> None:
        zone = self.get_hosted_zone(zoneid)
        zone.rr_changes = now = Now(zone)
        sets = [(each["Action"], each["ResourceRecordSet"]) for each in change_list]
        going = {(told["Name"], told["Type"]) for action, told in sets if action == "DELETE"}
        for action, told in sets:
            pair = (told["Name"], told["Type"])
            alone = "SetIdentifier" not in told
            if action == "CREATE" and alone and pair in now.there and pair not in going:
                raise models.ResourceRecordAlreadyExists(name=told["Name"], _type=told["Type"])
        carry_out(self, zoneid, change_list)

    models.Route53Backend.change_resource_record_sets = change
