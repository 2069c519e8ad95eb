"""The tree's people, addresses, rules, replies and expectations as values, each fault at its place."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mailwright.model.mailboxes import Label
from mailwright.spec import alias_domains, names, rules, two_hosts
from mailwright.spec import mailbox_rules as said
from mailwright.spec.conditions import UNITS, condition, shown, size
from mailwright.spec.dispatching import dispatch_faults, loop_faults
from mailwright.spec.expecting import expectations
from mailwright.spec.mailboxes import Address, Archive, AutoReply, Away, MailboxSpec, Person, RuleSpec
from mailwright.spec.shape import advice
from mailwright.spec.tree import Branch, Scalar

if TYPE_CHECKING:
    from mailwright.spec.builder import Builder

_LOCAL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]|\.(?=[a-z0-9_-])){0,63}")
#: What cannot be seen: C0 and C1 controls, line separators, marks that turn the direction of writing.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_BAD_FOLDER = re.compile(r"[*%\\]|^[~/.]|[/]$|//|(?:^|/)\.\.?(?:/|$)|^.{201,}$|(?i:^inbox$)")
#: A slip such as ``5`` would close a mailbox to all mail.
_LEAST_QUOTA, _MOST_QUOTA = UNITS["MB"], UNITS["GB"] << 20


def mailboxes(builder: Builder) -> MailboxSpec:
    """Everything the spec says about mailboxes. Findings go to the builder."""
    return _Mailboxes(builder).build()


class _Mailboxes:
    """Names are read first, so that every target can be told from a slip."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.domain = builder.domain
        self.aliases = alias_domains.hosts(builder)
        self.people = self._keys("people")
        self.addresses = self._keys("addresses")
        self.known = {**self.people, **self.addresses}

    def build(self) -> MailboxSpec:
        """The values; with faults among them where the builder has findings."""
        expect, claims = expectations(self.builder, self._targets, self._words)
        mailbox_spec = MailboxSpec(
            people=tuple(self._person(key, path) for key, path in self.people.items()),
            addresses=tuple(self._address(key, path) for key, path in self.addresses.items()),
            rules=tuple(self._rules()),
            auto_replies=tuple(self._auto_replies()),
            catch_all=self._targets(self.builder.branch("catch_all"), "to", "catch_all", inside=True),
            archive=tuple(self._archive()),
            expect=expect,
            claims=claims,
        )
        for finding in (*dispatch_faults(mailbox_spec), *loop_faults(mailbox_spec, self.domain)):
            self.builder.findings.append(finding)
        return mailbox_spec

    # ── names ──

    def _keys(self, block: str) -> dict[str, str]:
        """Local part → spec path of a block's entries; doubles and impossible ones are said."""
        paths: dict[str, str] = {}
        earlier = getattr(self, "people", {})
        for written in self.builder.branch(block).items:
            path = f"{block}.{written}"
            key = self._local(path, written)
            if not key:
                continue
            first = paths.get(key) or earlier.get(key)
            if first:
                line = self.builder.positions[first].line
                self.builder.say(said.ADDRESS_TWICE, path, address=f"{key}@{self.domain}", first=line)
                continue
            paths[key] = path
        return paths

    def _local(self, path: str, written: str) -> str:
        local, at, host = written.strip().partition("@")
        if at and self._domain(host) != self.domain:
            self.builder.say(said.OTHER_DOMAIN, path, value=_shown(written), domain=self.domain)
            return ""
        if not _LOCAL.fullmatch(local.lower()):
            self.builder.say(said.BAD_LOCAL, path, value=_shown(written))
            return ""
        return local.lower()

    def _domain(self, host: str) -> str:
        try:
            return names.domain(host)
        except names.BadNameError:
            return ""

    def _target(self, path: str, written: str, *, inside: bool = False, key: str = "") -> str:
        """A whole address, or '' and a finding."""
        word = written.strip()
        host = self.domain
        if "@" in word:
            whole = self.builder.address(path, word)
            word, _, host = whole.rpartition("@")
            if not whole:
                return ""
        if host in self.aliases:
            host = self.domain
        if host != self.domain:
            if inside:
                self.builder.say(said.NOT_INSIDE, path, value=_shown(written), key=key)
                return ""
            return f"{word}@{host}"
        if word.lower() in self.known:
            return f"{word.lower()}@{self.domain}"
        shown = advice(word.lower(), sorted(self.known))
        self.builder.say(said.UNKNOWN_TARGET, path, value=_shown(written), advice=shown)
        return ""

    def _targets(self, branch: Branch, key: str, path: str, *, inside: bool = False) -> tuple[str, ...]:
        """Targets of ``wang`` or ``[wang, li]``, each once."""
        addresses = (
            self._target(at, text, inside=inside, key=key) for at, text in self._words(branch, key, path)
        )
        return tuple(dict.fromkeys(address for address in addresses if address))

    def _one(self, branch: Branch, key: str, path: str) -> str | None:
        text = self.builder.text(branch, key)
        return (self._target(f"{path}.{key}", text, inside=True, key=key) or None) if text else None

    # ── scalars ──

    def _words(self, branch: Branch, key: str, path: str) -> Iterator[tuple[str, str]]:
        """(spec path, text) of one text or a list of them."""
        node = branch.items.get(key)
        if isinstance(node, Scalar):
            yield f"{path}.{key}", node.text.strip()
            return
        for number, text in enumerate(self.builder.texts(branch, key)):
            yield f"{path}.{key}[{number}]", text

    def _plain(self, path: str, text: str, *, lines: bool = False) -> str:
        """A text without characters that cannot be seen; ``lines``: it may have several lines."""
        hidden = _HIDDEN.search(re.sub(r"[\n\t]", " ", text) if lines else text)
        if hidden:
            self.builder.say(said.HIDDEN_CHARACTER, path, code=f"{ord(hidden.group()):04X}")
        return text

    def _text(self, branch: Branch, key: str, path: str, *, lines: bool = False) -> str:
        return self._plain(f"{path}.{key}", self.builder.text(branch, key), lines=lines)

    def _day(self, branch: Branch, key: str, path: str) -> dt.date | None:
        text = self.builder.text(branch, key)
        if not text:
            return None
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            self.builder.say(rules.BAD_DATE, f"{path}.{key}", value=_shown(text))
            return None

    def _in_order(self, path: str, start: dt.date | None, until: dt.date | None) -> None:
        if start and until and until < start:
            self.builder.say(said.DATES_REVERSED, path, start=start.isoformat(), until=until.isoformat())

    def _flag(self, branch: Branch, key: str) -> bool:
        return self.builder.text(branch, key) == "true"

    # ── parts ──

    def _below(self, branch: Branch, key: str) -> Branch:
        node = branch.items.get(key)
        return node if isinstance(node, Branch) else Branch({}, {}, branch.position)

    def _entry(self, block: str, path: str) -> Branch:
        return self._below(self.builder.branch(block), path.partition(".")[2])

    def _person(self, key: str, path: str) -> Person:
        branch = self._entry("people", path)
        handover = self._below(branch, "handover")
        left, until = self._day(branch, "left", path), self._day(handover, "until", f"{path}.handover")
        closed = self._day(branch, "closed", path)
        if "handover" in branch.items and "left" not in branch.items:
            self.builder.say(said.HANDOVER_WITHOUT_LEFT, f"{path}.handover", person=key)
        if "closed" in branch.items and "left" not in branch.items:
            self.builder.say(said.CLOSED_WITHOUT_LEFT, f"{path}.closed", person=key)
        self._in_order(f"{path}.handover.until", left, until)
        self._in_order(f"{path}.closed", left, closed)
        if until and closed and closed <= until:
            say = {"closed": closed.isoformat(), "until": until.isoformat(), "person": key}
            self.builder.say(said.CLOSED_BEFORE_UNTIL, f"{path}.closed", **say)
        return Person(
            key=key,
            at=two_hosts.place(self.builder, branch, path, key),
            name=self._text(branch, "name", path),
            title=self._text(branch, "title", path),
            phone=self._phone(branch, path),
            programs=tuple(dict.fromkeys(self.builder.texts(branch, "programs"))),
            send_as=self._targets(branch, "send_as", path, inside=True),
            away=self._away(self._below(branch, "away"), f"{path}.away") if "away" in branch.items else None,
            left=left,
            successor=self._one(handover, "to", f"{path}.handover"),
            handover_until=until,
            handover_text=self._text(handover, "text", f"{path}.handover", lines=True),
            name_successor=self._flag(handover, "name_successor"),
            closed=closed,
            quota=self._quota(branch, path),
            position=self.builder.positions.get(path),
        )

    def _away(self, branch: Branch, path: str) -> Away | None:
        start, until = self._day(branch, "from", path), self._day(branch, "until", path)
        self._in_order(f"{path}.until", start, until)
        if start is None or until is None:
            return None
        return Away(
            start=start,
            until=until,
            cover=self._one(branch, "cover", path),
            subject=self._text(branch, "subject", path),
            text=self._text(branch, "text", path, lines=True),
            position=self.builder.positions.get(path),
        )

    def _address(self, key: str, path: str) -> Address:
        branch = self._entry("addresses", path)
        shared = self._flag(branch, "shared")
        to = self._targets(branch, "to", path, inside=shared)
        if shared:
            for address in to:
                if address.partition("@")[0] not in self.people:
                    self.builder.say(said.SHARED_OF_ADDRESS, f"{path}.to", value=address, address=key)
        if "quota" in branch.items and not shared:
            self.builder.say(said.QUOTA_OF_ADDRESS, f"{path}.quota", address=key)
        return Address(
            key=key,
            to=to,
            owner=self._one(branch, "owner", path),
            shared=shared,
            quota=self._quota(branch, path) if shared else None,
            at=two_hosts.place(self.builder, branch, path, key),
            position=self.builder.positions.get(path),
        )

    def _phone(self, branch: Branch, path: str) -> str:
        """A number as E.164 has it, with its country code; blanks and hyphens are the writer's."""
        text = self._text(branch, "phone", path)
        if text and not re.fullmatch(r"\+[1-9][0-9 ()\-]{4,24}", text):
            self.builder.say(said.PHONE, f"{path}.phone", value=_shown(text))
            return ""
        return text

    def _quota(self, branch: Branch, path: str) -> int | None:
        text = self.builder.text(branch, "quota")
        octets = size(self.builder, f"{path}.quota", text, _MOST_QUOTA) if text else None
        if octets and octets < _LEAST_QUOTA:
            self.builder.say(said.QUOTA_SMALL, f"{path}.quota", value=text, least=shown(_LEAST_QUOTA))
            return None
        return octets

    def _archive(self) -> Iterator[Archive]:
        for number, branch in enumerate(self.builder.branches(self.builder.root, "archive")):
            path = f"archive[{number}]"
            text, which = self.builder.text(branch, "to"), self.builder.text(branch, "mail") or "both"
            to = self._target(f"{path}.to", text) if text else ""
            of = self._targets(branch, "for", path, inside=True)
            if to and (of or "for" not in branch.items):
                yield Archive(
                    to=to,
                    of=of,
                    incoming=which != "outgoing",
                    outgoing=which != "incoming",
                    path=path,
                    position=self.builder.positions.get(path),
                )

    def _rules(self) -> Iterator[RuleSpec]:
        for number, branch in enumerate(self.builder.branches(self.builder.root, "rules")):
            path = f"rules[{number}]"
            then, of = self._below(branch, "then"), self._one(branch, "for", path)
            when = condition(self.builder, branch, path, self._words, self._plain)
            if "then" in branch.items and not then.items:
                self.builder.say(said.NO_ACTION, f"{path}.then")
            if of:
                yield RuleSpec(
                    of=of,
                    when=when,
                    assign_to=self._targets(then, "assign_to", f"{path}.then"),
                    copy_to=self._targets(then, "copy_to", f"{path}.then"),
                    notify=self._targets(then, "notify", f"{path}.then"),
                    labels=tuple(self._labels(then, f"{path}.then")),
                    stop=self._flag(then, "stop"),
                    path=path,
                    position=self.builder.positions.get(path),
                )

    def _labels(self, then: Branch, path: str) -> Iterator[Label]:
        for kind in ("folder", "tag"):
            for at, text in self._words(then, kind, path):
                if _BAD_FOLDER.search(self._plain(at, text)):
                    self.builder.say(said.BAD_FOLDER, at, value=_shown(text))
                yield Label(text, kind)

    def _auto_replies(self) -> Iterator[AutoReply]:
        for number, branch in enumerate(self.builder.branches(self.builder.root, "auto_replies")):
            path = f"auto_replies[{number}]"
            start, until = self._day(branch, "from", path), self._day(branch, "until", path)
            self._in_order(f"{path}.until", start, until)
            of = self._one(branch, "for", path)
            if of:
                yield AutoReply(
                    of=of,
                    text=self._text(branch, "text", path, lines=True),
                    subject=self._text(branch, "subject", path),
                    start=start,
                    until=until,
                    days=int(self.builder.text(branch, "days") or 7),
                    language=self._text(branch, "language", path),
                    path=path,
                    position=self.builder.positions.get(path),
                )


def _shown(text: str) -> str:
    """A value as a message may show it."""
    return _HIDDEN.sub("?", text)[:80]
