"""Who gets a mail at somebody else's mail host: through its own objects, by what its documents say.

Where they say nothing, the story says that it is not known, and never that somebody gets the mail.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from mailwright.catalog import service_name
from mailwright.model.hosted import STORES, Case, Hosted, HostObject
from mailwright.model.mailboxes import Condition, Mailboxes, Reply, Test, parted
from mailwright.model.text import Text
from mailwright.plan.mailboxes import unknowns
from mailwright.plan.mailboxes.story import ALIAS_DOMAIN, ONWARD, Mail, Reached, Step, Trace, holds


def trace(mailboxes: Mailboxes, hosted: Hosted, mail: Mail, day: dt.date) -> Trace:
    """What happens to ``mail`` on ``day``."""
    walk = _Walk(mailboxes, hosted, mail, day)
    walk.arrive(mail.recipient, 0)
    return Trace(
        tuple(walk.steps),
        tuple(sorted(walk.reached.values(), key=lambda reached: reached.address)),
        tuple(walk.replies),
        (),
        tuple(dict.fromkeys(walk.refused)),
        tuple({text("en"): text for text in walk.unknown}.values()),
        tuple(dict.fromkeys(walk.onward)),
    )


@dataclass
class _Walk:
    mailboxes: Mailboxes
    hosted: Hosted
    mail: Mail
    day: dt.date
    steps: list[Step] = field(default_factory=list)
    reached: dict[str, Reached] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unknown: list[Text] = field(default_factory=list)
    onward: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    grouped: bool = False  # it came through a group, whose members answer nobody by any document
    forwarded: set[str] = field(default_factory=set)  # who has it by a rule or a forward

    def say(self, depth: int, at: HostObject | Case | None, text: Text) -> None:
        self.steps.append(Step(text, depth, at.position if at else None))

    def open(self, depth: int, text: Text) -> None:
        """Something that no document says."""
        self.unknown.append(text)
        self.say(depth, None, _NOT_KNOWN.using(what=text))

    def arrive(self, address: str, depth: int) -> None:
        address = self._known(address, depth)
        if not address or address in self.seen:
            return
        self.seen.add(address)
        if not self.mailboxes.inside(address):
            self._leaves(address, depth)
            return
        for kind, way in (
            ("unknown", self._unknown),
            ("closed", self._closed),
            ("routing", self._passed),
            ("alias", self._passed),
            ("group", self._group),
        ):
            host_object = self.hosted.one(address, kind)
            if host_object is not None:
                way(host_object, depth)
                return
        box = self.hosted.one(address, *STORES)
        if there := self.mailboxes.elsewhere(address):
            self._hop(address, there, depth)
        elif box is not None:
            self._delivered(box, depth)
        else:
            self._nobody(address, depth)

    def _known(self, address: str, depth: int) -> str:
        """The address as an object has it; '' where nobody says what becomes of its sub-address."""
        home = self.mailboxes.at_home(address)
        if home != address:
            if not self._is_at_both(home):
                self.open(depth, unknowns.ALIAS_DOMAIN.using(address=address))
                return ""
            self.say(depth, None, ALIAS_DOMAIN.using(of=address, to=home))
        local, _, host = home.rpartition("@")
        if not self.mailboxes.inside(f"{local}@{host.lower()}"):
            return f"{local}@{host.lower()}"
        whole = f"{local.lower()}@{host.lower()}"
        base, detail = parted(whole)
        if not detail or any(host_object.address == whole for host_object in self.hosted.objects):
            return whole
        if self.hosted.says("plus") == "no" or not any(e.address == base for e in self.hosted.objects):
            return whole
        if self.hosted.says("plus") != "yes":
            self.open(depth, unknowns.PLUS.using(address=whole))
            return ""
        return base

    def _is_at_both(self, home: str) -> bool:
        """Whether documents say that an address takes mail at alias domains: of mailboxes they do."""
        if self.hosted.says("alias_domain") not in ("yes", "each"):
            return False
        base, _ = parted(home.lower())
        kinds = {one.kind for one in self.hosted.objects if one.address in (home.lower(), base)}
        ways = kinds - {"forward", "reply", "suspended"}
        if not ways:
            return not self.mailboxes.catch_all  # nobody has it
        return bool(ways & set(STORES)) and "routing" not in ways

    def _unknown(self, host_object: HostObject, depth: int) -> None:
        self.open(depth, host_object.why)

    def _closed(self, host_object: HostObject, depth: int) -> None:
        if self.mailboxes.catch_all:  # some hosts give it to the catch-all, which no document rules out here
            self.open(depth, unknowns.CLOSED_CAUGHT.using(address=host_object.address))
            return
        if host_object.keeps:  # nothing that is documented makes the host refuse it
            self.open(depth, unknowns.CLOSING.using(address=host_object.address))
            return
        self._refuse(host_object.address, depth, host_object)

    def _refuse(self, address: str, depth: int, host_object: HostObject | None = None) -> None:
        self.say(depth, host_object, _REFUSED.using(to=address))
        self.refused.append(address)

    def _passed(self, host_object: HostObject, depth: int) -> None:
        words = _ROUTED if host_object.kind == "routing" else _ALIAS
        self.say(depth, host_object, words.using(of=host_object.address, to=", ".join(host_object.to)))
        self._onward(host_object.to, depth)

    def _group(self, host_object: HostObject, depth: int) -> None:
        who = self.hosted.says("group_outside_senders")
        if not self.mailboxes.inside(self.mail.sender.lower()):
            if who == "no":
                self._refuse(host_object.address, depth, host_object)
                return
            if not who:
                self.open(depth, unknowns.OUTSIDERS.using(address=host_object.address))
                return
        self.say(depth, host_object, _GROUP.using(of=host_object.address, to=", ".join(host_object.to)))
        before, self.grouped = self.grouped, True
        self._onward(host_object.to, depth)
        self.grouped = before

    def _onward(self, targets: Iterable[str], depth: int) -> None:
        for target in targets:
            self.arrive(target, depth + 1)

    def _nobody(self, address: str, depth: int) -> None:
        if self.mailboxes.rest and not self.mailboxes.is_refused(address):
            self._hop(address, self.mailboxes.rest, depth)
            return
        catch = self.hosted.one("@" + self.mailboxes.domain, "catch_all")
        if catch is not None:
            self.say(depth, catch, _CATCH_ALL.using(of=address, to=", ".join(catch.to)))
            self._onward(catch.to, depth)
        elif self.mailboxes.catch_all:
            self.open(depth, unknowns.CATCH_ALL.using(address=address))
        else:
            self._refuse(address, depth)

    def _hop(self, address: str, service: str, depth: int) -> None:
        self.say(depth, None, ONWARD.using(of=address, service=service_name(service)))
        self.onward.append(address)

    def _leaves(self, address: str, depth: int) -> None:
        self.say(depth, None, _OUTSIDE.using(to=address))
        self.reached[address] = Reached(address, (), (), outside=True)

    # ── a mailbox ──

    def _delivered(self, box: HostObject, depth: int) -> None:
        self._reply(box, depth)
        case = self._case(box, depth)
        if case is _OPEN:
            return
        if case is None:
            self._kept(box, None, depth)
        else:
            if case.keeps:
                self._kept(box, case, depth)
            elif box.role:
                self.say(depth, box, _COPY_STAYS.using(of=box.address))
            self._forward(box, case.to, depth)
        kept = case is None or case.keeps
        for host_object in self.hosted.at(box.address, "forward"):
            if host_object.window.holds(self.day) and kept:
                self._forward(box, host_object.to, depth)

    def _forward(self, box: HostObject, targets: Iterable[str], depth: int) -> None:
        for target in targets:
            if box.address in self.forwarded:
                self.open(depth, unknowns.TWICE.using(address=box.address, to=target))
                continue
            self.forwarded.add(target)
            self.say(depth, box, _FORWARDED.using(of=box.address, to=target))
            self.arrive(target, depth + 1)

    def _case(self, box: HostObject, depth: int) -> Case | None:
        """The case that takes the mail, None where none does, ``_OPEN`` where nobody can say."""
        for case in box.cases:
            verdict = self._verdict(case)
            shown = ", ".join(case.paths) or "–"
            if verdict is None:
                self.open(depth, unknowns.MATCHING.using(address=box.address, rule=shown))
                return _OPEN
            if verdict:
                self.say(depth, case, _FIRES.using(rule=shown) if case.paths else _REST)
                return case
        return None

    def _verdict(self, case: Case) -> bool | None:
        asked = [self._holds(condition) for condition in case.when]
        asked += [_not(self._holds(condition)) for condition in case.unless]
        if False in asked:
            return False
        return None if None in asked else True

    def _holds(self, condition: Condition) -> bool | None:
        if condition.not_replies or condition.not_spam:
            return None
        hits = [self._hit(test) for test in condition.tests]
        if condition.any:
            return True if True in hits else None if None in hits else False
        return False if False in hits else None if None in hits else True

    def _hit(self, test: Test) -> bool | None:
        if test.field not in self.hosted.fields:
            return None
        hit, _ = holds(Condition((test,)), self.mail)
        if not hit or self.hosted.says("rule_match") == "substring" or not test.contains:
            return hit
        return True if any(_is_word(word, self._texts(test)) for word in test.contains) else None

    def _texts(self, test: Test) -> tuple[str, ...]:
        field = {"from": (self.mail.sender,), "to": self.mail.to, "body": (self.mail.body,)}
        return field.get(test.field, self.mail.values(test.name or test.field))

    def _kept(self, box: HostObject, case: Case | None, depth: int) -> None:
        labels = case.labels if case else ()
        moved = [label.name for label in labels if label.kind == "folder"]
        folders = {*(moved or ["INBOX"]), *(label.name for label in labels if label.copied)}
        tags = {label.name for label in labels if label.kind == "tag" and not label.copied}
        if box.readers:
            for reader in box.to:
                self.say(depth, box, _READ.using(of=box.address, to=reader))
                self.reached[reader] = Reached(reader, (box.address,))
            return
        self.reached[box.address] = Reached(box.address, tuple(sorted(folders)), tuple(sorted(tags)))
        self.say(depth, box, _STORED.using(of=box.address, folders=", ".join(sorted(folders))))

    def _reply(self, box: HostObject, depth: int) -> None:
        for host_object in self.hosted.at(box.address, "reply"):
            reply = host_object.reply
            if reply is None or not reply.window.holds(self.day) or self.grouped:
                continue
            inside = self.mailboxes.inside(self.mail.sender.lower())
            if inside or self.hosted.says("reply_outside") == "yes":
                self.replies.append(reply)
                self.say(depth, host_object, _ANSWERED.using(of=reply.sender))


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _is_word(word: str, texts: Iterable[str]) -> bool:
    """Whether a word stands in a text between blanks: what every way of searching finds."""
    needle = f" {' '.join(word.lower().split())} "
    return word.isascii() and any(needle in f" {' '.join(text.lower().split())} " for text in texts)


#: No case of a mailbox: nobody can say which one takes the mail.
_OPEN = Case((), (), (), keeps=False)

_NOT_KNOWN = Text("not known: {what}", "未知：{what}")
_REFUSED = Text("{to} takes no mail: refused (550)", "{to} 不收信：拒收（550）")
_ROUTED = Text("{of} is routed to {to}", "{of} 由路由转给 {to}")
_ALIAS = Text("{of} is an alias of {to}", "{of} 是 {to} 的别名")
_GROUP = Text("{of} is a group: {to}", "{of} 是群组：{to}")
_CATCH_ALL = Text("{of} is unknown: the catch-all, {to}", "{of} 不存在：由 catch-all 收下，{to}")
_OUTSIDE = Text("{to} is outside: passed on", "{to} 在公司外：转出")
_COPY_STAYS = Text(
    "a copy stays in the mailbox {of}, which nobody reads", "{of} 邮箱中留有一份副本，平时无人查看"
)
_FORWARDED = Text("{of} passes it on to {to}", "{of} 转给 {to}")
_FIRES = Text("{rule} takes it", "{rule} 命中")
_REST = Text("no rule takes it: all the rest", "没有规则命中：按其余邮件处理")
_READ = Text("{to} reads it in the mailbox {of}", "{to} 在邮箱 {of} 中查看")
_STORED = Text("{of} gets it in {folders}", "{of} 收到，位于 {folders}")
_ANSWERED = Text("an auto-reply as {of}", "以 {of} 的名义自动回复")
