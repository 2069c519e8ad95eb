"""What runs a domain's mail, told from its records by the catalog's data alone."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mailwright.catalog import Service, ServiceRecord, Site, load_services
from mailwright.catalog.loading import console_names, console_words, gateways, tokens
from mailwright.model.families import Family, family_of
from mailwright.model.names import absolute, bare, is_below, relative
from mailwright.model.records import Observed
from mailwright.model.text import Text
from mailwright.plan.lint.slipped import is_known, meant_by
from mailwright.standards import spf


@dataclass(frozen=True, slots=True)
class Use:
    """A service as this domain uses it.

    ``spf`` are the include targets that show it, ``dkim`` the owner names of its keys. ``missing`` are
    inputs that only its console knows and that no record shows.
    """

    service: Service
    site: Site | None
    inputs: Mapping[str, str] = field(default_factory=dict)
    spf: tuple[str, ...] = ()
    dkim: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def ends_in(name: str, pattern: str) -> bool:
    """Whether a host name shows a pattern of the catalog: the name itself or an end after a dot."""
    host, wanted = bare(name).lower(), pattern.lower()
    return host == wanted.lstrip(".") or host.endswith("." + wanted.lstrip("."))


def exchangers(observed: Observed, domain: str) -> list[str]:
    """The hosts of the MX set, best preference first, each as it was meant where its final dot is lost."""
    live = observed.get(absolute(domain), "MX")
    hosts = [each.split()[-1] for each in sorted(live.plain, key=_preference)] if live else []
    return [undone(each, domain) for each in hosts]


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
    found: dict[str, None] = {}
    for text in spf_texts(observed, domain):
        found |= dict.fromkeys(_targets(text))
    return tuple(found)


_TARGET = re.compile(r"(?i)(?:^|\s)(?:\+?include:|redirect=)(\S+)")


def _targets(text: str) -> Iterator[str]:
    try:
        record = spf.parse(text)
    except spf.SpfError:
        yield from (each.rstrip(".,;") for each in _TARGET.findall(text))
        return
    yield from (each.domain for each in record.mechanisms if each.name == "include" and each.domain)
    if record.redirect:
        yield record.redirect


def all_includes(observed: Observed, domain: str) -> tuple[str, ...]:
    """The same, through records of the domain's own names (``include:_spf.DOMAIN``) to what they include."""
    seen: dict[str, None] = {}
    waiting = list(includes(observed, domain))
    while waiting:
        target = waiting.pop(0)
        if target.lower() in (each.lower() for each in seen):
            continue
        seen[target] = None
        if is_below(target, domain):
            waiting += includes(observed, target)
    return tuple(seen)


def mail_host(observed: Observed, domain: str) -> Use | None:
    """The mail host that the exchangers show; None where the catalog knows none."""
    hosts = exchangers(observed, domain)
    best: tuple[int, Service] | None = None
    for service in load_services().values():
        if service.kind != "mail_host" or not hosts:
            continue
        shown = [host for host in hosts if any(ends_in(host, p) for p in service.recognise.get("mx", ()))]
        first = 100 if hosts[0] in shown else 0
        score = first + len(shown)
        if shown and (best is None or score > best[0]):
            best = score, service
    return used(best[1], observed, domain) if best else None


def mail_hosts(observed: Observed, domain: str) -> tuple[Service, ...]:
    """Every mail host of the catalog that an exchanger shows: more than one share the incoming mail."""
    shown = exchangers(observed, domain)
    return tuple(
        service
        for service in load_services().values()
        if service.kind == "mail_host"
        and any(ends_in(host, end) for host in shown for end in service.recognise.get("mx", ()))
    )


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
    shown = exchangers(observed, domain)
    for each in gateways():
        if any(ends_in(host, end) for host in shown for end in each["mx"]):
            return Gateway(Text(each["names"]["en"], each["names"]["zh"]), _behind(observed, domain))
    return None


def _behind(observed: Observed, domain: str) -> Service | None:
    """The one mail host of which most else is there."""
    told: list[tuple[int, Service]] = []
    for service in load_services().values():
        if service.kind == "mail_host":
            use = used(service, observed, domain)
            told.append((2 * len(use.spf) + len(use.dkim), service))
    told.sort(key=lambda one: -one[0])
    clear = told[0][0] > 0 and told[0][0] > told[1][0]
    return told[0][1] if clear else None


def elsewhere(observed: Observed, domain: str) -> str | None:
    """Where ``_dmarc`` leads, where it is a CNAME: somebody else keeps the policy."""
    live = observed.get(absolute("_dmarc", domain), "CNAME")
    return bare(live.plain[0]) if live else None


def _preference(mx: str) -> tuple[int, str]:
    head, _, host = mx.partition(" ")
    return (int(head) if head.isdigit() else 0, host)


def senders(observed: Observed, domain: str, host: Service | None) -> tuple[Use, ...]:
    """Services other than the mail host that an include, a key or a record of theirs shows."""
    uses = []
    for service in load_services().values():
        if service.kind not in ("sender", "crm") or service == host or service.no_records:
            continue
        made = used(service, observed, domain)
        if made.spf or made.dkim:
            uses.append(made)
    return tuple(uses)


