"""A ManageSieve client (RFC 5804): the scripts of one mailbox, over TLS except on this machine itself."""

from __future__ import annotations

import base64
import io
import ipaddress
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from mailwright.model import disk, sessions
from mailwright.model.hiding import without

LONGEST = 600.0  # seconds that one mailbox may take
_LITERALS = 1000  # in one line
TIMEOUT = 60.0  # seconds a server may take for one answer; after wrong passwords it waits on purpose
_WORDS = 300  # characters of a refusal that are shown
_CA_MOST = 16 << 20  # octets of a file of certificates
_LONGEST = 1 << 20  # octets of a literal that we read
_STRING = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_LITERAL = re.compile(rb"\{(\d+)\+?\}\r?\n\Z")
_END = re.compile(rb"(OK|NO|BYE)\b", re.IGNORECASE)


class ManageSieveError(Exception):
    """The server said no, or cannot be understood; the text is its own word, without secrets."""


class LoginRefusedError(ManageSieveError):
    """The server lets nobody into this mailbox: it is not there, closed, or the password is another."""


class NotTakenError(ManageSieveError):
    """The server does not compile a script."""


class _NoError(ManageSieveError):
    """NO or BYE; ``later``: not for good (RFC 5804 §1.3, TRYLATER)."""

    def __init__(self, text: str, *, later: bool) -> None:
        super().__init__(text)
        self.later = later


@dataclass(frozen=True, slots=True)
class Login:
    """Whose scripts, and with what right. ``user`` may differ from the ``mailbox`` (a master user).

    Attributes:
        password: kept out of ``repr``, logs and messages.
        ca_file: certificates to trust instead of the system's.
    """

    host: str
    port: int
    mailbox: str
    user: str
    password: str = field(repr=False)
    ca_file: str | None = None


class Session:
    """A logged-in connection; use it in ``with``. Raises ManageSieveError and OSError."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._socket: socket.socket = sessions.connect(
            (login.host, login.port), TIMEOUT, sessions.Budget(seconds=LONGEST)
        )
        try:
            self._stream = self._opened()
            self.capabilities = self._capabilities(self._answer())
            self._secure()
            self._authenticate()
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._command(b"LOGOUT")
        except (OSError, ManageSieveError):
            pass  # everything asked for was answered before
        finally:
            self._socket.close()

    @property
    def extensions(self) -> frozenset[str]:
        """The Sieve extensions that scripts may require here."""
        return frozenset(self.capabilities.get("SIEVE", "").split())

    def scripts(self) -> tuple[tuple[str, ...], str | None]:
        """The names of all scripts, and the active one."""
        names, active = [], None
        for line in self._command(b"LISTSCRIPTS"):
            name = _strings(line)[0]
            names.append(name)
            if re.search(rb"\bACTIVE\s*\Z", line.strip(), re.IGNORECASE):
                active = name
        return tuple(names), active

    def get(self, name: str) -> str:
        """The text of a script."""
        lines = self._command(b"GETSCRIPT " + _quoted(name))
        return _strings(lines[0])[0] if lines else ""

    def check(self, text: str) -> None:
        """Ask the server whether it would take a script; NotTakenError has its word if not."""
        try:
            self._command(b"CHECKSCRIPT " + _sent(text))
        except _NoError as error:
            if error.later:
                raise
            raise NotTakenError(str(error)) from None

    def put(self, name: str, text: str) -> None:
        """Store a script; the server compiles it first."""
        self._command(b"PUTSCRIPT " + _quoted(name) + b" " + _sent(text))

    def activate(self, name: str | None) -> None:
        """Make a script the active one; None: no script is."""
        self._command(b"SETACTIVE " + _quoted(name or ""))

    def delete(self, name: str) -> None:
        """Delete a script that is not active."""
        self._command(b"DELETESCRIPT " + _quoted(name))

    # ── the protocol ──

    def _opened(self) -> io.BufferedRWPair:
        return self._socket.makefile("rwb")

    def _secure(self) -> None:
        if "STARTTLS" in self.capabilities:
            self._command(b"STARTTLS")
            if self._login.ca_file:
                disk.read_regular(Path(self._login.ca_file), _CA_MOST)  # a spec names it: no FIFO, no device
            context = sessions.BoundedContext(ssl.PROTOCOL_TLS_CLIENT)
            if self._login.ca_file:
                context.load_verify_locations(cafile=self._login.ca_file)
            else:
                context.load_default_certs()
            self._socket = context.wrap_socket(self._socket, server_hostname=self._login.host)
            self._stream = self._opened()
            self.capabilities = self._capabilities(self._answer())
        elif not _is_this_machine(self._login.host):
            raise ManageSieveError("the server offers no TLS; the password is not sent")

    def _authenticate(self) -> None:
        mailbox = self._login.mailbox if self._login.mailbox != self._login.user else ""
        credentials = "\0".join((mailbox, self._login.user, self._login.password)).encode()
        try:
            self._command(b'AUTHENTICATE "PLAIN" "' + base64.b64encode(credentials) + b'"')
        except _NoError as error:
            if error.later:
                raise
            raise LoginRefusedError(str(error)) from None

    def _command(self, line: bytes) -> list[bytes]:
        self._stream.write(line + b"\r\n")
        self._stream.flush()
        return self._answer()

    def _answer(self) -> list[bytes]:
        """The lines before OK; NO and BYE raise with the server's text."""
        lines: list[bytes] = []
        while True:
            line = self._line()
            if _END.match(line):
                if line[:2].upper() != b"OK":
                    text = " ".join(_strings(line)) or line.decode("utf-8", "replace").strip()
                    later = line[:3].upper() == b"BYE" or b"TRYLATER" in line.upper()
                    raise _NoError(self._safe(text), later=later)
                return lines
            lines.append(line)

    def _safe(self, text: str) -> str:
        """A server's words in one line, without the password in any form it was sent in."""
        return without(" ".join(text.split()), self._login.password)[:_WORDS]

    def _line(self) -> bytes:
        """One line with the literals in it, as quoted strings."""
        whole: list[bytes] = []
        while len(whole) <= _LITERALS:
            line = self._stream.readline(_LONGEST)
            if not line:
                raise ManageSieveError("the server hung up")
            literal = _LITERAL.search(line)
            if not literal:
                return b"".join((*whole, line))
            size = int(literal[1])
            if size > _LONGEST:
                raise ManageSieveError(f"the server sends {size} octets at once")
            data = self._stream.read(size)
            whole.append(line[: literal.start()] + _escaped(data))
        raise ManageSieveError(f"the server sends more than {_LITERALS} literals in a line")

    def _capabilities(self, lines: list[bytes]) -> Mapping[str, str]:
        capabilities = [_strings(line) for line in lines]
        return {words[0].upper(): words[1] if len(words) > 1 else "" for words in capabilities if words}


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _escaped(data: bytes) -> bytes:
    return b'"' + data.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _quoted(text: str) -> bytes:
    if any(ord(char) < 0x20 for char in text):
        raise ManageSieveError("a script's name has a control character")
    return _escaped(text.encode())


def _sent(text: str) -> bytes:
    """A text as a literal that needs no permission to be sent (RFC 5804 §1.2)."""
    octets = text.encode()
    return b"{%d+}\r\n" % len(octets) + octets


def _strings(line: bytes) -> list[str]:
    return [
        re.sub(rb"\\(.)", rb"\1", match, flags=re.DOTALL).decode("utf-8", "replace")
        for match in _STRING.findall(line)
    ]
