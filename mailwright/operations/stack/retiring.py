"""What an apply left to run out: values of ours that are no longer planned and stay until a day.

Who looks at the world with the plan alone sees them as too much. A stack's state knows better.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mailwright.deploy.tokens import CLOUDFLARE, MAIL_DOMAIN
from mailwright.model import disk
from mailwright.model.changes import Retiring
from mailwright.model.checks import Check, Status, Verdict
from mailwright.model.plan import Plan
from mailwright.model.text import Text
from mailwright.operations.stack.engine import Stack
from mailwright.operations.stack.request import BackendError
from mailwright.plan.transition.ownership import Owned
from mailwright.plan.transition.steps import without_retiring
from mailwright.resolving.server import Server
from mailwright.verify.dns import AS_PLANNED, CHANGED, EXTRA, TTL, Answer, judge
from mailwright.verify.foreign import SELECTOR
from mailwright.verify.slips import SLIP

_STAYS = Text("as planned, and {values} stays until {until}", "与计划一致，{values} 保留到 {until}")
#: What a state holds, output by output; each names its ``domain``.
Outputs = Sequence[Mapping[str, Any]]
#: Whose answer it was is known already; ``judge`` only writes the name down.
_SOMEBODY = Server("", "")


def outputs_of(stack: Stack) -> Outputs:
    """What the stack's state has: in its file here, else as its engine knows it; empty where there is none.

    Raises BackendError.
    """
    return in_file(stack.file) if stack.file else tuple(_outputs(stack.engine.state()))


def in_file(state: Path) -> Outputs:
    """What either engine's state file has; nothing where it cannot be read."""
    try:
        body = json.loads(disk.read_text(state))
        return tuple(_outputs(body["checkpoint"]["latest"] if "checkpoint" in body else body["deployment"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ()


def _outputs(deployment: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Each with its ``domain``, wherever its resource keeps it."""
    for resource in deployment.get("resources") or ():
        outputs = resource.get("outputs") or {}
        if not isinstance(outputs, Mapping):
            continue  # none of ours; the run that uses the state says so
        if resource.get("type") == MAIL_DOMAIN:
            kept = outputs.get(CLOUDFLARE) or {}
            yield from ({**kept[domain], "domain": domain} for domain in kept)
        else:
            yield outputs


def excusing(
    plans: Sequence[Plan], stack: Callable[[], Stack]
) -> Callable[[Sequence[Verdict]], list[Verdict]]:
    """``allowed`` with the state as it then is; it is looked into only where something differs."""

    def excused(verdicts: Sequence[Verdict]) -> list[Verdict]:
        if not any(check.rule in (CHANGED, EXTRA) for verdict in verdicts for check in verdict.checks):
            return list(verdicts)
        try:
            return allowed(verdicts, plans, outputs_of(stack()))
        except BackendError:  # then they are judged by the plan alone
            return list(verdicts)

    return excused


def allowed(verdicts: Sequence[Verdict], plans: Sequence[Plan], state: Outputs) -> list[Verdict]:
    """The verdicts, where what retires and is not due yet is neither too much nor foreign."""
    going = dict(_going(state, {plan.domain: plan for plan in plans}))
    return [
        _without(verdict, *going[verdict.domain]) if verdict.domain in going else verdict
        for verdict in verdicts
    ]


def _going(state: Outputs, plans: Mapping[str, Plan]) -> Iterator[tuple[str, tuple[Plan, Owned]]]:
    for output in state:
        plan = plans.get(str(output.get("domain")))
        if plan is None or not output.get("retiring"):
            continue
        from mailwright.deploy.dns.values import retiring_of  # loads Pulumi, and mostly nothing retires

        try:
            values: list[Retiring] = list(map(retiring_of, output["retiring"]))
        except (KeyError, ValueError, TypeError):
            continue
        kept = tuple(one for one in values if one.until > plan.as_of)
        if kept:
            yield plan.domain, (plan, Owned(retiring=kept))


def _without(verdict: Verdict, plan: Plan, owned: Owned) -> Verdict:
    keys = {(retiring_value.name, retiring_value.type) for retiring_value in owned.retiring}
    passed = {
        check: _explained(check, plan, owned) for check in verdict.checks if (check.name, check.type) in keys
    }
    well = {(check.name, check.type, check.server) for check, other in passed.items() if other}
    checks = []
    for verdict_check in verdict.checks:
        pair = (verdict_check.name, verdict_check.type)
        if verdict_check.rule == SELECTOR.id and pair in keys:
            continue
        if verdict_check.rule == SLIP.id and (*pair, verdict_check.server) in well:
            continue
        checks.append(passed.get(verdict_check) or verdict_check)
    return Verdict(verdict.domain, tuple(checks))


def _explained(check: Check, plan: Plan, owned: Owned) -> Check | None:
    """The check as passed, where without what retires the set is as planned."""
    if check.status is not Status.FAIL or check.rule not in (CHANGED, EXTRA):
        return None
    pair = (check.name, check.type)
    planned = [record for record in plan.records if (record.name, record.type) == pair]
    left = without_retiring(*pair, check.found, owned)
    again = judge(_SOMEBODY, pair, planned, Answer(tuple(left), check.ttl))
    if any(verdict_check.rule not in (AS_PLANNED, TTL) for verdict_check in again):
        return None
    here = [
        retiring_value
        for retiring_value in owned.retiring
        if (retiring_value.name, retiring_value.type) == pair
    ]
    text = _STAYS.using(
        values=", ".join(retiring_value.value for retiring_value in here),
        until=max(retiring_value.until for retiring_value in here).isoformat(),
    )
    return replace(check, rule=AS_PLANNED, status=Status.PASS, text=text)
