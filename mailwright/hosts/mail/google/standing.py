"""What stands at a Google Workspace account: users, groups, and the settings of mailboxes. Reads only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mailwright.hosts.mail.google import said
from mailwright.hosts.mail.google.api import (
    DIRECTORY,
    GMAIL,
    GROUP_SETTINGS,
    ApiError,
    Call,
    Google,
    NoMailbox,
    NotGranted,
    at,
)
from mailwright.hosts.mail.google.scopes import Scope
from mailwright.model.text import Text

#: Mailboxes that are read at the same time.
AT_ONCE = 8
#: What a group does with mail, of all its settings.
SETTINGS = (
    "allowExternalMembers",
    "archiveOnly",
    "messageModerationLevel",
    "spamModerationLevel",
    "whoCanPostMessage",
)
#: Google's own labels; others have an id and a name.
SYSTEM_LABELS = frozenset(
    {"INBOX", "TRASH", "SPAM", "UNREAD", "STARRED", "IMPORTANT", "SENT", "DRAFT", "CHAT"}
)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class User:
    """One account. ``active``: it may log in and takes mail."""

    address: str
    active: bool = True
    name: str = ""
    aliases: tuple[str, ...] = ()
    recovery: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """One group. ``settings`` are read where somebody asked for them, ``delivery`` of members likewise."""

    address: str
    aliases: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    delivery: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filter:
    """One rule of a mailbox: Gmail's criteria and what it does; labels by name."""

    id: str
    criteria: Mapping[str, Any]
    forward: str = ""
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """The settings of one mailbox. ``forward`` is (address, what becomes of the mail here), None: off.

    ``forwarding`` and ``delegates`` map an address to whether it is confirmed; ``send_as`` likewise.
    """

    filters: tuple[Filter, ...] = ()
    forwarding: Mapping[str, str] = field(default_factory=dict)
    forward: tuple[str, str] | None = None
    vacation: Mapping[str, Any] = field(default_factory=dict)
    delegates: Mapping[str, str] = field(default_factory=dict)
    send_as: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Access:
    """Further ways into an account: app passwords and applications, by name."""

    passwords: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it. ``closed``: mailboxes whose settings Google does not show, with its word.

    ``access`` None: the scope for it was not granted.
    """

    users: Mapping[str, User] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    boxes: Mapping[str, Box] = field(default_factory=dict)
    closed: Mapping[str, Text] = field(default_factory=dict)
    access: Mapping[str, Access] | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What to look into: mailboxes (None: all of them), groups of which the settings count, accounts.

    ``labels``: mailboxes whose filters name labels of their own. ``members``: (group, member) whose delivery
    counts.
    """

    boxes: Collection[str] | None = None
    groups: Collection[str] = ()
    access: Collection[str] | None = ()
    labels: Collection[str] = ()
    members: Collection[tuple[str, str]] = ()


async def read(google: Google, domain: str, wish: Wish) -> Standing:
    """Everything of a domain. Raises HostError; a suspended mailbox is closed, and never empty."""
    users = {user.address: user for user in await _users(google, domain)}
    names = [name async for name in _group_rows(google, domain)]
    groups = await _several(_group(google, row, wish) for row in names)
    looked = [name for name in users if wish.boxes is None or name in wish.boxes]
    answers = await _several(_box(google, users[name], labels=name in wish.labels) for name in looked)
    boxes = {name: box for name, box in zip(looked, answers, strict=True) if isinstance(box, Box)}
    closed = {name: word for name, word in zip(looked, answers, strict=True) if isinstance(word, Text)}
    asked = [name for name in users if wish.access is None or name in wish.access]
    try:
        accesses = await _several(_access(google, name) for name in asked)
    except NotGranted:
        access = None
    else:
        access = dict(zip(asked, accesses, strict=True))
    return Standing(users, {group.address: group for group in groups}, boxes, closed, access)


