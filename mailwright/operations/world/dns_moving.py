"""``migrate --old-nameserver``: whether the DNS host that a domain has left may be let go.

Both serve the plan; no resolver remembers a DS that a server has no key of; then the NS change, above and in
the zone; and when the old ones are out of every cache, nobody asks the old host any more. Until then its
records are mail that arrives.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mailwright.model.names import absolute
from mailwright.model.plan import Plan
from mailwright.model.text import Lang, Text
from mailwright.operations.world.conditions import Condition, state_of
from mailwright.operations.world.migrating import Memory, everywhere
from mailwright.operations.world.verification import verify_all
from mailwright.resolving import parents
from mailwright.resolving.asking import asking
from mailwright.resolving.discovery import ServersError, servers_above
from mailwright.resolving.server import Server

#: Some resolvers keep everything for a day, whatever its TTL.
_DAY = 86_400  # seconds


@dataclass(frozen=True, slots=True)
class Hosts:
    """All servers of the host that is left and of the new one, by name; of the zone above, none: found."""

    old: tuple[Server, ...]
    new: tuple[Server, ...]
    above: tuple[Server, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaving:
    """Whether the old DNS host of a domain may be let go."""

    domain: str
    conditions: tuple[Condition, ...]

    @property
    def state(self) -> str:
        """``due``: it may; else ``unknown``, ``open`` or ``waiting``."""
        return state_of(self.conditions)

    def to_json(self, lang: Lang) -> dict[str, object]:
        """The documented JSON form."""
        conditions = [condition.to_json(lang) for condition in self.conditions]
        return {"domain": self.domain, "state": self.state, "conditions": conditions}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the servers answer; None for one that could not be understood."""

    hosts: Hosts  # with the servers above
    above: Sequence[parents.Set | None]
    new: Sequence[parents.Set | None]
    old: Sequence[parents.Set | None]
    ds: Sequence[parents.Set | None]
    keys: Sequence[parents.Set | None]

    @property
    def longest(self) -> int:
        """For how long (s) somebody may go on asking the host that is left.

        Who had the old NS from above until a moment ago may then get the old zone's own set, and keep that
        for its TTL, too (RFC 2181 §5.4.1); and who keeps everything for a day does so twice.
        """
        own = max(_ttl(self.new), _ttl(self.old), _DAY)
        return max(max(_ttl(self.above), _DAY) + own, _ttl(self.ds))


def _ttl(sets: Iterable[parents.Set | None]) -> int:
    return max((one.ttl for one in sets if one), default=0)


def leaving(plan: Plan, hosts: Hosts, now: dt.datetime, folder: Path) -> Leaving:
    """Look at the world. Raises OSError where nothing can be remembered."""
    try:
        seen = asyncio.run(_seen(plan.domain, hosts))
    except ServersError as error:
        unknown = Condition("nameservers", "unknown", _UNTOLD.using(reason=error.text))
        return Leaving(plan.domain, (unknown,))
    (verdict,) = verify_all([plan], (*seen.hosts.new, *seen.hosts.old))
    served, nameservers = everywhere(verdict), _nameservers(seen)
    # Where the registrar has other servers entered, the wait begins anew.
    target = " ".join(sorted(_names(hosts.new)))
    memory = _remembered(folder / f"{plan.domain}.json", target, nameservers, seen.longest, now)
    waited = _waited("waited", _WAITED, memory, now)
    signatures = _signatures(seen, alone=waited.state == "done")
    ttl = max(_ttl(seen.ds), _DAY)
    memory = _remembered(folder / f"{plan.domain}.ds.json", "ds", signatures, ttl, now)
    if signatures.state == "done":
        signatures = _waited("signatures", signatures.text, memory, now)
    if nameservers.state == "open" and state_of((served, signatures)) != "due":
        nameservers = Condition("nameservers", "waiting", _NOT_YET)
    return Leaving(plan.domain, (served, signatures, nameservers, waited))


def _remembered(path: Path, thing: str, condition: Condition, ttl: int, now: dt.datetime) -> Memory:
    """Since when a condition is true without a break, and the longest TTL (s) of what said otherwise."""
    memory = Memory.read(path)
    memory = replace(memory, longest=max(memory.longest, ttl)).of(thing, condition.state == "done", now)
    memory.keep(path)
    return memory