def senders_below(observed: Observed, domain: str) -> tuple[tuple[str, Use], ...]:
    """The same for names below the domain with an SPF record or a key of their own: (name, use)."""
    apex, owners = absolute(domain), set[str]()
    for each in observed:
        _, key, owner = each.name.rpartition("._domainkey.")
        owner = owner if key else each.name
        shown = key or (each.type == "TXT" and spf.select(each.plain))
        if shown and owner != apex and is_below(owner, apex) and not owner.startswith(("*", "_")):
            owners.add(bare(owner))
    return tuple(
        (owner, use) for owner in sorted(owners) for use in senders(observed, owner, None) if _sends(use)
    )


def _sends(use: Use) -> bool:
    return bool(use.spf or use.dkim)


def used(service: Service, observed: Observed, domain: str) -> Use:
    """How a service is used here: the site that most records show, the inputs they reveal."""
    targets = tuple(
        each
        for each in all_includes(observed, domain)
        if any(ends_in(each, pattern) for pattern in service.recognise.get("spf", ()))
    )
    keys = tuple(_keys(service, observed, domain))
    marks = [each for kind in ("dkim", "spf", "mx") for each in service.recognise.get(kind, ())]
    sites: Sequence[Site | None] = service.sites or (None,)
    patterns = {each.name: each.pattern for each in service.inputs}
    evidence = _Evidence(observed, domain, targets, marks, patterns)
    scored = [(_fit(site, evidence), site) for site in sites]
    (score, inputs), site = max(scored, key=lambda each: each[0][0])
    if score == 0 and not service.site_required:
        site = service.site(None)
    wanted = service.wants(site.id if site else None)
    names = {each.name for each in wanted}
    found = {key: value for key, value in inputs.items() if key in names}
    if "spf_include" in names and targets:
        found["spf_include"] = targets[0]
    missing = tuple(each.name for each in wanted if each.required and each.name not in found)
    if score == 0 and service.site_required:
        missing = ("site", *missing)
    return Use(service, site, found, targets, keys, missing)


def _keys(service: Service, observed: Observed, domain: str) -> Iterator[str]:
    """Owner names of keys whose alias leads to the service, or that are its own records."""
    patterns = service.recognise.get("dkim", ())
    given = {
        (absolute(r.host, domain), bare(r.value).lower())
        for site in service.sites
        for r in site.records
        if "{" not in r.host + r.value
    }
    for each in observed:
        if each.type != "CNAME" or not each.name.endswith("._domainkey." + absolute(domain)):
            continue
        target = undone(each.plain[0], domain)
        if any(ends_in(target, p) for p in patterns) or (each.name, bare(target).lower()) in given:
            yield each.name


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
        aliases = (each for each in self.observed if each.type == "CNAME" and "._domainkey." in each.name)
        keys = (each.plain[0].lower() for each in aliases)
        return sum(1 for each in keys if ends and each.endswith(ends)), max(map(len, hosts), default=0)


def _fit(site: Site | None, evidence: _Evidence) -> tuple[int, dict[str, str]]:
    """How many of the site's records the world has, and what they say of its inputs."""
    if site is None:
        return 0, {}
    score, inputs = 0, dict[str, str]()
    hosts = [bare(each) for each in exchangers(evidence.observed, evidence.domain)]
    for mx in site.mx:
        for host in hosts:
            got = filled(mx.host, host) if mx.host else None
            if got is not None:
                score += 10
                inputs |= got
    score += 5 * sum(f"include:{target}" in site.spf for target in evidence.targets)
    for record in site.records:
        matches = [each for each in _matches(record, evidence) if evidence.allows(each)]
        if matches:
            score += (10 if record.type == "MX" else 2) * len(matches)
            best: dict[str, str] = max(matches, key=evidence.leading_on)
            inputs |= best
    return score, inputs


def _matches(record: ServiceRecord, evidence: _Evidence) -> Iterator[dict[str, str]]:
    """The inputs each matching record gives; where the value is all input, it has to end in a mark."""
    domain = evidence.domain
    known = {"domain": domain, "dashed": domain.replace(".", "-")}
    for each in evidence.observed:
        if each.type != record.type or not is_below(each.name, domain):
            continue
        at = filled(record.host, relative(each.name, domain), known)
        if at is None:
            continue
        for value in each.plain:
            plain = undone(value, domain).rstrip(".") if each.type == "CNAME" else value
            plain = plain if each.type == "TXT" else plain.rstrip(".")
            got = filled(record.value, plain, known)
            if re.fullmatch(r"\{\w+\}", record.value) and not any(ends_in(plain, m) for m in evidence.marks):
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
    return next((names for begin, names in tokens() if value.lower().startswith(begin)), None)


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
    return ends_in(nameserver, pattern)


def selectors(observed: Observed, domain: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(owner name, type, values) of every key found directly at the domain."""
    for each in observed:
        at_domain = each.name.endswith("._domainkey." + absolute(domain))
        if at_domain and all(family_of(each.name, each.type, value) is Family.DKIM for value in each.plain):
            yield each.name, each.type, each.plain
