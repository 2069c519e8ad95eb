"""Which addresses take mail, and what two versions of a spec lose between them.

Where a mail host is worked by hand there are no tables to read: what the last run planned stands for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailwright.model.consent import Consent, consented, proposed
from mailwright.model.finding import Finding, found
from mailwright.model.mailboxes import Mailboxes
from mailwright.plan.transition.gate import MAILBOX_CUT_OFF, ROLE_ADDRESS_EMPTIED


@dataclass(frozen=True, slots=True)
class Reach:
    """The addresses whose mail reaches somebody, a catch-all being ``@domain``, and the mailboxes."""

    addresses: frozenset[str] = frozenset()
    mailboxes: frozenset[str] = frozenset()

    @staticmethod
    def of(mailboxes: Mailboxes) -> Reach:
        """What is planned."""
        named = {box.address for box in mailboxes.mailboxes} | {route.address for route in mailboxes.routes}
        taking = {address for address in named if ends(mailboxes, address)}
        every = {"@" + mailboxes.domain} if mailboxes.catch_all else set()
        return Reach(frozenset(taking | every), frozenset(box.address for box in mailboxes.mailboxes))

    @staticmethod
    def of_plain(body: Mapping[str, Iterable[object]]) -> Reach:
        """What ``plain`` wrote."""
        return Reach(
            frozenset(map(str, body.get("addresses") or ())), frozenset(map(str, body.get("mailboxes") or ()))
        )

    @property
    def plain(self) -> dict[str, list[str]]:
        """The same as a state keeps it."""
        return {"addresses": sorted(self.addresses), "mailboxes": sorted(self.mailboxes)}


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
    return tuple(
        found(rule, name=", ".join(names), id=rule.id, day=proposed(day))
        for rule, names in ((ROLE_ADDRESS_EMPTIED, emptied), (MAILBOX_CUT_OFF, cut_off))
        if names and not consented(rule.id, given, day)
    )


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
