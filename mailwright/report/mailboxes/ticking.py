"""A checklist with what ``verify --mail`` has seen: done steps are ticked, others are not."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailwright.model.checks import Check, Status

_LINE = re.compile(r"^(\d+\. )\[[ xX]\]", re.MULTILINE)
_ID = re.compile(r"<!-- (.+?) -->")
#: A mailbox is there where it takes mail or somebody logs in; where mail ends, only a test mail shows.
_THERE = frozenset({"address-takes-mail", "mail-login", "test-mail-arrives"})
_ENDS = frozenset({"test-mail-arrives"})
_PROOF = {
    "person": _THERE,
    "shared": _THERE,
    "alias": _ENDS,
    "group": _ENDS,
    "forward": _ENDS,
    "handover": _ENDS,
    "test": _ENDS,
}


def ticked(checklist: str, checks: Iterable[Check]) -> str:
    """The checklist of one domain again; steps that nobody can see from outside stay as they are."""
    seen: dict[tuple[str, str], set[Status]] = {}
    for check in checks:
        seen.setdefault((check.rule, check.name), set()).add(check.status)
    blocks = re.split(r"(?m)(?=^\d+\. \[)", checklist)
    return "".join(_block(block, seen) for block in blocks)


def _block(block: str, seen: dict[tuple[str, str], set[Status]]) -> str:
    match = _ID.search(block)
    kind, _, address = match[1].partition(":") if match else ("", "", "")
    rules, name = _PROOF.get(kind, frozenset()), address
    if kind == "catch-all":
        rules, name = frozenset({"address-takes-mail"}), _anybody(seen)
    statuses = {
        status
        for (rule, where), several in seen.items()
        if where == name
        for status in several
        if rule in rules or status is Status.FAIL
    }
    if not statuses:
        return block
    mark = "x" if statuses == {Status.PASS} else " "
    return _LINE.sub(rf"\g<1>[{mark}]", block, count=1)


def _anybody(seen: dict[tuple[str, str], set[Status]]) -> str:
    return next((name for _, name in seen if name.startswith("(unknown)@")), "")
