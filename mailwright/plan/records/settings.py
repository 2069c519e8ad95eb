"""What mail programs need to know about a spec's mailboxes: its own servers, or the mail host's. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mailwright.catalog import service
from mailwright.spec.model import MailSpec
from mailwright.standards import autoconfig, client_setup

#: What the spec calls a server → its kind, and how its TLS begins.
_OWN: Mapping[client_setup.Protocol, tuple[autoconfig.Kind, autoconfig.Socket]] = {
    "imaps": ("imap", "SSL"),
    "imap": ("imap", "STARTTLS"),
    "pop3s": ("pop3", "SSL"),
    "pop3": ("pop3", "STARTTLS"),
    "submissions": ("smtp", "SSL"),
    "submission": ("smtp", "STARTTLS"),
}
_SOCKET: Mapping[object, autoconfig.Socket] = {"implicit": "SSL", "starttls": "STARTTLS"}


def settings(spec: MailSpec) -> autoconfig.Settings | None:
    """The settings file's content; None where no server for incoming or none for outgoing mail is known."""
    known = service(spec.mail_host.service)
    hosts = spec.extra.clients.hosts if spec.extra.clients else {}
    servers = tuple(_own(hosts)) if hosts else tuple(_of_service(spec))
    incoming = tuple(server for server in servers if server.kind != "smtp")
    outgoing = tuple(server for server in servers if server.kind == "smtp")
    if not incoming or not outgoing:
        return None
    name = known.names("en") if known and known.hosted else spec.domain_unicode
    return autoconfig.Settings(spec.domain, name, incoming, outgoing)


def _own(hosts: Mapping[client_setup.Protocol, str]) -> Iterator[autoconfig.Server]:
    """RFC 8314 §3: what begins encrypted comes first."""
    for protocol, (kind, socket) in _OWN.items():
        if protocol in hosts:
            host = hosts[protocol].rstrip(".")
            yield autoconfig.Server(kind, host, client_setup.PORTS[protocol], socket)


def _of_service(spec: MailSpec) -> Iterator[autoconfig.Server]:
    """The catalog has verified servers only; one that wants a token of the provider's says so."""
    host_service = service(spec.mail_host.service)
    client = host_service.client_at(spec.mail_host.site) if host_service else {}
    entries = {kind: section for kind in autoconfig.KINDS if isinstance(section := client.get(kind), Mapping)}
    tokens = any(entry.get("auth") == "oauth2" for entry in entries.values())
    for kind, section in entries.items():
        ways: tuple[str, ...] = (autoconfig.PASSWORD,)
        if tokens:  # whoever reads by token sends by token; a password may still do for sending
            ways = (autoconfig.OAUTH2,) if "auth" in section else (autoconfig.OAUTH2, autoconfig.PASSWORD)
        socket = _SOCKET[section["tls"]]
        yield autoconfig.Server(kind, str(section["host"]), int(str(section["port"])), socket, ways)
