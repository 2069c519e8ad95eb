"""The plan against living DNS: every server, value by value and TTL by TTL.

What could not be asked is ``unknown``, never a failure and never a pass.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from mailwright.model import txt
from mailwright.model.checks import Check, Status, Verdict
from mailwright.model.families import WHOLE, family_of
from mailwright.model.names import absolute, bare
from mailwright.model.plan import Plan
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.compare import canonical
from mailwright.verify import wire
from mailwright.verify.asking import asking, settled
from mailwright.verify.peers import Reply
from mailwright.verify.servers import Server


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
    "Another value stands in the place of the planned one.",
    "应有的值被换成了另一个值。",
    "Find out who changed it, then run `mailwright up`, or correct the record as the sheet has it.",
    "请先查明是谁改动的，再运行 `mailwright up`，或按清单改正该记录。",
)
EXTRA = _check_rule(
    "record-extra",
    Severity.ERROR,
    "More stands there than is planned, where only the planned values may stand.",
    "此处只应有计划中的值，却多出了其他值。",
    "Delete what is too much, or write it into the spec.",
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
    "A CNAME stands where records are planned; beside it nothing can stand.",
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
SLIP = _check_rule(
    "pasted-slip",
    Severity.WARNING,
    "What differs looks like a slip of pasting.",
    "差异看起来是粘贴时的失误。",
    "Paste the record again, just as the check says.",
    "请按检查结果的提示重新粘贴该记录。",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one server says about one name and type; ``problem`` where it says nothing usable.

    ``no_way``: this machine cannot reach such an address (mostly IPv6).
    """

    values: tuple[str, ...] = ()
    ttl: int | None = None
    alias: str | None = None
    problem: str | None = None
    lame: bool = False
    no_way: bool = False


async def verify(plan: Plan, servers: Sequence[Server]) -> Verdict:
    """Ask every server for every planned record set, over UDP and over TCP."""
    sets: dict[tuple[str, str], list[PlannedRecord]] = defaultdict(list)
    for each in plan.records:
        sets[each.name, each.type].append(each)
    wanted = {pair: _Wanted.of(pair, planned) for pair, planned in sets.items()}
    async with asking() as asker:
        begun = [
            (server, pair, [asker.begin(server, *pair, tcp=tcp) for tcp in (False, True)])
            for server in servers
            for pair in sets
        ]
        checks: list[list[Check]] = []
        for server, pair, ways in begun:
            answers = [wanted[pair].answer(server, await settled(way)) for way in ways]
            checks.append(_both_ways(server, pair, sets[pair], answers))
        differing = [
            (server, pair, made)
            for (server, pair, _), made in zip(begun, checks, strict=True)
            if any(each.rule in (MISSING, CHANGED, EXTRA) for each in made)
        ]
        slips = [_slips(server, pair, sets[pair], plan.domain) for server, pair, _ in differing]
        for (_, _, made), named in zip(differing, await asyncio.gather(*slips), strict=True):
            made.extend(named)
    return Verdict(plan.domain, tuple(_seen(each for made in checks for each in dict.fromkeys(made))))


def _both_ways(
    server: Server, pair: tuple[str, str], planned: Sequence[PlannedRecord], answers: Sequence[Answer]
) -> list[Check]:
    """UDP and TCP agree nearly always: then one line is enough for people."""
    first, *others = dict.fromkeys(answers)
    checks = judge(server, pair, planned, first)
    for each in others:
        checks = [*checks, *judge(server, pair, planned, each)]
    return list(dict.fromkeys(checks))


