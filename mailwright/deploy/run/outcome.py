"""What one run of an engine did, or in a preview would do, as a value: whichever engine it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mailwright.deploy.tokens import TOKENS

#: How a line begins that writes nothing.
STAYS = "= "

Action = Literal["create", "adopt", "update", "delete", "drift", "replace", "import"]


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one resource; ``lines`` say it, a record a line (``+ - ~ =``), where known.

    ``adopt``: all that is planned is there already; it becomes ours, and nothing is written. ``import``:
    one record of somebody else's provider is taken over as it is.
    """

    action: Action
    urn: str
    lines: tuple[str, ...] = ()

    @staticmethod
    def new(urn: str, lines: tuple[str, ...]) -> Change:
        """A resource that was not there: made, or only taken over where no line writes anything."""
        adopts = bool(lines) and all(line.startswith(STAYS) for line in lines)
        return Change("adopt" if adopts else "create", urn, lines)

    @property
    def name(self) -> str:
        """The resource's name: of ours its domain."""
        return self.urn.rpartition("::")[2]

    @property
    def type(self) -> str:
        """The resource's type."""
        return self.urn.split("::")[2].rpartition("$")[2]

    def __str__(self) -> str:
        return f"{self.name}: {self.action}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What changes, and what went wrong.

    ``problems`` are texts for people; ``refused``: one of them is a refusal for safety, which is no failure
    of the machinery. ``sheets`` are the commands that print what is entered by hand, by domain; ``by_hand``
    is what they print (``Sheet.plain``); ``notices`` what else is worth knowing. ``records`` are the changes
    of a preview in the form of ``ChangeSet.to_json``, ``digests`` binds a review to them.
    """

    changes: tuple[Change, ...] = ()
    problems: tuple[str, ...] = ()
    refused: bool = False
    sheets: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    records: tuple[Mapping[str, Any], ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    by_hand: tuple[Mapping[str, Any], ...] = ()

    @property
    def writes(self) -> bool:
        """Whether the world changes: what is only taken over stays as it is.

        At Cloudflare the next run may change what one run takes over: a digest says so.
        """
        taken_over = {change.action for change in self.changes} <= {"adopt", "import"}
        return bool(self.changes) and (not taken_over or bool(self.digests))

    @property
    def waits(self) -> bool:
        """Whether something waits for a person, or for servers that do not agree yet."""
        return any(sheet["pending"] for sheet in self.by_hand)

    @property
    def deletes(self) -> tuple[str, ...]:
        """The URNs of resources of ours that are, or would be, deleted."""
        return tuple(
            change.urn for change in self.changes if change.action == "delete" and change.type in TOKENS
        )
