"""A mail exchanger that answers each recipient as an example says, one ``ADDRESS → ANSWER`` a line."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class _Session(socketserver.StreamRequestHandler):
    server: _Exchanger

    def handle(self) -> None:
        self._say("220 ready")
        for line in iter(self.rfile.readline, b""):
            word = line[:4].upper().strip()
            if word == b"RCPT":
                address = line.decode().partition("<")[2].partition(">")[0].lower()
                self._say(self.server.answers.get(address, self.server.answers["anybody"]))
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class _Exchanger(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, answers: Mapping[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.answers = answers


@contextmanager
def answering(text: str) -> Iterator[int]:
    """The port of such a server, for the length of a ``with`` block."""
    lines = (line.split("→") for line in text.splitlines() if "→" in line)
    server = _Exchanger({address.strip(): answer.strip() for address, answer in lines})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
