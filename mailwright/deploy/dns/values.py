"""The inputs and the state of a ``DnsRecords`` resource, as values and as Pulumi properties."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mailwright.deploy.dns.asked import Asked
from mailwright.deploy.properties import meant, shown
from mailwright.hosts.dns.service import Target
from mailwright.hosts.dns.services import properties_of, target_of
from mailwright.model.changes import Retiring
from mailwright.model.families import Family, family_of
from mailwright.model.names import absolute
from mailwright.model.records import PlannedRecord

#: ``NAME TYPE`` → (TTL in seconds, values in presentation form, sorted).
Records = Mapping[str, tuple[int, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the program asks for: the target, its records and the day.

    A state of an earlier version holds ``allow`` too; that consent was of its day, and is passed over.
    """

    target: Target
    records: Records
    as_of: dt.date

    @staticmethod
    def of(properties: Mapping[str, Any]) -> Inputs:
        """Read plain properties; they must have passed ``check``."""
        return Inputs(
            target=target_of(properties),
            records=records_of(properties.get("records") or {}),
            as_of=dt.date.fromisoformat(properties["asOf"]),
        )

    def plain(self) -> dict[str, Any]:
        """The properties, in the one form that check makes of every spelling."""
        return {
            **properties_of(self.target),
            "records": plain_records(self.records),
            "asOf": self.as_of.isoformat(),
            **self.target.unusual,
        }


@dataclass(frozen=True, slots=True)
class State:
    """What the engine keeps: the inputs, our records as last seen, as last applied, what retires.

    ``inputs.records`` are what the world was last seen to hold of ours; ``applied`` is what we
    wrote, so that a difference between the two is drift and putting it right is a repair. ``found`` is
    what stood there before the first apply, for ``undo``; None where nobody kept it. ``asked`` is what a
    person was asked to enter; None where our provider writes.
    """

    inputs: Inputs
    applied: Records = field(default_factory=dict)
    retiring: tuple[Retiring, ...] = ()
    found: Records | None = None
    asked: Asked | None = None

    @staticmethod
    def of(properties: Mapping[str, Any]) -> State:
        """Read plain output properties."""
        inputs = Inputs.of(properties)
        applied, before = properties.get("applied"), properties.get("found")
        return State(
            inputs=inputs,
            applied=inputs.records if applied is None else records_of(applied),
            retiring=tuple(map(retiring_of, properties.get("retiring") or ())),
            found=None if before is None else records_of(before),
            asked=Asked.of(properties),
        )

    def plain(self) -> dict[str, Any]:
        """The output properties."""
        body: dict[str, Any] = {
            **self.inputs.plain(),
            "applied": plain_records(self.applied),
            "retiring": [plain_retiring(retiring_value) for retiring_value in self.retiring],
        }
        if self.found is not None:
            body["found"] = plain_records(self.found)
        if self.asked is not None:
            body |= self.asked.plain()
        return body


def planned(records: Records) -> tuple[PlannedRecord, ...]:
    """Records as a plan has them: one entry a family of a set."""
    planned_records: list[PlannedRecord] = []
    for pair, (ttl, values) in sorted(records.items()):
        name, _, type = pair.rpartition(" ")
        by_family: dict[Family, list[str]] = {}
        for value in values:
            by_family.setdefault(family_of(name, type, value), []).append(value)
        planned_records += [
            PlannedRecord(name, type, ttl, tuple(v), family) for family, v in by_family.items()
        ]
    return tuple(planned_records)


def record_map(records: Iterable[PlannedRecord]) -> dict[str, tuple[int, tuple[str, ...]]]:
    """A plan's records as one map: entries of one set joined, the lowest TTL for all of it."""
    by_key: dict[str, tuple[int, tuple[str, ...]]] = {}
    for record in records:
        ttl, values = by_key.get(record.key, (record.ttl, ()))
        joined = sorted({*values, *record.values})
        by_key[record.key] = (min(ttl, record.ttl), tuple(joined))
    return by_key


# -- one value each ----------------------------------------------------------------------------------


def records_of(properties: Mapping[str, Any]) -> Records:
    """Records from their property form."""
    records = {}
    for pair, body in properties.items():
        name, _, type = pair.rpartition(" ")
        values = tuple(sorted({meant(value) for value in body["values"]}))
        records[f"{absolute(name)} {type.upper()}"] = (int(body["ttl"]), values)
    return records


def plain_records(records: Records) -> dict[str, Any]:
    """Records in their property form."""
    return {
        pair: {"ttl": ttl, "values": [shown(value) for value in values]}
        for pair, (ttl, values) in sorted(records.items())
    }


def plain_retiring(retiring_value: Retiring) -> dict[str, str]:
    """A retiring value as state keeps it."""
    return {
        "name": retiring_value.name,
        "type": retiring_value.type,
        "value": shown(retiring_value.value),
        "family": str(retiring_value.family),
        "since": retiring_value.since.isoformat(),
        "until": retiring_value.until.isoformat(),
    }


def retiring_of(body: Mapping[str, Any]) -> Retiring:
    """What ``plain_retiring`` made."""
    return Retiring(
        name=body["name"],
        type=body["type"],
        value=meant(body["value"]),
        family=Family(body["family"]),
        since=dt.date.fromisoformat(body["since"]),
        until=dt.date.fromisoformat(body["until"]),
    )
