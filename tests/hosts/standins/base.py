"""Stateful stand-ins of vendors' APIs: each refuses what its pages say, and is watched after every write.

A stand-in is no vendor. What it does not know (how long a change takes to be served, what a console adds to a
record) nobody has tried.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, ClassVar

from mailwright.hosts.dns.base import DnsClient
from mailwright.hosts.dns.service import DnsService
from mailwright.model.families import Family, family_of
from mailwright.model.names import absolute
from mailwright.model.records import ObservedValue
from tests.hosts.apis import ApiWorld, Row

Reply = tuple[int, dict[str, str], bytes]
Record = dict[str, Any]


class Refused(Exception):
    """The vendor's no: HTTP status, code, message."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message or code


class StandIn(ApiWorld):
    """An account at a vendor; records are kept in the vendor's own form.

    ``faults`` by the number of the writing call: ``lost`` (done, no answer), ``dropped`` (no answer, not
    done), ``nothing`` (yes, and not done), ``busy``, ``broken`` (500), ``late`` (somebody writes before it).
    """

    service: ClassVar[DnsService]
    #: What the vendor calls the two halves of a credential, by our variables.
    identity: ClassVar[tuple[str, str]]
    key_id = "id-of-the-tests"
    secrets = ("secret-of-the-tests-41f7", "secret-of-nobody-77aa")
    weak = ("id-without-rights", "secret-without-rights-3c")
    #: Whether pages are counted, so that who writes between two of them moves what the next one has.
    pages_by_number = True

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, list[Record]] = {}
        self.writes = self.reads = 0
        self.faults: dict[int, str] = {}
        self.busy = 0  # further calls that are turned away
        self.late: Callable[[], None] | None = None
        self.watched: list[str] = []
        self.gone: set[tuple[str, str]] = set()
        self.history: list[list[Row]] = []
        self._ids: Iterator[int] = count(1000)
        self._lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    # -- to be said by each vendor ------------------------------------------------------------------

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Raises Refused."""
        raise NotImplementedError

    def refusal(self, refused: Refused) -> Reply:
        raise NotImplementedError

    def to_row(self, zone: str, record: Record) -> Row | None:
        """None: not served to everybody."""
        raise NotImplementedError

    def to_record(self, zone: str, row: Row) -> Record:
        raise NotImplementedError

    # -- ApiWorld -------------------------------------------------------------------------------------

    def create(self, zone: str) -> None:
        self.records[zone] = []

    def rows(self, zone: str) -> list[Row]:
        with self._lock:
            return [row for stored in self.records[zone] for row in self.rows_of(zone, stored)]

    def rows_of(self, zone: str, stored: Record) -> list[Row]:
        """What is served of one thing that is stored."""
        row = self.to_row(zone, stored)
        return [row] if row else []

    def write(self, zone: str, name: str, type: str, rows: list[Row]) -> None:
        with self._lock:
            kept: list[Record] = []
            standing = []
            for record in self.records[zone]:
                row = self.to_row(zone, record)
                if row is None or (row.name, row.type) != (name, type):
                    kept.append(record)
                elif row in rows:
                    kept.append(record)
                    standing.append(row)
            kept += [self.to_record(zone, each) for each in rows if each not in standing]
            self.records[zone] = kept

    def client(self, zone: str) -> DnsClient:
        return self.by(zone, self.key_id, self.secrets[0])

    def stranger(self, zone: str) -> DnsClient:
        return self.by(zone, self.key_id, self.secrets[1])

    def by(self, zone: str, id: str, secret: str) -> DnsClient:
        assert self.service.open
        target = self.service.target(zone, zone, {"base_url": self.address, **self.options()})
        return self.service.open().client(target, dict(zip(self.identity, (id, secret), strict=True)))

    def yes(self) -> Reply:
        """The answer to a write that was done, or is said to be."""
        return (200, {}, b"{}")

    def options(self) -> Record:
        """What the spec says beside the address."""
        return {}

    def holds(self, text: str) -> bool:
        """Whether the vendor can store this TXT."""
        return self.service.stores.limits.refusal("TXT", text) is None

    # -- inside ----------------------------------------------------------------------------------------

    def fresh(self) -> int:
        return next(self._ids)

    def zone_of(self, name: str) -> str | None:
        return absolute(name) if absolute(name) in self.records else None

    def writing(self, change: Callable[[], Reply]) -> Reply:
        """One call that changes something, with its fault, watched."""
        self.writes += 1
        fault = self.faults.get(self.writes, "")
        if fault == "busy":
            self.busy = 1
            raise Refused(429, "busy")
        if fault == "late" and self.late:
            self.late()
        if fault in ("dropped", "nothing", "broken"):
            reply = (500, {}, b"") if fault == "broken" else self.yes()
            return (0, {}, b"") if fault == "dropped" else reply
        before = {zone: self.rows(zone) for zone in self.records}
        reply = change()
        for zone in self.records:
            self.watch(before[zone], self.rows(zone))
            self.history.append(self.rows(zone))
        return (0, {}, b"") if fault == "lost" else reply

    def watch(self, before: list[Row], after: list[Row]) -> None:
        """A second SPF record, a CNAME beside others, no MX or SPF for a moment: noted, whatever the test."""
        for name in {row.name for row in (*before, *after)}:
            here = [row for row in after if row.name == name]
            spf = [row for row in here if family_of(name, row.type, row.value.value) is Family.SPF]
            was = [row for row in before if family_of(row.name, row.type, row.value.value) is Family.SPF]
            if len(spf) > max(1, len([row for row in was if row.name == name])):
                self.watched.append(f"{name}: {len(spf)} SPF records")
            self._watch_gap(name, "MX", [r.value for r in before if (r.name, r.type) == (name, "MX")], here)
            self._watch_gap(name, "SPF", [row.value for row in was if row.name == name], spf)
            types = {row.type for row in here}
            if "CNAME" in types and len(types) > 1:
                self.watched.append(f"{name}: a CNAME beside {types}")

    def _watch_gap(self, name: str, what: str, before: list[ObservedValue], after: list[Row]) -> None:
        """All of it goes, and some comes back in a later call: who asked between has none for a TTL."""
        standing = [row for row in after if what == "SPF" or row.type == what]
        if before and not standing:
            self.gone.add((name, what))
        elif standing and not before and (name, what) in self.gone:
            self.gone.discard((name, what))
            self.watched.append(f"{name}: no {what} for a moment")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        world = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # a head and a body are two pieces: the second would wait 40 ms

            def log_message(self, *_: object) -> None:
                return

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with world._lock:
                    try:
                        reply = world.answer(self.command, self.path, self.headers, body)
                    except Refused as refused:
                        reply = world.refusal(refused)
                status, headers, octets = reply
                if not status:  # the answer is lost
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(octets)))
                self.end_headers()
                self.wfile.write(octets)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

        return Handler


def in_json(status: int, body: Any) -> Reply:
    return (status, {"Content-Type": "application/json"}, json.dumps(body, ensure_ascii=False).encode())
