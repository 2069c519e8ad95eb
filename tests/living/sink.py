"""The rest of the world as one SMTP server on loopback: keeps whole messages, refuses whom it is told to."""

from __future__ import annotations

import re
import socketserver
import threading
from dataclasses import dataclass, field

_ADDRESS = re.compile(rb"<(.*?)>")
#: The header that names a mail to the tests.
MARK = "X-Mail-Mark"
#: As a letter's ``id``: it has no Message-ID at all.
NO_ID = "-"
_MARKED = re.compile(rf"^{MARK}: (\S+)".encode(), re.MULTILINE)
_ANSWERS = re.compile(rb"^In-Reply-To: (<.*?>)", re.MULTILINE | re.IGNORECASE)
_REPORT = re.compile(rb"^Content-Type:\s+multipart/report", re.MULTILINE | re.IGNORECASE)


def head(octets: bytes) -> bytes:
    """The headers of a message, either end of line."""
    return re.split(rb"\r?\n\r?\n", octets, maxsplit=1)[0]


def mark_of(octets: bytes) -> str:
    """Which mail a message is; '' for a report, a reply or a notice."""
    match = _MARKED.search(head(octets))
    return match[1].decode() if match else ""


def marks_in(octets: bytes) -> tuple[str, ...]:
    """Every mail that a message is or quotes."""
    return tuple(match.decode() for match in _MARKED.findall(octets))


def is_report(octets: bytes) -> bool:
    """Whether it is a report about another mail (RFC 6522)."""
    return _REPORT.search(head(octets)) is not None


@dataclass(frozen=True, slots=True)
class Received:
    """One message that the world accepted: its envelope, and its octets with dots undone."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes

    @property
    def mark(self) -> str:
        """Which mail it is; '' for what is none of ours."""
        return mark_of(self.data)


class _Session(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        sender, recipients = "", [""][:0]
        self._answer("220 world ESMTP")
        for line in iter(self.rfile.readline, b""):
            word = line[:4].upper().strip()
            if word in (b"EHLO", b"HELO"):
                self._answer("250-world\r\n250-8BITMIME\r\n250 SIZE 50000000")
            elif word == b"MAIL":
                sender, recipients = _ADDRESS.findall(line)[0].decode(), []
                self._answer("250 ok")
            elif word == b"RCPT":
                recipient = _ADDRESS.findall(line)[0].decode()
                refusal = self.server.refusal(recipient)
                if not refusal:
                    recipients.append(recipient)
                self._answer(refusal or "250 ok")
            elif word == b"DATA":
                self._answer("354 go")
                data = self._data()
                self.server.keep(Received(sender, tuple(recipients), data))
                self._answer("250 kept")
            elif word == b"QUIT":
                self._answer("221 bye")
                return
            else:
                self._answer("250 ok")

    def _data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def _answer(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class Sink(socketserver.ThreadingTCPServer):
    """Listens at once; ``refusals`` are replies by recipient, ``451 …`` for later, ``550 …`` for never."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self._about: dict[str, list[Received]] = {}
        self._answering: dict[str, list[Received]] = {}
        self.refusals: dict[str, str] = {}
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def refusal(self, recipient: str) -> str | None:
        """The reply with which a recipient is refused; a key may be ``@domain``."""
        return self.refusals.get(recipient) or self.refusals.get("@" + recipient.rpartition("@")[2])

    def keep(self, message: Received) -> None:
        """Take a message, and note which mail it is about and which one it answers."""
        with self.lock:
            for mark in dict.fromkeys(marks_in(message.data)):
                self._about.setdefault(mark, []).append(message)
            answered = _ANSWERS.search(head(message.data))
            if answered:
                self._answering.setdefault(answered[1].decode(), []).append(message)

    def about(self, mark: str) -> list[Received]:
        """The messages that are a mail or quote it."""
        with self.lock:
            return list(self._about.get(mark, ()))

    def replies(self, letter: Letter) -> list[Received]:
        """The automatic replies to a mail that its sender got."""
        with self.lock:
            answers = list(self._answering.get(f"<{letter.message_id}>", ()))
        sender = letter.sender
        return [
            answer
            for answer in answers
            if b"auto-replied" in head(answer.data) and sender in answer.recipients
        ]

    def end(self) -> None:
        """Stop listening."""
        self.shutdown()
        self.server_close()


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as the world writes it. ``mark`` names this very text, whatever its Message-ID says."""

    mark: str
    to: str
    subject: str = "hello"
    body: str = "hi"
    sender: str = "buyer@outside.test"
    id: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    attachment: bytes = b""
    envelope: str | None = None
    recipients: tuple[str, ...] = field(default=())

    @property
    def envelope_sender(self) -> str:
        """MAIL FROM; the empty one is a bounce's."""
        return self.sender if self.envelope is None else self.envelope

    @property
    def message_id(self) -> str:
        """Without its angle brackets."""
        return f"{self.id or self.mark}@outside.test"

    @property
    def octets(self) -> bytes:
        """Headers and body."""
        lines = [
            *self.headers,
            ("From", self.sender or "MAILER-DAEMON@outside.test"),
            ("To", self.to),
            *([] if self.id == NO_ID else [("Message-ID", f"<{self.message_id}>")]),
            ("Date", "Mon, 23 Nov 2026 10:00:00 +0800"),
            ("Subject", self.subject),
            (MARK, self.mark),
            ("MIME-Version", "1.0"),
        ]
        if not self.attachment:
            lines.append(("Content-Type", "text/plain; charset=utf-8"))
            return _lines(lines) + f"\r\n{self.body}\r\n".encode()
        lines.append(("Content-Type", "multipart/mixed; boundary=cut"))
        parts = f"\r\n--cut\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{self.body}\r\n--cut\r\n"
        file = "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=offer.pdf\r\n\r\n"
        return _lines(lines) + (parts + file).encode() + self.attachment + b"\r\n--cut--\r\n"


def _lines(lines: list[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in lines).encode()
