"""What large receivers ask of senders: dated data (``bulk-sender-rules.yaml``)."""

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
class Requirement:
    """One thing that a receiver asks for.

    ``check`` names what a plan can show of it; "not-checkable" says that DNS cannot show it.
    """

    text: Text
    check: str
    bulk: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """One receiver's rules. ``per_day`` is the number of mails from which ``bulk`` applies, if published."""

    id: str
    names: Text
    since: str
    date: str
    source: str
    per_day: int | None
    counted: Text
    otherwise: Text
    requirements: tuple[Requirement, ...]


@functools.cache
def profiles() -> tuple[Profile, ...]:
    """Every receiver's rules, in the order of the file."""
    data = yaml.load((FOLDER / "bulk-sender-rules.yaml").read_bytes(), Loader=_LOADER)
    return tuple(_profile(id, profile) for id, profile in data["profiles"].items())


def _profile(id: str, data: Mapping[str, Any]) -> Profile:
    return Profile(
        id=id,
        names=_text(data["names"]),
        since=str(data["since"]),
        date=str(data["date"]),
        source=data["source"],
        per_day=data["per_day"],
        counted=_text(data["counted"]),
        otherwise=_text(data["otherwise"]),
        requirements=tuple(
            Requirement(_text(requirement["text"]), requirement["check"], requirement["applies"] == "bulk")
            for requirement in data["requirements"]
        ),
    )


def _text(data: Mapping[str, str]) -> Text:
    return Text(data["en"], data["zh"])
