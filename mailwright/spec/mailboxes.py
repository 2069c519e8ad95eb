"""Who gets which mail, as the spec says it: people, addresses, rules, replies, expectations.

Local parts are lower case. A *target* is a whole address in lower case: inside the company's domain that
of a person or of an address of the spec, else an outside one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from mailwright.model.mailboxes import Condition, Label
from mailwright.model.position import Position


@dataclass(frozen=True, slots=True)
class Away:
    """Not at work from the first to the last day, both included; ``cover`` gets a copy of the mail."""

    start: dt.date
    until: dt.date
    cover: str | None = None  # a target
    subject: str = ""
    text: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a mailbox ``key@domain``.

    ``left`` is the first day on which the person is gone; ``successor`` gets their mail from then on.
    ``handover_until`` is the last day that was agreed on: afterwards somebody has to decide, and until
    they do mail goes on. Only ``closed``, the first day on which the address takes no mail, ends it.
    """

    key: str
    name: str = ""
    title: str = ""
    phone: str = ""  # with its country code
    programs: tuple[str, ...] = ()  # ids of the catalog's programs; empty: not said
    send_as: tuple[str, ...] = ()  # addresses
    away: Away | None = None
    left: dt.date | None = None
    successor: str | None = None  # a target
    handover_until: dt.date | None = None
    handover_text: str = ""
    name_successor: bool = False  # in the default text of the auto-reply
    closed: dt.date | None = None
    quota: int | None = None  # octets
    at: str = ""  # of two mail hosts the service; '': the first
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """``key@domain``: an alias, a group or a forward by its targets, or a shared mailbox of its own.

    Of a shared mailbox ``to`` are the people who read it. ``owner`` is a member; None: the first one.
    """

    key: str
    to: tuple[str, ...]
    owner: str | None = None
    shared: bool = False
    quota: int | None = None  # octets; of a shared mailbox only
    at: str = ""  # of two mail hosts the service; '': where those live who get its mail
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One rule of an address or a person, in the order of the file. ``when`` None: always (otherwise)."""

    of: str  # the address it is for
    when: Condition | None
    assign_to: tuple[str, ...] = ()
    copy_to: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    stop: bool = False
    path: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class AutoReply:
    """An automatic answer of an address or a person; the days are both included, None is open."""

    of: str
    text: str
    subject: str = ""
    start: dt.date | None = None
    until: dt.date | None = None
    days: int = 7
    language: str = ""
    path: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Archive:
    """Copies of mail go ``to`` a target: that of the addresses ``of``, or of the whole domain (empty)."""

    to: str
    of: tuple[str, ...] = ()
    incoming: bool = True
    outgoing: bool = True
    path: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Expect:
    """A mail test: this mail ``reaches`` these targets and does not reach those of ``never``.

    ``headers`` are more of its headers by name, ``size`` its octets (0: small).
    """

    mail_to: str
    mail_from: str
    subject: str
    body: str
    headers: tuple[tuple[str, str], ...] = ()
    size: int = 0
    attachments: bool = False
    reaches: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    path: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What DMARC makes of mail as ``author`` (a whole address) by the planned records.

    ``via`` is a sender of the spec or its mail host; None: somebody who is none of them. ``dmarc`` is the
    result that is expected: pass or fail.
    """

    author: str
    via: str | None
    dmarc: str
    path: str = ""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class MailboxSpec:
    """Everything a spec says about mailboxes; empty where it says nothing."""

    people: tuple[Person, ...] = ()
    addresses: tuple[Address, ...] = ()
    rules: tuple[RuleSpec, ...] = ()
    auto_replies: tuple[AutoReply, ...] = ()
    catch_all: tuple[str, ...] = ()
    archive: tuple[Archive, ...] = ()
    expect: tuple[Expect, ...] = field(default=(), compare=False)
    claims: tuple[Claim, ...] = field(default=(), compare=False)

    @property
    def is_empty(self) -> bool:
        """Whether the spec leaves mailboxes to somebody else."""
        return not (self.people or self.addresses or self.catch_all or self.archive)
