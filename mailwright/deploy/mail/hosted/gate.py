"""What must not happen at a mail host behind its API without consent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from mailwright.deploy.mail.hosted import said
from mailwright.hosts.mail.google.changing import TAKING, Step
from mailwright.hosts.mail.google.reaching import Reaching
from mailwright.hosts.mail.google.rows import ACTIVE, SUSPENDED, Rows
from mailwright.model.consent import Consent, consented, proposed
from mailwright.model.finding import Finding
from mailwright.model.rules import Rule, Severity
from mailwright.model.text import Text
from mailwright.plan.mailboxes.kinds import NAMES
from mailwright.plan.transition.gate_rules import (
    ADDRESS_GAP,
    FORWARD_OUTSIDE,
    LINE_IN_THE_WAY,
    LOGIN_OPENED,
    ROLE_ADDRESS_EMPTIED,
)

#: One value each: to set ours is to end what somebody else set.
_SINGLE = ("alias", "forward", "vacation")
_NAMES = {"user": NAMES["person"], "alias": NAMES["alias"], "group": NAMES["group"]}


def judge(
    there: Rows,
    steps: Sequence[Step],
    *,
    ours: Set[str],
    roles: Set[str],
    consents: Iterable[Consent],
    day: dt.date,
) -> tuple[Finding, ...]:
    """The refusals of a change; empty: it may be applied.

    Args:
        there: everything that was read, strangers' objects included.
        steps: what would be done.
        ours: lines that an earlier run left as ours.
        roles: mailboxes that nobody reads, because they only pass mail on.
        consents: of the spec and of this run.
        day: on which consents must hold.
    """
    given = tuple(consents)
    faults = _faults(there, steps, ours, roles, day)
    return tuple(fault for fault in faults if not consented(fault.rule, given, day, _values(fault)))


def after(there: Rows, steps: Iterable[Step]) -> dict[str, str]:
    """What would stand there afterwards."""
    lines = dict(there)
    for step in steps:
        if step.after is None:
            lines.pop(step.key, None)
        else:
            lines[step.key] = step.after
    return lines


def _values(fault: Finding) -> tuple[str, ...]:
    return tuple(part for part in str(fault.params.get("values", "")).split(", ") if part)


def _faults(
    there: Rows, steps: Sequence[Step], ours: Set[str], roles: Set[str], day: dt.date
) -> Iterator[Finding]:
    then = after(there, steps)
    before, later = Reaching(there, roles), Reaching(then, roles)
    lost = sorted(address for address in before.taking() if not later.reaches(address))
    if lost:
        yield _finding(ROLE_ADDRESS_EMPTIED, day, name=", ".join(lost))
    opened = [
        step.address
        for step in steps
        if step.kind == "user" and (step.before, step.after) == (SUSPENDED, ACTIVE)
    ]
    if opened:
        yield _finding(LOGIN_OPENED, day, name=", ".join(sorted(opened)))
    outside = sorted(later.leaving() - before.leaving())
    if outside:
        names, targets = (", ".join(sorted(set(side))) for side in zip(*outside, strict=True))
        yield _finding(FORWARD_OUTSIDE, day, name=names, values=targets)
    yield from _in_the_way(there, steps, ours, day)
    yield from _gaps(there, then, set(lost), day)


def _in_the_way(there: Rows, steps: Sequence[Step], ours: Set[str], day: dt.date) -> Iterator[Finding]:
    """What somebody else set where a plan sets something else."""
    planned = {step.key: step.after for step in steps if step.after is not None}
    for step in steps:
        other = step.before if step.key not in ours else None
        taken = step.kind in _SINGLE or (step.kind in TAKING and step.after is None)
        if other is not None and taken and there.get(step.key) == other:
            shown = {"name": step.address, "table": step.kind, "before": other}
            yield _finding(LINE_IN_THE_WAY, day, **shown, after=planned.get(step.key) or "–")


def _gaps(there: Rows, then: Rows, lost: Set[str], day: dt.date) -> Iterator[Finding]:
    """Addresses that are nobody's for a moment, because they become something else."""
    was, becomes = _kinds(there), _kinds(then)
    for address in sorted(set(was) & set(becomes) - lost):
        moved = there.get(f"alias {address}") != then.get(f"alias {address}")
        if was[address] != becomes[address] or moved:
            change = said.CHANGES.using(was=_NAMES[was[address]], kind=_NAMES[becomes[address]])
            yield _finding(ADDRESS_GAP, day, address=address, change=change, time=said.SECONDS)


def _kinds(lines: Rows) -> Mapping[str, str]:
    pairs = (key.split()[:2] for key in lines)
    return {address: kind for kind, address in pairs if kind in TAKING}


def _finding(broken: Rule, day: dt.date, **params: str | Text) -> Finding:
    return Finding(broken.id, "", None, {"id": broken.id, "day": proposed(day), **params}, Severity.ERROR)