async def _seen(domain: str, hosts: Hosts) -> _Seen:
    async with asking() as asker:
        above = hosts.above or await servers_above(domain, asker)
        named = await parents.records(domain, "NS", above, asker)
        zone = next((one.owner for one in named if one and one.values), absolute(domain))
        return _Seen(
            replace(hosts, above=above),
            named,
            await parents.records(zone, "NS", hosts.new, asker),
            await parents.records(zone, "NS", hosts.old, asker),
            await parents.records(zone, "DS", above, asker),
            await parents.records(zone, "DNSKEY", (*hosts.new, *hosts.old), asker),
        )


def _names(servers: Iterable[Server]) -> frozenset[str]:
    return frozenset(absolute(server.name.lower()) for server in servers)


_UNTOLD = Text("the delegation of the domain cannot be read: {reason}", "无法得知域名委派给谁：{reason}")
_SILENT = Text("{server} gives no usable answer", "{server} 没有给出可用的应答")
_NAMED = Text(
    "{server} still names {names} beside the new DNS host: enter the new NS alone, at the registrar and in "
    "the zone",
    "{server} 给出 {names}，它不是新 DNS 服务商的服务器：请在注册商处和区域内都只填新 DNS 服务商的 NS",
)
_NOT_YET = Text(
    "the NS at the registrar stay as they are until all above is so",
    "以上各项完成之前，注册商处的 NS 保持不变",
)
_UNNAMED = Text("{server} delegates the domain to nobody", "{server} 没有委派该域名")
_LEFT = Text(
    "the zone above and the new nameservers name the new ones alone",
    "父区域和新的 DNS 服务器都只给出新的 DNS 服务器",
)


def _nameservers(seen: _Seen) -> Condition:
    """Parent and child both: some resolvers go by the zone's own NS set (RFC 2181 §5.4.1)."""
    key, new = "nameservers", _names(seen.hosts.new)
    answers = [*zip((*seen.hosts.above, *seen.hosts.new), (*seen.above, *seen.new), strict=True)]
    for server, one in answers:
        if one is not None and (others := one.values - new):
            return Condition(key, "open", _NAMED.using(server=server, names=", ".join(sorted(others))))
    for server, one in answers:
        if one is None:
            return Condition(key, "unknown", _SILENT.using(server=server))
        if not one.values:
            return Condition(key, "unknown", _UNNAMED.using(server=server))
    return Condition(key, "done", _LEFT)


_UNSIGNED = Text("there is no DS, so nobody asks for signatures", "没有 DS，不会有人要求签名")
_SIGNED = Text("every nameserver has a key of the DS", "每台 DNS 服务器都有与 DS 相符的密钥")
_BOGUS = Text(
    "{server} has no key of the DS: whoever validates does not see the domain there. Remove the DS at the "
    "registrar, and do not change NS before its TTL is over",
    "{server} 没有与 DS 相符的密钥：会做验证的解析器在那里看不到该域名。"
    "请在注册商处删除 DS，其 TTL 过去之前不要更换 NS",
)


def _signatures(seen: _Seen, *, alone: bool) -> Condition:
    """No server that somebody asks may lack the keys of a DS (RFC 4035 §5.2, RFC 8901 §2).

    ``alone``: nobody asks the old ones any more.
    """
    key = "signatures"
    for server, one in zip(seen.hosts.above, seen.ds, strict=True):
        if one is None:
            return Condition(key, "unknown", _SILENT.using(server=server))
    sets = [one for one in seen.ds if one and one.values]
    if not sets:
        return Condition(key, "done", _UNSIGNED)
    servers = (*seen.hosts.new, *seen.hosts.old)
    asked = len(seen.hosts.new) if alone else len(servers)
    for server, keys in [*zip(servers, seen.keys, strict=True)][:asked]:
        if keys is None:
            return Condition(key, "unknown", _SILENT.using(server=server))
        if not all(parents.signed_by(ds.owner, ds.values, keys.values) for ds in sets):
            return Condition(key, "open", _BOGUS.using(server=server))
    return Condition(key, "done", _SIGNED)


_WAITED = Text("no resolver knows the old nameservers any more", "各解析器都已不再记得旧的 DNS 服务器")


def _waited(key: str, text: Text, memory: Memory, now: dt.datetime) -> Condition:
    """As long as somebody may remember what was ever seen to be otherwise."""
    if memory.since is None:
        return Condition(key, "waiting", text)
    until = memory.since + dt.timedelta(seconds=memory.longest)
    return Condition(key, "done" if now >= until else "waiting", text, until)
