"""What a living domain says of itself: the answers that ``init`` proposes, from its NS and MX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import dns.exception
import dns.resolver

from mailwright.catalog import RECEIVING, index
from mailwright.model.family import Family
from mailwright.model.names import bare
from mailwright.model.readings import surely
from mailwright.model.suffixes import is_suffix
from mailwright.operations.importing.recognising import dns_console
from mailwright.resolving.server import Server

#: Seconds for each of the two questions; without an answer nothing is proposed.
PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """The mail service and DNS console that a domain seems to use; None where its records do not tell.

    ``zone`` is the zone that holds it, '' where nobody says; ``living``: it takes mail already.
    """

    service: str | None = None
    console: str | None = None
    zone: str = ""
    living: bool = False


def propose(domain: str, resolver: dns.resolver.Resolver | None = None) -> Proposal:
    """Ask for NS and MX. Never raises: whoever has no network answers the questions alone."""
    asked = resolver or _resolver()
    if asked is None:
        return Proposal()
    zone = _zone(asked, domain)
    exchangers = _names(asked, domain, "MX")
    return Proposal(
        service_of(exchangers, _texts(asked, domain)),
        dns_console(_names(asked, zone or domain, "NS")),
        zone,
        bool(exchangers),
    )


def service_of(exchangers: Iterable[str], texts: Iterable[str] = ()) -> str | None:
    """The mail host of these exchangers; SPF decides where two have the same.

    Tencent SES asks for Exmail's MX as proof, so an MX alone is no proof of a mail host.
    """
    hosts = [exchanger.lower().rstrip(".") for exchanger in exchangers]
    spf = " ".join(text.lower() for text in texts if surely(Family.SPF, text))
    marks, known = index.marks("mx", RECEIVING), index.entries()
    shown = {id: None for host in hosts for id in marks.named(host) if not known[id].recognise.get("needs")}
    includes = [target.rstrip(".") for target in re.findall(r"(?:include:|redirect=)(\S+)", spf)]
    named = {id for target in includes for id in index.marks("spf", RECEIVING).named(target)}
    chosen = [id for id in shown if id in named] or ([] if "qcloudmail.com" in includes else list(shown))
    return chosen[0] if len(chosen) == 1 else None


def resolver_at(servers: Sequence[Server]) -> dns.resolver.Resolver | None:
    """A resolver that asks these servers alone; None where none is given."""
    if not servers:
        return None
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [server.address for server in servers]
    resolver.nameserver_ports = {server.address: server.port for server in servers}
    resolver.lifetime = PATIENCE
    return resolver


def _resolver() -> dns.resolver.Resolver | None:
    try:
        resolver = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        return None
    resolver.lifetime = PATIENCE
    return resolver


def _zone(resolver: dns.resolver.Resolver, domain: str) -> str:
    """The zone that holds a domain, never a registry's; '' where nobody says."""
    try:
        zone = bare(dns.resolver.zone_for_name(domain, resolver=resolver).to_text())
    except (dns.exception.DNSException, OSError):
        return ""
    return "" if is_suffix(zone) else zone


def _names(resolver: dns.resolver.Resolver, domain: str, type: str) -> list[str]:
    try:
        answer = resolver.resolve(domain, type)
    except (dns.exception.DNSException, OSError):
        return []
    return [str(rdata.exchange if type == "MX" else rdata.target) for rdata in answer]


def _texts(resolver: dns.resolver.Resolver, domain: str) -> list[str]:
    try:
        answer = resolver.resolve(domain, "TXT")
    except (dns.exception.DNSException, OSError):
        return []
    return [b"".join(rdata.strings).decode("utf-8", "replace") for rdata in answer]
