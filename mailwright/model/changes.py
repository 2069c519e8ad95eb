"""What has to change in the world, as a value that can be reviewed, refused and applied."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from mailwright.model.families import Family
from mailwright.model.names import key
from mailwright.model.position import Position
from mailwright.model.records import ObservedSet, ObservedValue
from mailwright.model.text import Lang, Text


@dataclass(frozen=True, slots=True)
class Retiring:
    """A value of ours that is no longer wanted and stays until the world has forgotten it.

    ``since`` is the day its successor was published; ``until`` the first day on which a later
    ``up`` may remove it: after the TTL that resolvers may still hold has passed.
    """

    name: str
    type: str
    value: str
    family: Family
    since: dt.date
    until: dt.date


@dataclass(frozen=True, slots=True)
class SetChange:
    """One record set before and after.

    ``before`` is None where the set does not exist yet. ``after`` holds all values that the
    set will have, foreign ones included; ``added`` and ``removed`` are the difference, removed
    values in the split they are stored in. ``families`` are those that change, never foreign.
    ``due`` are values (for SPF: terms) that go now because their retirement is over, ``leaving``
    those whose retirement begins with this change; ``repair`` says that the plan is what was applied
    before and only the world has moved. ``ours`` are the values of ``before`` that are ours to change.
    ``halfway``: all that is there was asked for in one go with what is missing, when nothing was there.
    ``awaits``: what retires here has successors that this change brings, here or at another name.
    """

    name: str
    type: str
    before: ObservedSet | None
    after: tuple[ObservedValue, ...]
    ttl: int
    added: tuple[ObservedValue, ...]
    removed: tuple[ObservedValue, ...]
    families: tuple[Family, ...]
    due: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    repair: bool = False
    ours: tuple[ObservedValue, ...] = ()
    awaits: bool = False
    halfway: bool = False
    why: Text = field(default_factory=lambda: Text("", ""), compare=False)
    position: Position | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """``NAME TYPE`` of the set."""
        return key(self.name, self.type)

    @property
    def ttl_changes(self) -> bool:
        """Whether the set's TTL is among what changes."""
        return self.before is not None and bool(self.after) and self.before.ttl != self.ttl

    @property
    def is_change(self) -> bool:
        """False for a set that is already as wanted."""
        return bool(self.added or self.removed or self.ttl_changes)


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A name that comes into being, and what a wildcard answered there until then (RFC 4592).

    ``mail``: mail to it ends, though somebody writes as an address of it. ``below``: what ends at names
    below it; they fall out of the wildcard with it.
    """

    name: str
    lost: tuple[ObservedSet, ...]
    mail: bool = False
    below: tuple[ObservedSet, ...] = ()


@dataclass(frozen=True, slots=True)
class Covered:
    """A name from which all of ours goes, and what a wildcard answers there if nothing else stands there."""

    name: str
    answers: tuple[ObservedSet, ...]


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Everything one apply does to one zone, and what it leaves alone.

    ``sets`` has an entry for every record set Mailwright claims here, changed or not;
    ``foreign`` are sets of somebody else that matter to mail; ``in_the_way`` those beside which a
    planned record cannot stand (a CNAME); ``below_cut`` planned names that a delegation hides;
    ``uncovered`` names that fall out of a wildcard, ``covered`` those that come back under one.
    ``atomic``: the host writes several sets as one. ``other_lines``: what only a part of the world is served
    at the claimed names, with the host's word for it. ``whole_zone``: the host writes all of the zone anew.
    ``found``: where all of it is taken away, what stood there before the first apply, by ``NAME TYPE``.
    """

    domain: str
    target: str
    as_of: dt.date
    sets: tuple[SetChange, ...]
    retiring: tuple[Retiring, ...] = ()
    foreign: tuple[ObservedSet, ...] = ()
    in_the_way: tuple[ObservedSet, ...] = ()
    below_cut: tuple[str, ...] = ()
    uncovered: tuple[Uncovered, ...] = ()
    covered: tuple[Covered, ...] = ()
    atomic: bool = True
    whole_zone: bool = False
    other_lines: tuple[tuple[str, ObservedSet], ...] = ()
    found: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[SetChange, ...]:
        """Only the sets that change."""
        return tuple(change for change in self.sets if change.is_change)

    @property
    def is_empty(self) -> bool:
        """Whether applying this would do nothing."""
        return not self.changes

    def to_json(self, lang: Lang = "en") -> dict[str, object]:
        """The documented form: sets that change, and what stays until a day."""
        return {
            "domain": self.domain,
            "target": self.target,
            "as_of": self.as_of.isoformat(),
            "records": [
                {
                    "name": change.name,
                    "type": change.type,
                    "before": list(change.before.plain) if change.before else [],
                    "after": [value.value for value in change.after],
                    "why": change.why(lang),
                    "line": change.position.line if change.position else None,
                }
                for change in self.changes
            ],
            "retiring": [
                {
                    "name": retiring_value.name,
                    "type": retiring_value.type,
                    "value": retiring_value.value,
                    "until": retiring_value.until.isoformat(),
                }
                for retiring_value in self.retiring
            ],
        }

    def digest(self, version: str) -> str:
        """Binds a review to an apply: domain, target, old, new, day and version (hex SHA-256)."""
        body = {
            "version": version,
            "domain": self.domain,
            "target": self.target,
            "as_of": self.as_of.isoformat(),
            "sets": [
                [
                    change.key,
                    change.before.ttl if change.before else None,
                    sorted(map(_stored, change.before.values)) if change.before else None,
                    change.ttl,
                    sorted(map(_stored, change.after)),
                ]
                for change in sorted(self.changes, key=lambda change: change.key)
            ],
        }
        octets = json.dumps(body, sort_keys=True, ensure_ascii=True).encode("ascii")
        return hashlib.sha256(octets).hexdigest()


def _stored(value: ObservedValue) -> str:
    parts = [string.hex() for string in value.strings or ()]
    return value.value if not parts else "txt:" + ",".join(parts)
