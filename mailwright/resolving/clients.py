"""The standard library's clients of SMTP, IMAP and POP3 over bounded connections."""

from __future__ import annotations

import imaplib
import poplib
import smtplib
import socket
import ssl
from typing import Any

from mailwright.model.sessions import connect


class Smtp(smtplib.SMTP):
    """SMTP; the greeting counts."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return connect((host, port), timeout)


class SmtpTls(smtplib.SMTP_SSL):
    """SMTP over implicit TLS."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self.context.wrap_socket(connect((host, port), timeout), server_hostname=host)


class Imap(imaplib.IMAP4):
    """IMAP."""

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return connect((self.host, self.port), timeout or 0)


class ImapTls(imaplib.IMAP4_SSL):
    """IMAP over implicit TLS."""

    def _create_socket(self, timeout: float | None) -> socket.socket:
        context: ssl.SSLContext = self.ssl_context
        return context.wrap_socket(connect((self.host, self.port), timeout or 0), server_hostname=self.host)


class Pop3(poplib.POP3):
    """POP3; a connection that greets as no server does is closed at once."""

    def __init__(self, *args: Any, **more: Any) -> None:
        try:
            super().__init__(*args, **more)
        except BaseException:
            _closed(self)
            raise

    def _create_socket(self, timeout: float) -> socket.socket:
        return connect((self.host, self.port), timeout)


class Pop3Tls(poplib.POP3_SSL):
    """POP3 over implicit TLS."""

    def __init__(self, *args: Any, **more: Any) -> None:
        try:
            super().__init__(*args, **more)
        except BaseException:
            _closed(self)
            raise

    def _create_socket(self, timeout: float) -> socket.socket:
        whole: Any = self  # typeshed knows no ``context``
        tls_socket: socket.socket = whole.context.wrap_socket(
            connect((self.host, self.port), timeout), server_hostname=self.host
        )
        return tls_socket


def _closed(client: poplib.POP3) -> None:
    for name in ("file", "sock"):
        opened = getattr(client, name, None)
        if opened is not None:
            opened.close()