def _seen(checks: Iterable[Check]) -> list[Check]:
    """Where no server at all could be reached from here, nothing is known: that is no verdict of "ok"."""
    made = list(checks)
    if any(each.status is not Status.NOT_CHECKABLE for each in made):
        return made
    return [replace(each, status=Status.UNKNOWN) for each in made]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A planned record set in the forms in which a reply is held against it.

    ``octets`` is None where some value has no plain wire form: then every reply is parsed.
    """

    name: str
    type: str
    values: tuple[str, ...]
    octets: frozenset[bytes] | None

    @staticmethod
    def of(pair: tuple[str, str], planned: Sequence[PlannedRecord]) -> _Wanted:
        values = sorted({canonical(pair[1], value) for each in planned for value in each.values})
        octets = [wire.expected(pair[1], value) for value in values]
        plain = frozenset(each for each in octets if each is not None)
        return _Wanted(*pair, tuple(values), plain if len(plain) == len(values) else None)

    def answer(self, server: Server, reply: Reply) -> Answer:
        """What the server says: compared octet by octet, and parsed only where it differs."""
        usable = reply.problem is None and not wire.code(reply.message)
        if self.octets and usable and (wire.authoritative(reply.message) or not server.authoritative):
            with contextlib.suppress(ValueError, struct.error, IndexError):
                ttl = wire.ttl_if_same(reply.message, self.type, self.octets)
                if ttl is not None:
                    return Answer(self.values, ttl)
        return read(server, reply, self.name, self.type)


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
        return Answer(problem=(str(error) or error.__class__.__name__).splitlines()[0])


def _read(server: Server, reply: dns.message.Message, name: str, type: str) -> Answer:
    if reply.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        code = dns.rcode.to_text(reply.rcode())
        return Answer(problem=code, lame=reply.rcode() == dns.rcode.REFUSED)
    if server.authoritative and not reply.flags & dns.flags.AA:
        return Answer(problem="not authoritative", lame=True)
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
    soa = (each for each in reply.authority if each.rdtype == dns.rdatatype.SOA)
    return next((min(each.ttl, each[0].minimum) for each in soa), None)


def _value(type: str, rdata: object) -> str:
    strings = getattr(rdata, "strings", None)
    if type == "TXT" and strings is not None:
        return txt.join(tuple(strings))
    return canonical(type, str(rdata))


def judge(
    server: Server, pair: tuple[str, str], planned: Sequence[PlannedRecord], answer: Answer
) -> list[Check]:
    """One server's answer about one record set, against what is planned there."""
    name, type = pair
    wanted = {canonical(type, value): value for each in planned for value in each.values}

    def check(rule_: str, status: Status, text: Text, found: Iterable[str] = ()) -> Check:
        place = next((each.position for each in planned if each.position), None)
        expected = tuple(wanted.values())
        return Check(rule_, status, name, type, expected, tuple(found), str(server), text, place, answer.ttl)

    if answer.problem is not None:
        rule_ = LAME if answer.lame else UNREACHABLE
        status = Status.NOT_CHECKABLE if answer.no_way else Status.UNKNOWN
        return [check(rule_, status, _NO_ANSWER.using(problem=answer.problem))]
    if answer.alias is not None:
        return [check(ALIASED, Status.FAIL, _ALIAS.using(target=answer.alias), [answer.alias])]
    have = {canonical(type, value): value for value in answer.values}
    missing = [value for key, value in wanted.items() if key not in have]
    extra = [value for key, value in have.items() if key not in wanted and _claimed(pair, value, planned)]
    doubled = len(answer.values) > len(have)
    shown = {"missing": _list(missing), "extra": _list(extra), "found": _list(have.values())}
    if missing and extra:
        return [check(CHANGED, Status.FAIL, _CHANGED.using(**shown), have.values())]
    if missing:
        return [check(MISSING, Status.FAIL, _MISSING.using(**shown), have.values())]
    if extra or doubled:
        return [check(EXTRA, Status.FAIL, _EXTRA.using(**shown), have.values())]
    return [_ttl_check(check, server, planned, answer, have)]


