"""``mailboxes(spec, today)``: what people, addresses and rules ask for on one day. Pure.

People who left are replaced by their successors everywhere, the mail host's limits are asked, and what it
cannot store is lowered in a way that a finding names.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from mailwright.catalog.capability import Capability, capability
from mailwright.model.finding import Finding, found
from mailwright.model.mailboxes import (
    Cover,
    Mailbox,
    Mailboxes,
    Refused,
    Reply,
    Route,
    Rule,
    Suspended,
    Window,
)
from mailwright.model.rules import Rule as FindingRule
from mailwright.model.text import Text
from mailwright.plan.mailboxes import auto_replies, two_hosts
from mailwright.plan.mailboxes import rules as said
from mailwright.plan.mailboxes.archiving import Archiving
from mailwright.plan.mailboxes.labels import Labels
from mailwright.plan.mailboxes.lowering import lower
from mailwright.plan.mailboxes.windows import window
from mailwright.spec.mailboxes import Address, Away, MailboxSpec, Person, RuleSpec
from mailwright.spec.model import MailSpec

#: RFC 2142 §4 and §5: addresses every domain that mails must have; the spec's contact gets them.
ROLES = ("postmaster", "abuse")


def mailboxes(spec: MailSpec, today: dt.date) -> tuple[Mailboxes | None, tuple[Finding, ...]]:
    """The planned mailboxes, None where the spec leaves them to somebody else."""
    if spec.mailboxes.is_empty:
        return None, ()
    if spec.beside is not None:
        return _of_both(spec, today)
    objects, findings = _whole(spec, today)
    hosted, said_there = lower(spec, objects)
    return replace(objects, hosted=hosted), (*findings, *said_there)


def _whole(spec: MailSpec, today: dt.date) -> tuple[Mailboxes, tuple[Finding, ...]]:
    work = _Work(spec, today, capability(spec.mail_host.service))
    return work.made(), tuple(work.findings)


def _of_both(spec: MailSpec, today: dt.date) -> tuple[Mailboxes, tuple[Finding, ...]]:
    """The company as a whole, with what each of its two mail hosts has."""
    company, said_of_company = _whole(spec.at_host(spec.mail_host), today)
    at = two_hosts.places(spec, company)
    findings = [*said_of_company, *two_hosts.across(company, at)]
    views: list[Mailboxes] = []
    for host in spec.mail_hosts:
        alone = spec.at_host(host)
        objects, said_here = _whole(alone, today)
        objects = two_hosts.view(spec, objects, at, host)
        here = [one for one in spec.mailboxes.people if at[f"{one.key}@{spec.domain}"] == host.service]
        living = replace(alone, mailboxes=replace(spec.mailboxes, people=tuple(here)))
        hosted, said_there = lower(living, objects)
        views.append(replace(objects, hosted=hosted))
        findings += [*said_here, *said_there]
    return replace(company, views=two_hosts.sure(views), places=at), _once(findings)


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What both hosts would say is said once."""
    by_words = {(one.rule, one.path, one.position, one.message()): one for one in findings}
    return tuple(by_words.values())


