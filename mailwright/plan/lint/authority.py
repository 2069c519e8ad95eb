"""Who may send in the planned zone's names, as a world that SPF and DMARC can be evaluated in.

The machines of a service have made-up addresses out of 198.18.0.0/15 (RFC 2544): what counts is which include
lets them in, not what they are called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from mailwright.catalog import RECEIVING, SENDING, index, load_services, lookup_costs, service
from mailwright.model.families import Family
from mailwright.model.names import absolute, is_below
from mailwright.model.records import PlannedRecord
from mailwright.model.text import Text
from mailwright.plan.keys import signing
from mailwright.plan.records.senders import owner_of, site_of
from mailwright.spec.model import MailSpec, Sender
from mailwright.standards.spf import LookupFailed

_OWN = "198.19.0.1"  # a machine with a name of the company's own, such as its website
_EXCHANGER = "198.19.0.2"  # where mail comes in
_FILTER = "198.19.0.3"  # where mail leaves by the filter
_NEVER = "198.19.255.1"  # what a look-up costs when it lets nobody in
_NEVER6 = "2001:2::1"  # RFC 5180; made-up machines have IPv4 addresses only
_KEY = "._domainkey."


@dataclass(frozen=True, slots=True)
class Party:
    """The mail host or a sender of the spec.

    ``names`` are those of ``via:``. ``signs`` are the d= domains of its planned keys, and what the spec says
    that it signs as. ``domain`` is the one it is used for, "" for every author's. ``bounces`` is where its
    reverse-path lies, "" where nobody has written it: ``elsewhere`` then says that it may use another one
    than ``domain``, so that SPF cannot be counted on; ``custom``: that the spec can say so.
    """

    names: frozenset[str]
    title: Text
    domain: str
    addresses: tuple[str, ...]
    signs: tuple[str, ...]
    elsewhere: bool = False
    bounces: str = ""
    custom: bool = False

    def envelope(self, author: str) -> str:
        """The domain that SPF is asked about, for mail with a From at ``author``."""
        return self.bounces or self.domain or author


def parties(spec: MailSpec, records: Sequence[PlannedRecord]) -> tuple[Party, ...]:
    """Everybody who sends: the mail host first."""
    return (_host(spec, records), *(_sender(spec, sender, records) for sender in spec.senders))


def _host(spec: MailSpec, records: Sequence[PlannedRecord]) -> Party:
    host = spec.mail_host
    known = service(host.service)
    assert known is not None, "the spec room refuses unknown services"
    site = known.site(host.site)
    names = [named_value.name for named_value in signing(host.dkim)]
    names += [
        absolute(record.host, spec.domain)
        for record in (site.records if site else ())
        if "{" not in record.host
    ]
    if not known.hosted:
        names += [absolute(f"{signing_key.selector}._domainkey", spec.domain) for signing_key in spec.signing]
    own = _first((*host.ip4, *host.ip6)) or (machine(host.service),)
    if spec.gateway and spec.gateway.sends == "everything":
        own = _first((*spec.gateway.ip4, *spec.gateway.ip6)) or (_FILTER,)
        names += [named_value.name for named_value in signing(spec.gateway.dkim)]
    return Party(frozenset({"mail_host", host.service}), known.names, "", own, _signing(names, records))


def _sender(spec: MailSpec, sender: Sender, records: Sequence[PlannedRecord]) -> Party:
    owner = owner_of(spec, sender)
    known = service(sender.service) if sender.service else None
    site = site_of(sender)
    names = [named_value.name for named_value in signing(sender.dkim)]
    if known and site:
        names += [absolute(record.host, owner) for record in site.records if "{" not in record.host]
    hosts = (
        [known.id] if known else [id for include in sender.include if (id := _recognised(_plain(include)))]
    )
    called = sender.service or sender.custom or "?"
    return Party(
        frozenset({called}),
        known.names if known else Text(called, called),
        owner,
        (*_first((*sender.ip4, *sender.ip6)), *map(machine, hosts)),
        tuple(dict.fromkeys((*_signing(names, records), *([sender.signs_as] if sender.signs_as else [])))),
        elsewhere=sender.return_path is None,
        bounces=sender.return_path or "",
        custom=known is None,
    )


def _signing(names: Iterable[str], records: Sequence[PlannedRecord]) -> tuple[str, ...]:
    """The d= domains of those names that are planned keys and not revoked (RFC 6376 §3.6.1)."""
    planned = {
        record.name
        for record in records
        if record.family is Family.DKIM and not all(_is_revoked(value) for value in record.values)
    }
    selectors = (name.partition(_KEY)[2].rstrip(".") for name in names if name in planned and _KEY in name)
    return tuple(dict.fromkeys(selectors))


def _is_revoked(value: str) -> bool:
    return value.replace(" ", "").rstrip(";").endswith("p=")


def own_exchangers(spec: MailSpec, planned: Iterable[str]) -> frozenset[str]:
    """The names of the company's own server, absolute: it also sends. Empty at a mail host of others.

    ``planned`` are the exchangers of the zone: its own ones, unless a filter stands before it.
    """
    known = service(spec.mail_host.service)
    if known is None or known.hosted:
        return frozenset()
    return frozenset(host.lower() for host in (spec.mail_host.mx_hosts if spec.gateway else planned))


def _first(networks: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(ip_network(network, strict=False).network_address) for network in networks)


def machine(id: str) -> str:
    """The made-up address of a service's machines."""
    number = tuple(load_services()).index(id)
    return f"198.18.{number // 250}.{number % 250 + 1}"


