"""The same ``Observed`` from questions to living servers, from a transfer, or from a zone file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mailwright.hosts.dns.base import DnsClient, HostError
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.records import Observed, ObservedSet
from mailwright.model.text import Text
from mailwright.model.wildcards import ancestors
from mailwright.operations.importing.delegations import delegated
from mailwright.operations.importing.implied import implied
from mailwright.resolving.discovery import found
from mailwright.resolving.server import Server

_MOST = 32 * 1024 * 1024  # bytes of a zone file
_ROUNDS = 5  # of names that other records imply
_TRIES = 3  # readings until two that follow each other agree
_TYPES = ("MX", "TXT", "CNAME", "SRV", "TLSA", "A", "AAAA", "CAA", "NS", "SPF")


class ImportingError(Exception):
    """The domain cannot be taken over as it is; one line for people, in both languages."""

    def __init__(self, message: str | Text, **params: object) -> None:
        self.text = (
            message.using(**params)
            if isinstance(message, Text)
            else Text("{said}", "{said}", {"said": message})
        )
        super().__init__(self.text("en"))


_MOVING = Text(
    "{domain} is being changed while it is read ({names}); import it again afterwards",
    "读取期间 {domain} 正在被修改（{names}）；请稍后再导入",
)
_NO_SERVERS = Text("{reason}", "找不到 {domain} 的DNS 服务器（{reason}）")
_NO_BASE64 = Text("the secret of the TSIG key is not base64", "TSIG 密钥的内容不是 base64")
_NO_TRANSFER = Text("{server} does not transfer {domain}: {reason}", "{server} 不允许传送 {domain}：{reason}")
_LARGE = Text("{path} is larger than {most} MiB", "{path} 超过 {most} MiB")
_UNREADABLE = Text("{path} cannot be read: {reason}", "无法读取 {path}：{reason}")
_NO_ZONE = Text(
    "{path} is not a zone file of {domain}: {reason}", "{path} 不是 {domain} 的区域文件：{reason}"
)
_LINE = Text("line {line} is left out: {reason}", "第 {line} 行已略过：{reason}")
_NOTHING = Text(
    "{domain}: there is no record at all. Does the domain exist, and is it this one?",
    "{domain}：没有任何记录。该域名存在吗？名称是否写对？",
)
_APEX_ALIAS = Text(
    "{domain} is itself a CNAME (it leads to {target}), which excludes an MX (RFC 1034 §3.6.2): "
    "replace it by address records, or by the ALIAS of your DNS host, then import again",
    "{domain} 本身是 CNAME（指向 {target}），不能与 MX 并存（RFC 1034 §3.6.2）："
    "请改为地址记录，或使用 DNS 服务商的 ALIAS，然后重新导入",
)


@dataclass(frozen=True, slots=True)
class World:
    """What was read. ``whole``: all of the zone was seen, else only names that were asked for.

    ``nameservers`` are the apex NS names; ``lagging`` says which servers answer otherwise, ``unread`` which
    lines of a file could not be read. ``proxied`` are names whose addresses the file hides behind
    Cloudflare's, ``flattened`` is where an apex leads whose CNAME the DNS host answers as addresses.
    ``delegated`` is what names below a cut have at their own servers.
    """

    domain: str
    observed: Observed
    nameservers: tuple[str, ...] = ()
    whole: bool = False
    lagging: tuple[str, ...] = ()
    unread: tuple[Text, ...] = ()
    proxied: frozenset[str] = frozenset()
    flattened: str | None = None
    delegated: Observed | None = None

    @property
    def seen(self) -> Observed:
        """Everything that mail finds, what lies below delegations included."""
        if self.delegated is None:
            return self.observed
        mine = self.observed
        return Observed.of(mine.zone, [*mine, *self.delegated], mine.asked, mine.cuts, mine.made_up.values())


def from_servers(domain: str, keys: Iterable[tuple[str, str]], servers: Sequence[Server] = ()) -> World:
    """Ask authoritative servers, the domain's own where none is given.

    Read twice: where somebody changes records meanwhile it is read again, and refused where it does not
    come to rest. Raises ImportingError.
    """
    return asyncio.run(_asked(domain, frozenset(keys), tuple(servers)))


async def _asked(domain: str, keys: frozenset[tuple[str, str]], servers: tuple[Server, ...]) -> World:
    from mailwright.resolving.discovery import ServersError

    try:
        asked = servers or await found(domain)
    except ServersError as error:
        raise ImportingError(_NO_SERVERS, domain=domain, reason=error.text) from None
    answers: list[tuple[Server, Observed]] = []
    problems: list[Text] = []
    for server in asked:
        try:
            answers.append((server, await _settled(domain, keys, server)))
        except HostError as error:
            problems.append(
                Text("{server}: {said}", "{server}：{said}", {"server": server, "said": error.text})
            )
    if not answers:
        joined = {"en": "; ".join(problem("en") for problem in problems)}
        joined["zh"] = "；".join(problem("zh") for problem in problems)
        raise ImportingError(Text("{en}", "{zh}", joined))
    server, first = answers[0]
    below = await delegated(domain, keys, first.cuts, server, asked) if first.cuts else None
    lagging = [str(server) for server, other in answers[1:] if _moved(first, other)]
    world = _world(domain, first, whole=False, lagging=(*lagging, *(problem("en") for problem in problems)))
    return replace(world, delegated=below)


async def _settled(domain: str, keys: frozenset[tuple[str, str]], server: Server) -> Observed:
    from mailwright.hosts.dns.rfc2136 import Rfc2136Host

    moved, tries, rounds = list[str](), 0, 0
    async with Rfc2136Host(domain, server.address, server.port) as host:
        before = await host.read(keys)
        while tries < _TRIES:
            more = implied(before, domain) - keys if rounds < _ROUNDS else frozenset()
            rounds, keys = rounds + 1, keys | more
            after = await host.read(keys)
            new = {name for name, _ in more}
            moved = [pair for pair in _moved(before, after) if pair.partition(" ")[0] not in new]
            if not moved and not more:
                return await _with_aliases(host, after)
            tries += bool(moved)
            before = after
    raise ImportingError(_MOVING, domain=domain, names=", ".join(moved))


async def _with_aliases(host: DnsClient, observed: Observed) -> Observed:
    """The same, with the CNAMEs that a server gives beside other records, though no zone can hold both."""
    beside = frozenset((record_set.name, "CNAME") for record_set in observed if record_set.type != "CNAME")
    aliases = await host.read(
        beside - {(record_set.name, "CNAME") for record_set in observed if record_set.type == "CNAME"}
    )
    sets = (*observed, *(alias for alias in aliases if alias.type == "CNAME"))
    return Observed.of(observed.zone, sets, observed.asked, observed.cuts, observed.made_up.values())


def _moved(one: Observed, other: Observed) -> list[str]:
    pairs = one.sets.keys() | other.sets.keys()
    return sorted(pair for pair in pairs if one.sets.get(pair) != other.sets.get(pair))


def from_transfer(domain: str, server: Server, key: tuple[str, str] | None = None) -> World:
    """The whole zone by AXFR (RFC 5936), from a server that allows it. Raises ImportingError.

    ``key`` is a TSIG key's name and its secret in base64.
    """
    import dns.exception
    import dns.query
    import dns.tsigkeyring
    import dns.xfr
    import dns.zone

    zone = dns.zone.Zone(absolute(domain), relativize=False)
    try:
        keyring = dns.tsigkeyring.from_text({key[0]: key[1]}) if key else None
    except ValueError:
        raise ImportingError(_NO_BASE64) from None
    try:
        query, _ = dns.xfr.make_query(zone, keyring=keyring)
        dns.query.inbound_xfr(server.address, zone, query, port=server.port, timeout=10, lifetime=120)
    except (dns.exception.DNSException, dns.xfr.TransferError, OSError, EOFError) as error:
        reason = str(error) or type(error).__name__
        raise ImportingError(_NO_TRANSFER, server=server, domain=domain, reason=reason) from None
    return _of_zone(domain, zone)


def from_zone_file(domain: str, path: Path) -> World:
    """A zone file as a DNS host exports it. Raises ImportingError where nothing of it can be read."""
    from mailwright.operations.importing import zone_file

    try:
        with path.open("rb") as stream:
            data = stream.read(_MOST + 1)
    except OSError as error:
        raise ImportingError(_UNREADABLE, path=path, reason=error.strerror) from None
    if len(data) > _MOST:
        raise ImportingError(_LARGE, path=path, most=_MOST >> 20)
    read = zone_file.read(zone_file.decoded(data), domain)
    if read.unread and not read.sets:
        first = read.unread[0]
        reason = _LINE.using(line=first.line, reason=first.reason)
        raise ImportingError(_NO_ZONE, path=path, domain=domain, reason=reason)
    apex = absolute(domain)
    inside = [record_set for record_set in read.sets if is_below(record_set.name, apex)]
    world = _of_sets(domain, inside)
    unread = tuple(_LINE.using(line=line.line, reason=line.reason) for line in read.unread)
    return replace(world, unread=unread, proxied=read.proxied, flattened=read.flattened)


def _of_sets(domain: str, sets: Iterable[ObservedSet]) -> World:
    """All of a zone, without what lies below its delegations and so is served elsewhere."""
    apex, listed = absolute(domain), list(sets)
    cuts = {record_set.name for record_set in listed if record_set.type == "NS" and record_set.name != apex}
    kept = [
        record_set
        for record_set in listed
        if not (record_set.type == "NS" and record_set.name in cuts)
        and not cuts.intersection(ancestors(record_set.name, apex))
    ]
    return _world(domain, Observed.of(apex, kept, cuts=frozenset(cuts)), whole=True)


def _of_zone(domain: str, zone: object) -> World:
    import dns.rdatatype
    import dns.zone

    from mailwright.hosts.dns import wire

    assert isinstance(zone, dns.zone.Zone)
    sets: list[ObservedSet] = []
    for name, node in zone.nodes.items():
        owner = wire.from_name(name)
        for rdataset in node.rdatasets:
            type = dns.rdatatype.to_text(rdataset.rdtype)
            if type in _TYPES:
                values = sorted(
                    {wire.from_rdata(rdata) for rdata in rdataset}, key=lambda v: (v.value, v.strings or ())
                )
                sets.append(ObservedSet(owner, type, rdataset.ttl, tuple(values)))
    return _of_sets(domain, sets)


def _world(domain: str, observed: Observed, *, whole: bool, lagging: tuple[str, ...] = ()) -> World:
    """Nameservers apart from the rest: apex NS is nothing that is ever managed."""
    apex = absolute(domain)
    alias, servers = observed.get(apex, "CNAME"), observed.get(apex, "NS")
    if alias:
        raise ImportingError(_APEX_ALIAS, domain=domain, target=bare(alias.plain[0]))
    if not observed.sets:
        raise ImportingError(_NOTHING, domain=domain)
    sets = [record_set for record_set in observed if record_set.type != "NS"]
    rest = Observed.of(observed.zone, sets, observed.asked, observed.cuts)
    names = tuple(bare(server) for server in servers.plain) if servers else ()
    return World(domain, rest, names, whole, lagging)
