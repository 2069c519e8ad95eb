"""The folders of a mailbox, as IMAP names them and as people do (RFC 3501 §5.1.3, RFC 6154)."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterator

#: Folders that hold a copy of everything, or of what the sender sent: no place where mail arrives.
_ASIDE = re.compile(rb"\\(?:All|Sent|Drafts|Noselect|NonExistent)\b", re.IGNORECASE)
_SENT = re.compile(r"(?i)^(?:sent|sent (?:messages|items|mail)|已发送|已发送邮件)$")
_LIST = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:\\.|[^"])*"|NIL) (?P<name>.+)', re.DOTALL)


def folders(box: imaplib.IMAP4) -> Iterator[tuple[str, str]]:
    """(name as IMAP wants it, name as people see it) of every folder where mail can arrive."""
    for row in box.list()[1]:
        line = row or b""
        if isinstance(line, tuple):  # the name is a literal
            line = re.sub(rb"\{\d+\}\Z", b"", line[0]) + b'"' + line[1] + b'"'
        match = _LIST.match(line)
        if not match or _ASIDE.search(match["flags"]):
            continue
        name = match["name"]
        if name.startswith(b'"'):
            name = re.sub(rb"\\(.)", rb"\1", name[1:-1])
        shown_name = decoded(name.decode("ascii", "replace"))
        if not _SENT.match(shown_name):
            escaped = name.replace(b"\\", b"\\\\").replace(b'"', b'\\"').decode("ascii", "replace")
            yield f'"{escaped}"', "INBOX" if shown_name.upper() == "INBOX" else shown_name


def decoded(name: str) -> str:
    """A folder's name out of modified UTF-7 (RFC 3501 §5.1.3)."""

    def word(match: re.Match[str]) -> str:
        inner = match[1].replace(",", "/")
        return f"+{inner}-".encode("ascii", "replace").decode("utf-7", "replace") if inner else "&"

    return re.sub(r"&([^-]*)-", word, name)
