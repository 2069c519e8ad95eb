"""``mail_host`` of an own server: how it gets its tables and scripts, and by which servers mail leaves."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailwright.model.mailboxes import DELIMITER
from mailwright.model.position import Position
from mailwright.model.rules import Severity, rule
from mailwright.spec import names, rules
from mailwright.spec.mailbox_rules import UNKNOWN_TARGET
from mailwright.spec.shape import advice
from mailwright.spec.tree import Branch

if TYPE_CHECKING:
    from mailwright.spec.builder import Builder

OWN_SERVER_ONLY = rule(
    "own-server-only",
    Severity.ERROR,
    en="{key}: is for a mail server of your own; {service} is set up otherwise.",
    zh="{key}: 仅用于自建邮件服务器；{service} 用其他方式设置。",
    hint_en="Remove {key}:. `mailwright export` writes the checklist for {service}.",
    hint_zh="请去掉 {key}:。`mailwright export` 会写出 {service} 的操作清单。",
)
FOLDER_PREFIX = rule(
    "folder-prefix-form",
    Severity.ERROR,
    en="The prefix {prefix} does not end with the separator {separator}.",
    zh="前缀 {prefix} 没有以分隔符 {separator} 结尾。",
    hint_en="Write it as `verify --mail` shows it, such as INBOX.",
    hint_zh="请按 `verify --mail` 显示的写法填写，例如 INBOX.",
    reference="RFC 2342 §5",
)
BAD_WAY = rule(
    "bad-relay",
    Severity.ERROR,
    en="{value} does not name a server that mail can be passed to.",
    zh="{value} 不是可以转交邮件的服务器。",
    hint_en='Write HOST or HOST:PORT; in brackets no MX is asked: "[smtp.example.com]:587".',
    hint_zh='请写“主机”或“主机:端口”；加方括号则不查询 MX："[smtp.example.com]:587"。',
    reference="postconf(5)",
)
WAY_TO_SELF = rule(
    "relay-to-itself",
    Severity.ERROR,
    en="{value} is this mail server itself: mail would go round until it comes back.",
    zh="{value} 就是本邮件服务器自己：邮件会循环，最终被退回。",
    hint_en="Name the server of somebody else.",
    hint_zh="请写其他服务器。",
)
OWN_TRANSPORT = rule(
    "transport-for-own-domain",
    Severity.ERROR,
    en="A transport for {value} would take the mail of {domain} away from its mailboxes.",
    zh="为 {value} 设置传输方式会使 {domain} 的邮件送不到自己的邮箱。",
    hint_en="Remove the line. Where another server has the mailboxes, name that as mail_host.",
    hint_zh="请删除。若邮箱在另一台服务器上，请把它写为 mail_host。",
    reference="transport(5)",
)
NO_MAILBOXES = rule(
    "tables-without-mailboxes",
    Severity.ERROR,
    en="{key}: is never written: the spec leaves mailboxes, and so the tables, to somebody else.",
    zh="{key}: 不会被写入：规格没有管理邮箱，因此也不管理各表。",
    hint_en="Write people: and addresses:, or take {key}: out.",
    hint_zh="请写 people: 和 addresses:，或去掉 {key}:。",
)
HOSTED_TRANSPORT = rule(
    "transport-for-hosted-domain",
    Severity.ERROR,
    en="A transport for {value} would take the mail of {domain}, which this very server has, away from its "
    "mailboxes.",
    zh="为 {value} 设置传输方式会使 {domain} 的邮件送不到自己的邮箱：该域名就在这台服务器上。",
    hint_en="Remove the line: mail between domains of one server needs no transport.",
    hint_zh="请删除：同一台服务器上的域名之间无需传输设置。",
    reference="transport(5)",
)
_SENDERS = ("people", "addresses")
_WAY = re.compile(r"(?:\[(?P<literal>[^\]\s]+)\]|(?P<host>[^\[\]:\s]+))(?::(?P<port>\d{1,5}))?", re.ASCII)
SELF_HOSTED = "self-hosted"
#: Of mail_host, beside maps and sieve.
KEYS = frozenset({"delimiter", "folders", "relays", "transports"})
PORT = 4190  # RFC 5804 §1.8


@dataclass(frozen=True, slots=True)
class SieveServer:
    """A ManageSieve server and the master user who may open every mailbox there; never a password."""

    server: str
    port: int = PORT
    master_user: str = ""
    ca_file: str | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Folders:
    """How the server names folders: what parts the levels, and how each name begins (RFC 2342)."""

    separator: str = "/"
    prefix: str = ""


def delimiter(build: Builder, host: Branch, service: str, at: str) -> str:
    """The characters of which each begins a sub-address."""
    return (
        build.text(host, "delimiter") or DELIMITER
        if _is_own(build, host, service, at, "delimiter")
        else DELIMITER
    )


def folders(build: Builder, host: Branch, service: str, at: str) -> Folders | None:
    """How folders are named, None where nobody says it."""
    branch = _part(build, host, service, at, "folders")
    separator = build.text(branch, "separator") if branch else ""
    if branch is None or not separator:
        return None
    prefix = build.text(branch, "prefix")
    if prefix and not prefix.endswith(separator):
        build.say(FOLDER_PREFIX, f"{at}.folders.prefix", prefix=prefix, separator=separator)
    return Folders(separator, prefix)


def maps_folder(build: Builder, host: Branch, service: str, at: str) -> str | None:
    """The folder of Postfix tables as written, relative to the spec."""
    branch = _part(build, host, service, at, "maps")
    return build.text(branch, "folder") or None if branch else None


def sieve(build: Builder, host: Branch, service: str, at: str) -> SieveServer | None:
    """The ManageSieve server."""
    branch = _part(build, host, service, at, "sieve")
    if branch is None or not build.text(branch, "server"):
        return None
    written = build.text(branch, "server").lower()
    name = written
    if not _is_ip(written):
        name = build.named_value(f"{at}.sieve.server", names.domain, written, rules.BAD_DOMAIN)
    port = build.text(branch, "port")
    return SieveServer(
        name,
        int(port) if port.isdecimal() else PORT,
        build.text(branch, "master_user"),
        build.text(branch, "ca_file") or None,
        build.positions.get(f"{at}.sieve"),
    )


@dataclass(frozen=True, slots=True)
class Ways:
    """By which servers mail leaves: by sender (an address or ``@domain``), and by recipients' domain.

    A way is ``HOST``, ``[HOST]`` (no MX is asked) or either with ``:PORT``; ``.DOMAIN`` is what is below one.
    """

    relays: tuple[tuple[str, str], ...] = ()
    transports: tuple[tuple[str, str], ...] = ()
    position: Position | None = None


def ways(build: Builder, host: Branch, service: str, at: str) -> Ways:
    """Both maps, each key and value checked."""
    relays, transports = (_part(build, host, service, at, key) for key in ("relays", "transports"))
    if (relays or transports) and not any(build.branch(block).items for block in _SENDERS):
        key = "relays" if relays else "transports"
        build.say(NO_MAILBOXES, f"{at}.{key}", key=key)
    places = (build.positions.get(f"{at}.{key}") for key in ("relays", "transports"))
    own = {build.domain, *(text.split()[-1].lower().rstrip(".") for text in build.texts(host, "mx") if text)}
    return Ways(
        tuple(_ways(build, relays, f"{at}.relays", _sender, own)) if relays else (),
        tuple(_ways(build, transports, f"{at}.transports", _foreign, own)) if transports else (),
        next((place for place in places if place), None),
    )


def _ways(
    build: Builder, branch: Branch, at: str, read: Callable[[Builder, str, str], str], own: set[str]
) -> Iterator[tuple[str, str]]:
    for written in branch.items:
        path = f"{at}.{written}"
        name, way = read(build, path, written.strip()), _way(build, path, build.text(branch, written), own)
        if name and way:
            yield name, way


def _sender(build: Builder, path: str, written: str) -> str:
    """The address of a person or an address of the spec; ``*`` is everybody."""
    if written == "*":
        return "@" + build.domain
    local, _, domain = written.lower().partition("@")
    known = {item.lower().partition("@")[0] for block in _SENDERS for item in build.branch(block).items}
    if local in known and domain in ("", build.domain):
        return f"{local}@{build.domain}"
    build.say(UNKNOWN_TARGET, path, value=written, advice=advice(local, ["*", *sorted(known)]))
    return ""


def _foreign(build: Builder, path: str, written: str) -> str:
    """A domain that is not the company's own, or with a dot before it all below."""
    dot = "." if written.startswith(".") else ""
    domain = build.named_value(path, names.domain, written.removeprefix("."), rules.BAD_DOMAIN)
    if domain and takes(dot + domain, build.domain):
        build.say(OWN_TRANSPORT, path, value=written, domain=build.domain)
        return ""
    return dot + domain if domain else ""


