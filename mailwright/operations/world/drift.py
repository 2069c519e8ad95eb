"""Drift: what the world serves, what is due by date, what is foreign, and what the engine would do."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator, Sequence

from mailwright.deploy.run.outcome import Outcome
from mailwright.deploy.tokens import DNS_RECORDS, MAIL_DOMAIN, RECORD
from mailwright.model.checks import Check, Status, Verdict
from mailwright.model.names import absolute
from mailwright.model.plan import Plan
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.operations.stack.engine import Stack
from mailwright.operations.stack.request import BackendError
from mailwright.operations.stack.retiring import Outputs
from mailwright.operations.world.verification import Asked, heard, judge_all
from mailwright.plan.agenda import agenda
from mailwright.resolving.asking import asking
from mailwright.resolving.discovery import ServersError, discover
from mailwright.spec.model import MailSpec
from mailwright.verify import foreign
from mailwright.verify.deep import networks

DUE = rule(
    "retirement-due",
    Severity.WARNING,
    en="{value} has been retiring since {since} and may be removed from {until} on.",
    zh="{value} 自 {since} 起退役，{until} 起可以删除。",
    hint_en="Run `mailwright up`: it removes what is due.",
    hint_zh="运行 `mailwright up` 即可删除到期的内容。",
)
DATED = rule(
    "agenda-due",
    Severity.WARNING,
    en="Since {day}: {text}.",
    zh="自 {day} 起：{text}。",
    hint_en="Do it, and edit the spec; `mailwright agenda` shows all that has a day.",
    hint_zh="请处理并更新规格；`mailwright agenda` 可查看所有有日期的事项。",
)
#: Of the agenda, what waits for somebody to decide. A consent that has run out waits for nobody.
_WAITS = (
    *("handover", "attestation", "contract", "service-end", "expiry"),
    *("key-age", "key-length", "key-revoke", "key-remove"),
)
ENGINE = rule(
    "engine-would-change",
    Severity.ERROR,
    en="The engine would change something.",
    zh="部署引擎检测到需要变更的内容。",
    hint_en="See it with `mailwright preview`, apply it with `mailwright up`.",
    hint_zh="用 `mailwright preview` 查看，用 `mailwright up` 执行。",
)
#: Resources whose changes are told record set by record set.
_SAID_BY_RECORDS = (MAIL_DOMAIN, DNS_RECORDS, RECORD)
_SAME = Text("the engine would change nothing", "部署引擎没有需要变更的内容")


def drift(plans: Sequence[Plan], asked: Asked) -> list[Verdict]:
    """Verify every plan, and look for what is foreign. No credentials."""
    return asyncio.run(_drift(plans, asked))


async def _drift(plans: Sequence[Plan], asked: Asked) -> list[Verdict]:
    async def more(plan: Plan) -> list[Check]:
        try:
            servers = asked.servers or (await discover(plan.domain))[0]
        except ServersError:
            return []  # verify says so
        coroutines = [
            foreign.survey(plan, [server for server in servers if server.authoritative], asked.resolvers),
            foreign.dangling(plan, asked.resolvers),
            networks.seen(plan, servers),
        ]
        return [check for checks in await asyncio.gather(*coroutines) for check in checks]

    async with asking():  # what verify has asked already is not asked again
        verdicts, extra = await asyncio.gather(judge_all(plans, asked), asyncio.gather(*map(more, plans)))
    return [
        Verdict(verdict.domain, (*verdict.checks, *heard(plan, checks)))
        for plan, verdict, checks in zip(plans, verdicts, extra, strict=True)
    ]


def due(state: Outputs, plans: Sequence[Plan]) -> Iterator[tuple[str, Check]]:
    """Domain and check for each retired value whose time is over, as the stack's state has it."""
    days = {plan.domain: plan.as_of for plan in plans}
    for output in state:
        domain = str(output.get("domain"))
        for retiring_value in output.get("retiring") or () if domain in days else ():
            if dt.date.fromisoformat(retiring_value["until"]) <= days[domain]:
                text = DUE.message.using(
                    value=retiring_value["value"],
                    since=retiring_value["since"],
                    until=retiring_value["until"],
                )
                name = absolute(retiring_value["name"])
                yield (
                    domain,
                    Check(
                        DUE.id,
                        Status.FAIL,
                        name,
                        retiring_value["type"],
                        (),
                        (retiring_value["value"],),
                        "",
                        text,
                    ),
                )


def dated(plans: Sequence[tuple[MailSpec, Plan]]) -> Iterator[tuple[str, Check]]:
    """Domain and check for each thing of the agenda that is due and waits for somebody."""
    for spec, plan in plans:
        if plan.domain != spec.domain:
            continue
        for event in agenda(spec):
            if event.kind in _WAITS and event.status(plan.as_of) == "due":
                text = DATED.message.using(day=event.day, text=event.text)
                yield (
                    plan.domain,
                    Check(
                        DATED.id,
                        Status.FAIL,
                        absolute(plan.domain),
                        "",
                        (),
                        (event.uid,),
                        "",
                        text,
                        event.position,
                    ),
                )


def engine_check(stack: Stack, state: Outputs | BackendError) -> Check | None:
    """What a preview says, where there is a state to begin from; None where there is none."""
    if isinstance(state, BackendError):
        text = Text("{reason}", "{reason}").using(reason=state)
        return Check(ENGINE.id, Status.UNKNOWN, "", "", (), (str(state),), "", text)
    if not state and stack.file is None:
        return None
    outcome = stack.engine.preview(lambda _line: None)
    if not outcome.problems and not outcome.changes:
        return Check(ENGINE.id, Status.PASS, "", "", (), (), "", _SAME)
    shown = (*_in_short(outcome), *outcome.problems)
    status = Status.UNKNOWN if outcome.problems and not outcome.refused else Status.FAIL
    text = Text("{changes}", "{changes}").using(changes="; ".join(shown))
    return Check(ENGINE.id, status, "", "", (), shown, "", text)


def _in_short(outcome: Outcome) -> Iterator[str]:
    """A line a record set; of what is no record, and of what goes as a whole, the resource and its lines."""
    for change in outcome.records:
        for record in change["records"]:
            before, after = (", ".join(record[when]) or "–" for when in ("before", "after"))
            yield f"{record['name']} {record['type']}: {before} → {after}"
    for resource in outcome.changes:
        if not outcome.records or resource.type not in _SAID_BY_RECORDS or resource.action == "delete":
            yield str(resource)
            yield from resource.lines