def _ttl_check(
    check: Callable[..., Check],
    server: Server,
    planned: Sequence[PlannedRecord],
    answer: Answer,
    have: Mapping[str, str],
) -> Check:
    """A shared set has the TTL of whoever shares it; a resolver's TTL runs down."""
    ttl = min(each.ttl for each in planned)
    shared = len(have) > sum(len(each.values) for each in planned)
    if not server.authoritative or answer.ttl == ttl:
        return check(AS_PLANNED, Status.PASS, _OK, have.values())
    status = Status.PASS if shared else Status.FAIL
    return check(TTL, status, _TTL.using(ttl=ttl, live=answer.ttl), have.values())


def _claimed(pair: tuple[str, str], value: str, planned: Sequence[PlannedRecord]) -> bool:
    """Whether an unplanned value belongs to a family whose members exclude each other."""
    family = family_of(*pair, value)
    return family in WHOLE and family in {each.family for each in planned}


_OK = Text("as planned", "与计划一致")
_NO_ANSWER = Text("no usable answer ({problem})", "没有可用的应答（{problem}）")
_ALIAS = Text("a CNAME to {target} stands there instead", "此处是指向 {target} 的 CNAME")
_MISSING = Text("missing: {missing}", "缺少：{missing}")
_CHANGED = Text("instead of {missing} there is {extra}", "应为 {missing}，实际为 {extra}")
_EXTRA = Text("more than planned: {extra}", "比计划多出：{extra}")
_TTL = Text("TTL is {live}, planned {ttl}", "TTL 为 {live}，计划 {ttl}")
_SLIPPED = Text(
    "it stands at {where}: the console adds the domain itself, enter only the part before it",
    "它写在了 {where}：控制台会自动补全域名，主机记录只需填写域名之前的部分",
)
_QUOTED = Text("the value has quotes in it: paste it without", "值中带了引号：请去掉引号重新粘贴")
_FULL_WIDTH = Text(
    "the value has full-width characters in it: type it with the English keyboard",
    "值中含有全角字符：请切换到英文半角输入",
)
_BLANK = Text(
    "a blank was lost or added: copy the whole value again",
    "值中少了或多了空格：请重新完整复制",
)
_RELATIVE = Text(
    "the mail exchanger got the domain appended: end it with a dot, or enter it as the console wants names",
    "MX 主机名被补上了域名：请在末尾加点，或按控制台要求填写完整主机名",
)


#: What went wrong, and what makes the pasted value and the wanted one the same again.
_SLIPS: tuple[tuple[Text, Callable[[str], str]], ...] = (
    (_QUOTED, lambda value: value.strip('"“”')),
    (_FULL_WIDTH, lambda value: unicodedata.normalize("NFKC", value)),
    (_BLANK, lambda value: "".join(value.split())),
)


async def _slips(
    server: Server, pair: tuple[str, str], planned: Sequence[PlannedRecord], domain: str
) -> list[Check]:
    """The usual slips of hand-pasted records, named (facts: every console has its own)."""
    name, type = pair
    wanted = {canonical(type, value) for each in planned for value in each.values}

    def check(text: Text, found: Iterable[str]) -> Check:
        return Check(SLIP, Status.WARN, name, type, tuple(sorted(wanted)), tuple(found), str(server), text)

    doubled = await ask(server, name + absolute(domain), type, tcp=True)
    if wanted & {canonical(type, value) for value in doubled.values}:
        return [check(_SLIPPED.using(where=bare(name + absolute(domain))), doubled.values)]
    here = await ask(server, name, type, tcp=True)
    if type == "TXT":
        for text, undone in _SLIPS:
            there = {undone(value) for value in here.values if value not in wanted}
            if there & {undone(value) for value in wanted}:
                return [check(text, here.values)]
    apex = absolute(domain)
    appended = {each.removesuffix(apex) for each in here.values if type == "MX" and each.endswith(f".{apex}")}
    return [check(_RELATIVE, here.values)] if wanted & appended else []


def _list(values: Iterable[str]) -> str:
    return ", ".join(values) or "–"
