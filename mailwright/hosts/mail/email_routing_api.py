"""Email Routing as it stands, by Cloudflare's API: for whoever looks without an engine. Reads only.

The routes are those of the public API (v4): the zone, its settings and rules, the account's destinations.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from mailwright.hosts.mail.email_routing import Forward
from mailwright.model.names import bare

URL = "https://api.cloudflare.com/client/v4"
TIMEOUT = 15.0  # seconds
_PAGE, _MOST = 50, 200  # entries a page; pages
_DENIED = (401, 403)


class RoutingError(Exception):
    """It could not be read; the text is the API's own word, or the network's."""


class _Denied(RoutingError):
    """The token may not read this."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is there. ``catch_all`` None: it does nothing; ``destinations``: whether each has agreed.

    ``destinations`` None: the token may not read the account. ``odd`` are ids of rules for something else
    than one address. ``subaddress``: whether ``sales+fair@`` is taken as ``sales@``; None: not told.
    """

    enabled: bool
    rules: tuple[Forward, ...] = ()
    catch_all: Forward | None = None
    destinations: Mapping[str, bool] | None = None
    odd: tuple[str, ...] = ()
    subaddress: bool | None = None


def read(zone: str, token: str, *, base_url: str = "", zone_id: str = "") -> Standing:
    """Email Routing of a zone, by its name or its id. Raises RoutingError."""
    with _Api(base_url or URL, token) as api:
        zone_data = api.one(f"zones/{zone_id}") if zone_id else api.zone(bare(zone))
        id, account = str(zone_data["id"]), str(zone_data["account"]["id"])
        routing = f"zones/{id}/email/routing"
        rules = [(str(row.get("id", "")), _rule(row)) for row in api.all(f"{routing}/rules")]
        last = api.one(f"{routing}/rules/catch_all")
        settings = api.one(routing)
        subaddress = settings.get("support_subaddress")
        return Standing(
            bool(settings.get("enabled")),
            tuple(forward for _, forward in rules if forward and forward.address),
            _forward(f"@{bare(zone)}", last) if last.get("actions") else None,
            _destinations(api, account),
            tuple(id for id, forward in rules if forward is None),
            None if subaddress is None else bool(subaddress),
        )


def _destinations(api: _Api, account: str) -> Mapping[str, bool] | None:
    try:
        rows = api.all(f"accounts/{account}/email/routing/addresses")
        return {_lower(row["email"]): bool(row.get("verified")) for row in rows}
    except _Denied:
        return None


def _rule(row: Mapping[str, Any]) -> Forward | None:
    """None: a rule that no API document knows; the catch-all stands in the list too, without an address."""
    matchers = row.get("matchers") or []
    if len(matchers) != 1:
        return None
    if matchers[0].get("type") == "all":
        return _forward("", row)
    literal = (matchers[0].get("type"), matchers[0].get("field")) == ("literal", "to")
    return _forward(_lower(matchers[0].get("value")), row) if literal else None


def _forward(address: str, row: Mapping[str, Any]) -> Forward:
    if not row.get("actions"):
        return Forward(address, "drop", "", enabled=False)
    action = row["actions"][0]
    values = action.get("value") or []
    target = ", ".join(map(str, values)) if isinstance(values, list) else str(values)
    return Forward(address, str(action["type"]), target, bool(row.get("enabled")))


def _lower(text: object) -> str:
    return str(text).strip().lower()


class _Api:
    """A token is sent to this address alone: no redirect is followed, and nothing goes out unencrypted."""

    def __init__(self, base_url: str, token: str) -> None:
        import httpx2

        where = urlsplit(base_url)
        if where.scheme != "https" and not _is_here(where.hostname or ""):
            raise RoutingError(f"{base_url}: a token is sent over https only")
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx2.Client(base_url=base_url.rstrip("/") + "/", headers=headers, timeout=TIMEOUT)

    def __enter__(self) -> _Api:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._client.close()

    def zone(self, name: str) -> Mapping[str, Any]:
        zones = [zone_row for zone_row in self.all("zones", name=name) if zone_row.get("name") == name]
        if not zones:
            raise RoutingError(f"no zone {name} that this token may read")
        return zones[0]

    def one(self, path: str) -> Mapping[str, Any]:
        result: Mapping[str, Any] = self._get(path)["result"] or {}
        return result

    def all(self, path: str, **more: str) -> Iterator[Mapping[str, Any]]:
        """Every entry of a list, page by page."""
        for page in range(1, _MOST + 1):
            rows = self._get(path, **more, page=str(page), per_page=str(_PAGE))["result"] or []
            yield from rows
            if len(rows) < _PAGE:
                return

    def _get(self, path: str, **query: str) -> Mapping[str, Any]:
        import httpx2

        try:
            answer = self._client.get(path, params=query)
            body = answer.json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise RoutingError(f"{type(error).__name__}: {error}") from None
        if isinstance(body, dict) and body.get("success") is True and "result" in body:
            return body
        errors = body.get("errors") if isinstance(body, dict) else None
        words = "; ".join(
            f"{api_error.get('message')} ({api_error.get('code')})" for api_error in errors or ()
        )
        text = f"HTTP {answer.status_code} {words}".strip()
        raise _Denied(text) if answer.status_code in _DENIED else RoutingError(text)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
