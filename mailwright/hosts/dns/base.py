"""What every DNS host can do: read the sets that matter, and apply one change set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from mailwright.model.changes import ChangeSet, SetChange
from mailwright.model.records import Observed
from mailwright.model.text import Text

_PLAIN = Text("{said}", "{said}")


class HostError(Exception):
    """The host could not be asked, refused, or did not do what it confirmed.

    The message is one line for people, without secrets; ``text`` has it in both languages. A
    HostError never means "the record is not there".
    """

    def __init__(self, message: str | Text, **params: object) -> None:
        self.text = message.using(**params) if isinstance(message, Text) else _PLAIN.using(said=message)
        super().__init__(self.text("en"))


class Unreachable(HostError):
    """No answer: connection refused, timeout, unknown name."""


class Denied(HostError):
    """The host answered and refused: wrong or unknown key, no right to this name."""


class Moved(HostError):
    """The world changed between reading and writing: nothing was written."""


class NotApplied(HostError):
    """The host confirmed the change and does not serve it."""


@dataclass(frozen=True, slots=True)
class Partly:
    """A change that stopped in the middle, at a host that is not atomic.

    ``done``: what was written, each from what stood there to what stands there now; ``left``: what is
    still to do from there. A set that is half written is in both.
    """

    done: tuple[SetChange, ...]
    left: tuple[SetChange, ...]
    reason: HostError


class DnsClient(Protocol):
    """One zone on one host."""

    zone: str  # absolute, with the final dot

    async def read(self, keys: Iterable[tuple[str, str]]) -> Observed:
        """Read these (owner name, type) pairs. Raises HostError; an absent set is no error."""
        ...

    async def apply(self, changes: ChangeSet) -> Partly | None:
        """Apply ``changes``, then read back; None where all of it stands.

        An atomic host does all or nothing. Another one answers Partly where something was written
        and it could not go on.

        Raises Moved where a touched set is no longer exactly as ``before`` says, NotApplied
        where the read-back differs, other HostErrors as named; before anything was written, or
        where nobody knows what was.
        """
        ...
