"""Tag lists, ``name=value; name=value``: the form that DMARC and BIMI share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from mailwright.model.readings import BLANKS

_TAG = re.compile(r"([A-Za-z][A-Za-z0-9_]*)[ \t\r\n]*=(.*)", re.DOTALL)
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_\-]*[A-Za-z0-9_])?"
#: Printable ASCII without what ends a mailbox in a list of report URIs: everything else is written as %XX.
_LOCAL = r"[\x22-\x2b\x2d-\x3a\x3c-\x3e\x41-\x7e]+"
_QUERY = r"\?[\x22-\x2b\x2d-\x3a\x3c-\x7e]*"
_MAILTO = re.compile(rf"(?i:mailto):({_LOCAL})@({_LABEL}(?:\.{_LABEL})+)({_QUERY})?")
_OTHER = re.compile(r"(?!(?i:mailto):)[A-Za-z][A-Za-z0-9+.\-]*:[\x22-\x2b\x2d-\x3a\x3c-\x7e]+")
_SIZE = re.compile(r"![0-9]+[kmgtKMGT]?$")
_ESCAPED = ",!;%?"


@dataclass(frozen=True, slots=True)
class TagList:
    """The tags in order, as written; ``faults`` are the parts between semicolons that are no tag."""

    tags: tuple[tuple[str, str], ...]
    faults: tuple[str, ...] = ()


def split(text: str) -> TagList:
    """Take a tag list apart. Never raises.

    White space around names and values means nothing.
    """
    tags: list[tuple[str, str]] = []
    faults: list[str] = []
    for part in (piece.strip(BLANKS) for piece in text.split(";")):
        match = _TAG.fullmatch(part)
        if match:
            tags.append((match.group(1), match.group(2).strip(BLANKS)))
        elif part:
            faults.append(part)
    return TagList(tuple(tags), tuple(faults))


def mailto(address: str) -> str:
    """A mailbox as a ``mailto:`` URI; ``,`` ``!`` ``;`` ``?`` would end the address (RFC 9989 §4.7)."""
    return "mailto:" + "".join(f"%{ord(char):02X}" if char in _ESCAPED else char for char in address)


def mailbox_of(uri: str) -> str | None:
    """The mailbox of a ``mailto:`` URI, or None; an old ``!10m`` size limit at its end is passed over."""
    match = _MAILTO.fullmatch(_SIZE.sub("", uri.strip(BLANKS)))
    return f"{unquote(match.group(1))}@{match.group(2)}" if match else None


def is_uri(uri: str) -> bool:
    """Whether this is a report URI that receivers can read; a ``mailto:`` has to hold a mailbox.

    RFC 3986 §3; ``,`` ``!`` and ``;`` would end it (RFC 9989 §4.7).
    """
    text = _SIZE.sub("", uri.strip(BLANKS))
    return mailbox_of(text) is not None or bool(_OTHER.fullmatch(text))


def has_size_limit(uri: str) -> bool:
    """Whether a report URI ends in the ``!10m`` that RFC 9989 removed."""
    return bool(_SIZE.search(uri.strip(BLANKS)))
