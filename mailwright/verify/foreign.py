"""What nobody planned and matters to mail: keys, exchangers and delegations of others, dangling targets."""

from __future__ import annotations

import asyncio
import re
import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import dns.exception
import dns.message
import dns.rdatatype

from mailwright.model.checks import Check, Status
from mailwright.model.family import Family
from mailwright.model.names import absolute, bare
from mailwright.model.plan import Plan
from mailwright.model.readings import reading
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.transition.wildcards import mail_domains
from mailwright.resolving import wire
from mailwright.resolving.asking import asking, settled
from mailwright.resolving.discovery import ServersError, system_resolvers
from mailwright.resolving.reply import CHANCE, Reply
from mailwright.resolving.server import Server
from mailwright.standards import spf
from mailwright.verify.dns import Answer, read

_NOERROR, _NXDOMAIN = 0, 3

#: Selectors in wide use. A zone cannot be listed from outside: others stay unseen.
SELECTORS = (
    *("default", "dkim", "mail", "smtp", "google", "selector1", "selector2", "s1", "s2", "k1", "k2", "k3"),
    *("zmail", "zoho", "mandrill", "mxvault", "key1", "key2", "fm1", "fm2", "fm3", "pm", "sig1", "brevo"),
)
#: Names below a domain that commonly receive or send mail of their own.
NAMES = (
    "mail",
    "email",
    "news",
    "newsletter",
    "send",
    "bounce",
    "em",
    "mg",
    "smtp",
    "mx",
    "shop",
    "crm",
    "www",
)
#: Names that programs ask on their own: whoever answers there gets passwords, or decides about TLS.
ALIASED = ("autodiscover", "autoconfig", "mta-sts")

SELECTOR = rule(
    "foreign-selector",
    Severity.WARNING,
    en="{name} holds a signing key that the spec does not name.",
    zh="{name} 上有规格中未声明的 DKIM 公钥。",
    hint_en="Write the sender into the spec, or delete the record: whoever has the key signs in your name.",
    hint_zh="请把该发信服务写进规格，或删除此记录：持有私钥的人可以用您的名义签名。",
)
BELOW = rule(
    "foreign-mail-below",
    Severity.WARNING,
    en="{name} has {type} records that the spec does not name.",
    zh="{name} 上有规格中未声明的 {type} 记录。",
    hint_en="Mail of this name goes where the spec says nothing about: write it down, or delete them.",
    hint_zh="该子域名的邮件去向不在规格之中：请写进规格，或删除这些记录。",
)
POLICY = rule(
    "foreign-mta-sts",
    Severity.WARNING,
    en="{name} announces an MTA-STS policy that the spec does not name.",
    zh="{name} 声明了规格中没有的 MTA-STS 策略。",
    hint_en="Delete the record, or write mta_sts: into the spec: senders that hold the policy refuse "
    "exchangers that it does not name.",
    hint_zh="请删除该记录，或把 mta_sts: 写进规格：缓存了该策略的发信方会拒绝策略中没有列出的邮件服务器。",
    reference="RFC 8461 §5",
)
NO_MAIL = rule(
    "sender-domain-takes-no-mail",
    Severity.WARNING,
    en="Mail is sent as addresses of {name}, and mail to them reaches nobody: there is no MX and no address.",
    zh="有邮件以 {name} 的地址发出，但发往这些地址的邮件无人收到：该名称没有 MX，也没有 A、AAAA 记录。",
    hint_en="Answers and bounces to it are lost, and some receivers refuse such senders. Give it an MX "
    "(as_found: [{{name: …, type: MX, values: […]}}]), or send as an address of the domain itself.",
    hint_zh="发往它的回复和退信会丢失，有些收件方还会拒收这样的发件人。请为它添加 MX"
    "（as_found: [{{name: …, type: MX, values: […]}}]），或改用主域名的地址发信。",
    reference="RFC 5321 §5.1",
)
DANGLING = rule(
    "target-dangling",
    Severity.ERROR,
    en="{name} points at {target}, which does not exist.",
    zh="{name} 指向的 {target} 不存在。",
    hint_en="Whoever registers that name takes it over: correct the target, or delete the record.",
    hint_zh="他人一旦注册该名称即可接管：请更正目标，或删除此记录。",
)

#: A key that is not empty.
_KEY = re.compile(r"(?:^|;)[ \t\r\n]*p[ \t\r\n]*=[ \t\r\n]*[^; \t\r\n]")
_UNSEEN = Text("{target} could not be resolved from here", "在此处无法解析 {target}")


