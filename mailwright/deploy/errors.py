"""Errors that reach a user through Pulumi: one text, no traceback."""

from __future__ import annotations

import os
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from mailwright.deploy.properties import Problem
from mailwright.deploy.run import notes
from mailwright.model import variables
from mailwright.model.finding import Finding
from mailwright.model.text import Lang, Text
from mailwright.plan.transition.gate import refusal_lines, refusal_text


def lang() -> Lang:
    """The language of messages: ``MAILWRIGHT_LANG``, else the locale's."""
    chosen = (os.environ.get(name, "") for name in (variables.LANG, "LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, chosen), "").lower().startswith("zh") else "en"


class DeployError(Exception):
    """Something the user can act on; the message says what.

    Pulumi's provider server prints the traceback of whatever a handler raises. This class shows
    none, so that a refusal reads as a refusal. A ``Text`` is said in the language of the run.
    """

    def __init__(self, message: str | Text, **params: object) -> None:
        text = message.using(**params)(lang()) if isinstance(message, Text) else message
        super().__init__(text)

    @property
    def __traceback__(self) -> TracebackType | None:
        """Always None."""
        return None

    @__traceback__.setter
    def __traceback__(self, _trace: TracebackType | None) -> None:
        """Ignored."""


class Refused(DeployError):
    """Refused for safety: nothing was changed. ``findings`` say why."""

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


class Unanswered(DeployError):
    """A host did not answer, so nothing is known of what it has: never that it has nothing."""


class Unfinished(DeployError):
    """Stopped in the middle: ``outputs`` say what was written, of the resource with this ``id``.

    ``properties`` are the same, wrapped for Pulumi, and ``inputs`` what the engine is to keep of them.
    """

    def __init__(self, message: str | Text, id: str, outputs: dict[str, Any]) -> None:
        super().__init__(message)
        self.id = id
        self.outputs = outputs
        self.properties: dict[str, Any] = {}
        self.inputs: dict[str, Any] = {}


def refused(refusals: Iterable[Finding], *, removal: str = "") -> Refused:
    """The error that says what is refused, on what ground, and how to consent; it is noted for the run.

    ``removal``: the command of plain Pulumi that takes something away, where that is refused.
    """
    findings = tuple(refusals)
    notes.refusal(finding.rule for finding in findings)
    return Refused(refusal_text(findings, lang(), removal=_consent_for(removal)), findings)


def refusal(domain: str, refusals: Iterable[Finding], *, removal: str = "") -> Problem:
    """The same as what speaks against one domain of several: without the head of the text."""
    findings = tuple(refusals)
    rules = tuple(dict.fromkeys(finding.rule for finding in findings))
    notes.refusal(rules)
    text = "\n".join(refusal_lines(findings, lang(), removal=_consent_for(removal)))
    return Problem(domain, text, rules, leaving=bool(removal))


def _consent_for(command: str) -> str:
    """How to consent to a removal, with ``{rules}`` for the ids: by our option, or for plain Pulumi."""
    if not command:
        return ""
    return "--allow {rules}" if notes.taken() else f"MAILWRIGHT_ALLOW={{rules}} pulumi {command}"
