"""The provider's handlers for ``Mailboxes``: the same names as those for DNS, another world."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import (
    CheckFailure,
    CheckRequest,
    CheckResponse,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    PropertyDiff,
    PropertyDiffKind,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)

from mailwright.deploy import environment, reviewed
from mailwright.deploy.claims import Claims
from mailwright.deploy.errors import DeployError, Refused
from mailwright.deploy.mail.applying import (
    MailChange,
    MailWork,
    carry_out,
    closing_of,
    judged,
    seen_now,
    work_of,
)
from mailwright.deploy.mail.values import (
    TOKEN,
    MailInputs,
    MailState,
    MailTarget,
    failures,
    joined,
)
from mailwright.deploy.mail.world import MailHost
from mailwright.deploy.properties import Unknown, plain, wrapped
from mailwright.hosts.mail import postfix, tables
from mailwright.hosts.mail.dovecot import plain as line_feeds

#: Hosts that are talked to at the same time.
AT_ONCE = 8
#: What is as secret as what it was made of.
_DERIVED = {"applied", "kept"}

_T = TypeVar("_T")


def is_mailboxes(urn: str) -> bool:
    """Whether a URN is of a ``Mailboxes``."""
    parts = urn.split("::")
    return len(parts) > 2 and parts[2].rpartition("$")[2] == TOKEN


class MailResources:
    """Checks, reads and writes ``Mailboxes``. Every look and every write runs in a thread of its own pool.

    Args:
        secret: gives the configured password of master users, None where there is none.
    """

    def __init__(self, secret: Callable[[], str | None]) -> None:
        self._secret = secret
        self._claims: Claims[MailState] = Claims()
        self._threads: ThreadPoolExecutor | None = None

    def close(self) -> None:
        """End the threads; the next call starts new ones."""
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Says what is wrong with the inputs, all at once, and brings them into one form."""
        try:
            properties = plain(request.new_inputs)
        except Unknown:
            return CheckResponse(inputs=request.new_inputs)
        wrong = failures(properties)
        if wrong:
            return CheckResponse(request.new_inputs, [CheckFailure(path, reason) for path, reason in wrong])
        return CheckResponse(inputs=_wrapped(MailInputs.of(properties).plain(), request.new_inputs))

    async def diff(self, request: DiffRequest) -> DiffResponse:
        """One line a row and a script; the day and the consents alone are no change."""
        try:
            new = MailInputs.of(plain(request.new_inputs))
            return difference(MailState.of(plain(request.old_state)), new)
        except Unknown:
            return DiffResponse(changes=True)

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Adopts what is there and adds what is missing, through the gate."""
        try:
            inputs = MailInputs.of(plain(request.properties))
        except Unknown:
            return CreateResponse(properties=request.properties)
        work = work_of(inputs)
        self._claims.claim(inputs.target, request.urn, work)
        changes = await self._carry_out(work, preview=request.preview)
        outputs = _wrapped(_state(inputs, changes).plain(), request.properties)
        return CreateResponse(None if request.preview else inputs.target.id, outputs)

    async def read(self, request: ReadRequest) -> ReadResponse:
        """What the host has of ours. No answer is an error; nothing there is an empty map, never gone."""
        properties = plain(request.properties)
        if "maps" not in properties:
            return await self._import(request)
        outputs, inputs = await self.refreshed(request.urn, properties, plain(request.inputs))
        return ReadResponse(
            request.resource_id, _wrapped(outputs, request.properties), _wrapped(inputs, request.inputs)
        )

    async def refreshed(
        self, urn: str, properties: Mapping[str, Any], given: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What ``read`` answers, as plain output and input properties."""
        state = MailState.of(properties)
        target = state.inputs.target
        mailboxes = {*state.applied_scripts, *state.inputs.scripts}
        world = await self._in_thread(lambda: self._host(target).read(mailboxes))
        maps, scripts = seen_now(state, world)
        inputs = MailInputs.of({**properties, **given})
        seen = _with(state.inputs, maps, scripts)
        made = MailState(seen, state.applied_maps, state.applied_scripts, state.kept)
        self._claims.seen(target, urn, made)
        return made.plain(), _with(inputs, maps, scripts).plain()

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        """From what the state says to what is asked for, through the gate."""
        try:
            inputs = MailInputs.of(plain(request.news))
        except Unknown:
            return UpdateResponse(properties=request.news)
        work = work_of(inputs, MailState.of(plain(request.olds)))
        self._claims.claim(inputs.target, request.urn, work)
        changes = await self._carry_out(work, preview=request.preview)
        return UpdateResponse(_wrapped(_state(inputs, changes).plain(), request.news))

    async def delete(self, request: DeleteRequest) -> None:
        """Takes away what is ours, through the gate; not what another resource now holds."""
        work = closing_of(MailState.of(plain(request.properties)))
        reviewed.require_delete(request.urn)
        if not self._claims.held_by_another(work.target, request.urn, work):
            await self._carry_out(work, preview=False)

    async def would_delete(self, request: DeleteRequest) -> None:
        """What ``delete`` would refuse, without deleting."""
        work = closing_of(MailState.of(plain(request.properties)))
        if not self._claims.held_by_another(work.target, request.urn, work):
            await self._carry_out(work, preview=True)

    async def judge(self, wanted: list[Mapping[str, Any]]) -> list[str]:
        """Everything that speaks against these inputs, as texts; nothing has been registered yet.

        Mailboxes that have been read and are not among them are about to be deleted, and judged as that.
        """
        inputs = [MailInputs.of(each) for each in wanted]
        domains = {each.target.domain for each in inputs}
        todo = [work_of(each, self._claims.known(each.target)) for each in inputs]
        seen = self._claims.all_seen()
        todo += [closing_of(state) for target, state in seen if target.domain not in domains]

        async def one(work: MailWork) -> str | None:
            try:
                await self._in_thread(lambda: judged(self._host(work.target), work))
            except Refused as refusal:
                return str(refusal)
            except DeployError as error:
                return f"{work.target.domain}: {error}"
            return None

        return [each for each in await asyncio.gather(*map(one, todo)) if each]

    # -- inside ------------------------------------------------------------------------------------

    async def _import(self, request: ReadRequest) -> ReadResponse:
        """Only the id is known: our block of each table, our script of each mailbox in it."""
        try:
            target = MailTarget.from_id(request.resource_id)
        except ValueError as error:
            raise DeployError(str(error)) from None
        host = self._host(target)
        world = await self._in_thread(lambda: host.read(()))
        rows = joined(_ours(world.texts, target.domain))
        boxes = {place.partition(" ")[2] for place in rows if place.startswith(postfix.MAILBOXES + " ")}
        scripts = {}
        if target.server:
            there = await self._in_thread(lambda: host.read(boxes))
            scripts = {name: line_feeds(seen.ours or "") for name, seen in there.scripts.items()}
        inputs = MailInputs(target, rows, scripts, environment.as_of() or dt.date.today())
        state = MailState(inputs, rows, scripts)
        self._claims.seen(target, request.urn, state)
        return ReadResponse(target.id, _wrapped(state.plain(), {}), _wrapped(inputs.plain(), {}))

    async def _carry_out(self, work: MailWork, *, preview: bool) -> MailChange:
        return await self._in_thread(lambda: carry_out(self._host(work.target), work, preview=preview))

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(AT_ONCE)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _host(self, target: MailTarget) -> MailHost:
        return MailHost(target, environment.sieve_password(target.login, self._secret()))


