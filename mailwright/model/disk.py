"""Files of this machine: only regular ones are read, and no link decides what is written.

What lies in a folder may come from a repository that anybody may write to: a link to a device or to the
process's environment, a FIFO that nobody writes to.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import IO

from mailwright.model.text import Text

#: Of Mailwright's own: states, journals, notes, keys for trials.
OWN = ".mailwright"
#: Octets that a state may have; the largest seen, of 10,000 domains, has a twentieth of it.
STATE_MOST = 1 << 29
_NO_FILE = Text("it is not a regular file", "不是普通文件")
_LARGE = Text("it has more than {most} bytes", "超过 {most} 字节")
_LINK = Text("it is a link", "它是一个链接")
#: None of these stands on every system.
NONBLOCK, NOFOLLOW, CLOEXEC = (getattr(os, f"O_{name}", 0) for name in ("NONBLOCK", "NOFOLLOW", "CLOEXEC"))


class UnsuitableError(OSError):
    """A file that is not used, though it is there. ``reason`` is a clause without a final stop."""

    def __init__(self, path: Path, reason: Text) -> None:
        super().__init__(None, reason("en"), str(path))
        self.reason = reason


def read_regular(path: Path, most: int = STATE_MOST) -> bytes:
    """A regular file's octets. Raises OSError, also where it is none or has more than ``most``.

    Never waits: a FIFO without a writer is opened and told apart.
    """
    data = read_opened(os.open(path, os.O_RDONLY | NONBLOCK | CLOEXEC), path, most)
    return within(data, path, most)


def read_named(path: Path, most: int) -> bytes:
    """The octets of a file that the user named; a pipe will do. Raises OSError, also above ``most``."""
    with path.open("rb") as stream:
        return within(stream.read(most + 1), path, most)


def within(data: bytes, path: Path, most: int) -> bytes:
    """The octets, unless there are more than ``most``. Raises UnsuitableError."""
    if len(data) > most:
        raise UnsuitableError(path, _LARGE.using(most=most))
    return data


def read_opened(handle: int, path: Path, most: int) -> bytes:
    """The same of an open descriptor, which is closed; of what has more than ``most``, one octet more."""
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)  # a folder makes no stream
        raise UnsuitableError(path, _NO_FILE)
    with os.fdopen(handle, "rb") as stream:
        return stream.read(most + 1)


def read_text(path: Path, most: int = STATE_MOST) -> str:
    """A regular file in UTF-8. Raises OSError and ValueError."""
    return read_regular(path, most).decode("utf-8")


def own_folder(folder: Path) -> Path:
    """Make a folder of Mailwright's own: for this user alone (0700) whatever the umask, and out of Git.

    What stands below ``.mailwright`` with wider rights is closed; a folder that the user chose elsewhere is
    only made. Raises OSError; UnsuitableError where a folder below ``.mailwright`` is a link.
    """
    top = next((parent for parent in (folder, *folder.parents) if parent.name == OWN), None)
    if top is None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder
    top.parent.mkdir(parents=True, exist_ok=True)
    steps = [top]
    for part in folder.relative_to(top).parts:
        steps.append(steps[-1] / part)
    for step in steps:
        _close(step, may_be_link=step is top)
    with contextlib.suppress(FileExistsError), create(top / ".gitignore") as stream:
        stream.write(b"*\n")
    return folder


def _close(folder: Path, *, may_be_link: bool) -> None:
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if folder.is_symlink():
        if not may_be_link:
            raise UnsuitableError(folder, _LINK)
        return  # somebody's choice of disk: its rights are theirs
    there = folder.stat()
    if there.st_mode & 0o777 != 0o700 and there.st_uid == os.geteuid():
        folder.chmod(0o700)


def create(path: Path, mode: int = 0o600) -> IO[bytes]:
    """A new file with these rights, whatever the umask. Raises FileExistsError, also for a link."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | CLOEXEC, mode)
    os.fchmod(handle, mode)
    return os.fdopen(handle, "wb")


def open_lock(path: Path) -> IO[str]:
    """A file to lock, made where it is missing, mode 0600; nothing of it is changed.

    Raises OSError; UnsuitableError for a link or what is no regular file.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | NOFOLLOW | NONBLOCK | CLOEXEC, 0o600)
    except OSError:
        if path.is_symlink():
            raise UnsuitableError(path, _LINK) from None
        raise
    stream = os.fdopen(handle, "r+", encoding="utf-8", errors="replace")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        stream.close()
        raise UnsuitableError(path, _NO_FILE)
    os.fchmod(handle, 0o600)
    return stream


def replace(path: Path, text: str) -> None:
    """Replace a file's content so that a crash leaves the old or the new one. Mode 0600."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    temporary.unlink(missing_ok=True)  # a link of somebody's
    try:
        with create(temporary) as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
