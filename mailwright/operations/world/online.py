"""The living half of ``check --online``: resolvers asked, each question once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from mailwright.model.families import Family
from mailwright.model.names import absolute
from mailwright.model.plan import Plan
from mailwright.operations.processes import spread
from mailwright.operations.world.verification import undisturbed
from mailwright.plan.lint.living import Living, one, overlay, together
from mailwright.resolving.discovery import system_resolvers
from mailwright.resolving.lookups import judged
from mailwright.resolving.server import Server
from mailwright.resolving.sharing import one_of
from mailwright.standards import dmarc, null_mx
from mailwright.standards.spf import Lookup


def look(plans: Sequence[Plan], resolvers: Sequence[Server] = ()) -> Living:
    """Judge the plans by live look-ups; no ``resolvers`` means this machine's.

    Raises ServersError where the machine has none.
    """
    asked = tuple(resolvers) or system_resolvers()
    own = overlay(plans, _outside)

    def part(some: Sequence[Plan], count: int) -> list[Living]:
        with one_of(count):
            return asyncio.run(_living(some, own, asked))

    with undisturbed():
        return together(spread(part, plans))


async def _living(plans: Sequence[Plan], own: Lookup, resolvers: Sequence[Server]) -> list[Living]:
    """Plan by plan: what waits for an answer does not hold up, or repeat, the rest.

    ``own`` answers from what all plans publish, also those that another process looks at.
    """

    def judge(plan: Plan) -> Callable[[Lookup], Living]:

        def answer(lookup: Lookup, name: str, type: str) -> Sequence[str]:
            try:
                return own(name, type)
            except _Outside as outside:
                return lookup(outside.name, outside.type)

        return lambda lookup: one(plan, partial(answer, lookup))

    likely = [tuple(_likely(plan)) for plan in plans]
    return await judged([judge(plan) for plan in plans], resolvers, likely)


def _likely(plan: Plan) -> Iterator[tuple[str, str]]:
    """What a plan alone leans on and is surely asked for: known at once, it needs no second judgement."""
    for record in plan.records:
        if record.type == "MX":
            for host in null_mx.exchangers(record.values):
                yield from ((absolute(host), type) for type in ("A", "AAAA"))
        elif record.family is Family.DMARC and (policy := dmarc.only_record(record.values)):
            for mailbox in (*policy.rua, *policy.ruf):
                home = mailbox.rpartition("@")[2].lower()
                if home != plan.domain:
                    yield dmarc.report_authorisation_name(plan.domain, home), "TXT"


class _Outside(Exception):
    """No plan publishes this name: it is the world's to answer."""

    def __init__(self, name: str, type: str) -> None:
        super().__init__(name)
        self.name, self.type = name, type


def _outside(name: str, type: str) -> Sequence[str]:
    raise _Outside(name, type)
