"""Which resource of this run holds which records: what a rename would otherwise take away.

Pulumi creates a renamed resource first and deletes the old name afterwards. The new one adopts
the old one's records; the deletion would then empty the zone and be reported as a success.
"""

from __future__ import annotations

import datetime as dt
from typing import Generic, Protocol, TypeVar

from mailwright.deploy.errors import refused
from mailwright.model.consent import Consent, consented
from mailwright.model.finding import Finding, found
from mailwright.model.rules import Severity, rule

RESOURCE_RENAMED = rule(
    "resource-renamed",
    Severity.ERROR,
    en="What {domain} has at {target} is held by the resource {other} already: {name} is the "
    "same domain under another name, or the domain is deployed twice.",
    zh="{domain} 在 {target} 的内容已由资源 {other} 管理："
    "{name} 是同一域名的另一个名称，或该域名被部署了两次。",
    hint_en="Keep one resource per domain, with its old name. If it was renamed on purpose, pass "
    "--allow {id} (MAILWRIGHT_ALLOW={id}): the old name is then forgotten and everything stays.",
    hint_zh="每个域名只保留一个资源并沿用原名。如果确实要改名，请加参数 --allow {id}"
    "（或 MAILWRIGHT_ALLOW={id}）：旧名称会被移除，内容保持不变。",
)

_Place = tuple[object, ...]
_State = TypeVar("_State")


class Placed(Protocol):
    """What a resource is about: ``place`` is what two resources must not share."""

    @property
    def place(self) -> _Place:
        """For DNS the zone as served there and the domain; for mailboxes domain, folder and server."""
        ...

    @property
    def domain(self) -> str:
        """The domain."""
        ...

    @property
    def label(self) -> str:
        """The host in words."""
        ...


class Consenting(Protocol):
    """Who consented, and on which day."""

    @property
    def consents(self) -> tuple[Consent, ...]:
        """Of the spec and the command line."""
        ...

    @property
    def as_of(self) -> dt.date:
        """The day of the plan."""
        ...


class Claims(Generic[_State]):
    """What this process has seen of each place."""

    def __init__(self) -> None:
        self._urns: dict[_Place, set[str]] = {}
        self._states: dict[_Place, _State] = {}
        self._handed_over: set[_Place] = set()

    def seen(self, target: Placed, urn: str, state: _State) -> None:
        """A resource was read: it holds its records, and this is what is known of them."""
        self._urns.setdefault(target.place, set()).add(urn)
        self._states[target.place] = state

    def known(self, target: Placed) -> _State | None:
        """What was last read of these records in this process, or None."""
        return self._states.get(target.place)

    def claim(self, target: Placed, urn: str, work: Consenting) -> None:
        """A resource takes records. Raises Refused where another one holds them without consent."""
        others = self._urns.setdefault(target.place, set()) - {urn}
        if others:
            self._require_consent(target, urn, others, work)
            self._handed_over.add(target.place)
        self._urns[target.place].add(urn)

    def held_by_another(self, target: Placed, urn: str, work: Consenting) -> bool:
        """Whether a deletion must leave the records to another resource. Raises Refused likewise."""
        others = self._urns.get(target.place, set()) - {urn}
        if not others:
            return False
        if target.place not in self._handed_over:
            self._require_consent(target, urn, others, work)
        self._urns[target.place].discard(urn)
        return True

    @staticmethod
    def _require_consent(target: Placed, urn: str, others: set[str], work: Consenting) -> None:
        if not consented(RESOURCE_RENAMED.id, work.consents, work.as_of):
            raise refused([_finding(target, urn, others)])


def _finding(target: Placed, urn: str, others: set[str]) -> Finding:
    return found(
        RESOURCE_RENAMED,
        id=RESOURCE_RENAMED.id,
        domain=target.domain,
        target=target.label,
        name=urn.rpartition("::")[2],
        other=", ".join(sorted(other.rpartition("::")[2] for other in others)),
    )
