"""What the program tells the provider of today: who consents to what, and what this run leaves as it is.

Neither is an input: consent would be kept in the state and outlive its withdrawal. So it is told by each run
anew. A process that no program told anything (a plain ``pulumi destroy``) knows ``MAILWRIGHT_ALLOW`` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mailwright.deploy.given import environment
from mailwright.deploy.properties import consent_of
from mailwright.model.consent import Consent


class Told:
    """What one provider process was told, by URN."""

    def __init__(self) -> None:
        self._consents: dict[str, tuple[Consent, ...]] = {}
        self._left: set[str] = set()
        self._program = False

    def consents(self, urn: str) -> tuple[Consent, ...]:
        """Those of the spec that the resource is made of, and those of this run."""
        return (*self._consents.get(urn, ()), *environment.consents())

    def hear(self, consents: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """A program told the consents of its specs."""
        self._program = True
        self._consents |= {urn: tuple(map(consent_of, rows)) for urn, rows in consents.items()}

    def leave(self, urns: Iterable[str]) -> None:
        """These resources stay as the state has them: their domains are refused, or cannot be read."""
        self._left |= set(urns)

    def is_left(self, urn: str) -> bool:
        """Whether a resource stays as the state has it."""
        return urn in self._left

    def removal(self, urn: str) -> str:
        """The command by which a resource is about to go: its stack goes, or it left its program."""
        return "up" if self._program and urn not in self._consents else "destroy"

    def unjudged(self, urn: str) -> bool:
        """Whether no program has said what the removal of a resource comes to: all of its stack goes."""
        return self.removal(urn) == "destroy"
