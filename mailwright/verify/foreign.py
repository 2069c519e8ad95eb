"""What nobody planned and matters to mail: keys, exchangers and delegations of others, dangling targets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import dns.asyncresolver
import dns.exception
import dns.resolver

from mailwright.model.checks import Check, Status
from mailwright.model.names import absolute, bare
from mailwright.model.plan import Plan
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.verify.dns import ask
from mailwright.verify.servers import Server

#: Selectors in wide use. A zone cannot be listed from outside: others stay unseen.
SELECTORS = (
    *("default", "dkim", "mail", "smtp", "google", "selector1", "selector2", "s1", "s2", "k1", "k2", "k3"),
    *("zmail", "zoho", "mandrill", "mxvault", "key1", "key2", "fm1", "fm2", "fm3", "pm", "sig1", "brevo"),
)
#: Names below a domain that commonly receive or send mail of their own.
NAMES = ("mail", "email", "news", "newsletter", "send", "bounce", "em", "mg", "smtp", "mx", "shop", "crm")

SELECTOR = rule(
    "foreign-selector",
    Severity.WARNING,
    en="{name} holds a signing key that the spec does not name.",
    zh="{name} 上有规格中未声明的 DKIM 公钥。",
    hint_en="Write the sender into the spec, or delete the record: whoever has the key signs in your name.",
    hint_zh="请把该发信服务写进规格，或删除此记录：持有私钥的人可以用你的名义签名。",
)
BELOW = rule(
    "foreign-mail-below",
    Severity.WARNING,
    en="{name} has {type} records that the spec does not name.",
    zh="{name} 上有规格中未声明的 {type} 记录。",
    hint_en="Mail of this name goes where the spec says nothing about: write it down, or delete them.",
    hint_zh="该子域名的邮件去向不在规格之中：请写进规格，或删除这些记录。",
)
DANGLING = rule(
    "target-dangling",
    Severity.ERROR,
    en="{name} points at {target}, which does not exist.",
    zh="{name} 指向的 {target} 不存在。",
    hint_en="Whoever registers that name takes it over: correct the target, or delete the record.",
    hint_zh="他人一旦注册该名称即可接管：请更正目标，或删除此记录。",
)

_UNSEEN = Text("{target} could not be resolved from here", "在此处无法解析 {target}")


async def survey(plan: Plan, server: Server) -> list[Check]:
    """Ask one server for well-known names that the plan has nothing at."""
    known = {(each.name, each.type) for each in plan.records}
    names = {each.name for each in plan.records}
    base = absolute(plan.domain)
    keys = [(f"{each}._domainkey.{base}", "TXT") for each in SELECTORS]
    below = [(f"{each}.{base}", type) for each in NAMES for type in ("MX", "NS")]
    wildcard = f"*._domainkey.{base}" in names
    pairs = [pair for pair in ((*below,) if wildcard else (*keys, *below)) if pair not in known]
    limit = asyncio.Semaphore(16)

    async def one(name: str, type: str) -> Check | None:
        async with limit:
            answer = await ask(server, name, type, tcp=False)
        found = answer.values or ((answer.alias,) if answer.alias and type == "TXT" else ())
        if answer.problem or not found or name in names:
            return None
        if type == "TXT" and not answer.alias and not any("p=" in each for each in found):
            return None
        made = SELECTOR if type == "TXT" else BELOW
        text = made.message.using(name=bare(name), type=type)
        return Check(made.id, Status.WARN, name, type, (), tuple(found), str(server), text)

    return [each for each in await asyncio.gather(*(one(*pair) for pair in pairs)) if each]


async def dangling(plan: Plan, resolvers: Sequence[Server]) -> list[Check]:
    """Whether what planned MX and CNAME records point at exists; asked of resolvers only.

    Only NXDOMAIN proves an absence, and only from a resolver that knows the top-level domain (a closed
    network's may know nothing outside): every other failure is ``not-checkable``.
    """
    resolver = dns.asyncresolver.Resolver(configure=not resolvers)
    if resolvers:
        resolver.nameservers = [each.address for each in resolvers]
        resolver.port = resolvers[0].port
    resolver.lifetime = 2.0
    targets = {
        (each.name, each.type, value.split()[-1]): each
        for each in plan.records
        if each.type in ("MX", "CNAME")
        for value in each.values
        if value.split()[-1] != "."
    }

    async def one(name: str, type: str, target: str) -> Check | None:
        there = await _exists(resolver, target)
        if there:
            return None
        status, said = (Status.NOT_CHECKABLE, _UNSEEN) if there is None else (Status.FAIL, DANGLING.message)
        text = said.using(name=bare(name), target=bare(target))
        place = targets[name, type, target].position
        return Check(DANGLING.id, status, name, type, (target,), (), "", text, place)

    return [each for each in await asyncio.gather(*(one(*key) for key in targets)) if each]


async def _exists(resolver: dns.asyncresolver.Resolver, target: str) -> bool | None:
    """Whether a host name exists; None where this resolver cannot tell."""
    try:
        await resolver.resolve(bare(target).rpartition(".")[2] + ".", "SOA")
    except (dns.exception.DNSException, OSError):
        return None
    try:
        await resolver.resolve(target, "A", raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return False
    except (dns.exception.DNSException, OSError):
        return None
    return True
