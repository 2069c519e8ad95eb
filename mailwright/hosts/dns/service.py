"""What a DNS host brings along: one declaration, from which all that names the host is made.

Declarations are read whenever a spec is checked. So a host's module loads its network libraries
where ``open`` is called, not at its top.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urlencode

from mailwright.hosts.dns.limits import Limits
from mailwright.model.names import absolute, bare
from mailwright.model.records import MANAGED_TYPES
from mailwright.model.text import Text

if TYPE_CHECKING:
    from mailwright.hosts.dns.base import DnsClient

#: The zone of a target where nobody has said which one holds the domain: whatever the delegation says.
AS_DELEGATED = "."

#: Seconds; no TTL is longer (RFC 2181 §8).
MOST_TTL = 2**31 - 1

Value = str | int
Options = Mapping[str, Value]


class Way(StrEnum):
    """How records get to a host."""

    SHEET = "sheet"  # a person enters them
    PROVIDER = "provider"  # our own provider writes them, and keeps what it found
    PLUGIN = "plugin"  # the Pulumi provider of somebody else


@dataclass(frozen=True, slots=True)
class Option:
    """One key of a ``dns_hosts`` entry.

    ``values`` is a closed list, ``least`` and ``most`` bound a whole number; without either it is a text.
    ``kept``: resources keep it also where it has its default. ``folded``: letter case says nothing.
    """

    name: str
    about: Text
    example: Value
    values: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    default: Value | None = None
    required: bool = False
    kept: bool = False
    folded: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is a whole number."""
        return self.least is not None

    @property
    def property(self) -> str:
        """Its name among a resource's properties."""
        first, *rest = self.name.split("_")
        return first + "".join(map(str.capitalize, rest))

    def read(self, written: object) -> Value | None:
        """Its value as written in a spec or kept in a state; the default where nothing is."""
        text = str(written).strip() if written is not None else ""
        if not text:
            return self.default
        if self.is_number:
            return int(text)
        return text.lower() if self.folded else text


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential: the environment variable, and the key of our stack configuration ('' for none).

    ``optional``: only some credentials have it, such as a temporary one its token.
    """

    variable: str
    configured: str = ""
    optional: bool = False


class Shape(StrEnum):
    """How a host takes a change (``shapes.py``)."""

    BY_HAND = "by-hand"
    CONDITIONAL = "conditional"
    CONDITIONAL_SETS = "conditional-sets"
    SETS = "sets"
    SET_WISE = "set-wise"
    VALUE_WISE = "value-wise"
    WHOLE_ZONE = "whole-zone"

    @property
    def guarded(self) -> bool:
        """Whether a second writer between reading and writing makes the host refuse."""
        return self in (Shape.CONDITIONAL, Shape.CONDITIONAL_SETS)


@dataclass(frozen=True, slots=True)
class Stores:
    """What a host can keep: types, the least and greatest TTL (seconds), octets of one TXT (None: unknown).

    ``ttls``: the only ones that it takes (seconds, ascending); empty where any is. ``atomic``: a change is
    carried out as one, or not at all. None where somebody enters it. ``limits``: what else the host refuses.
    """

    atomic: bool | None
    shape: Shape
    types: tuple[str, ...] = MANAGED_TYPES
    least_ttl: int = 0
    txt_most: int | None = None
    limits: Limits = field(default_factory=Limits)
    ttls: tuple[int, ...] = ()
    most_ttl: int = MOST_TTL

    def ttl(self, seconds: int) -> int:
        """The least TTL from ``seconds`` on that the host takes; its greatest where none is that long."""
        least = min(max(seconds, self.least_ttl), self.most_ttl)
        return next(
            (listed_ttl for listed_ttl in self.ttls if listed_ttl >= least),
            self.ttls[-1] if self.ttls else least,
        )


@dataclass(frozen=True, slots=True)
class Access:
    """What ``doctor`` says of a host that we do not ask ourselves; ``text`` may name the spec's {file}."""

    ok: bool
    text: Text


class Connections(Protocol):
    """The way to every zone at one service, for one run: what its clients share lives here."""

    def client(self, target: Target, secrets: Mapping[str, str]) -> DnsClient:
        """The client of a target; ``secrets`` by the name of their variable, only those that are set.

        Raises HostError where the target cannot be used at all.
        """
        ...

    async def close(self) -> None:
        """Close what is still open; clients may be asked for again afterwards."""
        ...


_REACHED = Text("reached, and the zone can be read", "可以访问，并可读取区域")
#: Nothing is written to find out, so what writing needs is named.
_TO_WRITE = Text("{reached}; writing needs: {rights}", "{reached}；写入还需要：{rights}")


def _reached(target: Target) -> Text:
    rights = target.service.rights
    return _TO_WRITE.using(reached=_REACHED, rights=rights) if rights else _REACHED


