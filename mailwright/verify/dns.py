"""The plan against living DNS: every server, value by value and TTL by TTL.

What could not be asked is ``unknown``, never a failure and never a pass.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from mailwright.model import txt
from mailwright.model.checks import Check, Status, Verdict
from mailwright.model.families import WHOLE, family_of
from mailwright.model.plan import Plan
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.transition.compare import canonical
from mailwright.resolving import wire
from mailwright.resolving.asking import asking, settled
from mailwright.resolving.delegated import own_servers, referral
from mailwright.resolving.reply import Reply, plain, trouble
from mailwright.resolving.server import Server
from mailwright.verify.alike import alike
from mailwright.verify.slips import slips


def _check_rule(id: str, severity: Severity, *texts: str) -> str:
    """What a check is about; ``texts``: what it says and what to do, each en then zh."""
    en, zh, hint_en, hint_zh = texts
    rule(id, severity, en=en, zh=zh, hint_en=hint_en, hint_zh=hint_zh)
    return id


AS_PLANNED = _check_rule(
    "record-as-planned",
    Severity.INFO,
    "The server has every planned value, and its TTL.",
    "服务器上的值和 TTL 都与计划一致。",
    "",
    "",
)
MISSING = _check_rule(
    "record-missing",
    Severity.ERROR,
    "A planned value is missing at a server.",
    "服务器上缺少计划中的值。",
    "Run `mailwright up`; with a manual DNS host, add the record as `mailwright plan --format sheet` has it.",
    "请运行 `mailwright up`；手工维护的 DNS 请按 `mailwright plan --format sheet` 添加该记录。",
)
CHANGED = _check_rule(
    "record-changed",
    Severity.ERROR,
    "The planned value has been replaced by another.",
    "应有的值被换成了另一个值。",
    "Find out who changed it, then run `mailwright up`, or correct the record as the sheet has it.",
    "请先查明是谁改动的，再运行 `mailwright up`，或按清单改正该记录。",
)
EXTRA = _check_rule(
    "record-extra",
    Severity.ERROR,
    "There are more values than planned, at a name where only the planned ones may be.",
    "此处只应有计划中的值，却多出了其他值。",
    "Delete the extra values, or write them into the spec.",
    "请删除多余的值，或把它写进规格。",
)
TTL = _check_rule(
    "record-ttl",
    Severity.ERROR,
    "The values are as planned, the TTL is another.",
    "值与计划一致，但 TTL 不同。",
    "Set the planned TTL, or write ttl: as the DNS host allows it.",
    "请改为计划中的 TTL，或在规格中按 DNS 服务商允许的值写 ttl:。",
)
ALIASED = _check_rule(
    "record-behind-cname",
    Severity.ERROR,
    "The name has a CNAME, which excludes the planned records.",
    "计划有记录的名称上是一条 CNAME；它不能与其他记录并存。",
    "Delete the CNAME if nothing needs it any more, then run `mailwright up`.",
    "若已不再需要，请删除该 CNAME，再运行 `mailwright up`。",
)
LAME = _check_rule(
    "server-lame",
    Severity.WARNING,
    "The server is named for the zone and does not serve it.",
    "该服务器被列为此区域的 DNS 服务器，却不提供此区域。",
    "Correct the NS records at the registrar, or set the zone up on this server.",
    "请在注册商处改正 NS 记录，或在该服务器上配置此区域。",
)
UNREACHABLE = _check_rule(
    "server-unreachable",
    Severity.WARNING,
    "The server gives no usable answer: nothing is known of what it serves.",
    "服务器没有给出可用的应答：无法得知它提供的内容。",
    "Ask again later and from elsewhere; outgoing port 53 may be closed here.",
    "请稍后或换个网络再试；本机外出的 53 端口可能被封锁。",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one server says about one name and type; ``problem`` where it says nothing usable.

    ``no_way``: this machine cannot reach such an address (mostly IPv6).
    """

    values: tuple[str, ...] = ()
    ttl: int | None = None
    alias: str | None = None
    problem: Text | None = None
    lame: bool = False
    no_way: bool = False


