"""The files of a spec set: specs, and what they name. Only regular files below the set's root are read.

A spec may be written by somebody who may not read what the reader of the spec may: a link to
``/proc/self/environ`` would print its secrets. Links are allowed inside the root (a Kubernetes ConfigMap is
made of them), devices and FIFOs nowhere, and a key elsewhere only below a folder that the user named.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from mailwright.model import variables
from mailwright.model.disk import CLOEXEC, NOFOLLOW, NONBLOCK, UnsuitableError, read_opened, within
from mailwright.model.text import Text

_OUTSIDE = Text(
    "it leads out of the folder {root}",
    "它指向文件夹 {root} 之外",
)
_OUTSIDE_KEY = Text(
    "it is outside the folder {root}; `--keys FOLDER` allows keys of another folder",
    "它在文件夹 {root} 之外；如需使用其他文件夹中的密钥，请加 `--keys 文件夹`",
)
_NO_NAME = Text("it leads nowhere", "它不指向任何文件")
_HIDDEN = Text("it leads to what is hidden: {hidden}", "它指向隐藏内容：{hidden}")


def allow(variable: str, folders: Iterable[str | Path]) -> None:
    """Name roots or folders of keys for the rest of this process, and for the programs that it starts."""
    given = [os.environ[variable]] if os.environ.get(variable) else []
    os.environ[variable] = os.pathsep.join([*given, *(str(Path(folder).resolve()) for folder in folders)])


def allow_roots(entries: Iterable[Path]) -> None:
    """Each folder among what was named is the root of a spec set."""
    folders = [entry for entry in entries if entry.is_dir()]
    if folders:
        allow(variables.SPEC_ROOTS, folders)


def root_of(file: Path) -> Path:
    """The resolved root of the set that a spec file belongs to: the outermost folder named, else its own.

    Raises UnsuitableError where a link in a name below the working folder leads out of that.
    """
    folder = Path(os.path.normpath(file.absolute())).parent  # as written: where links lead is asked below
    here = Path.cwd()
    own = folder.resolve()
    if folder.is_relative_to(here) and not own.is_relative_to(here.resolve()):
        raise UnsuitableError(file, _OUTSIDE.using(root=here))
    named = [path for path in _named(variables.SPEC_ROOTS) if own.is_relative_to(path)]
    return min((own, *named), key=lambda path: len(path.parts))


def read(path: Path, most: int, roots: Sequence[Path]) -> bytes:
    """A regular file below one of the resolved roots, whatever links lead there: ``most`` octets and one.

    It is opened step by step from the root, so that what was judged is what is read. Raises OSError.
    """
    try:
        target = path.resolve(strict=True)
    except (ValueError, RuntimeError):  # a NUL, a circle of links
        raise UnsuitableError(path, _NO_NAME) from None
    root = next((folder for folder in roots if target.is_relative_to(folder)), None)
    if root is None:
        raise UnsuitableError(path, _OUTSIDE.using(root=roots[0]))
    parts = target.relative_to(root).parts
    if not parts:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    _refuse_hidden(path, parts)
    return read_opened(_opened(root, parts), path, most)


def _opened(root: Path, parts: Sequence[str]) -> int:
    """A descriptor of what lies below the root, no link followed on the way."""
    if os.open not in os.supports_dir_fd:
        return os.open(root.joinpath(*parts), os.O_RDONLY | NONBLOCK)
    folder = os.open(root, os.O_RDONLY | CLOEXEC)
    try:
        for part in parts[:-1]:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | NOFOLLOW | CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = below
        return os.open(parts[-1], os.O_RDONLY | NONBLOCK | NOFOLLOW | CLOEXEC, dir_fd=folder)
    finally:
        os.close(folder)


def read_key(spec: Path, file: str, most: int) -> bytes:
    """A file that a spec names, relative to it. Raises OSError."""
    root = root_of(spec)
    try:
        data = read(spec.parent / file, most, (root, *_named(variables.KEYS)))
    except UnsuitableError as error:
        if error.reason.en == _OUTSIDE.en:
            raise UnsuitableError(spec.parent / file, _OUTSIDE_KEY.using(root=root)) from None
        raise
    return within(data, spec.parent / file, most)


def _refuse_hidden(path: Path, parts: Iterable[str]) -> None:
    """A link must not lead to ``.git`` or ``.env``; ``..2026_12_01`` is a ConfigMap's own folder.

    What is written as hidden in the name itself is somebody's wish.
    """
    written = Path(os.path.normpath(path.absolute())).parts
    hidden = next((p for p in parts if p.startswith(".") and not p.startswith("..") and p not in written), "")
    if hidden:
        raise UnsuitableError(path, _HIDDEN.using(hidden=hidden))


def _named(variable: str) -> list[Path]:
    return [Path(part).resolve() for part in os.environ.get(variable, "").split(os.pathsep) if part]
