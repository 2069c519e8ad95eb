"""Postfix tables in a folder: read, compare, write, take away. How it gets to the server is the user's."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mailwright.hosts.mail import postfix
from mailwright.model.mailboxes import Mailboxes

_ENCODING = "utf-8"
_ERRORS = "surrogateescape"  # a foreign comment in another encoding is carried through as it is


@dataclass(frozen=True, slots=True)
class FileChange:
    """One table's file before and after; None is no file.

    ``between`` is what stands while the other tables change: a mailbox goes only after no alias names it.
    """

    path: Path
    before: str | None
    after: str
    between: str | None = None

    @property
    def is_change(self) -> bool:
        """Whether the file changes."""
        return self.before != self.after


def change(made: Mailboxes | None, domain: str, folder: Path) -> tuple[FileChange, ...]:
    """Every table's file as it is and as it should be; ``made`` None takes ours away. Raises OSError.

    A file is never deleted, only emptied: main.cf and dovecot.conf name it, and a table that cannot be
    opened would defer all mail and refuse all logins.
    """
    maps = postfix.maps(made) if made else postfix.Maps({})
    changes = []
    for name in postfix.NAMES:
        path = folder / name
        before = _read(path)
        after = postfix.merged(before or "", domain, name, maps.rows(name))
        between = None
        if name == postfix.MAILBOXES and before:
            old = postfix.rows(postfix.ours(before, domain))
            both = tuple(sorted({**dict(old), **dict(maps.rows(name))}.items()))
            between = postfix.merged(before, domain, name, both)
        changes.append(FileChange(path, before, after, between))
    return tuple(changes)


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode(_ENCODING, _ERRORS)
    except FileNotFoundError:
        return None


def apply(changes: tuple[FileChange, ...]) -> None:
    """Write what changes, each file at once (a reader sees the old or the new one). Raises OSError.

    Mailboxes and aliases come before the closed addresses: a new way is there before an old one ends.
    """
    for each in changes:
        if each.is_change and each.between not in (None, each.before, each.after):
            _write(each.path, str(each.between))
    order = {name: number for number, name in enumerate(postfix.ORDER)}
    last = [each for each in changes if each.between is not None]
    first = [each for each in changes if each.between is None]
    for each in (*sorted(first, key=lambda each: order[each.path.name]), *last):
        if each.is_change:
            _write(each.path, each.after)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode(_ENCODING, _ERRORS))
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
