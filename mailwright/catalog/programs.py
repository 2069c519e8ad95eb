"""Mail programs and CRMs: what is pressed in each, and where OAuth is known (``programs.yaml``)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from mailwright.catalog.loading import FOLDER
from mailwright.model.text import Text

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Program:
    """One program. ``signs_in`` are services whose sign-in page (OAuth) it is known to open, by source.

    Of other services nothing is known. The texts have ``service`` and ``program`` to fill in.
    """

    id: str
    names: Text
    kind: str  # program, phone, browser or crm
    by_password: Text
    by_sign_in: Text
    signs_in: Mapping[str, tuple[str, ...]]

    @property
    def crm(self) -> bool:
        """Whether it runs at its vendor's, and so reaches only what the whole world reaches."""
        return self.kind == "crm"


@functools.cache
def programs() -> Mapping[str, Program]:
    """All of them by id, in the order of the file."""
    data = yaml.load((FOLDER / "programs.yaml").read_bytes(), Loader=_LOADER)
    return {id: _program(id, entry) for id, entry in data.items()}


def _program(id: str, entry: Mapping[str, Any]) -> Program:
    sources = entry["sources"]
    return Program(
        id,
        Text(**entry["names"]),
        entry["kind"],
        Text(**entry["by_password"]),
        Text(**entry["by_sign_in"]),
        {name: tuple(sources[key] for key in keys) for name, keys in entry["signs_in"].items()},
    )
