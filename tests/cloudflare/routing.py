"""Email Routing in the stand-in: settings, locked exchangers, destinations that wait for a click, rules.

One world, two doors: the HTTP routes of the public API (``route``), which the real plugin uses, and the
resources of the small engine (``carry_out`` and the like), which go through the same checks. As documented:
enabling writes and locks MX and SPF at once, PATCH of the DNS unlocks them, the list of rules shows the
catch-all too, a rule has one target, and that one has agreed. Numbers of errors are our own choice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.cloudflare.api import Account

ACCOUNT = "a" * 32
EXCHANGERS = ("route1.mx.cloudflare.net", "route2.mx.cloudflare.net", "route3.mx.cloudflare.net")
SPF = '"v=spf1 include:_spf.mx.cloudflare.net ~all"'
PREFIX = "cloudflare:index/emailRouting"
NOW = "2026-11-23T00:00:00Z"
LAST = 2147483647
_RULE = frozenset({"actions", "matchers", "enabled", "name", "priority"})
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class ApiError(Exception):
    """An answer with ``success: false``."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def _catch_all() -> dict[str, Any]:
    return {"actions": [{"type": "drop"}], "matchers": [{"type": "all"}], "enabled": False, "name": ""}


@dataclass
class Routing:
    """Of one zone; rules and catch-all in the API's own words."""

    enabled: bool = False
    locked: bool = False
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    catch_all: dict[str, Any] = field(default_factory=_catch_all)

    def goes_to(self, address: str) -> list[str]:
        """Where the enabled rules send mail for an address; ["drop"] and [] where nowhere."""
        own = sorted(self.rules.values(), key=lambda each: float(each.get("priority", 0)))
        for each in [*own, {**self.catch_all, "matchers": [{"value": address}]}]:
            if each["enabled"] and each["matchers"][0].get("value") == address:
                return list(each["actions"][0].get("value") or [each["actions"][0]["type"]])
        return []

    def by_hand(self, account: Account, address: str, *target: str, **more: Any) -> str:
        """Somebody writes a rule in the console. Returns its id."""
        id = account.new_id()
        action = {"type": "forward", "value": list(target)} if target else {"type": "drop"}
        matcher = {"type": "literal", "field": "to", "value": address}
        body = {"actions": [action], "matchers": [matcher], "name": "by hand", "priority": 0, "enabled": True}
        self.rules[id] = {**body, "id": id, "tag": id, **more}
        return id


# -- what the API refuses ------------------------------------------------------------------------------


def checked(account: Account, zone: str, body: dict[str, Any], *, last: bool = False) -> dict[str, Any]:
    """A rule's body, or the catch-all's. Raises ApiError."""
    unknown = set(body) - (_RULE - {"priority"} if last else _RULE)
    if unknown or not isinstance(body.get("actions"), list) or not isinstance(body.get("matchers"), list):
        raise ApiError(400, 2020, f"Invalid rule: unknown or missing fields {sorted(unknown)}")
    if len(body["actions"]) != 1 or len(body["matchers"]) != 1:
        raise ApiError(400, 2020, "Invalid rule: one action and one matcher")
    _check_matcher(account.zones[zone], body["matchers"][0], last)
    _check_action(account, body["actions"][0])
    return body


def _check_matcher(zone: str, matcher: dict[str, Any], last: bool) -> None:
    if last:
        if matcher != {"type": "all"}:
            raise ApiError(400, 2021, "Invalid matcher for the catch-all")
        return
    wanted = {"type": "literal", "field": "to", "value": matcher.get("value")}
    if matcher != wanted or not _ADDRESS.fullmatch(str(matcher["value"])):
        raise ApiError(400, 2021, "Invalid matcher")
    if not str(matcher["value"]).endswith("@" + zone):
        raise ApiError(400, 2022, f"Invalid matcher: not an address of {zone}")


def _check_action(account: Account, action: dict[str, Any]) -> None:
    kind, values = action.get("type"), action.get("value") or []
    if set(action) - {"type", "value"} or kind not in ("drop", "forward", "worker"):
        raise ApiError(400, 2023, "Invalid action")
    if len(values) != (0 if kind == "drop" else 1):
        raise ApiError(400, 2024, "Invalid action: only one value is allowed, and none for drop")
    agreed = {
        destination["email"] for destination in account.destinations.values() if destination["verified"]
    }
    if kind == "forward" and values[0] not in agreed:
        raise ApiError(400, 2007, "Destination address is not verified")
    if kind == "worker" and values[0] not in account.workers:
        raise ApiError(400, 2025, "No such Email Worker")


def _refuse_twice(routing: Routing, body: dict[str, Any], id: str | None) -> None:
    for other, each in routing.rules.items():
        if other != id and each["matchers"] == body["matchers"]:
            raise ApiError(400, 2014, "Duplicated zone rule")


