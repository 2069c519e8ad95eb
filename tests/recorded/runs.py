"""The runs that made a record, and that are tried on it afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailwright.deploy.embedded.engine import Embedded, Outcome
from mailwright.deploy.program import main as program
from tests.mail_host.server import Server
from tests.recorded.worlds import ZoneServer, filled

__all__ = ["by_the_program", "filled", "places", "state_file", "working_in"]


def by_the_program(
    folder: Path, words: Sequence[str], day: str, *, stack: str = "flat", allow: str = ""
) -> Outcome:
    """An ``up`` of the stack as ``pulumi up`` reads ``mailwright:specs``, past our command line."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAILWRIGHT_AS_OF", day)
        patch.setenv("MAILWRIGHT_ALLOW", allow)
        config = {"mailwright:specs": ",".join(words)}
        return Embedded(folder, stack, program=program, config=config).up()


def places(folder: Path, hosts: Sequence[ZoneServer], server: Server | None) -> dict[str, str | int]:
    """What the placeholders of a record stand for here."""
    made: dict[str, str | int] = {}
    if server:
        made |= {"@TABLES@": str(server.tables), "@SIEVE@": server.sieve}
    made |= dict(zip(("@PORT@", "@PORT2@"), (host.port for host in hosts), strict=False))
    return made | {"@FOLDER@": str(folder)}


def state_file(folder: Path) -> Path:
    """The one state of a project."""
    (path,) = (folder / ".mailwright" / "state").glob("*.json")
    return path


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Commands read and write below their folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
