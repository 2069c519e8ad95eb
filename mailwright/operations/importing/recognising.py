"""What runs a domain's mail, told from its records by the catalog's data alone."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mailwright.catalog import RECEIVING, SENDING, Service, ServiceRecord, Site, index, load_services
from mailwright.catalog.filters import filter_at, filters
from mailwright.catalog.loading import console_names, console_words, tokens
from mailwright.catalog.marks import shows
from mailwright.catalog.service import template_values
from mailwright.model.families import Family, family_of
from mailwright.model.names import absolute, bare, is_below, relative
from mailwright.model.records import Observed, preference
from mailwright.model.text import Text
from mailwright.plan.lint.slipped import is_known, meant_by
from mailwright.standards import spf


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


def exchangers(observed: Observed, domain: str) -> list[str]:
    """The hosts of the MX set, best preference first, each as it was meant where its final dot is lost."""
    live = observed.get(absolute(domain), "MX")
    hosts = [each.split()[-1] for each in sorted(live.plain, key=preference)] if live else []
    return [undone(host, domain) for host in hosts]


def undone(host: str, domain: str) -> str:
    """A host name without the domain that a lost final dot appended, where a service is named before it."""
    meant = meant_by(host, domain)
    return absolute(meant) if meant and is_known(meant) else host


def spf_texts(observed: Observed, domain: str) -> tuple[str, ...]:
    """The SPF records of a name as they stand there: one where all is well."""
    live = observed.get(absolute(domain), "TXT")
    return spf.select(live.plain) if live else ()


def includes(observed: Observed, domain: str) -> tuple[str, ...]:
    """The targets of every include and redirect at a name; of two records those of both."""
    targets: dict[str, None] = {}
    for text in spf_texts(observed, domain):
        targets |= dict.fromkeys(_targets(text))
    return tuple(targets)


_TARGET = re.compile(r"(?i)(?:^|\s)(?:\+?include:|redirect=)(\S+)")


def _targets(text: str) -> Iterator[str]:
    try:
        record = spf.parse(text)
    except spf.SpfError:
        yield from (match.rstrip(".,;") for match in _TARGET.findall(text))
        return
    yield from (
        mechanism.domain
        for mechanism in record.mechanisms
        if mechanism.name == "include" and mechanism.domain
    )
    if record.redirect:
        yield record.redirect


def all_includes(observed: Observed, domain: str) -> tuple[str, ...]:
    """The same, through records of the domain's own names (``include:_spf.DOMAIN``) to what they include."""
    seen: dict[str, None] = {}
    waiting = list(includes(observed, domain))
    while waiting:
        target = waiting.pop(0)
        if target.lower() in (include.lower() for include in seen):
            continue
        seen[target] = None
        if is_below(target, domain):
            waiting += includes(observed, target)
    return tuple(seen)


def mail_host(observed: Observed, domain: str) -> Use | None:
    """The mail host that the exchangers show; None where the catalog knows none, or cannot tell which.

    The exchanger that takes mail first says most, then the number of those that agree. Where the first ones
    are those of several hosts alike, the rest of the zone decides; where it does not, nobody is named.
    """
    shown = _shown(observed, domain)
    if not shown:
        return _by_spf(observed, domain)
    most = max(shown.values())
    best = [used(load_services()[id], observed, domain) for id, score in shown.items() if score == most]
    best.sort(key=_told, reverse=True)
    clear = len(best) == 1 or _told(best[0]) > _told(best[1])
    return best[0] if clear else None


def one_of(observed: Observed, domain: str) -> tuple[Service, ...]:
    """Where ``mail_host`` names nobody: those among which the exchangers do not decide, if any."""
    shown = _shown(observed, domain)
    most = max(shown.values(), default=0)
    return tuple(load_services()[id] for id, score in shown.items() if score == most)


def _shown(observed: Observed, domain: str) -> dict[str, int]:
    """How much the exchangers say for each mail host."""
    hosts = exchangers(observed, domain)
    marks, shown = index.marks("mx", RECEIVING), dict[str, int]()
    for number, host in enumerate(hosts):
        for id in marks.named(host):
            if _has_what_it_needs(id, observed, domain):
                shown[id] = shown.get(id, 0) + (101 if number == 0 else 1)
    return shown


def _has_what_it_needs(id: str, observed: Observed, domain: str) -> bool:
    """Whether the further marks are there without which a service's exchangers are somebody else's too."""
    recognise = index.entries()[id].recognise
    return all(
        any(shows(name, mark) for name in _names(kind, observed, domain) for mark in recognise.get(kind, ()))
        for kind in recognise.get("needs", ())
    )


def _names(kind: str, observed: Observed, domain: str) -> tuple[str, ...]:
    """What the domain has of a kind of mark."""
    if kind == "spf":
        return all_includes(observed, domain)
    at = [absolute(name, domain) for name in ("autodiscover", "autoconfig")]
    return tuple(
        record_set.plain[0] for record_set in observed if record_set.type == "CNAME" and record_set.name in at
    )


def _by_spf(observed: Observed, domain: str) -> Use | None:
    """A mail host whose exchangers are nobody's mark: its include shows it, and they are those of a site."""
    marks, ids = index.marks("spf", RECEIVING), set[str]()
    for name in _names("spf", observed, domain):
        ids |= set(marks.named(name))
    fitting = [used(load_services()[id], observed, domain) for id in sorted(ids)]
    fitting = [use for use in fitting if use.fits]
    return fitting[0] if len(fitting) == 1 else None


def _told(use: Use) -> int:
    return 2 * len(use.spf) + len(use.dkim)


