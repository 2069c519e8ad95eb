"""Which addresses take mail, and what two versions of a spec lose between them.

Where a mail host is worked by hand there are no tables to read: what the last run planned stands for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mailwright.model.consent import Consent, consented, proposed
from mailwright.model.finding import Finding, found
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.rules import Severity
from mailwright.model.text import Text
from mailwright.plan.mailboxes.kinds import GAP, NAMES, gaps, kinds
from mailwright.plan.transition.gate import ADDRESS_GAP, MAILBOX_CUT_OFF, ROLE_ADDRESS_EMPTIED

_CHANGES = Text("becomes {kind} and was {was}", "由{was}改为{kind}")
_MINUTES = Text(
    "about {minutes} minutes, and nothing that this host documents bridges them",
    "约 {minutes} 分钟，该服务没有文档说明的衔接办法",
)


@dataclass(frozen=True, slots=True)
class Reach:
    """The addresses whose mail reaches somebody, a catch-all being ``@domain``, and the mailboxes.

    ``kinds``: what each address is at the mail host ``service``; '' where its objects are not known.
    """

    addresses: frozenset[str] = frozenset()
    mailboxes: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = field(default_factory=dict)
    service: str = ""

    @staticmethod
    def of(mailboxes: Mailboxes) -> Reach:
        """What is planned."""
        named = {box.address for box in mailboxes.mailboxes} | {route.address for route in mailboxes.routes}
        taking = {address for address in named if ends(mailboxes, address)}
        every = {"@" + mailboxes.domain} if mailboxes.catch_all else set()
        boxes = frozenset(box.address for box in mailboxes.mailboxes)
        return Reach(frozenset(taking | every), boxes, kinds(mailboxes), _service(mailboxes))

    @staticmethod
    def of_plain(body: Mapping[str, Any]) -> Reach:
        """What ``plain`` wrote; an earlier version wrote no kinds."""
        return Reach(
            frozenset(map(str, body.get("addresses") or ())),
            frozenset(map(str, body.get("mailboxes") or ())),
            {str(address): str(kind) for address, kind in (body.get("kinds") or {}).items()},
            str(body.get("service") or ""),
        )

    @property
    def plain(self) -> dict[str, Any]:
        """The same as a state keeps it."""
        return {
            "addresses": sorted(self.addresses),
            "mailboxes": sorted(self.mailboxes),
            "kinds": dict(sorted(self.kinds.items())),
            "service": self.service,
        }


def losses(before: Reach, after: Mailboxes, consents: Iterable[Consent], day: dt.date) -> tuple[Finding, ...]:
    """What would reach nobody any more, and the mailboxes that nobody would look into; without consent.

    Args:
        before: what took mail so far.
        after: what is planned now.
        consents: of the spec and of this run.
        day: on which consents must hold.
    """
    given = tuple(consents)
    emptied = sorted(address for address in before.addresses if not _taken(after, address))
    kept = {box.address for box in after.mailboxes} | {person.address for person in after.suspended}
    cut_off = sorted(before.mailboxes - kept - set(emptied))
    lost = tuple(
        found(rule, name=", ".join(names), id=rule.id, day=proposed(day))
        for rule, names in ((ROLE_ADDRESS_EMPTIED, emptied), (MAILBOX_CUT_OFF, cut_off))
        if names and not consented(rule.id, given, day)
    )
    if before.service != _service(after) or consented(ADDRESS_GAP.id, given, day):
        return lost
    changing = [change for change in gaps(before.kinds, after) if change[0] not in emptied]
    return (*lost, *(_gap(address, was, kind, day) for address, was, kind in changing))


def _service(mailboxes: Mailboxes) -> str:
    return mailboxes.hosted.service if mailboxes.hosted else ""


def _gap(address: str, was: str, kind: str, day: dt.date) -> Finding:
    say = {
        "address": address,
        "change": _CHANGES.using(was=NAMES[was], kind=NAMES[kind]),
        "time": _MINUTES.using(minutes=GAP),
        "id": ADDRESS_GAP.id,
        "day": proposed(day),
    }
    return Finding(ADDRESS_GAP.id, "", None, say, Severity.ERROR)


def _taken(mailboxes: Mailboxes, address: str) -> bool:
    return bool(mailboxes.catch_all if address.startswith("@") else ends(mailboxes, address))


def ends(mailboxes: Mailboxes | None, address: str) -> tuple[str, ...]:
    """Where a plain mail ends: routes followed, each address once; nowhere where it is refused."""
    if mailboxes is None:
        return ()
    reached: list[str] = []
    waiting, seen = [address], set[str]()
    while waiting:
        at = waiting.pop(0)
        if at in seen:
            continue
        seen.add(at)
        if mailboxes.is_refused(at):
            continue
        if mailboxes.mailbox(at) or not mailboxes.inside(at):
            reached.append(at)
            continue
        waiting += mailboxes.arriving(at)
    return tuple(reached)
