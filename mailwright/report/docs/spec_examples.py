"""The examples of ``docs/spec.md``, read from ``docs/spec-examples``, and what planning makes of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mailwright.hosts.mail import sieve
from mailwright.model.finding import Finding
from mailwright.model.names import relative
from mailwright.model.plan import Plan
from mailwright.model.text import Lang
from mailwright.plan.plan import plans
from mailwright.report.mailboxes import objects as mailbox_objects
from mailwright.spec.loading import SpecResult, parse

_TOP = re.compile(r"^(?=\w+:)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """A piece of a spec. ``before`` is the whole spec without it, empty where it is a spec by itself."""

    block: str
    shown: str
    before: str
    after: str
    as_of: dt.date
    file: str

    def read(self) -> SpecResult:
        """The spec that the example makes."""
        return parse(self.after.encode(), self.file)

    def change(self) -> Change:
        """What planning it changes. Raises ValueError where ``check`` refuses it."""
        return Change(self._plans(self.before) if self.before else (), self._plans(self.after))

    def values(self, path: str) -> list[Any]:
        """Every value that the example has at a path such as ``senders[].from``; scalars are text."""
        return list(_values([yaml.load(self.shown, yaml.BaseLoader)], path))

    def _plans(self, text: str) -> tuple[Plan, ...]:
        result = parse(text.encode(), self.file)
        if result.spec is None:
            raise ValueError(f"{self.block}: " + "; ".join(finding.message() for finding in result.findings))
        return plans(result.spec, self.as_of)


@dataclass(frozen=True, slots=True)
class Change:
    """The plans of a spec without an example and with it."""

    before: tuple[Plan, ...]
    after: tuple[Plan, ...]

    def records(self, lang: Lang) -> list[str]:
        """Record values that go (``-``) and that come (``+``), the latter with their reason."""
        return _differing(_records(self.before, lang), _records(self.after, lang))

    def objects(self, lang: Lang) -> list[str]:
        """Mailboxes, addresses and what is closed, likewise."""
        return _differing(_objects(self.before, lang), _objects(self.after, lang))

    def scripts(self) -> dict[str, str]:
        """The Sieve scripts that come or change, by mailbox."""
        before = _scripts(self.before)
        return {box: text for box, text in _scripts(self.after).items() if before.get(box) != text}

    def findings(self) -> tuple[list[Finding], list[Finding]]:
        """What ``check`` says no longer, and what it says now."""
        before, after = (
            {(finding.rule, finding.message()): finding for one in some for finding in one.findings}
            for some in (self.before, self.after)
        )
        gone = [finding for key, finding in before.items() if key not in after]
        return gone, [finding for key, finding in after.items() if key not in before]


def examples(folder: Path) -> list[Example]:
    """Every example of ``examples.yaml`` in ``folder``. Raises KeyError where a part is missing."""
    body = yaml.safe_load((folder / "examples.yaml").read_text(encoding="utf-8"))
    file, day = str(folder / "example.yaml"), body["as_of"]
    collected = []
    for block, several in body["blocks"].items():
        for entry in several:
            shown, given = entry["example"].rstrip() + "\n", _given(entry.get("given", ""), body["pieces"])
            before = "" if entry.get("whole") else together(body["base"], given)
            collected.append(Example(block, shown, before, together(before, shown), day, file))
    return collected


def _given(written: Any, pieces: Mapping[str, str]) -> str:
    return pieces[written["piece"]] if isinstance(written, Mapping) else str(written)


def together(*specs: str) -> str:
    """Pieces of specs as one; of two with the same key the later one stands."""
    parts: dict[str, str] = {}
    for spec in specs:
        for part in filter(str.strip, _TOP.split(spec)):
            parts[part.partition(":")[0]] = part.rstrip() + "\n"
    return "".join(parts.values())


def _values(nodes: list[Any], path: str) -> Iterator[Any]:
    step, _, rest = path.partition(".")
    name, listed = step.removesuffix("[]"), step.endswith("[]")
    inner: list[Any] = []
    for node in nodes:
        if isinstance(node, Mapping):
            children = list(node.values()) if name == "*" else [node[name]] if name in node else []
            inner += [item for child in children for item in (child if listed else [child])]
    if rest:
        yield from _values(inner, rest)
    else:
        yield from inner


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    gone = [f"- {line}" for line in before if line not in after]
    return gone + [f"+ {line}{reason}" for line, reason in after.items() if line not in before]


def _records(planned: tuple[Plan, ...], lang: Lang) -> dict[str, str]:
    return {
        " ".join(
            (_owner(record.name, plan, planned[0]), str(record.ttl), record.type, short(value))
        ): f"\n    {record.why(lang)}"
        for plan in planned
        for record in plan.records
        for value in record.values
    }


def _owner(name: str, plan: Plan, company: Plan) -> str:
    """The host record; of a second domain the whole name."""
    return relative(name, plan.domain) if plan.domain == company.domain else name


def short(text: str) -> str:
    """A text whose long keys show their beginning only."""
    return re.sub(r"([A-Za-z0-9+/]{20})[A-Za-z0-9+/]{60,}=*", r"\1…", text)


def _objects(planned: tuple[Plan, ...], lang: Lang) -> dict[str, str]:
    lines = (line for plan in planned for line in mailbox_objects.lines(plan.mailboxes))
    shown = (line.cells(lang) for line in lines)
    return {
        f"{address}  {kind}" + (f" → {to}" if to else "") + (f"  ({more})" if more else ""): ""
        for kind, address, to, more in shown
    }


def _scripts(planned: tuple[Plan, ...]) -> dict[str, str]:
    return {
        box: text.replace("\r\n", "\n")
        for plan in planned
        if plan.mailboxes
        for box, text in sieve.scripts(plan.mailboxes).items()
    }
