"""A world beyond DNS on loopback: an exchanger with STARTTLS and a policy server, certificates of our own."""

from __future__ import annotations

import http.server
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


class _Smtp(socketserver.StreamRequestHandler):
    """Enough of RFC 5321 and RFC 3207 for EHLO, STARTTLS and QUIT; nothing else may be asked."""

    timeout = 20

    def handle(self) -> None:
        tls = getattr(self.server, "tls", None)
        self._say("220 test")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            self.server.heard.append(word.decode())  # type: ignore[attr-defined]
            if word == b"EHLO":
                offered = tls is not None and not isinstance(self.connection, ssl.SSLSocket)
                self._say("250-test\r\n250 STARTTLS" if offered else "250 test")
            elif word == b"STARTTLS" and tls is not None:
                self._say("220 go")
                try:
                    self.connection = tls.wrap_socket(self.connection, server_side=True)
                except OSError:
                    return
                self.rfile = self.connection.makefile("rb")
                self.wfile = self.connection.makefile("wb")  # type: ignore[assignment]
            elif word == b"QUIT":
                self._say("221 bye")
                self.connection.close()
                return
            else:
                self._say("502 no")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()


class _Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that does not trust us hangs up; that is what is tried."""


@contextmanager
def exchanger(cert: Path | None, key: Path | None) -> Iterator[tuple[int, list[str]]]:
    """Port, and the words heard; without a certificate it offers no STARTTLS."""
    with _Threads(("127.0.0.1", 0), _Smtp) as server:
        server.tls = None  # type: ignore[attr-defined]
        server.heard = []  # type: ignore[attr-defined]
        if cert and key:
            server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # type: ignore[attr-defined]
            server.tls.load_cert_chain(cert, key)  # type: ignore[attr-defined]
        with _serving(server):
            yield server.server_address[1], server.heard  # type: ignore[attr-defined]


@dataclass
class Page:
    """What the policy server answers."""

    body: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/plain"})


@contextmanager
def policy_server(page: Page, cert: Path, key: Path) -> Iterator[int]:
    """Port of an HTTPS server that has ``page`` at the one address of RFC 8461 §3.3."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there = self.path == "/.well-known/mta-sts.txt"
            self.send_response(page.status if there else 404)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page.body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with _Threads(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        with _serving(server):
            yield server.server_address[1]


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    worker = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    worker.start()
    try:
        yield
    finally:
        server.shutdown()
        worker.join()
