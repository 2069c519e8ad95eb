"""What a run notes for whoever started it, as values: what changes, what is new, what is refused, notices.

The program and the provider may be other processes than the command, and what an engine prints is for
people. So each appends what it knows to the files that the environment names, a line of JSON a note:
nobody has to read an outcome out of a text.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailwright.model import variables

_listeners: list[Callable[[str, str], None]] = []
#: Lines of one resource that are shown where nobody takes notes.
_SHOWN = 20


def refusal(rules: Iterable[str]) -> None:
    """These rules refuse what was asked for."""
    _append(variables.REFUSALS, list(rules))


def notice(text: str, *, aloud: bool = False) -> bool:
    """Something is worth knowing and stops nothing; whether whoever started the run takes notes.

    ``aloud``: where nobody does, the engine is to show it, because nothing else will say it.
    """
    _append(variables.NOTICES, text)
    noted = bool(os.environ.get(variables.NOTICES))
    if aloud and not noted:
        for show in _listeners:
            show(text, "")
    return noted


def listen(show: Callable[[str, str], None]) -> None:
    """Have shown what nobody takes a note of: a notice, or what becomes of a resource, with its URN."""
    _listeners.append(show)


def taken() -> bool:
    """Whether one of our own commands started the run and takes notes; else it is plain Pulumi."""
    return bool(os.environ.get(variables.REFUSALS))


def unread(urn: str, text: str) -> None:
    """A resource was not read, because its host did not answer."""
    _append(variables.UNREAD, [urn, text])


def change(body: Mapping[str, Any]) -> None:
    """A preview found this change, in the form of ``ChangeSet.to_json``."""
    _append(variables.CHANGES, body)


def written(urn: str, lines: Iterable[str]) -> None:
    """A resource is new or changes, or would; the lines say what comes, goes, stays and was there."""
    shown = list(lines)
    _append(variables.WRITTEN, [urn, shown])
    if shown and not os.environ.get(variables.WRITTEN):
        more = [f"… +{len(shown) - _SHOWN}"] if len(shown) > _SHOWN else []
        for show in _listeners:
            show("\n".join([*shown[:_SHOWN], *more]), urn)


def sheet(body: Mapping[str, Any]) -> None:
    """What somebody has to enter by hand, in the form of ``Sheet.plain``."""
    _append(variables.SHEETS, body)


def digest(subject: str, text: str) -> None:
    """The digest of one change that a preview found."""
    _append(variables.PLAN_NOTES, [subject, text])


def _append(variable: str, note: object) -> None:
    path = os.environ.get(variable)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:  # one write: lines do not mix
            file.write(json.dumps(note) + "\n")


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of one run, in a folder of its own. Read after the run."""

    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        """What the environment of the run has to hold."""
        names = (
            variables.REFUSALS,
            variables.CHANGES,
            variables.PLAN_NOTES,
            variables.NOTICES,
            variables.SHEETS,
            variables.UNREAD,
            variables.WRITTEN,
        )
        return {name: str(self.folder / name) for name in names}

    @property
    def refusals(self) -> tuple[str, ...]:
        """The ids of the rules that refused."""
        return tuple(dict.fromkeys(rule for rules in self._read(variables.REFUSALS) for rule in rules))

    @property
    def changes(self) -> tuple[Mapping[str, Any], ...]:
        """Each change once: a resource may be asked twice in one preview, and its last answer counts."""
        noted = self._read(variables.CHANGES)
        return tuple(
            {
                (noted_change["domain"], noted_change["target"]): noted_change for noted_change in noted
            }.values()
        )

    @property
    def notices(self) -> tuple[str, ...]:
        """What is worth knowing, in words."""
        return tuple(dict.fromkeys(self._read(variables.NOTICES)))

    @property
    def unread(self) -> Mapping[str, str]:
        """Why resources were not read, by URN."""
        return dict(self._read(variables.UNREAD))

    @property
    def unread_lines(self) -> tuple[str, ...]:
        """What was not read and why, by the resource's name, which is its domain."""
        return tuple(f"{urn.rpartition('::')[2]}: {reason}" for urn, reason in self.unread.items())

    @property
    def written(self) -> Mapping[str, tuple[str, ...]]:
        """The lines of each resource that is new or changes, by its URN."""
        return {urn: tuple(lines) for urn, lines in self._read(variables.WRITTEN)}

    @property
    def sheets(self) -> tuple[Mapping[str, Any], ...]:
        """Each domain's sheet as it was last told."""
        return tuple(
            {noted_sheet["domain"]: noted_sheet for noted_sheet in self._read(variables.SHEETS)}.values()
        )

    @property
    def digests(self) -> Mapping[str, str]:
        """The digest of each change, by its subject."""
        return dict(self._read(variables.PLAN_NOTES))

    def _read(self, variable: str) -> list[Any]:
        path = self.folder / variable
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]


@contextmanager
def noting() -> Iterator[Notes]:
    """Have what runs inside, child processes too, leave its notes."""
    with tempfile.TemporaryDirectory(prefix="mailwright-") as folder:
        notes = Notes(Path(folder))
        with variables.temporarily(notes.variables):
            yield notes
