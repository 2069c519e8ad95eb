"""Mailboxes on disk: every copy of every mail, read without logging in, also where nobody may log in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.living.sink import mark_of, marks_in


@dataclass(frozen=True, slots=True)
class Copy:
    """One mail in one folder. ``folder`` has ``/`` between its levels; INBOX's own is ``INBOX``.

    ``mark`` is the mail that it is, ``marks`` are those that it is or quotes.
    """

    mailbox: str
    folder: str
    mark: str
    marks: tuple[str, ...]
    octets: bytes

    def header(self, name: str) -> str:
        """The first header of a name, as it stands."""
        match = re.search(rf"^{name}: (.*?)\r?$".encode(), self.octets, re.MULTILINE | re.IGNORECASE)
        return match[1].decode() if match else ""


def copies(domain: Path) -> Iterator[Copy]:
    """All mail of a company below ``domain`` with one folder a mailbox."""
    if not domain.exists():
        return
    for home in sorted(domain.iterdir()):
        store = home / "Maildir"
        for place in [store, *(each for each in store.glob(".*") if (each / "cur").exists())]:
            name = "INBOX" if place == store else _decoded(place.name[1:])
            for path in (*place.glob("new/*"), *place.glob("cur/*")):
                octets = path.read_bytes()
                mailbox = f"{home.name}@{domain.name}"
                yield Copy(mailbox, name, mark_of(octets), marks_in(octets), octets)


def _decoded(name: str) -> str:
    """A folder's name on disk (Maildir++, modified UTF-7) with ``/`` between levels."""
    plain = "".join(
        "&"
        if part == "&-"
        else part.replace("&", "+").replace(",", "/").encode().decode("utf-7")
        if part.startswith("&")
        else part
        for part in re.split(r"(&[^-]*-)", name)
    )
    return plain.replace(".", "/")
