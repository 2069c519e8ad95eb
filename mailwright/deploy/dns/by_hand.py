"""A domain whose records somebody enters by hand: read, change, gate as everywhere; then there is a sheet.

Nothing is written to the world here, and nothing asked for counts as done. What all authoritative servers
show of the plan becomes ours; what they show that has to go retires from the day its successor was seen.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from mailwright.deploy import reviewed
from mailwright.deploy.dns.applying import FRESH, Work, to_change
from mailwright.deploy.dns.asked import Asked, Wish
from mailwright.deploy.dns.found import found_before
from mailwright.deploy.dns.living import Living, View
from mailwright.deploy.dns.values import Inputs, Records, State, planned
from mailwright.deploy.errors import DeployError, lang, refused
from mailwright.deploy.run import notes
from mailwright.hosts.dns.service import AS_DELEGATED, Target
from mailwright.model.changes import ChangeSet, Retiring, SetChange
from mailwright.model.finding import Finding, found
from mailwright.model.names import absolute, bare, key
from mailwright.model.text import Text
from mailwright.plan.transition.change import Owned, keys_to_read, settled
from mailwright.plan.transition.compare import canonical
from mailwright.plan.transition.gate import gate
from mailwright.plan.transition.sheet import ZONE_MOVED, Sheet, entries, to_be_there
from mailwright.plan.transition.steps import until

_UNSURE = Text(
    "{domain}: it cannot be determined what is there, so nothing may be taken away: {doubts}",
    "{domain}：无法确定现有记录，因此不能删除任何内容：{doubts}",
)

_KEPT = Text(
    "it cannot be determined what is there; it is kept as it was seen before: {doubts}",
    "无法确定现有记录，按上次看到的内容保留：{doubts}",
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What one reading comes to: the change without what nobody knows, and who refuses."""

    view: View
    zone: str
    changes: ChangeSet
    refusals: tuple[Finding, ...]
    unknown: frozenset[str]


