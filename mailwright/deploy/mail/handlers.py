"""The handlers for ``Mailboxes``: tables and scripts on a mail host of one's own."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from pulumi.provider.experimental.provider import DiffResponse

from mailwright.deploy import reviewed
from mailwright.deploy.claims import Claims
from mailwright.deploy.errors import DeployError, Refused, lang, refusal, refused
from mailwright.deploy.given import environment
from mailwright.deploy.given.beside import Holding, Watch
from mailwright.deploy.given.told import Told
from mailwright.deploy.mail.applying import (
    MailChange,
    MailWork,
    carry_out,
    closing_of,
    judged,
    lines_between,
    script_lines,
    seen_now,
)
from mailwright.deploy.mail.values import JUDGE, TOKEN, MailInputs, MailState, MailTarget, failures, joined
from mailwright.deploy.mail.world import MailHost
from mailwright.deploy.properties import Failure, Held, Judged, Lines, Problem, Properties, kind, response
from mailwright.deploy.run import notes
from mailwright.deploy.said import wrong
from mailwright.hosts.mail import postfix, tables
from mailwright.hosts.mail.dovecot import plain as line_feeds

#: Hosts that are talked to at the same time.
AT_ONCE = 8

_T = TypeVar("_T")


class MailHandler:
    """Checks, reads and writes ``Mailboxes``; properties are plain.

    Every look and every write runs in a thread of its own pool.

    Args:
        secret: gives the password of master users, None where there is none.
        told: what the program says of this run.
        watch: knows the stacks beside this one; default one that looks from the current folder.
    """

    token = TOKEN
    function = JUDGE
    essence = "maps"
    derived: Mapping[str, frozenset[str]] = dict.fromkeys(("maps", "scripts"), frozenset({"applied", "kept"}))

    def __init__(self, secret: Callable[[], str | None], told: Told, watch: Watch | None = None) -> None:
        self._secret = secret
        self._told = told
        self._watch = watch or Watch()
        self._claims: Claims[MailState] = Claims()
        self._threads: ThreadPoolExecutor | None = None

    async def close(self) -> None:
        """End the threads; the next call starts new ones."""
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None

    # -- the protocol ------------------------------------------------------------------------------

    def check(self, properties: Properties) -> list[Failure]:
        """What is wrong with inputs, all at once."""
        return failures(properties)

    def settled(self, properties: Properties) -> dict[str, Any]:
        """Inputs in the one form that every spelling gets."""
        return MailInputs.of(properties).plain()

    def diff(self, outputs: Properties, inputs: Properties) -> DiffResponse:
        """One line a row and a script; the day alone is no change."""
        return difference(MailState.of(outputs), MailInputs.of(inputs))

    async def create(self, urn: str, inputs: Properties, *, preview: bool) -> tuple[str, dict[str, Any]]:
        """Adopts what is there and adds what is missing, through the gate."""
        mail_inputs = MailInputs.of(inputs)
        return mail_inputs.target.id, await self._write(urn, mail_inputs, None, preview=preview)

    async def read(
        self, urn: str, outputs: Properties, inputs: Properties
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the host has of ours. No answer is an error; nothing there is an empty map, never gone."""
        state = MailState.of(outputs)
        target = state.inputs.target
        mailboxes = {*state.applied_scripts, *state.inputs.scripts}
        world = await self._in_thread(lambda: self._host(target).read(mailboxes))
        maps, scripts = seen_now(state, world)
        given = MailInputs.of({**outputs, **inputs})
        # The day stays as written: refreshing changes nothing else.
        mail_state = replace(state, inputs=replace(state.inputs, maps=maps, scripts=scripts))
        self._claims.seen(target, urn, mail_state)
        return mail_state.plain(), replace(given, maps=maps, scripts=scripts).plain()

    async def update(
        self, urn: str, outputs: Properties, inputs: Properties, *, preview: bool
    ) -> dict[str, Any]:
        """From what the state says to what is asked for, through the gate."""
        return await self._write(urn, MailInputs.of(inputs), MailState.of(outputs), preview=preview)

    async def delete(self, urn: str, outputs: Properties, *, preview: bool) -> None:
        """Takes away what is ours, through the gate; not what another resource now holds."""
        work = self._closing(urn, MailState.of(outputs))
        if not preview:
            reviewed.require_delete(urn)
        if self._claims.held_by_another(work.target, urn, work):
            return
        if holding := await self._holding(urn, work.target, fresh=not preview):
            notes.notice(holding.stays()(lang()), aloud=self._told.unjudged(urn))
            return
        await self._carry_out(work, preview=preview)

    async def judge(self, resources: Sequence[Properties], held: Sequence[Held]) -> Judged:
        """Everything that speaks against these inputs, each with its resource's ``urn``.

        ``held`` is what the state has of this type. What is held and neither wanted by name nor by place is
        about to be deleted, and judged as that.
        """
        states = [(urn, MailState.of(outputs)) for urn, outputs in held]
        at = {state.inputs.target.place: state for _, state in states}
        names = {_name(properties["urn"]) for properties in resources}
        todo: list[tuple[str, MailWork]] = []
        for resource in resources:
            inputs = MailInputs.of(resource)
            work = MailWork(inputs, at.get(inputs.target.place), self._told.consents(resource["urn"]))
            todo.append((resource["urn"], work))
        places = {work.target.place for _, work in todo}
        todo += [
            (urn, self._closing(urn, state))
            for urn, state in states
            if _name(urn) not in names and state.inputs.target.place not in places
        ]

        async def one(urn: str, work: MailWork) -> Problem | None:
            domain, leaving = work.target.domain, work.closing
            joins = work.target.place not in at
            if (joins or leaving) and (holding := await self._holding(urn, work.target)):
                return None if leaving else refusal(domain, [holding.refusal()])
            try:
                await self._in_thread(lambda: judged(self._host(work.target), work, looked=False))
            except Refused as error:
                return refusal(domain, error.findings, removal=work.removal)
            except DeployError as error:
                return Problem(domain, f"{domain}: {error}", leaving=leaving)
            return None

        problems = await asyncio.gather(*(one(*pair) for pair in todo))
        return Judged(tuple(problem for problem in problems if problem))

    async def adopt(self, urn: str, id: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Only the id is known (``pulumi import``): our block of each table, our script of each mailbox."""
        try:
            target = MailTarget.from_id(id)
        except ValueError:
            raise DeployError(wrong.MAIL_ID, id=id) from None
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
        self._claims.seen(target, urn, state)
        return target.id, state.plain(), inputs.plain()

    # -- in words ----------------------------------------------------------------------------------

    def moved(self, before: Properties, after: Properties) -> bool:
        """Whether inputs lead somewhere else."""
        return MailInputs.of(before).target.place != MailInputs.of(after).target.place

    def lines(self, _urn: str, before: Properties | None, after: Properties | None) -> Lines:
        """What comes, goes or changes between two outputs, a row a line (``+``, ``-``, ``~``)."""
        old, new = (MailState.of(body).inputs if body is not None else None for body in (before, after))
        rows = lines_between(old.maps if old else {}, new.maps if new else {})
        scripts = script_lines(old.scripts if old else {}, new.scripts if new else {})
        return (*rows, *scripts, *(_stays(old.target, new.target) if old and new else ()))

    def drifted(self, outputs: Properties) -> Lines:
        """How the world differs from what was applied."""
        state = MailState.of(outputs)
        rows = lines_between(state.applied_maps, state.inputs.maps)
        return (*rows, *script_lines(state.applied_scripts, state.inputs.scripts))

    # -- inside ------------------------------------------------------------------------------------

    async def _write(
        self, urn: str, inputs: MailInputs, before: MailState | None, *, preview: bool
    ) -> dict[str, Any]:
        work = MailWork(inputs, before, self._told.consents(urn))
        known = before is not None and before.inputs.target.place == inputs.target.place
        known = known or self._claims.known(inputs.target) is not None
        if not known and (holding := await self._holding(urn, inputs.target, fresh=not preview)):
            raise refused([holding.refusal()])
        self._claims.claim(inputs.target, urn, work)
        changes = await self._carry_out(work, preview=preview)
        return MailState(inputs, inputs.maps, inputs.scripts, changes.kept).plain()

    async def _holding(self, urn: str, target: MailTarget, *, fresh: bool = False) -> Holding | None:
        """What another stack holds at this place; ``fresh``: as of now."""
        return await self._watch.holder(urn, target.domain, self.token, target.place, _place_of, fresh=fresh)

    def _closing(self, urn: str, state: MailState) -> MailWork:
        return closing_of(state, self._told.consents(urn), self._told.removal(urn))

    async def _carry_out(self, work: MailWork, *, preview: bool) -> MailChange:
        return await self._in_thread(lambda: carry_out(self._host(work.target), work, preview=preview))

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(AT_ONCE)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _host(self, target: MailTarget) -> MailHost:
        return MailHost(target, environment.sieve_password(target.login, self._secret()))


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _place_of(outputs: Properties) -> tuple[object, ...]:
    return MailState.of(outputs).inputs.target.place


def _stays(old: MailTarget, new: MailTarget) -> Lines:
    """What is left behind where a domain's mailboxes move."""
    pairs = ((old.folder, new.folder), (old.login, new.login))
    return tuple(
        f"= {there} stays as it is: take it down when nothing reads it any more"
        for there, now in pairs
        if there and there != now
    )


def _ours(texts: Mapping[str, str | None], domain: str) -> dict[str, dict[str, str]]:
    rows: dict[str, dict[str, str]] = {}
    for name in tables.NAMES:
        for entry in tables.about(name, texts.get(name) or "", domain):
            if entry.ours:
                rows.setdefault(name, {}).setdefault(entry.key, entry.value)
    return rows


def difference(old: MailState, new: MailInputs) -> DiffResponse:
    """What an update would be about. Paths exist in the inputs, or the CLI prints no lines."""
    details = {}
    parts = (
        ("maps", old.inputs.maps, old.applied_maps, new.maps),
        ("scripts", old.inputs.scripts, old.applied_scripts, new.scripts),
    )
    for name, seen, applied, after in parts:
        for key in sorted({*seen, *after}):
            if seen.get(key) != after.get(key) or applied.get(key) != after.get(key):
                details[f'{name}["{key}"]'] = kind(key, seen, after)
    return response(details, _place(old.inputs.target), _place(new.target))


def _place(target: MailTarget) -> dict[str, Any]:
    return {
        "domain": target.domain,
        "folder": target.folder,
        "server": target.server,
        "port": target.port,
        "masterUser": target.master_user,
        "caFile": target.ca_file,
        "delimiter": target.delimiter,
    }
