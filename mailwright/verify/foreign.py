"""What nobody planned and matters to mail: keys, exchangers and delegations of others, dangling targets."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence

from mailwright.model.checks import Check, Status
from mailwright.model.names import absolute, bare
from mailwright.model.plan import Plan
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.verify import wire
from mailwright.verify.asking import asking, settled
from mailwright.verify.dns import ask
from mailwright.verify.reply import Reply
from mailwright.verify.servers import Server, ServersError, system_resolvers

_NOERROR, _NXDOMAIN = 0, 3

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
    targets = {
        (each.name, each.type, value.split()[-1]): each
        for each in plan.records
        if each.type in ("MX", "CNAME")
        for value in each.values
        if value.split()[-1] != "."
    }

    try:
        asked = tuple(resolvers) or system_resolvers()
    except ServersError:
        asked = ()

    async def one(name: str, type: str, target: str) -> Check | None:
        there = await _exists(asked, target)
        if there:
            return None
        status, said = (Status.NOT_CHECKABLE, _UNSEEN) if there is None else (Status.FAIL, DANGLING.message)
        text = said.using(name=bare(name), target=bare(target))
        place = targets[name, type, target].position
        return Check(DANGLING.id, status, name, type, (target,), (), "", text, place)

    return [each for each in await asyncio.gather(*(one(*key) for key in targets)) if each]


async def _exists(resolvers: Sequence[Server], target: str) -> bool | None:
    """Whether a host name exists; None where no resolver can tell."""
    top = bare(target).rpartition(".")[2] + "."
    async with asking() as asker:
        for each in resolvers:
            known, reply = [asker.begin(each, *pair) for pair in ((top, "SOA"), (target, "A"))]
            if not _answered(await settled(known)):
                continue
            said = await settled(reply)
            if said.problem is None and wire.code(said.message) in (_NOERROR, _NXDOMAIN):
                return wire.code(said.message) == _NOERROR
    return None


def _answered(reply: Reply) -> bool:
    """Whether the resolver gave the SOA of a top-level domain, so that it knows the world outside."""
    if reply.problem is not None or wire.code(reply.message):
        return False
    try:
        return any(not each.section for each in wire.records(reply.message))
    except (ValueError, struct.error, IndexError):
        return False
