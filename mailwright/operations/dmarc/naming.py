"""Whose a source of mail is: by the keys and networks of the spec, then by the catalog's marks.

A key of ours signs for whoever we gave it to; so a signature that passes says more than an address, and an
address that was seen with one says more than the domain of bounces.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from mailwright.catalog import index, service, service_name
from mailwright.catalog.filters import name_of
from mailwright.model.family import Family
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.text import Text
from mailwright.operations.dmarc.store import Seen
from mailwright.plan.records.senders import Use, owner_of
from mailwright.spec.model import MailHost, MailSpec, NamedValue

_TWO_LABELS = frozenset({"ac", "co", "com", "edu", "gov", "net", "or", "org"})
_MARKS = ("spf", "dkim", "mx")
_PERMITTED = Text("a host that the SPF record allows", "SPF 记录所允许的主机")
_OURS = Text("whoever signs with a key of the domain", "持有本域名密钥的发信方")
_NOBODY = Text("unknown, {source}", "未知来源 {source}")


@dataclass(frozen=True, slots=True)
class Named:
    """Who sends: ``id`` is fixed for programs; ``declared``: the spec has it."""

    id: str
    label: Text
    declared: bool


@dataclass(slots=True)
class Names:
    """What the spec says of its senders, as far as reports show it."""

    domain: str
    declared: dict[str, Named] = field(default_factory=dict)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)  # domain and selector
    networks: list[tuple[IPv4Network | IPv6Network, str]] = field(default_factory=list)
    ends: dict[str, str] = field(default_factory=dict)  # domains of bounces and foreign signatures
    seen: dict[str, str] = field(default_factory=dict)  # by address
    passing: set[tuple[str, str]] = field(default_factory=set)  # of our keys: those that pass anywhere

    def learn(self, rows: Iterable[Seen]) -> None:
        """Remember addresses from which mail passed by a key or a domain of the spec."""
        for row in rows:
            signed = {(key.domain, key.selector) for key in row.signatures if key.result == "pass"}
            self.passing |= {pair for pair in signed if is_below(pair[0], self.domain)}
            if row.passes and (id := self._by_key(row) or self._by_end(row)):
                self.seen.setdefault(row.source, id)

    def of(self, row: Seen) -> Named:
        """Who sent mail that was seen."""
        id = self._by_key(row) or self.by_network(row) or self.seen.get(row.source, "") or self._by_end(row)
        if id:
            return self.declared[id]
        if row.dkim:
            return Named("own-key", _OURS, True)
        if row.spf:
            return Named("own-spf", _PERMITTED, True)
        if known := _by_catalog(row):
            return Named(known, service_name(known), known in self.declared)
        return Named(f"unknown {row.source}", _NOBODY.using(source=row.envelope or row.source), False)

    def _by_key(self, row: Seen) -> str:
        passed = (
            (signature.domain, signature.selector)
            for signature in row.signatures
            if signature.result == "pass"
        )
        return next((self.keys[pair] for pair in passed if pair in self.keys), "")

    def by_network(self, row: Seen) -> str:
        """Whose network of the spec an address is in; "" where it is in none."""
        address = ip_address(row.source)
        return next((id for network, id in self.networks if address in network), "")

    def _by_end(self, row: Seen) -> str:
        return next((self.ends[end] for end in _domains(row, self.domain) if end in self.ends), "")


def names_of(spec: MailSpec) -> Names:
    """The senders of a spec."""
    names = Names(spec.domain)
    move = spec.moving_from
    for host in (*spec.mail_hosts, *([move.host] if move else [])):
        _host(names, spec, host)
    if spec.gateway:
        filtering = spec.gateway.service
        _declare(names, filtering, name_of(filtering))
        _keys(names, spec.gateway.dkim, filtering)
        _networks(names, (*spec.gateway.ip4, *spec.gateway.ip6), filtering)
        names.ends |= {_end(domain): filtering for domain in spec.gateway.include}
    for key in spec.signing:
        names.keys[(spec.domain, key.selector.lower())] = spec.mail_host.service
    for sender in spec.senders:
        id = sender.service or sender.custom or ""
        known = service(sender.service or "")
        _declare(names, id, known.names if known else Text(id, id))
        owner = owner_of(spec, sender)
        _keys(names, sender.dkim, id)
        _networks(names, (*sender.ip4, *sender.ip6), id)
        if known:
            _keys(names, _records(spec, sender.service or "", sender.site, sender.inputs, owner), id)
        for domain in (sender.return_path, sender.signs_as, *sender.include):
            if domain and not is_below(domain, spec.domain):
                names.ends.setdefault(_end(domain), id)
    return names


def _host(names: Names, spec: MailSpec, host: MailHost) -> None:
    _declare(names, host.service, service_name(host.service))
    _keys(names, host.dkim, host.service)
    _networks(names, (*host.ip4, *host.ip6), host.service)
    _keys(names, _records(spec, host.service, host.site, host.inputs, spec.domain), host.service)


def _declare(names: Names, id: str, label: Text) -> None:
    names.declared.setdefault(id, Named(id, label, True))
    for end, owner in _catalog_ends().items():
        if owner == id:
            names.ends.setdefault(end, id)


def _records(
    spec: MailSpec, id: str, site: str | None, inputs: Mapping[str, str], owner: str
) -> Sequence[NamedValue]:
    known = service(id)
    if known is None:
        return ()
    records = Use(known, owner, 0, inputs, spec.at("mail_host")).records(known.site(site))
    return [NamedValue(one.name, one.type, one.values[0]) for one in records if one.family is Family.DKIM]


def _keys(names: Names, keys: Iterable[NamedValue], id: str) -> None:
    for key in keys:
        selector, _, domain = bare(absolute(key.name)).partition("._domainkey.")
        if domain:
            names.keys.setdefault((domain, selector), id)


def _networks(names: Names, texts: Iterable[str], id: str) -> None:
    names.networks += [(ip_network(text, strict=False), id) for text in texts]


def _domains(row: Seen, ours: str) -> Iterator[str]:
    """The registered domains that a row shows beside our own: of signatures that passed, and of bounces."""
    foreign = [signature.domain for signature in row.signatures if signature.result == "pass"]
    if row.spf_result == "pass":
        foreign.append(row.envelope)
    for domain in foreign:
        if domain and not is_below(domain, ours):
            yield _end(domain)


def _by_catalog(row: Seen) -> str:
    ends = _catalog_ends()
    return next((ends[end] for end in _domains(row, row.domain) if end in ends), "")


@functools.cache
def _catalog_ends() -> Mapping[str, str]:
    """The registered domain of each service's marks, where it is of one service alone."""
    owners: dict[str, set[str]] = {}
    for id, entry in index.entries().items():
        for kind in _MARKS:
            for mark in entry.recognise.get(kind, ()):
                owners.setdefault(_end(mark.strip("*.")), set()).add(id)
    return {end: next(iter(ids)) for end, ids in owners.items() if len(ids) == 1}


def _end(domain: str) -> str:
    """The part of a name that somebody registered, as far as its form shows it."""
    labels = domain.rstrip(".").lower().split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _TWO_LABELS
    return ".".join(labels[-3 if short else -2 :])
