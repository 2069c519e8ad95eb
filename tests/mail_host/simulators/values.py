"""Reading the loosely typed values of a step."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping


def text(values: Mapping[str, object], name: str, default: str = "") -> str:
    """A word."""
    value = values.get(name)
    return default if value is None else str(value)


def flag(values: Mapping[str, object], name: str, default: bool = False) -> bool:
    """A yes or no."""
    value = values.get(name)
    return default if value is None else bool(value)


def number(values: Mapping[str, object], name: str, default: int = 0) -> int:
    """A number."""
    value = values.get(name)
    return value if isinstance(value, int) else default


def texts(values: Mapping[str, object], name: str) -> tuple[str, ...]:
    """One word or several."""
    value = values.get(name)
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return tuple(str(item) for item in value) if isinstance(value, Iterable) else (str(value),)


def addresses(values: Mapping[str, object], name: str) -> tuple[str, ...]:
    """One address or several, in lower case."""
    return tuple(item.lower() for item in texts(values, name))


def day(values: Mapping[str, object], name: str) -> datetime.date | None:
    """A day, or nothing."""
    value = values.get(name)
    return value if isinstance(value, datetime.date) else None


def mapping(values: Mapping[str, object], name: str) -> Mapping[str, object]:
    """A mapping, empty if missing."""
    value = values.get(name)
    return {str(key): item for key, item in value.items()} if isinstance(value, Mapping) else {}
