"""Who gets which mail, planned: the value that traces, maps, scripts and checklists are made of.

Addresses are whole, lower case, with the domain as A-labels. A mail *arrives* at an address, is expanded
over routes, may be dispatched by the rules of an address, and ends in mailboxes or outside.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mailwright.model.hosted import Hosted
from mailwright.model.mail_rules import SPAM_HEADERS, Condition, Cover, Label, Reply, Rule, Test, Window
from mailwright.model.position import Position
from mailwright.model.text import Lang, Text

__all__ = [
    "DELIMITER",
    "MOST_ACTIONS",
    "MOST_REDIRECTS",
    "SPAM_HEADERS",
    "Condition",
    "Cover",
    "Hosted",
    "Label",
    "Mailbox",
    "Mailboxes",
    "Refused",
    "Reply",
    "Route",
    "Rule",
    "Suspended",
    "Test",
    "Window",
    "parted",
]

#: What parts a local part from its sub-address where nobody says otherwise (RFC 5233).
DELIMITER = "+"
#: Pigeonhole's ``sieve_max_actions`` and ``sieve_max_redirects`` where nobody set them.
MOST_ACTIONS = 32
MOST_REDIRECTS = 4


def parted(address: str, delimiter: str = DELIMITER) -> tuple[str, str]:
    """(address without its sub-address, the sub-address with its delimiter or ''), as Postfix parts them."""
    local, at, host = address.rpartition("@")
    ends = [local.index(sign, 1) for sign in delimiter if sign in local[1:]]
    end = min(ends, default=len(local))
    return local[:end] + at + host, local[end:]


@dataclass(frozen=True, slots=True)
class Route:
    """An address without a mailbox of its own.

    ``router`` is the mailbox in which its rules and replies run (None: it has none); it need not be among
    ``to``. ``kind`` is alias, group, forward or handover.
    """

    address: str
    kind: str
    to: tuple[str, ...]
    router: str | None = None
    rules: tuple[Rule, ...] = ()
    replies: tuple[Reply, ...] = ()
    owner: str | None = None
    why: Text = field(default_factory=lambda: Text("", ""), compare=False)
    position: Position | None = field(default=None, compare=False)

    @property
    def dispatches(self) -> bool:
        """Whether the router passes the mail on itself; else the map does, and only a reply runs there."""
        return self.router is not None and (bool(self.rules) or self.router not in self.to)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox of a person, or a shared one that ``members`` read."""

    address: str
    kind: str  # person | shared
    name: str = ""
    rules: tuple[Rule, ...] = ()
    replies: tuple[Reply, ...] = ()
    cover: Cover | None = None
    members: tuple[str, ...] = ()
    owner: str | None = None
    quota: int | None = None  # octets
    why: Text = field(default_factory=lambda: Text("", ""), compare=False)
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """An address that takes no mail any more; ``mailbox`` says that one is behind it and is suspended."""

    address: str
    why: Text = field(default_factory=lambda: Text("", ""), compare=False)
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Suspended:
    """A mailbox that nobody may open any more; its content stays."""

    address: str
    since: dt.date
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """All of one domain's mail on one day. Every address appears once."""

    domain: str
    as_of: dt.date
    mailboxes: tuple[Mailbox, ...] = ()
    routes: tuple[Route, ...] = ()
    refused: tuple[Refused, ...] = ()
    suspended: tuple[Suspended, ...] = ()
    catch_all: tuple[str, ...] = ()
    senders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # From address → mailboxes
    max_redirects: int = MOST_REDIRECTS
    delimiter: str = DELIMITER  # any of these characters begins a sub-address (RFC 5233)
    archive_in: Mapping[str, str] = field(default_factory=dict)  # recipient or @domain → copies go to
    archive_out: Mapping[str, str] = field(default_factory=dict)  # sender or @domain → copies go to
    relays: Mapping[str, str] = field(default_factory=dict)  # sender or @domain → [HOST]:PORT
    transports: Mapping[str, str] = field(default_factory=dict)  # foreign domain → smtp:[HOST]:PORT
    archive_position: Position | None = field(default=None, compare=False)
    catch_all_position: Position | None = field(default=None, compare=False)
    alias_domains: tuple[str, ...] = ()  # every address of the domain takes mail there too
    hosted: Hosted | None = None  # the mail host's own objects, where it is known what they do
    views: tuple[Mailboxes, ...] = ()  # of two mail hosts what each has; mail comes in at the first
    places: Mapping[str, str] = field(default_factory=dict)  # address → the one of two hosts that has it
    home: str = ""  # in a view: its mail host
    hops: Mapping[str, str] = field(default_factory=dict)  # in a view: address → the other host
    unsure: Mapping[str, str] = field(
        default_factory=dict
    )  # likewise, and nobody knows what it would be there
    rest: str = ""  # in a view: the other host, where all addresses are passed on that nobody has here

    @property
    def at_hosts(self) -> tuple[Mailboxes, ...]:
        """What each mail host has: all of it at one, a part at each of two."""
        return self.views or (self,)

    def elsewhere(self, address: str) -> str:
        """In a view: the other host, where the address is there; ''."""
        return self.hops.get(address) or self.unsure.get(address, "")

    def mailbox(self, address: str) -> Mailbox | None:
        """The mailbox at an address."""
        return next(
            (listed_mailbox for listed_mailbox in self.mailboxes if listed_mailbox.address == address), None
        )

    def route(self, address: str) -> Route | None:
        """The route at an address."""
        return next((listed_route for listed_route in self.routes if listed_route.address == address), None)

    def is_together(self, *addresses: str) -> bool:
        """Whether addresses are at one mail host."""
        return len({self.places.get(address) for address in addresses}) == 1

    def is_refused(self, address: str) -> bool:
        """Whether the address takes no mail any more."""
        return any(refusal.address == address for refusal in self.refused)

    def base(self, address: str) -> tuple[str, str]:
        """An address as it is known here, and the sub-address that it came with; outside as it is."""
        local, _, host = self.at_home(address).rpartition("@")
        if not self.inside(f"{local}@{host.lower()}"):
            return f"{local}@{host.lower()}", ""
        whole = f"{local.lower()}@{host.lower()}"
        if self.mailbox(whole) or self.route(whole) or self.is_refused(whole):
            return whole, ""
        return parted(whole, self.delimiter)

    def at_home(self, address: str) -> str:
        """An address at an alias domain as that of the company's own domain; others as they are."""
        local, _, host = address.rpartition("@")
        return f"{local}@{self.domain}" if host.lower() in self.alias_domains else address

    def spelled(self, addresses: Iterable[str]) -> tuple[str, ...]:
        """Addresses of the domain, then the same ones at its alias domains."""
        own = tuple(addresses)
        names = [address.rpartition("@")[0] for address in own if self.inside(address)]
        return (*own, *(f"{name}@{alias}" for alias in self.alias_domains for name in names))

    def inside(self, address: str) -> bool:
        """Whether an address lies in the domain."""
        return address.endswith("@" + self.domain)

    def stays_inside(self, target: str) -> bool:
        """Whether all that a target expands to is on this server: only there may a sub-address travel."""
        leaves = self.leaves(target)
        return self.inside(target) and all(self.inside(leaf) and not self.elsewhere(leaf) for leaf in leaves)

    def arriving(self, address: str) -> tuple[str, ...]:
        """Targets of an address: its own, those of the catch-all, or none (mail is refused)."""
        if self.mailbox(address):
            return (address,)
        route = self.route(address)
        if route:
            return route.to
        return () if self.is_refused(address) or not self.inside(address) else self.catch_all

    def leaves(self, address: str) -> tuple[str, ...]:
        """The mailboxes and outside addresses an address expands to, whatever rules say, as written."""
        addresses: dict[str, None] = {}
        seen: set[str] = set()
        todo = [address]
        while todo:
            leaf = todo.pop(0)
            if leaf in seen:
                continue
            seen.add(leaf)
            if self.mailbox(leaf) or self.elsewhere(leaf) or not self.inside(leaf):
                addresses[leaf] = None
            else:
                todo = [*self.arriving(leaf), *todo]
        return tuple(addresses)

    def copies(self, address: str, *, sent: bool = False) -> tuple[str, ...]:
        """Where a copy of mail to an address goes, or of mail that is ``sent`` as it."""
        table = self.archive_out if sent else self.archive_in
        target = table.get(address) or (table.get("@" + self.domain) if self.inside(address) else None)
        return (target,) if target else ()

    def to_json(self, lang: Lang = "en") -> list[dict[str, object]]:
        """The documented JSON form: one object an address, sorted by kind and name."""
        rows = [_mailbox(listed_mailbox, lang) for listed_mailbox in self.mailboxes] + [
            _route(listed_route, lang) for listed_route in self.routes
        ]
        rows += [
            _plain("refused", refusal.address, refusal.why, refusal.position, lang)
            for refusal in self.refused
        ]
        rows += [
            {
                **_plain("suspended", suspension.address, _NONE, suspension.position, lang),
                "since": suspension.since.isoformat(),
            }
            for suspension in self.suspended
        ]
        if self.catch_all:
            name = "@" + self.domain
            catch = _plain("catch-all", name, _NONE, self.catch_all_position, lang)
            rows.append({**catch, "to": list(self.catch_all)})
        rows += [
            {**_plain("archive", address, _NONE, self.archive_position, lang), "to": [target], "mail": mail}
            for mail, table in (("incoming", self.archive_in), ("outgoing", self.archive_out))
            for address, target in table.items()
        ]
        rows = [{**row, **({"at": at} if (at := self.places.get(str(row["name"]))) else {})} for row in rows]
        return sorted(rows, key=lambda row: (str(row["kind"]), str(row["name"])))


