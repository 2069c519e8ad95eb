"""What a mail host does to mail, by its documents: facts, reserved names, and the console's own words."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from mailwright.catalog.loading import load_services, service
from mailwright.model.text import Text

FILE = Path(__file__).with_name("behaviours.yaml")


@dataclass(frozen=True, slots=True)
class Word:
    """What the console calls an object, and where it is made."""

    word: Text
    path: Text


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One host's answers by question; a question without an answer is *not known*.

    ``reserved``: by local part, ``group`` (only a group may have the name) or ``administrator`` (it is the
    administrator's own account). ``undo_days``: for how long a deleted mailbox comes back, None: not known.
    """

    host: str
    facts: Mapping[str, str] = field(default_factory=dict)
    reserved: Mapping[str, str] = field(default_factory=dict)
    undo_days: int | None = None
    words: Mapping[str, Word] = field(default_factory=dict)

    def says(self, question: str) -> str:
        """The answer to a question of ``behaviours.yaml``; '' where no document gives one."""
        return self.facts.get(question, "")

    def by_api(self) -> Behaviour:
        """What it does where its API is used: no API has its routing, so a leaver's mailbox passes mail on.

        It stays open for that, and whoever left is locked out by a new password.
        """
        if self.says("leaver") != "routing" or self.says("forward_inside") != "yes":
            return self
        return replace(self, facts={**self.facts, "leaver": "forward"})


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of each host, and what each answer means."""

    text: Text
    answers: Mapping[str, Text]


@functools.cache
def behaviour(host: str) -> Behaviour | None:
    """What a mail host does; None for one of which nothing is written, unless it is no host in particular."""
    known = service(host)
    data: Mapping[str, Any] = known.behaviour if known else {}
    if not data:
        return Behaviour(host) if known and known.exchangers == "written" else None
    undo = data.get("undo_days")
    return Behaviour(
        host,
        {str(name): str(answer["is"]) for name, answer in data["facts"].items()},
        {str(name): str(entry["as"]) for entry in data.get("reserved", ()) for name in entry["names"]},
        int(undo["is"]) if undo else None,
        {str(kind): Word(_text(word["word"]), _text(word["path"])) for kind, word in _words(data)},
    )


def behaviours() -> tuple[Behaviour, ...]:
    """Every host of which anything is written, by name."""
    return tuple(
        known for id, service in load_services().items() if service.behaviour and (known := behaviour(id))
    )


@functools.cache
def questions() -> Mapping[str, Question]:
    """The questions and their answers, in the order of the page."""
    table = yaml.load(FILE.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {
        name: Question(_text(fact), {str(key): _text(text) for key, text in fact["answers"].items()})
        for name, fact in table["facts"].items()
    }


def _words(data: Mapping[str, Any]) -> Any:
    return data.get("words", {}).items()


def _text(data: Mapping[str, str]) -> Text:
    return Text(data["en"], data["zh"])