def takes(key: str, domain: str) -> bool:
    """Whether a key of transport_maps is about a domain's own mail, transport(5)."""
    return domain.endswith(key) if key.startswith(".") else domain == key


def _way(build: Builder, path: str, written: str, own: set[str]) -> str:
    match = _WAY.fullmatch(written)
    host = (match["literal"] or match["host"]) if match else ""
    port = int(match["port"] or 25) if match else 0
    if match is None or not 0 < port < 65536 or not _is_host(host, literal=bool(match["literal"])):
        build.say(BAD_WAY, path, value=written)
        return ""
    if host.lower().rstrip(".") in own or _is_loopback(host, port):
        build.say(WAY_TO_SELF, path, value=written)
        return ""
    shown = f"[{host.lower()}]" if match["literal"] else host.lower()
    return shown + (f":{port}" if match["port"] else "")


def _is_host(host: str, *, literal: bool) -> bool:
    """A domain name; in brackets an IP address too."""
    if _is_ip(host.removeprefix("ipv6:")):
        return literal
    try:
        return bool(names.domain(host))
    except names.BadNameError:
        return False


def _is_loopback(host: str, port: int) -> bool:
    """Whether Postfix itself answers there; other ports may be a filter or a tunnel."""
    return port == 25 and (host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback))


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _part(build: Builder, host: Branch, service: str, at: str, key: str) -> Branch | None:
    node = host.items.get(key)
    return node if isinstance(node, Branch) and _is_own(build, host, service, at, key) else None


def _is_own(build: Builder, host: Branch, service: str, at: str, key: str) -> bool:
    """Whether a key is written where it may be."""
    if key not in host.items:
        return False
    if service and service != SELF_HOSTED:
        build.say(OWN_SERVER_ONLY, f"{at}.{key}", key=key, service=service)
        return False
    return True
