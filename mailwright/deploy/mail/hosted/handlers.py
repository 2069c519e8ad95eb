"""The handler for ``HostedMailboxes``: users, groups and mailbox settings at a mail host behind its API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pulumi.provider.experimental.provider import DiffResponse

from mailwright.deploy import reviewed
from mailwright.deploy.claims import Claims
from mailwright.deploy.errors import DeployError, Refused, lang, refusal
from mailwright.deploy.given import environment
from mailwright.deploy.given.told import Told
from mailwright.deploy.mail.applying import lines_between
from mailwright.deploy.mail.hosted import said
from mailwright.deploy.mail.hosted.applying import HostedHost, HostedWork, carry_out, judged
from mailwright.deploy.mail.hosted.values import (
    JUDGE,
    TOKEN,
    HostedInputs,
    HostedState,
    HostedTarget,
    failures,
)
from mailwright.deploy.properties import Failure, Held, Judged, Lines, Problem, Properties, kind, response
from mailwright.deploy.said import wrong
from mailwright.hosts.dns.base import HostError
from mailwright.hosts.mail.google.account import service_account


class HostedHandler:
    """Checks, reads and writes ``HostedMailboxes``; properties are plain.

    Args:
        secret: gives the service account, None where there is none.
        told: what the program says of this run.
    """

    token = TOKEN
    function = JUDGE
    essence = "objects"
    derived: Mapping[str, frozenset[str]] = {"objects": frozenset({"applied", "found"})}

    def __init__(self, secret: Callable[[], str | None], told: Told) -> None:
        self._secret = secret
        self._told = told
        self._claims: Claims[HostedState] = Claims()

    async def close(self) -> None:
        """Nothing stays open between calls."""

    # -- the protocol ------------------------------------------------------------------------------

    def check(self, properties: Properties) -> list[Failure]:
        """What is wrong with inputs, all at once."""
        return failures(properties)

    def settled(self, properties: Properties) -> dict[str, Any]:
        """Inputs in the one form that every spelling gets."""
        return HostedInputs.of(properties).plain()

    def diff(self, outputs: Properties, inputs: Properties) -> DiffResponse:
        """One line an object; the day and people's names alone are no change."""
        old, new = HostedState.of(outputs), HostedInputs.of(inputs)
        seen, after = old.inputs.objects, new.objects
        details = {
            f'objects["{key}"]': kind(key, seen, after)
            for key in sorted({*seen, *after})
            if seen.get(key) != after.get(key) or old.applied.get(key) != after.get(key)
        }
        return response(details, _place(old.inputs.target), _place(new.target))

    async def create(self, urn: str, inputs: Properties, *, preview: bool) -> tuple[str, dict[str, Any]]:
        """Adopts what is there and adds what is missing, through the gate."""
        hosted = HostedInputs.of(inputs)
        return hosted.target.id, await self._write(urn, hosted, None, preview=preview)

    async def read(
        self, urn: str, outputs: Properties, inputs: Properties
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the account has of ours. No answer is an error, never gone."""
        state = HostedState.of(outputs)
        host = self._host(state.inputs.target)
        google = host.open()
        try:
            there = await host.read(google, state.applied)
        finally:
            google.close()
        seen = {key: there[key] for key in state.applied if key in there}
        given = HostedInputs.of({**outputs, **inputs})
        # The day stays as written: refreshing changes nothing else.
        now = replace(state, inputs=replace(state.inputs, objects=seen))
        self._claims.seen(state.inputs.target, urn, now)
        return now.plain(), replace(given, objects=seen).plain()

    async def update(
        self, urn: str, outputs: Properties, inputs: Properties, *, preview: bool
    ) -> dict[str, Any]:
        """From what the state says to what is asked for, through the gate."""
        return await self._write(urn, HostedInputs.of(inputs), HostedState.of(outputs), preview=preview)

    async def delete(self, urn: str, outputs: Properties, *, preview: bool) -> None:
        """Takes away what we made, through the gate; not what another resource now holds.

        A spec that only leaves the API changes nothing there: people go on working.
        """
        work = self._closing(urn, HostedState.of(outputs))
        if not preview:
            reviewed.require_delete(urn)
        if self._leaves(work) or self._claims.held_by_another(work.target, urn, work):
            return
        await carry_out(self._host(work.target), work, preview=preview)

    async def judge(self, resources: Sequence[Properties], held: Sequence[Held]) -> Judged:
        """Everything that speaks against these inputs, each with its resource's ``urn``.

        What is held and neither wanted by name nor by place is about to leave.
        """
        states = [(urn, HostedState.of(outputs)) for urn, outputs in held]
        at = {state.inputs.target.place: state for _, state in states}
        todo = [
            HostedWork(inputs, at.get(inputs.target.place), self._told.consents(resource["urn"]))
            for resource in resources
            for inputs in [HostedInputs.of(resource)]
        ]
        problems = [problem for work in todo if (problem := await self._problem(work))]
        new = [work.target for work in todo if work.before is None]
        notices = [
            said.EXPERIMENTAL.using(domain=target.domain, service=target.service)(lang()) for target in new
        ]
        return Judged(tuple(problems), tuple(notices))

    async def _problem(self, work: HostedWork) -> Problem | None:
        domain = work.target.domain
        try:
            host = self._host(work.target)
            google = host.open()
            try:
                await judged(host, google, work, looked=False)
            finally:
                google.close()
        except Refused as error:
            return refusal(domain, error.findings, removal=work.removal)
        except (DeployError, HostError) as error:
            text = error.text(lang()) if isinstance(error, HostError) else str(error)
            return Problem(domain, f"{domain}: {text}")
        return None

    async def adopt(self, urn: str, id: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Only the id is known (``pulumi import``): the next run adopts what the spec names, and no more."""
        try:
            target = HostedTarget.from_id(id)
        except ValueError:
            raise DeployError(wrong.HOSTED_ID, id=id) from None
        inputs = HostedInputs(target, {}, {}, environment.as_of() or dt.date.today())
        state = HostedState(inputs)
        self._claims.seen(target, urn, state)
        return target.id, state.plain(), inputs.plain()

    # -- in words ----------------------------------------------------------------------------------

    def moved(self, before: Properties, after: Properties) -> bool:
        """Whether inputs lead somewhere else."""
        return HostedInputs.of(before).target.place != HostedInputs.of(after).target.place

    def lines(self, _urn: str, before: Properties | None, after: Properties | None) -> Lines:
        """What comes, goes or changes between two outputs, an object a line (``+``, ``-``, ``=``)."""
        old, new = (HostedState.of(body) if body is not None else None for body in (before, after))
        seen = old.inputs.objects if old else {}
        planned = new.inputs.objects if new else {}
        gone = [key for key in seen if key not in planned and key.startswith("user ")]
        changed = lines_between({key: seen[key] for key in seen if key not in gone}, planned)
        if old is None and new is not None:
            changed = lines_between(new.found, planned)
        return (*changed, *(said.STAYS.using(key=key)(lang()) for key in sorted(gone)))

    def drifted(self, outputs: Properties) -> Lines:
        """How the world differs from what was applied."""
        state = HostedState.of(outputs)
        return lines_between(state.applied, state.inputs.objects)

    # -- inside ------------------------------------------------------------------------------------

    async def _write(
        self, urn: str, inputs: HostedInputs, before: HostedState | None, *, preview: bool
    ) -> dict[str, Any]:
        work = HostedWork(inputs, before, self._told.consents(urn))
        self._claims.claim(inputs.target, urn, work)
        state = await carry_out(self._host(inputs.target), work, preview=preview)
        return state.plain()

    def _closing(self, urn: str, state: HostedState) -> HostedWork:
        inputs = replace(state.inputs, as_of=environment.as_of() or dt.date.today())
        consents, removal = self._told.consents(urn), self._told.removal(urn)
        return HostedWork(inputs, state, consents, closing=True, removal=removal)

    @staticmethod
    def _leaves(work: HostedWork) -> bool:
        """Whether the domain only leaves its program."""
        return work.removal == "up"

    def _host(self, target: HostedTarget) -> HostedHost:
        return HostedHost(target, service_account(self._secret() or ""))


def _place(target: HostedTarget) -> dict[str, Any]:
    return {
        "domain": target.domain,
        "service": target.service,
        "admin": target.admin,
        "baseUrl": target.base_url,
    }
