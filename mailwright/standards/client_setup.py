"""How mail programs find their servers: SRV (RFC 6186, RFC 8314), autoconfig, autodiscover. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from mailwright.standards.faults import Fault

Protocol = Literal["imaps", "submissions", "pop3s", "imap", "submission", "pop3", "jmap"]

#: Service name → the port that its RFC gives it (RFC 6186 §3, RFC 8314 §7, RFC 8620 §2.2).
PORTS: Mapping[Protocol, int] = MappingProxyType(
    {
        "imaps": 993,
        "submissions": 465,
        "pop3s": 995,
        "imap": 143,
        "submission": 587,
        "pop3": 110,
        "jmap": 443,
    }
)

#: What starts in clear text: said to be absent wherever the encrypted form is offered (RFC 8314 §4).
CLEAR_TEXT: tuple[Protocol, ...] = ("imap", "pop3", "submission")


class SrvError(Fault):
    """The text is no SRV value."""


@dataclass(frozen=True, slots=True)
class Srv:
    """An SRV value (RFC 2782). ``target`` is absolute; "." says that the service is not offered."""

    priority: int
    weight: int
    port: int
    target: str

    def __post_init__(self) -> None:
        if not all(0 <= number <= 65535 for number in (self.priority, self.weight, self.port)):
            raise SrvError("a number is not between 0 and 65535", "数字不在 0 到 65535 之间")
        if not re.fullmatch(r"\.|(?:[A-Za-z0-9_](?:[A-Za-z0-9_\-]{0,62})\.)+", self.target):
            raise SrvError(
                "{target} is not a host name with its final dot",
                "{target} 不是以点结尾的主机名",
                target=self.target,
            )

    def __str__(self) -> str:
        """Presentation form."""
        return f"{self.priority} {self.weight} {self.port} {self.target}"

    @property
    def offered(self) -> bool:
        """Whether the service exists at all."""
        return self.target != "."


#: ``0 0 0 .``: decidedly not offered (RFC 2782, RFC 6186 §3.4).
NOT_OFFERED = Srv(0, 0, 0, ".")


def parse(text: str) -> Srv:
    """Read presentation form. Raises SrvError."""
    parts = text.split()
    if len(parts) != 4 or not all(re.fullmatch("[0-9]{1,5}", part) for part in parts[:3]):
        raise SrvError("it is not three numbers and a host name", "不是三个数字加主机名")
    return Srv(int(parts[0]), int(parts[1]), int(parts[2]), parts[3])


def owner_name(domain: str, protocol: Protocol) -> str:
    """``_imaps._tcp.DOMAIN.``"""
    return f"_{protocol}._tcp.{domain.rstrip('.').lower()}."


def records(domain: str, hosts: Mapping[Protocol, str], *, deny_clear_text: bool = True) -> Mapping[str, Srv]:
    """The SRV records by owner name. Raises SrvError.

    The encrypted services come first in preference (RFC 8314 §5.1). What starts in clear text and is not
    among ``hosts`` is denied, unless nothing is offered in its place.
    """
    srvs = {
        owner_name(domain, protocol): Srv(
            0 if protocol not in CLEAR_TEXT else 10, 1, PORTS[protocol], _absolute(host)
        )
        for protocol, host in hosts.items()
    }
    if deny_clear_text:
        for clear_protocol in CLEAR_TEXT:
            if f"{clear_protocol}s" in hosts and clear_protocol not in hosts:
                srvs[owner_name(domain, clear_protocol)] = NOT_OFFERED
    return MappingProxyType(srvs)


def autoconfig_name(domain: str) -> str:
    """The host that Thunderbird and others ask (draft-ietf-mailmaint-autoconfig)."""
    return f"autoconfig.{domain.rstrip('.').lower()}."


def autodiscover(domain: str, host: str) -> tuple[str, Srv]:
    """Outlook's SRV: owner name and value. Not beside a CNAME or address at ``autodiscover.DOMAIN``."""
    return f"_autodiscover._tcp.{domain.rstrip('.').lower()}.", Srv(0, 0, 443, _absolute(host))


def _absolute(host: str) -> str:
    return host.lower() if host.endswith(".") else host.lower() + "."
