"""Calls to Google's APIs: each with a token for the one scope that it needs, in the name of one person.

Google answers too many calls with 429, or with 403 and one of ``_BUSY``, and asks to wait; 503 says that
nothing was looked at. A call that writes is safe to repeat here: what is there already answers 409.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from mailwright.hosts.dns.base import Denied, HostError
from mailwright.hosts.dns.http import Answer, Http, Pace, Request
from mailwright.hosts.mail.google import account, said
from mailwright.hosts.mail.google.account import ServiceAccount
from mailwright.hosts.mail.google.scopes import Scope

DIRECTORY = "https://admin.googleapis.com/admin/directory/v1"
GROUP_SETTINGS = "https://www.googleapis.com/groups/v1/groups"
GMAIL = "https://gmail.googleapis.com/gmail/v1"
_BUSY = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "backendError"}
_MOST_PAGES = 1000
_CALLS = 40  # a second: 2400 a minute for one user of one project
_EARLY = 60.0  # seconds before its end in which a token is asked for anew
_WORDS = 160
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class ApiError(HostError):
    """Google's no: ``status`` of HTTP, ``reason`` by its own word."""

    def __init__(self, call: str, status: int, reason: str, words: str) -> None:
        super().__init__(said.REFUSED, call=call, status=status, words=words or reason or "–")
        self.status, self.reason = status, reason


class NotGranted(Denied):
    """A scope that the domain has not granted; nothing was asked."""


class NoMailbox(HostError):
    """Nobody may be asked as this person: suspended, or not known everywhere yet."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call; ``path`` begins at one of the addresses above, its parts quoted by ``at``."""

    method: str
    path: str
    scope: Scope
    query: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = None

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"

    @property
    def name(self) -> str:
        """The call in a few words."""
        return f"{self.method} {urlsplit(self.path).path}"


def at(base: str, *parts: str) -> str:
    """An address, each part of the way to it quoted."""
    return "/".join((base, *(quote(part, safe="@") for part in parts)))


class Google:
    """One account's way to the three APIs.

    Args:
        credential: the service account.
        admin: in whose name the directory is asked.
        base_url: an address that stands for all three, '' for Google's own.
    """

    def __init__(self, credential: ServiceAccount, admin: str, base_url: str = "") -> None:
        self.admin = admin
        self._account = credential
        self._base = base_url.rstrip("/")
        self._pace = None if base_url else Pace(_CALLS)  # a relay keeps its own
        self._https: dict[str, Http] = {}
        self._tokens: dict[tuple[str, str], tuple[str, float]] = {}
        self._asking: dict[tuple[str, str], asyncio.Lock] = {}

    def close(self) -> None:
        """Close idle connections."""
        for http in self._https.values():
            http.close()

    async def ask(self, call: Call, subject: str = "") -> dict[str, Any]:
        """The answer as an object, empty where there is none.

        Raises ApiError where Google says no, NotGranted where the scope is missing, other HostErrors.
        """
        subject = subject or self.admin
        token = await self._token(subject, call.scope)
        where = urlsplit(call.path)
        base = self._base or f"{where.scheme}://{where.netloc}"
        body = b"" if call.body is None else json.dumps(call.body).encode()
        headers = {"Authorization": f"Bearer {token}"} | (
            {"Content-Type": "application/json"} if body else {}
        )
        http = self._http(base)
        answer = await http.ask(Request(call.method, where.path, call.query, headers, body, call.writes))
        content = _object(answer)
        if content is None:
            raise http.unreadable(answer, writes=call.writes)
        if answer.status < 300:
            return content
        reason, words = _refusal(content)
        if answer.status in (401, 403):
            named = {"call": call.name, "subject": subject, "words": words or reason, "scope": call.scope}
            raise Denied(said.NO_RIGHT, **named)
        raise ApiError(call.name, answer.status, reason, words)

    async def rows(self, call: Call, name: str, subject: str = "") -> AsyncIterator[dict[str, Any]]:
        """Every entry of a list, page by page. Raises as ``ask``; a part is an error, never the whole."""
        page = ""
        for _ in range(_MOST_PAGES):
            query = {**(call.query or {}), **({"pageToken": page} if page else {})}
            answer = await self.ask(Call(call.method, call.path, call.scope, query), subject)
            for row in answer.get(name) or ():
                yield row
            page = str(answer.get("nextPageToken") or "")
            if not page:
                return
        raise HostError(said.PAGES, most=_MOST_PAGES, call=call.name)

    # -- inside --------------------------------------------------------------------------------------

    def _http(self, base: str) -> Http:
        if base not in self._https:
            self._https[base] = Http(base, lambda _request: {}, self._pace, busy=_is_busy)
        return self._https[base]

    async def _token(self, subject: str, scope: Scope) -> str:
        key = (subject, str(scope))
        async with self._asking.setdefault(key, asyncio.Lock()):
            token, until = self._tokens.get(key, ("", 0.0))
            if time.monotonic() < until:
                return token
            token, life = await self._granted(subject, scope)
            self._tokens[key] = (token, time.monotonic() + life - _EARLY)
            return token

    async def _granted(self, subject: str, scope: Scope) -> tuple[str, float]:
        signed = account.assertion(self._account, subject, scope, int(time.time()))
        form = urlencode({"grant_type": _GRANT, "assertion": signed}).encode()
        where = urlsplit(self._account.token_uri)
        http = self._http(f"{where.scheme}://{where.netloc}")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await http.ask(Request("POST", where.path, None, headers, form))
        content = _object(answer)
        if content is None:
            raise http.unreadable(answer)
        if answer.status == 200 and isinstance(content.get("access_token"), str):
            return content["access_token"], float(content.get("expires_in") or account.LIFE)
        reason = str(content.get("error", ""))
        words = _short(content.get("error_description") or reason)
        if reason in ("unauthorized_client", "access_denied", "invalid_scope"):
            named = {"subject": subject, "scope": scope, "client": self._account.client}
            raise NotGranted(said.NO_TOKEN, words=words, **named)
        if reason == "invalid_grant" and subject != self.admin:
            raise NoMailbox(said.NO_PERSON, subject=subject, words=words)
        raise Denied(said.WRONG_KEY, client=self._account.email, words=words)


def _object(answer: Answer) -> dict[str, Any] | None:
    if not answer.body.strip():
        return {}
    try:
        content = answer.json()
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _refusal(content: Mapping[str, Any]) -> tuple[str, str]:
    """Google's own word for what is wrong, and its sentence."""
    error = content.get("error")
    if not isinstance(error, dict):
        return "", _short(error or "")
    several = error.get("errors") or [{}]
    first = several[0] if isinstance(several, list) and isinstance(several[0], dict) else {}
    return str(first.get("reason") or error.get("status") or ""), _short(error.get("message") or "")


def _is_busy(answer: Answer) -> bool:
    if answer.status == 503:
        return True
    content = _object(answer) if answer.status == 403 else None
    return content is not None and _refusal(content)[0] in _BUSY


def _short(text: object) -> str:
    return " ".join(str(text).split())[:_WORDS]
