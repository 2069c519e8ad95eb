"""What an address is at a mail host, and whether it can become something else without a gap.

At most hosts a name has to be free before another object takes it; in between mail is refused. Routing or a
catch-all bridges that, where the host's documents have one.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping

from mailwright.catalog.behaviour import Behaviour, behaviour
from mailwright.model.mailboxes import Mailboxes
from mailwright.model.text import Text

#: For how long an address is nobody's while one console step follows another, in minutes: by hand, at one go.
GAP = 10

#: What an address is, in words.
NAMES = {
    "person": Text("a mailbox", "邮箱"),
    "shared": Text("a shared mailbox", "共享邮箱"),
    "alias": Text("an alias", "别名"),
    "group": Text("a group", "群组"),
    "forward": Text("a forward", "转发"),
}


class Bridge(enum.Enum):
    """What takes mail while an address is nobody's; its value is the object of the host."""

    ROUTING = "routing"
    CATCH_ALL = "catch_all"
    NONE = ""


def bridge(host: Behaviour | None, *, anybody: bool) -> Bridge:
    """What the host's documents offer; nothing where there is nobody to send mail to meanwhile."""
    for way in (Bridge.ROUTING, Bridge.CATCH_ALL):
        if host is not None and anybody and host.says(way.value) == "yes":
            return way
    return Bridge.NONE


def kinds(mailboxes: Mailboxes) -> dict[str, str]:
    """What each address is: the host's own object where it is known, else what the plan calls it.

    A leaver's address is none of them, unless its release makes it another object: mail bounces meanwhile.
    """
    if mailboxes.views:
        return {address: kind for view in mailboxes.views for address, kind in kinds(view).items()}
    if mailboxes.hosted is None:
        return {
            **{box.address: box.kind for box in mailboxes.mailboxes},
            **{route.address: route.kind for route in mailboxes.routes if route.kind != "handover"},
        }
    gone = {suspended.address for suspended in mailboxes.suspended}
    return {
        host_object.address: {"user": "person", "delegated": "shared"}.get(host_object.kind, host_object.kind)
        for host_object in mailboxes.hosted.objects
        if host_object.kind in {"user", "shared", "delegated", "alias", "group"}
        and (host_object.address not in gone or host_object.path == "released")
    }


def gaps(before: Mapping[str, str], after: Mailboxes) -> Iterator[tuple[str, str, str]]:
    """(address, what it was, what it becomes) of every change with minutes in which mail is refused."""
    for view in after.views:
        yield from gaps(before, view)
    host = behaviour(after.hosted.service) if after.hosted else None
    if host is None or after.catch_all or bridge(host, anybody=True) is not Bridge.NONE:
        return
    converts = {("person", "shared")} if host.says("leaver") in {"shared", "public"} else set()
    for address, kind in sorted(kinds(after).items()):
        was = before.get(address, kind)
        if was != kind and (was, kind) not in converts:
            yield address, was, kind
