"""YAML as a tree of strings with positions; what does not parse hides only its own block."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from mailwright.model.finding import Finding, found
from mailwright.model.position import Position
from mailwright.spec import rules

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Levels of values below each other; a spec has seven.
DEEPEST = 20
#: What YAML 1.1 resolves plain text to; any other tag was written by hand.
_TAGS = frozenset(
    (
        None,
        "!",
        *(
            f"tag:yaml.org,2002:{name}"
            for name in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge", "map", "seq")
        ),
    )
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


class _TooDeep(Exception):
    """The text nests deeper than any spec."""

    def __init__(self, position: Position) -> None:
        super().__init__()
        self.position = position


@dataclass(slots=True)
class _Walk:
    file: str
    offset: int
    findings: list[Finding] = field(default_factory=list)
    anchors: dict[str, Position] = field(default_factory=dict)

    def at(self, mark: Any) -> Position:
        return Position(self.file, mark.line + 1 + self.offset, mark.column + 1)


def parse(text: str, file: str) -> tuple[Branch | None, list[Finding], bool]:
    """The spec as a tree, its findings, and whether a block had to be left out."""
    try:
        branch, listed_findings = _tree(text, file, 0)
        return branch, listed_findings, False
    except yaml.YAMLError:
        pass
    items: dict[str, Node] = {}
    keys: dict[str, Position] = {}
    findings: list[Finding] = []
    for offset, block in _blocks(text):
        try:
            branch, listed_findings = _tree(block, file, offset)
        except yaml.YAMLError as error:
            findings.append(_syntax(error, file, offset, block))
            continue
        findings += listed_findings
        if branch is None:
            continue
        for key, node in branch.items.items():
            at = branch.keys[key]
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
    events = yaml.parse(text, Loader=_LOADER)
    try:
        next(events), (first := next(events))  # the stream's start; the document's, or the stream's end
        if isinstance(first, yaml.StreamEndEvent):
            return None, []
        head = next(events)
        node = _node(walk, head, events, "", 0)
        next(events)  # the document's end
        more = next(events)
        if isinstance(more, yaml.DocumentStartEvent):
            raise yaml.MarkedYAMLError(
                problem="a second document begins", problem_mark=cast(Any, more.start_mark)
            )
    except (ValueError, StopIteration) as error:
        raise yaml.YAMLError(str(error)) from None
    except _TooDeep as error:
        return None, [found(rules.TOO_DEEP, position=error.position, most=DEEPEST)]
    if not isinstance(node, Branch):
        return None, [found(rules.NOT_A_SPEC, position=walk.at(head.start_mark))]
    return node, walk.findings


def _node(walk: _Walk, event: Any, events: Iterator[Any], path: str, depth: int) -> Node:
    """One node, from the event it begins with. Raises _TooDeep before the parser does: it goes by the stack.

    An alias, which could blow up (an alias bomb), and a tag are findings and no values.
    """
    position = walk.at(event.start_mark)
    if depth > DEEPEST:
        raise _TooDeep(position)
    if isinstance(event, yaml.AliasEvent):
        anchor = walk.anchors.get(event.anchor or "", position)
        walk.findings.append(found(rules.ALIAS, path=path, position=anchor))
        return Scalar("", position)
    if event.anchor:
        walk.anchors[event.anchor] = position
    node: Node
    if isinstance(event, yaml.ScalarEvent):
        node = Scalar(event.value, position)
    elif isinstance(event, yaml.SequenceStartEvent):
        node = Items(_items(walk, events, path, depth), position)
    else:
        node = _branch(walk, events, path, depth, position)
    if event.tag not in _TAGS:
        walk.findings.append(found(rules.ALIAS, path=path, position=position))
        return Scalar("", position)
    return node


def _items(walk: _Walk, events: Iterator[Any], path: str, depth: int) -> list[Node]:
    items: list[Node] = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        items.append(_node(walk, event, events, f"{path}[{len(items)}]", depth + 1))
    return items


def _branch(walk: _Walk, events: Iterator[Any], path: str, depth: int, position: Position) -> Branch:
    items: dict[str, Node] = {}
    keys: dict[str, Position] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        at = walk.at(event.start_mark)
        if not isinstance(event, yaml.ScalarEvent) or event.value == "<<":
            walk.findings.append(found(rules.ALIAS, path=path, position=at))
            _passed_over(walk, event, events, depth)
            _passed_over(walk, next(events), events, depth)
            continue
        key = event.value
        below = f"{path}.{key}" if path else key
        if key in items:
            walk.findings.append(
                found(rules.DUPLICATE, path=below, position=at, key=key, first=keys[key].line)
            )
            _passed_over(walk, next(events), events, depth)
            continue
        keys[key] = at
        items[key] = _node(walk, next(events), events, below, depth + 1)
    return Branch(items, keys, position)


def _passed_over(walk: _Walk, event: Any, events: Iterator[Any], depth: int) -> None:
    """Read a node of which something was said already."""
    _node(_Walk(walk.file, walk.offset), event, events, "", depth + 1)
