"""``trace(mailboxes, mail)``: who gets a mail and why, step by step, with no server.

The same order as on the servers: an address is expanded; the rules of an address run once, before its mail
is passed on; then each mailbox runs its own rules on what arrives, whatever way it came.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from mailwright.model.mailboxes import (
    SPAM_HEADERS,
    Condition,
    Label,
    Mailbox,
    Mailboxes,
    Reply,
    Route,
    Rule,
    Test,
)
from mailwright.model.position import Position
from mailwright.model.text import Text

#: Sieve's i;ascii-casemap: only A to Z have a lower case (RFC 4790 §9.2.1).
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as rules see it: decoded, the body as text.

    ``recipient`` is the envelope's; ``to`` are the addresses of To and Cc, ``sender`` is that of From.
    ``headers`` are further ones by name, several of a name included; ``size`` is in octets, 0 is small.
    ``again``: one with this Message-ID met the same rules within hours, or the mail comes round: a script
    does not pass it on once more. ``bounce``: it has no reverse-path (RFC 5321 §4.5.5).
    """

    recipient: str
    sender: str = "somebody@example.com"
    subject: str = ""
    body: str = ""
    to: tuple[str, ...] = ()
    is_reply: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    size: int = 0
    attachments: bool = False
    again: bool = False
    bounce: bool = False

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of a header; upper and lower case of its name are the same."""
        wanted = name.lower()
        written = tuple(value for each, value in self.headers if each.lower() == wanted)
        known = {"from": (self.sender,), "to": self.to, "subject": (self.subject,)}
        return written or tuple(value for value in known.get(wanted, ()) if value)

    @property
    def is_spam(self) -> bool:
        """Whether a spam filter marked it."""
        marks = (value for name in SPAM_HEADERS for value in self.values(name))
        return any(value.translate(_LOWER).startswith("yes") for value in marks)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens on the way; ``depth`` is how often the mail was passed on before."""

    text: Text
    depth: int = 0
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a mail ends: an inside mailbox with its folders ("INBOX") and tags, or an outside address."""

    address: str
    folders: tuple[str, ...] = ("INBOX",)
    tags: tuple[str, ...] = ()
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """The whole story of one mail. ``refused`` are the recipients that no server takes."""

    steps: tuple[Step, ...]
    reached: tuple[Reached, ...]
    replies: tuple[Reply, ...] = ()
    notices: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Everybody who gets the mail; sorted."""
        return tuple(sorted({each.address for each in self.reached}))


def trace(mailboxes: Mailboxes, mail: Mail, day: dt.date | None = None) -> Trace:
    """What happens to ``mail`` on ``day`` (default: the day of the plan)."""
    walk = _Walk(mailboxes, mail, day or mailboxes.as_of)
    walk.arrive(mail.recipient, (), 0)
    walk.archive()
    return Trace(
        tuple(walk.steps),
        tuple(sorted(walk.reached.values(), key=lambda each: each.address)),
        tuple(walk.replies),
        tuple(dict.fromkeys(walk.notices)),
        tuple(dict.fromkeys(walk.refused)),
    )


def holds(condition: Condition | None, mail: Mail) -> tuple[bool, Text | None]:
    """Whether a condition takes a mail, and what it found."""
    if condition is None:
        return True, None
    if (condition.not_replies and mail.is_reply) or (condition.not_spam and mail.is_spam):
        return False, None
    hits = [_hit(test, mail) for test in condition.tests]
    truth = any(hits) if condition.any and hits else all(hits)
    shown = [hit for hit in hits if hit]
    return truth, _joined(shown) if truth and shown else None


_CONTAINS = Text("{field} contains “{word}”", "{field} 含有“{word}”")
_HAS_HEADER = Text("it has the header {word}", "带有邮件头 {word}")
_LARGER = Text("it is larger than {size} B", "大于 {size} B")
_SMALLER = Text("it is smaller than {size} B", "小于 {size} B")
_ATTACHED = {True: Text("it has attachments", "带附件"), False: Text("it has no attachments", "不带附件")}
_FIELDS = {
    "header": Text("the header {name}", "邮件头 {name}"),
    "from": Text("the sender", "发件人"),
    "to": Text("To or Cc", "收件人或抄送"),
    "subject": Text("the subject", "主题"),
    "body": Text("the text", "正文"),
}


def _joined(texts: list[Text]) -> Text:
    made = texts[0]
    for each in texts[1:]:
        made = Text("{one}, {other}", "{one}，{other}", {"one": made, "other": each})
    return made


def _hit(test: Test, mail: Mail) -> Text | None:
    """What makes the test true, None where nothing does."""
    if test.field == "has_header":
        name = next((each for each in test.contains if mail.values(each)), None)
        return _HAS_HEADER.using(word=name) if name else None
    if test.field == "larger_than":
        return _LARGER.using(size=test.size) if mail.size > test.size else None
    if test.field == "smaller_than":
        return _SMALLER.using(size=test.size) if mail.size < test.size else None
    if test.field == "attachments":
        return _ATTACHED[test.present] if mail.attachments == test.present else None
    values = {
        "from": (mail.sender,),
        "to": mail.to,
        "subject": mail.values("subject"),
        "body": (mail.body,),
        "header": mail.values(test.name),
    }[test.field]
    lowered = [value.translate(_LOWER) for value in values]
    word = next((w for w in test.contains if any(w.translate(_LOWER) in each for each in lowered)), None)
    field = _FIELDS[test.field].using(name=test.name) if test.name else _FIELDS[test.field]
    return None if word is None else _CONTAINS.using(field=field, word=word)