# -- what it does --------------------------------------------------------------------------------------


def switch_on(account: Account, zone: str) -> Routing:
    """Enable, add and lock exchangers and SPF: all at once, as documented. Raises ApiError."""
    name = account.zones[zone]
    own = ".mx.cloudflare.net"
    if any(not each.endswith(own) for each in account.values(zone, "MX", name)):
        raise ApiError(400, 2008, "Conflicting MX records")
    routing = account.routing.setdefault(zone, Routing())
    for number, host in enumerate(EXCHANGERS):
        if not any(each.endswith(host) for each in account.values(zone, "MX", name)):
            account.add(zone, name, "MX", f"{10 + number} {host}")
    policies = [each for each in account.records[zone].values() if _is_policy(each, name)]
    if not policies:
        account.add(zone, name, "TXT", SPF)
    elif account.overwrites_spf:
        policies[0]["content"] = SPF
    routing.enabled = routing.locked = True
    return routing


def switch_off(account: Account, zone: str) -> Routing:
    """Disable; the exchangers go with it."""
    routing = account.routing.setdefault(zone, Routing())
    routing.enabled = routing.locked = False
    for id, each in list(account.records[zone].items()):
        if str(each.get("content", "")).endswith(".mx.cloudflare.net"):
            del account.records[zone][id]
    return routing


def _is_policy(record: dict[str, Any], name: str) -> bool:
    return (record["type"], record["name"]) == ("TXT", name) and "v=spf1" in record["content"]


def write_rule(account: Account, zone: str, body: dict[str, Any], id: str | None) -> dict[str, Any]:
    """POST (``id`` None) or PUT. Raises ApiError."""
    routing = account.routing.setdefault(zone, Routing())
    checked(account, zone, body)
    _refuse_twice(routing, body, id)
    made = id or account.new_id()
    routing.rules[made] = {"enabled": True, "name": "", "priority": 0, **body, "id": made, "tag": made}
    return routing.rules[made]


def new_destination(account: Account, email: str) -> dict[str, Any]:
    """POST: a mail with the link goes out. Raises ApiError."""
    if not _ADDRESS.fullmatch(email):
        raise ApiError(400, 2030, "Invalid destination address")
    if any(destination["email"] == email for destination in account.destinations.values()):
        raise ApiError(409, 2031, "Destination address already exists")
    return account.destinations[account.destination(email)]


# -- over HTTP -----------------------------------------------------------------------------------------

Answer = dict[str, Any] | list[dict[str, Any]]


def route(account: Account, command: str, path: list[str], body: dict[str, Any]) -> Answer | None:
    """Answer below zones/ID/email/routing and accounts/ID/email/routing; None: no such route."""
    match path:
        case ["accounts", owner, "email", "routing", "addresses", *rest] if owner == ACCOUNT:
            return _addresses(account, command, rest, body)
        case ["zones", zone, "email", "routing", *rest] if zone in account.zones:
            if rest[:1] == ["rules"]:
                return _rules(account, command, zone, rest[1:], body)
            return _settings(account, command, zone, rest, body)
    return None


def _addresses(account: Account, command: str, rest: list[str], body: dict[str, Any]) -> Answer | None:
    if not rest:
        if command == "POST":
            return new_destination(account, str(body.get("email", "")))
        return list(account.destinations.values())
    found = account.destinations.get(rest[0])
    if found is None or len(rest) > 1:
        raise ApiError(404, 2032, "Destination address not found")
    if command == "DELETE":
        del account.destinations[rest[0]]
    return found


def _settings(
    account: Account, command: str, zone: str, rest: list[str], body: dict[str, Any]
) -> Answer | None:
    if set(body) - {"name"} or body.get("name", account.zones[zone]) != account.zones[zone]:
        raise ApiError(400, 2001, "Unknown fields, or the name of another zone")
    match command, rest:
        case "GET", []:
            pass
        case ("POST", ["enable"]) | ("POST", ["dns"]):
            switch_on(account, zone)
        case "POST", ["disable"]:
            switch_off(account, zone)
        case "PATCH", ["dns"]:
            account.routing.setdefault(zone, Routing()).locked = False
        case "GET", ["dns"]:
            return {"errors": [], "record": _required(account, zone)}
        case "DELETE", ["dns"]:
            gone = _required(account, zone)
            switch_off(account, zone)
            return gone
        case _:
            return None
    return settings_of(account, zone)


def _required(account: Account, zone: str) -> list[dict[str, Any]]:
    name = account.zones[zone]
    made: list[dict[str, Any]] = [
        {"type": "MX", "name": name, "content": host, "priority": 10 + number, "ttl": 1}
        for number, host in enumerate(EXCHANGERS)
    ]
    return [*made, {"type": "TXT", "name": name, "content": SPF, "ttl": 1}]