async def verify(plan: Plan, servers: Sequence[Server]) -> Verdict:
    """Ask every server for every planned record set, over UDP and over TCP."""
    sets: dict[tuple[str, str], list[PlannedRecord]] = defaultdict(list)
    for record in (*plan.records, *plan.delegated):
        sets[record.name, record.type].append(record)
    questions = [_Wanted.of(*pair, tuple(planned)) for pair, planned in sets.items()]
    async with asking() as asker:
        begun = [
            (server, one, [asker.begin(server, one.name, one.type, tcp=tcp) for tcp in (False, True)])
            for server in servers
            for one in questions
        ]
        checks: list[list[Check]] = []
        below: set[Server] = set()
        for server, one, ways in begun:
            replies = [way.result() if way.done() else await settled(way) for way in ways]
            if server.authoritative and _is_referral(replies[0], one.name):
                own = await own_servers(one.name, server, servers)
                below.update(own)
                checks.append(await _at_its_own(one, server, own))
            else:
                checks.append(one.checks(server, replies))
        for (server, _, _), server_checks in zip(begun, checks, strict=True):
            if server in below and all(check.rule == LAME for check in server_checks):
                server_checks.clear()  # it serves the delegated zone alone
        differing = [
            (server, one, group)
            for (server, one, _), group in zip(begun, checks, strict=True)
            if any(check.rule in (MISSING, CHANGED, EXTRA) for check in group)
        ]
        named = [_slips(server, one, plan.domain) for server, one, _ in differing]
        for (_, _, server_checks), more in zip(differing, await asyncio.gather(*named), strict=True):
            server_checks.extend(more)
    return Verdict(plan.domain, tuple(_seen(check for group in checks for check in group)))


def _seen(checks: Iterable[Check]) -> list[Check]:
    """Where no server at all could be reached from here, nothing is known: that is no verdict of "ok"."""
    results = list(checks)
    if any(check.status is not Status.NOT_CHECKABLE for check in results):
        return results
    return [replace(check, status=Status.UNKNOWN) for check in results]


def _is_referral(reply: Reply, name: str) -> bool:
    message = reply.message
    return bool(message) and not wire.authoritative(message) and referral(message, name) is not None


async def _at_its_own(one: _Wanted, above: Server, own: Sequence[Server]) -> list[Check]:
    """A delegated name is asked at the servers of its own zone."""
    async with asking() as asker:
        ways = [(server, await asker.reply(server, one.name, one.type, tcp=True)) for server in own]
    checks = [check for server, reply in ways for check in one.checks(server, [reply])]
    return checks or judge(above, (one.name, one.type), one.planned, Answer(problem=_DELEGATED))


_DELEGATED = Text("delegated, and its own servers cannot be found", "已委派，但找不到其自己的服务器")
_NONE: frozenset[bytes] = frozenset()


