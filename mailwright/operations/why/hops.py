"""The way of a message, and what its headers say of it: hops, delays, lists, marks of bulk mail."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.utils import getaddresses, parsedate_to_datetime
from ipaddress import ip_address

from mailwright.model.names import is_below
from mailwright.model.text import Text
from mailwright.operations.why.reading import Read

MOST_HOPS = 100
SLOW = dt.timedelta(minutes=5)

_BY = re.compile(r"\bby ([\w.-]+)", re.IGNORECASE)
_FROM = re.compile(r"^from ([\w.:\[\]-]+)", re.IGNORECASE)
_IP = re.compile(r"\[(?:IPv6:)?([0-9a-f.:]+)\]|\(([0-9a-f]*[.:][0-9a-f.:]+)\)", re.IGNORECASE)
_RESULT = re.compile(r"(?:^|;)\s*(spf|dkim|dmarc|arc|iprev)\s*=\s*([a-z]+)([^;]*)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b((?:smtp|header|policy)\.[\w-]+)\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]{0,2000}\)")

_LATE = Text(
    "{by} got the mail {delay} after the hop before it: it waited at {sender}",
    "{by} 在上一跳之后 {delay} 才收到邮件：邮件滞留在 {sender}",
)
_BACKWARDS = Text("the clock of {by} is behind that of the hop before it", "{by} 的时钟比上一跳慢")
_LIST = Text(
    "it came over a mailing list ({name}): lists change the text and the envelope, so SPF and DKIM of the "
    "author often fail behind them",
    "邮件经过邮件列表（{name}）：列表会改动正文与信封，作者的 SPF 与 DKIM 之后常会失败",
)
_FORWARDED = Text(
    "it was forwarded ({how}): SPF speaks for the forwarder then; DKIM survives where the text is unchanged",
    "邮件经过转发（{how}）：此时 SPF 代表转发方；正文未改动时 DKIM 仍然有效",
)
_NO_UNSUBSCRIBE = Text(
    "bulk mail without List-Unsubscribe: Gmail and Yahoo ask for one-click unsubscribe (RFC 8058)",
    "群发邮件没有 List-Unsubscribe：Gmail 与 Yahoo 要求一键退订（RFC 8058）",
)
_NO_ONE_CLICK = Text(
    "List-Unsubscribe is there, but not as one click: write an https address and "
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click (RFC 8058 §3.1)",
    "有 List-Unsubscribe，但不是一键退订：请写 https 地址，并加上 "
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click（RFC 8058 §3.1）",
)
_COUNT = Text(
    "{name} is there {count} times; exactly one is allowed (RFC 5322 §3.6)",
    "{name} 出现 {count} 次；只允许出现一次（RFC 5322 §3.6）",
)
_NO_ID = Text("Message-ID is missing; Gmail refuses such mail", "缺少 Message-ID；Gmail 会拒收")
_NOBODY = Text(
    "Authentication-Results of {count} servers were not used: name the receiver that you trust with "
    "--receiver",
    "未采用 {count} 台服务器的 Authentication-Results：请用 --receiver 指定可信的收件方",
)
_IGNORED = Text(
    "Authentication-Results of others than {receiver} were not used: {names}",
    "未采用 {receiver} 以外的 Authentication-Results：{names}",
)


@dataclass(frozen=True, slots=True)
class Hop:
    """One Received field: who handed over, who took it, when; ``ip`` is that of who handed over."""

    sender: str
    by: str
    ip: str
    at: dt.datetime | None
    delay: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One result in an Authentication-Results field (RFC 8601) of the trusted receiver."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A message's way. ``hops`` are first to last; ``counts`` is the one from outside to the receiver."""

    author: str
    envelope: str
    hops: tuple[Hop, ...]
    counts: Hop | None
    claims: tuple[Claim, ...]
    is_list: bool
    is_forwarded: bool
    notes: tuple[Text, ...] = field(default=())


def way(mail: Read, receiver: str) -> Way:
    """Read the headers; ``receiver`` is the name (or the domain above it) of the server that is trusted."""
    hops = tuple(_timed(tuple(_hops(mail))))
    addresses = [address for _, address in getaddresses(list(mail.every("from"))) if "@" in address]
    envelope = mail.first("return-path").strip().strip("<>")
    claims, notes = _claims(mail, receiver)
    is_list = bool(mail.first("list-id") or mail.first("list-post"))
    how = _forwarded(mail, envelope)
    texts = [
        *(_delays(hops)),
        *([_LIST.using(name=mail.first("list-id") or mail.first("list-post"))] if is_list else []),
        *([_FORWARDED.using(how=how)] if how else []),
        *_shape(mail),
        *_bulk(mail),
        *notes,
    ]
    author = addresses[0] if addresses else ""
    return Way(author, envelope, hops, _counting(hops, receiver), claims, is_list, bool(how), tuple(texts))


