"""A recorded world, set up again: zones on nameservers, tables in a folder, scripts on a Dovecot, a state.

What differs from machine to machine stands in the records as a placeholder: ``@PORT@`` and ``@PORT2@`` of
the nameservers, ``@FOLDER@`` of the project, ``@TABLES@`` and ``@SIEVE@`` of the mail server.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dns.query
import dns.zone

from tests.cloudflare.api import Account
from tests.cloudflare.engine import Engine, Resource
from tests.cloudflare.routing import Routing
from tests.mail_host.server import PEOPLE, Server
from tests.servers.base import ADDRESS, FULL
from tests.servers.embedded import Embedded as EmbeddedServer

STATES = Path(__file__).parent / "states"
DAY = "2026-11-23"


class ZoneServer(EmbeddedServer):
    """The embedded nameserver with zones of our own."""

    def __init__(self, zones: Mapping[str, str]) -> None:
        super().__init__(0)
        self._texts = dict(zones)
        self.zones = list(zones)

    def configure(self) -> None:
        """Write the zone files."""
        (self.folder / "zones").mkdir()
        for zone, text in self._texts.items():
            (self.folder / "zones" / f"{zone}zone").write_text(text)

    def dump(self, zone: str) -> list[str]:
        """A zone's records, sorted."""
        transfer = dns.query.xfr(ADDRESS, zone, port=self.port, keyring=FULL.dns, relativize=False)
        content = dns.zone.from_xfr(transfer, relativize=False)
        return sorted(content.to_text(sorted=True, relativize=False).splitlines())


def recorded(kind: str) -> dict[str, dict[str, Any]]:
    """Every record of a kind (``engine`` or ``cloudflare``), by name."""
    bodies = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(STATES.glob("*.json"))}
    return {name: body for name, body in bodies.items() if body["kind"] == kind}


def filled(body: Any, places: Mapping[str, str | int]) -> Any:
    """A record with places instead of placeholders; one that is a whole text takes the place's type."""
    if isinstance(body, dict):
        return {filled(name, places): filled(each, places) for name, each in body.items()}
    if isinstance(body, list):
        return [filled(each, places) for each in body]
    if isinstance(body, str):
        if body in places:
            return places[body]
        for placeholder, place in places.items():
            body = body.replace(placeholder, str(place))
    return body


def emptied(body: Any, places: Mapping[str, str | int]) -> Any:
    """A record with placeholders instead of places, which must be told apart from all else in it."""
    if isinstance(body, dict):
        return {emptied(name, places): emptied(each, places) for name, each in body.items()}
    if isinstance(body, list):
        return [emptied(each, places) for each in body]
    for placeholder, place in places.items():
        if type(body) is int and body == place:
            return placeholder
        if isinstance(body, str):
            body = body.replace(str(place), placeholder)
    return body


def lay_out(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def texts_below(folder: Path) -> dict[str, str]:
    """Every file of a folder that has something in it."""
    paths = sorted(path for path in folder.iterdir() if path.is_file() and path.stat().st_size)
    return {path.name: path.read_text("utf-8") for path in paths}


def scripts_on(server: Server) -> dict[str, dict[str, Any]]:
    """The scripts of each mailbox and which is active, as its owner sees them."""
    boxes: dict[str, dict[str, Any]] = {}
    for person in PEOPLE:
        with server.session(person) as session:
            names, active = session.scripts()
            if names:
                boxes[person] = {
                    "active": active,
                    "scripts": {name: session.get(name) for name in sorted(names)},
                }
    return boxes


def put_scripts(server: Server, boxes: Mapping[str, Mapping[str, Any]]) -> None:
    """The scripts of ``scripts_on`` back into the mailboxes."""
    for person, box in boxes.items():
        with server.session(person) as session:
            for name, text in box["scripts"].items():
                session.put(name, text)
            if box["active"]:
                session.activate(box["active"])


# -- Cloudflare's stand-in ----------------------------------------------------------------------------


def plain_account(account: Account) -> dict[str, Any]:
    """What the account holds."""
    return {
        "zones": account.zones,
        "records": account.records,
        "destinations": account.destinations,
        "routing": {zone: asdict(routing) for zone, routing in account.routing.items()},
        "ids": account._next,
    }


def account_of(body: Mapping[str, Any]) -> Account:
    """What ``plain_account`` took down."""
    routing = {zone: Routing(**each) for zone, each in body["routing"].items()}
    return Account(
        zones=body["zones"],
        records=body["records"],
        destinations=body["destinations"],
        routing=routing,
        _next=body["ids"],
    )


def plain_stack(engine: Engine) -> list[dict[str, Any]]:
    """The resources of the stack, in the order they were made."""
    resources = [asdict(resource) for resource in engine.state.values()]
    return json.loads(json.dumps(resources))  # type: ignore[no-any-return]


def stack_of(body: list[dict[str, Any]]) -> dict[str, Resource]:
    """What ``plain_stack`` took down."""
    return {each["urn"]: Resource(**each) for each in body}
