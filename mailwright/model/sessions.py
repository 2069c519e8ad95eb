"""Bounds of what a run may take from servers: until when, and how many octets a connection.

A limit for each answer is none for a server that sends one octet a second, or line after line without end.
Everything that is read of a mail server or a web server here goes through a ``BoundedSocket`` or the same
over TLS; questions to nameservers look at ``deadline``.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mailwright.model import deadline
from mailwright.model.text import Text

#: Seconds and octets that one connection may take, whatever the run's own deadline is.
LONGEST, MOST = 600.0, 8 << 20


_LONG = Text("it takes longer than {seconds:.0f} s", "耗时超过 {seconds:.0f} 秒")
_ENDLESS = Text("it sends without end", "一直发送数据，没有结束")


class SessionOverError(OSError):
    """The server took more than a connection may; ``reason`` says what, of the server."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason("en"))
        self.strerror = reason("en")
        self.reason = reason


@dataclass
class Budget:
    """What is left to one connection. Methods raise SessionOverError where nothing is."""

    seconds: float = LONGEST
    octets: int = MOST
    ends: float = field(init=False)

    def __post_init__(self) -> None:
        rest = deadline.left()
        self.seconds = self.seconds if rest is None else min(self.seconds, rest)
        self.ends = time.monotonic() + self.seconds

    def wait(self, patience: float | None) -> float:
        """Seconds that the next octets may take."""
        rest = self.ends - time.monotonic()
        if rest <= 0:
            raise SessionOverError(_LONG.using(seconds=self.seconds))
        return rest if patience is None else min(patience, rest)

    @contextlib.contextmanager
    def waiting(self, settimeout: Callable[[float], object], patience: float | None) -> Iterator[None]:
        """Wait for octets with what is left; running out of that is told apart from the patience."""
        settimeout(self.wait(patience))
        try:
            yield
        except TimeoutError:
            self.wait(patience)
            raise

    def take(self, count: int) -> int:
        """So many octets came."""
        self.octets -= count
        if self.octets < 0:
            raise SessionOverError(_ENDLESS)
        return count


class BoundedSocket(socket.socket):
    """A TCP connection with a budget; ``makefile`` reads through ``recv_into`` too."""

    budget: Budget
    patience: float | None = None

    def recv_into(self, *args: Any, **more: Any) -> int:
        """As ``socket`` does it, within the budget."""
        with self.budget.waiting(super().settimeout, self.patience):
            return self.budget.take(super().recv_into(*args, **more))

    def recv(self, *args: Any, **more: Any) -> bytes:
        """As ``socket`` does it, within the budget."""
        with self.budget.waiting(super().settimeout, self.patience):
            data = super().recv(*args, **more)
            self.budget.take(len(data))
            return data


class BoundedTls(ssl.SSLSocket):
    """The same over TLS. Its budget is handed on once the handshake, which has a limit, is over."""

    budget: Budget | None = None
    patience: float | None = None

    def recv_into(self, *args: Any, **more: Any) -> int:
        """As ``SSLSocket`` does it, within the budget."""
        if self.budget is None:
            return super().recv_into(*args, **more)
        with self.budget.waiting(super().settimeout, self.patience):
            return self.budget.take(super().recv_into(*args, **more))

    def recv(self, *args: Any, **more: Any) -> bytes:
        """As ``SSLSocket`` does it, within the budget."""
        if self.budget is None:
            return super().recv(*args, **more)
        with self.budget.waiting(super().settimeout, self.patience):
            data = super().recv(*args, **more)
            self.budget.take(len(data))
            return data


class BoundedContext(ssl.SSLContext):
    """Wraps a connection so that its budget stays with it."""

    sslsocket_class = BoundedTls

    def wrap_socket(self, sock: socket.socket, *args: Any, **more: Any) -> ssl.SSLSocket:
        """As ``SSLContext`` does it."""
        budget, patience = getattr(sock, "budget", None), getattr(sock, "patience", None)
        ssl_socket = super().wrap_socket(sock, *args, **more)
        if isinstance(ssl_socket, BoundedTls):
            ssl_socket.budget, ssl_socket.patience = budget, patience
        return ssl_socket


def connect(address: tuple[str, int], patience: float, budget: Budget | None = None) -> BoundedSocket:
    """A TCP connection; ``patience``: seconds for connecting and for each reading. Raises OSError."""
    budget = budget or Budget()
    plain = socket.create_connection(address, budget.wait(patience))
    bounded_socket = BoundedSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
    bounded_socket.budget, bounded_socket.patience = budget, patience
    bounded_socket.settimeout(patience)
    return bounded_socket
