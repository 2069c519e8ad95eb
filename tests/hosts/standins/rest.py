"""What vendors of JSON APIs have in common: a token in a header, one address a thing, 429 with a pause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from mailwright.hosts.dns.base import DnsClient
from mailwright.model import txt
from tests.hosts.apis import Row
from tests.hosts.standins.base import Record, Refused, Reply, StandIn, in_json


class RestStandIn(StandIn):
    """``token``: what stands before it in the header ``Authorization``."""

    token: ClassVar[str] = "Bearer "
    page = 500

    def by(self, zone: str, id: str, secret: str) -> DnsClient:
        """One secret, and no id beside it."""
        assert self.service.open
        target = self.service.target(zone, zone, {"base_url": self.address, **self.options()})
        return self.service.open().client(target, {self.identity[0]: secret} if secret else {})

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        address = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
        secret = self.secret_in(headers)
        if secret not in (self.secrets[0], self.weak[1]):
            raise self.unknown()
        if self.busy:
            self.busy -= 1
            raise Refused(429, "busy")
        parts = [unquote(part) for part in address.path.split("/")[1:]]
        if method != "GET" and secret == self.weak[1]:
            raise self.no_right()
        return self.call(method, parts, query, body)

    def secret_in(self, headers: Mapping[str, str]) -> str:
        return (headers.get("Authorization") or "").removeprefix(self.token)

    # -- to be said by each vendor ----------------------------------------------------------------

    def unknown(self) -> Refused:
        """What it says to a token that it does not know."""
        raise NotImplementedError

    def no_right(self) -> Refused:
        raise NotImplementedError

    def words(self, refused: Refused) -> Any:
        """The body of a refusal."""
        raise NotImplementedError

    def call(self, method: str, parts: list[str], query: dict[str, str], body: bytes) -> Reply:
        raise NotImplementedError

    # -- inside -----------------------------------------------------------------------------------

    def refusal(self, refused: Refused) -> Reply:
        status, headers, octets = in_json(refused.status, self.words(refused))
        return (status, headers | ({"Retry-After": "0"} if status == 429 else {}), octets)


class SetStandIn(RestStandIn):
    """A vendor that keeps sets: ``records`` has one entry a set, in the vendor's own form."""

    # -- to be said by each vendor ----------------------------------------------------------------

    def rows_of(self, zone: str, stored: Record) -> list[Row]:
        """None of them where it is not served to everybody."""
        raise NotImplementedError

    def to_set(self, zone: str, name: str, type: str, ttl: int, texts: list[str]) -> Record:
        raise NotImplementedError

    def texts_of(self, record_set: Record) -> list[str]:
        raise NotImplementedError

    def to_record(self, zone: str, row: Row) -> Record:
        return self.to_set(zone, row.name, row.type, row.ttl, [zone_file_text(row)])

    # -- ApiWorld ---------------------------------------------------------------------------------

    def write(self, zone: str, name: str, type: str, rows: list[Row]) -> None:
        """A value that stays keeps the text in which it is stored."""
        with self._lock:
            stored: dict[Row, str] = {}
            place = len(self.records[zone])
            for number, record_set in enumerate(self.records[zone]):
                here = self.rows_of(zone, record_set)
                if here and (here[0].name, here[0].type) == (name, type):
                    place = number
                    stored = dict(zip(here, self.texts_of(record_set), strict=True))
            texts = [stored.get(row) or zone_file_text(row) for row in rows]
            after = [self.to_set(zone, name, type, rows[0].ttl, texts)] if rows else []
            self.records[zone][place : place + 1] = after


def zone_file_text(row: Row) -> str:
    """RFC 1035 §5.1."""
    return txt.quote(row.value.strings or ()) if row.type == "TXT" else row.value.value
