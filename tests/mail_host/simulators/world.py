"""What a tenant consists of."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tests.mail_host.simulators import values as read
from tests.mail_host.simulators.knowledge import Ground, Knowledge
from tests.mail_host.simulators.model import Mail

Actions = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rule:
    """A mailbox rule or a transport rule: conditions, actions, and whether it stops the rules after it."""

    name: str
    when: Mapping[str, object]
    do: Actions
    stop: bool

    def matches(self, mail: Mail, domain: str) -> bool:
        """Whether the conditions match a message."""
        tests = [_match(kind, wanted, mail, domain) for kind, wanted in self.when.items() if kind != "match"]
        return any(tests) if self.when.get("match") == "any" else all(tests)


def _match(kind: str, wanted: object, mail: Mail, domain: str) -> bool:
    """Whether one condition matches a message."""
    if kind == "all":
        return True
    if kind == "outside":
        return is_inside(mail.sender, domain) is not bool(wanted)
    if kind == "larger_than":
        return isinstance(wanted, int) and mail.size > wanted
    word = str(wanted).lower()
    if kind == "from":
        return mail.sender.lower().endswith(word)
    if kind == "to":
        return mail.recipient.lower() == word
    if kind == "subject_contains":
        return word in header(mail, "Subject").lower()
    if kind == "not_subject_contains":
        words = wanted if isinstance(wanted, tuple) else (wanted,)
        return not any(str(one).lower() in header(mail, "Subject").lower() for one in words)
    if kind.startswith("header:"):
        return word in header(mail, kind.removeprefix("header:")).lower()
    raise ValueError(f"no such condition: {kind}")


def header(mail: Mail, name: str) -> str:
    """A header of a message, whatever the case of its name."""
    for key, value in mail.headers.items():
        if key.lower() == name.lower():
            return value
    return ""


def is_inside(address: str, domain: str) -> bool:
    """Whether an address is in the domain."""
    return address.lower().endswith("@" + domain.lower())


def parse_rule(name: str, values: Mapping[str, object]) -> Rule:
    """Read a rule from the values of a step."""
    given = values.get("do")
    actions: list[tuple[str, str]] = []
    for item in given if isinstance(given, tuple | list) else ():
        pair = (item, "") if isinstance(item, str) else tuple(item)
        actions.append((str(pair[0]), str(pair[1]) if len(pair) > 1 else ""))
    return Rule(name, read.mapping(values, "when"), tuple(actions), read.flag(values, "stop"))


@dataclass(frozen=True)
class Forward:
    """Where a mailbox forwards its mail."""

    to: tuple[str, ...]
    keep_copy: bool
    pending: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reply:
    """An automatic reply."""

    text: str
    outside_text: str
    start: datetime.date | None
    until: datetime.date | None
    audience: str
    contacts: tuple[str, ...]
    interval: int | None


@dataclass
class Mailbox:
    """The mailbox of a user, or a shared one."""

    address: str
    kind: Literal["user", "shared"] = "user"
    role: str = "user"
    name: str = ""
    licensed: bool = True
    unlicensed_since: datetime.date | None = None
    suspended: bool = False
    converted: bool = False
    aliases: dict[str, datetime.date] = field(default_factory=dict)
    rights: dict[str, set[str]] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    forward: Forward | None = None
    may_forward: bool = False
    reply: Reply | None = None
    replied: dict[str, datetime.date] = field(default_factory=dict)


@dataclass
class Group:
    """A group or distribution list."""

    address: str
    name: str = ""
    owners: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    pending: set[str] = field(default_factory=set)
    posting: str = ""
    listed: tuple[str, ...] = ()
    refused: str = ""
    moderated: bool = False
    moderators: tuple[str, ...] = ()
    bypass: tuple[str, ...] = ()
    aliases: dict[str, datetime.date] = field(default_factory=dict)


@dataclass
class Deleted:
    """A deleted user."""

    box: Mailbox
    day: datetime.date
    released: bool = False


@dataclass(frozen=True)
class Route:
    """A routing rule: a catch-all address or an address map."""

    name: str
    kind: str
    address: str
    to: tuple[str, ...]
    original: bool
    outside_only: bool


@dataclass
class World:
    """All of a tenant."""

    domain: str
    boxes: dict[str, Mailbox] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    deleted: dict[str, Deleted] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    transport: list[Rule] = field(default_factory=list)
    confirmed: set[str] = field(default_factory=set)
    outside_forward_allowed: bool = False
    outside_forwarders: set[str] = field(default_factory=set)
    forwarding_for_all: bool = False
    licenses: int | None = None

    def inside(self, address: str) -> bool:
        """Whether an address is in the tenant's domain."""
        return is_inside(address, self.domain)

    def owner_of(self, address: str) -> Mailbox | Group | None:
        """Whose address, or alias, this is."""
        for box in self.boxes.values():
            if address == box.address or address in box.aliases:
                return box
        for group in self.groups.values():
            if address == group.address or address in group.aliases:
                return group
        return None

    def catch_all(self) -> Route | None:
        """The catch-all route, if there is one."""
        return next((route for route in self.routes if route.kind == "catch_all"), None)


@dataclass(frozen=True)
class Context:
    """A tenant on one day."""

    world: World
    knowledge: Knowledge
    day: datetime.date

    def ground(self) -> Ground:
        """Fresh ground for a decision."""
        return Ground(self.knowledge)