def _recognised(name: str) -> str | None:
    """The service that an SPF include is known to belong to; None also where it may be one of several."""
    ids = index.marks("spf", (*RECEIVING, *SENDING)).named(name)
    return ids[0] if len(ids) == 1 else None


def _plain(include: str) -> str:
    return include.strip().lower().removeprefix("+").removeprefix("include:").rstrip(".")


class Authority:
    """Look-ups in the planned zone, with the catalog for what lies outside.

    ``envelope`` is the domain whose SPF is asked for. ``stranger``: the mail comes from nobody whom a name of
    the company could mean.
    ``unanswered`` are the questions that neither could answer, in the order asked.
    """

    def __init__(
        self, spec: MailSpec, records: Sequence[PlannedRecord], envelope: str, *, stranger: bool
    ) -> None:
        self.spec = spec
        self.envelope = absolute(envelope)
        self.stranger = stranger
        self.unanswered: list[str] = []
        self.values: dict[tuple[str, str], list[str]] = {}
        for record in records:
            self.values.setdefault((record.name, record.type), []).extend(record.values)
        self.exchangers = {
            value.rpartition(" ")[2].lower()
            for planned_record in records
            if planned_record.type == "MX"
            for value in planned_record.values
        }
        self.includes = dict(self._inputs())

    def texts(self, name: str, type: str) -> Sequence[str]:
        """For DMARC: what is not planned is not there."""
        return self.values.get((name.lower(), type), ()) if type == "TXT" else ()

    def lookup(self, name: str, type: str) -> Sequence[str]:
        """For SPF. Raises LookupFailed for what neither the plan nor the catalog knows."""
        name = name.lower()
        if (name, type) in self.values:
            return self.values[name, type]
        answer = self._text(name) if type == "TXT" else self._address(name) if type in ("A", "AAAA") else None
        if type == "MX" and self._ours(name):
            answer = ()
        if answer is None:
            self.unanswered.append(f"{name.rstrip('.')} {type}")
            raise LookupFailed(f"{name} {type}")
        return (_NEVER6,) if type == "AAAA" else tuple(answer)

    def _inputs(self) -> Iterator[tuple[str, str]]:
        """Includes that the spec's own services got from their consoles."""
        uses = [(self.spec.mail_host.service, self.spec.mail_host.inputs)]
        uses += [(sender.service, sender.inputs) for sender in self.spec.senders if sender.service]
        for id, inputs in uses:
            if "spf_include" in inputs:
                yield _plain(inputs["spf_include"]), id

    def _ours(self, name: str) -> bool:
        return any(is_below(name, domain) for domain in self.spec.domains)

    def _text(self, name: str) -> Sequence[str] | None:
        plain = name.rstrip(".")
        if self._ours(name):
            # Without a planned policy it has none; but a name that a policy includes must have one.
            return () if name == self.envelope else None
        if self.spec.gateway and plain in map(_plain, self.spec.gateway.include):
            return (f"v=spf1 {_padding(plain)}ip4:{_FILTER} -all",)
        id = self.includes.get(plain) or _recognised(plain)
        return None if id is None else (f"v=spf1 {_padding(plain)}ip4:{machine(id)} -all",)

    def _address(self, name: str) -> Sequence[str] | None:
        if name.endswith(".cost.invalid."):
            return (_NEVER,)
        if name in own_exchangers(self.spec, self.exchangers):
            return (machine(self.spec.mail_host.service),)
        if name in self.exchangers:
            return (_EXCHANGER,)
        return (_OWN,) if self.stranger and self._ours(name) else None


def _padding(include: str) -> str:
    """Look-ups of an include beside itself, so that a record over the limit of ten is seen to fail."""
    return "".join(f"a:n{n}.cost.invalid " for n in range(lookup_costs().get(include, 1) - 1))
