"""What all authoritative servers of a domain serve: the one reading there is where nobody has an API.

What every server shows is there, what none shows is gone. Whatever they differ about is unknown, and where
one of them is silent all of it is: nothing may be concluded from it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import dns.exception
import dns.flags
import dns.message
import dns.rdatatype

from mailwright.deploy.errors import lang
from mailwright.deploy.given import environment
from mailwright.hosts.dns import said, wire
from mailwright.hosts.dns.base import HostError
from mailwright.hosts.dns.exchange import Endpoint
from mailwright.hosts.dns.exchange import Reply as HostReply
from mailwright.hosts.dns.reading import Reading, read_sets
from mailwright.model.names import absolute, bare, is_below, key
from mailwright.model.records import Observed, ObservedSet
from mailwright.model.suffixes import is_suffix
from mailwright.model.text import Text
from mailwright.resolving.asking import Asker, asking
from mailwright.resolving.discovery import ServersError, discover
from mailwright.resolving.server import Server

_NO_ANSWER = Text("{server} did not answer: {problem}", "{server} 没有应答：{problem}")
_NO_ZONE = Text("{server} does not say which zone holds {domain}", "{server} 没有说明 {domain} 属于哪个区域")
_OTHER_ZONE = Text(
    "the servers differ about the zone that holds {domain}: {zones}",
    "各服务器对 {domain} 所属的区域说法不一：{zones}",
)
_REGISTRY = Text(
    "{domain} is not delegated: the servers answer for {zone}, below which strangers register their domains",
    "{domain} 没有 NS 委派：应答的是 {zone} 的服务器，其下的域名由不同的人注册",
)
_DIFFER = Text("{key}: {several}", "{key}：{several}")
_HAS = Text("{server} has {values}", "{server} 有 {values}")
_HAS_NOT = Text("{server} has none", "{server} 没有")

_Key = tuple[str, str]


class Silent(HostError):
    """A server gave no answer; ``no_way``: this machine reaches no such address at all."""

    def __init__(self, text: Text, *, no_way: bool = False) -> None:
        super().__init__(text)
        self.no_way = no_way


@dataclass(frozen=True, slots=True)
class View:
    """One reading of all servers.

    ``zone`` is the zone that all of them name, '' where they do not. ``observed`` has what all of them
    show. ``unknown`` are the keys about which nothing is known, ``doubts`` says why, for people;
    ``silent``: a server did not answer, so that all keys are unknown.
    """

    zone: str
    observed: Observed
    unknown: frozenset[str] = frozenset()
    doubts: tuple[str, ...] = ()
    silent: bool = False


@dataclass(slots=True)
class Living:
    """The way to the servers of every domain, for one run: who serves a domain is found out once."""

    _servers: dict[str, tuple[Server, ...]] = field(default_factory=dict)

    async def read(self, domain: str, zone: str, keys: Iterable[_Key]) -> View:
        """Read these (owner name, type) pairs. Never raises for what servers or networks do.

        ``zone``: its name as known; '' takes the one that the servers name.
        """
        pairs = {(absolute(name), type) for name, type in keys}
        async with asking() as asker:
            try:
                servers = await self._of(domain)
            except ServersError as error:
                return _nothing(zone, pairs, (error.text(lang()),))
            answers = await asyncio.gather(*(_zone_at(server, domain, asker) for server in servers))
            reached, problems = _usable(servers, answers)
            zones = sorted({zone_name for _, zone_name in reached})
            if zones and is_suffix(zones[0]):
                problems.append(_REGISTRY.using(domain=domain, zone=bare(zones[0])))
            if len(zones) > 1:
                problems.append(_OTHER_ZONE.using(domain=domain, zones=", ".join(map(bare, zones))))
            if problems or not zones:
                return _nothing(zone, pairs, tuple(problem(lang()) for problem in problems))
            known = zone or zones[0]
            inside = {pair for pair in pairs if is_below(pair[0], known)}
            readings = await asyncio.gather(
                *(read_sets(_Answers(server, asker), known, inside) for server, _ in reached),
                return_exceptions=True,
            )
        return replace(_joined(known, inside, [server for server, _ in reached], readings), zone=zones[0])

    async def _of(self, domain: str) -> tuple[Server, ...]:
        """Who is asked: those of the environment, else those of the delegation. Raises ServersError."""
        if domain not in self._servers:
            self._servers[domain] = environment.nameservers() or (await discover(domain))[0]
        return self._servers[domain]


def _usable(
    servers: Sequence[Server], answers: Sequence[str | HostError]
) -> tuple[list[tuple[Server, str]], list[Text]]:
    """The servers that answered, with the zone each names, and what speaks against going on.

    An address that this machine has no way to (mostly IPv6) counts for nothing where the same server
    answered at another one.
    """
    reached = [
        (server, answer) for server, answer in zip(servers, answers, strict=True) if isinstance(answer, str)
    ]
    names = {server.name for server, _ in reached}
    problems = [
        answer.text
        for server, answer in zip(servers, answers, strict=True)
        if isinstance(answer, HostError) and not (_no_way(answer) and server.name in names)
    ]
    return reached, problems


def _no_way(error: HostError) -> bool:
    return isinstance(error, Silent) and error.no_way


async def _zone_at(server: Server, domain: str, asker: Asker) -> str | HostError:
    """The zone in which a server answers for a domain (RFC 2308 §3)."""
    try:
        (reply,) = await _Answers(server, asker).ask([_question(absolute(domain), "SOA")])
    except HostError as error:
        return error
    message = reply.message
    if message is not None and message.flags & dns.flags.AA:
        for rrset in (*message.answer, *message.authority):
            owner = wire.from_name(rrset.name)
            if rrset.rdtype == dns.rdatatype.SOA and is_below(absolute(domain), owner):
                return owner
    return Silent(_NO_ZONE.using(server=str(server), domain=domain))


def _question(name: str, type: str) -> dns.message.Message:
    return dns.message.make_query(wire.to_name(name), type)


class _Answers:
    """Questions to one server the way ``verify`` asks them: UDP first, TCP where it must be."""

    def __init__(self, server: Server, asker: Asker) -> None:
        self.endpoint = Endpoint(str(server), 53, 0.0)
        self._server = server
        self._asker = asker

    async def ask(self, queries: Sequence[dns.message.Message]) -> list[HostReply]:
        """The replies in the order of the questions. Raises Silent or HostError where there is none."""
        return list(await asyncio.gather(*map(self._one, queries)))

    async def _one(self, query: dns.message.Message) -> HostReply:
        (question,) = query.question
        name, type = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
        reply = await self._asker.reply(self._server, name, type)
        if reply.problem is not None:
            problem = _NO_ANSWER.using(server=str(self._server), problem=reply.problem)
            raise Silent(problem, no_way=reply.no_way)
        try:
            message = dns.message.from_wire(reply.message, one_rr_per_rrset=True, ignore_trailing=True)
        except dns.exception.DNSException:
            raise HostError(said.UNREADABLE, where=self.endpoint) from None
        return HostReply(message.rcode(), message)


# -- several servers as one ------------------------------------------------------------------------------


def _nothing(zone: str, pairs: Iterable[_Key], doubts: tuple[str, ...]) -> View:
    keys = frozenset(key(*pair) for pair in pairs)
    return View("", Observed.of(zone or ".", ()), keys, doubts, silent=True)


def _joined(
    zone: str, pairs: set[_Key], servers: Sequence[Server], readings: Sequence[Reading | BaseException]
) -> View:
    """What all of them show; where one could not be read, nothing."""
    texts = [_text(reading) for reading in readings if isinstance(reading, BaseException)]
    if texts:
        return _nothing(zone, pairs, tuple(dict.fromkeys(texts)))
    whole = [reading for reading in readings if isinstance(reading, Reading)]
    seen = {pair for reading in whole for pair in reading.sets} | pairs
    sets, doubts, unknown = [], [], set[str]()
    for pair in sorted(seen):
        several = [reading.sets.get(pair) for reading in whole]
        if len({_content(record_set) for record_set in several}) > 1:
            unknown.add(key(*pair))
            doubts.append(_difference(pair, servers, several)(lang()))
        common = _common(several)
        if common:
            sets.append(common)
    observed = Observed.of(
        zone,
        sets,
        frozenset(key(*asked_pair) for asked_pair in pairs),
        frozenset(cut for reading in whole for cut in reading.cuts),
        [record_set for reading in whole for record_set in reading.made_up.values()],
    )
    return View(zone, observed, frozenset(unknown), tuple(doubts))


def _text(error: BaseException) -> str:
    if isinstance(error, HostError):
        return error.text(lang())
    raise error


def _content(record_set: ObservedSet | None) -> frozenset[str]:
    return frozenset(record_set.plain) if record_set else frozenset()


def _common(several: Sequence[ObservedSet | None]) -> ObservedSet | None:
    """The values that all have, with the largest TTL: that long may a resolver keep what it got."""
    present = [record_set for record_set in several if record_set]
    if len(present) < len(several):
        return None
    shared = frozenset.intersection(*map(_content, present))
    values = tuple(value for value in present[0].values if value.value in shared)
    return (
        replace(present[0], values=values, ttl=max(record_set.ttl for record_set in present))
        if values
        else None
    )


def _difference(pair: _Key, servers: Sequence[Server], several: Sequence[ObservedSet | None]) -> Text:
    parts: dict[str, Text] = {}
    for number, (server, record_set) in enumerate(zip(servers, several, strict=True)):
        values = ", ".join(record_set.plain) if record_set else ""
        text = _HAS.using(server=str(server), values=values) if values else _HAS_NOT.using(server=str(server))
        parts[f"part{number}"] = text
    places = [f"{{{name}}}" for name in parts]
    shown: Mapping[str, object] = parts
    joined = Text("; ".join(places), "；".join(places), shown)
    return _DIFFER.using(key=f"{bare(pair[0])} {pair[1]}", several=joined)
