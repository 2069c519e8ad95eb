"""One company on a living pair: its plan, its mail, and where each mail ended."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from mailwright.model.mailboxes import Mailboxes
from mailwright.plan.mailboxes.message import read
from mailwright.plan.mailboxes.trace import Trace, trace
from tests.living.sink import MARK, Letter, Received
from tests.living.store import Copy
from tests.living.world import World
from tests.mailboxes.specs import DOMAIN, HEAD, mailboxes

_NUMBERS = itertools.count(1)


def today() -> dt.date:
    """On the specs' clock."""
    return dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()


def day(offset: int) -> str:
    """A day as specs write it, counted from today."""
    return (today() + dt.timedelta(offset)).isoformat()


@dataclass(frozen=True)
class Fate:
    """Where one accepted mail ended. ``inside``: mailbox → folders; ``outside``: targets that took it whole.

    ``returned``: its sender has it back. ``reported``: mailboxes that somebody reads, with a report about it.
    ``kept_from``: mailboxes that hold it and that nobody may open.
    """

    inside: dict[str, set[str]]
    outside: set[str]
    returned: bool
    reported: set[str] = field(default_factory=set)
    kept_from: set[str] = field(default_factory=set)

    @property
    def is_lost(self) -> bool:
        """Neither anywhere that somebody reads, nor back."""
        return not (self.inside or self.outside or self.returned or self.reported)

    @property
    def who(self) -> set[str]:
        """Local parts inside, whole addresses outside."""
        return {each.partition("@")[0] for each in self.inside} | self.outside


@dataclass
class Company:
    """A domain of its own on a shared pair."""

    world: World
    text: str
    domain: str = ""
    plan: Mailboxes = field(init=False)
    letters: list[Letter] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.domain = self.domain or f"acme-{next(_NUMBERS)}.com"
        self.plan = self.planned(self.text)

    @property
    def head(self) -> str:
        """The spec's first lines, with what this variant makes it say of its servers."""
        host = self.world.variant.host
        head = HEAD.replace(DOMAIN, self.domain)
        return head.replace("service: self-hosted,", f"service: self-hosted, {host},") if host else head

    def planned(self, text: str) -> Mailboxes:
        """The plan of a spec for today."""
        return mailboxes(text.replace(DOMAIN, self.domain), today(), self.head)

    def up(self, text: str | None = None) -> Company:
        """Bring it to the servers."""
        if text is not None:
            self.text, self.plan = text, self.planned(text)
        self.world.up(self.plan)
        return self

    def at(self, name: str) -> str:
        """An address of the company; what has an ``@`` already stays."""
        return name if "@" in name else f"{name}@{self.domain}"

    def letter(self, to: str, mark: str = "", **more: object) -> Letter:
        """A mail to an address of the company."""
        return Letter(mark or f"{self.domain}-{len(self.letters)}", self.at(to), **more)  # type: ignore[arg-type]

    def send(self, to: str, **more: object) -> Letter:
        """One mail, delivered before this returns."""
        letter = self.letter(to, **more)
        self.hand_in(letter)
        self.world.settle(deferred=False)
        return letter

    def hand_in(self, *letters: Letter) -> None:
        """Mails by SMTP, without waiting."""
        self.letters += letters
        self.refused |= self.world.send(*letters)

    def twice(self, to: str, **more: object) -> tuple[Letter, Letter]:
        """Two mails with one Message-ID and other text, one after the other."""
        id = f"twice-{self.domain}-{len(self.letters)}"
        first = self.send(to, id=id, body="first", **more)
        return first, self.send(to, id=id, body="second", **more)

    def brought_back(self, letter: Letter, to: str, by: str) -> Letter:
        """What ``by`` outside got is passed on by its own server to an address of the company, as it came."""
        (received,) = [each for each in self.world.sink.holding(letter.mark) if by in each.recipients]
        octets = received.data.replace(letter.mark.encode(), letter.mark.encode() + b"-back")
        back = Returning(f"{letter.mark}-back", self.at(to), envelope=letter.envelope_sender, whole=octets)
        self.hand_in(back)
        self.world.settle(deferred=False)
        return back

    def fate(self, letter: Letter) -> Fate:
        """Where a mail ended."""
        copies = self.world.copies(letter.mark, self.domain)
        closed = {each.address for each in self.plan.suspended}
        inside: dict[str, set[str]] = {}
        for copy in copies:
            if copy.mailbox not in closed:
                inside.setdefault(copy.mailbox, set()).add(copy.folder)
        outside, returned = set(), letter.mark in self.refused
        for message in self.world.sink.holding(letter.mark):
            if is_whole(message, letter.mark):
                outside |= set(message.recipients)
            elif letter.envelope_sender in message.recipients:
                returned = True
        reported = {
            copy.mailbox
            for copy in self.world.all_copies(self.domain)
            if copy.mark != letter.mark and f"{MARK}: {letter.mark}".encode() in copy.octets
        }
        returned |= letter.envelope_sender in reported
        return Fate(inside, outside, returned, reported - closed, {copy.mailbox for copy in copies} & closed)

    def traced(self, letter: Letter) -> Trace:
        """What ``trace`` says of a mail."""
        return trace(self.plan, read(letter.octets, letter.to))

    def expected(self, letter: Letter) -> set[str]:
        """Who gets it by ``trace``, as ``Fate.who`` writes it."""
        ends = self.traced(letter).addresses
        return {each.partition("@")[0] if each.endswith("@" + self.domain) else each for each in ends}

    def lost(self) -> Iterator[str]:
        """Every accepted mail that is nowhere, with what the servers wrote about it."""
        for letter in self.letters:
            if self.fate(letter).is_lost:
                told = [line for line in self.world.log().splitlines() if (letter.id or letter.mark) in line]
                yield "\n".join((f"{letter.mark} to {letter.to} is lost", *told[-4:]))

    def letters_in(self, name: str) -> list[Copy]:
        """Everything in a mailbox."""
        return [copy for copy in self.world.all_copies(self.domain) if copy.mailbox == self.at(name)]

    def replies(self, to: str) -> list[Received]:
        """The automatic replies that somebody outside got."""
        sink = self.world.sink
        return [each for each in sink.holding("Auto-Submitted: auto-replied") if to in each.recipients]


@dataclass(frozen=True, slots=True)
class Returning(Letter):
    """A mail that has been on the way before: its octets are those that came."""

    whole: bytes = b""

    @property
    def octets(self) -> bytes:
        """As they came, with one more Received line."""
        return b"Received: from mail.partner.example by mail.partner.example; now\r\n" + self.whole


def is_whole(message: Received, mark: str) -> bool:
    """Whether a message is the mail itself, not a report about it."""
    head = message.data.partition(b"\r\n\r\n")[0]
    return f"{MARK}: {mark}\r\n".encode() in head + b"\r\n"
