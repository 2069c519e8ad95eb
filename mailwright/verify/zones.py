"""The zone as each server has it: serials, who lags, and whether everybody names the same servers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rdatatype

from mailwright.model.checks import Check, Status
from mailwright.model.names import absolute
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.verify.servers import TIMEOUT, Server

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
    asked = [each for each in servers if each.authoritative]
    views = await asyncio.gather(*(view(domain, each) for each in asked))
    return [*_serials(domain, views), *_ns_sets(domain, views, parent)]


async def view(domain: str, server: Server) -> ZoneView:
    """One server's serial and NS set of the zone that holds the domain."""
    reply = await _ask(server, absolute(domain), "SOA")
    if reply is None or not reply.flags & dns.flags.AA:
        return ZoneView(server)
    for rrset in (*reply.answer, *reply.authority):
        if rrset.rdtype == dns.rdatatype.SOA:
            ns = await _ask(server, rrset.name.to_text(), "NS")
            return ZoneView(server, rrset[0].serial, names_in(ns) if ns else frozenset())
    return ZoneView(server)


def names_in(reply: dns.message.Message) -> frozenset[str]:
    """The nameservers an answer or a referral names, in lower case with the final dot."""
    sets = [each for each in (*reply.answer, *reply.authority) if each.rdtype == dns.rdatatype.NS]
    return frozenset(str(rdata.target).lower() for each in sets for rdata in each)


async def _ask(server: Server, name: str, type: str) -> dns.message.Message | None:
    query = dns.message.make_query(name, type, use_edns=0, payload=1232)
    query.flags &= ~dns.flags.RD
    for _ in range(2):
        try:
            reply, _tcp = await dns.asyncquery.udp_with_fallback(query, server.address, TIMEOUT, server.port)
        except (dns.exception.DNSException, OSError):
            continue
        return reply
    return None


def newer(one: int, other: int) -> bool:
    """Whether serial ``one`` is later than ``other`` (RFC 1982 §3.2: a circle of 32 bits)."""
    return one != other and (one - other) % 2**32 < 2**31


def _serials(domain: str, views: Sequence[ZoneView]) -> Iterator[Check]:
    known = [(each, each.serial) for each in views if each.serial is not None]
    if len(known) < 2:
        return
    newest = known[0][1]
    for _, serial in known:
        newest = serial if newer(serial, newest) else newest
    name, shown = absolute(domain), (str(newest),)
    behind = [(str(each.server), serial) for each, serial in known if serial != newest]
    for server, serial in behind:
        text = LAGS.message.using(server=server, serial=serial, newest=newest)
        yield Check(LAGS.id, Status.WARN, name, "SOA", shown, (str(serial),), server, text)
    if not behind:
        yield Check(SERIALS.id, Status.PASS, name, "SOA", shown, shown, "", _SAME.using(serial=newest))


def _ns_sets(domain: str, views: Sequence[ZoneView], parent: frozenset[str]) -> Iterator[Check]:
    said = [("the parent", parent, "")] if parent else []
    said += [(str(each.server), each.names, str(each.server)) for each in views if each.names]
    union = frozenset(name for _, names, _ in said for name in names)
    for who, names, server in said:
        if names != union:
            shown, every = tuple(sorted(names)), tuple(sorted(union))
            text = NS_DISAGREE.message.using(who=who, ours=", ".join(shown), theirs=", ".join(every))
            yield Check(NS_DISAGREE.id, Status.WARN, absolute(domain), "NS", every, shown, server, text)
