"""What a domain's records show of who runs its mail: exchangers, includes, keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailwright.model.families import Family, family_of
from mailwright.model.names import absolute, is_below
from mailwright.model.records import Observed, preference
from mailwright.plan.lint.slipped import is_known, meant_by
from mailwright.standards import spf

_TARGET = re.compile(r"(?i)(?:^|\s)(?:\+?include:|redirect=)(\S+)")


def exchangers(observed: Observed, domain: str) -> list[str]:
    """The hosts of the MX set, best preference first, each as it was meant where its final dot is lost."""
    live = observed.get(absolute(domain), "MX")
    hosts = [mx.split()[-1] for mx in sorted(live.plain, key=preference)] if live else []
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
