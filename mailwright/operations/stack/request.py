"""One command of the engine as a value, and what a run is told of it through the environment."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailwright.model import deadline, variables
from mailwright.model.text import Lang

Say = Callable[[str], object]


class BackendError(Exception):
    """Where Pulumi keeps the stack it cannot be read; the text is Pulumi's own reason."""


@dataclass(frozen=True, slots=True)
class Request:
    """One command of the engine; ``allow`` are the rules consented to for this run.

    ``specs`` are the files; ``entries`` the files and folders that were named, which an engine's program
    reads by itself. ``stack`` was asked for by name. ``as_before``: bring back what the first apply found;
    ``dry``: only show that. ``nameservers`` are asked for what is entered by hand; ``up`` waits that long
    for it.
    """

    command: str
    specs: tuple[Path, ...]
    engine: str = "auto"
    stack: str | None = None
    as_of: dt.date | None = None
    allow: tuple[str, ...] = ()
    lang: Lang = "en"
    out: Path | None = None
    plan_file: Path | None = None
    entries: tuple[Path, ...] = ()
    as_before: bool = False
    dry: bool = False
    nameservers: tuple[str, ...] = ()
    wait: dt.timedelta = dt.timedelta()

    @property
    def name(self) -> str:
        """The stack: as given, else the folder's name, which files leave as it is, else the file's."""
        if self.stack:
            return self.stack
        if len(self.entries) == 1 and self.entries[0].is_dir():
            return self.entries[0].resolve().name
        return self.specs[0].stem if len(self.specs) == 1 else self.specs[0].resolve().parent.name

    def variables(self, entries: Sequence[Path]) -> dict[str, str | None]:
        """What the program and the provider are told; ``entries`` as the program has to name them."""
        given = os.environ.get(variables.ALLOW, "").replace(",", " ").split()
        day = self.as_of.isoformat() if self.as_of else os.environ.get(variables.AS_OF)
        return {
            variables.SPECS: json.dumps([str(entry) for entry in entries]),
            variables.AS_OF: day,
            variables.ALLOW: ",".join([*given, *self.allow]) or None,
            variables.LANG: self.lang,
            variables.NAMESERVERS: ",".join(self.nameservers) or os.environ.get(variables.NAMESERVERS),
            variables.UNTIL: deadline.inherited(),
            variables.PLAN: str(self.plan_file.resolve()) if self.plan_file else None,
        }
