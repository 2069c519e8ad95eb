"""What stands at somebody else's mail host: its own objects, to which a plan was lowered.

A plan says who gets which mail. A host has users, aliases, groups, shared mailboxes, routing, forwards,
rules and auto-replies, each of which does one thing to a mail. Checklists are written from these objects, and
traces run through them, so that neither can say what the other does not do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from mailwright.model.mail_rules import Condition, Label, Reply, Window
from mailwright.model.position import Position
from mailwright.model.text import Text

#: What keeps mail. ``delegated`` is a user whose mailbox is opened to colleagues.
STORES = ("user", "shared", "delegated")


@dataclass(frozen=True, slots=True)
class Case:
    """One rule of a mailbox: all of ``when`` hold and none of ``unless``, then ``to`` get the mail.

    No two cases of a mailbox take the same mail, whether the host asks rules in order or all of them.
    ``keeps``: the mailbox keeps it where its owner reads it.
    """

    when: tuple[Condition, ...]
    unless: tuple[Condition, ...]
    to: tuple[str, ...]
    keeps: bool
    labels: tuple[Label, ...] = ()
    paths: tuple[str, ...] = ()
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class HostObject:
    """One thing to make in the host's console.

    ``kind``: user, delegated, shared, alias, group, routing, forward, reply, catch_all, suspended, closed, or
    unknown (no document says what would become of it) and refused (the host has nothing for it). ``to``:
    members, readers or targets. ``role``: a mailbox that only passes on what its rules find. ``readers``:
    what lies there counts as theirs who read it (a leaver's, handed over).
    """

    kind: str
    address: str
    to: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    reply: Reply | None = None
    window: Window = field(default_factory=Window)
    keeps: bool = True
    role: bool = False
    readers: bool = False
    name: str = ""
    path: str = ""
    why: Text = field(default_factory=lambda: Text("", ""), compare=False)
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Due:
    """What a leaver's mailbox asks for on a day: ``step`` is an id of ``plan/mailboxes/leaving.py``."""

    address: str
    step: str
    day: dt.date | None
    to: tuple[str, ...] = ()
    text: Text = field(default_factory=lambda: Text("", ""), compare=False)
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Hosted:
    """All objects of one domain at one mail host; ``facts`` are the host's answers (``behaviours.yaml``).

    ``fields``: what the rules of this host are known to look at.
    """

    service: str
    facts: Mapping[str, str]
    objects: tuple[HostObject, ...] = ()
    fields: frozenset[str] = frozenset()
    leaving: tuple[Due, ...] = ()

    def at(self, address: str, *kinds: str) -> tuple[HostObject, ...]:
        """The objects of these kinds at an address."""
        return tuple(
            host_object
            for host_object in self.objects
            if host_object.address == address and host_object.kind in kinds
        )

    def one(self, address: str, *kinds: str) -> HostObject | None:
        """The first of them."""
        return next(iter(self.at(address, *kinds)), None)

    def is_open(self, address: str) -> bool:
        """Whether nothing stands for an address, because nobody knows what would, or the host has nothing."""
        ways = self.at(address, *STORES, "alias", "group", "routing")
        return not ways and self.one(address, "unknown", "refused") is not None

    def says(self, question: str) -> str:
        """The host's answer; '' where no document gives one."""
        return self.facts.get(question, "")
