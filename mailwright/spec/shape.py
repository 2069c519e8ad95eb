"""The tree against the schema: keys, types, closed lists.

It reads the part of JSON Schema 2020-12 that ``mail-spec.schema.json`` uses and nothing else, because
its messages carry positions, both languages and the nearest right word; a test holds it against jsonschema.
Scalars are text here; the schema decides what a text may mean.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mailwright.model.finding import Finding, found
from mailwright.model.text import Text
from mailwright.spec import called, rules
from mailwright.spec.dns_hosts import SCHEMA, schema
from mailwright.spec.tree import Branch, Items, Node, Scalar

__all__ = ["SCHEMA", "advice", "faults", "nearest", "schema"]

_SECRET = re.compile(r"(?i)(secret|token|password|passwd|api_?key|private)")
_NOT_SECRET = frozenset({"mx_token"})

_KINDS = {
    "object": Text("keys with values", "键值对"),
    "array": Text("a list", "列表"),
    "string": Text("a text", "文本"),
    "integer": Text("a whole number", "整数"),
    "boolean": Text("true or false", "true 或 false"),
}
_LONGEST = 64  # characters of a word that may be a slip of a known one
_BOOLEANS = ("true", "false")


@functools.cache
def top_keys() -> frozenset[str]:
    """The keys that a spec may have at the left margin."""
    return frozenset(schema()["properties"])


def faults(root: Branch) -> Iterator[Finding]:
    """Everything about the tree that the schema does not allow."""
    return _node(root, schema(), "", "")


@functools.lru_cache(maxsize=4096)
def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    if len(word) > _LONGEST:
        return None
    matches = difflib.get_close_matches(
        word.lower().replace("-", "_"), [k.replace("-", "_") for k in known], 1, 0.6
    )
    return next((k for k in known if matches and k.replace("-", "_") == matches[0]), None)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` is most likely a slip of."""
    return _nearest(word, tuple(known))


def advice(word: str, known: Iterable[str]) -> Text:
    """“Did you mean …?”, or the whole list."""
    options = tuple(known)
    close = nearest(word, options)
    listed = ", ".join(options)
    if close:
        return Text(
            "Did you mean {close}? Known: {listed}.",
            "是不是 {close}？可用：{listed}。",
            {"close": close, "listed": listed},
        )
    return Text("Known: {listed}.", "可用：{listed}。", {"listed": listed})


def _node(node: Node, rule: Mapping[str, Any], path: str, key: str) -> Iterator[Finding]:
    if not rule:
        return  # what it may be hangs on another key, see `_case`
    kind = _kind(node, rule)
    if kind == "object" and isinstance(node, Branch):
        yield from _object(node, rule, path, key)
    elif kind == "array" and isinstance(node, Items):
        yield from _array(node, rule, path, key)
    elif kind in ("string", "integer", "boolean") and isinstance(node, Scalar):
        yield from _scalar(node, {**rule, "type": kind}, path, key)
    else:
        yield _wrong_type(node, rule, path, key)


def _kind(node: Node, rule: Mapping[str, Any]) -> str:
    """The type that the rule asks for; of several the one that the node has, else the first."""
    kinds = rule.get("type", "string")
    if isinstance(kinds, str):
        return kinds
    mine = {Branch: "object", Items: "array", Scalar: "string"}[type(node)]
    return mine if mine in kinds else str(kinds[0])


def _object(node: Branch, rule: Mapping[str, Any], path: str, key: str) -> Iterator[Finding]:
    known: Mapping[str, Any] = rule["properties"]
    for name, child in node.items.items():
        below = f"{path}.{name}" if path else name
        if name in known:
            yield from _node(child, known[name], below, name)
        elif _SECRET.search(name) and name not in _NOT_SECRET:
            yield found(rules.SECRET, path=below, position=node.keys[name], key=name)
        elif rule["additionalProperties"] is False:
            parent = key or "spec"
            text = advice(name, known)
            yield found(
                rules.UNKNOWN_KEY, path=below, position=node.keys[name], key=name, parent=parent, advice=text
            )
        else:
            yield from _node(child, rule["additionalProperties"], below, name)
    yield from _missing(node, rule, known, path)
    for case in rule.get("allOf", ()):
        yield from _case(node, case, known, path)


