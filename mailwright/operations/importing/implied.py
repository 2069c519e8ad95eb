"""Names that records point to: what was read says what else is to be asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailwright.catalog.service import template_values
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.records import Observed
from mailwright.operations.importing import recognising
from mailwright.operations.importing.recognising import Use

Pair = tuple[str, str]
_ADDRESSES = ("A", "AAAA", "CNAME")
_MOST = 200  # names more in one round


def implied(observed: Observed, domain: str) -> frozenset[Pair]:
    """Every (absolute owner name, type) below the domain that the records found imply."""
    makers = (_exchangers, _includes, _of_services, _alias_targets)
    pairs = {pair for make in makers for pair in make(observed, domain)}
    below = sorted(pair for pair in pairs if is_below(pair[0], domain))
    return frozenset(below[:_MOST])


def _exchangers(observed: Observed, _domain: str) -> Iterator[Pair]:
    """The addresses of the domain's own exchangers, and the keys that DANE publishes for them."""
    for each in observed:
        if each.type == "MX":
            for host in (absolute(value.split()[-1]) for value in each.plain if value.split()):
                yield from ((host, type) for type in _ADDRESSES)
                yield f"_25._tcp.{host}", "TLSA"


def _includes(observed: Observed, domain: str) -> Iterator[Pair]:
    """SPF of the domain's own names (``include:_spf.DOMAIN``, ``redirect=``)."""
    for target in recognising.all_includes(observed, domain):
        if "%" not in target:
            yield from ((absolute(target), type) for type in ("TXT", "CNAME"))


def _alias_targets(observed: Observed, _domain: str) -> Iterator[Pair]:
    """A policy that a CNAME keeps at another name of the same domain."""
    for each in observed:
        if each.type == "CNAME" and each.name.startswith("_"):
            yield absolute(each.plain[0]), "TXT"


def _of_services(observed: Observed, domain: str) -> Iterator[Pair]:
    """The records of the services in use, with the inputs that others of their records show."""
    host = recognising.mail_host(observed, domain)
    uses = recognising.senders(observed, domain, host)
    for use in (*((host,) if host else ()), *uses):
        known = {**template_values(domain), **use.inputs}
        for site in (use.site,) if use.site else use.service.sites:
            for record in site.records:
                names = re.findall(r"\{(\w+)\}", record.host)
                if all(name in known for name in names):
                    yield absolute(record.host.format_map(known), domain), record.type
        yield from _return_paths(use, observed, domain)


def _return_paths(use: Use, observed: Observed, domain: str) -> Iterator[Pair]:
    """Hosts that a console numbers, where the keys of the service show its numbers (``em1234``)."""
    wanted = {each.name for each in use.service.wants(use.site.id if use.site else None)}
    if "return_path" not in wanted or "return_path" in use.inputs:
        return
    targets = (observed.get(name, "CNAME") for name in use.dkim)
    numbers = {n for each in targets if each for n in re.findall(r"\d+", bare(each.plain[0]))}
    for name in ("em", *(f"em{number}" for number in sorted(numbers))):
        yield absolute(name, domain), "CNAME"
