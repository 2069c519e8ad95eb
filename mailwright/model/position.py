"""Where in a file something stands."""

from __future__ import annotations

from dataclasses import dataclass

from mailwright.model.text import visible


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a spec file; ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{visible(self.file)}:{self.line}:{self.column}"
