"""Reports from a mailbox: its folder is opened read-only over IMAP, and nothing there changes."""

from __future__ import annotations

import datetime as dt
import imaplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mailwright.operations.dmarc.reports import ReportError
from mailwright.operations.dmarc.store import KEEP
from mailwright.operations.dmarc.unpacking import too_large
from mailwright.resolving.connect import Dial
from mailwright.verify.mail.servers import Port
from mailwright.verify.mail.sessions import Imap, LoginRefused, NotNow, Untrusted, session

MOST_LETTERS = 20_000  # of one run, the newest
MOST_LETTER = 6 * 1024 * 1024  # octets of one mail: less than a connection may bring
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Inbox:
    """A folder of a mailbox, and how it is opened. The password shows in no ``repr``."""

    port: Port
    address: str
    folder: str
    password: str = field(repr=False)


def letters(inbox: Inbox, dial: Dial, today: dt.date) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The mails of a folder by name, as old as reports are kept. Raises ReportError where it stays closed.

    A connection ends before it has brought more than one may, and the next goes on.
    """
    todo: list[tuple[bytes, int]] | None = None
    while todo is None or todo:
        with _Opened(inbox, dial) as box:
            if todo is None:
                todo = _listed(box, today)
            left = MOST_LETTER
            while todo and (todo[0][1] <= left or todo[0][1] > MOST_LETTER):
                uid, size = todo.pop(0)
                left -= min(size, 0 if size > MOST_LETTER else size)
                octets = b"" if size > MOST_LETTER else _fetched(box, uid)
                yield f"{inbox.address} {inbox.folder} {uid.decode()}", _reader(octets, size)


class _Opened:
    """A folder, opened; what fails is a ReportError in words."""

    def __init__(self, inbox: Inbox, dial: Dial) -> None:
        self._inbox, self._way = inbox, session(inbox.port, dial)

    def __enter__(self) -> imaplib.IMAP4:
        try:
            opened = self._way.__enter__()
            assert isinstance(opened, Imap)
            opened.login(self._inbox.address, self._inbox.password)
            name = self._inbox.folder.replace("\\", "\\\\").replace('"', '\\"')
            state, _ = opened.box.select(f'"{name}"', readonly=True)
        except (LoginRefused, NotNow, Untrusted) as error:
            raise _closed(self._inbox, str(error)) from None
        except (imaplib.IMAP4.error, OSError) as error:
            raise _closed(self._inbox, type(error).__name__) from None
        if state != "OK":
            raise _closed(self._inbox, self._inbox.folder)
        return opened.box

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            self._way.__exit__(kind, error, None)
        except NotNow as late:
            raise _closed(self._inbox, str(late)) from None


def _listed(box: imaplib.IMAP4, today: dt.date) -> list[tuple[bytes, int]]:
    """Numbers and sizes (octets), the oldest first."""
    first = today - dt.timedelta(days=KEEP)
    _, numbers = box.uid("search", "SINCE", f"{first.day}-{_MONTHS[first.month - 1]}-{first.year}")
    uids = (numbers[0] or b"").split()[-MOST_LETTERS:] if numbers else []
    sizes: dict[bytes, int] = {}
    for at in range(0, len(uids), 500):
        _, lines = box.uid("fetch", b",".join(uids[at : at + 500]).decode(), "(UID RFC822.SIZE)")
        for line in lines or ():
            words = line.replace(b"(", b" ").replace(b")", b" ").split() if isinstance(line, bytes) else []
            pairs = dict(zip(words[1::2], words[2::2], strict=False))
            if pairs.get(b"UID") and pairs.get(b"RFC822.SIZE", b"").isdigit():
                sizes[pairs[b"UID"]] = int(pairs[b"RFC822.SIZE"])
    return [(uid, sizes[uid]) for uid in uids if uid in sizes]


def _fetched(box: imaplib.IMAP4, uid: bytes) -> bytes:
    _, parts = box.uid("fetch", uid.decode(), "(BODY.PEEK[])")
    return next((part[1] for part in parts or () if isinstance(part, tuple)), b"")


def _reader(octets: bytes, size: int) -> Callable[[], bytes]:
    def read() -> bytes:
        if size > MOST_LETTER:
            raise too_large(MOST_LETTER)
        return octets

    return read


def _closed(inbox: Inbox, reason: str) -> ReportError:
    return ReportError(
        "{address} at {server} cannot be read: {reason}",
        "无法读取 {server} 上的 {address}：{reason}",
        address=inbox.address,
        server=inbox.port,
        reason=reason,
    )
