"""What stood in the world before the first apply, and how it is kept for the run that brings it back.

It is kept in the state, as the output ``found`` of each ``DnsRecords``. ``undo`` hands it to the
program in a file (``MAILWRIGHT_FOUND``): from there on it is an update like any other, through the same
gate, first adding and later removing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailwright.deploy.dns.values import Records, State, plain_records
from mailwright.deploy.tokens import DNS_RECORDS
from mailwright.hosts.dns.service import Target
from mailwright.model.changes import ChangeSet, SetChange
from mailwright.model.families import WHOLE, Family, family_of
from mailwright.plan.transition.ownership import Owned


def found_before(changes: ChangeSet, before: State | None) -> Records | None:
    """What was there of the sets that are taken over, beside what was known; values of ours count not.

    ``before`` is the resource's last state, None on a first apply. None where that state is of a time
    when nothing was kept: what stands there now is ours.
    """
    if before is not None and before.found is None:
        return None
    records = dict(before.found or {}) if before else {}
    for change in changes.sets:
        ttl, known = records.get(change.key, (change.before.ttl if change.before else 0, ()))
        taken = _taken_over(change, before)
        if taken:
            records[change.key] = (ttl, tuple(sorted({*known, *taken})))
    return records


def handed_over(changes: ChangeSet, before: State | None) -> State | None:
    """The state of another way to the same zone: what was just read there is what it applied.

    ``changes`` are worked out on the ground of ``before``. None where anything differs: then this is another
    host, or the plan changes too, and what is there was found there.
    """
    if before is None or not before.applied or not changes.is_empty:
        return None
    there = {change.key for change in changes.sets if change.before}
    return before if before.applied.keys() <= there else None


def _taken_over(change: SetChange, before: State | None) -> list[str]:
    values = [value.value for value in change.ours]
    if before is None:
        return values
    owned = Owned({pair: kept for pair, (_, kept) in before.applied.items()}, before.retiring)
    families = _families(change, before)
    return [
        value
        for value in values
        if not owned.has(change.name, change.type, value)
        and ((family := family_of(change.name, change.type, value)) not in WHOLE or family not in families)
    ]


def _families(change: SetChange, before: State) -> set[Family]:
    """The families of a set that were ours before."""
    values = [
        value for kept in (before.applied, before.found or {}) for value in kept.get(change.key, (0, ()))[1]
    ]
    families = {family_of(change.name, change.type, value) for value in values}
    return families | {r.family for r in before.retiring if (r.name, r.type) == (change.name, change.type)}


@dataclass(frozen=True, slots=True)
class Kept:
    """What one resource of a state found; ``found`` None: nobody kept it. ``retires``: last day of that."""

    target: Target
    found: Records | None
    retires: str = ""


def kept_in(deployment: Mapping[str, Any]) -> tuple[Kept, ...]:
    """Every ``DnsRecords`` of a Pulumi deployment (version 3) with what it found."""
    kept_targets = []
    for resource in deployment.get("resources") or ():
        if resource.get("type") == DNS_RECORDS:
            state = State.of(resource["outputs"])
            last = max((one.until.isoformat() for one in state.retiring), default="")
            kept_targets.append(Kept(state.inputs.target, state.found, last))
    return tuple(kept_targets)


def write(kept: Iterable[Kept], path: Path) -> None:
    """The file for ``MAILWRIGHT_FOUND``."""
    body = [[list(kept_target.target.place), plain_records(kept_target.found or {})] for kept_target in kept]
    path.write_text(json.dumps(body), encoding="utf-8")