def _hops(mail: Read) -> Iterator[Hop]:
    for value in reversed(mail.every("received")[:MOST_HOPS]):
        where, _, when = value.rpartition(";")
        sender, by, ip = _FROM.match(where), _BY.search(where), _IP.search(where.partition(" by ")[0])
        address = (ip[1] or ip[2]) if ip else ""
        name = sender[1].strip("[]") if sender else ""
        yield Hop(name.lower(), by[1].lower() if by else "", _valid(address), _time(when))


def _timed(hops: Sequence[Hop]) -> Iterator[Hop]:
    before: dt.datetime | None = None
    for hop in hops:
        delay = hop.at - before if hop.at and before else None
        yield Hop(hop.sender, hop.by, hop.ip, hop.at, delay)
        before = hop.at or before


def _counting(hops: Sequence[Hop], receiver: str) -> Hop | None:
    """The hop at which the receiver took the mail from outside: its own earlier lines come from inside.

    Lines below that one were written by others and prove nothing; they are not looked at.
    """
    if not receiver:
        return None
    hop: Hop | None = None
    for candidate in reversed(hops):
        if not _is_of(candidate.by, receiver):
            break
        hop = candidate
        if candidate.ip and not _is_private(candidate.ip) and not _is_of(candidate.sender, receiver):
            return candidate
    return hop if hop and hop.ip and not _is_private(hop.ip) else None


def _is_of(host: str, receiver: str) -> bool:
    return bool(host) and is_below(host.rstrip("."), receiver.lower().rstrip("."))


def _claims(mail: Read, receiver: str) -> tuple[tuple[Claim, ...], tuple[Text, ...]]:
    """RFC 8601 §5: only fields of a server that is trusted count; anybody can write one."""
    claims: list[Claim] = []
    others: dict[str, None] = {}
    for value in mail.every("authentication-results")[:MOST_HOPS]:
        bare = _COMMENT.sub(" ", value)
        server = bare.strip().split(";")[0].split(" ")[0].lower()
        if not receiver or not _is_of(server, receiver):
            others[server[:80]] = None
            continue
        for method, result, rest in _RESULT.findall(bare.partition(";")[2]):
            properties = tuple((key.lower(), text) for key, text in _PROPERTY.findall(rest))
            claims.append(Claim(method.lower(), result.lower(), properties))
    if not others:
        return tuple(claims), ()
    if not receiver:
        return (), (_NOBODY.using(count=len(others)),)
    return tuple(claims), (_IGNORED.using(receiver=receiver, names=", ".join(others)),)


def _delays(hops: Sequence[Hop]) -> Iterator[Text]:
    for hop in hops:
        if hop.delay is not None and hop.delay >= SLOW:
            shown = str(hop.delay).split(".")[0]
            yield _LATE.using(by=hop.by or "?", delay=shown, sender=hop.sender or "?")
        elif hop.delay is not None and hop.delay < -SLOW:
            yield _BACKWARDS.using(by=hop.by or "?")


def _forwarded(mail: Read, envelope: str) -> str:
    for name in (
        "x-forwarded-to",
        "x-forwarded-for",
        "resent-from",
        "x-ms-exchange-generated-message-source",
    ):
        if mail.first(name) and not name.startswith("x-ms"):
            return name
    local = envelope.partition("@")[0].lower()
    if local.startswith(("srs0=", "srs1=", "srs0+", "srs1+")):
        return "SRS"
    if "+caf_=" in local:
        return "Gmail"
    return ""


def _shape(mail: Read) -> Iterator[Text]:
    for name in ("From", "Date"):
        count = len(mail.every(name.lower()))
        if count != 1:
            yield _COUNT.using(name=name, count=count)
    if not mail.first("message-id"):
        yield _NO_ID


def _bulk(mail: Read) -> Iterator[Text]:
    precedence = mail.first("precedence").lower()
    one_click = "one-click" in mail.first("list-unsubscribe-post").lower()
    unsubscribe = mail.first("list-unsubscribe")
    if unsubscribe and not (one_click and "<https:" in unsubscribe.lower()):
        yield _NO_ONE_CLICK
    if not unsubscribe and (precedence in ("bulk", "list") or mail.first("feedback-id")):
        yield _NO_UNSUBSCRIBE


def _time(text: str) -> dt.datetime | None:
    try:
        datetime = parsedate_to_datetime(text.strip()[:100])
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return datetime if datetime.tzinfo else datetime.replace(tzinfo=dt.UTC)


def _valid(address: str) -> str:
    try:
        return str(ip_address(address))
    except ValueError:
        return ""


def _is_private(address: str) -> bool:
    ip = ip_address(address)
    return ip.is_loopback or ip.is_link_local or (ip.is_private and not _is_example(address))


def _is_example(address: str) -> bool:
    """Addresses of documentation (RFC 5737, RFC 3849) stand for public ones."""
    return address.startswith(("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:"))