def settings_of(account: Account, zone: str) -> dict[str, Any]:
    """GET of the settings; they have an id of their own, which is not the zone's."""
    routing = account.routing.get(zone, Routing())
    id = f"{int(zone, 16) + 0x5E77:032x}"
    status = ("ready" if routing.locked else "unlocked") if routing.enabled else "unconfigured"
    return {
        "id": id,
        "tag": id,
        "name": account.zones[zone],
        "enabled": routing.enabled,
        "skip_wizard": True,
        "status": status,
        "created": NOW,
        "modified": NOW,
    }


def _rules(account: Account, command: str, zone: str, rest: list[str], body: dict[str, Any]) -> Answer | None:
    routing = account.routing.setdefault(zone, Routing())
    last = {**routing.catch_all, "id": f"{zone[:-2]}ca", "tag": f"{zone[:-2]}ca"}
    match command, rest:
        case "GET", []:
            return [*routing.rules.values(), {**last, "priority": LAST}]
        case "POST", []:
            return write_rule(account, zone, body, None)
        case "GET", ["catch_all"]:
            return last
        case "PUT", ["catch_all"]:
            routing.catch_all = {**_catch_all(), **checked(account, zone, body, last=True)}
            return {**last, **routing.catch_all}
    if len(rest) != 1 or rest[0] not in routing.rules:
        raise ApiError(404, 2016, "Email rule not found")
    if command == "PUT":
        return write_rule(account, zone, body, rest[0])
    return routing.rules.pop(rest[0]) if command == "DELETE" else routing.rules[rest[0]]


# -- for the small engine: resources, in the words of Pulumi's SDK -------------------------------------


def carry_out(
    account: Account, kind: str, inputs: dict[str, Any], id: str | None
) -> tuple[str, dict[str, Any]]:
    """Create (``id`` None) or update one resource. Returns its id and outputs; raises ApiError."""
    if kind == "Address":
        made = account.destinations[id] if id else new_destination(account, inputs["email"])
        return made["id"], {**made, "accountId": ACCOUNT}
    zone = inputs["zoneId"]
    if kind == "Settings":
        switch_on(account, zone) if id is None else None
        return settings_of(account, zone)["id"], {**settings_of(account, zone), "zoneId": zone}
    if kind == "Dns":
        if id is None:
            switch_on(account, zone)
        else:
            account.routing[zone].locked = False  # an update of this resource unlocks
        return zone, {"zoneId": zone}
    body = _said({name: each for name, each in inputs.items() if name != "zoneId"})
    if kind == "CatchAll":
        made = _rules(account, "PUT", zone, ["catch_all"], body)
        return zone, {**_shown(made), "zoneId": zone}
    made = write_rule(account, zone, body, id)
    return made["id"], _shown(made)


def live(account: Account, kind: str, zone: str, id: str) -> dict[str, Any]:
    """What there is to adopt. Raises KeyError."""
    if kind == "Address":
        return account.destinations[id]
    if kind == "Rule":
        return _shown(account.routing[zone].rules[id])
    if kind == "CatchAll":
        return _shown(account.routing[zone].catch_all)
    return settings_of(account, zone) if kind == "Settings" else {}


def remove(account: Account, kind: str, zone: str, id: str) -> None:
    """Delete; the catch-all cannot be."""
    if kind == "Rule":
        del account.routing[zone].rules[id]
    elif kind in ("Settings", "Dns"):
        switch_off(account, zone)


def invoked(account: Account, token: str, args: dict[str, Any]) -> dict[str, Any] | None:
    """The functions that read; None for others."""
    if token.endswith(":getEmailRoutingAddresses"):
        return {"results": list(account.destinations.values())}
    if "EmailRouting" not in token:
        return None
    zone = args["zoneId"]
    if token.endswith(":getEmailRoutingSettings"):
        return settings_of(account, zone)
    if token.endswith(":getEmailRoutingCatchAll"):
        return _shown(_rules(account, "GET", zone, ["catch_all"], {}))
    assert token.endswith(":getEmailRoutingRules"), token
    return {"results": [_shown(rule) for rule in _rules(account, "GET", zone, [], {}) or ()]}


def _shown(body: Any) -> dict[str, Any]:
    """The SDK says "values" where the API says "value"."""
    actions = [
        {"type": each["type"], **({"values": each["value"]} if each.get("value") else {})}
        for each in body["actions"]
    ]
    return {**body, "actions": actions}


def _said(body: dict[str, Any]) -> dict[str, Any]:
    actions = [
        {"type": each["type"], **({"value": each["values"]} if each.get("values") else {})}
        for each in body["actions"]
    ]
    return {**body, "actions": actions}
