"""A change that stopped in the middle: what the engine keeps of it, so that the next run goes on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mailwright.deploy.dns.found import found_before
from mailwright.deploy.dns.values import Inputs, Records, State
from mailwright.hosts.dns.base import Partly
from mailwright.model.changes import ChangeSet, SetChange
from mailwright.model.text import Text

_STOPPED = Text(
    "{reason}. Written so far: {done}. Still to do: {left}. Run this again: it goes on from there.",
    "{reason}。已写入：{done}。尚未完成：{left}。请再次运行，会从此处继续。",
)


def stopped(partly: Partly) -> Text:
    """What to say."""
    return _STOPPED.using(
        reason=partly.reason.text,
        done=_keys(partly.done),
        left=_keys(partly.left),
    )


def _keys(changes: Iterable[SetChange]) -> str:
    return ", ".join(sorted(change.key for change in changes)) or "–"


def state_after(inputs: Inputs, changes: ChangeSet, partly: Partly, before: State | None) -> State:
    """Finished sets as asked for; of the others what was ours, with what was written and without what went.

    What this run would have begun to retire in an unfinished set is decided anew by the next one.
    """
    left = {set_change.key: set_change for set_change in partly.left}
    done = {set_change.key: set_change for set_change in partly.done}
    records = {pair: body for pair, body in inputs.records.items() if pair not in left}
    for pair, change in left.items():
        values = _ours(before.applied if before else {}, pair, done.get(pair))
        if values:
            records[pair] = (done[pair].ttl if pair in done else _ttl(change), values)
    gone = {(set_change.key, value.value) for set_change in partly.done for value in set_change.removed}
    retiring = [
        retiring_value
        for retiring_value in changes.retiring
        if f"{retiring_value.name} {retiring_value.type}" not in left
    ]
    retiring += [
        retiring_value
        for retiring_value in (before.retiring if before else ())
        if (pair := f"{retiring_value.name} {retiring_value.type}") in left
        and (pair, retiring_value.value) not in gone
    ]
    taken = tuple(
        set_change for set_change in changes.sets if set_change.key not in left or set_change.key in done
    )
    return State(
        replace(inputs, records=records),
        records,
        tuple(retiring),
        found_before(replace(changes, sets=taken), before),
    )


def _ours(applied: Records, pair: str, done: SetChange | None) -> tuple[str, ...]:
    _, believed = applied.get(pair, (0, ()))
    added = {value.value for value in done.added} if done else set()
    removed = {value.value for value in done.removed} if done else set()
    return tuple(sorted(({*believed} - removed) | added))


def _ttl(change: SetChange) -> int:
    return change.before.ttl if change.before else change.ttl
