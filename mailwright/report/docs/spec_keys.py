"""Every key of a spec, read from the schema: what it means, what holds without it, what it may be.

A ``description`` in the schema has both languages, "English / 中文"; ``default`` is a value, ``x-default``
says in both languages what a default follows from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mailwright.model.text import Text

BETWEEN = " / "  # of the two languages
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Key:
    """A key. ``block`` is the path of the mapping that it stands in: ``""``, ``senders[]``, ``people.*``."""

    block: str
    name: str
    rule: Schema
    required: bool

    @property
    def path(self) -> str:
        """``senders[].from``; ``[]`` is any item of a list, ``*`` any key."""
        return f"{self.block}.{self.name}" if self.block else self.name

    @property
    def meaning(self) -> Text:
        """What it says. Raises ValueError where the schema does not say it in both languages."""
        return both(self.rule.get("description", ""), self.path)

    @property
    def default(self) -> Text | None:
        """What holds where the key is not written; None where nothing does."""
        if "x-default" in self.rule:
            return both(self.rule["x-default"], self.path)
        if "default" not in self.rule:
            return None
        value = self.rule["default"]
        written = str(value).lower() if isinstance(value, bool) else str(value)
        return Text(f"`{written}`", f"`{written}`")

    @property
    def allowed(self) -> tuple[str, ...]:
        """The values of a closed list; empty where the list is open."""
        return tuple(map(str, self.rule.get("enum", ())))

    @property
    def inner(self) -> str | None:
        """The path of the mapping that the key holds, itself or as items; None for plain values."""
        return next((path for path, rule in _below(self.path, self.rule) if rule.get("properties")), None)


def both(written: str, path: str) -> Text:
    """ "English / 中文" as a text. Raises ValueError where it is not of that form."""
    en, between, zh = written.partition(BETWEEN)
    if not (en.strip() and between and zh.strip()):
        raise ValueError(f"{path}: write the description as “English / 中文”: {written}")
    return Text(_literal(en), _literal(zh))


def _literal(text: str) -> str:
    return text.strip().replace("{", "{{").replace("}", "}}")


def keys(schema: Schema, block: str = "") -> Iterator[Key]:
    """Every key of the schema, each mapping's own ones before those of the mappings inside."""
    mine = [
        Key(block, name, rule, name in schema.get("required", ()))
        for name, rule in schema.get("properties", {}).items()
    ]
    yield from mine
    for key in mine:
        for path, rule in _below(key.path, key.rule):
            yield from keys(rule, path)


def _below(path: str, rule: Schema) -> Iterator[tuple[str, Schema]]:
    """The rules that may hold keys: the value itself, the items of a list, the values of open keys."""
    yield path, rule
    if isinstance(rule.get("items"), Mapping):
        yield f"{path}[]", rule["items"]
    if isinstance(rule.get("additionalProperties"), Mapping) and not rule.get("properties"):
        yield f"{path}.*", rule["additionalProperties"]
