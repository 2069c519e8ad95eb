"""A service as the catalog knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailwright.model.text import Text


@dataclass(frozen=True, slots=True)
class Input:
    """A value only the service's console knows: asked for by ``name``, never guessed.

    ``where`` says where in the console it is found; ``pattern`` is a regular expression for the whole
    value, empty where nothing is known of its form.
    """

    name: str
    required: bool
    label: Text
    where: Text
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class MxHost:
    """One mail exchanger; ``host`` is a template over the inputs, absolute without final dot."""

    priority: int
    host: str


@dataclass(frozen=True, slots=True)
class DkimForm:
    """How a service's DKIM record looks: type, host part, and whether its value must be pasted."""

    type: str
    host: str | None
    where: Text


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """A record that a service wants: ``host`` below the domain ("@" is the domain), ``value`` as served.

    Both are templates over the inputs, ``{domain}`` and ``{dashed}`` (the domain, dots as dashes); names in
    values are absolute without final dot.
    """

    type: str
    host: str
    value: str
    why: Text


@dataclass(frozen=True, slots=True)
class Site:
    """A region, data centre, cluster or edition: what differs from the other ones.

    ``client`` are its own servers for mail programs; None: those of the service.
    """

    id: str
    label: Text
    how_to_tell: Text
    mx: tuple[MxHost, ...] = ()
    spf: tuple[str, ...] = ()
    records: tuple[ServiceRecord, ...] = ()
    inputs: tuple[Input, ...] = ()
    client: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """One service.

    ``subdomain_only``: a sender that wants an MX and so never gets the company's own domain;
    ``no_records``: nothing to publish, ``note`` says why. ``recognise`` are patterns by which a living
    domain shows the service: ``mx`` and ``spf`` ends of names, ``txt`` beginnings of values.
    ``sites`` are a closed list; the first one is the default where ``site`` may be left out
    (``site_required`` false). ``limits``: what it allows at most, by name, where a source says it.
    """

    id: str
    kind: str
    names: Text
    sites: tuple[Site, ...] = ()
    site_required: bool = False
    inputs: tuple[Input, ...] = ()
    dkim: tuple[DkimForm, ...] = ()
    client: Mapping[str, object] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    subdomain_only: bool = False
    no_records: bool = False
    note: Text | None = None
    recognise: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sources: tuple[str, ...] = ()

    @property
    def hosted(self) -> bool:
        """Whether somebody else runs the servers, and so names the exchangers and holds the keys."""
        return any(each.mx or any(r.type == "MX" for r in each.records) for each in self.sites)

    def site(self, name: str | None) -> Site | None:
        """The site of that name, the default one for None; None where there is no such site."""
        if name is None:
            return self.sites[0] if self.sites and not self.site_required else None
        return next((each for each in self.sites if each.id == name), None)

    def client_at(self, site: str | None) -> Mapping[str, object]:
        """The servers that mail programs use at a site, by protocol; empty where none is confirmed."""
        here = self.site(site)
        return self.client if here is None or here.client is None else here.client

    def wants(self, site: str | None) -> tuple[Input, ...]:
        """The inputs of the service at a site."""
        here = self.site(site)
        return self.inputs + (here.inputs if here else ())
