"""Email Routing in the stand-in: settings, locked exchangers, destinations that wait for a click, rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.cloudflare.api import Account

ACCOUNT = "a" * 32
EXCHANGERS = ("route1.mx.cloudflare.net", "route2.mx.cloudflare.net", "route3.mx.cloudflare.net")
SPF = '"v=spf1 include:_spf.mx.cloudflare.net ~all"'
PREFIX = "cloudflare:index/emailRouting"


def _catch_all() -> dict[str, Any]:
    return {"actions": [{"type": "drop"}], "matchers": [{"type": "all"}], "enabled": False, "name": ""}


@dataclass
class Routing:
    """Of one zone."""

    enabled: bool = False
    locked: bool = False
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    catch_all: dict[str, Any] = field(default_factory=_catch_all)

    def goes_to(self, address: str) -> list[str]:
        """Where the enabled rules send mail for an address; ["drop"] and [] where nowhere."""
        for each in [*self.rules.values(), {**self.catch_all, "matchers": [{"value": address}]}]:
            if each["enabled"] and each["matchers"][0].get("value") == address:
                return list(each["actions"][0].get("values") or [each["actions"][0]["type"]])
        return []


def carry_out(
    account: Account, kind: str, inputs: dict[str, Any], id: str | None
) -> tuple[str, dict[str, Any]]:
    """Create (``id`` None) or update one resource. Returns its id and outputs; raises ApiError."""
    if kind == "Address":
        found = id or account.destination(inputs["email"])
        return found, {**account.destinations[found], "accountId": ACCOUNT}
    zone = inputs["zoneId"]
    routing = account.routing.setdefault(zone, Routing())
    if kind == "Settings":
        routing.enabled = True
        return zone, {"enabled": True, "zoneId": zone}
    if kind == "Dns":
        account.lock(zone)
        return zone, {"zoneId": zone}
    body = account.checked(kind, {name: each for name, each in inputs.items() if name != "zoneId"})
    if kind == "CatchAll":
        routing.catch_all = {**_catch_all(), **body}
        return zone, {**routing.catch_all, "zoneId": zone}
    made = id or account.new_id()
    routing.rules[made] = {"enabled": True, "name": "", "priority": 0, **body, "tag": made}
    return made, dict(routing.rules[made])


def live(account: Account, kind: str, zone: str, id: str) -> dict[str, Any]:
    """What there is to adopt. Raises KeyError."""
    if kind == "Address":
        return account.destinations[id]
    routing = account.routing[zone]
    if kind == "Rule":
        return routing.rules[id]
    return {"CatchAll": routing.catch_all, "Settings": {}, "Dns": {}}[kind]


def remove(account: Account, kind: str, zone: str, id: str) -> None:
    """Delete; the catch-all cannot be."""
    routing = account.routing[zone]
    if kind == "Rule":
        del routing.rules[id]
    elif kind == "Settings":
        routing.enabled = False
    elif kind == "Dns":
        account.unlock(zone)


def invoked(account: Account, token: str, args: dict[str, Any]) -> dict[str, Any] | None:
    """The functions that read; None for others."""
    if token.endswith(":getEmailRoutingAddresses"):
        return {"results": list(account.destinations.values())}
    if "EmailRouting" not in token:
        return None
    routing = account.routing.get(args["zoneId"], Routing())
    if token.endswith(":getEmailRoutingSettings"):
        return {"id": args["zoneId"], "enabled": routing.enabled}
    if token.endswith(":getEmailRoutingCatchAll"):
        return {"id": args["zoneId"], **routing.catch_all}
    assert token.endswith(":getEmailRoutingRules"), token
    return {"results": [{"id": id, **each} for id, each in routing.rules.items()]}