async def survey(plan: Plan, servers: Sequence[Server], resolvers: Sequence[Server] = ()) -> list[Check]:
    """Ask the first of these servers that answers for well-known names that the plan has nothing at.

    What a wildcard says at every name is told once, or not at all where it holds no key and takes no mail.
    """
    for server in servers:
        everywhere = await _everywhere(server, absolute(plan.domain))
        if everywhere is not None:
            return await _survey(plan, server, everywhere, resolvers)
    return []  # nobody answers: verify says so


@dataclass(frozen=True, slots=True)
class _Everywhere:
    """What names get that surely do not exist: a wildcard's answers."""

    keys: Answer
    mail: Answer
    alias: str | None

    def says(self, type: str, answer: Answer) -> bool:
        """Whether an answer is just that of the wildcard."""
        other = self.keys if type == "TXT" else self.mail
        same = (answer.values, answer.alias) == (other.values, other.alias)
        return same and bool(other.values or other.alias)


async def _everywhere(server: Server, base: str) -> _Everywhere | None:
    """None where the server gives no usable answer."""
    label = f"no-such-name-{CHANCE.number():04x}"
    pairs = ((f"{label}._domainkey.{base}", "TXT"), (f"{label}.{base}", "MX"))
    keys, mail = await asyncio.gather(*(_foreign(server, *pair) for pair in pairs))
    return _Everywhere(keys, mail, mail.alias) if not (keys.problem or mail.problem) else None


async def _survey(
    plan: Plan, server: Server, everywhere: _Everywhere, resolvers: Sequence[Server]
) -> list[Check]:
    known = {(record.name, record.type) for record in plan.records}
    names = {record.name for record in plan.records}
    base = absolute(plan.domain)
    keys = [(f"{selector}._domainkey.{base}", "TXT") for selector in SELECTORS]
    below = [(f"{name}.{base}", type) for name in NAMES for type in ("MX", "NS")]
    others = [(base, "SPF"), (f"_mta-sts.{base}", "TXT"), *((f"{name}.{base}", "A") for name in ALIASED)]
    every = (*keys, *below, *others)
    pairs = [pair for pair in every if pair not in known and (pair[0] not in names or pair[1] == "SPF")]
    limit = asyncio.Semaphore(16)

    async def one(name: str, type: str) -> Answer:
        async with limit:
            return await _foreign(server, name, type)

    answers = dict(zip(pairs, await asyncio.gather(*(one(*pair) for pair in pairs)), strict=True))
    own = {pair: answer for pair, answer in answers.items() if not everywhere.says(pair[1], answer)}
    checks = [*_wild(base, known, everywhere, server)]
    checks += [_told(pair, answer, server) for pair, answer in own.items() if _matters(*pair, answer)]
    aliases = {name: answer.alias for (name, _), answer in own.items() if answer.alias}
    checks += await _hanging(aliases, everywhere.alias, server, resolvers)
    checks += await _unanswerable(plan, server)
    return checks


async def _unanswerable(plan: Plan, server: Server) -> list[Check]:
    """Names that somebody writes as and that take no mail: a new record may have ended a wildcard there."""
    planned = {record.name for record in plan.records if record.type in ("MX", "CNAME")}
    names = sorted(mail_domains(plan.records) - planned - {absolute(plan.domain)})

    async def one(name: str) -> Check | None:
        for type in ("MX", "A", "AAAA"):
            answer = await _foreign(server, name, type)
            if answer.problem is not None or answer.values or answer.alias:
                return None
        text = NO_MAIL.message.using(name=bare(name))
        return Check(NO_MAIL.id, Status.WARN, name, "MX", (), (), str(server), text)

    return [result for result in await asyncio.gather(*map(one, names)) if result]


def _wild(
    base: str, known: Collection[tuple[str, str]], everywhere: _Everywhere, server: Server
) -> Iterator[Check]:
    """One check a wildcard that nobody planned; an alias of every name is none of a key."""
    answers = ((f"*._domainkey.{base}", "TXT", everywhere.keys), (f"*.{base}", "MX", everywhere.mail))
    for name, type, answer in answers:
        general = answer.alias is not None and answer.alias == everywhere.alias
        if (name, type) not in known and not general and _matters(name, type, answer):
            yield _told((name, type), answer, server)


async def _foreign(server: Server, name: str, type: str) -> Answer:
    """A server's answer; a delegation, which says that the name is another zone's, counts as its NS set.

    An alias is in small letters: compressed, it has those of the question, which are mixed by chance.
    """
    async with asking() as asker:
        reply = await asker.reply(server, name, type)
    answer = (_delegation(reply, name) if type == "NS" else None) or read(server, reply, name, type)
    return replace(answer, alias=answer.alias.lower()) if answer.alias else answer


