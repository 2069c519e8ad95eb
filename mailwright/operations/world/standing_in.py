"""Addresses that stand in SPF in place of the old mail host's include: a copy, and copies age."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence

from mailwright.model.checks import Check, Status
from mailwright.model.names import absolute
from mailwright.model.plan import Plan
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.plan.records import moving
from mailwright.resolving.discovery import ServersError, system_resolvers
from mailwright.resolving.lookups import judged
from mailwright.resolving.server import Server
from mailwright.spec.model import MailSpec, Move, Stage
from mailwright.standards import spf
from mailwright.standards.spf.flattening import NotAddresses, flattened

CHANGED = rule(
    "move-addresses-changed",
    Severity.ERROR,
    en="The SPF addresses of {seen} are not those of the include any more. It adds {added} and "
    "no longer has {gone}: mail from the added ones fails SPF.",
    zh="SPF 中 {seen} 的地址与其 include 已不一致：新增 {added}，减少 {gone}。"
    "从新增地址发出的邮件 SPF 会失败。",
    hint_en="Within 24 hours write moving_from.addresses as `mailwright migrate SPEC` prints them, then "
    "`mailwright up`.",
    hint_zh="请在 24 小时内按 `mailwright migrate 规格` 给出的内容改写 moving_from.addresses，再运行 "
    "`mailwright up`。",
    reference="RFC 7208 §5.2",
)
_SAME = Text("the addresses of {seen} are still those of the include", "{seen} 的地址与其 include 仍然一致")
_UNTOLD = Text(
    "it cannot be determined whether the addresses of {seen} are still those of the include: {reason}",
    "无法得知 {seen} 的地址与其 include 是否仍然一致：{reason}",
)


def addresses_now(spec: MailSpec, move: Move, resolvers: Sequence[Server]) -> tuple[str, ...] | NotAddresses:
    """What the old host's include lets send today, as SPF terms; no resolvers: this machine's."""
    terms = moving.terms(spec, move.host)
    names = tuple(term.partition(":")[2] for term in terms if term.startswith("include:"))

    def judge(lookup: spf.Lookup) -> tuple[str, ...] | NotAddresses:
        try:
            return flattened(names, lookup)
        except NotAddresses as error:
            return error

    with contextlib.suppress(ServersError):
        resolvers = resolvers or system_resolvers()
    (seen,) = asyncio.run(judged([judge], resolvers))
    return seen


def aged(plans: Sequence[tuple[MailSpec, Plan]], resolvers: Sequence[Server]) -> Iterator[tuple[str, Check]]:
    """Domain and check for each move whose SPF has addresses in place of an include."""
    for spec, plan in plans:
        move = spec.moving_from
        if move and move.addresses and move.stage is not Stage.WITHDRAW and plan.domain == spec.domain:
            yield plan.domain, _compared(spec, move, addresses_now(spec, move, resolvers))


def _compared(spec: MailSpec, move: Move, now: tuple[str, ...] | NotAddresses) -> Check:
    name, seen = absolute(spec.domain), move.seen.isoformat() if move.seen else "–"
    place = spec.at("moving_from.addresses")
    if isinstance(now, NotAddresses):
        text = _UNTOLD.using(seen=seen, reason=now.text)
        return Check(CHANGED.id, Status.UNKNOWN, name, "TXT", move.addresses, (), "", text, place)
    if set(now) == set(move.addresses):
        return Check(
            CHANGED.id, Status.PASS, name, "TXT", move.addresses, now, "", _SAME.using(seen=seen), place
        )
    added, gone = (
        ", ".join(sorted(terms)) or "–"
        for terms in (set(now) - {*move.addresses}, {*move.addresses} - set(now))
    )
    text = CHANGED.message.using(seen=seen, added=added, gone=gone)
    return Check(CHANGED.id, Status.FAIL, name, "TXT", move.addresses, now, "", text, place)