def _ours(texts: Mapping[str, str | None], domain: str) -> dict[str, dict[str, str]]:
    made: dict[str, dict[str, str]] = {}
    for name in tables.NAMES:
        for each in tables.about(name, texts.get(name) or "", domain):
            if each.ours:
                made.setdefault(name, {}).setdefault(each.key, each.value)
    return made


def _with(inputs: MailInputs, maps: Mapping[str, str], scripts: Mapping[str, str]) -> MailInputs:
    """What was seen, with the day and the consents as written: refreshing changes nothing else."""
    return MailInputs(inputs.target, maps, scripts, inputs.as_of, inputs.allow)


def _state(inputs: MailInputs, changes: MailChange) -> MailState:
    return MailState(inputs, inputs.maps, inputs.scripts, changes.kept)


def _wrapped(properties: Mapping[str, Any], like: Mapping[str, PropertyValue]) -> dict[str, PropertyValue]:
    """As property values; what was made of a secret map or script is one too."""
    made = wrapped(properties, like)
    if any(name in like and like[name].contains_secret() for name in ("maps", "scripts")):
        made |= {name: made[name].with_secret(True) for name in _DERIVED & made.keys()}
    return made


_TARGET = (
    ("folder", "folder"),
    ("server", "server"),
    ("port", "port"),
    ("master_user", "masterUser"),
    ("ca_file", "caFile"),
    ("delimiter", "delimiter"),
)


def difference(old: MailState, new: MailInputs) -> DiffResponse:
    """What an update would be about. Paths exist in the inputs, or the CLI prints no lines."""
    details: dict[str, PropertyDiff] = {}
    pairs = (
        ("maps", old.inputs.maps, old.applied_maps, new.maps),
        ("scripts", old.inputs.scripts, old.applied_scripts, new.scripts),
    )
    for name, seen, applied, after in pairs:
        for key in sorted({*seen, *after}):
            if seen.get(key) == after.get(key) and applied.get(key) == after.get(key):
                continue
            kind = PropertyDiffKind.UPDATE
            if key not in seen or key not in after:
                kind = PropertyDiffKind.ADD if key in after else PropertyDiffKind.DELETE
            details[f'{name}["{key}"]'] = PropertyDiff(kind, True)
    was, now = old.inputs.target, new.target
    replaces = ["domain"] if was.domain != now.domain else []
    if replaces:
        details["domain"] = PropertyDiff(PropertyDiffKind.UPDATE_REPLACE, True)
    for name, key in _TARGET:
        if getattr(was, name) != getattr(now, name):
            details[key] = PropertyDiff(PropertyDiffKind.UPDATE, True)
    diffs = sorted({path.partition("[")[0] for path in details})
    return DiffResponse(bool(details), replaces, diffs=diffs, detailed_diff=details)
