"""Errors that reach a user through Pulumi: one text, no traceback."""

from __future__ import annotations

from types import TracebackType

from mailwright.model.text import Text


class DeployError(Exception):
    """Something the user can act on; the message says what.

    Pulumi's provider server prints the traceback of whatever a handler raises. This class shows
    none, so that a refusal reads as a refusal. A ``Text`` is said in the language of the run.
    """

    def __init__(self, said: str | Text, **params: object) -> None:
        from mailwright.deploy import environment

        text = said.using(**params)(environment.lang()) if isinstance(said, Text) else said
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
