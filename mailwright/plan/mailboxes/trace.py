"""``trace(mailboxes, mail)``: who gets a mail and why, step by step, with no server.

The same order as on the servers: an address is expanded; the rules of an address run once, before its mail
is passed on; then each mailbox runs its own rules on what arrives, whatever way it came. At a mail host whose
objects are known, it is these that the mail goes through (``hosted_trace.py``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from mailwright.catalog import service_name
from mailwright.model.mailboxes import Label, Mailbox, Mailboxes, Reply, Route, Rule
from mailwright.model.position import Position
from mailwright.model.text import Text
from mailwright.plan.mailboxes import across, hosted_trace
from mailwright.plan.mailboxes.story import (
    ALIAS_DOMAIN,
    NOT_PASSED,
    ONWARD,
    Mail,
    Reached,
    Step,
    Trace,
    holds,
)

__all__ = ["Mail", "Reached", "Step", "Trace", "holds", "trace"]


def trace(mailboxes: Mailboxes, mail: Mail, day: dt.date | None = None) -> Trace:
    """What happens to ``mail`` on ``day`` (default: the day of the plan)."""
    if mailboxes.views:
        return across.trace(mailboxes, mail, lambda view, hop: trace(view, hop, day))
    if mailboxes.hosted is not None:
        return hosted_trace.trace(mailboxes, mailboxes.hosted, mail, day or mailboxes.as_of)
    walk = _Walk(mailboxes, mail, day or mailboxes.as_of)
    walk.arrive(mail.recipient, (), 0)
    walk.archive()
    return Trace(
        tuple(walk.steps),
        tuple(sorted(walk.reached.values(), key=lambda reached: reached.address)),
        tuple(walk.replies),
        tuple(dict.fromkeys(walk.notices)),
        tuple(dict.fromkeys(walk.refused)),
        tuple(walk.unknown),
        onward=tuple(dict.fromkeys(walk.onward)),
    )


@dataclass
class _Outcome:
    """What the rules of one address make of a mail; ``to`` None: what would happen without rules."""

    to: tuple[str, ...] | None = None
    copies: dict[str, None] = field(default_factory=dict)
    labels: tuple[Label, ...] = ()


@dataclass
class _Walk:
    mailboxes: Mailboxes
    mail: Mail
    day: dt.date
    steps: list[Step] = field(default_factory=list)
    reached: dict[str, Reached] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    onward: list[str] = field(default_factory=list)
    unknown: list[Text] = field(default_factory=list)
    seen: set[tuple[str, frozenset[Label]]] = field(default_factory=set)
    order: list[tuple[str, tuple[Label, ...]]] = field(default_factory=list)

    def say(self, depth: int, position: Position | None, en: str, zh: str, **params: object) -> None:
        self.steps.append(Step(Text(en, zh, params), depth, position))

    def arrive(self, address: str, labels: tuple[Label, ...], depth: int, *, answered: bool = False) -> None:
        """A mail comes to an address, with the labels that rules gave it on the way."""
        home = self.mailboxes.at_home(address)
        if home != address:
            self.steps.append(Step(ALIAS_DOMAIN.using(of=address, to=home), depth, None))
        address, detail = self.mailboxes.base(home)
        if (address, frozenset(labels)) in self.seen:
            return
        self.seen.add((address, frozenset(labels)))
        self.order.append((address, labels))
        box, route = self.mailboxes.mailbox(address), self.mailboxes.route(address)
        if not self.mailboxes.inside(address):
            self.say(
                depth,
                None,
                "{to} is outside: passed on, and SPF breaks there without SRS",
                "{to} 在公司外：转出；若无 SRS，对方的 SPF 检查会失败",
                to=address,
            )
            self.reached[address] = Reached(address, (), (), outside=True)
        elif box:
            self._delivered(box, labels, depth, answered)
        elif route:
            self._routed(route, labels, depth, detail)
        elif there := self.mailboxes.hops.get(address):
            self.steps.append(Step(ONWARD.using(of=address, service=service_name(there)), depth, None))
            self.onward.append(_with(address, detail))
        else:
            self._nobody(address, labels, depth)

    def _nobody(self, address: str, labels: tuple[Label, ...], depth: int) -> None:
        """Nothing here takes the address: the catch-all does, or the server refuses it."""
        if there := self.mailboxes.unsure.get(address):
            self.unknown.append(NOT_PASSED.using(of=address, service=service_name(there)))
            self.steps.append(Step(self.unknown[-1], depth, None))
        if self.mailboxes.is_refused(address) or not self.mailboxes.catch_all:
            self.say(depth, None, "{to} takes no mail: refused (550)", "{to} 不收信：拒收（550）", to=address)
            self.refused.append(address)
            return
        self.say(
            depth,
            self.mailboxes.catch_all_position,
            "{of} is unknown: the catch-all, {to}",
            "{of} 不存在：由 catch-all 收下，{to}",
            of=address,
            to=", ".join(self.mailboxes.catch_all),
        )
        for address_of_all in self.mailboxes.catch_all:
            self.arrive(address_of_all, labels, depth + 1)

    def archive(self) -> None:
        """Copies of a mail that reached somebody: by its recipient, its sender and who got it by a script."""
        first, *onward = dict.fromkeys(address for address, _ in self.order)
        sender, _ = self.mailboxes.base(self.mail.sender)
        targets = [*self.mailboxes.copies(first), *self.mailboxes.copies(sender, sent=True)]
        targets += [
            self.mailboxes.archive_in[address] for address in onward if address in self.mailboxes.archive_in
        ]
        if not self.reached:
            return
        for fromkey in dict.fromkeys(targets):
            at = self.mailboxes.archive_position
            self.say(0, at, "archived: a copy for {to}", "归档：抄送给 {to}", to=fromkey)
            self.arrive(fromkey, (), 1)

    def _routed(self, route: Route, labels: tuple[Label, ...], depth: int, detail: str) -> None:
        """An alias passes the sub-address on to its targets (postconf(5), propagate_unmatched_extensions)."""
        why = route.why
        self.say(depth, route.position, "{of}: {why}", "{of}：{why}", of=route.address, why=why)
        answered = self._reply(route.replies, depth)
        outcome = self._dispatch(route.rules, labels, depth)
        if route.rules and outcome.to is None:
            to = ", ".join(route.to)
            self.say(depth, None, "no rule assigns it: {to}", "没有规则指派：送达 {to}", to=to)
        targets = dict.fromkeys((*(route.to if outcome.to is None else outcome.to), *outcome.copies))
        box = self.mailboxes.mailbox(route.router) if route.router and route.dispatches else None
        for recipient in self._sent(box, targets, depth) if box else targets:
            target = recipient if route.dispatches else _with(recipient, detail)
            carried = self._carried(recipient, outcome.labels) if route.dispatches else outcome.labels
            self.arrive(target, carried, depth + 1, answered=answered and recipient == route.router)

    def _sent(self, box: Mailbox, targets: Iterable[str], depth: int) -> list[str]:
        """Those whom a script in ``box`` sends the mail to; what cannot go, or not come back, stays there."""
        goes = list(targets)
        outside = any(not self.mailboxes.stays_inside(address) for address in goes)
        if box.address not in goes and (self.mail.again or (self.mail.bounce and outside)):
            self.say(
                depth,
                None,
                "seen before, so not passed on: {of} keeps it"
                if self.mail.again
                else "a bounce: {of} keeps it too",
                "此前已出现过，不再转交：由 {of} 保留" if self.mail.again else "退信：{of} 也保留一份",
                of=box.address,
            )
            self._stored(box, (), depth)
        return [address for address in goes if address == box.address] if self.mail.again else goes

    def _carried(self, target: str, labels: tuple[Label, ...]) -> tuple[Label, ...]:
        """The labels that a script passes on: none where they could travel outside the company."""
        return labels if self.mailboxes.stays_inside(target) else ()

    def _delivered(self, box: Mailbox, labels: tuple[Label, ...], depth: int, answered: bool) -> None:
        outcome = self._dispatch(box.rules, labels, depth)
        onward = dict.fromkeys((*(outcome.to or ()), *outcome.copies))
        keeps = outcome.to is None or box.address in onward
        passed = [box.address, *onward] if keeps else list(onward)
        if keeps:
            self._stored(box, outcome.labels, depth)
            if not answered:
                self._reply(box.replies, depth)
            if box.cover and box.cover.window.holds(self.day) and not self.mail.again:
                cover = box.cover.to
                self.say(
                    depth,
                    None,
                    "{of} is away: a copy for {to}",
                    "{of} 休假：抄送给 {to}",
                    of=box.address,
                    to=cover,
                )
                self.arrive(cover, (), depth + 1)
        for address in self._sent(box, passed, depth):
            if address != box.address:
                self.arrive(address, self._carried(address, outcome.labels), depth + 1)

    def _stored(self, box: Mailbox, labels: tuple[Label, ...], depth: int) -> None:
        moved = [label.name for label in labels if label.kind == "folder"]
        folders = {*(moved or ["INBOX"]), *(label.name for label in labels if label.copied)}
        tags = {label.name for label in labels if label.kind == "tag" and not label.copied}
        earlier = self.reached.get(box.address)
        if earlier:
            folders, tags = folders | set(earlier.folders), tags | set(earlier.tags)
        self.reached[box.address] = Reached(box.address, tuple(sorted(folders)), tuple(sorted(tags)))
        shown = ", ".join(sorted({*(moved or ["INBOX"]), *(e.name for e in labels if e.copied)}))
        marks = ", ".join(sorted(tags))
        self.say(
            depth,
            box.position,
            "{of} gets it in {folders}",
            "{of} 收到，位于 {folders}",
            of=box.address,
            folders=shown,
        )
        if marks:
            self.say(depth, None, "tagged {tags}", "标签：{tags}", tags=marks)

    def _dispatch(self, rules: Iterable[Rule], labels: tuple[Label, ...], depth: int) -> _Outcome:
        outcome = _Outcome(labels=labels)
        for rule in rules:
            fires, reason = holds(rule.when, self.mail)
            if not fires:
                self.say(depth, rule.position, "{rule} does not apply", "{rule} 不适用", rule=rule.path)
                continue
            why = reason or Text("it takes all the rest", "适用于其余邮件")
            self.say(
                depth, rule.position, "{rule} fires: {why}", "{rule} 命中：{why}", rule=rule.path, why=why
            )
            outcome.copies |= dict.fromkeys(rule.copy_to)
            outcome.labels = tuple(dict.fromkeys((*outcome.labels, *rule.labels)))
            self._notify(rule, depth)
            self._actions(rule, depth)
            if rule.assign_to:
                outcome.to = rule.assign_to
            if rule.ends:
                break
        return outcome

    def _notify(self, rule: Rule, depth: int) -> None:
        for address in rule.notify:
            self.notices.append(address)
            self.say(depth + 1, None, "a short notice goes to {to}", "短通知发给 {to}", to=address)

    def _actions(self, rule: Rule, depth: int) -> None:
        if rule.assign_to:
            self.say(depth + 1, None, "only to {to}", "只交给 {to}", to=", ".join(rule.assign_to))
        if rule.copy_to:
            self.say(depth + 1, None, "a copy for {to}", "抄送给 {to}", to=", ".join(rule.copy_to))
        for label in rule.labels:
            word = Text("folder", "文件夹") if label.kind == "folder" else Text("tag", "标签")
            self.say(depth + 1, None, "{kind} {name}", "{kind} {name}", kind=word, name=label.name)

    def _reply(self, replies: Iterable[Reply], depth: int) -> bool:
        """The first reply that holds today is sent; a server sends one a mailbox."""
        for reply in replies:
            if reply.window.holds(self.day):
                self.replies.append(reply)
                self.say(depth, reply.position, "auto-reply as {of}", "以 {of} 自动回复", of=reply.sender)
                return True
        return False


def _with(address: str, detail: str) -> str:
    """An address with the sub-address that the mail came with, delimiter included."""
    local, at, host = address.rpartition("@")
    return local + detail + at + host
