"""What came back to one question, and chance that nobody can guess."""

from __future__ import annotations

import errno
import os
import ssl
from collections.abc import Iterator
from typing import NamedTuple

from mailwright.model.text import Text

SILENT = Text("timeout", "超时")
CLOSED = Text("closed", "已关闭")
CUT = Text("the answer is cut short, over TCP too", "应答被截断，使用 TCP 也是如此")
ENDED = Text("the connection was closed", "连接被关闭")
OTHER_ANSWER = Text("an answer to another question", "应答与所问的问题不符")
_UNTRUSTED = Text("the certificate does not prove {name} ({reason})", "证书无法证明 {name}（{reason}）")
_ERRNO = {
    errno.ECONNREFUSED: Text("connection refused", "连接被拒绝"),
    errno.ECONNRESET: Text("the connection was reset", "连接被重置"),
    errno.ENETUNREACH: Text("network unreachable", "网络不可达"),
    errno.EHOSTUNREACH: Text("no route to the host", "没有到主机的路由"),
    errno.EADDRNOTAVAIL: Text("this machine has no such kind of address", "本机没有此类地址"),
    errno.EAFNOSUPPORT: Text("this machine has no such kind of address", "本机没有此类地址"),
}


class Reply(NamedTuple):
    """A message as received, or ``problem`` in one line.

    ``no_way``: the problem is this machine's, which cannot reach such an address at all.
    """

    message: bytes = b""
    problem: Text | None = None
    no_way: bool = False


def plain(value: object) -> Text:
    """What has no words of ours: a response code, what the system says."""
    return Text("{said}", "{said}").using(said=value)


def trouble(error: BaseException, proven: str = "") -> Text:
    """What went wrong, in one line; ``proven`` is whom a certificate had to prove."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _UNTRUSTED.using(name=proven, reason=cause.verify_message)
        if isinstance(cause, OSError) and cause.errno in _ERRNO:
            return _ERRNO[cause.errno]
    strerror = error.strerror if isinstance(error, OSError) else None
    return plain((strerror or str(error) or type(error).__name__).splitlines()[0])


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


class Chance:
    """Octets of the system's secure generator, fetched a block at a time: a question needs only a few."""

    def __init__(self) -> None:
        self._block, self._at = b"", 0

    def octets(self, count: int) -> bytes:
        """``count`` octets, each handed out once."""
        if self._at + count > len(self._block):
            self._block, self._at = os.urandom(max(4096, count)), 0
        self._at += count
        return self._block[self._at - count : self._at]

    def number(self) -> int:
        """A number of 16 bits."""
        return int.from_bytes(self.octets(2), "big")


CHANCE = Chance()
if hasattr(os, "register_at_fork"):  # a child must not draw what its parent drew
    os.register_at_fork(after_in_child=CHANCE.__init__)  # type: ignore[misc]
