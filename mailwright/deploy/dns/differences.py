"""What an update would be about, value by value: a record that stays is no line of a diff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi.provider.experimental.provider import DiffResponse, PropertyDiffKind

from mailwright.deploy.dns.values import Inputs, Records, State
from mailwright.deploy.properties import kind, response
from mailwright.hosts.dns.service import Target

_Kinds = Iterator[tuple[str, PropertyDiffKind]]


def difference(old: State, new: Inputs) -> DiffResponse:
    """What an update would be about. Paths exist in the inputs, or the CLI prints no lines."""
    details = dict(_records(old.inputs.records, new.records))
    waits = old.asked is not None and (old.asked.pending or bool(old.asked.awaiting))
    if waits or any(retiring_value.until <= new.as_of for retiring_value in old.retiring):
        details["asOf"] = PropertyDiffKind.UPDATE
    return response(details, _place(old.inputs.target), _place(new.target))


def _records(before: Records, after: Records) -> _Kinds:
    for pair in sorted({*before, *after}):
        path = f'records["{pair}"]'
        if pair not in before or pair not in after:
            yield path, kind(pair, before, after)
            continue
        (old_ttl, old_values), (ttl, values) = before[pair], after[pair]
        if old_ttl != ttl:
            yield f"{path}.ttl", PropertyDiffKind.UPDATE
        yield from _values(f"{path}.values", old_values, values)


def _values(path: str, before: Sequence[str], after: Sequence[str]) -> _Kinds:
    """By value, wherever it stands: what goes has its index in the old list, what comes in the new one.

    One that goes where another comes is a change of the one into the other: the CLI shows one line an index.
    """
    gone = {index for index, value in enumerate(before) if value not in after}
    new = {index for index, value in enumerate(after) if value not in before}
    for index in sorted(gone | new):
        if index in gone and index in new:
            yield f"{path}[{index}]", PropertyDiffKind.UPDATE
        else:
            yield f"{path}[{index}]", PropertyDiffKind.ADD if index in new else PropertyDiffKind.DELETE


def in_old_order(before: Mapping[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Outputs whose values stand as they stood: the engine compares what it read index by index."""
    old: Mapping[str, Any] = before.get("records") or {}
    records = {
        pair: {**body, "values": _ordered((old.get(pair) or {}).get("values") or (), body["values"])}
        for pair, body in after["records"].items()
    }
    return {**after, "records": records}


def _ordered(before: Sequence[str], after: Sequence[str]) -> list[str]:
    kept = [value for value in before if value in after]
    return [*kept, *(value for value in after if value not in kept)]


def _place(target: Target) -> dict[str, Any]:
    named = {"domain": target.domain, "zone": target.zone, "service": target.service.name}
    return {**named, **target.properties}
