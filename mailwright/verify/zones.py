"""The zone as each server has it: serials, who lags, and whether everybody names the same servers."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailwright.model.checks import Check, Status
from mailwright.model.names import absolute
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.resolving import wire
from mailwright.resolving.asking import asking, settled
from mailwright.resolving.server import Server

LAGS = rule(
    "server-lags",
    Severity.WARNING,
    en="{server} has serial {serial}, others have {newest}.",
    zh="{server} 的序列号是 {serial}，其他服务器已是 {newest}。",
    hint_en="Wait for the zone transfer; if it stays, look at NOTIFY and the transfer rights of this server.",
    hint_zh="等待区域传送；若长时间不变，请检查该服务器的 NOTIFY 和传送权限。",
    reference="RFC 1982 §3.2",
)
SERIALS = rule(
    "serials-agree",
    Severity.INFO,
    en="Every server has the same serial.",
    zh="所有服务器序列号一致。",
    hint_en="",
    hint_zh="",
)
NS_DISAGREE = rule(
    "ns-sets-disagree",
    Severity.WARNING,
    en="{who} names {ours}, others name {theirs}.",
    zh="{who} 给出的 NS 是 {ours}，其他给出的是 {theirs}。",
    hint_en="Enter the same nameservers at the registrar and in the zone.",
    hint_zh="请让注册商处的 DNS 服务器与区域内的 NS 记录保持一致。",
    reference="RFC 1034 §4.2.2",
)
_SAME = Text("serial {serial} on every server", "所有服务器序列号均为 {serial}")


@dataclass(frozen=True, slots=True)
class ZoneView:
    """What one server says about the zone: its serial (None without usable answer) and its NS set."""

    server: Server
    serial: int | None = None
    names: frozenset[str] = frozenset()


async def survey(domain: str, servers: Sequence[Server], parent: frozenset[str] = frozenset()) -> list[Check]:
    """Compare the servers with each other; ``parent`` is the NS set of the delegation, where known."""
    asked = [server for server in servers if server.authoritative]
    views = await asyncio.gather(*(view(domain, server) for server in asked))
    return [*_serials(domain, views), *_ns_sets(domain, views, parent)]


async def view(domain: str, server: Server) -> ZoneView:
    """One server's serial and NS set of the zone that holds the domain."""
    async with asking() as asker:
        # The domain is nearly always the apex: then both questions are needed, and go out together.
        soa, ns = (asker.begin(server, absolute(domain), type) for type in ("SOA", "NS"))
        reply = await settled(soa)
        try:
            if reply.problem is not None or not wire.authoritative(reply.message):
                return ZoneView(server)
            soa_serial = wire.serial(reply.message)
            if soa_serial is None:
                return ZoneView(server)
            owner, serial = soa_serial
            apex = owner == wire.name(absolute(domain))
            answer = await (settled(ns) if apex else asker.reply(server, wire.text(owner), "NS"))
            return ZoneView(server, serial, frozenset() if answer.problem else _names(answer.message))
        except (ValueError, struct.error, IndexError):
            return ZoneView(server)


def _names(reply: bytes) -> frozenset[str]:
    """The nameservers an answer or a referral names, in lower case with the final dot."""
    return frozenset(target for _, target in wire.targets(reply, "NS"))


def newer(one: int, other: int) -> bool:
    """Whether serial ``one`` is later than ``other`` (RFC 1982 §3.2: a circle of 32 bits)."""
    return one != other and (one - other) % 2**32 < 2**31


def _serials(domain: str, views: Sequence[ZoneView]) -> Iterator[Check]:
    known = [(zone_view, zone_view.serial) for zone_view in views if zone_view.serial is not None]
    if len(known) < 2:
        return
    newest = known[0][1]
    for _, serial in known:
        newest = serial if newer(serial, newest) else newest
    name, shown = absolute(domain), (str(newest),)
    behind = [(str(zone_view.server), serial) for zone_view, serial in known if serial != newest]
    for server, serial in behind:
        text = LAGS.message.using(server=server, serial=serial, newest=newest)
        yield Check(LAGS.id, Status.WARN, name, "SOA", shown, (str(serial),), server, text)
    if not behind:
        yield Check(SERIALS.id, Status.PASS, name, "SOA", shown, shown, "", _SAME.using(serial=newest))


def _ns_sets(domain: str, views: Sequence[ZoneView], parent: frozenset[str]) -> Iterator[Check]:
    answers = [("the parent", parent, "")] if parent else []
    answers += [
        (str(zone_view.server), zone_view.names, str(zone_view.server))
        for zone_view in views
        if zone_view.names
    ]
    union = frozenset(name for _, names, _ in answers for name in names)
    for who, names, server in answers:
        if names != union:
            shown, every = tuple(sorted(names)), tuple(sorted(union))
            text = NS_DISAGREE.message.using(who=who, ours=", ".join(shown), theirs=", ".join(every))
            yield Check(NS_DISAGREE.id, Status.WARN, absolute(domain), "NS", every, shown, server, text)
