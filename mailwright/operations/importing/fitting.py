"""How a service is used at a domain: the site that most records show, and the inputs they reveal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mailwright.catalog import RECEIVING, SENDING, Service, ServiceRecord, Site, index
from mailwright.catalog.filters import filters
from mailwright.catalog.marks import shows
from mailwright.catalog.service import template_values
from mailwright.model.names import absolute, bare, is_below, relative
from mailwright.model.records import Observed, preference
from mailwright.operations.importing.evidence import all_includes, exchangers, undone


@dataclass(frozen=True, slots=True)
class Use:
    """A service as this domain uses it.

    ``spf`` are the include targets that show it, ``dkim`` the owner names of its keys. ``missing`` are
    inputs that only its console knows and that no record shows. ``fits``: an exchanger is one of the site's.
    ``aliases`` are owner names of its return-path hosts.
    """

    service: Service
    site: Site | None
    inputs: Mapping[str, str] = field(default_factory=dict)
    spf: tuple[str, ...] = ()
    dkim: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    fits: bool = False
    aliases: tuple[str, ...] = ()


def used(service: Service, observed: Observed, domain: str) -> Use:
    """How a service is used here: the site that most records show, the inputs they reveal."""
    marks_of_spf = index.marks("spf", RECEIVING if service.kind in RECEIVING else SENDING)
    targets = tuple(
        include
        for include in all_includes(observed, domain)
        if service.id in marks_of_spf.named(include)
        or any(
            f"include:{include.lower()}" in site.spf for site in service.sites if service.kind in RECEIVING
        )
    )
    keys = tuple(_keys(service, observed, domain))
    marks = [mark for kind in ("dkim", "spf", "mx") for mark in service.recognise.get(kind, ())]
    sites: Sequence[Site | None] = service.sites or (None,)
    patterns = {input_field.name: input_field.pattern for input_field in service.inputs}
    evidence = _Evidence(observed, domain, targets, marks, patterns)
    fits = [(*_fit(site, evidence), site) for site in sites]
    ranks = [(score, _as_guessed(site, inputs)) for score, inputs, site in fits]
    score, inputs, site = fits[ranks.index(max(ranks))]
    if service.site_required and ranks.count(max(ranks)) > 1:
        score, inputs, site = 0, {}, None  # the records do not tell which of them
    if score == 0 and not service.site_required:
        site = service.site(None)
    input_fields = service.wants(site.id if site else None)
    names = {input_field.name: input_field for input_field in input_fields}
    own_inputs = {
        key: value
        for key, value in inputs.items()
        if key in names and re.fullmatch(names[key].pattern or ".*", value)
    }
    given = [target for target in targets if site is None or f"include:{target.lower()}" not in site.spf]
    if "spf_include" in names and "spf_include" not in own_inputs:
        required = names["spf_include"].required
        own = given or (_unclaimed(observed, domain) if required and score else ())
        if len(own) == 1 or given:
            own_inputs["spf_include"] = own[0]
    missing = tuple(
        input_field.name
        for input_field in input_fields
        if input_field.required and input_field.name not in own_inputs
    )
    if score == 0 and service.site_required:
        missing = ("site", *missing)
    aliases = tuple(_aliases(service, observed)) if service.kind in SENDING else ()
    return Use(service, site, own_inputs, targets, keys, missing, score >= 9, aliases)


def _as_guessed(site: Site | None, inputs: Mapping[str, str]) -> int:
    """How many inputs of a site are here what one source has seen there: sites that ask alike differ so."""
    return sum(
        _host(inputs.get(input_field.name, "")) == _host(input_field.guess)
        for input_field in (site.inputs if site else ())
        if input_field.guess
    )


def _host(value: str) -> str:
    """The name in a pasted value, whatever stands before it."""
    return bare(value.rsplit(maxsplit=1)[-1]).lower() if value.strip() else ""


def _aliases(service: Service, observed: Observed) -> Iterator[str]:
    """Owner names of aliases that lead to the service, other than its keys'."""
    marks = service.recognise.get("cname", ())
    for record_set in observed:
        if record_set.type == "CNAME" and marks and any(shows(record_set.plain[0], mark) for mark in marks):
            yield record_set.name


def _unclaimed(observed: Observed, domain: str) -> tuple[str, ...]:
    """The includes of which the catalog does not know whose they are."""
    known = index.marks("spf", (*RECEIVING, *SENDING))
    named = all_includes(observed, domain)
    return tuple(
        include
        for include in named
        if not known.named(include) and not any(row.sends(include) for row in filters().values())
    )


