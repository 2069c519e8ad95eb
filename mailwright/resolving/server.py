"""One server that questions go to, and how a command line names it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from mailwright.resolving.connect import Dial
from mailwright.resolving.secure import Secure, secure
from mailwright.standards.faults import Fault


@dataclass(frozen=True, slots=True)
class Server:
    """One address of one server; ``authoritative`` is False for a resolver.

    A ``secure`` resolver has its URL as ``address``.
    """

    name: str
    address: str
    port: int = 53
    authoritative: bool = True
    secure: Secure | None = None

    def __str__(self) -> str:
        """The name people know it by, and the address asked."""
        if self.secure is not None:
            return f"{self.name} ({self.address})" if self.name != self.address else self.address
        where = f"[{self.address}]" if ":" in self.address else self.address
        where += f":{self.port}" if self.port != 53 else ""
        return f"{self.name} ({where})" if self.name and self.name != self.address else where


def resolver(text: str, dial: Dial | None = None) -> Server:
    """An address as ``given`` takes it, ``tls://HOST`` or ``https://HOST/PATH``; ``NAME=`` may stand before.

    ``dial`` leads the connections of the last two. Raises Fault.
    """
    name, _, where = text.rpartition("=")
    over = secure(where, dial)
    if over is None:
        return given(text, authoritative=False)
    return Server(name or str(over), str(over), over.port, authoritative=False, secure=over)


def given(text: str, *, authoritative: bool = True) -> Server:
    """``NAME=ADDRESS:PORT``, ``ADDRESS:PORT``, ``[IPV6]:PORT`` or an address. Raises Fault."""
    name, equals, where = text.rpartition("=")
    host, port = where, "53"
    if where.startswith("["):
        host, _, rest = where[1:].partition("]")
        port = rest.removeprefix(":") or "53"
    elif where.count(":") == 1:
        host, _, port = where.partition(":")
    try:
        address = str(ipaddress.ip_address(host))
    except ValueError:
        raise Fault("{host} is not an IP address", "{host} 不是 IP 地址", host=host) from None
    if not (port.isascii() and port.isdigit() and len(port) < 6) or not 0 < int(port) < 65536:
        raise Fault("{port} is not a port", "{port} 不是端口", port=port)
    return Server(name if equals else address, address, int(port), authoritative)
