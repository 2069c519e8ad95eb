"""Columns on a terminal: Chinese characters take two cells."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

#: Cells of a text that others are aligned with: a group of 900 would push every line as far.
_WIDEST = 120


def width(text: str) -> int:
    """Terminal cells a text takes."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def columns(rows: Sequence[Sequence[str]], gap: str = "  ") -> str:
    """Rows as aligned lines; the last column is not padded, and none because of a cell over _WIDEST."""
    if not rows:
        return ""
    sizes = [[width(cell) for cell in row] for row in rows]
    widths = [max((row[n] for row in sizes if row[n] <= _WIDEST), default=0) for n in range(len(rows[0]))]
    lines = []
    for row, size in zip(rows, sizes, strict=True):
        cells = [cell + " " * (widths[n] - size[n]) for n, cell in enumerate(row[:-1])]
        lines.append(gap.join([*cells, row[-1]]).rstrip())
    return "\n".join(lines)
