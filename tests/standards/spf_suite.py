"""The RFC 7208 test suite as values: its cases, and its zone data as a look-up function."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from mailwright.standards import spf
from tests.conftest import SHARED

SUITE = SHARED / "suites" / "rfc7208-tests.yml"


class Zone:
    """Zone data by the suite's conventions, asked as ``spf.Lookup``.

    A SPF entry is served as TXT where the name has no TXT entry of its own ("NONE" is one: nothing);
    TIMEOUT answers whatever is not listed before it; CNAMEs are followed, a loop is a failure.
    """

    def __init__(self, data: dict[str, list[Any]]) -> None:
        self.data = {name.lower(): entries for name, entries in data.items()}
        self.asked: list[tuple[str, str]] = []

    def __call__(self, name: str, type: str) -> list[str]:
        assert name.endswith(".")
        self.asked.append((name, type))
        return self._answer(name[:-1].lower(), type, set())

    def _answer(self, name: str, type: str, seen: set[str]) -> list[str]:
        entries = self.data.get(name, [])
        records = [next(iter(entry.items())) for entry in entries if isinstance(entry, dict)]
        alias = next((value for kind, value in records if kind == "CNAME"), None)
        if alias is not None:
            if name in seen:
                raise spf.LookupFailed("alias loop")
            return self._answer(alias.lower().rstrip("."), type, seen | {name})
        if type == "TXT" and not any(kind == "TXT" for kind, _ in records):
            records = [("TXT", value) for kind, value in records if kind == "SPF"]
        found = [_text(value) for kind, value in records if kind == type and value != "NONE"]
        if not found and "TIMEOUT" in entries:
            raise spf.LookupFailed("timeout")
        return found


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(value) if all(isinstance(each, str) for each in value) else f"{value[0]} {value[1]}"
    return str(value)


@dataclass(frozen=True)
class Case:
    """One case of the suite; ``results`` are the results it allows."""

    id: str
    ip: str
    helo: str
    sender: str
    results: tuple[str, ...]
    explanation: str | None
    zone: dict[str, list[Any]]

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2] or self.helo


def cases() -> Iterator[Case]:
    """Every case, in order; none where the suite is not there."""
    if not SUITE.exists():
        return
    for scenario in yaml.safe_load_all(SUITE.read_text(encoding="utf-8")):
        for name, case in scenario["tests"].items():
            results = case["result"] if isinstance(case["result"], list) else [case["result"]]
            yield Case(
                name, str(case["host"]), case["helo"], case["mailfrom"], tuple(results),
                case.get("explanation"), scenario["zonedata"],
            )  # fmt: skip


CASES = list(cases())
