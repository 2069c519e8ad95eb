"""The text of a zone file as its entries (RFC 1035 §5.1), line by line: what is broken ends with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_LONGEST = 400  # lines of one entry in parentheses; a longer one was never closed


@dataclass(frozen=True, slots=True)
class Word:
    """One word of an entry, escapes kept; ``quoted`` where it stood in quotes."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its first line (from 1), its words, whether it begins with a blank, and its comments.

    ``broken``: a quote or a parenthesis that is not closed.
    """

    line: int
    words: tuple[Word, ...]
    continues: bool = False
    comment: str = ""
    broken: bool = False


@dataclass(slots=True)
class _Open:
    """An entry that is being read."""

    line: int
    continues: bool
    words: list[Word] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    depth: int = 0

    def entry(self) -> Entry:
        return Entry(self.line, tuple(self.words), self.continues, " ".join(self.comments))


#: A quoted string with its end, a parenthesis, a comment, or a plain word; blanks in ASCII only.
_PIECE = re.compile(
    r'[ \t\r\f\v]+|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bracket>[()])|;(?P<comment>.*)'
    r'|(?P<plain>(?:[^\s"();\\]|[^\S \t\r\n\f\v]|\\.)+)|(?P<wrong>.)'
)


def entries(text: str) -> Iterator[Entry]:
    """Every entry of a zone file, comments on a line of their own included (without words)."""
    lines = re.split(r"\r\n|\n|\r", text)
    closing = max((number for number, line in enumerate(lines) if ")" in line), default=-1)
    number = 0
    while number < len(lines):
        begun = _Open(number + 1, lines[number][:1] in (" ", "\t"))
        end = _through(lines, number, begun, closing)
        if end is None:
            yield Entry(number + 1, (Word(lines[number].strip()),), begun.continues, "", broken=True)
            number += 1
            continue
        if begun.words or begun.comments:
            yield begun.entry()
        number = end


def _through(lines: list[str], start: int, entry: _Open, closing: int) -> int | None:
    """Read an entry that begins at ``start``; the line after it, None where it does not end."""
    for number in range(start, min(len(lines), start + _LONGEST)):
        if not _line(lines[number], entry):
            return None
        if entry.depth == 0:
            return number + 1
        if number >= closing:
            return None
    return None


def _line(line: str, entry: _Open) -> bool:
    """Take up the pieces of one line; false where it is broken."""
    for piece in _PIECE.finditer(line):
        kind = piece.lastgroup
        if kind == "wrong":
            return False
        if kind == "bracket":
            entry.depth += 1 if piece[0] == "(" else -1
            if entry.depth < 0:
                return False
        elif kind == "comment":
            entry.comments.append(piece["comment"].strip())
        elif kind is not None:
            entry.words.append(Word(piece[kind], kind == "quoted"))
    return True