def place_by(name: str, *named: str) -> Callable[[Options], str]:
    """A ``where`` that is the service and, of these options, those that are given."""

    def where(options: Options) -> str:
        return " ".join([name, *(str(options[option]) for option in named if option in options)])

    return where


def _nowhere(_options: Options) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class DnsService:
    """One kind of DNS host, as ``dns_hosts: [{service: NAME}]`` names it.

    ``where``: the place that options lead to, in words and without the way (no key, no reading mode): two
    resources of a zone and domain never share one. ``suffix`` names the resource of a second host, from
    the options as written. ``open`` makes the connections of a run, for ``Way.PROVIDER``; ``reached`` is what
    ``doctor`` says of a reading that worked, ``access`` what it says where nobody reads. ``asked_as``: the
    word for ``init --dns``. ``id_of`` and ``options_in`` write and read the last part of a resource's id,
    where it has a form of its own. ``tried``: against what. ``rights``: the least that the credential needs.
    ``experimental``: written by the vendor's documents, and nobody has tried it there.
    """

    name: str
    about: Text
    way: Way
    stores: Stores
    tried: Text
    options: tuple[Option, ...] = ()
    secrets: tuple[Secret, ...] = ()
    where: Callable[[Options], str] = _nowhere
    suffix: Callable[[Mapping[str, str]], str] | None = None
    open: Callable[[], Connections] | None = None
    reached: Callable[[Target], Text] = _reached
    access: Callable[[], Access] | None = None
    asked_as: str = ""
    id_of: Callable[[Options], str] | None = None
    options_in: Callable[[str], Options] | None = None
    rights: Text | None = None
    experimental: bool = False

    def target(self, zone: str, domain: str, options: Mapping[str, object]) -> Target:
        """The target that a spec's options name."""
        read = {option.name: option.read(options.get(option.name)) for option in self.options}
        known = {name: value for name, value in read.items() if value is not None}
        return Target(self, absolute(zone), bare(absolute(domain)), known)

    @property
    def word(self) -> str:
        """What ``init --dns`` calls it; a console may have the name."""
        return self.asked_as or self.name

    def credentials(self, look_up: Callable[[Secret], str | None]) -> dict[str, str]:
        """The secrets that are set, by variable."""
        values = {secret.variable: look_up(secret) for secret in self.secrets}
        return {name: value for name, value in values.items() if value}

    def lacking(self, options: Mapping[str, object]) -> tuple[str, ...]:
        """Required options that are not there."""
        return tuple(
            option.name for option in self.options if option.required and not options.get(option.name)
        )

    def name_of(self, domain: str, options: Mapping[str, str]) -> str:
        """The name of a second host's resource."""
        suffix = (
            self.suffix(options) if self.suffix else self.where(self.target(domain, domain, options).options)
        )
        return f"{domain}@{suffix or 'second'}"


@dataclass(frozen=True, slots=True)
class Target:
    """Which records at which host: what one resource is about. ``options`` are without secrets."""

    service: DnsService = field(repr=False)
    zone: str
    domain: str
    options: Options = field(hash=False)

    @property
    def where(self) -> str:
        """The place without the way to it; '' where the service has none."""
        return self.service.where(self.options)

    @property
    def place(self) -> tuple[str, str, str]:
        """What two resources must not share: the zone as served there, and the domain.

        What is entered by hand is served by the one zone that the domain is delegated to, whatever its name.
        """
        by_hand = self.service.way is Way.SHEET
        return (absolute(self.domain) if by_hand else self.zone, self.domain, self.where)

    @property
    def label(self) -> str:
        """The DNS host in words, also part of a change's digest."""
        return f"{bare(self.zone)}@{self.where}"

    @property
    def id(self) -> str:
        """The resource's id: everything that reading needs, and no secret."""
        if self.service.id_of:
            return f"{self.domain}@{bare(self.zone)}@{self.service.id_of(self.options)}"
        query = urlencode({name: str(value) for name, value in self.options.items()})
        return f"{self.domain}@{bare(self.zone)}@{self.service.name}://?{query}"

    @property
    def properties(self) -> dict[str, Value]:
        """Every option by the name of its property; what is not set is left out."""
        return {
            option.property: self.options[option.name]
            for option in self.service.options
            if option.name in self.options
        }

    @property
    def kept(self) -> dict[str, Value]:
        """The properties that a resource keeps whatever they are."""
        return self._properties(kept=True)

    @property
    def unusual(self) -> dict[str, Value]:
        """Those that it keeps only where they are not the default."""
        usual = {option.property: option.default for option in self.service.options}
        return {name: value for name, value in self._properties(kept=False).items() if value != usual[name]}

    def _properties(self, *, kept: bool) -> dict[str, Value]:
        names = [option.property for option in self.service.options if option.kept is kept]
        return {name: value for name, value in self.properties.items() if name in names}


def options_of(query: str) -> dict[str, Any]:
    """The options in the query of an id."""
    return dict(parse_qsl(query))
