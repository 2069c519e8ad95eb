"""How checks reach servers: detours for a test bench or an inner network, and whom to trust. Like curl's."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

from mailwright.model.sessions import BoundedContext, connect
from mailwright.standards.faults import Fault

#: Seconds that one connection or one answer may take.
TIMEOUT = 20.0
_HOST = r"(\[[0-9A-Fa-f:.%]+\]|[^:\[\]]*)"
_DETOUR = re.compile(rf"{_HOST}:(\d*):{_HOST}:(\d*)")


@dataclass(frozen=True, slots=True)
class Detour:
    """Who asks for ``host`` and ``port`` is led to ``address`` and ``to_port``.

    An empty ``host`` or a ``port`` of 0 stands for any; an empty ``address`` or a ``to_port`` of 0 leaves it.
    """

    host: str
    port: int
    address: str
    to_port: int

    def takes(self, host: str, port: int) -> bool:
        """Whether it is meant for this server."""
        return self.host in ("", host.lower().rstrip(".")) and self.port in (0, port)


def detour(text: str) -> Detour:
    """``HOST:PORT:ADDR:PORT``, an IPv6 address in brackets. Raises Fault."""
    match = _DETOUR.fullmatch(text.strip())
    if match is None:
        raise Fault("{text} is not HOST:PORT:ADDR:PORT", "{text} 不是 HOST:PORT:ADDR:PORT 的形式", text=text)
    host, port, address, to_port = match.groups()
    numbers = [int(port_text) if port_text else 0 for port_text in (port, to_port)]
    if any(number > 65535 for number in numbers):
        raise Fault("{text}: a port is at most 65535", "{text}：端口最大为 65535", text=text)
    return Detour(host.strip("[]").lower().rstrip("."), numbers[0], address.strip("[]"), numbers[1])


class NamedContext(BoundedContext):
    """Verifies the certificate for ``name``, wherever the connection really goes."""

    name = ""

    def wrap_socket(self, sock: socket.socket, *args: object, **more: object) -> ssl.SSLSocket:
        """As SSLContext does it, for the server's own name."""
        more["server_hostname"] = self.name
        return super().wrap_socket(sock, *args, **more)


@dataclass(frozen=True, slots=True)
class Dial:
    """How to reach servers.

    Attributes:
        detours: the first that takes a server counts.
        ca_file: PEM certificates to trust instead of the system's.
        timeout: seconds for a connection or an answer.
    """

    detours: tuple[Detour, ...] = ()
    ca_file: str | None = None
    timeout: float = TIMEOUT

    @classmethod
    def given(cls, detours: Sequence[str], ca_file: str | None = None) -> Dial:
        """From the words of the command line. Raises Fault, also for a file without certificates."""
        dial = cls(tuple(detour(text) for text in detours), ca_file)
        try:
            dial.context("localhost")
        except OSError as error:  # an SSLError is one
            raise Fault(
                "{file}: no certificates to trust ({reason})",
                "{file}：没有可信任的证书（{reason}）",
                file=ca_file,
                reason=error.strerror or error,
            ) from None
        return dial

    def target(self, host: str, port: int) -> tuple[str, int]:
        """Where to connect for a server: an address or name, and a port."""
        for listed_detour in self.detours:
            if listed_detour.takes(host, port):
                return listed_detour.address or host, listed_detour.to_port or port
        return host, port

    def open(self, host: str, port: int) -> socket.socket:
        """A TCP connection. Raises OSError."""
        return connect(self.target(host, port), self.timeout)

    def context(self, host: str) -> NamedContext:
        """TLS for ``host``, whose name the certificate must have. Raises OSError for a bad ``ca_file``."""
        named_context = NamedContext(ssl.PROTOCOL_TLS_CLIENT)
        named_context.name = host.rstrip(".")
        named_context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.ca_file:
            named_context.load_verify_locations(self.ca_file)
        else:
            named_context.load_default_certs()
        return named_context

    def is_here(self, host: str, port: int) -> bool:
        """Whether the connection does not leave this machine."""
        address = self.target(host, port)[0]
        if address == "localhost":
            return True
        try:
            return ipaddress.ip_address(address).is_loopback
        except ValueError:
            return False