class _Wanted(NamedTuple):
    """A planned record set in the forms in which a reply is held against it.

    ``octets`` is empty where some value has no plain wire form: then every reply is parsed. ``good`` is the
    check of a server that has just this.
    """

    name: str
    type: str
    planned: tuple[PlannedRecord, ...]
    owner: bytes
    octets: frozenset[bytes]
    ttl: int
    good: Check

    @staticmethod
    def of(name: str, type: str, planned: tuple[PlannedRecord, ...]) -> _Wanted:
        """Raises nothing: what has no wire form is compared as dnspython reads it."""
        planned_values = {canonical(type, value): value for record in planned for value in record.values}
        octets = frozenset(
            rdata for value in planned_values if (rdata := wire.expected(type, value)) is not None
        )
        try:
            owner = wire.name(name)
        except ValueError:
            owner, octets = b"", frozenset()
        ttl = min(record.ttl for record in planned)
        place = next((record.position for record in planned if record.position), None)
        shown = (tuple(planned_values.values()), tuple(sorted(planned_values)))
        good = Check(AS_PLANNED, Status.PASS, name, type, *shown, "", _OK, place, ttl)
        return _Wanted(
            name, type, planned, owner, octets if len(octets) == len(planned_values) else _NONE, ttl, good
        )

    def checks(self, server: Server, replies: Sequence[Reply]) -> list[Check]:
        """UDP and TCP agree nearly always: then one line is enough for people."""
        first, *others = replies
        first_checks = self._check(server, first)
        results = dict.fromkeys(first_checks)
        for reply in others:
            if not self._same(first, reply):
                results |= dict.fromkeys(self._check(server, reply))
        return list(results)

    def _same(self, one: Reply, other: Reply) -> bool:
        """Whether two replies are the same octets, but for their ids and the letters of the question."""
        after = 12 + len(self.owner)
        a, b = one.message, other.message
        return len(a) > after and a[2:12] == b[2:12] and a[after:] == b[after:]

    def _check(self, server: Server, reply: Reply) -> list[Check]:
        """What the server says: compared octet by octet, and parsed only where it differs."""
        message, ttl = reply.message, None
        usable = reply.problem is None and not wire.code(message)
        if self.octets and usable and (wire.authoritative(message) or not server.authoritative):
            with contextlib.suppress(ValueError, struct.error, IndexError):
                ttl = wire.ttl_if_same(message, self.owner, self.type, self.octets)
        if ttl is None:
            answer = read(server, reply, self.name, self.type)
        elif ttl == self.ttl or not server.authoritative:
            good = self.good
            same = (good.rule, good.status, good.name, good.type, good.expected, good.found)
            return [Check(*same, str(server), good.text, good.position, ttl)]
        else:
            answer = Answer(self.good.found, ttl)
        return judge(server, (self.name, self.type), self.planned, answer)


async def _slips(server: Server, question: _Wanted, domain: str) -> list[Check]:
    async def values(name: str) -> tuple[str, ...]:
        return (await ask(server, name, question.type, tcp=True)).values

    return await slips(server, (question.name, question.type), question.planned, domain, values)


async def ask(server: Server, name: str, type: str, *, tcp: bool) -> Answer:
    """One question, sent again until it is answered; a truncated answer is asked for again over TCP."""
    async with asking() as asker:
        return read(server, await asker.reply(server, name, type, tcp=tcp), name, type)


def read(server: Server, reply: Reply, name: str, type: str) -> Answer:
    """What a reply says about one name and type. Never raises: what is malformed is a problem."""
    if reply.problem is not None:
        return Answer(problem=reply.problem, no_way=reply.no_way)
    try:
        return _read(server, dns.message.from_wire(reply.message), name, type)
    except (dns.exception.DNSException, ValueError, struct.error) as error:
        return Answer(problem=trouble(error))


def _read(server: Server, reply: dns.message.Message, name: str, type: str) -> Answer:
    if reply.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        code = dns.rcode.to_text(reply.rcode())
        return Answer(problem=plain(code), lame=reply.rcode() == dns.rcode.REFUSED)
    if server.authoritative and not reply.flags & dns.flags.AA:
        return Answer(problem=_NOT_AUTHORITATIVE, lame=True)
    for rrset in reply.answer:
        if rrset.name.to_text().lower() != name:
            continue
        if dns.rdatatype.to_text(rrset.rdtype) == type:
            return Answer(tuple(sorted(_value(type, rdata) for rdata in rrset)), rrset.ttl)
        if rrset.rdtype == dns.rdatatype.CNAME:
            return Answer(alias=rrset[0].target.to_text(), ttl=rrset.ttl)
    return Answer(ttl=_negative_ttl(reply))


def _negative_ttl(reply: dns.message.Message) -> int | None:
    """Seconds for which an absence is remembered: the SOA's TTL, at most its minimum (RFC 2308 §5)."""
    soa = (rrset for rrset in reply.authority if rrset.rdtype == dns.rdatatype.SOA)
    return next((min(rrset.ttl, rrset[0].minimum) for rrset in soa), None)


