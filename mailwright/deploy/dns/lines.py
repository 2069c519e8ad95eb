"""Records that come and go, a value a line."""

from __future__ import annotations

from collections.abc import Iterator

from mailwright.deploy.dns.values import Records, State
from mailwright.deploy.errors import lang
from mailwright.deploy.properties import Lines
from mailwright.deploy.run.outcome import STAYS
from mailwright.model.changes import ChangeSet, SetChange
from mailwright.model.text import Text

_TAKEN_OVER = Text("taken over as it is", "按原样接管")
_UNTIL = Text("stays until {day}", "保留至 {day}")
_EVERYWHERE = Text("on every nameserver", "所有 DNS 服务器上都有")
_NOWHERE = Text("on no nameserver", "所有 DNS 服务器上都已没有")
_UNNEEDED = Text("no longer needed by anybody", "已无人需要")


def lines_written(changes: ChangeSet, *, new: bool) -> Lines:
    """What a change writes, of whatever was planned: also what joins, goes and stays for a while.

    ``new``: the resource is, so what is there already is told as taken over.
    """
    lines: list[str] = []
    staying = {
        (retiring_value.name, retiring_value.type, retiring_value.value): retiring_value.until
        for retiring_value in changes.retiring
    }
    for change in sorted(changes.sets, key=lambda one: one.key):
        lines += _of_set(change)
        kept = [value.value for value in change.ours if value in change.after] if new else []
        lines += [
            f"{STAYS}{change.key} {value} ({_TAKEN_OVER(lang())})"
            for value in kept
            if (change.name, change.type, value) not in staying
        ]
    for (name, type, value), day in staying.items():
        lines.append(f"{STAYS}{name} {type} {value} ({_UNTIL.using(day=day)(lang())})")
    return tuple(lines)


def _of_set(change: SetChange) -> Iterator[str]:
    removed, due = [removed_value.value for removed_value in change.removed], set(change.due)
    for value in (*removed, *sorted(due.difference(removed))):  # of SPF single terms run out
        yield f"- {change.key} {value}" + (f" ({_UNNEEDED(lang())})" if value in due else "")
    for added_value in change.added:
        yield f"+ {change.key} {added_value.value}"
    if change.before is not None and change.ttl_changes:
        yield f"~ {change.key} TTL {change.before.ttl} -> {change.ttl}"


def lines_seen(before: State | None, after: State) -> Lines:
    """What somebody entered by hand, or what was there, and is ours from now on; and what is gone."""
    old = before.applied if before else {}
    came = [
        f"{STAYS}{pair} {value} ({_EVERYWHERE(lang())})"
        for pair, (_, values) in sorted(after.applied.items())
        for value in values
        if value not in old.get(pair, (0, ()))[1]
    ]
    kept = {
        (retiring_value.name, retiring_value.type, retiring_value.value) for retiring_value in after.retiring
    }
    gone = [
        f"- {retiring_value.name} {retiring_value.type} {retiring_value.value} ({_NOWHERE(lang())})"
        for retiring_value in (before.retiring if before else ())
        if (retiring_value.name, retiring_value.type, retiring_value.value) not in kept
    ]
    return (*came, *gone)


def lines_between(before: Records, after: Records) -> Lines:
    """One line a record that comes or goes, a value a line, as an administrator reads a zone."""
    lines: list[str] = []
    for pair in sorted({*before, *after}):
        ttl_before, old = before.get(pair, (None, ()))
        ttl_after, new = after.get(pair, (None, ()))
        lines += [f"- {pair} {value}" for value in old if value not in new]
        lines += [f"+ {pair} {value}" for value in new if value not in old]
        if old and new and ttl_before != ttl_after:
            lines.append(f"~ {pair} TTL {ttl_before} -> {ttl_after}")
    return tuple(lines)
