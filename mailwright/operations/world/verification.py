"""Verify several domains in one go, once or until the world has followed."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mailwright.model.checks import Check, Overall, Status, Verdict
from mailwright.model.names import absolute
from mailwright.model.plan import Plan
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Lang, Text
from mailwright.operations.processes import spread
from mailwright.resolving.asking import asking
from mailwright.resolving.discovery import ServersError, discover
from mailwright.resolving.server import Server
from mailwright.resolving.sharing import in_turn, one_of
from mailwright.verify import waiting
from mailwright.verify.dns import verify
from mailwright.verify.zones import survey

NOT_FOUND = rule(
    "servers-not-found",
    Severity.ERROR,
    en="The servers to ask are not known: {reason}.",
    zh="不知道该询问哪些服务器：{reason}。",
    hint_en="Look at the registration and the delegation of the domain, or name servers with --nameserver.",
    hint_zh="请检查域名的注册和 NS 委派，或用 --nameserver 指定服务器。",
    reference="RFC 1034 §5.3.1",
)
_LEFT = Text(
    "{passed} of {all} checks as planned; about {eta} more",
    "{all} 项检查中 {passed} 项与计划一致；预计还需 {eta}",
)
_UNSURE = Text("unknown", "未知时间")
_RESUMED = Text("going on with the wait begun {started}", "继续 {started} 开始的等待")
_STOPPED = Text(
    "interrupted; the same command goes on with this wait until {deadline}",
    "已中断；再次运行同一命令将继续等待，直至 {deadline}",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to ask: ``servers`` empty means each domain's own; ``resolvers`` come on top."""

    servers: tuple[Server, ...] = ()
    resolvers: tuple[Server, ...] = ()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, where to remember it, whom to tell how it goes, and what is no difference."""

    length: dt.timedelta
    say: Callable[[str], object]
    lang: Lang = "en"
    excuse: Callable[[Sequence[Verdict]], list[Verdict]] = list
    folder: Path = field(default_factory=lambda: Path.cwd() / ".mailwright" / "wait")


def verify_all(
    plans: Sequence[Plan], servers: Sequence[Server] = (), resolvers: Sequence[Server] = ()
) -> list[Verdict]:
    """A verdict for each plan, from the servers given or else each domain's own.

    Where a domain's servers cannot be found, that is its verdict; the others are judged all the same.
    """
    asked = Asked(tuple(servers), tuple(resolvers))

    def part(some: Sequence[Plan], count: int) -> list[Verdict]:
        with one_of(count):
            return asyncio.run(judge_all(some, asked))

    with undisturbed():
        return spread(part, plans)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """A run makes many small values that all live to its end: looking for garbage among them is wasted."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


async def judge_all(plans: Sequence[Plan], asked: Asked) -> list[Verdict]:
    """The same within a running loop."""

    async def one(plan: Plan) -> Verdict:
        parent: frozenset[str] = frozenset()
        servers = asked.servers
        if not servers:
            try:
                servers, parent = await discover(plan.domain)
            except ServersError as error:
                return _not_found(plan, error.text)
        verdict, more = await asyncio.gather(
            verify(plan, (*servers, *asked.resolvers)), survey(plan.domain, servers, parent)
        )
        return Verdict(plan.domain, heard(plan, (*verdict.checks, *more)))

    async with asking():  # one set of sockets and one memory for all of them
        return await in_turn(map(one, plans))


def heard(plan: Plan, checks: Iterable[Check]) -> tuple[Check, ...]:
    """The checks without the warnings that the spec silences; what differs or is unknown cannot be."""
    return tuple(
        check for check in checks if check.status is not Status.WARN or check.rule not in plan.silenced
    )


def _not_found(plan: Plan, reason: Text) -> Verdict:
    text = NOT_FOUND.message.using(reason=reason)
    return Verdict(
        plan.domain,
        (Check(NOT_FOUND.id, Status.UNKNOWN, absolute(plan.domain), "NS", (), (), "", text),),
    )


def wait(plans: Sequence[Plan], asked: Asked, patience: Patience) -> list[Verdict]:
    """Ask until everything is as planned or the time is over; an interruption can be resumed.

    Raises KeyboardInterrupt after saying how to go on.
    """
    now = dt.datetime.now(dt.UTC)
    key = waiting.key(plans, (*asked.servers, *asked.resolvers))
    state = waiting.Waiting.begin(patience.folder, key, patience.length, now)
    if state.resumed:
        patience.say(_RESUMED.using(started=_shown(state.started))(patience.lang))
    try:
        verdicts = asyncio.run(_until_planned(plans, asked, patience, state))
    except KeyboardInterrupt:
        patience.say(_STOPPED.using(deadline=_shown(state.deadline))(patience.lang))
        raise
    state.end()
    return verdicts


async def _until_planned(
    plans: Sequence[Plan], asked: Asked, patience: Patience, state: waiting.Waiting
) -> list[Verdict]:
    done: dict[str, Verdict] = {}
    for round in range(1_000_000):
        open_ = [plan for plan in plans if plan.domain not in done]
        fresh = {verdict.domain: verdict for verdict in patience.excuse(await judge_all(open_, asked))}
        done |= {name: verdict for name, verdict in fresh.items() if verdict.status is Overall.OK}
        verdicts = [done.get(plan.domain) or fresh[plan.domain] for plan in plans]
        remaining = (state.deadline - dt.datetime.now(dt.UTC)).total_seconds()
        if len(done) == len({plan.domain for plan in plans}) or remaining <= 0:
            return verdicts
        soonest = waiting.eta(verdicts)
        patience.say(_progress(verdicts, soonest, patience.lang))
        await asyncio.sleep(waiting.pause(round, soonest, remaining))
    raise AssertionError("unreachable: a deadline ends the loop")


def _progress(verdicts: Sequence[Verdict], soonest: int | None, lang: Lang) -> str:
    checks = [check for verdict in verdicts for check in verdict.checks]
    passed = sum(check.status is Status.PASS for check in checks)
    left = str(dt.timedelta(seconds=soonest)) if soonest is not None else _UNSURE(lang)
    bar = "█" * round(20 * passed / max(len(checks), 1))
    return f"[{bar:░<20}] " + _LEFT.using(passed=passed, all=len(checks), eta=left)(lang)


def _shown(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
