"""Names that records point to: what was read says what else is to be asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailwright.catalog.service import template_values
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.records import Observed
from mailwright.operations.importing import evidence, recognising
from mailwright.operations.importing.fitting import Use

Pair = tuple[str, str]
_ADDRESSES = ("A", "AAAA", "CNAME")
#: Hosts that services propose for bounces, or that their customers choose.
_RETURN_PATHS = ("em", "send", "bounce", "bounces", "rp", "return")
_MOST = 200  # names more in one round


def implied(observed: Observed, domain: str) -> frozenset[Pair]:
    """Every (absolute owner name, type) below the domain that the records found imply."""
    makers = (_exchangers, _includes, _of_services, _alias_targets)
    pairs = {pair for make in makers for pair in make(observed, domain)}
    below = sorted(pair for pair in pairs if is_below(pair[0], domain))
    return frozenset(below[:_MOST])


def _exchangers(observed: Observed, _domain: str) -> Iterator[Pair]:
    """The addresses of the domain's own exchangers, and the keys that DANE publishes for them."""
    for record_set in observed:
        if record_set.type == "MX":
            for host in (absolute(value.split()[-1]) for value in record_set.plain if value.split()):
                yield from ((host, type) for type in _ADDRESSES)
                yield f"_25._tcp.{host}", "TLSA"


def _includes(observed: Observed, domain: str) -> Iterator[Pair]:
    """SPF of the domain's own names (``include:_spf.DOMAIN``, ``redirect=``)."""
    for target in evidence.all_includes(observed, domain):
        if "%" not in target:
            yield from ((absolute(target), type) for type in ("TXT", "CNAME"))


def _alias_targets(observed: Observed, _domain: str) -> Iterator[Pair]:
    """A policy that a CNAME keeps at another name of the same domain."""
    for record_set in observed:
        if record_set.type == "CNAME" and record_set.name.startswith("_"):
            yield absolute(record_set.plain[0]), "TXT"


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
    """Hosts that only a console knows: those in wide use, and what the keys' numbers say (``em1234``)."""
    records = use.site.records if use.site else ()
    types = {record.type for record in records if record.host == "{return_path}"}
    if not types or "return_path" in use.inputs:
        return
    keys = [record_set for name in use.dkim if (record_set := observed.get(name, "CNAME"))]
    texts = [*use.dkim, *(bare(value) for key in keys for value in key.plain)]
    numbers = sorted({number for text in texts for number in re.findall(r"\d+", text)})
    for name in (*_RETURN_PATHS, *(f"em{number}" for number in numbers)):
        yield from ((absolute(name, domain), type) for type in types)
