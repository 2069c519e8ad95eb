"""``mail_host.maps`` and ``mail_host.sieve``: how an own mail server gets its tables and scripts."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailwright.model.mailboxes import DELIMITER
from mailwright.model.position import Position
from mailwright.model.rules import Severity, rule
from mailwright.spec import names, rules
from mailwright.spec.tree import Branch

if TYPE_CHECKING:
    from mailwright.spec.builder import Builder

OWN_SERVER_ONLY = rule(
    "own-server-only",
    Severity.ERROR,
    en="{key}: is for a mail server of your own; {service} is set up otherwise.",
    zh="{key}: 仅用于自建邮件服务器；{service} 用其他方式设置。",
    hint_en="Take {key}: out. `mailwright export` writes the checklist for {service}.",
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
SELF_HOSTED = "self-hosted"
#: Of mail_host, beside maps and sieve.
KEYS = frozenset({"delimiter", "folders"})
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


def delimiter(build: Builder, host: Branch, service: str) -> str:
    """The characters of which each begins a sub-address."""
    return (
        build.text(host, "delimiter") or DELIMITER
        if _is_own(build, host, service, "delimiter")
        else DELIMITER
    )


def folders(build: Builder, host: Branch, service: str) -> Folders | None:
    """How folders are named, None where nobody says it."""
    branch = _part(build, host, service, "folders")
    separator = build.text(branch, "separator") if branch else ""
    if branch is None or not separator:
        return None
    prefix = build.text(branch, "prefix")
    if prefix and not prefix.endswith(separator):
        build.say(FOLDER_PREFIX, "mail_host.folders.prefix", prefix=prefix, separator=separator)
    return Folders(separator, prefix)


def maps_folder(build: Builder, host: Branch, service: str) -> str | None:
    """The folder of Postfix tables as written, relative to the spec."""
    branch = _part(build, host, service, "maps")
    return build.text(branch, "folder") or None if branch else None


def sieve(build: Builder, host: Branch, service: str) -> SieveServer | None:
    """The ManageSieve server."""
    branch = _part(build, host, service, "sieve")
    if branch is None or not build.text(branch, "server"):
        return None
    written = build.text(branch, "server").lower()
    name = written
    if not _is_ip(written):
        name = build.named_value("mail_host.sieve.server", names.domain, written, rules.BAD_DOMAIN)
    port = build.text(branch, "port")
    return SieveServer(
        name,
        int(port) if port.isdecimal() else PORT,
        build.text(branch, "master_user"),
        build.text(branch, "ca_file") or None,
        build.positions.get("mail_host.sieve"),
    )


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _part(build: Builder, host: Branch, service: str, key: str) -> Branch | None:
    node = host.items.get(key)
    return node if isinstance(node, Branch) and _is_own(build, host, service, key) else None


def _is_own(build: Builder, host: Branch, service: str, key: str) -> bool:
    """Whether a key is written where it may be."""
    if key not in host.items:
        return False
    if service and service != SELF_HOSTED:
        build.say(OWN_SERVER_ONLY, f"mail_host.{key}", key=key, service=service)
        return False
    return True