def _value(type: str, rdata: object) -> str:
    strings = getattr(rdata, "strings", None)
    if type in ("TXT", "SPF") and strings is not None:
        return txt.join(tuple(strings))
    return canonical(type, str(rdata))


def judge(
    server: Server, pair: tuple[str, str], planned: Sequence[PlannedRecord], answer: Answer
) -> list[Check]:
    """One server's answer about one record set, against what is planned there."""
    name, type = pair
    planned_values = {canonical(type, value): value for record in planned for value in record.values}

    def check(rule_: str, status: Status, text: Text, values: Iterable[str] = ()) -> Check:
        place = next((record.position for record in planned if record.position), None)
        expected = tuple(planned_values.values())
        return Check(rule_, status, name, type, expected, tuple(values), str(server), text, place, answer.ttl)

    if answer.problem is not None:
        rule_ = LAME if answer.lame else UNREACHABLE
        status = Status.NOT_CHECKABLE if answer.no_way else Status.UNKNOWN
        return [check(rule_, status, _NO_ANSWER.using(problem=answer.problem))]
    if answer.alias is not None:
        return [check(ALIASED, Status.FAIL, _ALIAS.using(target=answer.alias), [answer.alias])]
    have = {canonical(type, value): value for value in answer.values}
    missing = [value for key, value in planned_values.items() if key not in have]
    extra = [
        value for key, value in have.items() if key not in planned_values and _claimed(pair, value, planned)
    ]
    doubled = len(answer.values) > len(have)
    others = (value for key, value in have.items() if key not in planned_values and value not in extra)
    like = [check(r, Status.WARN, text, have.values()) for r, text in alike(pair, others, planned)]
    if not (missing or extra or doubled):
        return [_ttl_check(check, server, planned, answer, have), *like]
    shown = {"missing": _list(missing), "extra": _list(extra), "found": _list(have.values())}
    if missing and extra:
        return [check(CHANGED, Status.FAIL, _CHANGED.using(**shown), have.values()), *like]
    if missing:
        return [check(MISSING, Status.FAIL, _MISSING.using(**shown), have.values()), *like]
    return [check(EXTRA, Status.FAIL, _EXTRA.using(**shown), have.values()), *like]


def _ttl_check(
    check: Callable[..., Check],
    server: Server,
    planned: Sequence[PlannedRecord],
    answer: Answer,
    have: Mapping[str, str],
) -> Check:
    """A shared set has the TTL of whoever shares it; a resolver's TTL runs down."""
    ttl = min(record.ttl for record in planned)
    shared = len(have) > sum(len(record.values) for record in planned)
    if not server.authoritative or answer.ttl == ttl:
        return check(AS_PLANNED, Status.PASS, _OK, have.values())
    status = Status.PASS if shared else Status.FAIL
    return check(TTL, status, _TTL.using(ttl=ttl, live=answer.ttl), have.values())


def _claimed(pair: tuple[str, str], value: str, planned: Sequence[PlannedRecord]) -> bool:
    """Whether an unplanned value belongs to a family whose members exclude each other."""
    family = family_of(*pair, value)
    return family in WHOLE and family in {record.family for record in planned}


_OK = Text("as planned", "与计划一致")
_NOT_AUTHORITATIVE = Text("not authoritative", "不是权威应答")
_NO_ANSWER = Text("no usable answer ({problem})", "没有可用的应答（{problem}）")
_ALIAS = Text("there is a CNAME to {target} instead", "此处是指向 {target} 的 CNAME")
_MISSING = Text("missing: {missing}", "缺少：{missing}")
_CHANGED = Text("instead of {missing} there is {extra}", "应为 {missing}，实际为 {extra}")
_EXTRA = Text("more than planned: {extra}", "比计划多出：{extra}")
_TTL = Text("TTL is {live}, planned {ttl}", "TTL 为 {live}，计划 {ttl}")


def _list(values: Iterable[str]) -> str:
    return ", ".join(values) or "–"
