"""One resource's work on one host: read, change, gate, apply, and again where others were quicker."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mailwright.deploy import reviewed
from mailwright.deploy.dns.values import Inputs, Records, State, planned
from mailwright.deploy.errors import DeployError, refused
from mailwright.hosts.dns.base import DnsClient, Moved, Partly
from mailwright.hosts.dns.service import Shape, Target
from mailwright.model.changes import ChangeSet
from mailwright.model.consent import Consent
from mailwright.model.families import WHOLE, family_of
from mailwright.model.names import absolute, key
from mailwright.model.records import Observed, PlannedRecord
from mailwright.model.text import Text
from mailwright.plan.transition.change import Owned, change, keys_to_read, settled
from mailwright.plan.transition.gate import gate

#: Seconds for which a reading may stand in for the next one.
FRESH = 30.0

#: How often a change is worked out anew because somebody else wrote to the same sets.
ATTEMPTS = 4


_CHANGED_MEANWHILE = Text(
    "{domain}: changed by somebody else since it was looked at: {sets}. "
    "Nothing was written; look again (`refresh`), then decide.",
    "{domain}：查看之后被他人修改：{sets}。未写入任何内容；请重新查看（`refresh`）后再决定。",
)


@dataclass(frozen=True, slots=True)
class Work:
    """What one operation wants: records (none: destroy), on what ground, and who consented.

    ``before`` is what the engine believes the world to hold of ours (None: nothing is known);
    ``intend`` is told what will be ours just before it is written; ``removal`` is the command by which all
    of it is about to go, '' where it stays, and ``found`` what stood there before the first apply.
    """

    target: Target
    records: tuple[PlannedRecord, ...]
    as_of: dt.date
    owned: Owned = field(default_factory=Owned)
    consents: tuple[Consent, ...] = ()
    before: Records | None = None
    intend: Callable[[ChangeSet], None] | None = None
    removal: str = ""
    found: Records | None = None


def owned_by(state: State, *, also_seen: bool | Collection[str] = False) -> Owned:
    """What a state says is ours; ``also_seen``: with what was last seen, at all or these keys."""
    values = {pair: set(texts) for pair, (_, texts) in state.applied.items()}
    seen = state.inputs.records.keys() if also_seen is True else also_seen or ()
    for pair, (_, planned_values) in state.inputs.records.items():
        if pair in seen:
            values.setdefault(pair, set()).update(planned_values)
    return Owned({pair: tuple(sorted(texts)) for pair, texts in values.items()}, state.retiring)


def sets_at(target: Target, outputs: Mapping[str, Any]) -> frozenset[str]:
    """The sets that a resource holds in a target's zone, ``NAME TYPE``; none where it cannot be read."""
    try:
        state = State.of(outputs)
    except (KeyError, ValueError, TypeError, AttributeError):
        return frozenset()
    (zone, _, where), there = target.place, state.inputs.target.place
    return frozenset(state.applied) if (there[0], there[2]) == (zone, where) else frozenset()


def without(work: Work, sets: Collection[str]) -> Work:
    """The same work with these sets (``NAME TYPE``) owned by others."""
    records = {pair: values for pair, values in work.owned.records.items() if pair not in sets}
    retiring = tuple(one for one in work.owned.retiring if key(one.name, one.type) not in sets)
    return replace(work, owned=replace(work.owned, records=records, retiring=retiring))


@contextlib.asynccontextmanager
async def _together(host: DnsClient) -> AsyncIterator[None]:
    """One connection for all of an operation, where the host can do that."""
    if isinstance(host, contextlib.AbstractAsyncContextManager):
        async with host:
            yield
    else:
        yield


@dataclass(frozen=True, slots=True)
class Glance:
    """A host and what was read of it a moment ago; ``at`` in seconds of the monotonic clock.

    The host remembers the records as stored, and an UPDATE requires every set it touches to be
    so still: whoever writes in between is noticed, as after any other reading.
    """

    host: DnsClient
    observed: Observed
    at: float = field(default_factory=time.monotonic)

    def shows(self, keys: Iterable[tuple[str, str]]) -> bool:
        """Whether this is recent and has all of these sets."""
        return time.monotonic() - self.at < FRESH and {key(*pair) for pair in keys} <= self.observed.asked


