"""Whether every network is told the same: a record on one line (线路) only reaches a part of the world.

A server that answers by network says so (EDNS client subnet, RFC 7871): then each planned record is asked for
in the name of several networks. What a server decides by the sender's address alone cannot be seen from here.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence

import dns.edns
import dns.exception
import dns.message

from mailwright.catalog import networks
from mailwright.model.checks import Check, Status
from mailwright.model.names import absolute
from mailwright.model.plan import Plan
from mailwright.model.records import PlannedRecord
from mailwright.model.text import Text
from mailwright.resolving import wire
from mailwright.resolving.asking import Asker, asking, settled
from mailwright.resolving.reply import Reply
from mailwright.resolving.server import Server
from mailwright.verify.deep.rules import NETWORKS, check
from mailwright.verify.dns import TTL, judge, read

_SAME = Text("the same for {count} networks", "对 {count} 个网络均相同")
_BLIND = Text(
    "{servers} do not answer on behalf of another network; the console shows whether records have lines",
    "{servers} 不支持以其他网络的名义查询；请在控制台查看记录是否分线路",
)
_DIFFERENT = Text(
    "from {networks} it is not as planned ({said}), and from elsewhere it is",
    "来自 {networks} 的查询与计划不符（{said}），来自其他网络的则相符",
)
_APART = Text(
    "from {networks}: {said}; elsewhere it is another answer",
    "来自 {networks}：{said}；其他网络得到不同的应答",
)
_UNHEARD = Text("no answer that is for {networks}", "没有得到针对 {networks} 的应答")
_Set = tuple[tuple[str, str], tuple[PlannedRecord, ...]]
_Network = tuple[str, Text]
#: What is not as planned, and for whom.
_Views = dict[tuple[Check, ...], list[_Network]]


async def seen(plan: Plan, servers: Sequence[Server]) -> list[Check]:
    """What each server tells several networks: one address of each, and only where it answers by network."""
    sets: dict[tuple[str, str], list[PlannedRecord]] = defaultdict(list)
    for record in plan.records:
        sets[record.name, record.type].append(record)
    record_sets = [(pair, tuple(planned)) for pair, planned in sets.items()]
    asked = {server.name: server for server in reversed(servers) if server.authoritative}
    if not record_sets or not asked:
        return []
    async with asking() as asker:
        checkses = await asyncio.gather(
            *(_server(asker, plan.domain, server, record_sets) for server in asked.values())
        )
    blind = [str(server) for server, checks in zip(asked.values(), checkses, strict=True) if checks is None]
    results = [result for checks in checkses for result in checks or ()]
    if blind:
        text = _BLIND.using(servers=", ".join(sorted(blind)))
        results.append(
            check(NETWORKS, Status.NOT_CHECKABLE, absolute(plan.domain), "", text, domain=plan.domain)
        )
    return results


async def _server(
    asker: Asker, domain: str, server: Server, record_sets: Sequence[_Set]
) -> list[Check] | None:
    """None where it does not answer by network, or not at all."""
    (first, _), *_ = record_sets
    probe = await asker.reply(server, *first, how=wire.in_the_name_of(networks()[0][0]))
    if not _honoured(probe, networks()[0][0]):
        return None
    asked = await asyncio.gather(*(_set(asker, server, record_set) for record_set in record_sets))
    checks = [result for views in asked for result in _differing(domain, views)]
    heard = [{witness for whom in views.values() for witness in whom} for views in asked]
    unheard = [network for network in networks() if not all(network in some for some in heard)]
    if unheard:
        status, text = Status.UNKNOWN, _UNHEARD.using(networks=_listed(unheard))
    elif not checks:
        status, text = Status.PASS, _SAME.using(count=len(networks()))
    else:
        return checks
    return [*checks, check(NETWORKS, status, absolute(domain), "", text, server=str(server), domain=domain)]


async def _set(asker: Asker, server: Server, record_set: _Set) -> _Views:
    """What is told of one record set to whom; what is lost on the way is no difference."""
    (name, type), planned = record_set
    begun = [
        (network, asker.begin(server, name, type, how=wire.in_the_name_of(network[0])))
        for network in networks()
    ]
    views: _Views = defaultdict(list)
    for witness, future in begun:
        reply = await settled(future)
        if _honoured(reply, witness[0]):
            answer = read(server, reply, name, type)
            views[_wrong(judge(server, (name, type), planned, answer))].append(witness)
    return views


def _differing(domain: str, views: _Views) -> list[Check]:
    """What differs among the networks; what is wrong for all of them verify says."""
    if len(views) < 2:
        return []
    return [
        _told(domain, result, whom, elsewhere=() in views)
        for wrong, whom in views.items()
        for result in wrong
    ]


def _wrong(checks: Iterable[Check]) -> tuple[Check, ...]:
    """What is not as planned; a TTL of its own harms nobody here, and verify says it."""
    return tuple(result for result in checks if result.status is not Status.PASS and result.rule != TTL)


def _listed(whom: Iterable[_Network]) -> Text:
    listed = tuple(whom)
    joined: dict[str, object] = {
        "en": ", ".join(f"{called('en')} ({prefix})" for prefix, called in listed),
        "zh": "、".join(f"{called('zh')}（{prefix}）" for prefix, called in listed),
    }
    return Text("{en}", "{zh}", joined)


def _told(domain: str, wrong: Check, whom: Iterable[_Network], *, elsewhere: bool) -> Check:
    text = (_DIFFERENT if elsewhere else _APART).using(networks=_listed(whom), said=wrong.text)
    return check(
        NETWORKS,
        Status.FAIL,
        wrong.name,
        wrong.type,
        text,
        server=wrong.server,
        expected=wrong.expected,
        found=wrong.found,
        position=wrong.position,
        domain=domain,
    )


def _honoured(reply: Reply, network: str) -> bool:
    """Whether the answer is one for this network: its option names it as it was asked (RFC 7871 §7.3)."""
    if reply.problem is not None:
        return False
    try:
        options = dns.message.from_wire(reply.message).options
    except (dns.exception.DNSException, ValueError):
        return False
    ecs_options = [option for option in options if isinstance(option, dns.edns.ECSOption)]
    return any(f"{ecs_option.address}/{ecs_option.srclen}" == network for ecs_option in ecs_options)
