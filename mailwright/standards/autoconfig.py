"""The settings file that Thunderbird and others read (draft-ietf-mailmaint-autoconfig). No I/O.

Built as text, so that reading and writing need nothing but the standard library, and read back strictly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mailwright.standards.faults import Fault

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Kind = Literal["imap", "pop3", "smtp"]
Socket = Literal["SSL", "STARTTLS"]

KINDS: tuple[Kind, ...] = ("imap", "pop3", "smtp")
#: Implicit TLS, and TLS that begins in clear text; the file's third word, plain, is never written.
SOCKETS: tuple[Socket, ...] = ("SSL", "STARTTLS")
#: Ways to log in: a password within TLS, or a token of the provider (RFC 7628).
PASSWORD, OAUTH2 = "password-cleartext", "OAuth2"
#: Stands for the whole address of whoever sets up the program.
ADDRESS = "%EMAILADDRESS%"

#: Below the root of ``autoconfig.DOMAIN``, and of the domain itself.
PATH = "mail/config-v1.1.xml"
WELL_KNOWN = f".well-known/autoconfig/{PATH}"


class AutoconfigError(Fault):
    """The text is no settings file."""


@dataclass(frozen=True, slots=True)
class Server:
    """One server, with the ways to log in, the best first."""

    kind: Kind
    host: str
    port: int
    socket: Socket = "SSL"
    authentication: tuple[str, ...] = (PASSWORD,)
    username: str = ADDRESS

    def __post_init__(self) -> None:
        if not self.host or not 0 < self.port < 65536:
            raise AutoconfigError("{host}:{port} is not a server", "{host}:{port} 不是服务器", host=self.host,
                                  port=self.port)  # fmt: skip
        if not self.authentication:
            raise AutoconfigError("{host} has no way to log in", "{host} 没有登录方式", host=self.host)


@dataclass(frozen=True, slots=True)
class Settings:
    """How mail programs reach the mailboxes of a domain; programs take the first server that they can."""

    domain: str
    name: str
    incoming: tuple[Server, ...]
    outgoing: tuple[Server, ...]

    def __post_init__(self) -> None:
        if not self.incoming or not self.outgoing:
            raise AutoconfigError("a server for incoming or outgoing mail is missing", "缺少收信或发信服务器")
        if any(server.kind == "smtp" for server in self.incoming) or any(
            server.kind != "smtp" for server in self.outgoing
        ):
            raise AutoconfigError("a server is on the wrong side", "收信与发信服务器写反了")

    def __str__(self) -> str:
        """The file's text."""
        return "\n".join(_written(self)) + "\n"


def urls(domain: str) -> tuple[str, str]:
    """Where mail programs look for the file, first to last."""
    bare = domain.rstrip(".").lower()
    return (f"https://autoconfig.{bare}/{PATH}", f"https://{bare}/{WELL_KNOWN}")


def _written(settings: Settings) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<clientConfig version="1.1">'
    yield f'  <emailProvider id="{escape(settings.domain)}">'
    yield f"    <domain>{escape(settings.domain)}</domain>"
    yield f"    <displayName>{escape(settings.name)}</displayName>"
    for tag, servers in (("incomingServer", settings.incoming), ("outgoingServer", settings.outgoing)):
        for server in servers:
            yield f'    <{tag} type="{server.kind}">'
            yield f"      <hostname>{escape(server.host)}</hostname>"
            yield f"      <port>{server.port}</port>"
            yield f"      <socketType>{server.socket}</socketType>"
            yield f"      <username>{escape(server.username)}</username>"
            yield from (
                f"      <authentication>{escape(way)}</authentication>" for way in server.authentication
            )
            yield f"    </{tag}>"
    yield "  </emailProvider>"
    yield "</clientConfig>"


def escape(text: str) -> str:
    """Text or an attribute in double quotes; the standard library's own function brings HTTP with it."""
    for char, word in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(char, word)
    return text


def parse(text: str) -> Settings:
    """Read a file of ours or of another; the first domain counts. Raises AutoconfigError.

    Servers in clear text and of unknown kinds are left out: no program should be sent there.
    """
    from xml.etree import ElementTree

    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise AutoconfigError(
            "it declares entities, which the file has no use for", "含有实体声明，本文件不需要"
        )
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise AutoconfigError("not XML: {error}", "不是 XML：{error}", error=str(error)) from None
    provider = root.find("emailProvider") if root.tag == "clientConfig" else None
    if provider is None:
        raise AutoconfigError(
            "it has no clientConfig with an emailProvider", "没有包含 emailProvider 的 clientConfig"
        )
    return Settings(
        domain=_text(provider, "domain") or provider.get("id", ""),
        name=_text(provider, "displayName"),
        incoming=tuple(_servers(provider, "incomingServer")),
        outgoing=tuple(_servers(provider, "outgoingServer")),
    )


def _servers(provider: Element, tag: str) -> Iterator[Server]:
    for match in provider.findall(tag):
        kind = next((known for known in KINDS if known == match.get("type")), None)
        socket = next((known for known in SOCKETS if known == _text(match, "socketType")), None)
        port = _text(match, "port")
        if kind is None or socket is None or not port.isascii() or not port.isdecimal() or len(port) > 5:
            continue
        ways = tuple((way.text or "").strip() for way in match.findall("authentication"))
        yield Server(kind, _text(match, "hostname"), int(port), socket, ways, _text(match, "username"))


def _text(parent: Element, tag: str) -> str:
    return (parent.findtext(tag) or "").strip()
