"""A change of a few lines of a spec as somebody wrote it: comments, order and form of the rest stay."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import yaml


def with_keys(text: str, block: str, keys: Mapping[str, str]) -> str:
    """The text with these keys in a top-level mapping; what is written already gets the new value.

    Raises ValueError where the block is no mapping of plain values that can be changed line by line.
    """
    for key, value in keys.items():
        text = _with_key(text, block, key, value)
    return text


def with_item(text: str, block: str, item: str) -> str:
    """The text with one more item, in flow style, at the end of a top-level list."""
    node = _value(text, block)
    if node is None:
        return _ended(text) + f"{block}:\n  - {item}\n"
    if not isinstance(node, yaml.SequenceNode):
        raise ValueError(block)
    if node.flow_style:
        return _in_flow(text, node, item)
    last = node.value[-1]
    end = _line_end(text, last.end_mark.index)
    indent = " " * node.start_mark.column
    return text[:end] + f"\n{indent}- {item}" + text[end:]


def unified(before: str, after: str, file: str) -> str:
    """The difference as `git apply` and `patch` take it."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{file}", f"b/{file}"
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _with_key(text: str, block: str, key: str, value: str) -> str:
    node = _value(text, block)
    if node is None:
        return _ended(text) + f"{block}: {{{key}: {value}}}\n"
    if isinstance(node, yaml.ScalarNode) and not node.value:
        return _into_empty(text, node, key, value)
    if not isinstance(node, yaml.MappingNode):
        raise ValueError(block)
    for name, old in node.value:
        if name.value == key:
            return text[: old.start_mark.index] + value + text[old.end_mark.index :]
    if node.flow_style:
        return _in_flow(text, node, f"{key}: {value}")
    name, _ = node.value[-1]
    end = _line_end(text, max(node.value[-1][1].end_mark.index - 1, name.end_mark.index))
    return text[:end] + f"\n{' ' * name.start_mark.column}{key}: {value}" + text[end:]


def _in_flow(text: str, node: yaml.CollectionNode, last: str) -> str:
    """One more entry at the end of a list or mapping in flow style."""
    end = node.end_mark.index - 1
    before = text[:end].rstrip()
    comma = "" if not node.value or before.endswith(",") else ", "
    return before + comma + last + text[end:]


def _into_empty(text: str, node: yaml.Node, key: str, value: str) -> str:
    at = node.start_mark.index
    return f"{text[:at]} {{{key}: {value}}}{text[node.end_mark.index :]}"


def _value(text: str, block: str) -> yaml.Node | None:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(block) from error
    if not isinstance(root, yaml.MappingNode):
        raise ValueError(block)
    return next((value for name, value in root.value if name.value == block), None)


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else text + "\n"
