"""The planned objects of a domain as lines of a Google Workspace account.

They are made of the same lowered objects as the checklist and the trace. What no API has (routing, the
catch-all) has no line, and stays a step of the checklist.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mailwright.hosts.mail.google.rows import (
    ACTIVE,
    ALL_MAIL,
    CONFIRMED,
    KEPT,
    LOCKED,
    SUSPENDED,
    filter_key,
    filter_text,
    forward_text,
    settings_text,
    vacation_text,
)
from mailwright.hosts.mail.google.standing import Filter
from mailwright.model.days import later
from mailwright.model.hosted import Case, Hosted, HostObject
from mailwright.model.mail_rules import Condition, Test
from mailwright.model.mailboxes import Mailboxes, Reply
from mailwright.model.text import Text

#: A rule without conditions: every mail has an octet or more.
EVERY_MAIL = {"size": 1, "sizeComparison": "larger"}
_MS = 1000
_OPEN = {
    "archiveOnly": "false",
    "messageModerationLevel": "MODERATE_NONE",
    "spamModerationLevel": "ALLOW",
    "whoCanPostMessage": "ANYONE_CAN_POST",
}
CANNOT_SAY = Text(
    "{address}: a Gmail filter cannot ask for {what}. Change the rule, or use the checklist for this address",
    "{address}：Gmail 过滤器无法表达 {what}。请修改规则，或对该地址使用清单",
)
BY_HAND = Text(
    "{address}: no API of Google has {what}. Set it by the checklist (`mailwright export`)",
    "{address}：Google 没有设置{what}的 API。请按清单（`mailwright export`）手工设置",
)
ROUTING = Text("routing", "路由")
CATCH_ALL = Text("a catch-all", "catch-all")


@dataclass(frozen=True, slots=True)
class Desired:
    """The lines; ``names`` of the mailboxes that somebody reads.

    ``by_hand``: what a person has to set besides; ``problems``: what cannot be had, so nothing is written.
    """

    rows: Mapping[str, str]
    names: Mapping[str, str]
    by_hand: tuple[Text, ...] = ()
    problems: tuple[Text, ...] = ()


class _CannotSay(Exception):
    """A condition that no filter has."""


def desired(mailboxes: Mailboxes) -> Desired:
    """Everything that is planned for its day."""
    hosted = mailboxes.hosted
    assert hosted is not None, "Google's behaviour is written down"
    work = _Desired(mailboxes, hosted)
    rows = dict(work.all())
    names = {box.address: box.name or box.address.partition("@")[0] for box in mailboxes.mailboxes}
    return Desired(rows, names, tuple(work.by_hand), tuple(work.problems))


class _Desired:
    def __init__(self, mailboxes: Mailboxes, hosted: Hosted) -> None:
        self.boxes, self.hosted, self.day = mailboxes, hosted, mailboxes.as_of
        self.problems: list[Text] = []
        self.by_hand: list[Text] = []

    def all(self) -> Iterator[tuple[str, str]]:
        for host_object in self.hosted.objects:
            yield from self._object(host_object)
        for due in self.hosted.leaving:
            if due.step == "sign-out" and due.day and due.day <= self.day:
                yield f"locked {due.address}", LOCKED
        for sender, holders in self.boxes.senders.items():
            for box in holders:
                if sender != box and self.hosted.one(box, "user") is not None:
                    yield f"send-as {box} {sender}", CONFIRMED

    def _object(self, host_object: HostObject) -> Iterator[tuple[str, str]]:
        address = host_object.address
        if host_object.kind in ("user", "delegated"):
            yield f"user {address}", ACTIVE
            yield from ((f"delegate {address} {reader}", CONFIRMED) for reader in host_object.to)
            yield from self._cases(host_object)
        elif host_object.kind == "alias":
            yield f"alias {address}", host_object.to[0]
        elif host_object.kind == "group":
            yield from self._group(host_object)
        elif host_object.kind == "forward" and host_object.window.holds(self.day):
            yield from self._copy(host_object)
        elif host_object.kind == "reply" and host_object.reply is not None:
            yield from self._reply(address)
        elif host_object.kind == "closed" and address in {gone.address for gone in self.boxes.suspended}:
            yield f"user {address}", SUSPENDED
        elif host_object.kind in ("routing", "catch_all"):
            what = ROUTING if host_object.kind == "routing" else CATCH_ALL
            self.by_hand.append(BY_HAND.using(address=address, what=what))

    def _group(self, host_object: HostObject) -> Iterator[tuple[str, str]]:
        there = [to for to in host_object.to if not self.hosted.is_open(to)]
        outside = any(not self.boxes.inside(to) for to in there)
        settings = {**_OPEN, **({"allowExternalMembers": "true"} if outside else {})}
        yield f"group {host_object.address}", settings_text(settings)
        yield from ((f"member {host_object.address} {to}", ALL_MAIL) for to in there)

    # -- rules ---------------------------------------------------------------------------------------

    def _cases(self, box: HostObject) -> Iterator[tuple[str, str]]:
        copied = self._copied(box.address)
        for case in box.cases:
            to = tuple(dict.fromkeys((*case.to, *(copied if case.keeps else ()))))
            if not case.when and not case.unless and len(to) == 1 and not case.labels:
                yield from self._whole(box.address, to[0])
            else:
                yield from self._case(box.address, case, to, trash=not case.keeps and not box.role)

    def _copied(self, address: str) -> tuple[str, ...]:
        """Who gets a copy of what the mailbox keeps, while its owner is away."""
        covers = self.hosted.at(address, "forward")
        return tuple(to for cover in covers if cover.window.holds(self.day) for to in cover.to)

    def _copy(self, cover: HostObject) -> Iterator[tuple[str, str]]:
        """Somebody's cover: rules that keep mail send the copy themselves, the rest has rules of its own."""
        ruled = any(box.cases for box in self.hosted.at(cover.address, "user", "delegated"))
        if not ruled and len(cover.to) == 1:
            yield from self._whole(cover.address, cover.to[0])
            return
        for case in cover.cases if ruled else (Case((), (), cover.to, keeps=True),):
            yield from self._case(cover.address, case, cover.to, trash=False)

    def _whole(self, address: str, to: str) -> Iterator[tuple[str, str]]:
        """All mail of a mailbox passed on, and kept: what fails later leaves it where it can be found."""
        yield f"forwarding {address} {to}", CONFIRMED
        yield f"forward {address}", forward_text(to, KEPT)

    def _case(
        self, address: str, case: Case, to: tuple[str, ...], *, trash: bool
    ) -> Iterator[tuple[str, str]]:
        """One filter for each who gets it, because a filter has one address; the rest is in the first."""
        try:
            criteria = _criteria(case)
        except _CannotSay as error:
            self.problems.append(CANNOT_SAY.using(address=address, what=error))
            return
        add = (*(label.name for label in case.labels), *(("TRASH",) if trash else ()))
        for number, target in enumerate(to or ("",)):
            if target:
                yield f"forwarding {address} {target}", CONFIRMED
            if target or add:
                text = filter_text(Filter("", criteria, target, add if number == 0 else ()))
                yield filter_key(address, text), text

    # -- auto-replies --------------------------------------------------------------------------------

    def _reply(self, address: str) -> Iterator[tuple[str, str]]:
        """The one that holds, or comes next: Gmail keeps one."""
        replies = [reply.reply for reply in self.hosted.at(address, "reply") if reply.reply]
        current = [reply for reply in replies if reply.window.until is None or self.day <= reply.window.until]
        if current:
            first = min(current, key=lambda reply: reply.window.start or dt.date.min)
            yield f"vacation {address}", vacation_text(_vacation(first, self.hosted))


