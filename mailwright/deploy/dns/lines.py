"""Records that come and go, a value a line."""

from __future__ import annotations

from mailwright.deploy.dns.values import Records, State
from mailwright.deploy.properties import Lines
from mailwright.deploy.run.outcome import STAYS


def lines_adopting(state: State) -> Lines:
    """The lines of records that come, and of those that are there already and only become ours."""
    there = {
        f"+ {pair} {value}": f"{STAYS}{pair} {value} (taken over as it is)"
        for pair, (ttl, values) in (state.found or {}).items()
        for value in values
        if state.inputs.records.get(pair, (None, ()))[0] == ttl
    }
    return tuple(there.get(line, line) for line in lines_between({}, state.inputs.records))


def lines_seen(before: State | None, after: State) -> Lines:
    """What somebody entered by hand, or what was there, and is ours from now on; and what is gone."""
    old = before.applied if before else {}
    came = [
        f"{STAYS}{pair} {value} (on every nameserver)"
        for pair, (_, values) in sorted(after.applied.items())
        for value in values
        if value not in old.get(pair, (0, ()))[1]
    ]
    kept = {(each.name, each.type, each.value) for each in after.retiring}
    gone = [
        f"- {each.name} {each.type} {each.value} (on no nameserver)"
        for each in (before.retiring if before else ())
        if (each.name, each.type, each.value) not in kept
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


def update_lines(old: State, new: State) -> Lines:
    """The lines of an update, with what stays for a while and what leaves for good."""
    lines = list(lines_between(old.inputs.records, new.inputs.records))
    kept = {(each.name, each.type, each.value): each for each in new.retiring}
    staying = {f"- {each.name} {each.type} {each.value}": each for each in kept.values()}
    made = [line for line in lines if line not in staying]
    made += [f"= {each.name} {each.type} {each.value} (stays until {each.until})" for each in kept.values()]
    gone = [each for each in old.retiring if (each.name, each.type, each.value) not in kept]
    wanted = {f"{pair} {value}" for pair, (_, values) in new.inputs.records.items() for value in values}
    made += [
        f"- {each.name} {each.type} {each.value} (no longer needed by anybody)"
        for each in gone
        if f"{each.name} {each.type} {each.value}" not in wanted
    ]
    return tuple(made)
