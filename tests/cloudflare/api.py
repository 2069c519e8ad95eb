"""A stand-in of Cloudflare's API v4: zones and DNS records with its refusals, on loopback.

Its behaviour is that of the public API as documented: single records with ids, content as given,
no identical record twice, no CNAME beside others, answers in pages, errors with code and message.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.cloudflare.routing import ACCOUNT, NOW, ApiError, Routing, route

TOKEN = "t" * 40
_WRITABLE = ("name", "type", "ttl", "content", "priority", "data", "proxied", "comment", "tags", "settings")


@dataclass
class Account:
    """Every zone of one account; the world that tests look at."""

    zones: dict[str, str] = field(default_factory=dict)  # id → name
    records: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)  # zone id → id → body
    #: Refuse the next writes whose record has this content, as an outage would.
    refuse: str | None = None
    log: list[tuple[str, str]] = field(default_factory=list)
    routing: dict[str, Routing] = field(default_factory=dict)  # zone id → Email Routing
    destinations: dict[str, dict[str, Any]] = field(default_factory=dict)
    workers: set[str] = field(default_factory=lambda: {"fan-out"})
    #: Whether enabling Email Routing replaces an SPF record that is there, as users have seen.
    overwrites_spf: bool = False
    #: Called after every write, so that a test can look at the world in between.
    watch: Callable[[], None] = lambda: None
    _next: int = 0

    def new_zone(self, name: str, *records: tuple[str, str, str]) -> str:
        """A zone with records (owner name, type, content; for MX ``10 host``). Returns its id."""
        zone = f"{len(self.zones) + 1:032x}"
        self.zones[zone] = name
        self.records[zone] = {}
        for owner, type, content in records:
            self.add(zone, owner, type, content)
        return zone

    def add(self, zone: str, owner: str, type: str, content: str, **more: Any) -> str:
        """Somebody adds a record in the console."""
        body: dict[str, Any] = {"name": owner, "type": type, "content": content, "ttl": 300, **more}
        if type == "MX":
            preference, _, body["content"] = content.partition(" ")
            body["priority"] = int(preference)
        return str(self.create(zone, body)["id"])

    def values(self, zone: str, type: str, owner: str | None = None) -> list[str]:
        """What the zone serves, sorted: content, with the preference for MX."""
        made = []
        for each in self.records[zone].values():
            if each["type"] == type and owner in (None, each["name"]):
                made.append(f"{each['priority']} {each['content']}" if type == "MX" else each["content"])
        return sorted(made)

    def new_id(self) -> str:
        """An id that nothing had before."""
        self._next += 1
        return f"{self._next:032x}"

    def destination(self, email: str, verified: str | None = None) -> str:
        """A destination address of the account; without ``verified`` it waits for a click."""
        for id, each in self.destinations.items():
            if each["email"] == email:
                return id
        id = self.new_id()
        body = {"id": id, "tag": id, "email": email, "created": NOW, "modified": NOW}
        self.destinations[id] = {**body, "verified": verified}
        return id

    def click(self, email: str) -> None:
        """Somebody follows the link in the mail."""
        self.destinations[self.destination(email)]["verified"] = NOW

    def create(self, zone: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST. Raises ApiError."""
        made = self._checked(zone, body, None)
        self._next += 1
        id = f"{self._next:032x}"
        self.records[zone][id] = {**made, "id": id, "created_on": NOW, "modified_on": NOW}
        return self.records[zone][id]

    def update(self, zone: str, id: str, body: dict[str, Any]) -> dict[str, Any]:
        """PUT. Raises ApiError."""
        self._refuse_locked(zone, id)
        self.records[zone][id] |= self._checked(zone, body, id)
        return self.records[zone][id]

    def delete(self, zone: str, id: str) -> None:
        """DELETE. Raises ApiError."""
        self._refuse_locked(zone, id)
        del self.records[zone][id]

    def one(self, zone: str, id: str) -> dict[str, Any]:
        """GET. Raises ApiError."""
        if id not in self.records.get(zone, {}):
            raise ApiError(404, 81044, "Record does not exist.")
        return self.records[zone][id]

    def _refuse_locked(self, zone: str, id: str) -> None:
        content = str(self.one(zone, id).get("content", ""))
        if zone in self.routing and self.routing[zone].locked and "mx.cloudflare.net" in content:
            raise ApiError(400, 890190, "This record is managed by Email Routing. Disable it first.")

    def _checked(self, zone: str, body: dict[str, Any], id: str | None) -> dict[str, Any]:
        made = {name: body[name] for name in _WRITABLE if body.get(name) is not None}
        made.setdefault("proxied", False)
        made["name"] = _full(str(made["name"]), self.zones[zone])
        if "content" not in made and "data" in made:
            made["content"] = _data_text(made["type"], made["data"])
        if self.refuse and self.refuse in made.get("content", ""):
            raise ApiError(500, 10000, "Internal error")
        if not (made["ttl"] == 1 or 60 <= made["ttl"] <= 86400):
            raise ApiError(
                400, 9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic."
            )
        if made["proxied"] and made["type"] not in ("A", "AAAA", "CNAME"):
            raise ApiError(400, 9004, "This record type cannot be proxied.")
        self._refuse_conflicts(zone, made, id)
        locked = zone in self.routing and self.routing[zone].locked and made["name"] == self.zones[zone]
        if locked and made["type"] == "MX" and not made["content"].endswith(".mx.cloudflare.net"):
            raise ApiError(400, 890191, "Email Routing is on: its MX records allow no others beside them.")
        return made

    def _refuse_conflicts(self, zone: str, made: dict[str, Any], id: str | None) -> None:
        for other in self.records[zone].values():
            if other["id"] == id or other["name"] != made["name"]:
                continue
            if (other["type"], other["content"]) == (made["type"], made.get("content")):
                raise ApiError(400, 81058, "An identical record already exists.")
            apex = made["name"] == self.zones[zone]
            if "CNAME" in (other["type"], made["type"]) and not apex:
                raise ApiError(400, 81053, "An A, AAAA, or CNAME record with that host already exists.")