async def carry_out(
    host: DnsClient, work: Work, *, preview: bool = False, glance: Glance | None = None
) -> tuple[ChangeSet, Partly | None]:
    """Bring the world to what ``work`` wants, or say in a preview what that would change.

    ``glance`` spares the first reading; Partly tells where the host stopped in the middle. Raises
    Refused, HostError, and DeployError where our own records were changed by others.
    """
    keys = keys_to_read(work.records, work.owned, work.target.domain)
    known = None
    if glance and glance.shows(keys):
        host, known = glance.host, glance.observed
    expected = work.before
    async with _together(host):
        for attempt in range(1, ATTEMPTS + 1):
            observed = known or await host.read(keys)
            known = None
            _refuse_moved(work, observed, expected)
            changes = judged(work, observed)
            if preview:
                reviewed.note(changes)
                return changes, None
            if changes.is_empty:
                return changes, None
            reviewed.require(changes)
            if work.intend:
                work.intend(changes)
            try:
                return changes, await host.apply(changes)
            except Moved:
                if attempt == ATTEMPTS:
                    raise
                expected = settled(observed, work.owned, ())
    raise AssertionError("unreachable: the last attempt raises")  # pragma: no cover


def judged(work: Work, observed: Observed) -> ChangeSet:
    """The change, once it has passed the gate. Raises Refused."""
    changes = to_change(work, observed)
    refusals = gate(changes, work.consents)
    if refusals:
        raise refused(refusals, removal=work.removal)
    return changes


def to_change(work: Work, observed: Observed) -> ChangeSet:
    """What has to change, not judged yet."""
    changes = change(
        work.records,
        observed,
        domain=work.target.domain,
        target=work.target.label,
        as_of=work.as_of,
        owned=work.owned,
    )
    stores = work.target.service.stores
    return replace(
        changes,
        atomic=stores.atomic is not False,
        whole_zone=stores.shape is Shape.WHOLE_ZONE,
        found={pair: values for pair, (_, values) in (work.found or {}).items()},
    )


def _refuse_moved(work: Work, observed: Observed, expected: Records | None) -> None:
    """Ours differ from what the engine showed: nobody has reviewed what would happen now."""
    if expected is None or not work.records:
        return
    now = settled(observed, work.owned, ())
    values_by_key = {record.key: set[str]() for record in work.records}
    for planned_record in work.records:
        values_by_key[planned_record.key] |= set(planned_record.values)
    moved = []
    for pair in sorted({*expected, *now} & {*work.owned.records}):
        seen, believed = set(_values(now, pair)), set(_values(expected, pair))
        if seen not in (believed, values_by_key.get(pair, set())):
            moved.append(pair)
    if moved:
        raise DeployError(_CHANGED_MEANWHILE, domain=work.target.domain, sets=", ".join(moved))


def _values(records: Mapping[str, tuple[int, tuple[str, ...]]], pair: str) -> tuple[str, ...]:
    return records.get(pair, (0, ()))[1]


async def look(host: DnsClient, state: State) -> tuple[Records, Glance]:
    """Our records as the world has them now, in the state's own words where they say the same."""
    domain = state.inputs.target.domain
    owned = owned_by(state)
    records = planned(state.applied)
    observed = await host.read(keys_to_read(records, owned, domain))
    return _ours(state, settled(observed, owned, records), observed), Glance(host, observed)


def _ours(state: State, live: Records, observed: Observed) -> Records:
    records: dict[str, tuple[int, tuple[str, ...]]] = {}
    for pair, (ttl, values) in live.items():
        applied = state.applied.get(pair)
        name, _, type = pair.rpartition(" ")
        there = observed.get(name, type)
        ours = [
            *values,
            *(
                retiring_value.value
                for retiring_value in state.retiring
                if (retiring_value.name, retiring_value.type) == (name, type)
            ),
        ]
        shared = there is not None and len(set(there.plain) - set(ours)) > 0
        # A TTL is the whole set's: beside foreign values theirs stands and is no drift of ours.
        records[pair] = (applied[0] if applied and shared else ttl, tuple(sorted(values)))
    return records


async def discover(host: DnsClient, target: Target) -> Records:
    """What an unknown domain has of the families that exclude each other (``pulumi import``)."""
    apex = absolute(target.domain)
    keys = keys_to_read((), Owned(), target.domain) | {("_smtp._tls." + apex, "TXT")}
    records: dict[str, tuple[int, tuple[str, ...]]] = {}
    for record_set in await host.read(keys):
        ours = [v for v in record_set.plain if family_of(record_set.name, record_set.type, v) in WHOLE]
        if ours:
            records[f"{record_set.name} {record_set.type}"] = (record_set.ttl, tuple(sorted(set(ours))))
    return records


def work_of(inputs: Inputs, consents: tuple[Consent, ...], owned: Owned | None = None) -> Work:
    """The work that inputs ask for."""
    return Work(
        target=inputs.target,
        records=planned(inputs.records),
        as_of=inputs.as_of,
        owned=owned or Owned(),
        consents=consents,
    )
