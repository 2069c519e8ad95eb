"""A spec as values: what the reviewed YAML file says, checked and with its positions.

Every node that a later message may speak of keeps the position it was written at. Names are
as planned later: ``domain`` and address domains are A-labels in lower case without final dot.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from mailwright.model.consent import Consent
from mailwright.model.mailboxes import DELIMITER
from mailwright.model.names import is_below
from mailwright.model.position import Position
from mailwright.spec.extra import Extra
from mailwright.spec.found import AsFound
from mailwright.spec.host_api import HostApi
from mailwright.spec.mailboxes import MailboxSpec
from mailwright.spec.own_server import Folders, SieveServer, Ways


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A record as a service's console shows it: ``name`` (host part), ``type`` and ``value``.

    ``name`` is absolute with the final dot; ``value`` plain (TXT) or an absolute name (CNAME).
    """

    name: str
    type: str
    value: str
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class MailHost:
    """Where the company's mailboxes live. ``inputs`` are the service's own values by name.

    Of an own server ``maps`` is the folder of Postfix tables as written, ``sieve`` the ManageSieve server;
    None: somebody else brings them there. ``delimiter`` begins a sub-address there, ``folders`` says how it
    names folders (None: nobody said), ``ways`` are the servers by which mail leaves. ``api``: that of the
    service, None where a person works through its checklist.
    """

    service: str
    site: str | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    dkim: tuple[NamedValue, ...] = ()
    verification: tuple[NamedValue, ...] = ()
    mx: tuple[str, ...] = ()  # self-hosted, other: "10 mail.acme.com."
    ip4: tuple[str, ...] = ()
    ip6: tuple[str, ...] = ()
    maps: str | None = None
    sieve: SieveServer | None = None
    delimiter: str = DELIMITER
    folders: Folders | None = None
    ways: Ways = field(default_factory=Ways)
    api: HostApi | None = None
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)

    @property
    def takes_no_mail(self) -> bool:
        """Whether the exchangers are a null MX (RFC 7505)."""
        return bool(self.mx) and all(exchanger.split()[-1] == "." for exchanger in self.mx)

    @property
    def is_written(self) -> bool:
        """Whether `up` writes tables or scripts there."""
        return bool(self.maps) or self.sieve is not None

    @property
    def mx_hosts(self) -> tuple[str, ...]:
        """The names of its own exchangers, absolute."""
        return tuple(exchanger.split()[-1] for exchanger in self.mx if exchanger)


@dataclass(frozen=True, slots=True)
class AliasDomain:
    """Another domain of the same people: whoever has an address has it there too.

    ``inputs`` are the mail host's own values for this domain, ``dkim`` and ``verification`` are below it;
    ``moving_from`` are those of the mail host that is left.
    """

    domain: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    dkim: tuple[NamedValue, ...] = ()
    verification: tuple[NamedValue, ...] = ()
    moving_from: Mapping[str, str] = field(default_factory=dict)
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Gateway:
    """The filter before the mail host: ``service`` in the catalog's list, its exchangers as MX values.

    ``sends`` is what of the company's own mail leaves by it: "nothing", "some" or "everything"; ``include``,
    ``ip4`` and ``ip6`` are where that comes from, ``dkim`` the keys that it signs with.
    """

    service: str
    mx: tuple[str, ...]
    sends: str = "nothing"
    include: tuple[str, ...] = ()
    ip4: tuple[str, ...] = ()
    ip6: tuple[str, ...] = ()
    dkim: tuple[NamedValue, ...] = ()
    position: Position | None = None