@dataclass
class _Outcome:
    """What the rules of one address make of a mail; ``to`` None: what would happen without rules."""

    to: tuple[str, ...] | None = None
    copies: dict[str, None] = field(default_factory=dict)
    labels: tuple[Label, ...] = ()


@dataclass
class _Walk:
    made: Mailboxes
    mail: Mail
    day: dt.date
    steps: list[Step] = field(default_factory=list)
    reached: dict[str, Reached] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    seen: set[tuple[str, frozenset[Label]]] = field(default_factory=set)
    order: list[tuple[str, tuple[Label, ...]]] = field(default_factory=list)

    def say(self, depth: int, position: Position | None, en: str, zh: str, **params: object) -> None:
        self.steps.append(Step(Text(en, zh, params), depth, position))

    def arrive(self, address: str, labels: tuple[Label, ...], depth: int, *, answered: bool = False) -> None:
        """A mail comes to an address, with the labels that rules gave it on the way."""
        address, detail = self.made.base(address)
        if (address, frozenset(labels)) in self.seen:
            return
        self.seen.add((address, frozenset(labels)))
        self.order.append((address, labels))
        box, route = self.made.mailbox(address), self.made.route(address)
        if not self.made.inside(address):
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
        elif self.made.is_refused(address) or not self.made.catch_all:
            self.say(depth, None, "{to} takes no mail: refused (550)", "{to} 不收信：拒收（550）", to=address)
            self.refused.append(address)
        else:
            to = ", ".join(self.made.catch_all)
            at = self.made.catch_all_position
            self.say(
                depth,
                at,
                "{of} is unknown: the catch-all, {to}",
                "{of} 不存在：由 catch-all 收下，{to}",
                of=address,
                to=to,
            )
            for each in self.made.catch_all:
                self.arrive(each, labels, depth + 1)

    def archive(self) -> None:
        """Copies of a mail that reached somebody: by its recipient, its sender and who got it by a script."""
        first, *onward = dict.fromkeys(address for address, _ in self.order)
        sender, _ = self.made.base(self.mail.sender)
        targets = [*self.made.copies(first), *self.made.copies(sender, sent=True)]
        targets += [self.made.archive_in[each] for each in onward if each in self.made.archive_in]
        if not self.reached:
            return
        for each in dict.fromkeys(targets):
            at = self.made.archive_position
            self.say(0, at, "archived: a copy for {to}", "归档：抄送给 {to}", to=each)
            self.arrive(each, (), 1)

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
        box = self.made.mailbox(route.router) if route.router and route.dispatches else None
        for each in self._sent(box, targets, depth) if box else targets:
            target = each if route.dispatches else _with(each, detail)
            carried = self._carried(each, outcome.labels) if route.dispatches else outcome.labels
            self.arrive(target, carried, depth + 1, answered=answered and each == route.router)

    def _sent(self, box: Mailbox, targets: Iterable[str], depth: int) -> list[str]:
        """Those whom a script in ``box`` sends the mail to; what cannot go, or not come back, stays there."""
        goes = list(targets)
        outside = any(not self.made.stays_inside(each) for each in goes)
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
        return [each for each in goes if each == box.address] if self.mail.again else goes

    def _carried(self, target: str, labels: tuple[Label, ...]) -> tuple[Label, ...]:
        """The labels that a script passes on: none where they could travel outside the company."""
        return labels if self.made.stays_inside(target) else ()

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
        for each in self._sent(box, passed, depth):
            if each != box.address:
                self.arrive(each, self._carried(each, outcome.labels), depth + 1)

    def _stored(self, box: Mailbox, labels: tuple[Label, ...], depth: int) -> None:
        moved = [each.name for each in labels if each.kind == "folder"]
        folders = {*(moved or ["INBOX"]), *(each.name for each in labels if each.copied)}
        tags = {each.name for each in labels if each.kind == "tag" and not each.copied}
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
        for each in rule.notify:
            self.notices.append(each)
            self.say(depth + 1, None, "a short notice goes to {to}", "短通知发给 {to}", to=each)

    def _actions(self, rule: Rule, depth: int) -> None:
        if rule.assign_to:
            self.say(depth + 1, None, "only to {to}", "只交给 {to}", to=", ".join(rule.assign_to))
        if rule.copy_to:
            self.say(depth + 1, None, "a copy for {to}", "抄送给 {to}", to=", ".join(rule.copy_to))
        for each in rule.labels:
            word = Text("folder", "文件夹") if each.kind == "folder" else Text("tag", "标签")
            self.say(depth + 1, None, "{kind} {name}", "{kind} {name}", kind=word, name=each.name)

    def _reply(self, replies: Iterable[Reply], depth: int) -> bool:
        """The first reply that holds today is sent; a server sends one a mailbox."""
        for each in replies:
            if each.window.holds(self.day):
                self.replies.append(each)
                self.say(depth, each.position, "auto-reply as {of}", "以 {of} 自动回复", of=each.sender)
                return True
        return False


def _with(address: str, detail: str) -> str:
    """An address with the sub-address that the mail came with, delimiter included."""
    local, at, host = address.rpartition("@")
    return local + detail + at + host
