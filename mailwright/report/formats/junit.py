"""JUnit XML, which every CI knows: one suite a domain or file, one case a thing said."""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from mailwright.report.escaping import xml
from mailwright.report.formats.items import Item, Level


def render(items: Sequence[Item], day: dt.date, *, strict: bool = True) -> str:
    """The document. Without ``strict`` a warning is no failure; a note never is.

    ``timestamp`` is the day that was planned for, at midnight.
    """
    root = ET.Element("testsuites")
    ordered = sorted(items, key=lambda item: item.group)
    for number, (group, members) in enumerate(groupby(ordered, key=lambda item: item.group)):
        root.append(_suite(number, group, list(members), day, strict))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _suite(number: int, group: str, items: list[Item], day: dt.date, strict: bool) -> ET.Element:
    outcomes = [_outcome(group_item, strict) for group_item in items]
    name = _token(group) or "mailwright"
    suite = ET.Element(
        "testsuite",
        name=name,
        package="mailwright",
        id=str(number),
        timestamp=f"{day.isoformat()}T00:00:00",
        hostname="localhost",
        tests=str(len(items)),
        failures=_count(outcomes, "failure"),
        errors=_count(outcomes, "error"),
        skipped=_count(outcomes, "skipped"),
        time="0",
    )
    ET.SubElement(suite, "properties")
    for item, title, outcome in zip(items, _titles(items), outcomes, strict=True):
        case = ET.SubElement(suite, "testcase", name=title, classname=name, time="0")
        if outcome:
            case.append(_element(outcome, item))
    ET.SubElement(suite, "system-out")
    ET.SubElement(suite, "system-err")
    return suite


def _titles(items: Iterable[Item]) -> Iterator[str]:
    """One each: where two things are said of one subject, readers of the file would show the last alone."""
    seen: Counter[str] = Counter()
    for item in items:
        title = _token(f"{item.rule} {item.subject}")
        seen[title] += 1
        yield title if seen[title] == 1 else f"{title} ({seen[title]})"


def _element(outcome: str, item: Item) -> ET.Element:
    element = ET.Element(outcome, message=xml(item.message))
    if outcome != "skipped":
        element.set("type", item.rule)
    element.text = xml("\n".join(filter(None, (str(item.position or ""), item.message, item.hint))))
    return element


def _outcome(item: Item, strict: bool) -> str:
    if item.level is Level.ERROR or (strict and item.level is Level.WARNING):
        return "failure"
    return {Level.UNKNOWN: "error", Level.SKIPPED: "skipped"}.get(item.level, "")


def _count(outcomes: Iterable[str], kind: str) -> str:
    return str(sum(outcome == kind for outcome in outcomes))


def _token(text: str) -> str:
    return " ".join(xml(text).split())
