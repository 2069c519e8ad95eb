"""Which addresses take mail, and what two versions of a spec lose between them.

Where a mail host is worked by hand there are no tables to read: what the last run planned stands for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mailwright.catalog import service_name
from mailwright.model.consent import Consent, consented, proposed
from mailwright.model.days import later
from mailwright.model.finding import Finding, found
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.rules import Severity
from mailwright.model.text import Text
from mailwright.plan.mailboxes.kinds import GAP, NAMES, gaps, kinds
from mailwright.plan.transition.gate_rules import (
    ADDRESS_GAP,
    ADDRESS_REUSED,
    MAILBOX_CUT_OFF,
    ROLE_ADDRESS_EMPTIED,
)

#: For how long the address of somebody who left is given to nobody else, in days.
REST = 365
_CHANGES = Text("becomes {kind} and was {was}", "由{was}改为{kind}")
_MOVES = Text("moves from {was} to {now}", "由{was}迁到{now}")
_UNTIL = Text(
    "until it takes mail at {now}, and both hosts pass it on there",
    "直到{now}能收信，且两家都转交到那里为止",
)
_MINUTES = Text(
    "about {minutes} minutes, and nothing that this host documents bridges them",
    "约 {minutes} 分钟，该服务没有文档说明的衔接办法",
)


@dataclass(frozen=True, slots=True)
class Reach:
    """The addresses whose mail reaches somebody, a catch-all being ``@domain``, and the mailboxes.

    ``kinds``: what each address is at the mail host ``service``; '' where its objects are not known.
    ``left``: who left, with the first day on which they were gone. ``aliases``: the domains at which all of
    them take mail too. ``places``: which of two mail hosts has an address.
    """

    addresses: frozenset[str] = frozenset()
    mailboxes: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = field(default_factory=dict)
    service: str = ""
    left: Mapping[str, dt.date] = field(default_factory=dict)
    aliases: frozenset[str] = frozenset()
    places: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(mailboxes: Mailboxes) -> Reach:
        """What is planned."""
        named = {box.address for box in mailboxes.mailboxes} | {route.address for route in mailboxes.routes}
        taking = {address for address in named if ends(mailboxes, address)}
        every = {"@" + mailboxes.domain} if mailboxes.catch_all else set()
        boxes = frozenset(box.address for box in mailboxes.mailboxes)
        return Reach(
            frozenset(taking | every),
            boxes,
            kinds(mailboxes),
            _service(mailboxes),
            _left(mailboxes),
            frozenset(mailboxes.alias_domains),
            mailboxes.places,
        )

    @staticmethod
    def of_plain(body: Mapping[str, Any]) -> Reach:
        """What ``plain`` wrote; an earlier version wrote no kinds."""
        return Reach(
            frozenset(map(str, body.get("addresses") or ())),
            frozenset(map(str, body.get("mailboxes") or ())),
            {str(address): str(kind) for address, kind in (body.get("kinds") or {}).items()},
            str(body.get("service") or ""),
            {str(name): dt.date.fromisoformat(day) for name, day in (body.get("left") or {}).items()},
            frozenset(map(str, body.get("aliases") or ())),
            {str(address): str(host) for address, host in (body.get("places") or {}).items()},
        )

    def since(self, before: Reach, day: dt.date) -> Reach:
        """The same with whoever left before; not where somebody was given the address, with consent."""
        recent = {
            name: left
            for name, left in before.left.items()
            if day < later(left, REST) and name not in self.mailboxes
        }
        return replace(self, left={**recent, **self.left})

    @property
    def plain(self) -> dict[str, Any]:
        """The same as a state keeps it."""
        body: dict[str, Any] = {
            "addresses": sorted(self.addresses),
            "mailboxes": sorted(self.mailboxes),
            "kinds": dict(sorted(self.kinds.items())),
            "service": self.service,
            "left": {name: day.isoformat() for name, day in sorted(self.left.items())},
        }
        body |= {"aliases": sorted(self.aliases)} if self.aliases else {}
        return body | ({"places": dict(sorted(self.places.items()))} if self.places else {})


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
    ended = sorted(before.aliases - set(after.alias_domains)) if before.addresses else []
    kept = {box.address for box in after.mailboxes} | {person.address for person in after.suspended}
    cut_off = sorted(before.mailboxes - kept - set(emptied))
    lost = tuple(
        found(rule, name=", ".join(names), id=rule.id, day=proposed(day))
        for rule, names in (
            (ROLE_ADDRESS_EMPTIED, [*emptied, *(f"*@{domain} (alias_domains)" for domain in ended)]),
            (MAILBOX_CUT_OFF, cut_off),
        )
        if names and not consented(rule.id, given, day)
    )
    lost += tuple(_reused(before, after, given, day))
    if consented(ADDRESS_GAP.id, given, day):
        return lost
    lost += tuple(_moved(before, after, day))
    if before.service != _service(after):
        return lost
    changing = [change for change in gaps(before.kinds, after) if change[0] not in emptied]
    return (*lost, *(_gap(address, was, kind, day) for address, was, kind in changing))


def _reused(before: Reach, after: Mailboxes, consents: Iterable[Consent], day: dt.date) -> Iterator[Finding]:
    """Addresses of people who left not long ago that somebody is to work under now."""
    if consented(ADDRESS_REUSED.id, consents, day):
        return
    for address, left in sorted(before.left.items()):
        until, box = later(left, REST), after.mailbox(address)
        if box is not None and box.kind == "person" and left <= day < until:
            say = {"name": address, "left": left, "until": until, "id": ADDRESS_REUSED.id}
            yield Finding(ADDRESS_REUSED.id, "", None, {**say, "day": proposed(day)})


def _moved(before: Reach, after: Mailboxes, day: dt.date) -> Iterator[Finding]:
    """Addresses that go from one of two mail hosts to the other, or from the only one to a second."""
    if not (before.places or after.places):
        return
    moving: dict[tuple[str, str], list[str]] = {}
    for address in sorted(before.addresses):
        was = before.places.get(address, "" if before.places else before.service)
        now = after.places.get(address, "" if after.places else _service(after))
        if was and now and was != now:
            moving.setdefault((was, now), []).append(address)
    for (was, now), addresses in moving.items():
        change = _MOVES.using(was=service_name(was), now=service_name(now))
        say = {"address": ", ".join(addresses), "change": change, "time": _UNTIL.using(now=service_name(now))}
        params = {**say, "id": ADDRESS_GAP.id, "day": proposed(day)}
        yield Finding(ADDRESS_GAP.id, "", None, params, Severity.ERROR)


def _left(mailboxes: Mailboxes) -> dict[str, dt.date]:
    return {suspended.address: suspended.since for suspended in mailboxes.suspended}


def _service(mailboxes: Mailboxes) -> str:
    if mailboxes.views:
        return " ".join(view.home for view in mailboxes.views)
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
