"""A service as the catalog knows it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mailwright.model.text import Text

#: Kinds that take a domain's mail, and kinds that send in its name beside them.
RECEIVING = ("mail_host", "forwarding_host")
SENDING = ("sender", "signature_relay", "crm")
#: What every template may name without asking.
GIVEN = frozenset({"domain", "dashed"})


def template_values(domain: str) -> dict[str, str]:
    """The values of ``GIVEN`` for a domain."""
    return {"domain": domain, "dashed": domain.replace(".", "-")}


def _named(*templates: str) -> frozenset[str]:
    return frozenset(name for template in templates for name in re.findall(r"\{(\w+)\}", template))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a value is believed: ``confidence`` D, R or W, the day it was last seen, where it can be opened."""

    confidence: str
    checked: dt.date
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """A value only the service's console knows: asked for by ``name``, never guessed.

    ``where`` says where in the console it is found; ``pattern`` is a regular expression for the whole
    value, empty where nothing is known of its form. ``per_domain``: each domain has another one. ``guess``
    is what one source has seen: it is shown to whoever is asked and never written.
    """

    name: str
    required: bool
    label: Text
    where: Text
    pattern: str = ""
    guess: str = ""
    per_domain: bool = False


@dataclass(frozen=True, slots=True)
class MxHost:
    """One mail exchanger; ``host`` is a template over the inputs, absolute without final dot."""

    priority: int
    host: str


@dataclass(frozen=True, slots=True)
class DkimForm:
    """How a DKIM record that has to be pasted looks: type, host part, and where its value is found.

    A key whose alias the catalog knows is no form: it is one of the site's ``records``.
    """

    type: str
    host: str | None
    where: Text


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """A record that a service wants: ``host`` below the domain ("@" is the domain), ``value`` as served.

    Both are templates over the inputs, ``{domain}`` and ``{dashed}`` (the domain, dots as dashes); names in
    values are absolute without final dot. ``optional``: left out where an input that it names is not given.
    """

    type: str
    host: str
    value: str
    why: Text
    optional: bool = False


@dataclass(frozen=True, slots=True)
class SpfCost:
    """What ``include:NAME`` costs in all, itself counted (RFC 7208 §4.6.4); None: nobody has measured it.

    ``checked`` is the day of the measurement; ``evidence`` is there where the service's own file was read.
    """

    lookups: int | None
    voids: int | None = None
    checked: dt.date | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class EndOfLife:
    """The last day of a service, and what its users have to do before."""

    date: dt.date
    advice: Text


#: What of ``client`` is a server.
_PROTOCOLS = ("imap", "pop3", "smtp")


@dataclass(frozen=True, slots=True)
class DmarcHabit:
    """What a service itself does at ``_dmarc``; ``loud`` where a planned policy may be lost by it."""

    text: Text
    loud: bool


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
    ``no_records``: nothing to publish, ``note`` says why. ``recognise`` are the marks by which a living
    domain shows the service (``marks.py``). ``sites`` are a closed list; the first one is the default where
    ``site`` may be left out (``site_required`` false). ``exchangers``: "own" and "written" are named by the
    spec, on the company's own server or at a mail host of which nothing is known. ``limits``: what it
    allows at most, by name, where a source says it. ``spf_costs`` is by the name of the include,
    ``capabilities`` as in ``capability.py``, ``behaviour`` as in ``behaviour.py``.
    ``evidence`` is by the path of a value in the file, ``sources`` by the key that a value names.
    """

    id: str
    kind: str
    names: Text
    sites: tuple[Site, ...] = ()
    site_required: bool = False
    inputs: tuple[Input, ...] = ()
    dkim: tuple[DkimForm, ...] = ()
    client: Mapping[str, object] = field(default_factory=dict)
    attest: Mapping[str, Text] = field(default_factory=dict)  # what a person can see there → where
    limits: Mapping[str, int] = field(default_factory=dict)
    exchangers: str = ""
    subdomain_only: bool = False
    no_records: bool = False
    note: Text | None = None
    recognise: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    region: str = ""
    spf_costs: Mapping[str, SpfCost] = field(default_factory=dict)
    behaviour: Mapping[str, Any] = field(default_factory=dict)
    capabilities: Mapping[str, object] = field(default_factory=dict)
    end_of_life: EndOfLife | None = None
    dmarc: DmarcHabit | None = None
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def hosted(self) -> bool:
        """Whether somebody else runs the servers, and so names the exchangers and holds the keys."""
        return self.exchangers != "own"

    def site(self, name: str | None) -> Site | None:
        """The site of that name, the default one for None; None where there is no such site."""
        if name is None:
            return self.sites[0] if self.sites and not self.site_required else None
        return next((listed_site for listed_site in self.sites if listed_site.id == name), None)

    def client_at(self, site: str | None) -> Mapping[str, object]:
        """The servers that mail programs use at a site, by protocol; empty where none is confirmed.

        A site with servers of its own shares what is no server: which password, and where it is made.
        """
        here = self.site(site)
        if here is None or here.client is None:
            return self.client
        shared = {key: value for key, value in self.client.items() if key not in _PROTOCOLS}
        return {**shared, **here.client} if here.client else here.client

    @property
    def all_inputs(self) -> tuple[Input, ...]:
        """The inputs of the service, and of every site."""
        return self.inputs + tuple(input_field for site in self.sites for input_field in site.inputs)

    def for_exchangers(self, site: str | None) -> frozenset[str]:
        """The inputs that only name exchangers at a site: idle where a filter stands before them."""
        here = self.site(site)
        if here is None:
            return frozenset()
        others = [record for record in here.records if record.type != "MX"]
        used = _named(*here.spf, *(text for record in others for text in (record.host, record.value)))
        records = (record.value for record in here.records if record.type == "MX")
        return _named(*(mx.host for mx in here.mx), *records) - used - {"spf_include"}

    def wants(self, site: str | None) -> tuple[Input, ...]:
        """The inputs of the service at a site."""
        here = self.site(site)
        return self.inputs + (here.inputs if here else ())
