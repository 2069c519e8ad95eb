"""A domain that goes on by another way: what the old one knew goes along, and its records are only forgotten.

The ways are a sheet, and hosts that our provider writes to. A sheet and a host that it took the place of may
be about the very same zone, so that taking the old one's records away would take the new one's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mailwright.deploy.dns.values import State
from mailwright.deploy.errors import lang
from mailwright.hosts.dns import api_said
from mailwright.hosts.dns.service import Target, Way
from mailwright.model.text import Text

FORGOTTEN = Text(
    "{domain} is entered by hand from now on: the records at {place} stay there and are only forgotten",
    "{domain} 从现在起手工录入：{place} 上的记录保留不动，只是不再管理",
)


@dataclass(frozen=True, slots=True)
class GoingOn:
    """Of one run, by domain: whether it is asked for by hand, or otherwise, and what leaves the state."""

    _by_hand: frozenset[str] = frozenset()
    _written: frozenset[str] = frozenset()
    _leaving: dict[str, list[State]] = field(default_factory=dict)

    @staticmethod
    def of(targets: Iterable[Target], leaving: Iterable[State]) -> GoingOn:
        """``leaving`` are the states of resources that nobody asks for any more, by name or by place."""
        asked = list(targets)
        states: dict[str, list[State]] = {}
        for state in leaving:
            states.setdefault(state.inputs.target.domain, []).append(state)
        return GoingOn(
            frozenset(target.domain for target in asked if is_sheet(target)),
            frozenset(target.domain for target in asked if not is_sheet(target)),
            states,
        )

    def is_forgotten(self, target: Target) -> bool:
        """Whether a resource that leaves takes nothing away.

        A sheet's does not where the domain goes on anywhere; a host's does not where it goes on by hand
        alone. Of two hosts that are written to, the one that is dropped is emptied, through the gate.
        """
        if is_sheet(target):
            return target.domain in self._by_hand | self._written
        return target.domain in self._by_hand - self._written

    def before(self, target: Target) -> State | None:
        """What another way of this domain knew and leaves; None where there was none, or more than one."""
        states = self._leaving.get(target.domain, ())
        return states[0] if len(states) == 1 else None


def first_uses(targets: Iterable[Target], before: Iterable[Target]) -> list[str]:
    """A line a service that nobody has tried at its vendor, as long as the state has nothing there."""
    known = {target.service.name for target in before}
    untried = {target.service.name for target in targets if target.service.experimental}
    return [api_said.EXPERIMENTAL.using(service=name)(lang()) for name in sorted(untried - known)]


def is_sheet(target: Target) -> bool:
    """Whether a person enters what is to be there."""
    return target.service.way is Way.SHEET
