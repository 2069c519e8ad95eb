"""``version; name=value; …`` by the letter of RFC 8460 §3 and RFC 8461 §3.1, which share it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailwright.model.text import Text, shortened

_BLANKS = " \t"
#: A name of at most 32 characters, which may begin with a digit.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,31}")
#: What an extension may hold: neither "=" nor ";" nor blanks.
_VALUE = re.compile(r"[\x21-\x3a\x3c\x3e-\x7e]+")

NO_FIELD = Text("not a field: {part}", "不是“名称=值”：{part}")
NO_NAME = Text(
    "{part}: a name has at most 32 letters, digits, _ - and .",
    "{part}：名称最多 32 个字符，只能是字母、数字、_、- 和 .",
)
NO_VALUE = Text("{part}: the value is empty, or contains = or a space", "{part}：值为空，或其中有 = 或空格")
NOTHING = Text("there is nothing between two semicolons", "两个分号之间没有内容")


@dataclass(frozen=True, slots=True)
class Field:
    """A field as written, and why senders refuse the record for it (None: they do not)."""

    name: str
    value: str
    fault: Text | None = None


def fields(text: str, known: str) -> Iterator[Field]:
    """The fields after the version, in order; ``known`` is the one whose value has a grammar of its own.

    A semicolon at the end is no fault; blanks may stand beside semicolons only.
    """
    parts = [field_text.strip(_BLANKS) for field_text in text.split(";")[1:]]
    if parts and not parts[-1]:
        parts.pop()
    for part in parts:
        name, equals, value = part.partition("=")
        yield Field(name, value, _fault(part, name, equals, value, known))


def _fault(part: str, name: str, equals: str, value: str, known: str) -> Text | None:
    shown = {"part": shortened(part)}
    if not part:
        return NOTHING
    if not equals:
        return NO_FIELD.using(**shown)
    if not _NAME.fullmatch(name):
        return NO_NAME.using(**shown)
    if name != known and not _VALUE.fullmatch(value):
        return NO_VALUE.using(**shown)
    return NO_FIELD.using(**shown) if value.lstrip(_BLANKS) != value else None
