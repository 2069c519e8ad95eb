"""Annotations of a GitHub workflow: they stand beside the line in the pull request."""

from __future__ import annotations

from collections.abc import Sequence

from mailwright.report.formats.items import Item, Level

_COMMAND = {
    Level.ERROR: "error",
    Level.WARNING: "warning",
    Level.UNKNOWN: "warning",
    Level.NOTE: "notice",
}


def render(items: Sequence[Item]) -> str:
    """One workflow command a line; what passed is silent."""
    return "\n".join(_line(item) for item in items if item.level in _COMMAND)


def _line(item: Item) -> str:
    properties = {"title": item.rule}
    if item.position:
        place = item.position
        properties = {"file": place.file, "line": str(place.line), "col": str(place.column), **properties}
    shown = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    # A finding's words name its place; those of a check leave the record and the server to their column.
    has_place = item.position and item.position.file == item.group
    about = f"{item.subject}: " if item.subject and not has_place else ""
    message = " ".join(filter(None, (about + item.message, item.hint)))
    return f"::{_COMMAND[item.level]} {shown}::{_data(message)}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