_NONE = Text("", "")


def _plain(kind: str, name: str, why: Text, position: Position | None, lang: Lang) -> dict[str, object]:
    return {"kind": kind, "name": name, "why": why(lang), "line": position.line if position else None}


def _mailbox(mailbox: Mailbox, lang: Lang) -> dict[str, object]:
    body = _plain(
        "mailbox" if mailbox.kind == "person" else "shared",
        mailbox.address,
        mailbox.why,
        mailbox.position,
        lang,
    )
    body["rules"] = [_rule(rule) for rule in mailbox.rules]
    body["replies"] = [_reply(reply) for reply in mailbox.replies]
    if mailbox.members:
        body |= {"members": list(mailbox.members), "owner": mailbox.owner}
    if mailbox.quota:
        body["quota"] = mailbox.quota
    if mailbox.cover:
        body["cover"] = {"to": mailbox.cover.to, **_window(mailbox.cover.window)}
    return body


def _route(route: Route, lang: Lang) -> dict[str, object]:
    return {
        **_plain(route.kind, route.address, route.why, route.position, lang),
        "to": list(route.to),
        "owner": route.owner,
        "runs_in": route.router,
        "rules": [_rule(rule) for rule in route.rules],
        "replies": [_reply(reply) for reply in route.replies],
    }


