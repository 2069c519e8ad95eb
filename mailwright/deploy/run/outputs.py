"""Outputs of a stack that are known once its resources are: what waits, and what still stands for a while."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pulumi

from mailwright.model.names import bare

#: What each component remembers of other providers' records, by service and domain.
_Kept = Mapping[str, Mapping[str, Mapping[str, Any]]]


def export_pending(kept: Sequence[_Kept], waits: Mapping[str, pulumi.Output[bool]]) -> None:
    """Which domains need another run (``again``), or wait for a run or a person (``pending``)."""
    again = sorted(domain for domain, memory in _remembered(kept) if memory.get("pending"))
    if again:
        pulumi.export("again", again)
    if waits:
        flags = pulumi.Output.all(**waits)
        pulumi.export(
            "pending", flags.apply(lambda flags: sorted({*again, *(name for name in flags if flags[name])}))
        )
    elif again:
        pulumi.export("pending", again)


def export_retiring(
    kept: Sequence[_Kept], retiring: Sequence[tuple[str, pulumi.Output[list[dict[str, str]]]]]
) -> None:
    """What stands for a while and until when, by domain; nothing where nothing retires."""
    elsewhere = [(domain, memory.get("retiring") or []) for domain, memory in _remembered(kept)]

    def lines(held: Sequence[list[dict[str, str]] | None]) -> dict[str, list[str]] | None:
        by_domain: dict[str, list[str]] = {}
        ours = zip((domain for domain, _ in retiring), held, strict=True)
        for domain, values in (*ours, *elsewhere):
            for value in values or ():
                line = f"{value['until']} {value['name']} {value['type']} {value['value']}"
                by_domain.setdefault(bare(domain), []).append(line)
        return by_domain or None

    pulumi.export("retiring", pulumi.Output.all(*(output for _, output in retiring)).apply(lines))


def _remembered(kept: Iterable[_Kept]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return [pair for services in kept for domains in services.values() for pair in domains.items()]