async def _several(work: Iterable[Awaitable[_T]]) -> list[_T]:
    """All of them, a few at a time, in their order."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(job: Awaitable[_T]) -> _T:
        async with room:
            return await job

    return list(await asyncio.gather(*map(one, work)))


# -- the directory -----------------------------------------------------------------------------------


async def _users(google: Google, domain: str) -> list[User]:
    query = {"domain": domain, "maxResults": "500", "projection": "full"}
    call = Call("GET", at(DIRECTORY, "users"), Scope.USERS_READ, query)
    return [_user(row) async for row in google.rows(call, "users")]


def _user(row: Mapping[str, Any]) -> User:
    return User(
        _lower(row["primaryEmail"]),
        not row.get("suspended") and not row.get("archived"),
        str((row.get("name") or {}).get("fullName") or ""),
        tuple(sorted(map(_lower, row.get("aliases") or ()))),
        _lower(row.get("recoveryEmail") or ""),
    )


async def user(google: Google, address: str, scope: Scope = Scope.USERS_READ) -> User | None:
    """Whose address this is, by it or by an alias. Raises HostError."""
    try:
        return _user(await google.ask(Call("GET", at(DIRECTORY, "users", address), scope)))
    except ApiError as error:
        if error.status == 404:
            return None
        raise


async def _group_rows(google: Google, domain: str) -> Any:
    query = {"domain": domain, "maxResults": "200"}
    async for row in google.rows(Call("GET", at(DIRECTORY, "groups"), Scope.GROUPS_READ, query), "groups"):
        yield row


async def _group(google: Google, row: Mapping[str, Any], wish: Wish) -> Group:
    address = _lower(row["email"])
    call = Call("GET", at(DIRECTORY, "groups", address, "members"), Scope.GROUPS_READ, {"maxResults": "200"})
    members = sorted({_lower(member.get("email") or "") async for member in google.rows(call, "members")})
    settings = await group_settings(google, address) if address in wish.groups else {}
    counted = [member for member in members if (address, member) in wish.members]
    delivery = {member: await _delivery(google, address, member) for member in counted}
    aliases = tuple(sorted(map(_lower, row.get("aliases") or ())))
    return Group(address, aliases, tuple(filter(None, members)), settings, delivery)


async def group_settings(google: Google, address: str) -> dict[str, str]:
    """What a group does with mail. Raises HostError."""
    call = Call("GET", at(GROUP_SETTINGS, address), Scope.GROUP_SETTINGS, {"alt": "json"})
    answer = await google.ask(call)
    return {name: str(answer.get(name, "")) for name in SETTINGS}


async def _delivery(google: Google, group: str, member: str) -> str:
    call = Call("GET", at(DIRECTORY, "groups", group, "members", member), Scope.GROUPS_READ)
    return str((await google.ask(call)).get("delivery_settings") or "ALL_MAIL")


async def _access(google: Google, address: str) -> Access:
    base = at(DIRECTORY, "users", address)
    passwords = await google.ask(Call("GET", at(base, "asps"), Scope.SECURITY))
    tokens = await google.ask(Call("GET", at(base, "tokens"), Scope.SECURITY))
    return Access(
        tuple(f"{row.get('codeId')} {row.get('name') or ''}".strip() for row in passwords.get("items") or ()),
        tuple(
            f"{row.get('clientId')} {row.get('displayText') or ''}".strip()
            for row in tokens.get("items") or ()
        ),
    )


# -- one mailbox -------------------------------------------------------------------------------------


async def _box(google: Google, user: User, *, labels: bool) -> Box | Text:
    """The settings, or why Google shows none (suspended, no Gmail licence, not set up yet)."""
    if not user.active:
        return said.SUSPENDED.using(address=user.address)
    try:
        return await _settings(google, user.address, labels=labels)
    except NoMailbox as error:
        return error.text
    except ApiError as error:
        if error.status in (400, 404):
            return error.text
        raise


async def _settings(google: Google, address: str, *, labels: bool) -> Box:
    base = at(GMAIL, "users", address, "settings")

    async def get(*parts: str) -> dict[str, Any]:
        return await google.ask(Call("GET", at(base, *parts), Scope.MAIL_SETTINGS), address)

    names = await label_names(google, address) if labels else {}
    forward, forwarding = await get("autoForwarding"), await get("forwardingAddresses")
    rules, vacation = await filters(google, address, names), await get("vacation")
    delegates, send_as = await get("delegates"), await get("sendAs")
    return Box(
        rules,
        _confirmed(forwarding.get("forwardingAddresses"), "forwardingEmail"),
        _auto(forward),
        vacation if vacation.get("enableAutoReply") else {},
        _confirmed(delegates.get("delegates"), "delegateEmail"),
        _confirmed((row for row in send_as.get("sendAs") or () if not row.get("isPrimary")), "sendAsEmail"),
    )


async def filters(google: Google, address: str, names: Mapping[str, str]) -> tuple[Filter, ...]:
    """The filters of a mailbox; ``names`` of its labels by id. Raises HostError."""
    path = at(GMAIL, "users", address, "settings", "filters")
    answer = await google.ask(Call("GET", path, Scope.MAIL_SETTINGS), address)
    return tuple(_filter(row, names) for row in answer.get("filter") or ())


def _auto(answer: Mapping[str, Any]) -> tuple[str, str] | None:
    if not answer.get("enabled"):
        return None
    return _lower(answer.get("emailAddress") or ""), str(answer.get("disposition") or "")


def _confirmed(rows: Iterable[Mapping[str, Any]] | None, name: str) -> dict[str, str]:
    return {_lower(row[name]): str(row.get("verificationStatus") or "accepted") for row in rows or ()}


def _filter(row: Mapping[str, Any], names: Mapping[str, str]) -> Filter:
    action = row.get("action") or {}
    add, remove = (
        tuple(sorted(names.get(id, id) for id in action.get(key) or ()))
        for key in ("addLabelIds", "removeLabelIds")
    )
    forward = _lower(action.get("forward") or "")
    return Filter(str(row.get("id", "")), dict(row.get("criteria") or {}), forward, add, remove)


async def label_names(google: Google, address: str) -> dict[str, str]:
    """The names of a mailbox's own labels by id. Raises HostError."""
    answer = await google.ask(Call("GET", at(GMAIL, "users", address, "labels"), Scope.LABELS), address)
    rows = [row for row in answer.get("labels") or () if row.get("id") not in SYSTEM_LABELS]
    return {str(row["id"]): str(row.get("name", "")) for row in rows}


def _lower(text: object) -> str:
    return str(text).strip().lower()
