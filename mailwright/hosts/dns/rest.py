"""One zone behind an API of JSON: its pages, and what answers that say no mean."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from mailwright.hosts.dns import api_said as said
from mailwright.hosts.dns.api import Unclear
from mailwright.hosts.dns.base import HostError, Moved
from mailwright.hosts.dns.forms import Keys, Lookup, Pages
from mailwright.hosts.dns.http import Answer, Http, Request
from mailwright.hosts.dns.paging import Tally
from mailwright.model.names import absolute, bare

_DONE = (200, 201, 202, 204)
#: Somebody else was there first: what a condition named is not so, or the thing is gone or there already.
_MOVED = (404, 409, 410, 412)
_WORDS = ("message", "detail", "error_description", "error_msg", "error", "reason", "code", "errors")
_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?')


class Rest:
    """Calls about one zone.

    Args:
        options: those of the spec, which may stand in paths; ``zone_id`` chooses among zones of one name.
        lookup: how its id is found; None where calls name it by its own name.
    """

    def __init__(
        self, zone: str, http: Http, options: Mapping[str, object], lookup: Lookup | None = None
    ) -> None:
        self.zone = zone
        self.where = http.where
        self._http = http
        self._lookup = lookup
        self._parts = {name: str(value) for name, value in options.items()}
        #: What the host says of the zone; nothing where nobody has looked for it.
        self.found: Mapping[str, Any] = {}
        if lookup is None:
            self._parts["zone"] = bare(zone)

    async def path(self, template: str, **parts: str) -> str:
        """A path with the zone, the spec's options and these parts in it, each quoted. Raises HostError."""
        if self._lookup is not None and not self.found:
            self.found = await self._search(self._lookup)
            self._parts["zone"] = str(self.found.get(self._lookup.id))
        return self._filled(template, **parts)

    def _filled(self, template: str, **parts: str) -> str:
        filled = {name: quote(part, safe="") for name, part in {**self._parts, **parts}.items()}
        return template.format(**filled)

    async def _search(self, lookup: Lookup) -> Mapping[str, Any]:
        """The one zone of this name, and of the id that the spec gives. Raises HostError."""
        name, zone_id = bare(self.zone), self._parts.get("zone_id")
        query = {key: value.format(zone=name) for key, value in lookup.query.items()}
        zones = [
            zone
            for zone in await self.every(self._filled(lookup.path), lookup.pages, query)
            if absolute(str(zone.get(lookup.name))) == self.zone
            and all(zone.get(field) == value for field, value in lookup.only.items())
            and zone_id in (None, str(zone.get(lookup.id)))
        ]
        if not zones:
            raise HostError(said.NO_ZONE, where=self.where, zone=name)
        if len(zones) > 1:
            ids = ", ".join(sorted(str(zone.get(lookup.id)) for zone in zones))
            raise HostError(said.SEVERAL_ZONES, where=self.where, zone=name, ids=ids)
        state, values = lookup.served
        if state and zones[0].get(state) not in values:
            raise HostError(said.NOT_SERVED_HERE, where=self.where, zone=name, words=zones[0].get(state))
        return zones[0]  # type: ignore[no-any-return]

    async def every(self, path: str, pages: Pages, asked: Mapping[str, str] | None = None) -> list[Any]:
        """All items of all pages. Raises HostError, also where they are not all of the zone."""
        items: list[Any] = []
        tally = Tally(self.where, self.zone)
        cursor, number, goes_on = "", 0, True
        while goes_on:
            number += 1
            query = {**(asked or {}), **_page(pages, len(items), number, cursor)}
            answer = await self._http.ask(Request("GET", path, query or None))
            body = self.body(answer)
            page = at(body, pages.items)
            total = _number(at(body, pages.total)) if pages.total else None
            if not isinstance(page, list) or (pages.total and total is None):
                raise self._http.unreadable(answer)
            items += page
            try:
                cursor = _cursor(pages, answer, body)
            except KeyError:  # there is another page, and nobody here knows how to ask for it
                raise self._http.unreadable(answer) from None
            counted = bool(pages.number or pages.offset)
            ids = [json.dumps(item, sort_keys=True) for item in page]
            goes_on = tally.take(ids, total, more=None if counted else bool(cursor))
        return items

    async def write(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """One call that changes something. Raises HostErrors as ``ZoneApi.send`` does."""
        octets = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        kind = {"Content-Type": "application/json"} if octets else {}
        request = Request(method, path, headers={**kind, **(headers or {})}, body=octets, writes=True)
        self.body(await self._http.ask(request), writes=True)

    def body(self, answer: Answer, *, writes: bool = False) -> Any:
        """What an answer says. Raises HostError where it says no, or what nobody can read."""
        done = answer.status in _DONE
        try:
            body = answer.json() if answer.body.strip() else None
        except ValueError:
            if done:
                raise self._http.unreadable(answer, writes=writes) from None
            body = None
        if done:
            return body
        words = self._http.words(words_of(body))
        if writes and answer.status in _MOVED:
            raise Moved(said.CHANGED_BETWEEN, sets=words or str(answer.status))
        if answer.status == 404:
            raise HostError(said.NO_ZONE, where=self.where, zone=bare(self.zone))
        if writes and answer.status == 408:
            raise Unclear(said.NO_ANSWER, where=self.where, reason=answer.status)
        raise self._http.refused(answer.status, words)


def words_of(body: Any) -> str:
    """What a vendor says for people in the body of a refusal; '' where it says nothing."""
    if isinstance(body, str | int):
        return str(body)
    if isinstance(body, list):
        return " ".join(filter(None, map(words_of, body)))
    if not isinstance(body, Mapping):
        return ""
    lowered = {str(key).lower(): value for key, value in body.items()}
    texts = [words_of(lowered[word]) for word in _WORDS if word in lowered]
    if not texts:  # by field: {"ttl": ["must be …"]}
        texts = [f"{key}: {words}" for key, value in body.items() if (words := words_of(value))]
    return " ".join(filter(None, texts))


def at(body: Any, keys: Keys) -> Any:
    """What keys lead to in an answer; None where there is nothing."""
    for key in keys:
        body = body.get(key) if isinstance(body, Mapping) else None
    return body


def _number(value: Any) -> int | None:
    return int(value) if str(value).isdigit() else None


def _page(pages: Pages, count: int, number: int, cursor: str) -> dict[str, str]:
    """The parameters of the page that follows ``count`` items."""
    query = {pages.size[0]: str(pages.size[1])} if pages.size else {}
    if pages.number:
        query[pages.number] = str(number)
    if pages.offset:
        query[pages.offset] = str(count)
    if pages.cursor and (cursor or (pages.linked and not pages.following)):
        query[pages.cursor] = cursor
    return query


def _cursor(pages: Pages, answer: Answer, body: Any) -> str:
    """What leads to the next page; '' on the last one. Raises KeyError where an address says it otherwise."""
    if not pages.cursor:
        return ""
    following = str(at(body, pages.following) or "") if pages.following else ""
    if not pages.linked:
        return following
    if not pages.following:
        link = _NEXT.search(answer.headers.get("link", ""))
        following = link[1] if link else ""
    if not following:
        return ""
    return parse_qs(urlsplit(following).query)[pages.cursor][0]
