"""Zones on disk: whole files, replaced in one step, so that no crash leaves half a zone."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from mailwright.hosts.dns import wire
from mailwright.model import disk
from mailwright.sandbox.zone import Zone, fresh, parse

try:
    import fcntl
except ImportError:  # Windows: no lock, one sandbox a folder is up to the user
    fcntl = None  # type: ignore[assignment]

_SUFFIX = ".zone"


class Busy(Exception):
    """Another sandbox serves from this folder."""


class Store:
    """A folder of zone files, locked while in use (a context manager)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: IO[str] | None = None

    def __enter__(self) -> Self:
        """Take the lock. Raises Busy."""
        disk.own_folder(self.folder)
        self._lock = disk.open_lock(self.folder / "lock")
        if fcntl is not None:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._lock.close()
                raise Busy(f"another sandbox already serves from {self.folder}") from None
        for leftover in self.folder.glob(f"*{_SUFFIX}.tmp*"):  # a crash between write and rename
            leftover.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock is not None:
            self._lock.close()

    def path(self, zone: Zone) -> Path:
        """The file of a zone."""
        return self.folder / (
            zone.origin.to_text(omit_final_dot=True).lower().replace("/", "\\057") + _SUFFIX
        )

    def load(self, name: str, records: str = "") -> Zone:
        """The zone as last saved, or a fresh one with ``records``, saved at once."""
        new = fresh(name, records)
        path = self.path(new)
        if path.exists():
            return parse(new.origin, path.read_text(encoding="utf-8"))
        self.save(new)
        return new

    def names(self) -> list[str]:
        """The zones that were saved here."""
        return sorted(path.name.removesuffix(_SUFFIX) + "." for path in self.folder.glob(f"*{_SUFFIX}"))

    def save(self, zone: Zone) -> None:
        """Write the zone; when this returns it survives a power cut."""
        path = self.path(zone)
        handle, temporary = tempfile.mkstemp(prefix=path.name + ".tmp", dir=self.folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(zone.to_text())
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
        self._sync_folder()

    def _sync_folder(self) -> None:
        if os.name == "posix":  # elsewhere a folder cannot be opened
            handle = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def canonical(name: str) -> str:
    """A zone's name as it is kept: lower case with the final dot. Raises ``ValueError``."""
    return wire.from_name(wire.to_name(name if name.endswith(".") else name + "."))
