"""Which resource of this run holds which records: what a rename would otherwise take away.

Pulumi creates a renamed resource first and deletes the old name afterwards. The new one adopts
the old one's records; the deletion would then empty the zone and be reported as a success.
"""

from __future__ import annotations

from mailwright.deploy.applying import Work, refused
from mailwright.deploy.values import State, Target
from mailwright.model.consent import consented
from mailwright.model.finding import Finding, found
from mailwright.model.rules import Severity, rule

RESOURCE_RENAMED = rule(
    "resource-renamed",
    Severity.ERROR,
    en="The mail records of {domain} at {target} are held by the resource {other} already: {name} is the "
    "same domain under another name, or the domain is deployed twice.",
    zh="{domain} 在 {target} 的邮件记录已由资源 {other} 管理："
    "{name} 是同一域名的另一个名称，或该域名被部署了两次。",
    hint_en="Keep one resource a domain and its old name. If it was renamed on purpose, pass --allow {id} "
    "(MAILWRIGHT_ALLOW={id}): the old name is then forgotten and its records stay.",
    hint_zh="每个域名只保留一个资源并沿用原名。如果确实要改名，请加参数 --allow {id}"
    "（或 MAILWRIGHT_ALLOW={id}）：旧名称会被移除，记录保持不变。",
)

_Place = tuple[str, str, str, int]


class Claims:
    """What this process has seen of each place (zone, domain, server)."""

    def __init__(self) -> None:
        self._urns: dict[_Place, set[str]] = {}
        self._states: dict[_Place, State] = {}
        self._handed_over: set[_Place] = set()

    def seen(self, target: Target, urn: str, state: State) -> None:
        """A resource was read: it holds its records, and this is what is known of them."""
        self._urns.setdefault(target.place, set()).add(urn)
        self._states[target.place] = state

    def known(self, target: Target) -> State | None:
        """What was last read of these records in this process, or None."""
        return self._states.get(target.place)

    def claim(self, target: Target, urn: str, work: Work) -> None:
        """A resource takes records. Raises Refused where another one holds them without consent."""
        others = self._urns.setdefault(target.place, set()) - {urn}
        if others:
            self._require_consent(target, urn, others, work)
            self._handed_over.add(target.place)
        self._urns[target.place].add(urn)

    def held_by_another(self, target: Target, urn: str, work: Work) -> bool:
        """Whether a deletion must leave the records to another resource. Raises Refused likewise."""
        others = self._urns.get(target.place, set()) - {urn}
        if not others:
            return False
        if target.place not in self._handed_over:
            self._require_consent(target, urn, others, work)
        self._urns[target.place].discard(urn)
        return True

    @staticmethod
    def _require_consent(target: Target, urn: str, others: set[str], work: Work) -> None:
        if not consented(RESOURCE_RENAMED.id, work.consents, work.as_of):
            raise refused([_finding(target, urn, others)])


def _finding(target: Target, urn: str, others: set[str]) -> Finding:
    return found(
        RESOURCE_RENAMED,
        id=RESOURCE_RENAMED.id,
        domain=target.domain,
        target=target.label,
        name=urn.rpartition("::")[2],
        other=", ".join(sorted(each.rpartition("::")[2] for each in others)),
    )
