"""Bytes to text: encodings, size, and the characters that input methods slip into YAML."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from mailwright.model import variables
from mailwright.model.finding import Finding, found
from mailwright.model.position import Position
from mailwright.spec import rules

MOST = 256 << 10  # bytes a spec may have; a company of a thousand people needs half of them
LARGEST = 4 << 20  # with ``--large``

#: Full-width characters that stand for YAML's own punctuation.
_PLAIN = {
    "：": ":",
    "，": ",",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "（": "(",
    "）": ")",
    "［": "[",
    "］": "]",
    "｛": "{",
    "｝": "}",
    "【": "[",
    "】": "]",
    "－": "-",
    "＃": "#",
    "＠": "@",
    "．": ".",
    "\u3000": "a blank",
}
# Matched where the indentation ends: two runs of blanks side by side would be tried in each split.
_KEY = re.compile(r"(?:- +)?[A-Za-z_]\w*\s*：")
_VALUE = re.compile(r"(?:- +)?(?:[A-Za-z_]\w*: *)?([“‘（［｛【\u3000])")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")
_ADDRESS = re.compile(r"(?<=[\w.+-])＠")


def most() -> int:
    """Bytes that a spec may have in this run."""
    return LARGEST if os.environ.get(variables.LARGE) else MOST


def decode(data: bytes, file: str) -> tuple[str | None, list[Finding]]:
    """The text of a spec file, or None and the reason."""
    start = Position(file, 1, 1)
    if len(data) > most():
        return None, [found(rules.TOO_LARGE, position=start, size=len(data), most=most(), large=LARGEST)]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:64:2] or b"\x00" in data[1:64:2]:
        return None, [found(rules.ENCODING, position=start, encoding="UTF-16")]
    if data[:3] == b"\xef\xbb\xbf":
        return None, [found(rules.BOM, position=start)]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        return None, [found(rules.ENCODING, position=Position(file, line, column), encoding=_guess(data))]
    return text.replace("\r\n", "\n").replace("\r", "\n"), []


def _guess(data: bytes) -> str:
    for name, codec in (("GBK (GB18030)", "gb18030"), ("Big5", "big5")):
        try:
            data.decode(codec)
        except UnicodeDecodeError:
            continue
        return name
    return "another encoding"


def lint(text: str, file: str) -> Iterator[Finding]:
    """Characters that YAML would take for something else than the writer meant."""
    return (
        finding for number, line in enumerate(text.split("\n"), 1) for finding in _line(line, number, file)
    )


def _line(line: str, number: int, file: str) -> Iterator[Finding]:
    def at(column: int) -> Position:
        return Position(file, number, column + 1)

    for match in _CONTROL.finditer(line):
        yield found(rules.CONTROL, position=at(match.start()), code=f"{ord(match.group()):04X}")
    indent = line[: len(line) - len(line.lstrip(" \t\u3000"))]
    if "\t" in indent and line.strip():
        yield found(rules.TAB, position=at(indent.index("\t")))
    bare = _COMMENT.sub("", line)
    column = _misplaced(bare)
    if column is not None:
        char = bare[column]
        yield found(rules.FULL_WIDTH, position=at(column), char=char, plain=_PLAIN[char])
        return
    curly = re.search("[“”‘’]", bare)
    if curly:
        yield found(rules.CURLY, position=at(curly.start()), char=curly.group())


def _misplaced(bare: str) -> int | None:
    """Where a full-width character stands for syntax: after a key, around or between flow items."""
    start = len(bare) - len(bare.lstrip(" "))
    if bare[start : start + 1] == "\u3000":
        return start
    key = _KEY.match(bare, start)
    if key:
        return key.end() - 1
    address = _ADDRESS.search(bare)
    if address:
        return address.start()
    value = _VALUE.match(bare, start)
    if value:
        return value.start(1)
    if re.search(r"[\[{]", bare) and '"' not in bare and "'" not in bare:
        comma = re.search(r"[，：］｝]", bare)
        return comma.start() if comma else None
    return None