def _rule(rule: Rule) -> dict[str, object]:
    when = rule.when
    return {
        "path": rule.path,
        "line": rule.position.line if rule.position else None,
        "when": None
        if when is None
        else {
            "match": "any" if when.any else "all",
            "not_replies": when.not_replies,
            "not_spam": when.not_spam,
            "tests": [_test(test) for test in when.tests],
        },
        "assign_to": list(rule.assign_to),
        "copy_to": list(rule.copy_to),
        "notify": list(rule.notify),
        "labels": [{"kind": one.kind, "name": one.name, "copied": one.copied} for one in rule.labels],
        "stop": rule.stop,
    }


def _test(test: Test) -> dict[str, object]:
    body: dict[str, object] = {"field": test.field, "contains": list(test.contains)}
    if test.name:
        body["name"] = test.name
    if test.size:
        body["size"] = test.size
    if test.field == "attachments":
        body["present"] = test.present
    return body


def _reply(reply: Reply) -> dict[str, object]:
    body = {"sender": reply.sender, "subject": reply.subject, "text": reply.text, "days": reply.days}
    return {**body, "language": reply.language, **_window(reply.window)}


def _window(window: Window) -> dict[str, object]:
    return {
        "from": window.start.isoformat() if window.start else None,
        "until": window.until.isoformat() if window.until else None,
    }
