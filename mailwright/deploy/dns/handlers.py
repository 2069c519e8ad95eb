"""The handlers for ``DnsRecords``: a domain's records in one zone at any host that our provider writes to."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pulumi.provider.experimental.provider import DiffResponse

from mailwright.deploy import reviewed
from mailwright.deploy.claims import Claims
from mailwright.deploy.dns import checking
from mailwright.deploy.dns.applying import (
    Glance,
    Work,
    carry_out,
    discover,
    look,
    owned_by,
    sets_at,
    to_change,
    without,
    work_of,
)
from mailwright.deploy.dns.by_hand import ByHand
from mailwright.deploy.dns.differences import difference, in_old_order
from mailwright.deploy.dns.found import found_before, handed_over
from mailwright.deploy.dns.going_on import FORGOTTEN, GoingOn, first_uses, is_sheet
from mailwright.deploy.dns.lines import lines_between, lines_seen, lines_written
from mailwright.deploy.dns.partly import state_after, stopped
from mailwright.deploy.dns.values import Inputs, Records, State
from mailwright.deploy.errors import DeployError, Unfinished, lang, refusal, refused
from mailwright.deploy.given import environment
from mailwright.deploy.given.beside import Holding, Watch
from mailwright.deploy.given.told import Told
from mailwright.deploy.properties import (
    Failure,
    Held,
    Intend,
    Judged,
    Lines,
    Problem,
    Properties,
)
from mailwright.deploy.run import notes
from mailwright.deploy.said import wrong
from mailwright.deploy.tokens import DNS_RECORDS, JUDGE
from mailwright.hosts.dns.base import DnsClient, HostError
from mailwright.hosts.dns.service import Connections, Secret, Target
from mailwright.hosts.dns.services import target_from_id, target_of
from mailwright.model.changes import ChangeSet
from mailwright.model.finding import Finding
from mailwright.plan.transition.change import Owned, keys_to_read
from mailwright.plan.transition.gate import gate
from mailwright.plan.transition.notices import notices, notices_text

#: Hosts that ``judge`` asks at the same time.
AT_ONCE = 32


class DnsHandler:
    """Checks, reads and writes ``DnsRecords``; properties are plain.

    Args:
        secret: gives a credential, None where it is not set.
        told: what the program says of this run.
        watch: knows the stacks beside this one; default one that looks from the current folder.
        intend: called before every write with what will be ours.
    """

    token = DNS_RECORDS
    function = JUDGE
    essence = "records"
    derived: Mapping[str, frozenset[str]] = {"records": frozenset({"applied", "retiring", "found", "asked"})}

    def __init__(
        self,
        secret: Callable[[Secret], str | None],
        told: Told,
        watch: Watch | None = None,
        intend: Intend | None = None,
    ) -> None:
        self._secret = secret
        self._told = told
        self._watch = watch or Watch()
        self._intend = intend
        self._connections: dict[str, Connections] = {}
        self._claims: Claims[State] = Claims()
        self._glances: dict[str, Glance] = {}
        self._by_hand = ByHand()
        self._going_on = GoingOn()
        self._written: dict[str, Lines] = {}

    async def close(self) -> None:
        """Close what is still open; the handler can be used again afterwards."""
        for connection in self._connections.values():
            await connection.close()

    # -- the protocol ------------------------------------------------------------------------------

    def check(self, properties: Properties) -> list[Failure]:
        """What is wrong with inputs, all at once."""
        return checking.failures(properties)

    def settled(self, properties: Properties) -> dict[str, Any]:
        """Inputs in the one form that every spelling gets."""
        return Inputs.of(properties).plain()

    def diff(self, outputs: Properties, inputs: Properties) -> DiffResponse:
        """One line a record set; the day alone is no change."""
        return difference(State.of(outputs), Inputs.of(inputs))

    async def create(self, urn: str, inputs: Properties, *, preview: bool) -> tuple[str, dict[str, Any]]:
        """Adopts what is there and adds what is missing, through the gate."""
        target_inputs = Inputs.of(inputs)
        state = await self._write(urn, target_inputs, None, preview=preview)
        return target_inputs.target.id, state.plain()

    async def read(
        self, urn: str, outputs: Properties, inputs: Properties
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the world has of ours. No answer is an error; nothing there is an empty map, never gone."""
        state = State.of(outputs)
        target = state.inputs.target
        self._claims.seen(target, urn, state)
        given = Inputs.of({**outputs, **inputs})
        if is_sheet(target):
            seen = await self._by_hand.look(urn, state)
            return seen.plain(), replace(given, records=seen.inputs.records).plain()
        live, self._glances[target.id] = await look(self._client(target), state)
        seen = replace(state, inputs=replace(state.inputs, records=live))
        # The day stays as written: refreshing changes what was seen, nothing else.
        return in_old_order(outputs, seen.plain()), replace(given, records=live).plain()

    async def update(
        self, urn: str, outputs: Properties, inputs: Properties, *, preview: bool
    ) -> dict[str, Any]:
        """From what the state says to what is asked for, through the gate."""
        state = await self._write(urn, Inputs.of(inputs), State.of(outputs), preview=preview)
        return state.plain()

    async def delete(self, urn: str, outputs: Properties, *, preview: bool) -> None:
        """Takes away what is ours by value, through the gate; not what another resource now holds."""
        state = State.of(outputs)
        work = self._leaving(urn, state)
        if not preview:
            reviewed.require_delete(urn)
        if self._claims.held_by_another(state.inputs.target, urn, work):
            self._written[urn] = ()
            return
        if holding := await self._holding(urn, work.target, fresh=not preview):
            notes.notice(holding.stays()(lang()), aloud=self._told.unjudged(urn))
            self._written[urn] = ()
            return
        if self._going_on.is_forgotten(work.target):
            self._written[urn] = ()
            if not is_sheet(work.target):
                notes.notice(FORGOTTEN.using(domain=work.target.domain, place=work.target.label)(lang()))
            return
        if is_sheet(work.target):
            self._written[urn] = ()
            await self._by_hand.let_go(work, state)
            return
        work = await self._apart(urn, work, fresh=not preview)
        changes, partly = await carry_out(self._client(work.target), work, preview=preview)
        self._written[urn] = lines_written(changes, new=False)
        for text in notices_text(notices(changes), lang()):
            notes.notice(text, aloud=self._told.unjudged(urn))
        if partly:  # what is gone already is found gone by the next run
            raise DeployError(stopped(partly))

    async def judge(self, resources: Sequence[Properties], held: Sequence[Held]) -> Judged:
        """The gate over all of a stack's inputs, each with its resource's ``urn``, in the world as it is now.

        ``held`` is what the state has of this type. What is held and neither wanted by name nor by place is
        about to be deleted, and judged as that.
        """
        at_once = asyncio.Semaphore(AT_ONCE)

        async def one(
            urn: str, target: Target, work: Work, state: State | None
        ) -> ChangeSet | DeployError | Holding | None:
            async with at_once:
                joins = target.place not in at
                if (joins or work.removal) and (holding := await self._holding(urn, target)):
                    return holding
                work = await self._apart(urn, work) if work.removal else work
                if target.place in moving:
                    carried, before = moving[target.place]
                    changes = await self._changes(target, carried, state)
                    if isinstance(changes, ChangeSet) and handed_over(changes, before):
                        return changes
                return await self._changes(target, work, state)

        states = [(urn, State.of(outputs)) for urn, outputs in held]
        at = {state.inputs.target.place: state for _, state in states}
        asked_for = [Inputs.of(resource) for resource in resources]
        names = {_name(properties["urn"]) for properties in resources}
        places = {inputs.target.place for inputs in asked_for}
        leaving = [
            (urn, state)
            for urn, state in states
            if _name(urn) not in names and state.inputs.target.place not in places
        ]
        self._going_on = GoingOn.of([inputs.target for inputs in asked_for], [state for _, state in leaving])
        moving: dict[tuple[str, str, str], tuple[Work, State]] = {}
        asked: list[tuple[str, Target, Work, State | None]] = []
        for resource, inputs in zip(resources, asked_for, strict=True):
            known = at.get(inputs.target.place)
            work = work_of(inputs, self._told.consents(resource["urn"]), _owned(known, inputs))
            asked.append((resource["urn"], inputs.target, work, known))
            before = dict(states).get(resource["urn"]) or self._going_on.before(inputs.target)
            if known is None and before:  # the same domain by another way, or at another host
                carried = work_of(inputs, self._told.consents(resource["urn"]), _owned(before, inputs))
                moving[inputs.target.place] = (carried, before)
        asked += [
            (urn, state.inputs.target, self._leaving(urn, state), state)
            for urn, state in leaving
            if not self._going_on.is_forgotten(state.inputs.target)
        ]
        outcomes = await asyncio.gather(*(one(*task) for task in asked))
        first = first_uses(
            [inputs.target for inputs in asked_for], [state.inputs.target for _, state in states]
        )
        problems: list[Problem] = []
        findings: list[Finding] = []
        texts = [notice(lang()) for notice in self._watch.unseen()]
        for (_, target, work, _), outcome in zip(asked, outcomes, strict=True):
            if isinstance(outcome, Holding) and work.removal:
                texts.append(outcome.stays()(lang()))
            elif isinstance(outcome, Holding):
                problems.append(refusal(target.domain, [outcome.refusal()]))
            elif isinstance(outcome, DeployError):
                problems.append(Problem(target.domain, str(outcome), leaving=bool(work.removal)))
            elif outcome is not None:
                findings += notices(outcome)
                if refusals := gate(outcome, work.consents):
                    problems.append(refusal(target.domain, refusals, removal=work.removal))
        return Judged(tuple(problems), (*first, *texts, *notices_text(findings, lang())))

    async def adopt(self, urn: str, id: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Only the id is known (``pulumi import``). Raises DeployError where it says nothing."""
        try:
            target = target_from_id(id)
        except ValueError:
            raise DeployError(wrong.DNS_ID, id=id) from None
        live = await discover(self._client(target), target)
        inputs = Inputs(target, live, environment.as_of() or dt.date.today())
        state = State(inputs, live, found=live)
        self._claims.seen(target, urn, state)
        return target.id, state.plain(), inputs.plain()

    # -- in words ----------------------------------------------------------------------------------

    def moved(self, before: Properties, after: Properties) -> bool:
        """Whether inputs lead somewhere else."""
        return Inputs.of(before).target.place != Inputs.of(after).target.place

    def lines(self, urn: str, before: Properties | None, after: Properties | None) -> Lines:
        """What the last write of this resource changed, or would; else the difference of two outputs.

        A record a line: ``+``, ``-``, ``~``, ``=``.
        """
        old, new = (None if body is None else State.of(body) for body in (before, after))
        if new is not None and new.asked is not None:
            return lines_seen(old, new)
        written = self._written.get(urn)
        if written is not None:
            return written
        return lines_between(old.inputs.records if old else {}, new.inputs.records if new else {})

    def drifted(self, outputs: Properties) -> Lines:
        """How the world differs from what was applied."""
        state = State.of(outputs)
        return lines_between(state.applied, state.inputs.records)

    # -- inside ------------------------------------------------------------------------------------

    async def _write(self, urn: str, inputs: Inputs, before: State | None, *, preview: bool) -> State:
        target = inputs.target
        here = before if before and before.inputs.target.place == target.place else None
        carried = await self._carried(urn, inputs) if before is None else None
        work = work_of(inputs, self._told.consents(urn), _owned(before or carried, inputs))
        if here:
            work = replace(work, before=here.inputs.records)
        # A resource that is made anew takes up what a renamed one knew of the same place.
        known = self._claims.known(target) if before is None else here

        def intend(changes: ChangeSet) -> None:
            if self._intend:
                self._intend(urn, _state(inputs, changes, found_before(changes, here)).plain())

        joins = here is None and known is None
        if joins and (holding := await self._holding(urn, target, fresh=not preview)):
            raise refused([holding.refusal()])
        known = known or carried
        self._claims.claim(target, urn, work)
        if is_sheet(target):
            return await self._by_hand.ask(inputs, work, known, preview=preview)
        self._written.pop(urn, None)
        glance = self._glances.pop(target.id, None)
        changes, partly = await carry_out(
            self._client(target), replace(work, intend=intend), preview=preview, glance=glance
        )
        if partly:
            left = state_after(inputs, changes, partly, known)
            raise Unfinished(stopped(partly), target.id, left.plain())
        self._written[urn] = lines_written(changes, new=before is None)
        return _state(inputs, changes, found_before(changes, known or handed_over(changes, before)))

    def _leaving(self, urn: str, state: State) -> Work:
        """To take away all that a state says is ours."""
        return Work(
            target=state.inputs.target,
            records=(),
            as_of=environment.as_of() or dt.date.today(),
            owned=owned_by(state, also_seen=True),
            consents=self._told.consents(urn),
            removal=self._told.removal(urn),
            found=state.found,
        )

    async def _holding(self, urn: str, target: Target, *, fresh: bool = False) -> Holding | None:
        """What another stack holds at this place; ``fresh``: as of now."""
        return await self._watch.holder(urn, target.domain, self.token, target.place, _place_of, fresh=fresh)

    async def _apart(self, urn: str, work: Work, *, fresh: bool = False) -> Work:
        """Without the sets of another stack in this zone: a sender's SPF at a name that is a domain there."""
        others = await self._watch.relatives(urn, work.target.domain, self.token, fresh=fresh)
        return without(work, {pair for outputs in others for pair in sets_at(work.target, outputs)})

    async def _carried(self, urn: str, inputs: Inputs) -> State | None:
        """What another way of the same domain knew, where this one shows just what that one applied."""
        before = self._going_on.before(inputs.target)
        if before is None:
            return None
        work = work_of(inputs, self._told.consents(urn), _owned(before, inputs))
        changes = await self._changes(inputs.target, work, None)
        return handed_over(changes, before) if isinstance(changes, ChangeSet) else None

    async def _changes(
        self, target: Target, work: Work, state: State | None
    ) -> ChangeSet | DeployError | None:
        """None where nobody knows what is there, and so nothing may be judged."""
        if is_sheet(target):
            return await self._by_hand.changes(work, state)
        try:
            glance = await self._glance(target, work)
        except (HostError, DeployError) as error:
            reason = error.text(lang()) if isinstance(error, HostError) else str(error)
            return DeployError(f"{target.domain}: {reason}")
        return to_change(work, glance.observed)

    async def _glance(self, target: Target, work: Work) -> Glance:
        """What the refresh has just read, or a reading; it serves the change that follows, once."""
        keys = keys_to_read(work.records, work.owned, target.domain)
        glance = self._glances.get(target.id)
        if glance is None or not glance.shows(keys):
            client = self._client(target)
            glance = self._glances[target.id] = Glance(client, await client.read(keys))
        return glance

    def _client(self, target: Target) -> DnsClient:
        service = target.service
        if service.name not in self._connections:
            assert service.open is not None, "checked: only services of our provider get so far"
            self._connections[service.name] = service.open()
        return self._connections[service.name].client(target, service.credentials(self._secret))


def _place_of(outputs: Properties) -> tuple[str, str, str]:
    return target_of(outputs).place


def _owned(before: State | None, inputs: Inputs) -> Owned | None:
    """What is ours already; with what was last seen of sets that are asked for no more."""
    if before is None:
        return None
    return owned_by(before, also_seen=set(before.inputs.records) - set(inputs.records))


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _state(inputs: Inputs, changes: ChangeSet, records: Records | None) -> State:
    return State(inputs, inputs.records, changes.retiring, records)
