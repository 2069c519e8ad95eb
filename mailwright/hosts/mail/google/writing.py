"""One step at an account: the calls that it takes, each of which may be repeated.

What is there already (409) and what is gone already (404) is no error. Google sees what is new only after a
while: what needs an object of this very run waits for it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mailwright.hosts.dns.base import HostError
from mailwright.hosts.mail.google import said, standing
from mailwright.hosts.mail.google.api import (
    DIRECTORY,
    GMAIL,
    GROUP_SETTINGS,
    ApiError,
    Call,
    Google,
    NoMailbox,
    at,
)
from mailwright.hosts.mail.google.changing import Step, target_of
from mailwright.hosts.mail.google.rows import (
    ACTIVE,
    CONFIRMED,
    SUSPENDED,
    filter_key,
    filter_of,
    filter_text,
    settings_of,
    vacation_of,
)
from mailwright.hosts.mail.google.scopes import Scope

#: Seconds to wait for what this run has made, one after the other.
WAITS = (0.1, 0.3, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0, 8.0)
_DONE = (404, 410)
_FAMILY_NAME = 60  # characters, of a name


@dataclass
class Writer:
    """Carries out steps of one run. ``names``: how people are called, by mailbox.

    ``pending``: (mailbox, address) that has to agree first, found while writing.
    """

    google: Google
    names: Mapping[str, str]
    pending: set[tuple[str, str]] = field(default_factory=set)
    _fresh: set[str] = field(default_factory=set)

    async def carry_out(self, step: Step) -> None:
        """Raises HostError; ApiError where Google says no."""
        if (step.address, target_of(step.kind, step.more, step.after or step.before or "")) in self.pending:
            return
        await self._patiently(step, self._ways[step.kind])

    def __post_init__(self) -> None:
        self._ways: dict[str, Callable[[Step], Awaitable[None]]] = {
            "user": self._user,
            "alias": self._alias,
            "group": self._group,
            "member": self._member,
            "locked": self._locked,
            "forwarding": self._forwarding,
            "forward": self._forward,
            "filter": self._filter,
            "vacation": self._vacation,
            "delegate": self._delegate,
            "send-as": self._send_as,
        }

    async def _patiently(self, step: Step, work: Callable[[Step], Awaitable[None]]) -> None:
        """What is of this run may not be seen yet."""
        for pause in (*WAITS, None):
            try:
                return await work(step)
            except NoMailbox:
                if pause is None or step.address not in self._fresh:
                    raise
            except ApiError as error:
                unseen = error.status == 404 or error.reason == "failedPrecondition"
                if pause is None or not unseen or not self._fresh:
                    raise
            await asyncio.sleep(pause)
        return None

    async def _ask(self, method: str, path: str, scope: Scope, body: Any = None, subject: str = "") -> Any:
        return await self.google.ask(Call(method, path, scope, None, body), subject)

    async def _gone(self, path: str, scope: Scope, subject: str = "") -> None:
        """Take away what may be gone already."""
        try:
            await self._ask("DELETE", path, scope, None, subject)
        except ApiError as error:
            if error.status not in _DONE:
                raise

    async def _made(self, path: str, scope: Scope, body: Any, subject: str = "") -> Any:
        """Make what may be there already; None then."""
        try:
            return await self._ask("POST", path, scope, body, subject)
        except ApiError as error:
            if error.status != 409:
                raise
            return None

    # -- the directory -------------------------------------------------------------------------------

    async def _user(self, step: Step) -> None:
        path = at(DIRECTORY, "users", step.address)
        if step.before is not None:
            await self._ask("PATCH", path, Scope.USERS, {"suspended": step.after == SUSPENDED})
            return
        if step.after != ACTIVE:
            return  # nobody of that name: there is nothing to suspend
        local = step.address.partition("@")[0]
        name = {"givenName": local, "familyName": (self.names.get(step.address) or local)[:_FAMILY_NAME]}
        body = {
            "primaryEmail": step.address,
            "name": name,
            "password": _password(),
            "changePasswordAtNextLogin": True,
        }
        answer = await self._made(at(DIRECTORY, "users"), Scope.USERS, body)
        self._fresh.add(step.address)
        if answer is None:
            holder = await standing.user(self.google, step.address, Scope.USERS)
            if holder is None or holder.address != step.address:
                raise HostError(said.TAKEN, address=step.address)

    async def _alias(self, step: Step) -> None:
        if step.before is not None:
            await self._unalias(step.address, step.before)
        if step.after is None:
            return
        path = at(DIRECTORY, "users", step.after, "aliases")
        answer = await self._made(path, Scope.USERS, {"alias": step.address})
        self._fresh.add(step.address)
        if answer is None:
            holder = await standing.user(self.google, step.address, Scope.USERS)
            if holder is not None and holder.address != step.after:
                raise HostError(said.TAKEN, address=step.address)

    async def _unalias(self, address: str, owner: str) -> None:
        """Of a user, or of a group that has it."""
        try:
            await self._ask("DELETE", at(DIRECTORY, "users", owner, "aliases", address), Scope.USERS)
        except ApiError as error:
            if error.status not in _DONE:
                raise
            await self._gone(at(DIRECTORY, "groups", owner, "aliases", address), Scope.GROUPS)

    async def _group(self, step: Step) -> None:
        path = at(DIRECTORY, "groups", step.address)
        if step.after is None:
            await self._gone(path, Scope.GROUPS)
            return
        if step.before is None:
            name = step.address.partition("@")[0]
            await self._made(at(DIRECTORY, "groups"), Scope.GROUPS, {"email": step.address, "name": name})
            self._fresh.add(step.address)
        await self._ask(
            "PATCH", at(GROUP_SETTINGS, step.address), Scope.GROUP_SETTINGS, settings_of(step.after)
        )

    async def _member(self, step: Step) -> None:
        members = at(DIRECTORY, "groups", step.address, "members")
        if step.after is None:
            await self._gone(at(members, step.more), Scope.GROUPS)
        elif step.before is None:
            body = {"email": step.more, "role": "MEMBER", "delivery_settings": step.after}
            await self._made(members, Scope.GROUPS, body)
        else:
            body = {"delivery_settings": step.after}
            await self._ask("PATCH", at(members, step.more), Scope.GROUPS, body)

    async def _locked(self, step: Step) -> None:
        """A new password that nobody knows, then every session, app password and application ends."""
        path = at(DIRECTORY, "users", step.address)
        await self._ask("PATCH", path, Scope.USERS, {"password": _password()})
        await self._ask("POST", at(path, "signOut"), Scope.SECURITY)
        for kind, name in (("asps", "codeId"), ("tokens", "clientId")):
            answer = await self._ask("GET", at(path, kind), Scope.SECURITY)
            for row in answer.get("items") or ():
                await self._gone(at(path, kind, str(row[name])), Scope.SECURITY)

    # -- one mailbox ---------------------------------------------------------------------------------

    async def _forwarding(self, step: Step) -> None:
        path, scope = self._settings(step, "forwardingAddresses"), Scope.SHARING
        if step.after is None:
            await self._gone(at(path, step.more), scope, step.address)
            return
        answer = await self._made(path, scope, {"forwardingEmail": step.more}, step.address)
        if answer is not None and answer.get("verificationStatus", CONFIRMED) != CONFIRMED:
            self.pending.add((step.address, step.more))

    async def _forward(self, step: Step) -> None:
        body: dict[str, Any] = {"enabled": False}
        if step.after is not None:
            target, disposition = step.after.split()
            body = {"enabled": True, "emailAddress": target, "disposition": disposition}
        path = self._settings(step, "autoForwarding")
        await self._ask("PUT", path, Scope.SHARING, body, step.address)

    async def _filter(self, step: Step) -> None:
        path = self._settings(step, "filters")
        if step.after is None:
            for id in await self._filter_ids(step, step.before or ""):
                await self._gone(at(path, id), Scope.MAIL_SETTINGS, step.address)
            return
        planned = filter_of(step.after)
        action = {"forward": planned.forward} if planned.forward else {}
        ids = {"addLabelIds": await self._labels(step.address, planned.add), "removeLabelIds": planned.remove}
        body = {"criteria": planned.criteria, "action": {**action, **{n: [*v] for n, v in ids.items() if v}}}
        try:
            await self._ask("POST", path, Scope.MAIL_SETTINGS, body, step.address)
        except ApiError as error:
            if error.status not in (400, 409) or not await self._filter_ids(step, step.after):
                raise

    async def _filter_ids(self, step: Step, text: str) -> list[str]:
        """The filters that say just this."""
        own = set(filter_of(text).add) - standing.SYSTEM_LABELS
        names = await standing.label_names(self.google, step.address) if own else {}
        box = await standing.filters(self.google, step.address, names)
        return [one.id for one in box if filter_key(step.address, filter_text(one)) == step.key]

    async def _labels(self, address: str, names: tuple[str, ...]) -> list[str]:
        """Ids of labels; what is not there is made."""
        own = [name for name in names if name not in standing.SYSTEM_LABELS]
        known = await standing.label_names(self.google, address) if own else {}
        ids = {name: id for id, name in known.items()}
        for name in own:
            if name not in ids:
                body = {"name": name, "labelListVisibility": "labelShow", "messageListVisibility": "show"}
                path = at(GMAIL, "users", address, "labels")
                ids[name] = str((await self._ask("POST", path, Scope.LABELS, body, address))["id"])
        return [ids.get(name, name) for name in names]

    async def _vacation(self, step: Step) -> None:
        body = vacation_of(step.after) if step.after is not None else {"enableAutoReply": False}
        path = self._settings(step, "vacation")
        await self._ask("PUT", path, Scope.MAIL_SETTINGS, body, step.address)

    async def _delegate(self, step: Step) -> None:
        await self._entry(step, "delegates", "delegateEmail")

    async def _send_as(self, step: Step) -> None:
        await self._entry(step, "sendAs", "sendAsEmail")

    async def _entry(self, step: Step, name: str, field: str) -> None:
        path = self._settings(step, name)
        if step.after is None:
            await self._gone(at(path, step.more), Scope.SHARING, step.address)
        else:
            await self._made(path, Scope.SHARING, {field: step.more}, step.address)

    def _settings(self, step: Step, name: str) -> str:
        return at(GMAIL, "users", step.address, "settings", name)


def _password() -> str:
    """One that nobody is told: an administrator gives the owner another one."""
    return secrets.token_urlsafe(30)
