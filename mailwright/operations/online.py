"""The living half of ``check --online``: one resolver, each question asked once."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

import dns.exception
import dns.resolver

from mailwright.model import txt
from mailwright.model.plan import Plan
from mailwright.plan.living import Living, living
from mailwright.standards.dmarc import NO_SUCH_NAME
from mailwright.standards.spf import Lookup, LookupFailed
from mailwright.verify.servers import given

#: Seconds for one question, all tries included.
PATIENCE = 5.0


class NoResolver(Exception):
    """This machine has no resolver, and none was named."""


def look(plans: Sequence[Plan], resolvers: Sequence[str] = ()) -> Living:
    """Judge the plans by live look-ups.

    ``resolvers`` are ADDRESS or ADDRESS:PORT; none means this machine's. Raises ValueError for what is no
    address, NoResolver where the machine has none.
    """
    return living(plans, lookup(resolver(resolvers)))


def resolver(addresses: Sequence[str]) -> dns.resolver.Resolver:
    """The resolver to ask. Raises ValueError and NoResolver."""
    from dns.nameserver import Do53Nameserver, Nameserver

    try:
        made = dns.resolver.Resolver(configure=not addresses)
    except (dns.exception.DNSException, OSError) as error:
        raise NoResolver(str(error)) from None
    if addresses:
        servers = [given(each, authoritative=False) for each in addresses]
        asked: list[str | Nameserver] = [Do53Nameserver(each.address, each.port) for each in servers]
        made.nameservers = asked
    made.lifetime = PATIENCE
    return made


def lookup(asked: dns.resolver.Resolver) -> Lookup:
    """The look-up function of the standards over one resolver; failures are remembered too."""
    known: dict[tuple[str, str], Sequence[str] | LookupFailed] = {}

    def answer(name: str, type: str) -> Sequence[str]:
        key = (name.lower(), type)
        if key not in known:
            try:
                known[key] = _ask(asked, name, type)
            except LookupFailed as error:
                known[key] = error
        held = known[key]
        if isinstance(held, LookupFailed):
            raise held
        return held

    return answer


def _ask(asked: dns.resolver.Resolver, name: str, type: str) -> Sequence[str]:
    try:
        answer = asked.resolve(name.replace("\\", "\\\\"), type, search=False)
    except dns.resolver.NXDOMAIN:
        return NO_SUCH_NAME
    except dns.resolver.NoAnswer:
        return ()
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise LookupFailed(
            f"{name} {type}: {str(error).splitlines()[0] if str(error) else 'no answer'}"
        ) from None
    if type == "TXT":
        return tuple(txt.join(rdata.strings) for rdata in answer)
    if type in ("A", "AAAA"):
        return tuple(str(ipaddress.ip_address(rdata.address)) for rdata in answer)
    return tuple(rdata.to_text() for rdata in answer)
