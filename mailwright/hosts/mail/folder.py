"""Postfix tables in a folder: read, compare, write, take away. How it gets to the server is the user's."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mailwright.hosts.mail import acl, further, postfix, tables
from mailwright.hosts.mail.tables import Wanted, rewritten
from mailwright.model import disk
from mailwright.model.mailboxes import Mailboxes

_ENCODING = "utf-8"
_ERRORS = "surrogateescape"  # a foreign comment in another encoding is carried through as it is
#: What closes an address is written last: a new way is there before an old one ends.
_CLOSING = (postfix.REFUSED, postfix.SUSPENDED)


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


def change(mailboxes: Mailboxes | None, domain: str, folder: Path) -> tuple[FileChange, ...]:
    """Every table's file as it is and as it should be; ``made`` None takes ours away. Raises OSError."""
    rows = rows_of(mailboxes) if mailboxes else {}
    ours = (*postfix.NAMES, *postfix.OPTIONAL)
    texts = {name: text for name, text in read(folder).items() if name in ours}
    return changed(texts, Wanted(domain, rows, closing=mailboxes is None), folder)


def rows_of(mailboxes: Mailboxes) -> dict[str, dict[str, str]]:
    """Table → address → value. Raises UnsafeValueError."""
    maps = postfix.maps(mailboxes)
    always = {name: dict(maps.rows(name)) for name in postfix.NAMES if maps.rows(name)}
    return {**always, **further.rows(mailboxes)}


def all_rows_of(mailboxes: Mailboxes) -> dict[str, dict[str, str]]:
    """The same with who reads shared mailboxes. Raises UnsafeValueError."""
    access = {acl.ACL: acl.rights_rows(mailboxes), acl.SHARED: acl.shared_rows(mailboxes)}
    return {**rows_of(mailboxes), **{name: rows for name, rows in access.items() if rows}}


def changed(texts: Mapping[str, str | None], domain_tables: Wanted, folder: Path) -> tuple[FileChange, ...]:
    """The same from texts that were read already.

    A file is never deleted, only emptied: main.cf and dovecot.conf name it, and a table that cannot be
    opened would defer all mail and refuse all logins.
    """
    file_changes = []
    for name in tables.NAMES:
        before = texts.get(name)
        needed = name in postfix.NAMES or name in domain_tables.rows
        if before is None and (domain_tables.closing or not needed):
            continue
        after = rewritten(name, before or "", domain_tables)
        between = None
        if name == postfix.MAILBOXES and before:
            old = postfix.rows(postfix.ours(before, domain_tables.domain))
            both = {**dict(old), **domain_tables.rows.get(name, {})}
            between = postfix.merged(before, domain_tables.domain, name, tuple(sorted(both.items())))
        file_changes.append(FileChange(folder / name, before, after, between))
    return tuple(file_changes)


def read(folder: Path) -> dict[str, str | None]:
    """Every table's text, None where there is no file. Raises OSError where one cannot be read."""
    return {name: _read(folder / name) for name in tables.NAMES}


def _read(path: Path) -> str | None:
    try:
        return disk.read_regular(path).decode(_ENCODING, _ERRORS)
    except FileNotFoundError:
        return None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder alone, made where it is missing: two domains may share one. Raises OSError."""
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # see _keep_rights
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for name in tables.NAMES:  # of a run that was killed while it wrote
            _temporary((folder / name).resolve()).unlink(missing_ok=True)
        yield
    finally:
        os.close(handle)


def apply(changes: tuple[FileChange, ...]) -> None:
    """Write what changes, each file at once (a reader sees the old or the new one). Raises OSError.

    Mailboxes and aliases come before the closed addresses: a new way is there before an old one ends.
    """
    open_up(changes)
    close(changes)


def open_up(changes: tuple[FileChange, ...]) -> None:
    """The first half: new mailboxes beside the old ones, then aliases and senders. Raises OSError."""
    for file_change in changes:
        if file_change.is_change and file_change.between not in (None, file_change.before, file_change.after):
            _write(file_change.path, str(file_change.between))
    _write_all(
        table_change
        for table_change in changes
        if table_change.between is None and table_change.path.name not in _CLOSING
    )


def close(changes: tuple[FileChange, ...]) -> None:
    """The second half: closed addresses, and mailboxes that no alias names any more. Raises OSError."""
    _write_all(
        file_change
        for file_change in changes
        if file_change.between is None and file_change.path.name in _CLOSING
    )
    _write_all(file_change for file_change in changes if file_change.between is not None)


def _write_all(changes: Iterable[FileChange]) -> None:
    order = {name: number for number, name in enumerate((*postfix.ORDER, acl.ACL, acl.SHARED))}
    for file_change in sorted(changes, key=lambda table_change: order[table_change.path.name]):
        if file_change.is_change:
            _write(file_change.path, file_change.after)


def _write(path: Path, text: str) -> None:
    """Beside the file, to the disk, and over it; mode and owner stay. A link stays one."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary(path)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode(_ENCODING, _ERRORS))
            stream.flush()
            _keep_rights(path, stream.fileno())
            _date(path, stream.fileno())
            os.fsync(stream.fileno())
        temporary.replace(path)
        _sync(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _keep_rights(path: Path, handle: int) -> None:
    """Those of the old file; a new one is for all to read, whatever the umask.

    Servers read it as another user, and a table that cannot be opened defers all mail and refuses all logins.
    """
    try:
        there = path.stat()
    except FileNotFoundError:
        os.fchmod(handle, 0o644)
        return
    os.fchmod(handle, there.st_mode & 0o777)
    with suppress(PermissionError):
        os.fchown(handle, there.st_uid, there.st_gid)


def _date(path: Path, handle: int) -> None:
    """Another second than the old file's.

    Dovecot reads a passwd-file again when its size or the whole seconds of its time differ: where two tables
    of one size follow each other within a second, somebody who left could still log in.
    """
    with suppress(FileNotFoundError):
        second = int(path.stat().st_mtime) + 1
        if os.fstat(handle).st_mtime < second:
            os.utime(handle, (second, second))


def _sync(folder: Path) -> None:
    """The new name survives a loss of power too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