@dataclass(slots=True)
class ByHand:
    """Every manual host of one run."""

    _living: Living = field(default_factory=Living)
    _views: dict[str, tuple[float, View]] = field(default_factory=dict)

    async def look(self, urn: str, state: State) -> State:
        """The state with what of ours the servers show; of what nobody knows, what was seen before: noted."""
        target = state.inputs.target
        owned = Owned({pair: values for pair, (_, values) in state.applied.items()}, state.retiring)
        records = planned(state.applied)
        view = await self._view(target, state, keys_to_read(records, owned, target.domain))
        if view.doubts:
            notes.unread(urn, _KEPT.using(doubts="; ".join(view.doubts))(lang()))
        if view.silent:
            return state
        live = settled(view.observed, owned, records)
        seen = {
            pair: body
            for pair in {*state.applied, *live}
            if (body := _as_seen(pair, state, live, view.unknown)) is not None
        }
        return replace(state, inputs=replace(state.inputs, records=seen))

    async def changes(self, work: Work, state: State | None) -> ChangeSet | DeployError | None:
        """What would be asked for; None where nobody knows what is there."""
        try:
            judged = await self._judged(work, state)
        except DeployError as error:
            return error
        return judged.changes if judged else None

    async def ask(self, inputs: Inputs, work: Work, before: State | None, *, preview: bool) -> State:
        """Write the sheet, and answer what is ours now. Raises Refused and DeployError."""
        judged = await self._judged(work, before)
        if judged is None:
            return await self._blind(inputs, work, before)
        if judged.refusals:
            raise refused(judged.refusals)
        if preview:
            reviewed.note(judged.changes)
        elif not judged.changes.is_empty:
            reviewed.require(judged.changes)
        state = _after(inputs, judged, before)
        self._tell(judged, state)
        return state

    async def let_go(self, work: Work, state: State) -> None:
        """Ask for everything of ours to be taken away. Raises Refused, and DeployError where nobody knows."""
        judged = await self._judged(work, state)
        if judged is None or judged.unknown:
            view = judged.view if judged else await self._view(work.target, state, ())
            raise DeployError(_UNSURE, domain=work.target.domain, doubts="; ".join(view.doubts))
        if judged.refusals:
            raise refused(judged.refusals, removal=work.removal)
        sheet = replace(_sheet(work.target, judged), entries=entries(judged.changes, ()))
        notes.sheet(replace(sheet, pending=False).plain())

    # -- inside ------------------------------------------------------------------------------------

    async def _view(self, target: Target, state: State | None, keys: Iterable[tuple[str, str]]) -> View:
        """A reading of a moment ago where it has all of these sets, else a new one."""
        pairs = {key(absolute(name), type) for name, type in keys}
        known = self._views.get(target.domain)
        if known is not None and time.monotonic() - known[0] < FRESH:
            view = known[1]
            if pairs <= view.observed.asked | view.unknown or view.silent:
                return view
        written = "" if target.zone == AS_DELEGATED else target.zone
        pinned = state.asked.zone if state and state.asked else ""
        view = await self._living.read(target.domain, written or pinned, keys)
        self._views[target.domain] = (time.monotonic(), view)
        return view

    async def _judged(self, work: Work, state: State | None) -> Judged | None:
        """None where a server is silent: then nothing is known at all. Raises Refused for another zone."""
        keys = keys_to_read(work.records, work.owned, work.target.domain)
        view = await self._view(work.target, state, keys)
        if view.silent:
            return None
        zone = _zone(work.target, state, view)
        work = replace(work, owned=replace(work.owned, retiring=_not_before_seen(work, state, view)))
        whole = to_change(work, view.observed)
        held = _held(whole, view.unknown)
        changes = _continued(_without(whole, held), state)
        return Judged(view, zone, changes, gate(changes, work.consents), held)

    async def _blind(self, inputs: Inputs, work: Work, before: State | None) -> State:
        """Nobody could look: what was known stays, and all of the plan is written down as what has to be."""
        view = await self._view(work.target, before, ())
        asked = before.asked if before and before.asked else Asked()
        kept = before or State(replace(inputs, records={}), found={})
        sheet = Sheet(
            inputs.target.domain,
            bare(asked.zone or inputs.target.zone).strip("."),
            str(inputs.target.options.get("console") or ""),
            to_be_there(work.records),
            view.doubts,
            silent=True,
            pending=True,
        )
        notes.sheet(sheet.plain())
        return replace(
            kept,
            inputs=replace(inputs, records=kept.inputs.records),
            asked=replace(asked, unsure=True),
        )

    def _tell(self, judged: Judged, state: State) -> None:
        assert state.asked is not None
        sheet = _sheet(state.inputs.target, judged)
        sheet_entries = entries(judged.changes, state.retiring)
        notes.sheet(replace(sheet, entries=sheet_entries, pending=state.asked.pending).plain())


# -- one reading ------------------------------------------------------------------------------------------


def _zone(target: Target, state: State | None, view: View) -> str:
    """The zone that names are relative to: as the spec says, else as it was found first. Raises Refused."""
    if target.zone != AS_DELEGATED:
        return target.zone
    pinned = state.asked.zone if state and state.asked else ""
    if pinned and pinned != view.zone:
        moved = found(ZONE_MOVED, domain=target.domain, before=bare(pinned), now=bare(view.zone))
        raise refused([moved])
    return view.zone


def _sheet(target: Target, judged: Judged) -> Sheet:
    return Sheet(
        target.domain,
        bare(judged.zone),
        str(target.options.get("console") or ""),
        doubts=judged.view.doubts,
        proposed=target.zone == AS_DELEGATED,
    )


