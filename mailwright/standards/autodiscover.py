"""What Outlook asks a domain for: Autodiscover v1 (MS-OXDSCLI, plain old XML) and v2 (JSON). No I/O.

The answers have neither a password nor, as static files, a login name: without one Outlook logs in by
the whole address (learn.microsoft.com, "DomainName (POX)").
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mailwright.standards.autoconfig import (
    ADDRESS,
    KINDS,
    PASSWORD,
    SOCKETS,
    AutoconfigError,
    Kind,
    Server,
    Settings,
    Socket,
    escape,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

#: Below the root of ``autodiscover.DOMAIN``, or of the host that the SRV record names; asked in any case.
XML_PATH = "autodiscover/autodiscover.xml"
JSON_PATH = "autodiscover/autodiscover.json"
#: The only protocol of v2 that is answered, as Outlook writes it in ``?Protocol=``.
PROTOCOL = "AutodiscoverV1"

_RESPONSE = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
_OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
_TYPES: dict[Kind, str] = {"imap": "IMAP", "pop3": "POP3", "smtp": "SMTP"}
_ENCRYPTION: dict[Socket, str] = {"SSL": "SSL", "STARTTLS": "TLS"}


def offered(settings: Settings) -> tuple[Server, ...]:
    """The first server of each kind that takes a password: v1 has no word for a token.

    Empty where mail cannot be both read and sent that way.
    """
    servers = [
        server for server in (*settings.incoming, *settings.outgoing) if PASSWORD in server.authentication
    ]
    first = {server.kind: server for server in reversed(servers)}
    if "smtp" not in first or len(first) < 2:
        return ()
    return tuple(first[kind] for kind in ("imap", "pop3", "smtp") if kind in first)


def xml(settings: Settings) -> str | None:
    """The answer of v1; None where no program could log in by a password."""
    servers = offered(settings)
    return "\n".join(_written(servers)) + "\n" if servers else None


def redirection(host: str) -> str:
    """The answer of v2: where v1 is served."""
    url = f"https://{host.rstrip('.').lower()}/{XML_PATH}"
    return json.dumps({"Protocol": PROTOCOL, "Url": url}) + "\n"


def _written(servers: tuple[Server, ...]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield f'<Autodiscover xmlns="{_RESPONSE}">'
    yield f'  <Response xmlns="{_OUTLOOK}">'
    yield "    <Account>"
    yield "      <AccountType>email</AccountType>"
    yield "      <Action>settings</Action>"
    for server in servers:
        yield "      <Protocol>"
        yield f"        <Type>{_TYPES[server.kind]}</Type>"
        yield f"        <Server>{escape(server.host)}</Server>"
        yield f"        <Port>{server.port}</Port>"
        yield "        <DomainRequired>off</DomainRequired>"
        yield "        <SPA>off</SPA>"
        yield "        <SSL>on</SSL>"
        yield f"        <Encryption>{_ENCRYPTION[server.socket]}</Encryption>"
        yield "        <AuthRequired>on</AuthRequired>"
        yield "      </Protocol>"
    yield "    </Account>"
    yield "  </Response>"
    yield "</Autodiscover>"


def parse(text: str) -> tuple[Server, ...]:
    """The servers of an answer of v1, as Outlook reads it. Raises AutoconfigError.

    A server without encryption is left out: no password may go there.
    """
    from xml.etree import ElementTree

    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise AutoconfigError(
            "it declares entities, which the file has no use for", "含有实体声明，本文件不需要"
        )
    try:
        root = ElementTree.fromstring(text.encode())
    except (ElementTree.ParseError, ValueError) as error:
        raise AutoconfigError("not XML: {error}", "不是 XML：{error}", error=str(error)) from None
    return tuple(_servers(root))


def _servers(root: Element) -> Iterator[Server]:
    kinds: dict[str, Kind] = {_TYPES[kind]: kind for kind in KINDS}
    sockets: dict[str, Socket] = {_ENCRYPTION[socket]: socket for socket in SOCKETS}
    for protocol in root.iter(f"{{{_OUTLOOK}}}Protocol"):
        fields = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in protocol}
        kind, socket = kinds.get(fields.get("Type", "")), sockets.get(fields.get("Encryption", ""))
        if kind and socket and fields.get("Port", "").isdecimal():
            login = fields.get("LoginName") or ADDRESS
            yield Server(kind, fields.get("Server", ""), int(fields["Port"]), socket, username=login)