def _keys(service: Service, observed: Observed, domain: str) -> Iterator[str]:
    """Owner names of keys whose alias leads to the service, or that are its own records."""
    patterns, own = service.recognise.get("dkim", ()), service.recognise.get("dkim_selector", ())
    end = "._domainkey." + absolute(domain)
    given = {
        (absolute(r.host, domain), bare(r.value).lower())
        for site in service.sites
        for r in site.records
        if "{" not in r.host + r.value
    }
    for record_set in observed:
        if not record_set.name.endswith(end):
            continue
        if record_set.name.removesuffix(end) in own:
            yield record_set.name
            continue
        if record_set.type != "CNAME":
            continue
        target = undone(record_set.plain[0], domain)
        if any(shows(target, p) for p in patterns) or (record_set.name, bare(target).lower()) in given:
            yield record_set.name


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The records of one owner, with the includes of a service, ends of its names, forms of its inputs."""

    observed: Observed
    domain: str
    targets: Sequence[str]
    marks: Sequence[str]
    patterns: Mapping[str, str]

    def allows(self, inputs: Mapping[str, str]) -> bool:
        """Whether each value has the form that the catalog knows of its input."""
        given = ((self.patterns.get(name, ""), value) for name, value in inputs.items())
        return all(not pattern or re.fullmatch(pattern, value) for pattern, value in given)

    def leading_on(self, inputs: dict[str, str]) -> tuple[int, int]:
        """How many keys lead below a host that these inputs name, and how near it is to them."""
        hosts = [value.lower() for value in inputs.values() if "." in value]
        ends = tuple(f".{host}." for host in hosts)
        aliases = (
            record_set
            for record_set in self.observed
            if record_set.type == "CNAME" and "._domainkey." in record_set.name
        )
        keys = (alias.plain[0].lower() for alias in aliases)
        return sum(1 for key in keys if ends and key.endswith(ends)), max(map(len, hosts), default=0)


def _fit(site: Site | None, evidence: _Evidence) -> tuple[int, dict[str, str]]:
    """How many of the site's records the world has, and what they say of its inputs."""
    if site is None:
        return 0, {}
    observed, domain, marks = evidence.observed, evidence.domain, evidence.marks
    score, inputs = 0, dict[str, str]()
    live = observed.get(absolute(domain), "MX")
    known = template_values(domain)
    for mx in site.mx:
        for host in exchangers(observed, domain):
            got = filled(mx.host, bare(host), known)
            if got is not None:
                score += 10
                inputs |= got
    score += 5 * sum(f"include:{target}" in site.spf for target in evidence.targets)
    pasted = [
        service_record
        for service_record in site.records
        if service_record.type == "MX" and _ALL_INPUT.fullmatch(service_record.value)
    ]
    own = [value for value in sorted(live.plain if live else (), key=preference) if _is_marked(value, marks)]
    asked = sum(not service_record.optional for service_record in pasted)
    if pasted and asked <= len(own) <= len(pasted):
        score += 9 * len(own)  # less than exchangers that the catalog names
        inputs |= {field.value[1:-1]: bare(value) for field, value in zip(pasted, own, strict=False)}
    for record in (service_record for service_record in site.records if service_record not in pasted):
        matches = [match for match in _matches(record, evidence) if evidence.allows(match)]
        if matches:
            score += (10 if record.type == "MX" else 2) * len(matches)
            best: dict[str, str] = max(matches, key=evidence.leading_on)
            inputs |= best
    return score, inputs


_ALL_INPUT = re.compile(r"\{\w+\}")


def _is_marked(value: str, marks: Iterable[str]) -> bool:
    """Whether what a value leads to is one of the service's names."""
    return any(shows(value.rsplit(maxsplit=1)[-1], mark) for mark in marks)


def _matches(record: ServiceRecord, evidence: _Evidence) -> Iterator[dict[str, str]]:
    """The inputs each matching record gives; where the value is all input, it has to end in a mark."""
    domain = evidence.domain
    known = template_values(domain)
    for record_set in evidence.observed:
        is_key = "._domainkey." in record_set.name and "_domainkey" not in record.host
        if record_set.type != record.type or is_key or not is_below(record_set.name, domain):
            continue
        at = filled(record.host, relative(record_set.name, domain), known)
        if at is None:
            continue
        for value in record_set.plain:
            plain = undone(value, domain) if record_set.type == "CNAME" else value
            plain = plain if record_set.type == "TXT" else plain.rstrip(".")
            got = filled(record.value, plain, known)
            if _ALL_INPUT.fullmatch(record.value) and not _is_marked(plain, evidence.marks):
                continue
            if got is not None and all(at.get(key, other) == other for key, other in got.items()):
                yield at | got


def filled(template: str, text: str, known: Mapping[str, str] | None = None) -> dict[str, str] | None:
    """The inputs with which a template of the catalog gives this text; None where none do."""
    pattern, seen = "", set[str]()
    for number, part in enumerate(re.split(r"\{(\w+)\}", template)):
        if number % 2 == 0:
            pattern += re.escape(part)
        elif known and part in known:
            pattern += re.escape(known[part])
        else:
            pattern += f"(?P={part})" if part in seen else f"(?P<{part}>[^ ]+?)"
            seen.add(part)
    match = re.fullmatch(pattern, text, re.IGNORECASE)
    return match.groupdict() if match else None
