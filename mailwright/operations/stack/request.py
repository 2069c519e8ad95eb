"""One command of the engine as a value, and what a run is told of it through the environment."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mailwright.model.text import Lang

Say = Callable[[str], object]


class BackendError(Exception):
    """Where Pulumi keeps the stack it cannot be read; the text is Pulumi's own reason."""


@dataclass(frozen=True, slots=True)
class Request:
    """One command of the engine; ``allow`` are the rules consented to for this run.

    ``stack`` was asked for by name; ``folder`` is the one folder that was named instead of files.
    ``as_before``: bring back what the first apply found; ``dry``: only show that.
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
    folder: str | None = None
    as_before: bool = False
    dry: bool = False

    @property
    def name(self) -> str:
        """The stack: as given, else the folder's name, else the one spec's file name."""
        if self.stack or self.folder:
            return self.stack or self.folder or ""
        return self.specs[0].stem if len(self.specs) == 1 else self.specs[0].resolve().parent.name


@contextmanager
def environment(values: Mapping[str, str | None]) -> Iterator[None]:
    """These variables for the time of a run."""
    before = {name: os.environ.get(name) for name in values}
    _set(values)
    try:
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def variables(request: Request, specs: list[str]) -> dict[str, str | None]:
    """What the program and the provider are told through the environment."""
    given = [each for each in os.environ.get("MAILWRIGHT_ALLOW", "").replace(",", " ").split() if each]
    return {
        "MAILWRIGHT_SPECS": json.dumps(specs),
        "MAILWRIGHT_AS_OF": request.as_of.isoformat()
        if request.as_of
        else os.environ.get("MAILWRIGHT_AS_OF"),
        "MAILWRIGHT_ALLOW": ",".join([*given, *request.allow]) or None,
        "MAILWRIGHT_LANG": request.lang,
        "MAILWRIGHT_PLAN": str(request.plan_file.resolve()) if request.plan_file else None,
    }


def is_refusal(text: str) -> bool:
    """Whether an engine's output says that the gate refused."""
    return "Refused: this change could lose mail" in text or "已拒绝：这次变更可能会丢失邮件" in text
