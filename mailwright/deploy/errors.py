"""Errors that reach a user through Pulumi: one text, no traceback."""

from __future__ import annotations

import os
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from mailwright.deploy.run import notes
from mailwright.model import variables
from mailwright.model.finding import Finding
from mailwright.model.text import Lang, Text
from mailwright.plan.transition.gate import refusal_text


def lang() -> Lang:
    """The language of messages: ``MAILWRIGHT_LANG``, else the locale's."""
    chosen = (os.environ.get(name, "") for name in (variables.LANG, "LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, chosen), "").lower().startswith("zh") else "en"


class DeployError(Exception):
    """Something the user can act on; the message says what.

    Pulumi's provider server prints the traceback of whatever a handler raises. This class shows
    none, so that a refusal reads as a refusal. A ``Text`` is said in the language of the run.
    """

    def __init__(self, said: str | Text, **params: object) -> None:
        text = said.using(**params)(lang()) if isinstance(said, Text) else said
        super().__init__(text)

    @property
    def __traceback__(self) -> TracebackType | None:
        """Always None."""
        return None

    @__traceback__.setter
    def __traceback__(self, _trace: TracebackType | None) -> None:
        """Ignored."""


class Refused(DeployError):
    """Refused for safety: nothing was changed."""


class Unfinished(DeployError):
    """Stopped in the middle: ``outputs`` say what was written, of the resource with this ``id``.

    ``properties`` are the same, wrapped for Pulumi.
    """

    def __init__(self, said: Text, id: str, outputs: dict[str, Any]) -> None:
        super().__init__(said)
        self.id = id
        self.outputs = outputs
        self.properties: dict[str, Any] = {}


def refused(refusals: Iterable[Finding]) -> Refused:
    """The error that says what is refused, on what ground, and how to consent; it is noted for the run."""
    findings = tuple(refusals)
    notes.refusal(each.rule for each in findings)
    return Refused(refusal_text(findings, lang()))
