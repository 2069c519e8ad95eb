"""What a person has to do at a console, as a value: a change set lowered to single entries, in a safe order.

A console changes one record at a time, so entries come in the order that loses no mail: what comes, what is
edited in place, what goes. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from mailwright.model.changes import ChangeSet, Retiring, SetChange
from mailwright.model.families import WHOLE, Family, family_of
from mailwright.model.records import PlannedRecord
from mailwright.model.rules import Severity, rule

ZONE_MOVED = rule(
    "zone-moved",
    Severity.ERROR,
    en="{domain} was in the zone {before} and its servers now say {now}: every name on the sheet would be "
    "another one.",
    zh="{domain} 原属于区域 {before}，现在其服务器称属于 {now}：变更单上的所有主机记录都会不同。",
    hint_en="Look at who holds the domain now. If that is meant, write it into the spec: "
    "dns_hosts: [{{service: manual, zone: {now}}}]",
    hint_zh="请确认现在由哪个区域承载该域名。如果确实如此，请写入规格："
    "dns_hosts: [{{service: manual, zone: {now}}}]",
)


class Action(StrEnum):
    """What to do with one record."""

    ADD = "add"
    CHANGE = "change"  # edit it in place
    SWAP = "swap"  # another type takes its place: delete it, then add at once
    DELETE = "delete"
    LATER = "later"  # delete it, from a day on
    KEEP = "keep"  # leave it until its successor is seen
    THERE = "there"  # nobody could look: it has to be there in the end


#: What somebody has to do now.
NOW = (Action.ADD, Action.CHANGE, Action.SWAP, Action.DELETE)
_ORDER = tuple(Action)


@dataclass(frozen=True, slots=True)
class Entry:
    """One record; ``old`` and ``old_type`` are what stands there, ``day`` is when it may go (ISO).

    ``term``: the value is a term of the SPF record at that name, no record of its own.
    """

    action: Action
    name: str
    type: str
    value: str
    ttl: int = 0
    old: str = ""
    old_type: str = ""
    day: str = ""
    term: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One domain's entries. ``zone``: names are relative to it, '' while nobody knows.

    ``proposed``: it was found, the spec does not say it. ``doubts`` are what servers differ about, or why
    they could not be asked (``silent``), for people. ``pending``: somebody has to do something, or servers
    have to agree.
    """

    domain: str
    zone: str
    console: str
    entries: tuple[Entry, ...] = ()
    doubts: tuple[str, ...] = ()
    silent: bool = False
    proposed: bool = False
    pending: bool = False

    @property
    def now(self) -> tuple[Entry, ...]:
        """What has to be done now."""
        return tuple(entry for entry in self.entries if entry.action in NOW)

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @staticmethod
    def of(body: Mapping[str, Any]) -> Sheet:
        """What ``plain`` made."""
        entries = tuple(Entry(**{**row, "action": Action(row["action"])}) for row in body["entries"])
        return Sheet(**{**body, "entries": entries, "doubts": tuple(body["doubts"])})


def entries(changes: ChangeSet, retiring: Sequence[Retiring]) -> tuple[Entry, ...]:
    """What to do for a change; ``retiring`` is what stays until a day and may then go.

    What begins to go with this change and waits for its successor is only kept.
    """
    sheet_entries = [entry for change in changes.changes for entry in _of_set(change)]
    sheet_entries = list(_swapped(sheet_entries))
    dated = {
        (retiring_value.name, retiring_value.type, retiring_value.value): retiring_value
        for retiring_value in retiring
    }
    due = {(change.name, change.type, value) for change in changes.sets for value in change.due}
    for place, leaving_value in dated.items():
        if place not in due:
            sheet_entries.append(_staying(Action.LATER, leaving_value))
    for leaving_value in changes.retiring:
        if (leaving_value.name, leaving_value.type, leaving_value.value) not in dated:
            sheet_entries.append(_staying(Action.KEEP, leaving_value))
    return tuple(
        sorted(sheet_entries, key=lambda entry: (_ORDER.index(entry.action), entry.name, entry.type))
    )


def _staying(action: Action, retiring_value: Retiring) -> Entry:
    day = retiring_value.until.isoformat() if action is Action.LATER else ""
    return Entry(
        action,
        retiring_value.name,
        retiring_value.type,
        retiring_value.value,
        day=day,
        term=retiring_value.family is Family.SPF,
    )


def to_be_there(records: Iterable[PlannedRecord]) -> tuple[Entry, ...]:
    """All of a plan, where nobody could look."""
    return tuple(
        Entry(Action.THERE, record.name, record.type, value, record.ttl)
        for record in records
        for value in record.values
    )


def _of_set(change: SetChange) -> Iterator[Entry]:
    """Records of one set: what takes another's place is edited, so that there is never one too few.

    What goes beside that goes only once the new ones are seen; where its day has come, it has its successor.
    """
    waits = bool(change.added)
    added = [added_value.value for added_value in change.added]
    for old in (removed_value.value for removed_value in change.removed):
        new = _successor(change, old, added)
        if new is None:
            whole = family_of(change.name, change.type, old) in WHOLE
            held = waits and whole and old not in change.due
            yield Entry(Action.KEEP if held else Action.DELETE, change.name, change.type, old)
        else:
            added.remove(new)
            yield Entry(Action.CHANGE, change.name, change.type, new, change.ttl, old, change.type)
    for value in added:
        yield Entry(Action.ADD, change.name, change.type, value, change.ttl)


def _successor(change: SetChange, old: str, added: Sequence[str]) -> str | None:
    family = family_of(change.name, change.type, old)
    alike = [value for value in added if family_of(change.name, change.type, value) is family]
    if family not in WHOLE:
        return None
    same_host = (value for value in alike if value.split()[-1:] == old.split()[-1:])
    return next(same_host, alike[0] if alike else None)


def _swapped(sheet_entries: Sequence[Entry]) -> Iterator[Entry]:
    """A CNAME excludes every other record (RFC 1034 §3.6.2): what goes for one goes just before."""
    going = [entry for entry in sheet_entries if entry.action is Action.DELETE]
    taken: set[Entry] = set()
    for sheet_entry in sheet_entries:
        others = (
            one
            for one in going
            if one not in taken
            and sheet_entry.action is Action.ADD
            and one.name == sheet_entry.name
            and one.type != sheet_entry.type
            and "CNAME" in (one.type, sheet_entry.type)
        )
        other = next(others, None)
        if other is not None:
            taken.add(other)
            yield Entry(
                Action.SWAP,
                sheet_entry.name,
                sheet_entry.type,
                sheet_entry.value,
                sheet_entry.ttl,
                other.value,
                other.type,
            )
        elif sheet_entry.action is not Action.DELETE:
            yield sheet_entry
    yield from (entry for entry in going if entry not in taken)
