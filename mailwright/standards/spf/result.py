"""What ``check_host()`` is given as limits and gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mailwright.model.text import Text
from mailwright.standards.spf.record import MAX_LOOKUPS, MAX_MX, MAX_VOIDS, Mechanism

Outcome = Literal["pass", "fail", "softfail", "neutral", "none", "permerror", "temperror"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Processing limits (RFC 7208 §4.6.4), counts. Raises ValueError past 100 look-ups."""

    lookups: int = MAX_LOOKUPS
    voids: int = MAX_VOIDS
    mx: int = MAX_MX
    ptr: int = 10

    def __post_init__(self) -> None:
        if not 0 <= self.lookups <= 100:  # each look-up may be one level deeper
            raise ValueError("lookups must be 0 to 100")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the trace: what ``term`` of ``domain``'s record did, ``depth`` includes deep.

    ``outcome`` is "match", "no match", "redirect" or a result word; ``lookups`` and ``voids`` were
    counted up to and with this term.
    """

    depth: int
    domain: str
    term: str
    outcome: str
    lookups: int
    voids: int


@dataclass(frozen=True, slots=True)
class SpfResult:
    """The result of an evaluation.

    ``term`` is the mechanism that matched, in the record of ``at`` (another domain after
    ``redirect=``), None where none did. ``explanation`` is set for "fail" only, "" without one;
    ``problem`` says why for none, permerror and temperror.
    """

    result: Outcome
    explanation: str = ""
    term: Mechanism | None = None
    at: str = ""
    problem: Text | None = None
    lookups: int = 0
    voids: int = 0
    trace: tuple[Step, ...] = ()
