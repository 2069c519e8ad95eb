"""A connection to a mail server by IMAP, POP3 or SMTP, over TLS that proves the server's name."""

from __future__ import annotations

import base64
import contextlib
import imaplib
import poplib
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from mailwright.model.hiding import without
from mailwright.model.text import Text
from mailwright.resolving import clients
from mailwright.resolving.connect import Dial
from mailwright.verify.mail import troubles
from mailwright.verify.mail.servers import Port

_PROTOCOL = (imaplib.IMAP4.error, poplib.error_proto, smtplib.SMTPException)
#: A login that another moment may let in (RFC 5530, RFC 3206, RFC 4954 §6).
_LATER = re.compile(r"(?i)\[(?:UNAVAILABLE|INUSE|IN-USE|SYS/TEMP|LOGIN-DELAY|LIMIT)\]")


class LoginRefused(Exception):
    """The server does not let this login in; the text is its own word, without the password."""


class _Failure(Exception):
    """``str`` is the server's or the system's own word; ``text`` says in ours what it means, where known."""

    def __init__(self, raw: str, text: Text | None = None) -> None:
        super().__init__(raw)
        self.text = text or Text("{raw}", "{raw}", {"raw": raw})


class NotNow(_Failure):
    """The server cannot be reached, or cannot tell at this moment."""


class Untrusted(_Failure):
    """The server does not prove its name, or offers no TLS; nothing secret was sent."""


class Session(Protocol):
    """What all three can do."""

    def login(self, address: str, password: str) -> None:
        """Log in. Raises LoginRefused and NotNow."""


class Imap:
    """An IMAP connection (RFC 9051); it opens folders read-only and changes nothing."""

    def __init__(self, port: Port, dial: Dial) -> None:
        address, number = dial.target(port.host, port.port)
        context = dial.context(port.host)
        if port.tls == "implicit":
            self.box: imaplib.IMAP4 = clients.ImapTls(
                address, number, ssl_context=context, timeout=dial.timeout
            )
            return
        self.box = clients.Imap(address, number, timeout=dial.timeout)
        if "STARTTLS" not in self.box.capabilities:
            self.close()
            raise Untrusted("STARTTLS is not offered", troubles.no_starttls(port))
        self.box.starttls(context)

    def login(self, address: str, password: str) -> None:
        """SASL PLAIN where it is offered, else LOGIN; then says who we are where the server wants it."""
        try:
            if "AUTH=PLAIN" in self.box.capabilities:
                self.box.authenticate("PLAIN", lambda _: f"\0{address}\0{password}".encode())
            else:
                self.box.login(address, password)
            if "ID" in self.box.capabilities:  # RFC 2971; some hosts refuse to open a folder without it
                self.box.xatom("ID", '("name" "mailwright")')
        except imaplib.IMAP4.error as error:
            raise refused(error, password) from None

    def close(self) -> None:
        """Log out, whatever the server thinks of it."""
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            self.box.logout()


class Pop3:
    """A POP3 connection (RFC 1939); it logs in and out and touches no mail."""

    def __init__(self, port: Port, dial: Dial) -> None:
        address, number = dial.target(port.host, port.port)
        context = dial.context(port.host)
        if port.tls == "implicit":
            self.box: poplib.POP3 = clients.Pop3Tls(address, number, timeout=dial.timeout, context=context)
            return
        self.box = clients.Pop3(address, number, timeout=dial.timeout)
        if "STLS" not in self.box.capa():
            self.close()
            raise Untrusted("STLS is not offered", troubles.no_starttls(port))
        self.box.stls(context)

    def login(self, address: str, password: str) -> None:
        """USER and PASS."""
        try:
            self.box.user(address)
            self.box.pass_(password)
        except poplib.error_proto as error:
            raise refused(error, password) from None

    def close(self) -> None:
        """QUIT; nothing is marked as deleted."""
        with contextlib.suppress(OSError, poplib.error_proto):
            self.box.quit()


class Smtp:
    """A submission connection (RFC 6409)."""

    def __init__(self, port: Port, dial: Dial) -> None:
        address, number = dial.target(port.host, port.port)
        context = dial.context(port.host)
        if port.tls == "implicit":
            self.server: smtplib.SMTP = clients.SmtpTls(
                address, number, timeout=dial.timeout, context=context
            )
            return
        self.server = clients.Smtp(address, number, timeout=dial.timeout)
        self.server.ehlo_or_helo_if_needed()
        if not self.server.has_extn("starttls"):
            self.close()
            raise Untrusted("STARTTLS is not offered", troubles.no_starttls(port))
        self.server.starttls(context=context)

    def login(self, address: str, password: str) -> None:
        """AUTH PLAIN where it is offered, else what is."""
        try:
            self.server.ehlo_or_helo_if_needed()
            if "PLAIN" in self.server.esmtp_features.get("auth", "").upper().split():
                credentials = base64.b64encode(f"\0{address}\0{password}".encode()).decode()
                code, text = self.server.docmd("AUTH", f"PLAIN {credentials}")
                if code not in (235, 503):
                    raise smtplib.SMTPAuthenticationError(code, text)
            else:
                self.server.login(address, password)
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code < 500:
                raise NotNow(shown(error, password)) from None
            raise refused(error, password) from None
        except smtplib.SMTPException as error:
            raise NotNow(shown(error, password)) from None

    def close(self) -> None:
        """QUIT."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self.server.quit()


_KINDS: dict[str, type[Imap | Pop3 | Smtp]] = {"imap": Imap, "pop3": Pop3, "smtp": Smtp}


@contextmanager
def session(port: Port, dial: Dial) -> Iterator[Imap | Pop3 | Smtp]:
    """An open connection. Raises Untrusted and NotNow, also for what happens inside."""
    try:
        opened = _KINDS[port.protocol](port, dial)
    except ssl.SSLCertVerificationError as error:
        raw = error.verify_message or str(error)
        raise Untrusted(raw, troubles.trouble(error, port, dial, raw)) from None
    except ssl.SSLError as error:
        raw = error.reason or str(error)
        raise Untrusted(raw, troubles.trouble(error, port, dial, raw)) from None
    except (OSError, EOFError, *_PROTOCOL) as error:
        raise NotNow(shown(error), troubles.trouble(error, port, dial, shown(error))) from None
    try:
        yield opened
    except (OSError, EOFError, *_PROTOCOL) as error:
        raise NotNow(shown(error)) from None
    finally:
        opened.close()


def refused(error: Exception, password: str) -> LoginRefused | NotNow:
    """What a failed login means; the server's word without the password."""
    text = shown(error, password)
    return NotNow(text) if _LATER.search(text) else LoginRefused(text)


def shown(error: Exception, password: str = "") -> str:
    """An error in one line, as the server said it; never with the password."""
    words = [
        argument.decode("utf-8", "replace") if isinstance(argument, bytes) else str(argument)
        for argument in error.args
    ]
    text = " ".join(" ".join(words).split()) or type(error).__name__
    return without(text, password)[:200]
