"""The servers of a company's mail programs, and the passwords that the environment holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mailwright.catalog import service
from mailwright.model import variables
from mailwright.model.text import Text
from mailwright.resolving.connect import Dial
from mailwright.spec.model import MailSpec
from mailwright.standards.client_setup import PORTS

#: Protocol of the catalog → the SRV names of ``clients:``, the encrypted one first (RFC 8314 §5.1).
_NAMES = {"imap": ("imaps", "imap"), "pop3": ("pop3s", "pop3"), "smtp": ("submissions", "submission")}
_PASSWORD = Text("app password or authorization code", "客户端专用密码或授权码")


@dataclass(frozen=True, slots=True)
class Port:
    """One server. ``tls`` is implicit or starttls; ``auth`` is oauth2 where it takes no password."""

    protocol: str
    host: str
    port: int
    tls: str
    auth: str = ""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Servers:
    """By protocol: imap, pop3, smtp; ``password`` is what the service calls an app password."""

    ports: Mapping[str, Port]
    password: Text = _PASSWORD


@dataclass(frozen=True, slots=True)
class Means:
    """What it takes to reach mailboxes: which servers, which way, and the environment with the passwords."""

    servers: Servers
    dial: Dial
    environment: Mapping[str, str] = field(repr=False)


def servers(spec: MailSpec) -> Servers:
    """Those that the spec's ``clients:`` names, else those of the catalog for the site."""
    known = service(spec.mail_host.service)
    client = known.client_at(spec.mail_host.site) if known else {}
    ports = {
        protocol: port for protocol in _NAMES if (port := _written(spec, protocol) or _of(client, protocol))
    }
    called = client.get("password")
    text = Text(str(called["en"]), str(called["zh"])) if isinstance(called, Mapping) else _PASSWORD
    return Servers(ports, text)


def _written(spec: MailSpec, protocol: str) -> Port | None:
    hosts = dict(spec.extra.clients.hosts) if spec.extra.clients else {}
    for name in _NAMES[protocol]:
        for key, host in hosts.items():
            if key == name:
                tls = "implicit" if name.endswith("s") else "starttls"
                return Port(protocol, host, PORTS[key], tls)
    return None


def _of(client: Mapping[str, object], protocol: str) -> Port | None:
    settings = client.get(protocol)
    if not isinstance(settings, Mapping):
        return None
    return Port(
        protocol,
        str(settings["host"]),
        int(settings["port"]),
        str(settings["tls"]),
        str(settings.get("auth", "")),
    )


def variable(address: str, *, whole: bool = False) -> str:
    """The environment variable of a mailbox, MAILWRIGHT_MAIL_PASSWORD_LI_NA; ``whole``: with domain."""
    words = address if whole else address.partition("@")[0]
    return variables.MAIL_PASSWORD + re.sub(r"[^A-Z0-9]", "_", words.upper())


def password(address: str, environment: Mapping[str, str]) -> str | None:
    """The password of a mailbox: the variable with the whole address wins."""
    for whole in (True, False):
        secret = environment.get(variable(address, whole=whole))
        if secret:
            return secret
    return None
