"""The types of a spec for Pulumi's package schema, out of the spec's own JSON schema.

A key that the spec gains is there by itself. Keys stay as a spec writes them: what a program hands over is
read as a spec file is, and its errors name the same keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mailwright.spec.dns_hosts import schema

#: The type that a whole spec has.
SPEC = "mailwright:index:MailSpec"
_PREFIX = SPEC.replace("MailSpec", "Spec")
_ANY = {"$ref": "pulumi.json#/Any"}
_CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_LISTED = "One of: {words}."

_Rule = Mapping[str, Any]


def spec_types() -> dict[str, dict[str, Any]]:
    """Every object of a spec as a named type."""
    types = _Types()
    types.object(SPEC, schema())
    return types.named


@dataclass(slots=True)
class _Types:
    """The named types met so far."""

    named: dict[str, dict[str, Any]] = field(default_factory=dict)

    def object(self, token: str, rule: _Rule) -> dict[str, Any]:
        """A reference to the type of an object with known keys, which is made the first time."""
        if token not in self.named:
            self.named[token] = {}  # a key may hold the same type again
            path = token.removeprefix(SPEC).removeprefix(_PREFIX)
            properties = {
                name: {**self.value(path + _capitals(name), below), **_about(below)}
                for name, below in rule["properties"].items()
            }
            self.named[token] |= {"type": "object", **_about(rule), "properties": properties}
            if rule.get("required"):
                self.named[token]["required"] = list(rule["required"])
        return {"$ref": f"#/types/{token}"}

    def value(self, path: str, rule: _Rule) -> dict[str, Any]:
        """The type of a value at this path; what hangs on another key may be anything."""
        kinds = rule.get("type", ())
        if "array" in kinds and not isinstance(kinds, str):
            return dict(_ANY)  # the Python SDK sends no list where it may be anything else, too
        types = [
            one
            for kind in ([kinds] if isinstance(kinds, str) else kinds)
            for one in self._kind(kind, path, rule)
        ]
        return types[0] if len(types) == 1 else {"oneOf": types} if types else dict(_ANY)

    def _kind(self, kind: str, path: str, rule: _Rule) -> Iterator[dict[str, Any]]:
        """One, or two where an object has keys of its own beside those that everybody knows."""
        if kind == "array":
            yield {"type": "array", "items": self.value(path, rule["items"])}
        elif kind != "object":
            yield {"type": kind}
        else:
            if rule.get("properties"):
                yield self.object(_PREFIX + path, rule)
            below = rule.get("additionalProperties")
            if isinstance(below, Mapping):
                own = _ANY if rule.get("properties") else self.value(path, below)
                yield {"type": "object", "additionalProperties": dict(own)}


def _capitals(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _about(rule: _Rule) -> dict[str, str]:
    """The English half of what the spec says of a key, with the words that it may be."""
    words = [str(word) for word in rule.get("enum", ())]
    parts = [_english(rule.get("description", "")), _LISTED.format(words=", ".join(words)) if words else ""]
    text = " ".join(filter(None, parts))
    return {"description": text} if text else {}


def _english(both: str) -> str:
    """What stands before the Chinese half of ``ENGLISH / CHINESE``."""
    halves = [both[: match.start()] for match in re.finditer(" / ", both)]
    return next((half for half in reversed(halves) if not _CHINESE.search(half)), both)
