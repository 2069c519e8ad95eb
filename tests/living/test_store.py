"""Folders of a Maildir++ are read by the names that IMAP gives them (RFC 3501 §5.1.3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.living.store import copies


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        ("Archive", "Archive"),
        ("Sales.2026", "Sales/2026"),
        ("R&-D", "R&D"),
        ("x&-y", "x&y"),
        ("&U,BTFw-", "台北"),
        ("a&-&U,BTFw-.b+c", "a&台北/b+c"),
    ],
)
def test_a_folder_has_the_name_that_imap_gives_it(stored: str, name: str, tmp_path: Path) -> None:
    folder = tmp_path / "acme.test" / "wang" / "Maildir" / f".{stored}"
    for each in ("new", "cur", "tmp"):
        (folder / each).mkdir(parents=True)
    (folder / "new" / "1.mail").write_bytes(b"Subject: x\r\n\r\n")
    assert [copy.folder for copy in copies(tmp_path / "acme.test")] == [name]
