"""An account and a plan in one form: a line an object, ``KIND ADDRESS …`` with its value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from mailwright.hosts.mail.google.standing import SYSTEM_LABELS, Box, Filter, Group, Standing, Wish

#: ``alias info@acme-trade.com`` → ``wang@acme-trade.com``.
Rows = Mapping[str, str]
ACTIVE, SUSPENDED = "active", "suspended"
CONFIRMED = "accepted"
#: Nobody who left gets in: no app password and no granted application is left, the password is a new one.
LOCKED = "signed out, new password, no app passwords, no applications"
KEPT = "leaveInInbox"
ALL_MAIL = "ALL_MAIL"


def rows(standing: Standing, like: Rows) -> dict[str, str]:
    """What stands there, as lines. Of a group of ``like`` only the settings that are named there count."""
    lines = dict(_rows(standing))
    for address, group in standing.groups.items():
        if (planned := like.get(f"group {address}")) is not None:
            named = settings_of(planned)
            counted = {name: value for name, value in group.settings.items() if name in named}
            lines[f"group {address}"] = settings_text(counted)
    return lines


def _rows(standing: Standing) -> Iterator[tuple[str, str]]:
    for user in standing.users.values():
        yield f"user {user.address}", ACTIVE if user.active else SUSPENDED
        yield from ((f"alias {alias}", user.address) for alias in user.aliases)
    for group in standing.groups.values():
        yield f"group {group.address}", settings_text(group.settings)
        yield from ((f"alias {alias}", group.address) for alias in group.aliases)
        yield from _members(group)
    for address, box in standing.boxes.items():
        yield from _box(address, box)
    for address, access in (standing.access or {}).items():
        ways = (*access.passwords, *access.applications)
        yield f"locked {address}", LOCKED if not ways else "; ".join(ways)


def _members(group: Group) -> Iterator[tuple[str, str]]:
    for member in group.members:
        yield f"member {group.address} {member}", group.delivery.get(member, ALL_MAIL)


def _box(address: str, box: Box) -> Iterator[tuple[str, str]]:
    for target, status in box.forwarding.items():
        yield f"forwarding {address} {target}", status
    if box.forward:
        yield f"forward {address}", forward_text(*box.forward)
    for filter in box.filters:
        text = filter_text(filter)
        yield filter_key(address, text), text
    if box.vacation:
        yield f"vacation {address}", vacation_text(box.vacation)
    for delegate, status in box.delegates.items():
        yield f"delegate {address} {delegate}", status
    for sender, status in box.send_as.items():
        yield f"send-as {address} {sender}", status


def settings_text(settings: Mapping[str, str]) -> str:
    """A group's settings on one line; those that are not set are left out."""
    return " ".join(f"{name}={value}" for name, value in sorted(settings.items()) if value)


def settings_of(text: str) -> dict[str, str]:
    """What ``settings_text`` wrote."""
    return dict(part.split("=", 1) for part in text.split())


def forward_text(target: str, disposition: str) -> str:
    """A forward of all mail of a mailbox."""
    return f"{target} {disposition}"


def filter_text(filter: Filter) -> str:
    """A filter on one line: what it looks for, and what it does. Blanks at its ends say nothing to Gmail."""
    criteria = {
        name: " ".join(value.split()) if isinstance(value, str) else value
        for name, value in filter.criteria.items()
        if value not in ("", False, None)
    }
    does = {"forward": filter.forward, "add": sorted(filter.add), "remove": sorted(filter.remove)}
    return f"{_json(criteria)} → {_json({name: value for name, value in does.items() if value})}"


def filter_of(text: str) -> Filter:
    """What ``filter_text`` wrote."""
    criteria, _, does = text.rpartition(" → ")
    body = json.loads(does)
    add, remove = (tuple(body.get(name) or ()) for name in ("add", "remove"))
    return Filter("", json.loads(criteria), str(body.get("forward") or ""), add, remove)


def filter_key(address: str, text: str) -> str:
    """A filter has no name, and cannot be changed: what it says is what it is."""
    return f"filter {address} {hashlib.sha256(text.encode()).hexdigest()[:8]}"


def vacation_text(settings: Mapping[str, Any]) -> str:
    """An auto-reply on one line."""
    named = ("responseSubject", "responseBodyPlainText", "startTime", "endTime", "restrictToDomain")
    kept = {name: settings[name] for name in named if settings.get(name) not in ("", None, False, "0", 0)}
    kept |= {name: str(kept[name]) for name in ("startTime", "endTime") if name in kept}
    return _json(kept)


def vacation_of(text: str) -> dict[str, Any]:
    """What ``vacation_text`` wrote, as Gmail takes it."""
    return {"enableAutoReply": True, **json.loads(text)}


def parts(key: str) -> tuple[str, str, str]:
    """(kind, address, the rest) of a line."""
    kind, _, rest = key.partition(" ")
    address, _, more = rest.partition(" ")
    return kind, address, more


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, sort_keys=True)


def labels_of(lines: Rows) -> set[str]:
    """The mailboxes whose filters give labels of their own."""
    filters = ((parts(key), text) for key, text in lines.items() if key.startswith("filter "))
    return {address for (_, address, _), text in filters if set(filter_of(text).add) - SYSTEM_LABELS}


def wish(lines: Rows) -> Wish:
    """What to look into, to tell how these lines stand: their mailboxes and groups alone."""
    keys = [parts(key) for key in lines]
    mailboxes = {"user", "filter", "forwarding", "forward", "vacation", "delegate", "send-as"}
    return Wish(
        boxes={address for kind, address, _ in keys if kind in mailboxes},
        groups={address for kind, address, _ in keys if kind == "group"},
        access={address for kind, address, _ in keys if kind == "locked"},
        labels=labels_of(lines),
        members={(address, member) for kind, address, member in keys if kind == "member"},
    )
