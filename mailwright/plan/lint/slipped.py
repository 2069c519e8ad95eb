"""Records that do not say what was meant: a lost final dot, a doubled name, an exchanger nobody can reach.

The same for planned records and for what was read of a living zone.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mailwright.catalog import RECEIVING, SENDING, index, proxies
from mailwright.model.finding import Finding, found
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.lint.zone import MX_IS_ALIAS
from mailwright.spec.model import MailSpec

Sets = Mapping[tuple[str, str], Sequence[str]]

LOST_DOT = rule(
    "final-dot-lost",
    Severity.ERROR,
    en="{name} {type} leads to {host}: the domain was appended to {meant}, whose final dot is missing.",
    zh="{name} 的 {type} 指向 {host}：{meant} 末尾缺少点，被补上了域名。",
    hint_en="Where the record is entered, end the name with a dot ({meant}.), or as the console wants it.",
    hint_zh="请在录入处给目标末尾加点（{meant}.），或按控制台要求填写完整主机名。",
    reference="RFC 1035 §5.1",
)
DOUBLED_OWNER = rule(
    "owner-name-doubled",
    Severity.WARNING,
    en="There is a record at {name}, which has the domain twice; nobody asks there.",
    zh="{name} 处有记录，但该名称重复了域名；不会有人查询。",
    hint_en="Enter it again as {meant}: where the console adds the domain itself, only the part before it.",
    hint_zh="请改为 {meant}：控制台会自动补全域名时，主机记录只需填写域名之前的部分。",
    reference="RFC 1035 §5.1",
)
PROXIED = rule(
    "mx-proxied",
    Severity.ERROR,
    en="The exchanger {host} of {name} is behind the web proxy of {proxy}, which passes no mail on.",
    zh="{name} 的 MX 主机 {host} 位于 {proxy} 的网站代理之后，代理不转发邮件。",
    hint_en="Set the address records of {host} to DNS only, or name an exchanger that has its own address.",
    hint_zh="请把 {host} 的地址记录设为“仅 DNS”，或改用直接解析到服务器地址的 MX 主机。",
    reference="RFC 5321 §5.1",
)
IMPLICIT = rule(
    "mx-implicit",
    Severity.WARNING,
    en="{domain} has no MX, so mail goes to the address of {domain} itself.",
    zh="{domain} 没有 MX，来信会投向 {domain} 本身的地址。",
    hint_en="Name the server in an MX where mail is taken there; where none is, publish a null MX (0 .).",
    hint_zh="若该服务器收信，请用 MX 写明；若不收信，请发布空 MX（0 .）。",
    reference="RFC 5321 §5.1, RFC 7505",
)

#: Ends of names that are domains of their own, nearly never the name of an office or a machine.
_GENERIC = frozenset({"com", "net", "org"})
_MORE = frozenset({"info", "biz", "edu", "gov", "email", "cloud", "online", "tech", "top", "xyz"})
_TARGETS = frozenset({"MX", "CNAME", "SRV"})
_CLOUDFLARE = Text("Cloudflare", "Cloudflare")


def planned(records: Sequence[PlannedRecord], spec: MailSpec) -> list[Finding]:
    """What planned records get wrong in this way, each at the line that asks for it."""
    findings: list[Finding] = []
    sets: dict[tuple[str, str], list[str]] = {}
    for record in records:
        sets.setdefault((record.name, record.type), []).extend(record.values)
    for record in records:
        slips = [*_lost_dots(record.name, record.type, record.values, spec.domain, lambda _: False)]
        if record.type == "MX":
            slips += _proxied(record.name, record.values, sets, frozenset())
        findings += [replace(one, position=record.position) for one in slips]
    apex = absolute(spec.domain)
    hidden = [
        as_found
        for as_found in spec.as_found
        if (as_found.name, as_found.type, as_found.absent) == (apex, "MX", True)
    ]
    if hidden and not spec.mail_host.takes_no_mail and (apex, "MX") not in sets:
        findings.append(found(IMPLICIT, position=hidden[0].position, domain=spec.domain))
    return findings


def living(domain: str, sets: Sets, *, whole: bool = False, proxied: Iterable[str] = ()) -> list[Finding]:
    """What a living zone gets wrong in this way; ``whole``: a name that is not in it does not exist.

    ``proxied`` are names (absolute) that the DNS host itself says it answers with a proxy's addresses.
    """
    names = {name for name, _ in sets}
    wild = [name[1:] for name in names if name.startswith("*.")]
    hidden = frozenset(proxied)

    def absent(host: str) -> bool:
        covered = host in names or any(host.endswith(wildcard) for wildcard in wild)
        return whole and not covered

    findings: list[Finding] = []
    for (name, type), values in sorted(sets.items()):
        findings += _lost_dots(name, type, values, domain, absent)
        if type == "MX":
            findings += _aliases(values, sets)
            findings += _proxied(name, values, sets, hidden)
    findings += [finding for name in sorted(names) for finding in _doubled(name, domain)]
    apex = absolute(domain)
    addresses = any((apex, type) in sets for type in ("A", "AAAA"))
    if addresses and (apex, "MX") not in sets:
        findings.append(found(IMPLICIT, domain=domain))
    return findings


def _lost_dots(
    name: str, type: str, values: Iterable[str], domain: str, absent: Callable[[str], bool]
) -> Iterator[Finding]:
    """RFC 1035 §5.1: a name without its final dot is relative, and gets the origin appended."""
    if type not in _TARGETS:
        return
    for value in values:
        host = value.split()[-1] if value.split() else ""
        meant = meant_by(host, domain)
        if meant is None:
            continue
        end = meant.rpartition(".")[2]
        strange = absent(absolute(host)) and ((len(end) == 2 and end.isalpha()) or end in _MORE)
        if is_below(meant, domain) or end in _GENERIC or strange or is_known(meant):
            yield found(LOST_DOT, name=bare(name), type=type, host=bare(host), meant=meant)


def meant_by(host: str, domain: str) -> str | None:
    """What a host name below the domain says without the domain, where that is a name of several labels."""
    name, end = bare(host).lower(), "." + domain.lower()
    before = name.removesuffix(end)
    return before if before != name and "." in before.strip(".") else None


def is_known(host: str) -> bool:
    """Whether the catalog knows a service by such a name."""
    kinds = (*RECEIVING, *SENDING)
    return any(index.marks(kind, kinds).named(host) for kind in ("mx", "dkim"))


def _doubled(name: str, domain: str) -> Iterator[Finding]:
    apex = absolute(domain)
    if bare(name).endswith(f"{bare(apex)}.{bare(apex)}"):
        yield found(DOUBLED_OWNER, name=bare(name), meant=bare(name.removesuffix(apex)))


def _aliases(values: Iterable[str], sets: Sets) -> Iterator[Finding]:
    """RFC 2181 §10.3: an exchanger is no alias."""
    for host in _hosts(values):
        if (host, "CNAME") in sets:
            yield found(MX_IS_ALIAS, name=bare(host))


def _proxied(name: str, values: Iterable[str], sets: Sets, hidden: frozenset[str]) -> Iterator[Finding]:
    for host in _hosts(values):
        addresses = [address for type in ("A", "AAAA") for address in sets.get((host, type), ())]
        proxy = _CLOUDFLARE if host in hidden else proxy_of(host, addresses)
        if proxy:
            yield found(PROXIED, name=bare(name), host=bare(host), proxy=proxy)


def _hosts(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(absolute(value.split()[-1]) for value in values if len(value.split()) == 2))


def proxy_of(host: str, addresses: Iterable[str]) -> Text | None:
    """The web proxy in whose published networks an address lies; None for none, and for its mail services."""
    given = []
    for proxy_address in addresses:
        try:
            given.append(ipaddress.ip_address(proxy_address))
        except ValueError:
            continue
    if not given:
        return None
    for proxy in proxies():
        if any(absolute(host).endswith(absolute(end)) for end in proxy.get("except", ())):
            continue
        networks = [ipaddress.ip_network(prefix) for prefix in proxy["networks"]]
        if any(address in network for address in given for network in networks):
            return Text(proxy["names"]["en"], proxy["names"]["zh"])
    return None