@dataclass
class _Work:
    spec: MailSpec
    today: dt.date
    host: Capability
    findings: list[Finding] = field(default_factory=list)
    followers: dict[str, str | None] = field(default_factory=dict)

    @cached_property
    def people(self) -> dict[str, Person]:
        """By the key they have in the spec."""
        return {person.key: person for person in reversed(self.asked.people)}

    @property
    def asked(self) -> MailboxSpec:
        return self.spec.mailboxes

    def address(self, key: str) -> str:
        return f"{key}@{self.spec.domain}"

    def made(self) -> Mailboxes:
        rules, replies = self._rules(), self._replies()
        boxes = [*self._people(rules, replies), *self._shared(rules, replies)]
        routes = [*self._addresses(), *self._roles(), *self._handovers()]
        mailboxes = Mailboxes(
            domain=self.spec.domain,
            as_of=self.today,
            mailboxes=_sorted(boxes),
            routes=_sorted(routes),
            refused=_sorted(self._refused()),
            suspended=_sorted(self._suspended()),
            catch_all=self._catch_all(),
            max_redirects=self.host.max_redirects,
            delimiter=self.spec.mail_host.delimiter,
            catch_all_position=self.spec.at("catch_all"),
            alias_domains=tuple(alias.domain for alias in self.spec.alias_domains),
        )
        routed = tuple(self._routed(route, mailboxes, rules, replies) for route in mailboxes.routes)
        self._of_closed(rules, replies)
        self._left_alone()
        mailboxes = replace(mailboxes, routes=routed)
        ways = self.spec.mail_host.ways
        mailboxes = replace(
            mailboxes,
            senders=self._senders(mailboxes),
            relays={sender: way for sender, way in sorted(ways.relays) if not self.gone(sender)},
            transports={domain: f"smtp:{way}" for domain, way in sorted(ways.transports)},
        )
        return self._archived(mailboxes)

    # ── people who left ──

    def gone(self, address: str) -> Person | None:
        """The person behind an address, if they left."""
        local, _, host = address.partition("@")
        person = self.people.get(local)
        left = person is not None and person.left is not None and person.left <= self.today
        return person if left and host == self.spec.domain else None

    def standing(self, targets: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Targets with successors in the place of people who left, and the people nobody follows."""
        here: dict[str, None] = {}
        lost: list[str] = []
        for target in targets:
            address = self._follower(target)
            if address is None:
                lost.append(target.partition("@")[0])
            else:
                here[address] = None
        return tuple(here), tuple(lost)

    def _follower(self, address: str) -> str | None:
        """Who gets what was for this address; of a long row of leavers each is followed once."""
        row: list[str] = []
        last: str | None = address
        while last is not None and last not in self.followers and (person := self.gone(last)):
            row.append(last)
            last = person.successor
        last = self.followers.get(last, last) if last else None
        self.followers.update(dict.fromkeys(row, last))
        return last

    # ── objects ──

    def _people(self, rules: _Rules, replies: _Replies) -> Iterator[Mailbox]:
        for person in self.asked.people:
            address = self.address(person.key)
            if self.gone(address):
                continue
            cover, away = self._away(person)
            yield Mailbox(
                address=address,
                kind="person",
                name=person.name,
                rules=rules.get(address, ()),
                replies=(*replies.get(address, ()), *away),
                cover=cover,
                quota=person.quota,
                why=Text("{name} works here", "{name} 的邮箱", {"name": person.name or person.key}),
                position=person.position,
            )

    def _away(self, person: Person) -> tuple[Cover | None, tuple[Reply, ...]]:
        away = person.away
        if away is None:
            return None, ()
        covers, lost = self.standing([away.cover] if away.cover else [])
        if lost:
            at = away.position
            self.findings.append(found(said.COVER_GONE, position=at, cover=lost[0], person=person.key))
        cover = covers[0] if covers else None
        days = window(self.spec.timezone, away.start, away.until)
        self._cover_away(person, away, cover, days)
        text = away.text or auto_replies.away(away, cover)
        address = self.address(person.key)
        reply = Reply(
            address, text, away.subject, days, path=f"people.{person.key}.away", position=away.position
        )
        return (Cover(cover, days) if cover else None), (reply,)

    def _cover_away(self, person: Person, away: Away, cover: str | None, days: Window) -> None:
        for other in self.asked.people:
            if cover != self.address(other.key) or not other.away:
                continue
            if days.overlaps(Window(other.away.start, other.away.until)):
                at = away.position
                self.findings.append(found(said.COVER_AWAY, position=at, cover=other.key, person=person.key))

    def _shared(self, rules: _Rules, replies: _Replies) -> Iterator[Mailbox]:
        for asked_address in self.asked.addresses:
            if not asked_address.shared:
                continue
            members = self._targets(asked_address)
            address = self.address(asked_address.key)
            yield Mailbox(
                address=address,
                kind="shared",
                name=asked_address.key,
                rules=rules.get(address, ()),
                replies=replies.get(address, ()),
                members=members,
                owner=self._owner(asked_address, members),
                quota=asked_address.quota,
                why=Text(
                    "a mailbox of its own, read by {to}", "独立邮箱，由 {to} 阅读", {"to": _list(members)}
                ),
                position=asked_address.position,
            )

    def _addresses(self) -> Iterator[Route]:
        for asked_address in self.asked.addresses:
            if asked_address.shared:
                continue
            to = self._targets(asked_address)
            outside = [target for target in to if not target.endswith("@" + self.spec.domain)]
            kind = "forward" if len(outside) == len(to) else "alias" if len(to) == 1 else "group"
            for target in outside:
                at = asked_address.position
                address = self.address(asked_address.key)
                self.findings.append(found(said.OUTSIDE, position=at, address=address, target=target))
            yield Route(
                address=self.address(asked_address.key),
                kind=kind,
                to=to,
                owner=self._owner(asked_address, to),
                why=Text("goes to {to}", "送达 {to}", {"to": _list(to)}),
                position=asked_address.position,
            )

    def _targets(self, address: Address) -> tuple[str, ...]:
        to, lost = self.standing(address.to)
        if not to:
            say = {"address": self.address(address.key), "gone": _list(lost)}
            path = f"addresses.{address.key}"
            self.findings.append(Finding(said.NOBODY_LEFT.id, path, address.position, say))
        return to

    def _owner(self, address: Address, to: tuple[str, ...]) -> str | None:
        owners, _ = self.standing([address.owner] if address.owner else [])
        return next((owner for owner in (*owners, *to)), None)

    def _roles(self) -> Iterator[Route]:
        """RFC 2142: postmaster and abuse go to the contact where the spec names nobody else."""
        local, _, host = self.spec.contact.lower().partition("@")
        if host in (alias.domain for alias in self.spec.alias_domains):
            host = self.spec.domain
        contact = f"{local}@{host}"
        known = {person.key for person in self.asked.people} | {
            address.key for address in self.asked.addresses
        }
        missing = [role for role in ROLES if role not in known]
        if host == self.spec.domain:
            to, _ = self.standing([contact])
            if local not in known | set(ROLES) or not to or (local in missing):
                at = self.spec.at("contact")
                self.findings.append(
                    found(said.CONTACT_UNREACHABLE, path="contact", position=at, address=contact, local=local)
                )
                return
        else:
            to = (self.spec.contact,)
        for role in missing:
            if host != self.spec.domain:
                at = self.spec.at("contact")
                say = {"address": self.address(role), "target": contact, "local": role}
                self.findings.append(Finding(said.ROLE_OUTSIDE.id, "contact", at, say))
            why = Text(
                "every domain that mails has it; goes to the contact", "每个收发邮件的域名都应有；送达联系人"
            )
            yield Route(
                self.address(role), "alias", to, owner=to[0], why=why, position=self.spec.at("contact")
            )

    def _handovers(self) -> Iterator[Route]:
        for person in self.asked.people:
            address = self.address(person.key)
            if not self.gone(address) or not self._hands_over(person):
                continue
            to, _ = self.standing([address])
            successor = to[0] if to else ""
            if person.handover_until and person.handover_until < self.today:
                say = {"person": person.key, "until": person.handover_until, "to": successor}
                at = (f"people.{person.key}", person.position, {**say, "address": address})
                self.findings.append(Finding(said.HANDOVER_OVER.id, *at))
            name = person.name or person.key
            text = person.handover_text or auto_replies.left(
                person, self.asked.addresses, successor, self.spec.domain
            )
            days = window(self.spec.timezone, None, person.handover_until)
            reply = Reply(address, text, "", days, path=f"people.{person.key}.handover")
            yield Route(
                address=address,
                kind="handover",
                to=to,
                replies=(reply,),
                owner=successor,
                why=Text(
                    "{name} left on {left}; {to} answers, as agreed until {until}",
                    "{name} 于 {left} 离职；由 {to} 接手，约定至 {until}",
                    {"name": name, "left": person.left, "to": successor, "until": person.handover_until},
                ),
                position=person.position,
            )

    def _hands_over(self, person: Person) -> bool:
        """Whether somebody gets the mail of a leaver: from the first day on, until a person closes it."""
        to, _ = self.standing([self.address(person.key)])
        return bool(to) and not (person.closed and person.closed <= self.today)

    def _refused(self) -> Iterator[Refused]:
        for person in self.asked.people:
            address = self.address(person.key)
            if not self.gone(address) or self._hands_over(person):
                continue
            why = Text(
                "{name} left on {left}",
                "{name} 于 {left} 离职",
                {"name": person.name or person.key, "left": person.left},
            )
            yield Refused(address, why, person.position)

    def _left_alone(self) -> None:
        """Leavers whose mail nobody gets, though no day is written on which their address closes."""
        for person in self.asked.people:
            if person.left is None or (person.closed and person.closed <= max(person.left, self.today)):
                continue
            to, _ = self.standing([self.address(person.key)])
            if not to or (self.today < person.left and person.successor is None):
                say = {"address": self.address(person.key), "person": person.key, "day": person.left}
                say["closed"] = max(person.left, self.today)
                self.findings.append(
                    Finding(said.LEAVER_NOBODY.id, f"people.{person.key}", person.position, say)
                )

    def _suspended(self) -> Iterator[Suspended]:
        for person in self.asked.people:
            if self.gone(self.address(person.key)) and person.left:
                yield Suspended(self.address(person.key), person.left, person.position)

    def _catch_all(self) -> tuple[str, ...]:
        if not self.asked.catch_all:
            return ()
        at = self.spec.at("catch_all")
        self.findings.append(found(said.CATCH_ALL, path="catch_all", position=at))
        to, lost = self.standing(self.asked.catch_all)
        if not to:
            say = {"gone": _list(lost)}
            self.findings.append(Finding(said.CATCH_ALL_NOBODY.id, "catch_all", at, say))
        return to

    # ── rules and replies ──

    def _rules(self) -> _Rules:
        by_address: dict[str, list[Rule]] = defaultdict(list)
        labels = Labels(self.spec, self.host, self.findings)
        for rule in self.asked.rules:
            by_address[rule.of].append(
                Rule(
                    path=rule.path,
                    when=rule.when,
                    assign_to=self._passed(rule, rule.assign_to),
                    copy_to=self._passed(rule, rule.copy_to),
                    notify=self._passed(rule, rule.notify, said.OUTSIDE_NOTICE),
                    labels=tuple(labels.stored(label, rule.position) for label in rule.labels),
                    stop=rule.stop,
                    position=rule.position,
                )
            )
        return {address: tuple(rules) for address, rules in by_address.items()}

    def _passed(
        self, rule: RuleSpec, targets: tuple[str, ...], outside: FindingRule = said.OUTSIDE
    ) -> tuple[str, ...]:
        here, lost = self.standing(targets)
        if targets and not here:
            say = {"gone": _list(lost)}
            self.findings.append(Finding(said.RULE_NOBODY.id, rule.path, rule.position, say))
        for target in here:
            if not target.endswith("@" + self.spec.domain):
                say = {"address": rule.of, "target": target}
                self.findings.append(Finding(outside.id, rule.path, rule.position, say))
        return here

    def _replies(self) -> _Replies:
        by_address: dict[str, list[Reply]] = defaultdict(list)
        for auto_reply in self.asked.auto_replies:
            days = window(self.spec.timezone, auto_reply.start, auto_reply.until)
            reply = Reply(
                auto_reply.of,
                auto_reply.text,
                auto_reply.subject,
                days,
                auto_reply.days,
                auto_reply.language,
                auto_reply.path,
                auto_reply.position,
            )
            by_address[auto_reply.of].append(reply)
        return {address: tuple(replies) for address, replies in by_address.items()}

    def _routed(self, route: Route, objects: Mailboxes, rules: _Rules, replies: _Replies) -> Route:
        """The route with its rules and replies, and the mailbox in which they run."""
        mine = rules.get(route.address, ()) if route.kind != "handover" else ()
        answers = route.replies + (replies.get(route.address, ()) if route.kind != "handover" else ())
        if not mine and not answers:
            return route
        targets = [
            route.owner or "",
            *route.to,
            *(target for rule in mine for target in (*rule.assign_to, *rule.copy_to)),
        ]
        leaves = (leaf for target in targets if target for leaf in objects.leaves(target))
        router = next((leaf for leaf in leaves if objects.mailbox(leaf)), None)
        if router is None and (mine or answers):
            say = {"address": route.address}
            self.findings.append(Finding(said.NEEDS_MAILBOX.id, "", route.position, say))
        return replace(route, router=router, rules=mine, replies=answers)

    def _of_closed(self, rules: _Rules, replies: _Replies) -> None:
        """Rules and replies of people who left run nowhere."""
        written = [
            (address, box_rules[0].path, box_rules[0].position) for address, box_rules in rules.items()
        ]
        written += [
            (address, box_replies[0].path, box_replies[0].position)
            for address, box_replies in replies.items()
        ]
        for address, path, position in written:
            if self.gone(address):
                self.findings.append(
                    found(said.RULE_OF_LEAVER, path=path, position=position, address=address)
                )

    def _senders(self, objects: Mailboxes) -> dict[str, tuple[str, ...]]:
        """From address → mailboxes that may send as it; a person's own is always theirs.

        Who reads a shared mailbox answers from it.
        """
        may: dict[str, dict[str, None]] = defaultdict(dict)
        for box in objects.mailboxes:
            may[box.address] |= dict.fromkeys((box.address, *box.members))
        for person in self.asked.people:
            address = self.address(person.key)
            if not self.gone(address):
                for sender in person.send_as:
                    may[sender][address] = None
        return {address: tuple(may[address]) for address in sorted(may)}

    def _archived(self, objects: Mailboxes) -> Mailboxes:
        """With where copies of mail go."""
        asked = self.asked.archive
        if not asked:
            return objects
        archiving = Archiving(objects)
        for archive in asked:
            archiving.add(archive, self.standing)
        archiving.close(asked)
        self.findings += archiving.findings
        return replace(
            objects,
            archive_in=dict(sorted(archiving.incoming.items())),
            archive_out=dict(sorted(archiving.outgoing.items())),
            archive_position=asked[0].position,
        )


_Rules = dict[str, tuple[Rule, ...]]
_Replies = dict[str, tuple[Reply, ...]]
_Named = TypeVar("_Named", Mailbox, Route, Refused, Suspended)


def _sorted(these: Iterable[_Named]) -> tuple[_Named, ...]:
    return tuple(sorted(these, key=lambda entry: entry.address))


def _list(words: Iterable[str]) -> str:
    return ", ".join(words) or "–"
