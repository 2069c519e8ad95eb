"""YAML as a tree of strings with positions; what does not parse hides only its own block."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from mailwright.model.finding import Finding, found
from mailwright.model.position import Position
from mailwright.spec import rules

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 20
#: What YAML 1.1 resolves plain text to; any other tag was written by hand.
_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge", "map", "seq")
)
_TOP_KEY = re.compile(r"^[^\s#\-\[\]{}\"'&*!|>%@,][^:]*:(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar as text, whatever YAML 1.1 would have made of it (`no`, `0755`, dates)."""

    text: str
    position: Position


@dataclass(frozen=True, slots=True)
class Branch:
    """A mapping; ``keys`` has the position of each key."""

    items: Mapping[str, Node]
    keys: Mapping[str, Position]
    position: Position


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence."""

    items: Sequence[Node]
    position: Position


Node = Scalar | Branch | Items


@dataclass(slots=True)
class _Walk:
    file: str
    offset: int
    findings: list[Finding] = field(default_factory=list)

    def at(self, mark: Any) -> Position:
        return Position(self.file, mark.line + 1 + self.offset, mark.column + 1)


def parse(text: str, file: str) -> tuple[Branch | None, list[Finding], bool]:
    """The spec as a tree, its findings, and whether a block had to be left out."""
    try:
        return (*_tree(text, file, 0), False)
    except yaml.YAMLError:
        pass
    items: dict[str, Node] = {}
    keys: dict[str, Position] = {}
    findings: list[Finding] = []
    for offset, block in _blocks(text):
        try:
            made, said = _tree(block, file, offset)
        except yaml.YAMLError as error:
            findings.append(_syntax(error, file, offset, block))
            continue
        findings += said
        if made is None:
            continue
        for key, node in made.items.items():
            at = made.keys[key]
            if key in items:
                findings.append(found(rules.DUPLICATE, path=key, position=at, key=key, first=keys[key].line))
            else:
                items[key], keys[key] = node, at
    return Branch(items, keys, Position(file, 1, 1)), findings, True


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """The text cut at its top-level keys: (lines before, block)."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if _TOP_KEY.match(line)]
    cuts = sorted({0, *starts})
    for begin, end in zip(cuts, [*cuts[1:], len(lines)], strict=True):
        yield begin, "\n".join(lines[begin:end])


def _syntax(error: yaml.YAMLError, file: str, offset: int, block: str) -> Finding:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "not understood"
    if mark is None:
        return found(rules.SYNTAX, position=Position(file, offset + 1, 1), reason=reason)
    line = min(mark.line, block.rstrip("\n").count("\n"))
    column = mark.column + 1 if line == mark.line else 1
    return found(rules.SYNTAX, position=Position(file, offset + line + 1, column), reason=reason)


def _tree(text: str, file: str, offset: int) -> tuple[Branch | None, list[Finding]]:
    walk = _Walk(file, offset)
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except (ValueError, RecursionError) as error:
        raise yaml.YAMLError(str(error)) from None
    if root is None:
        return None, []
    seen: set[int] = set()
    made = _node(walk, root, "", 0, seen)
    if not isinstance(made, Branch):
        return None, [found(rules.NOT_A_SPEC, position=walk.at(root.start_mark))]
    return made, walk.findings


def _node(walk: _Walk, node: Any, path: str, depth: int, seen: set[int]) -> Node:
    """One node; a node met twice is an alias, which could blow up (an alias bomb)."""
    position = walk.at(node.start_mark)
    odd_tag = node.tag not in _TAGS
    if id(node) in seen or odd_tag or depth > _DEEPEST:
        walk.findings.append(found(rules.ALIAS, path=path, position=position))
        return Scalar("", position)
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return Scalar(node.value, position)
    if isinstance(node, yaml.SequenceNode):
        items = [_node(walk, each, f"{path}[{n}]", depth + 1, seen) for n, each in enumerate(node.value)]
        return Items(items, position)
    return _branch(walk, node, path, depth, seen)


def _branch(walk: _Walk, node: Any, path: str, depth: int, seen: set[int]) -> Branch:
    items: dict[str, Node] = {}
    keys: dict[str, Position] = {}
    for key_node, value_node in node.value:
        at = walk.at(key_node.start_mark)
        if not isinstance(key_node, yaml.ScalarNode) or key_node.value == "<<":
            walk.findings.append(found(rules.ALIAS, path=path, position=at))
            continue
        key = key_node.value
        below = f"{path}.{key}" if path else key
        if key in items:
            walk.findings.append(
                found(rules.DUPLICATE, path=below, position=at, key=key, first=keys[key].line)
            )
            continue
        keys[key] = at
        items[key] = _node(walk, value_node, below, depth + 1, seen)
    return Branch(items, keys, walk.at(node.start_mark))
