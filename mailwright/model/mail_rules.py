"""What rules ask of a mail and do with it, and the answers that go out by themselves."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field

from mailwright.model.position import Position

#: By which spam filters mark a mail: SpamAssassin, Amavis and Rspamd write "Yes" or "YES" there.
SPAM_HEADERS = ("X-Spam-Flag", "X-Spam", "X-Spam-Status")


@dataclass(frozen=True, slots=True)
class Test:
    """One test of a mail; which is the ``field``.

    from, to, subject, body, header (the one called ``name``): any of ``contains`` occurs in it. has_header:
    the mail has any of the headers ``contains``. larger_than, smaller_than: ``size`` octets. attachments:
    it has some, or none where not ``present``.

    Upper and lower case of ASCII letters are the same, as in Sieve's i;ascii-casemap (RFC 4790 §9.2).
    """

    field: str
    contains: tuple[str, ...] = ()
    name: str = ""
    size: int = 0
    present: bool = True


@dataclass(frozen=True, slots=True)
class Condition:
    """All tests hold (``any``: at least one), and where ``not_replies`` the mail answers no other mail.

    ``not_spam``: no header of ``SPAM_HEADERS`` begins with Yes.
    """

    tests: tuple[Test, ...]
    any: bool = False
    not_replies: bool = False
    not_spam: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A mark on a mail: a folder it is moved to, or a tag.

    ``copied`` says that the host cannot store this tag: a copy goes to a folder of that name instead.
    """

    name: str
    kind: str  # folder | tag
    copied: bool = False

    @property
    def code(self) -> str:
        """How it travels between mailboxes in a sub-address: six hexadecimal digits."""
        return hashlib.sha256(f"{self.kind}:{self.name}".encode()).hexdigest()[:6]


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition and its actions, in the order of the spec. ``when`` None is true."""

    path: str
    when: Condition | None
    assign_to: tuple[str, ...] = ()
    copy_to: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    stop: bool = False
    position: Position | None = field(default=None, compare=False)

    @property
    def ends(self) -> bool:
        """Whether no later rule is asked once this one fired."""
        return self.stop or bool(self.assign_to)


@dataclass(frozen=True, slots=True)
class Window:
    """Days, both included, on a clock; None is open. Offsets are in minutes east of UTC at the two ends.

    A host that knows no time zones gets the offset in force at each end, so that a change to or from
    summer time between them moves neither.
    """

    start: dt.date | None = None
    until: dt.date | None = None
    start_offset: int = 0
    until_offset: int = 0

    def holds(self, day: dt.date) -> bool:
        """Whether ``day`` lies in the window."""
        return (self.start is None or self.start <= day) and (self.until is None or day <= self.until)

    def overlaps(self, other: Window) -> bool:
        """Whether any day lies in both."""
        first = max(self.start or dt.date.min, other.start or dt.date.min)
        return first <= min(self.until or dt.date.max, other.until or dt.date.max)


@dataclass(frozen=True, slots=True)
class Reply:
    """An automatic answer, sent as ``sender`` at most once in ``days`` to the same correspondent."""

    sender: str
    text: str
    subject: str = ""
    window: Window = field(default_factory=Window)
    days: int = 7
    language: str = ""
    path: str = ""
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Cover:
    """While the window holds, ``to`` gets a copy of what a mailbox keeps."""

    to: str
    window: Window