def _as_seen(
    pair: str, state: State, live: Records, unknown: frozenset[str]
) -> tuple[int, tuple[str, ...]] | None:
    """One set as ``inputs.records`` has it. A console may not take every TTL, so ours is no difference."""
    if pair in unknown:
        return state.inputs.records.get(pair)
    if pair not in live:
        return None
    ttl, values = live[pair]
    return (state.applied[pair][0] if pair in state.applied else ttl, tuple(sorted(values)))


def _not_before_seen(work: Work, state: State | None, view: View) -> tuple[Retiring, ...]:
    """What retires; the time of what waited for its successor until now begins only today."""
    awaiting = state.asked.awaiting if state and state.asked else frozenset()
    retiring_values = []
    for retiring_value in work.owned.retiring:
        there = view.observed.get(retiring_value.name, retiring_value.type)
        today = until(work.as_of, there.ttl if there else 0)
        waited = key(retiring_value.name, retiring_value.type) in awaiting
        retiring_values.append(
            replace(retiring_value, until=max(retiring_value.until, today)) if waited else retiring_value
        )
    return tuple(retiring_values)


def _held(changes: ChangeSet, unknown: frozenset[str]) -> frozenset[str]:
    """The sets of which nothing may be said: those nobody knows, and those that such a one decides about.

    A CNAME excludes what stands beside it; a policy of MTA-STS decides about new exchangers.
    """
    names = {pair.rpartition(" ")[0] for pair in unknown}
    aliased = {name for name in names if f"{name} CNAME" in unknown}
    held = set(unknown)
    for change in changes.sets:
        policy = key("_mta-sts." + change.name, "TXT")
        beside = change.name in aliased or (change.type == "CNAME" and change.name in names)
        if beside or (change.type == "MX" and policy in unknown):
            held.add(change.key)
    return frozenset(held)


def _without(changes: ChangeSet, held: frozenset[str]) -> ChangeSet:
    """The change without these sets, and without what is about a TTL alone: consoles have their own."""
    sets = tuple(_without_ttl(change) for change in changes.sets if change.key not in held)
    retiring = tuple(
        retiring_value
        for retiring_value in changes.retiring
        if key(retiring_value.name, retiring_value.type) not in held
    )
    return replace(changes, sets=sets, retiring=retiring)


def _continued(changes: ChangeSet, state: State | None) -> ChangeSet:
    """The change, with the sets marked that somebody has entered a part of: the rest was agreed to."""
    wishes: Mapping[str, Wish] = state.asked.wishes if state and state.asked else {}
    sets = (replace(change, halfway=_is_part(change, wishes.get(change.key))) for change in changes.sets)
    return replace(changes, sets=tuple(sets))


def _is_part(change: SetChange, wish: Wish | None) -> bool:
    """Whether all that is there, and all that is missing, is of one wish that took nothing away."""
    if wish is None or wish.remove or change.removed or change.before is None:
        return False
    asked = {canonical(change.type, value) for value in wish.add}
    there = {canonical(change.type, value) for value in change.before.plain}
    missing = {canonical(change.type, value.value) for value in change.added}
    return there | missing <= asked


def _without_ttl(change: SetChange) -> SetChange:
    alone = change.before is not None and change.ttl_changes and not change.added and not change.removed
    return replace(change, ttl=change.before.ttl) if alone and change.before else change


# -- what is ours afterwards ------------------------------------------------------------------------------


def _after(inputs: Inputs, judged: Judged, before: State | None) -> State:
    """Seen is ours, asked for is not; of sets that nobody knows all stays as it was."""
    sets = {change.key: change for change in judged.changes.sets}
    old = before.applied if before else {}
    applied = {pair: body for pair in judged.unknown if (body := old.get(pair))}
    seen = {pair: body for pair in judged.unknown if before and (body := before.inputs.records.get(pair))}
    retiring = _retiring(judged, before)
    leaving = {_place(retiring_value) for retiring_value in retiring}
    for pair, set_change in sets.items():
        going = {value for place, value in leaving if place == pair}
        mine, there = _ours(set_change, inputs.records.get(pair), old.get(pair), going)
        if mine[1]:
            applied[pair] = mine
        if there[1]:
            seen[pair] = there
    return State(
        replace(inputs, records=seen),
        applied,
        retiring,
        _found(judged, before),
        _asked(inputs, judged, before),
    )


