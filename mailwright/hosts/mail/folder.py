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
    """One table's file before and after; None is no file."""

    path: Path
    before: str | None
    after: str | None

    @property
    def is_change(self) -> bool:
        """Whether the file changes."""
        return self.before != self.after


def change(made: Mailboxes | None, domain: str, folder: Path) -> tuple[FileChange, ...]:
    """Every table's file as it is and as it should be; ``made`` None takes ours away. Raises OSError."""
    maps = postfix.maps(made) if made else postfix.Maps({})
    changes = []
    for name in postfix.NAMES:
        path = folder / name
        before = _read(path)
        after: str | None = postfix.merged(before or "", domain, name, maps.rows(name))
        if made is None and not after:
            after = None  # nothing but ours stood in it
        if made is not None and before is None and not after:
            after = ""  # main.cf names the file: it has to be there
        changes.append(FileChange(path, before, after))
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
    order = {name: number for number, name in enumerate(postfix.ORDER)}
    for each in sorted(changes, key=lambda each: order[each.path.name]):
        if not each.is_change:
            continue
        if each.after is None:
            each.path.unlink(missing_ok=True)
        else:
            _write(each.path, each.after.encode(_ENCODING, _ERRORS))


def _write(path: Path, octets: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(octets)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
