"""One company on a living pair: its plan, its mail, and where each mail ended."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from mailwright.model.mailboxes import Mailboxes
from mailwright.plan.mailboxes.message import read
from mailwright.plan.mailboxes.trace import Trace, trace
from tests.living.sink import Letter, Received, is_report
from tests.living.world import World
from tests.mailboxes.specs import DOMAIN, HEAD, mailboxes

#: The partner of the specs; each company has one of its own, so that a refusal is this company's alone.
PARTNER = "partner.example"
#: Who may have a mailbox in a test: those of a spec, and some more.
CAST = ("wang", "li", "chen", "zhao", "old", "past", "support")
_NUMBERS = itertools.count(1)

#: A situation on the servers: at each ``yield`` everything that was handed in is delivered.
Scene = Generator[None, None, None]


def today() -> dt.date:
    """On the specs' clock."""
    return dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()


def day(offset: int) -> str:
    """A day as specs write it, counted from today."""
    return (today() + dt.timedelta(offset)).isoformat()


@dataclass(frozen=True)
class Fate:
    """Where one accepted mail ended. ``inside``: mailbox → folders; ``outside``: targets that took it whole.

    ``returned``: its sender has it back, or no server took it. ``reported``: mailboxes that somebody reads,
    with the report that it could not be passed on, where no sender outside can have that report.
    ``kept_from``: mailboxes that hold it and that nobody opens.
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
    domain: str = ""
    plan: Mailboxes = field(init=False)
    letters: list[Letter] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.domain = self.domain or f"acme-{next(_NUMBERS)}.com"
        self.world.open(self.domain, CAST)

    @property
    def head(self) -> str:
        """The spec's first lines, with what this variant makes it say of its servers."""
        host = self.world.variant.host
        head = HEAD.replace(DOMAIN, self.domain)
        return head.replace("service: self-hosted,", f"service: self-hosted, {host},") if host else head

    @property
    def partner(self) -> str:
        """The domain outside that stands for ``partner.example`` in the company's specs."""
        return f"{self.domain.partition('.')[0]}.{PARTNER}"

    def planned(self, text: str) -> Mailboxes:
        """The plan of a spec for today."""
        text = text.replace(PARTNER, self.partner).replace(DOMAIN, self.domain)
        return mailboxes(text, today(), self.head)

    def up(self, text: str) -> Company:
        """Bring it to the servers, which read it before the next mail. Raises Refusal."""
        self.plan = self.planned(text)
        self.world.up(self.plan)
        return self

    def at(self, name: str) -> str:
        """An address of the company, or of its partner; what has an ``@`` already stays."""
        if "@" not in name:
            return f"{name}@{self.domain}"
        return name.replace("@" + PARTNER, "@" + self.partner)

    def letter(self, to: str, mark: str = "", **more: object) -> Letter:
        """A mail to an address of the company."""
        return Letter(mark or f"{self.domain}-{len(self.letters)}", self.at(to), **more)  # type: ignore[arg-type]

    def send(self, to: str, **more: object) -> Letter:
        """One mail of the world by SMTP; it is delivered after the next ``yield``."""
        return self.hand_in(self.letter(to, **more))

    def hand_in(self, letter: Letter) -> Letter:
        """The same of a mail that is written already."""
        self.letters.append(letter)
        self.world.hand_in(letter, self.refused)
        return letter

    def submit(self, to: str, login: str, sender: str, **more: object) -> Letter:
        """One mail by submission, logged in."""
        letter = self.letter(to, sender=self.at(sender), **more)
        self.letters.append(letter)
        self.world.hand_in(letter, self.refused, login=self.at(login))
        return letter

    def from_server(self, to: str, sender: str = "form@outside.test", **more: object) -> Letter:
        """One mail by sendmail(1), as cron or a web form on the server writes it."""
        letter = self.letter(to, sender=sender, **more)
        self.letters.append(letter)
        self.world.hand_in(letter, self.refused, by_server=True)
        return letter

    def twice(self, to: str, **more: object) -> Generator[None, None, tuple[Letter, Letter]]:
        """Two mails with one Message-ID and other text, one after the other; both are delivered."""
        id = f"twice-{self.domain}-{len(self.letters)}"
        first = self.send(to, id=id, body="first", **more)
        yield
        second = self.send(to, id=id, body="second", **more)
        yield
        return first, second

    def brought_back(self, letter: Letter, to: str, by: str) -> Letter:
        """What ``by`` outside got is passed on by its own server to an address of the company, as it came."""
        by = self.at(by)
        about = self.world.sink.about(letter.mark)
        received = next(each for each in about if each.mark == letter.mark and by in each.recipients)
        mark = f"{letter.mark}-back-{len(self.letters)}"
        octets = received.data.replace(f": {letter.mark}\r".encode(), f": {mark}\r".encode())
        return self.hand_in(Returning(mark, self.at(to), envelope=letter.envelope_sender, whole=octets))

    def fate(self, letter: Letter) -> Fate:
        """Where a mail ended, as of the last delivery."""
        read = {box.address for box in self.plan.mailboxes if box.kind == "person" or box.members}
        held: dict[str, set[str]] = {}
        reports: set[str] = set()
        for copy in self.world.copies(self.domain):
            if copy.mark == letter.mark:
                held.setdefault(copy.mailbox, set()).add(copy.folder)
            elif letter.mark in copy.marks and is_report(copy.octets):
                reports.add(copy.mailbox)
        outside, returned = set(), letter.mark in self.refused
        for message in self.world.sink.about(letter.mark):
            if message.mark == letter.mark:
                outside |= set(message.recipients)
            elif letter.envelope_sender in message.recipients and is_report(message.data):
                returned = True
        returned = returned or letter.envelope_sender in reports & read
        answers_to_us = letter.envelope_sender == "" or self.world.variant.rewrites_sender
        return Fate(
            {mailbox: folders for mailbox, folders in held.items() if mailbox in read},
            outside,
            returned,
            reports & read if answers_to_us else set(),
            {mailbox for mailbox in held if mailbox not in read},
        )

    def traced(self, letter: Letter, *, again: bool = False, bounce: bool = False) -> Trace:
        """What ``trace`` says of a mail."""
        mail = replace(read(letter.octets, letter.to), again=again, bounce=bounce)
        return trace(self.plan, mail)

    def expected(self, letter: Letter, *, again: bool = False, bounce: bool = False) -> set[str]:
        """Who gets it by ``trace``, as ``Fate.who`` writes it."""
        ends = self.traced(letter, again=again, bounce=bounce).addresses
        return {end.partition("@")[0] if end.endswith("@" + self.domain) else end for end in ends}

    def lost(self) -> Iterator[str]:
        """Every accepted mail that is nowhere, with what the servers wrote about it."""
        for letter in self.letters:
            if self.fate(letter).is_lost:
                yield f"{letter.mark} to {letter.to} is lost\n{self.world.written_about(letter)}"

    def replies(self, letter: Letter) -> list[Received]:
        """The automatic replies that the sender of a mail got."""
        return self.world.sink.replies(letter)


@dataclass(frozen=True, slots=True)
class Returning(Letter):
    """A mail that has been on the way before: its octets are those that came."""

    whole: bytes = b""

    @property
    def octets(self) -> bytes:
        """As they came, with one more Received line."""
        return b"Received: from mail.partner.example by mail.partner.example; now\r\n" + self.whole