def _vacation(reply: Reply, hosted: Hosted) -> dict[str, Any]:
    """As Gmail takes it; days of the company's clock, in milliseconds."""
    window = reply.window
    start, until = window.start, later(window.until, 1) if window.until else None
    return {
        "responseSubject": reply.subject,
        "responseBodyPlainText": reply.text,
        "startTime": _instant(start, window.start_offset) if start else "",
        "endTime": _instant(until, window.until_offset) if until else "",
        "restrictToDomain": hosted.says("reply_outside") != "yes",
    }


def _instant(day: dt.date, offset: int) -> str:
    zone = dt.timezone(dt.timedelta(minutes=offset))
    return str(int(dt.datetime.combine(day, dt.time(), zone).timestamp()) * _MS)


# -- conditions --------------------------------------------------------------------------------------


def _criteria(case: Case) -> dict[str, Any]:
    query = " ".join(
        [*map(_condition, case.when), *(f"-{_condition(condition)}" for condition in case.unless)]
    )
    return {"query": query} if query else dict(EVERY_MAIL)


def _condition(condition: Condition) -> str:
    """In Gmail's search language: blanks are "and", OR is written."""
    if condition.not_replies or condition.not_spam:
        raise _CannotSay("not_replies, not_spam")
    tests = list(map(_test, condition.tests))
    joined = " OR ".join(tests) if condition.any else " ".join(tests)
    return f"({joined})"


def _test(test: Test) -> str:
    if test.field in ("from", "to", "subject"):
        return f"{test.field}:{_words(test)}"
    if test.field == "body":
        return _words(test)
    if test.field in ("larger_than", "smaller_than"):
        return f"{test.field.partition('_')[0]}:{test.size}"
    if test.field == "attachments":
        return "has:attachment" if test.present else "-has:attachment"
    raise _CannotSay(test.field)


def _words(test: Test) -> str:
    if any('"' in word or "\n" in word for word in test.contains):
        raise _CannotSay('"')
    return "(" + " OR ".join(f'"{word}"' for word in test.contains) + ")"
