"""What the modules that read parts of a spec need of the whole: its tree, and where findings go.

``building.Builder`` is the one that has it. The parts know this protocol alone, because the whole is built
of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from mailwright.model.finding import Finding
from mailwright.model.position import Position
from mailwright.model.rules import Rule
from mailwright.spec.tree import Branch


class Builder(Protocol):
    """Collects findings while the parts are built; a bad value gives a finding and an empty part."""

    file: str
    root: Branch
    findings: list[Finding]
    positions: dict[str, Position]
    domain: str

    def say(self, rule: Rule, path: str, **params: object) -> None:
        """Add a finding at a spec path."""
        ...

    def text(self, branch: Branch, key: str) -> str:
        """The scalar at a key, or ''."""
        ...

    def texts(self, branch: Branch, key: str) -> tuple[str, ...]:
        """The scalars of a list."""
        ...

    def texts_as_written(self, branch: Branch, key: str) -> tuple[str, ...]:
        """The scalars of a list, blanks at their ends kept."""
        ...

    def branches(self, branch: Branch, key: str) -> tuple[Branch, ...]:
        """The mappings of a list."""
        ...

    def branch(self, key: str) -> Branch:
        """The mapping at a top-level key, or an empty one."""
        ...

    def named_value(self, path: str, read: Callable[[str], str], text: str, rule: Rule) -> str:
        """A name or address read by one of the functions of ``names``; '' and a finding where it is none."""
        ...

    def address(self, path: str, text: str) -> str:
        """A whole mail address."""
        ...

    def owner(self, path: str, text: str, selector: bool, below: str) -> str:
        """A host record as consoles write it, as an absolute name."""
        ...
