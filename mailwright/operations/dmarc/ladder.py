"""The steps of a DMARC policy, one at a time: ``watch``, ``guard`` and ``reject``, each first with ``t=y``.

With ``t=y`` a receiver applies the step before (RFC 9989 §4.7), and reports as for this one.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailwright.spec.model import DMARC_POLICY, Dmarc
from mailwright.standards.dmarc import POLICIES

STAGES = tuple(DMARC_POLICY)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the domain's own policy. ``number`` orders them: 0 is ``watch``, 4 ``reject``."""

    stage: str
    testing: bool

    @property
    def number(self) -> int:
        """Its place on the ladder."""
        place = STAGES.index(self.stage)
        return max(0, 2 * place - self.testing)

    @property
    def policy(self) -> str:
        """What is published as ``p``."""
        return DMARC_POLICY[self.stage]

    @property
    def applied(self) -> str:
        """What receivers do with mail that fails."""
        place = STAGES.index(self.stage)
        return POLICIES[max(0, place - self.testing)]

    def __str__(self) -> str:
        return f"{self.stage}, t=y" if self.testing else self.stage


def step_of(written: Dmarc) -> Step:
    """The step that a spec is at; ``t`` lowers nothing where nothing is asked for."""
    return Step(written.stage, written.t == "y" and written.stage != "watch")


def higher(step: Step) -> Step | None:
    """The next step, None at the end."""
    if step.testing:
        return Step(step.stage, False)
    place = STAGES.index(step.stage) + 1
    return Step(STAGES[place], True) if place < len(STAGES) else None


def lower(step: Step) -> Step | None:
    """The step before, None at the beginning."""
    if not step.testing:
        return Step(step.stage, True) if step.stage != "watch" else None
    return Step(STAGES[STAGES.index(step.stage) - 1], False)


def keys_for(written: Dmarc, step: Step, *, hold_subdomains: bool) -> dict[str, str]:
    """The keys of ``dmarc:`` that a step changes; with ``hold_subdomains`` these keep what they have."""
    now = step_of(written)
    keys = {}
    if step.stage != now.stage:
        keys["stage"] = step.stage
    if step.testing != now.testing or (step.testing and written.t != "y"):
        keys["t"] = "y" if step.testing else "n"
    if hold_subdomains and written.sp is None and step.policy != now.policy:
        keys["sp"] = now.policy
    return keys


def below_keys(written: Dmarc) -> dict[str, str]:
    """After the domain's own policy: one step of ``sp``, else one of ``np``, where they are weaker."""
    own = POLICIES.index(DMARC_POLICY[written.stage])
    for name in ("sp", "np"):
        value = getattr(written, name)
        if value in POLICIES and POLICIES.index(value) < own:
            return {name: POLICIES[POLICIES.index(value) + 1]}
    return {}
