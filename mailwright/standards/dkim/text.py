"""The text of a key record: what RFC 6376 §3.2 lets stand in it, and what pasting puts there."""

from __future__ import annotations

import re
import unicodedata

from mailwright.model.readings import BLANKS
from mailwright.standards.faults import Fault

_TAG = re.compile(r"[ \t\r\n]*([A-Za-z][A-Za-z0-9_]*)[ \t\r\n]*=[ \t\r\n]*(.*)", re.DOTALL)
_ODD = re.compile(r"[^\x20-\x7e\t\r\n]")
_HOST = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_\-]*\.){2,}[A-Za-z][A-Za-z0-9\-]*[A-Za-z0-9]\.?")


class DkimError(Fault):
    """The text is no key record, or the key no public key."""


def character(char: str) -> str:
    """A character for people: itself where it is plain ASCII, else its number and its name."""
    if char.isascii() and char.isprintable():
        return f"“{char}”"
    name = unicodedata.name(char, "")
    return f"U+{ord(char):04X}{' ' if name else ''}{name}"


def tags_of(text: str) -> tuple[dict[str, str], dict[str, int]]:
    """The tags of a record in order, and at which character, from 1, each value begins.

    Raises DkimError for what RFC 6376 §3.2 forbids, with its place: other characters than printable ASCII and
    blanks, nothing between two semicolons, a tag twice.
    """
    odd = _ODD.search(text)
    if odd:
        raise DkimError(
            "{char} at character {at}, where verifiers accept only ASCII",
            "第 {at} 个字符是 {char}，收件方只接受 ASCII 字符",
            char=character(odd.group()),
            at=odd.start() + 1,
        )
    tags: dict[str, str] = {}
    places: dict[str, int] = {}
    at = 0
    parts = text.split(";")
    for number, part in enumerate(parts):
        if part.strip(BLANKS) or not (number and number == len(parts) - 1):
            name, start, value = _tag(part, at, alone=len(parts) == 1)
            if name in tags:
                raise DkimError("the tag {tag}= appears twice", "标签 {tag}= 出现了两次", tag=name)
            tags[name], places[name] = value, at + start + 1
        at += len(part) + 1
    return tags, places


def _tag(part: str, at: int, *, alone: bool) -> tuple[str, int, str]:
    match = _TAG.fullmatch(part)
    if match:
        return match.group(1), match.start(2), match.group(2).strip(BLANKS)
    if part.strip(BLANKS) or alone:
        raise DkimError("not a tag: {part}", "不是“标签=值”：{part}", part=part.strip(BLANKS)[:60])
    raise DkimError(
        "nothing comes before the semicolon at character {at}",
        "第 {at} 个字符处的分号前没有内容",
        at=at + len(part) + 1,
    )


def is_host_name(text: str) -> bool:
    """Whether the text is the name of a host, which belongs into a CNAME."""
    return len(text) < 256 and _HOST.fullmatch(text) is not None


def cleaned(text: str) -> tuple[str, tuple[str, ...]]:
    """The record without what pasting puts into it, where that leaves one reading; and what was taken out.

    Blanks that are none to verifiers (U+00A0, U+3000, zero-width ones, line ends) beside a tag, its name or
    its value, and within ``p=``, say nothing. What is taken out is named by character and place. A text
    without any comes back as it is, and so does one where a blank parts something else.
    """
    odd = [(n, c) for n, c in enumerate(text, 1) if c != " " and (c.isspace() or _is_unseen(c))]
    if not odd and text == text.strip(" "):
        return text, ()
    parts = [_plain(part) for part in text.split(";")]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    clean_text = "; ".join(filter(None, parts))
    if None in parts or "" in parts:
        return text, ()
    try:
        tags_of(clean_text)
    except DkimError:
        return text, ()
    return clean_text, tuple(f"{character(char)} ({at})" for at, char in odd)


def _plain(part: str) -> str | None:
    """A tag without odd blanks; None where one stands within something else than ``p=``."""
    seen = "".join(char for char in part if not _is_unseen(char))
    name, equals, value = (side.strip() for side in seen.partition("="))
    if name == "p":
        return name + equals + "".join(value.split())
    return None if any(char.isspace() and char != " " for char in name + value) else name + equals + value


def _is_unseen(char: str) -> bool:
    """Whether nobody sees the character: zero-width spaces, byte order marks, soft hyphens."""
    return not char.isascii() and unicodedata.category(char) == "Cf"
