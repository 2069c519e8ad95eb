"""Mail servers that flood, drip, or give back what they were sent."""

from __future__ import annotations

import contextlib
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

Behaviour = Callable[[BinaryIO, Callable[[bytes], None]], None]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True
    behaviour: Behaviour


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Server)
        with contextlib.suppress(OSError):
            self.server.behaviour(self.request.makefile("rb"), self.request.sendall)


@contextlib.contextmanager
def serving(behaviour: Behaviour) -> Iterator[int]:
    """The port, on 127.0.0.1."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.behaviour = behaviour
    thread = threading.Thread(target=server.serve_forever, args=(0.1,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def dripping(line: bytes) -> Behaviour:
    """An octet every tenth of a second, without end."""

    def behave(_: BinaryIO, send: Callable[[bytes], None]) -> None:
        while True:
            for octet in line:
                send(bytes((octet,)))
                time.sleep(0.1)

    return behave


def flooding(line: bytes) -> Behaviour:
    """Lines as fast as they are taken."""

    def behave(_: BinaryIO, send: Callable[[bytes], None]) -> None:
        block = line * (65536 // len(line) + 1)
        while True:
            send(block)

    return behave
