"""SPF of the planned zone, evaluated for each address that the spec says it sends from (RFC 7208 §4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from mailwright.catalog.filters import name_of
from mailwright.model.family import Family
from mailwright.model.finding import Finding
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.readings import reading
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.plan.lint.authority import Authority, own_exchangers
from mailwright.plan.records.senders import owner_of
from mailwright.spec.model import MailSpec
from mailwright.standards import spf

REFUSED = rule(
    "sender-refused-by-spf",
    Severity.WARNING,
    en="{sender} sends from {address}, and SPF of {domain} says {result} to that.",
    zh="{sender} 从 {address} 发信，而 {domain} 的 SPF 对它的结果为 {result}。",
    hint_en="Remove the as_found: line that keeps the record as it is, or add {term} to it.",
    hint_zh="请去掉使记录保持原样的 as_found: 行，或在其中加入 {term}。",
    reference="RFC 7208 §2.6",
)

#: Results that let nobody in. A permerror is told by the rules of the record; temperror knows nothing.
_REFUSING = frozenset({"fail", "softfail", "neutral", "none"})


@dataclass(frozen=True, slots=True)
class _Use:
    """Networks from which mail with a reverse-path at ``domain`` is sent, and where the spec says so."""

    sender: object
    domain: str
    path: str
    networks: tuple[str, ...]


#: Octets of a planned SPF record that is evaluated here: a longer one is an error by itself (over 512).
_LONGEST = 4096


def findings(spec: MailSpec, records: Sequence[PlannedRecord]) -> tuple[Finding, ...]:
    """One for each network that the planned record does not let in."""
    uses = [network_use for network_use in _uses(spec) if network_use.networks]
    texts = (
        (bare(record.name), value) for record in records if record.type == "TXT" for value in record.values
    )
    long = {name for name, value in texts if len(value) > _LONGEST}
    by_domain: dict[str, list[_Use]] = {}
    for use in uses:
        by_domain.setdefault(use.domain, []).append(use)
    listed_findings = [
        finding
        for domain, several in by_domain.items()
        if domain not in long
        for finding in _refused(spec, _world(spec, records, domain), several)
    ]
    places = {use.path: number for number, use in enumerate(uses)}
    return tuple(sorted(listed_findings, key=lambda finding: places[finding.path]))


def refused(listed_findings: Sequence[Finding]) -> frozenset[str]:
    """The paths of the senders among these findings."""
    return frozenset(finding.path for finding in listed_findings if finding.rule == REFUSED.id)


def left_out(spec: MailSpec, records: Sequence[PlannedRecord]) -> frozenset[str]:
    """The paths of senders of which the planned record does not have every include (RFC 7208 §5.2)."""
    return frozenset(
        f"senders[{index}]"
        for index, sender in enumerate(spec.senders)
        if not {_name(one) for one in sender.include if not reading(Family.SPF, one)}
        <= _included(records, owner_of(spec, sender))
    )


def _name(include: str) -> str:
    return include.lower().removeprefix("+").removeprefix("include:").removeprefix("redirect=").rstrip(".")


def _included(records: Sequence[PlannedRecord], domain: str) -> set[str]:
    """The targets of a planned record's includes and redirect, through the domain's own names."""
    seen, waiting = set[str](), [domain]
    while waiting:
        name = absolute(waiting.pop())
        values = [
            v for record in records if (record.name, record.type) == (name, "TXT") for v in record.values
        ]
        targets = {
            _name(part) for text in spf.select(tuple(values)) for part in text.split() if _TARGET.match(part)
        }
        waiting += [target for target in targets - seen if is_below(target, domain)]
        seen |= targets
    return seen


_TARGET = re.compile(r"(?i)\+?include:|redirect=")


def _uses(spec: MailSpec) -> Iterator[_Use]:
    host = spec.mail_host
    if spec.gateway is None or spec.gateway.sends != "everything":
        yield _Use(host.service, spec.domain, "mail_host", (*host.ip4, *host.ip6))
    if spec.gateway and spec.gateway.sends != "nothing":
        networks = (*spec.gateway.ip4, *spec.gateway.ip6)
        yield _Use(name_of(spec.gateway.service), spec.domain, "gateway", networks)
    for index, sender in enumerate(spec.senders):
        networks = (*sender.ip4, *sender.ip6)
        yield _Use(
            sender.custom or sender.service or "?", owner_of(spec, sender), f"senders[{index}]", networks
        )


def _world(spec: MailSpec, records: Sequence[PlannedRecord], domain: str) -> spf.Lookup:
    """The planned zone; an own server receives where the spec says that it sends from, if it says so."""
    world = Authority(spec, records, domain, stranger=False)
    own = own_exchangers(spec, world.exchangers)
    addresses = {"A": spec.mail_host.ip4, "AAAA": spec.mail_host.ip6}

    def lookup(name: str, type: str) -> Sequence[str]:
        if type not in addresses or name.lower() not in own:
            return world.lookup(name, type)
        single = [address for address in addresses[type] if "/" not in address]
        if not single:
            raise spf.LookupFailed(f"{name} {type}")
        return single

    return lookup


def _refused(spec: MailSpec, world: spf.Lookup, uses: Iterable[_Use]) -> Iterator[Finding]:
    for use, text in ((one, network_text) for one in uses for network_text in one.networks):
        network = ip_network(text, strict=False)
        for address in dict.fromkeys((network[0], network[-1])):
            result = spf.check_host(str(address), use.domain, f"x@{use.domain}", world).result
            if result in _REFUSING:
                params = {
                    "sender": use.sender,
                    "address": str(address),
                    "domain": use.domain,
                    "result": result,
                    "term": f"ip{network.version}:{text}",
                }
                yield Finding(REFUSED.id, use.path, spec.at(use.path), params)
                break