def _missing(node: Branch, rule: Mapping[str, Any], known: Mapping[str, Any], path: str) -> Iterator[Finding]:
    for name in rule["required"]:
        if name not in node.items:
            example = _example(rule.get("properties", {}).get(name) or known[name])
            yield found(rules.MISSING, path=path, position=node.position, key=name, example=example)


def _case(node: Branch, case: Mapping[str, Any], known: Mapping[str, Any], path: str) -> Iterator[Finding]:
    """What holds only where one key has one value: which of the known keys may stand beside it."""
    ((chosen, constant),) = case["if"]["properties"].items()
    value = node.items.get(chosen)
    if not isinstance(value, Scalar) or value.text.strip() != constant["const"]:
        return
    allowed = case["then"]["propertyNames"]["enum"]
    for name in node.items:
        if name in known and name not in allowed:
            yield found(
                rules.UNKNOWN_KEY,
                path=f"{path}.{name}",
                position=node.keys[name],
                key=name,
                parent=constant["const"],
                advice=advice(name, allowed),
            )
    for name, rule in case["then"].get("properties", {}).items():
        if name in node.items:
            yield from _node(node.items[name], rule, f"{path}.{name}", name)
    yield from _missing(node, case["then"], known, path)


def _array(node: Items, rule: Mapping[str, Any], path: str, key: str) -> Iterator[Finding]:
    if len(node.items) < rule.get("minItems", 0):
        yield _wrong_type(node, rule, path, key)
    if len(node.items) > rule["maxItems"]:
        count, most = len(node.items), rule["maxItems"]
        yield found(rules.TOO_MANY, path=path, position=node.position, key=key, count=count, most=most)
        return
    items = _referred(rule["items"])
    for number, child in enumerate(node.items):
        yield from _node(child, items, f"{path}[{number}]", key)


def _referred(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """The rule itself, or the one of a top-level key that it refers to, with what it says beside."""
    if "$ref" not in rule:
        return rule
    return {**schema()["properties"][rule["$ref"].rpartition("/")[2]], **rule}


def _scalar(node: Scalar, rule: Mapping[str, Any], path: str, key: str) -> Iterator[Finding]:
    text = node.text.strip()
    if not text or (rule["type"] == "integer" and not re.fullmatch(r"-?\d{1,15}", text, re.ASCII)):
        yield _wrong_type(node, rule, path, key)
        return
    allowed = [str(word) for word in rule.get("enum", ())]
    if rule["type"] == "boolean":
        allowed = list(_BOOLEANS)
    value = str(int(text)) if rule["type"] == "integer" else text
    if allowed and value not in allowed:
        named = (
            called.dns_service(text, allowed) if path.startswith("dns_hosts[") and key == "service" else None
        )
        hint = named or advice(text, allowed)
        yield found(rules.BAD_VALUE, path=path, position=node.position, key=key, value=text, advice=hint)
    if rule["type"] == "integer":
        least, most = rule.get("minimum", 0), rule.get("maximum", 10**15)
        if not allowed and not least <= int(text) <= most:
            hint = Text(
                "Write {least} to {most}.", "请写 {least} 到 {most}。", {"least": least, "most": most}
            )
            yield found(rules.BAD_VALUE, path=path, position=node.position, key=key, value=text, advice=hint)


def _wrong_type(node: Node, rule: Mapping[str, Any], path: str, key: str) -> Finding:
    got = {
        Branch: Text("keys with values", "键值对"),
        Items: Text("a list", "列表")
        if not isinstance(node, Items) or node.items
        else Text("an empty list", "空列表"),
        Scalar: Text("nothing", "空值")
        if isinstance(node, Scalar) and not node.text.strip()
        else Text("a single value", "单个值"),
    }[type(node)]
    example = f"{key}: {_example(rule)}" if key else _example(rule)
    return found(
        rules.WRONG_TYPE,
        path=path,
        position=node.position,
        key=key or "spec",
        wanted=_KINDS[_kind(node, rule)],
        got=got,
        example=example,
    )


def _example(rule: Mapping[str, Any]) -> str:
    examples = rule.get("examples")
    if examples:
        return examples[0] if isinstance(examples[0], str) else json.dumps(examples[0], ensure_ascii=False)
    return "…"
