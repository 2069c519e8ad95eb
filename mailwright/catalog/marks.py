"""By which names a service shows itself.

A mark is a whole name (``spf.titan.email``), a name with ``*`` for anything within one label and ``**``
for any number of labels (``mx*.mail.ovh.net``), or, with a dot before it, everything below a name that
belongs to the service alone (``.titan.email``). A network that rents machines to anybody is never a mark:
below it stand its customers' own servers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

#: Below these names stand servers of anybody: no mark may be this alone.
HOSTING = frozenset(
    {
        "amazonaws.com",
        "ovh.net",
        "your-server.de",
        "netcup.net",
        "secureserver.net",
        "kundenserver.de",
        "dreamhost.com",
        "beget.com",
        "aruba.it",
        "hostinger.com",
        "googleusercontent.com",
        "azure.com",
        "cloudapp.net",
        "linode.com",
        "timeweb.ru",
        "infomaniak.ch",
        "one.com",
        "loopia.se",
        "umbler.com",
        "bluehost.com",
        "cafe24.com",
        "contabo.net",
        "forpsi.com",
        "home.pl",
        "hosteurope.de",
        "hostgator.com",
        "nazwa.pl",
        "online.net",
        "scaleway.com",
        "t-online.de",
        "vultrusercontent.com",
        "web-hosting.com",
        "websupport.sk",
    }
)


@cache
def _compiled(mark: str) -> re.Pattern[str]:
    parts = (
        {"**": r"[a-z0-9_.-]+", "*": r"[a-z0-9_-]*"}.get(part, re.escape(part))
        for part in re.split(r"(\*\*|\*)", mark.lower())
    )
    return re.compile("".join(parts))


def shows(name: str, mark: str) -> bool:
    """Whether a host name shows a mark; case and a final dot do not matter."""
    host = name.lower().rstrip(".")
    if mark.startswith("."):
        return host == mark[1:] or host.endswith(mark)
    return _compiled(mark).fullmatch(host) is not None


def strength(mark: str) -> tuple[int, int]:
    """How much a mark says: a whole name more than one with ``*``, that more than an end; longer is more."""
    kind = 0 if mark.startswith(".") else 1 if "*" in mark else 2
    return kind, len(mark)


@dataclass(slots=True)
class Marks:
    """The marks of many services, of one kind: whom a name shows."""

    whole: dict[str, list[str]] = field(default_factory=dict)
    ends: dict[str, list[str]] = field(default_factory=dict)
    patterns: list[tuple[str, str]] = field(default_factory=list)

    def add(self, id: str, marks: Iterable[str]) -> None:
        """Take in a service's."""
        for mark in marks:
            if mark.startswith("."):
                self.ends.setdefault(mark[1:].lower(), []).append(id)
            elif "*" in mark:
                self.patterns.append((mark, id))
            else:
                self.whole.setdefault(mark.lower(), []).append(id)

    def named(self, name: str) -> tuple[str, ...]:
        """The services of the mark that says most; several where the same mark is that of several."""
        host = name.lower().rstrip(".")
        if host in self.whole:
            return tuple(self.whole[host])
        fitting = [(strength(mark), id) for mark, id in self.patterns if shows(host, mark)]
        if fitting:
            most = max(fitting)[0]
            return tuple(id for how, id in fitting if how == most)
        labels = host.split(".")
        for start in range(len(labels)):
            end = ".".join(labels[start:])
            if end in self.ends:
                return tuple(self.ends[end])
        return ()


def table(recognise: Mapping[str, Mapping[str, Iterable[str]]], kind: str) -> Marks:
    """The marks of one kind of all services (id → kind → marks)."""
    marks = Marks()
    for id, by_kind in recognise.items():
        marks.add(id, by_kind.get(kind, ()))
    return marks