def _full(name: str, zone: str) -> str:
    name = name.rstrip(".").lower()
    if name == "@":
        return zone
    return name if name == zone or name.endswith("." + zone) else f"{name}.{zone}"


def _data_text(type: str, data: dict[str, Any]) -> str:
    if type == "SRV":
        return f"{data['weight']} {data['port']} {data['target']}"
    return " ".join(str(data[each]) for each in ("usage", "selector", "matching_type", "certificate"))


@dataclass
class Api:
    """A running stand-in."""

    account: Account
    url: str


@contextmanager
def served(account: Account) -> Iterator[Api]:
    """Serve an account over HTTP on loopback."""
    handler = type("Handler", (_Handler,), {"account": account})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Api(account, f"http://127.0.0.1:{server.server_address[1]}/client/v4")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    account: Account
    protocol_version = "HTTP/1.1"
    _lock = threading.Lock()

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}") if length else {}
        try:
            with self._lock:
                self.account.log.append((self.command, self.path))
                status, answer = 200, self._route(body)
                if self.command != "GET":
                    self.account.watch()
        except ApiError as error:
            status = error.status
            answer = {"success": False, "errors": [{"code": error.code, "message": error.message}]}
            answer |= {"messages": [], "result": None}
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def _route(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise ApiError(403, 9109, "Invalid access token")
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        match [part for part in url.path.split("/") if part][2:]:
            case ["zones"]:
                zones = [_zone(id, name) for id, name in self.account.zones.items()]
                return _page([each for each in zones if query.get("name") in (None, each["name"])], query)
            case ["zones", zone] if zone in self.account.zones:
                return _result(_zone(zone, self.account.zones[zone]))
            case [("zones" | "accounts"), _, "email", "routing", *_] as path:
                found = route(self.account, self.command, path, body)
                if found is not None:
                    return _page(_asked(found, query), query) if isinstance(found, list) else _result(found)
            case ["zones", zone, "dns_records"] if zone in self.account.zones:
                if self.command == "POST":
                    return _result(self.account.create(zone, body))
                return _page(list(self.account.records[zone].values()), query)
            case ["zones", zone, "dns_records", id] if zone in self.account.zones:
                return _result(self._record(zone, id, body))
        raise ApiError(
            404, 7003, f"Could not route to {url.path}, perhaps your object identifier is invalid?"
        )

    def _record(self, zone: str, id: str, body: dict[str, Any]) -> dict[str, Any]:
        if self.command == "DELETE":
            self.account.delete(zone, id)
            return {"id": id}
        if self.command in ("PUT", "PATCH"):
            whole = {**self.account.one(zone, id), **body} if self.command == "PATCH" else body
            return self.account.update(zone, id, whole)
        return self.account.one(zone, id)

    def log_message(self, *_args: Any) -> None:
        """Silent."""


def _asked(found: list[dict[str, Any]], query: dict[str, str]) -> list[dict[str, Any]]:
    """Lists of Email Routing are filtered by these."""
    kept = found
    for name in ("enabled", "verified"):
        if name in query:
            kept = [each for each in kept if bool(each.get(name)) == (query[name] == "true")]
    return kept[::-1] if query.get("direction") == "desc" else kept


def _zone(id: str, name: str) -> dict[str, Any]:
    return {
        "id": id,
        "name": name,
        "status": "active",
        "type": "full",
        "paused": False,
        "account": {"id": ACCOUNT, "name": "acme"},
    }


def _result(result: dict[str, Any]) -> dict[str, Any]:
    return {"success": True, "errors": [], "messages": [], "result": result}


def _page(results: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    size, page = int(query.get("per_page", 100)), int(query.get("page", 1))
    info = {"page": page, "per_page": size, "total_count": len(results)}
    info |= {"count": len(results[(page - 1) * size : page * size]), "total_pages": -(-len(results) // size)}
    return {
        "success": True,
        "errors": [],
        "messages": [],
        "result": results[(page - 1) * size : page * size],
        "result_info": info,
    }
