"""What runs a domain's mail, told from its records by the catalog's data alone."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mailwright.catalog import RECEIVING, SENDING, Service, index, load_services
from mailwright.catalog.filters import filter_at
from mailwright.catalog.loading import console_names, console_words, tokens
from mailwright.catalog.marks import shows
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.records import Observed
from mailwright.model.text import Text
from mailwright.operations.importing.evidence import all_includes, exchangers
from mailwright.operations.importing.fitting import Use, used
from mailwright.standards import spf


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
    explained = [
        (_told(used(load_services()[id], observed, domain)), id)
        for id in _likely(observed, domain, RECEIVING)
    ]
    explained.sort(key=lambda one: -one[0])
    clear = explained and explained[0][0] > 0 and (len(explained) == 1 or explained[0][0] > explained[1][0])
    return load_services()[explained[0][1]] if clear else None


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
