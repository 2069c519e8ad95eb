"""Tell people by webhook what drifted: once when it begins or changes, once when it is over.

The URL of a webhook is a key: it comes from the environment, and no error, log or argument has it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mailwright.model import disk, variables
from mailwright.model.checks import Overall, Verdict
from mailwright.model.text import Lang, Text, visible
from mailwright.report.escaping import chat
from mailwright.report.formats import notice

#: ``text`` is for a mail: the message on standard output, and nothing where there is no news.
SERVICES = ("wecom", "dingtalk", "feishu", "slack", "text")
TIMEOUT = 20.0
_NO_URL = Text("{service}: set {variable}", "{service}：请设置 {variable}")
_BAD_URL = Text("{service}: {variable} is not an https address", "{service}：{variable} 不是 https 地址")
_NO_ANSWER = Text("its answer is not one of this service", "应答不是该服务的格式")
_NOT_KEPT = Text(
    "{service} was notified, but this cannot be recorded in {file} ({reason}): the next run notifies "
    "it again",
    "{service} 已收到通知，但无法记录到 {file}（{reason}）：下一次运行会重复通知",
)
#: Characters of what a service says about its refusal.
_LONGEST = 160
_FAILED = Text("{service} did not take the message ({reason})", "{service} 未接受消息（{reason}）")


class NotifyError(Exception):
    """The message was not delivered; one line for people, without the address."""


def key(verdicts: Sequence[Verdict]) -> str:
    """What would be told, as one short text; empty where nothing differs."""
    rows = sorted(
        (domain, check.rule, check.name, check.type, sorted(check.found))
        for domain, check in notice.different(verdicts)
    )
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest() if rows else ""


class Memory:
    """What each service was told last; a write is a new file renamed over the old one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            body = json.loads(disk.read_text(path))
            self.told = {str(name): str(text) for name, text in body.items()}
        except (OSError, ValueError, AttributeError):
            self.told = {}

    def keep(self, service: str, text: str) -> None:
        """Remember it durably."""
        self.told[service] = text
        disk.own_folder(self.path.parent)
        disk.replace(self.path, json.dumps(self.told))


def news(verdicts: Sequence[Verdict], last_key: str) -> bool:
    """Whether there is anything to say: what differs is another than told, or is over for sure."""
    now = key(verdicts)
    if now:
        return now != last_key
    return bool(last_key) and all(verdict.status is Overall.OK for verdict in verdicts)


def tell(service: str, text: str, environment: Mapping[str, str], lang: Lang) -> None:
    """Send one message. Raises NotifyError."""
    url = address_of(service, environment, lang)
    secret = environment.get(variables.notify_secret(service), "")
    address, body = _request(service, url, text, secret, time.time())
    try:
        reason: str | Text = _refusal(service, _post(address, body))
    except urllib.error.HTTPError as error:
        reason = f"HTTP {error.code}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        inner = getattr(error, "reason", error)
        reason = getattr(inner, "strerror", None) or type(inner).__name__
    if reason:
        message = reason if isinstance(reason, Text) else _plain(reason, (*_keys(url), secret))
        raise NotifyError(_FAILED.using(service=service, reason=message)(lang))


def _keys(url: str) -> list[str]:
    """What in a webhook's address gives the right to write: values of its query, long parts of its path."""
    parts = urllib.parse.urlsplit(url)
    values = [value for _, value in urllib.parse.parse_qsl(parts.query)]
    long = [part for part in parts.path.split("/") if len(part) >= (8 if any(map(str.isdigit, part)) else 16)]
    return [*values, *long, *map(urllib.parse.unquote, long)]


def _plain(text: str, keys: Sequence[str]) -> str:
    """What a service says, in one line of bounded length, without a key that it repeats."""
    for secret in sorted(filter(None, keys), key=len, reverse=True):
        text = text.replace(secret, "…")
    text = visible(" ".join(text.split()))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def address_of(service: str, environment: Mapping[str, str], lang: Lang) -> str:
    """The webhook's address. Raises NotifyError where there is none that may be used."""
    variable = variables.notify_url(service)
    url = environment.get(variable, "")
    if not url:
        raise NotifyError(_NO_URL.using(service=service, variable=variable)(lang))
    if not _allowed(url):
        raise NotifyError(_BAD_URL.using(service=service, variable=variable)(lang))
    return url


def _allowed(url: str) -> bool:
    """HTTPS; in the clear only to this machine."""
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "http":
            return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
    return parts.scheme == "https" and bool(host)


def _request(service: str, url: str, text: str, secret: str, now: float) -> tuple[str, dict[str, Any]]:
    """Address and body as each service documents them for its group robots."""
    text = chat(service, text)
    if service == "slack":
        return url, {"text": text}
    if service == "feishu":
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if secret:
            stamp = str(int(now))
            body |= {"timestamp": stamp, "sign": _signed(f"{stamp}\n{secret}", "")}
        return url, body
    if service == "dingtalk" and secret:
        stamp = str(int(now * 1000))
        query = urllib.parse.urlencode({"timestamp": stamp, "sign": _signed(secret, f"{stamp}\n{secret}")})
        url += ("&" if urllib.parse.urlsplit(url).query else "?") + query
    return url, {"msgtype": "text", "text": {"content": text}}


def _signed(key: str, message: str) -> str:
    digest = hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirection would carry the message, and the key in the address, elsewhere."""

    def redirect_request(self, *args: object) -> None:
        """None is followed."""


def _post(url: str, body: Mapping[str, Any]) -> bytes:
    octets = json.dumps(body, ensure_ascii=False).encode()
    request = urllib.request.Request(url, octets, {"Content-Type": "application/json; charset=utf-8"})
    opener = urllib.request.build_opener(_Stay)
    with opener.open(request, timeout=TIMEOUT) as answer:
        read: bytes = answer.read(65536)
        return read


def _refusal(service: str, answer: bytes) -> str | Text:
    """Why the service says no; empty where it took the message. A robot says no with status 200."""
    if service == "slack":
        return "" if answer.strip() == b"ok" else answer.decode("utf-8", "replace") or _NO_ANSWER
    try:
        body = json.loads(answer)
    except ValueError:
        return _NO_ANSWER
    if not isinstance(body, dict):
        return _NO_ANSWER
    code = body.get("errcode", body.get("code", body.get("StatusCode")))
    if code is None:
        return _NO_ANSWER
    return "" if code == 0 else f"{code} {body.get('errmsg', body.get('msg', ''))}".strip()


def notify(
    verdicts: Sequence[Verdict], services: Sequence[str], memory: Memory, lang: Lang
) -> tuple[list[str], list[str]]:
    """Tell each service what is news to it.

    Returns what to print, and what failed, which is tried again next time. A service that has no usable
    address fails also where there is nothing to tell: who waits for news must not take that for silence.
    """
    printed: list[str] = []
    failed: list[str] = []
    text = notice.text(verdicts, lang)
    for service in dict.fromkeys(services):
        try:
            if service != "text":
                address_of(service, os.environ, lang)
            if not news(verdicts, memory.told.get(service, "")):
                continue
            if service == "text":
                printed.append(text)
            else:
                tell(service, text, os.environ, lang)
        except NotifyError as error:
            failed.append(str(error))
            continue
        try:
            memory.keep(service, key(verdicts))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            message = _NOT_KEPT.using(service=service, file=memory.path.name, reason=reason)
            failed.append(message(lang))
    return printed, failed
