"""One domain's mailboxes at a mail host behind its API: read, change, gate, apply step by step, read back.

A run may end after any step: everything that it would do is decided anew from what stands there.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from mailwright.deploy import reviewed
from mailwright.deploy.errors import DeployError, Unfinished, lang, refused
from mailwright.deploy.mail.hosted import gate, said
from mailwright.deploy.mail.hosted.values import HostedInputs, HostedState, HostedTarget
from mailwright.hosts.dns.base import HostError
from mailwright.hosts.mail.google.account import ServiceAccount
from mailwright.hosts.mail.google.api import Google
from mailwright.hosts.mail.google.changing import Asked, Step, steps, waiting
from mailwright.hosts.mail.google.rows import Rows, parts, rows, wish
from mailwright.hosts.mail.google.standing import read
from mailwright.hosts.mail.google.writing import Writer
from mailwright.model.consent import Consent
from mailwright.model.finding import Finding
from mailwright.model.text import visible

#: Seconds before each further look at what was written.
LOOK_AGAIN = (0.2, 1.0, 3.0, 6.0, 10.0)


@dataclass(frozen=True, slots=True)
class HostedWork:
    """What one operation wants, and what is known of before.

    ``closing``: ours go and everything else stays, what stood there before us too. ``removal`` is the command
    by which they go.
    """

    inputs: HostedInputs
    before: HostedState | None = None
    consents: tuple[Consent, ...] = ()
    closing: bool = False
    removal: str = ""

    @property
    def target(self) -> HostedTarget:
        """Where."""
        return self.inputs.target

    @property
    def as_of(self) -> dt.date:
        """The day of the plan."""
        return self.inputs.as_of

    @property
    def ours(self) -> Rows:
        """Lines that an earlier run left as ours at this very place."""
        same = self.before is not None and self.before.inputs.target.place == self.target.place
        return self.before.applied if self.before is not None and same else {}

    @property
    def asked(self) -> Asked:
        """What is wanted."""
        stood = self.before.found if self.before is not None else {}
        planned = {} if self.closing else self.inputs.objects
        return Asked(planned, frozenset(self.ours), frozenset(stood) if self.closing else frozenset())

    @property
    def looked_at(self) -> Rows:
        """Every line that matters here."""
        return {**self.ours, **self.inputs.objects}


@dataclass(frozen=True, slots=True)
class HostedChange:
    """Everything one apply does to one domain; ``there`` is what was read."""

    domain: str
    target: str
    as_of: dt.date
    steps: tuple[Step, ...]
    there: Rows = field(default_factory=dict)
    refusals: tuple[Finding, ...] = ()
    waits: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether applying this would do nothing."""
        return not self.steps

    def digest(self, version: str) -> str:
        """Binds a review to an apply (hex SHA-256)."""
        body = [
            [version, self.domain, self.target, self.as_of.isoformat()],
            [[step.key, step.before, step.after] for step in self.steps],
        ]
        return hashlib.sha256(json.dumps(body, ensure_ascii=True).encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class HostedHost:
    """One target and the right to change it."""

    target: HostedTarget
    account: ServiceAccount = field(repr=False)

    def open(self) -> Google:
        """A way there; whoever opens it closes it."""
        return Google(self.account, self.target.admin, self.target.base_url)

    async def read(self, google: Google, lines: Rows) -> dict[str, str]:
        """What stands there of a domain: users and groups whole, mailboxes where ``lines`` look into them."""
        return rows(await read(google, self.target.domain, wish(lines)), lines)


def to_change(work: HostedWork, there: Rows) -> HostedChange:
    """What has to change, and what must not without consent."""
    asked = work.asked
    seen = _without_unproven(there, work)
    todo = steps(seen, asked)
    refusals = gate.judge(
        seen,
        todo,
        ours=asked.ours,
        roles=_roles(work),
        consents=work.consents,
        day=work.as_of,
    )
    waits = {} if work.closing else waiting(seen, asked.rows)
    return HostedChange(work.target.domain, work.target.label, work.as_of, todo, seen, refusals, waits)


def _without_unproven(there: Rows, work: HostedWork) -> dict[str, str]:
    """That nobody has an app password says nothing of the password: only a run of ours has changed it."""
    return {key: value for key, value in there.items() if not key.startswith("locked ") or key in work.ours}


def _roles(work: HostedWork) -> frozenset[str]:
    lines = work.ours if work.closing else work.inputs.objects
    users = {parts(key)[1] for key in lines if key.startswith("user ")}
    return frozenset(users - work.inputs.names.keys())


async def judged(host: HostedHost, google: Google, work: HostedWork, *, looked: bool = True) -> HostedChange:
    """The change, once everything speaks for it.

    ``looked``: what ``work`` knows of before is what the engine has just shown. Raises Refused, DeployError,
    HostError.
    """
    changes = to_change(work, await host.read(google, work.looked_at))
    _refuse_mailboxes(work, changes)
    if changes.refusals:
        raise refused(changes.refusals, removal=work.removal)
    if looked:
        _refuse_moved(work, changes.there)
    return changes


def _refuse_mailboxes(work: HostedWork, changes: HostedChange) -> None:
    deleted = sorted(step.address for step in changes.steps if step.kind == "user" and step.after is None)
    if deleted:
        shown = {"addresses": ", ".join(deleted), "service": work.target.service}
        raise DeployError(said.MAILBOX_IN_THE_WAY, domain=work.target.domain, **shown)


def _refuse_moved(work: HostedWork, there: Rows) -> None:
    """Ours differ from what the engine showed: nobody has reviewed what would happen now."""
    if work.before is None or work.closing or work.before.inputs.target != work.target:
        return
    seen, planned = work.before.inputs.objects, work.inputs.objects
    moved = [
        key
        for key, value in there.items()
        if key in work.ours and key in seen and value not in (seen[key], planned.get(key))
    ]
    if moved:
        places = visible(", ".join(sorted(moved)))
        raise DeployError(said.MOVED, domain=work.target.domain, places=places)


async def carry_out(host: HostedHost, work: HostedWork, *, preview: bool = False) -> HostedState:
    """Bring the account to what is wanted, or say in a preview what that would change; the state afterwards.

    Raises Refused, DeployError, HostError; Unfinished once something was written and not all of it.
    """
    google = host.open()
    try:
        changes = await judged(host, google, work)
        if preview:
            reviewed.note(changes)
            return state_after(work, changes, changes.steps)
        if not changes.is_empty:
            reviewed.require(changes)
        return await _applied(host, google, work, changes)
    finally:
        google.close()


async def _applied(host: HostedHost, google: Google, work: HostedWork, changes: HostedChange) -> HostedState:
    writer = Writer(google, work.inputs.names)
    done: list[Step] = []
    try:
        for step in changes.steps:
            await writer.carry_out(step)
            done.append(step)
    except HostError as error:
        raise _unfinished(work, changes, done, error.text(lang())) from None
    waits = set(changes.waits.values()) | {target for _, target in writer.pending}
    held = {f"forwarding {box} {target}" for box, target in writer.pending}
    if waits:
        addresses = ", ".join(sorted(waits))
        reason = said.WAITS.using(domain=work.target.domain, addresses=addresses)(lang())
        raise _unfinished(work, changes, [step for step in done if step.key not in held], reason)
    await _read_back(host, google, work, changes)
    return state_after(work, changes, changes.steps)


async def _read_back(host: HostedHost, google: Google, work: HostedWork, changes: HostedChange) -> None:
    """What was written is what Google shows, after a while; the lock of an account was answered for."""
    if changes.is_empty:
        return
    then = gate.after(changes.there, changes.steps)
    touched = {step.key for step in changes.steps if step.kind != "locked"}
    for pause in (*LOOK_AGAIN, None):
        now = await host.read(google, work.looked_at)
        missing = sorted(key for key in touched if now.get(key) != then.get(key))
        if not missing:
            return
        if pause is None:
            raise _unfinished(
                work,
                changes,
                changes.steps,
                said.UNSEEN.using(domain=work.target.domain, places=visible(", ".join(missing)))(lang()),
            )
        await asyncio.sleep(pause)


def _unfinished(
    work: HostedWork, changes: HostedChange, done: list[Step] | tuple[Step, ...], reason: str
) -> Exception:
    """What is kept where a run stopped: lines that were written, and those that were ours."""
    if not done and work.before is None:
        return DeployError(reason)
    left = [step for step in changes.steps if step not in done]
    text = reason
    if left or done:
        keys = (", ".join(dict.fromkeys(step.key for step in several)) or "–" for several in (done, left))
        shown = dict(zip(("done", "left"), keys, strict=True))
        text = said.STOPPED.using(reason=reason, **shown)(lang())
    return Unfinished(text, work.target.id, state_after(work, changes, tuple(done), whole=False).plain())


def state_after(
    work: HostedWork, changes: HostedChange, done: tuple[Step, ...], *, whole: bool = True
) -> HostedState:
    """The state once these steps were done. What stood there before us, as we wanted it, is found."""
    planned = work.inputs.objects
    then = gate.after(changes.there, done)
    known = {key: then[key] for key in {*work.ours, *planned} if key in then}
    ours = {key: value for key, value in known.items() if key in work.ours or planned.get(key) == value}
    before = work.before.found if work.before is not None else {}
    fresh = {key: value for key, value in changes.there.items() if key in planned and key not in work.ours}
    stood = {**before, **{key: value for key, value in fresh.items() if planned[key] == value}}
    applied = dict(planned) if whole else ours
    seen = HostedInputs(work.target, applied if whole else ours, work.inputs.names, work.as_of)
    return HostedState(seen, applied, {key: value for key, value in stood.items() if key in applied})