class Stage(StrEnum):
    """How far a move between two mail hosts is; each is an ``up`` of its own."""

    PREPARE = "prepare"  # both may send, the old one takes mail
    SWITCH = "switch"  # the new one takes mail
    CLIENTS = "clients"  # mail programs find the new one
    WITHDRAW = "withdraw"  # the old one may no longer send

    def reached(self, other: Stage) -> bool:
        """Whether this stage is ``other`` or a later one."""
        order = list(Stage)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Move:
    """The mail host that is left: ``host`` has its site, keys and addresses as ``mail_host`` has them.

    ``confirmed`` is what only a person can see, with the day. ``addresses`` stand in SPF in place of its
    include (``ip4:…`` and ``ip6:…`` terms), as they were on the day ``seen``.
    """

    host: MailHost
    stage: Stage
    contract_until: dt.date
    confirmed: Mapping[str, dt.date] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    seen: dt.date | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class DnsHost:
    """One host that serves the domain's zone, and how it is reached.

    ``service`` is one of ``hosts.dns.services``; ``options`` are the remaining keys as written.
    """

    service: str
    options: Mapping[str, str] = field(default_factory=dict)
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An own DKIM key: its selector and the public half, as the file says it (PEM or base64 DER).

    ``made`` is the day of the pair, ``replaces`` the selector whose place it takes, ``seen`` the day on which
    a mail of each signer was seen with it. From the day ``revoked`` on the record says that the key is none;
    ``compromised``: from that day somebody else may have the private half, and nothing is waited for.
    """

    selector: str
    public_key: str
    public_key_file: str | None = None
    position: Position | None = None
    made: dt.date | None = None
    replaces: str | None = None
    seen: Mapping[str, dt.date] = field(default_factory=dict)
    revoked: dt.date | None = None
    compromised: dt.date | None = None

    @property
    def ends(self) -> dt.date | None:
        """The first day on which mail signed with it does not verify any more."""
        return min((day for day in (self.revoked, self.compromised) if day), default=None)


#: What each stage of DMARC publishes as ``p`` (RFC 9989 §4.7).
DMARC_POLICY = {"watch": "none", "guard": "quarantine", "reject": "reject"}


@dataclass(frozen=True, slots=True)
class Dmarc:
    """The stage of the DMARC policy: watch (none), guard (quarantine) or reject."""

    stage: str = "watch"
    rua: tuple[str, ...] = ()
    ruf: tuple[str, ...] = ()
    adkim: str | None = None
    aspf: str | None = None
    sp: str | None = None
    np: str | None = None
    t: str | None = None
    since: dt.date | None = None  # the day on which this stage began
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class SpfPolicy:
    """What the company adds to SPF itself: the final ``all`` and own addresses."""

    all: str | None = None  # softfail | fail; None: the default of the plan
    ip4: tuple[str, ...] = ()
    ip6: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """A service, or a custom machine, that sends in the domain's name.

    ``dkim`` and ``verification`` are below the domain of ``from_address``; ``inputs`` are the service's own
    values by name. ``return_path`` is the domain that its bounces go to and ``signs_as`` the ``d=`` of its
    signatures, where somebody has looked at a mail of it.
    """

    service: str | None = None
    custom: str | None = None
    site: str | None = None
    from_address: str | None = None
    ip4: tuple[str, ...] = ()
    ip6: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    dkim: tuple[NamedValue, ...] = ()
    verification: tuple[NamedValue, ...] = ()
    volume_per_day: int | None = None
    return_path: str | None = None
    signs_as: str | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Attestation:
    """What only a person can see, as somebody saw it on the day ``on``; it holds for ``days`` days."""

    what: str
    by: str
    on: dt.date
    days: int
    how: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Expiry:
    """What ends on the day ``until`` unless somebody renews it; it is due ``days`` days before.

    ``what`` is domain, dnssec, certificate or licence; ``name`` says which, where there are several.
    """

    what: str
    until: dt.date
    name: str = ""
    days: int = 30
    note: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """A rule that this spec silences, with the reason."""

    rule: str
    why: str
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class MailSpec:
    """One company's mail. ``file`` is the path as given; ``positions`` maps spec paths to places."""

    file: str
    domain: str
    domain_unicode: str
    timezone: str
    mail_host: MailHost
    dns_hosts: tuple[DnsHost, ...]
    contact: str
    company: str = ""  # its name, for signatures
    ttl: int | None = None  # seconds; None: the plan's defaults
    signing: tuple[SigningKey, ...] = ()
    dmarc: Dmarc = field(default_factory=Dmarc)
    spf: SpfPolicy = field(default_factory=SpfPolicy)
    senders: tuple[Sender, ...] = ()
    verification: tuple[NamedValue, ...] = ()
    parked: tuple[str, ...] = ()  # A-label domains
    alias_domains: tuple[AliasDomain, ...] = ()
    allow: tuple[Consent, ...] = ()
    silence: tuple[Silence, ...] = ()
    attest: tuple[Attestation, ...] = ()
    expires: tuple[Expiry, ...] = ()
    as_found: tuple[AsFound, ...] = ()
    moving_from: Move | None = None
    gateway: Gateway | None = None
    beside: MailHost | None = None  # the second of two mail hosts; mail comes in at the first
    mailboxes: MailboxSpec = field(default_factory=MailboxSpec)
    extra: Extra = field(default_factory=Extra)
    positions: Mapping[str, Position] = field(default_factory=dict)

    def at(self, path: str) -> Position:
        """The position of a spec path, or of the nearest written parent."""
        while path:
            if path in self.positions:
                return self.positions[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return Position(self.file, 1, 1)

    def today(self, now: dt.datetime) -> dt.date:
        """The day in the spec's own timezone at the instant ``now`` (aware)."""
        from zoneinfo import ZoneInfo

        return now.astimezone(ZoneInfo(self.timezone)).date()

    def midnight(self, day: dt.date) -> dt.datetime:
        """The instant at which ``day`` begins in the spec's own timezone (aware)."""
        from zoneinfo import ZoneInfo

        return dt.datetime.combine(day, dt.time(), ZoneInfo(self.timezone))

    @property
    def mail_hosts(self) -> tuple[MailHost, ...]:
        """Where the company's mailboxes live: one mail host, or two, the one that takes mail first."""
        return (self.mail_host, self.beside) if self.beside else (self.mail_host,)

    @property
    def host_places(self) -> tuple[tuple[str, MailHost], ...]:
        """The mail hosts, each with its path in the spec."""
        return tuple(zip(("mail_host", "mail_host[1]"), self.mail_hosts, strict=False))

    def at_host(self, host: MailHost) -> MailSpec:
        """The spec as if this were the only mail host."""
        return replace(self, mail_host=host, beside=None)

    @property
    def domains(self) -> tuple[str, ...]:
        """Every domain that the spec claims, each a zone of its own: its own, alias domains, parked ones."""
        return (self.domain, *(alias.domain for alias in self.alias_domains), *self.parked)

    def hosts_of(self, domain: str) -> tuple[DnsHost, ...]:
        """The DNS hosts of one of the spec's domains: those whose zone holds it, else those of the company.

        An entry whose ``zone`` holds an alias domain or a parked one alone is no host of the company's own.
        """
        zones = [(host, host.options.get("zone", "")) for host in self.dns_hosts]
        own = tuple(host for host, zone in zones if zone and is_below(domain, zone))
        elsewhere = {name for name in self.domains if not is_below(name, self.domain)}
        company = tuple(
            host
            for host, zone in zones
            if not zone or is_below(self.domain, zone) or not any(is_below(name, zone) for name in elsewhere)
        )
        return company if domain == self.domain else own or company

    @property
    def folder(self) -> Path:
        """The folder that relative file names in the spec start from."""
        return Path(self.file).parent