def _delegation(reply: Reply, name: str) -> Answer | None:
    """The NS set of a referral (RFC 1034 §4.3.2), which is no authoritative answer; None where it is none."""
    if reply.problem is not None:
        return None
    try:
        sets = dns.message.from_wire(reply.message).authority
    except (dns.exception.DNSException, ValueError, struct.error):
        return None
    for rrset in sets:
        if rrset.rdtype == dns.rdatatype.NS and rrset.name.to_text().lower() == name:
            return Answer(tuple(sorted(str(rdata).lower() for rdata in rrset)), rrset.ttl)
    return None


def _matters(name: str, type: str, answer: Answer) -> bool:
    """A key that is not revoked (RFC 6376 §3.6.1), or an alias that may lead to one; exchangers; servers."""
    if answer.problem is not None or type == "A":
        return False
    if name.startswith("_mta-sts."):
        return bool(answer.alias) or any(reading(Family.MTA_STS, value) for value in answer.values)
    if type == "SPF":
        return bool(answer.values)  # an alias there is the name's, whatever the type
    if type == "TXT":
        return bool(answer.alias) or any(_KEY.search(value) for value in answer.values)
    return bool(answer.values)


def _told(pair: tuple[str, str], answer: Answer, server: Server) -> Check:
    name, type = pair
    if type == "SPF":
        old = spf.lint_old_type(answer.values, domain=bare(name))[0]
        message = old.definition.message.using(**old.params)
        return Check(old.rule, Status.WARN, name, type, (), answer.values, str(server), message)
    foreign_rule = BELOW if type != "TXT" else POLICY if name.startswith("_mta-sts.") else SELECTOR
    text = foreign_rule.message.using(name=bare(name), type=type)
    values = answer.values or tuple(filter(None, (answer.alias,)))
    return Check(foreign_rule.id, Status.WARN, name, type, (), values, str(server), text)


async def _hanging(
    aliases: Mapping[str, str], general: str | None, server: Server, resolvers: Sequence[Server]
) -> list[Check]:
    """Aliases that nobody planned and that lead to nothing; where no resolver can tell, nothing is said."""
    asked = _asked(resolvers)

    async def one(name: str, target: str) -> Check | None:
        if target == general or await _exists(asked, target) is not False:
            return None
        text = DANGLING.message.using(name=bare(name), target=bare(target))
        return Check(DANGLING.id, Status.WARN, name, "CNAME", (), (target,), str(server), text)

    return [check for check in await asyncio.gather(*(one(*pair) for pair in aliases.items())) if check]


async def dangling(plan: Plan, resolvers: Sequence[Server]) -> list[Check]:
    """Whether what planned MX, CNAME and SRV records point at exists; asked of resolvers only.

    Only NXDOMAIN proves an absence, and only from a resolver that knows the top-level domain (a closed
    network's may know nothing outside): every other failure is ``not-checkable``.
    """
    targets = {
        (record.name, record.type, value.split()[-1]): record
        for record in plan.records
        if record.type in ("MX", "CNAME", "SRV")
        for value in record.values
        if value.split()[-1] != "."
    }
    asked = _asked(resolvers)

    async def one(name: str, type: str, target: str) -> Check | None:
        there = await _exists(asked, target)
        if there:
            return None
        status, message = (
            (Status.NOT_CHECKABLE, _UNSEEN) if there is None else (Status.FAIL, DANGLING.message)
        )
        text = message.using(name=bare(name), target=bare(target))
        place = targets[name, type, target].position
        return Check(DANGLING.id, status, name, type, (target,), (), "", text, place)

    return [result for result in await asyncio.gather(*(one(*key) for key in targets)) if result]


def _asked(resolvers: Sequence[Server]) -> tuple[Server, ...]:
    """Those given, else this machine's; none where it has none."""
    try:
        return tuple(resolvers) or system_resolvers()
    except ServersError:
        return ()


async def _exists(resolvers: Sequence[Server], target: str) -> bool | None:
    """Whether a host name exists; None where no resolver can tell."""
    top = bare(target).rpartition(".")[2] + "."
    async with asking() as asker:
        for resolver in resolvers:
            known, reply = [asker.begin(resolver, *pair) for pair in ((top, "SOA"), (target, "A"))]
            if not _answered(await settled(known)):
                continue
            answer = await settled(reply)
            if answer.problem is None and wire.code(answer.message) in (_NOERROR, _NXDOMAIN):
                return wire.code(answer.message) == _NOERROR
    return None


def _answered(reply: Reply) -> bool:
    """Whether the resolver gave the SOA of a top-level domain, so that it knows the world outside."""
    if reply.problem is not None or wire.code(reply.message):
        return False
    try:
        return any(not record.section for record in wire.records(reply.message))
    except (ValueError, struct.error, IndexError):
        return False