_Body = tuple[int, tuple[str, ...]]


def _ours(
    change: SetChange, body: _Body | None, old: _Body | None, leaving: Collection[str]
) -> tuple[_Body, _Body]:
    """What of a set is ours, and what of that is there; what is leaving is remembered elsewhere."""

    def told(value: str) -> str:
        return canonical(change.type, value)

    live = {told(value) for value in (change.before.plain if change.before else ())}
    ttl, values = body or old or (0, ())
    planned = values if body else ()
    new = [value for value in planned if not change.is_change or told(value) in live]
    kept = [value for value in (old[1] if old else ()) if told(value) in live or value in planned]
    mine = tuple(sorted(value for value in {*new, *kept} if told(value) not in leaving))
    there = tuple(value for value in mine if value in new or told(value) in live)
    return (ttl, mine), (ttl, there)


def _retiring(judged: Judged, before: State | None) -> tuple[Retiring, ...]:
    """What retires since its successor was seen; what waits for one only where it retired already."""
    known = {_place(retiring_value): retiring_value for retiring_value in (before.retiring if before else ())}
    sets = {change.key: change for change in judged.changes.sets}
    retiring_values = [retiring_value for pair, retiring_value in known.items() if pair[0] in judged.unknown]
    for leaving_value in judged.changes.retiring:
        pair = key(leaving_value.name, leaving_value.type)
        if _place(leaving_value) in known or not (pair in sets and sets[pair].awaits):
            retiring_values.append(leaving_value)
    due = {(pair, canonical(change.type, value)) for pair, change in sets.items() for value in change.due}
    retiring_values += [retiring_value for place, retiring_value in known.items() if place in due]
    return tuple(
        sorted(
            retiring_values,
            key=lambda retiring_value: (retiring_value.name, retiring_value.type, retiring_value.value),
        )
    )


def _place(retiring_value: Retiring) -> tuple[str, str]:
    return key(retiring_value.name, retiring_value.type), canonical(retiring_value.type, retiring_value.value)


def _found(judged: Judged, before: State | None) -> Records | None:
    """What stood there before; what we asked for and then saw was not there before."""
    whole = found_before(judged.changes, before)
    if whole is None or before is None or before.asked is None:
        return whole
    records: dict[str, _Body] = {}
    for pair, (ttl, values) in whole.items():
        known = (before.found or {}).get(pair, (0, ()))[1]
        wish = before.asked.wishes.get(pair)
        entered = set(wish.add) if wish else set()
        kept = tuple(value for value in values if value in known or value not in entered)
        if kept:
            records[pair] = (ttl, kept)
    return records


def _asked(inputs: Inputs, judged: Judged, before: State | None) -> Asked:
    old: Mapping[str, Wish] = before.asked.wishes if before and before.asked else {}
    wishes = {pair: old_wish for pair, old_wish in old.items() if pair in judged.unknown}
    for change in judged.changes.changes:
        wish = Wish(
            tuple(sorted(value.value for value in change.added)),
            tuple(sorted(value.value for value in change.removed)),
            judged.changes.as_of,
        )
        known = old.get(change.key)
        same = known is not None and (known.add, known.remove) == (wish.add, wish.remove)
        wishes[change.key] = known if known is not None and (same or change.halfway) else wish
    awaiting = {set_change.key for set_change in judged.changes.sets if set_change.awaits}
    awaiting |= (before.asked.awaiting if before and before.asked else frozenset()) & judged.unknown
    mine = {*inputs.records, *(before.applied if before else ())}
    return Asked(wishes, frozenset(awaiting), judged.zone, unsure=bool(judged.unknown & mine))