def mail_hosts(observed: Observed, domain: str) -> tuple[Service, ...]:
    """Every mail host of the catalog that an exchanger shows: more than one share the incoming mail."""
    return tuple(load_services()[id] for id in sorted(_shown(observed, domain)))


@dataclass(frozen=True, slots=True)
class Gateway:
    """A filter that takes the mail first; ``behind`` is the mail host that other records show, if they do."""

    names: Text
    behind: Service | None

    @property
    def text(self) -> Text:
        """Both in words."""
        params = {"filter": self.names, "behind": self.behind.names if self.behind else ""}
        return (_BEFORE if self.behind else _ALONE).using(**params)


_BEFORE = Text("{filter}, a filter before {behind}", "{filter}（邮件过滤网关，其后为{behind}）")
_ALONE = Text("{filter}, a filter before another mail host", "{filter}（邮件过滤网关，其后另有邮件服务）")


def gateway(observed: Observed, domain: str) -> Gateway | None:
    """The filter that the exchangers show, and what SPF, keys and autodiscover say is behind it."""
    seen = (filter_at(host) for host in exchangers(observed, domain))
    first = next((filtering for filtering in seen if filtering), None)
    return Gateway(first.names, behind(observed, domain)) if first else None


def behind(observed: Observed, domain: str) -> Service | None:
    """The one mail host of which most else is there."""
    told = [
        (_told(used(load_services()[id], observed, domain)), id)
        for id in _likely(observed, domain, RECEIVING)
    ]
    told.sort(key=lambda one: -one[0])
    clear = told and told[0][0] > 0 and (len(told) == 1 or told[0][0] > told[1][0])
    return load_services()[told[0][1]] if clear else None


def _likely(observed: Observed, domain: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The services of these kinds of which an include, an alias or a selector is there. Reads no file."""
    spf_marks, key_marks = index.marks("spf", kinds), index.marks("dkim", kinds)
    selectors_of = index.marks("dkim_selector", kinds)
    ids = {id for name in _names("spf", observed, domain) for id in spf_marks.named(name)}
    alias_marks = index.marks("cname", kinds)
    ids |= {
        id
        for record_set in observed
        if record_set.type == "CNAME"
        for id in alias_marks.named(record_set.plain[0])
    }
    end = "._domainkey." + absolute(domain)
    for observed_set in observed:
        if observed_set.name.endswith(end):
            ids |= set(selectors_of.named(observed_set.name.removesuffix(end)))
            ids |= set(key_marks.named(observed_set.plain[0])) if observed_set.type == "CNAME" else set()
    return tuple(sorted(ids))


def elsewhere(observed: Observed, domain: str) -> str | None:
    """Where ``_dmarc`` leads, where it is a CNAME: somebody else keeps the policy."""
    live = observed.get(absolute("_dmarc", domain), "CNAME")
    return bare(live.plain[0]) if live else None


def senders(observed: Observed, domain: str, host: Use | None) -> tuple[Use, ...]:
    """Services other than the mail host that an include, a key or a record of theirs shows.

    An include that the mail host itself asks for shows nobody else.
    """
    own = {term.removeprefix("include:") for term in (host.site.spf if host and host.site else ())}
    uses = []
    for id in _likely(observed, domain, SENDING):
        service = load_services()[id]
        use = used(service, observed, domain)
        more = [name for name in use.spf if name not in own]
        if not service.no_records and (more or use.dkim or use.aliases):
            uses.append(replace(use, spf=tuple(more)))
    return tuple(uses)


def senders_below(observed: Observed, domain: str) -> tuple[tuple[str, Use], ...]:
    """The same for names below the domain with an SPF record or a key of their own: (name, use)."""
    apex, owners = absolute(domain), set[str]()
    for record_set in observed:
        _, key, owner = record_set.name.rpartition("._domainkey.")
        owner = owner if key else record_set.name
        shown = key or (record_set.type == "TXT" and spf.select(record_set.plain))
        if shown and owner != apex and is_below(owner, apex) and not owner.startswith(("*", "_")):
            owners.add(bare(owner))
    return tuple(
        (owner, use) for owner in sorted(owners) for use in senders(observed, owner, None) if _sends(use)
    )


def _sends(use: Use) -> bool:
    return bool(use.spf or use.dkim or use.aliases)


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


def token_of(value: str) -> Text | None:
    """Whose verification token a TXT value is; None where the catalog does not know it."""
    text = value.lower()
    for id, entry in index.entries().items():
        if any(text.startswith(begin.lower()) for begin in entry.recognise.get("txt", ())):
            return load_services()[id].names
    return next((names for begin, names in tokens() if text.startswith(begin)), None)


def dns_console(nameservers: Iterable[str]) -> str | None:
    """The console of the DNS host that serves the domain; None where the catalog does not know it."""
    names = list(nameservers)
    for console in console_names():
        patterns = console_words(console).get("nameservers", ())
        if any(_is_named(name, pattern) for name in names for pattern in patterns):
            return console
    return None


def _is_named(nameserver: str, pattern: str) -> bool:
    """An end of names, or a whole name with ``*`` for what differs from zone to zone."""
    if "*" in pattern:
        return fnmatch.fnmatchcase(bare(nameserver).lower(), pattern)
    return shows(nameserver, "." + pattern.lstrip("."))


def selectors(observed: Observed, domain: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(owner name, type, values) of every key found directly at the domain; a wildcard signs nothing."""
    for record_set in observed:
        if record_set.name.startswith("*."):
            continue
        at_domain = record_set.name.endswith("._domainkey." + absolute(domain))
        if at_domain and all(
            family_of(record_set.name, record_set.type, value) is Family.DKIM for value in record_set.plain
        ):
            yield record_set.name, record_set.type, record_set.plain
