"""A domain whose exchangers are all a filter's: the filter, and the mail host that other records show."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mailwright.catalog import Service, Site
from mailwright.catalog.filters import Filter, filter_at
from mailwright.model.names import absolute, bare
from mailwright.model.records import Observed, preference
from mailwright.model.text import Text
from mailwright.operations.importing import evidence, fitting, recognising
from mailwright.operations.importing.fitting import Use


@dataclass(frozen=True, slots=True)
class Filtered:
    """The filter, as the keys of ``gateway:``; ``behind`` is the mail host, None where no record shows it."""

    keys: dict[str, object]
    behind: Use | None
    includes: tuple[str, ...]
    notes: tuple[Text, ...]


def filtered(observed: Observed, domain: str) -> Filtered | None:
    """None where an exchanger is not the filter's: beside it mail comes in another way too."""
    live = observed.get(absolute(domain), "MX")
    hosts = evidence.exchangers(observed, domain)
    filtering = filter_at(hosts[0]) if hosts else None
    if live is None or filtering is None or not all(filtering.takes(host) for host in hosts):
        return None
    behind = recognising.behind(observed, domain)
    use = _in_use(behind, observed, domain) if behind else None
    includes = tuple(name for name in evidence.includes(observed, domain) if filtering.sends(name))
    keys: dict[str, object] = {"service": filtering.id}
    preferences = [mx.split()[0] for mx in sorted(live.plain, key=preference)]
    keys["mx"] = [f"{n} {bare(host)}" for n, host in zip(preferences, hosts, strict=True)]
    if includes:
        keys |= {"sends": "some" if use is None or use.spf else "everything", "include": list(includes)}
    return Filtered(keys, use, includes, (_note(filtering, use),))


def _in_use(behind: Service, observed: Observed, domain: str) -> Use:
    """The host as it is used here: what only its exchangers would show is not needed behind a filter."""
    use = fitting.used(behind, observed, domain)
    site = use.site or _likely(behind, use)
    idle = behind.for_exchangers(site.id if site else None) | {"site"}
    missing = tuple(name for name in use.missing if name not in idle)
    return replace(use, site=site, missing=missing)


def _likely(service: Service, use: Use) -> Site | None:
    """The first site whose SPF is there: sites that differ by their exchangers alone look alike here."""
    fitting = (site for site in service.sites if {f"include:{name}" for name in use.spf} & set(site.spf))
    return next(fitting, service.sites[0] if service.sites else None)


def _note(filtering: Filter, use: Use | None) -> Text:
    if use is None:
        return _UNKNOWN.using(filter=filtering.names)
    site = use.site.id if use.site else "–"
    return _ASSUMED.using(filter=filtering.names, service=use.service.names, site=site)


_ASSUMED = Text(
    "mail comes in at {filter}. That the mail host behind it is {service}, site {site}, is told by SPF, "
    "keys and "
    "autodiscover: check it, and whether all of your mail leaves by the filter (sends)",
    "来信先到{filter}。其后的邮件服务是根据 SPF、密钥和 autodiscover 判断为{service}，site 为 {site}："
    "请核对，并核对外发邮件是否都经由网关（sends）",
)
_UNKNOWN = Text(
    "mail comes in at {filter}. No record shows the mail host behind it: write it here",
    "来信先到{filter}。记录中看不出其后的邮件服务：请在此填写",
)
