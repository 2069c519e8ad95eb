"""Null MX (RFC 7505): a domain that accepts no mail says so. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

#: The one value of the set, in presentation form.
NULL_MX = "0 ."


def is_null(values: Sequence[str]) -> bool:
    """Whether an MX set says “no mail here”: exactly one record, ``0 .`` (RFC 7505 §3)."""
    return len(values) == 1 and values[0].split() == ["0", "."]


def contradicts(values: Sequence[str]) -> bool:
    """Whether a null MX stands beside others or with another preference, which RFC 7505 §3 forbids."""
    return any(value.split()[-1:] == ["."] for value in values) and not is_null(values)


def exchangers(values: Sequence[str]) -> tuple[str, ...]:
    """The host names of an MX set, lower case without final dot, best preference first; none for null MX."""
    rows = [value.split() for value in values]
    ranked = sorted(
        ((int(row[0]), row[1].rstrip(".").lower()) for row in rows if len(row) == 2 and row[0].isdecimal()),
        key=lambda row: row[0],
    )
    return tuple(dict.fromkeys(host for _, host in ranked if host))
