"""A zone behind an API: read, write in the calls of its shape, read back; implements ``DnsClient``.

A host brings a ``ZoneApi``: one listing, and one way to send a call. What is refused, what happens when
a call fails or nobody knows whether it did, and what is read back afterwards, is the same for all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from mailwright.hosts.dns import api_said, said
from mailwright.hosts.dns.base import HostError, Moved, NotApplied, Partly, Unreachable
from mailwright.hosts.dns.entries import Listing
from mailwright.hosts.dns.limits import Limits
from mailwright.hosts.dns.shapes import Call, CallOf, OneValue, Shape, joined, rest
from mailwright.hosts.dns.updating import refuse_unsafe
from mailwright.model.changes import ChangeSet, SetChange
from mailwright.model.names import absolute, bare, is_below
from mailwright.model.records import Observed, ObservedSet
from mailwright.model.text import Text

#: Seconds to wait before asking again whether a change that was taken is there.
LOOK_AGAIN = (0.2, 0.8, 2.0)
_PLAIN = Text("{told}", "{told}")


class Unclear(Unreachable):
    """A call was sent and nobody knows whether it was carried out."""


CallMade_contra = TypeVar("CallMade_contra", bound=Call, contravariant=True)


class ZoneApi(Protocol[CallMade_contra]):
    """One zone behind an API; ``where`` names it to people."""

    where: str

    async def listing(self, only: tuple[str, str] | None = None) -> Listing:
        """Every record, all pages, never from memory. ``only``: what matters, where it can be read alone.

        Raises HostError; no zone and no right are errors, never an empty zone.
        """
        ...

    async def send(self, call: CallMade_contra) -> None:
        """Make one call, once.

        Raises Unclear where nobody knows whether it was carried out, Moved where a condition did not hold,
        any other HostError where nothing was written.
        """
        ...


@dataclass
class _Progress:
    """What a run has written so far, and what is left of it."""

    done: dict[str, SetChange]
    left: dict[str, SetChange]

    @staticmethod
    def of(changes: Sequence[SetChange]) -> _Progress:
        return _Progress({}, {change.key: change for change in changes})

    def take(self, changes: Iterable[SetChange]) -> None:
        for change in changes:
            self.done[change.key] = joined(self.done.get(change.key), change)
            self.left[change.key] = rest(self.left[change.key], change)

    def partly(self, reason: HostError) -> Partly:
        return Partly(tuple(self.done.values()), tuple(e for e in self.left.values() if e.is_change), reason)


class ApiHost(Generic[CallOf]):
    """One zone at one host.

    Args:
        zone: the zone's name.
        api: the host's own calls.
        shape: how changes become calls there.
        pauses: seconds before each further look at what was written.
        limits: what the host refuses to store.
        undoing: how to bring back by hand what this run has overwritten; None where nothing was.
    """

    def __init__(
        self,
        zone: str,
        api: ZoneApi[CallOf],
        shape: Shape[CallOf],
        *,
        pauses: tuple[float, ...] = LOOK_AGAIN,
        limits: Limits = Limits(),  # noqa: B008
        undoing: Callable[[], Text | None] = lambda: None,
    ) -> None:
        self.zone = absolute(zone)
        self._api = api
        self._shape = shape
        self._pauses = pauses
        self._limits = limits
        self._undoing = undoing

    def __repr__(self) -> str:
        return f"ApiHost({self.zone!r}, {self._api.where!r})"

    async def read(self, keys: Iterable[tuple[str, str]]) -> Observed:
        """Read these sets out of one listing of the zone. Raises HostError; an absent set is no error."""
        pairs = {(absolute(name), type) for name, type in keys}
        for name, _ in sorted(pairs):
            if not is_below(name, self.zone):
                raise HostError(said.NOT_IN_ZONE, name=bare(name), zone=bare(self.zone))
        return (await self._api.listing()).observed(pairs)

    async def apply(self, changes: ChangeSet) -> Partly | None:
        """Read, refuse what is not as it was or cannot be carried, write call by call, read back."""
        set_changes = changes.changes
        if not set_changes:
            return None
        listing = await self._api.listing()
        _require_as_read(listing, set_changes)
        _require_possible(listing, set_changes)
        self._require_storable(set_changes)
        progress = _Progress.of(set_changes)
        for number, call in enumerate(self._shape.calls(set_changes, listing)):
            try:
                if number:
                    await self._require_still(call.changes, progress)
                await self._send(call)
            except HostError as error:
                if not progress.done:
                    raise
                return progress.partly(error)
            progress.take(call.changes)
        return await self._confirm(set_changes, listing, progress)

    # -- inside ------------------------------------------------------------------------------------

    def _require_storable(self, changes: Sequence[SetChange]) -> None:
        for change in changes:
            for value in change.added:
                what = self._limits.refusal(change.type, value.value)
                if what:
                    raise HostError(api_said.CANNOT_HOLD, key=change.key, where=self._api.where, what=what)

    async def _require_still(self, changes: Sequence[SetChange], progress: _Progress) -> None:
        """A set that is about to be overwritten for the first time must be as it was when the run began."""
        fresh = [change for change in changes if change.key not in progress.done]
        if self._shape.overwrites and fresh:
            only = (fresh[0].name, fresh[0].type)
            _require_as_read(await self._api.listing(only), fresh, api_said.CHANGED_BETWEEN)

    async def _send(self, call: CallOf) -> None:
        """One call; where nobody knows what became of it, look. It is never made twice."""
        try:
            await self._api.send(call)
        except Unclear as lost:
            await self._look_after(call, lost)

    async def _look_after(self, call: CallOf, lost: Unclear) -> None:
        for pause in (0.0, *self._pauses):
            await asyncio.sleep(pause)
            try:
                listing = await self._api.listing()
            except HostError:
                raise Unreachable(said.NOT_KNOWN, error=lost.text) from None
            if _was_made(call, listing):
                return
        undoing = self._undoing()
        text = said.joined([lost.text, *([undoing] if undoing else [])])
        raise Unreachable(api_said.STILL_UNSEEN, error=text)

    async def _confirm(
        self, changes: Sequence[SetChange], before: Listing, progress: _Progress
    ) -> Partly | None:
        """Taken is no proof: read back until it is there. What this run took of somebody else's goes back."""
        for pause in (0.0, *self._pauses):
            await asyncio.sleep(pause)
            try:
                now = await self._api.listing()
            except HostError as error:
                return progress.partly(error)
            texts = [text for change in changes for text in _missing(change, now)]
            lost = self._shape.lost(changes, before, now)
            if not texts and not lost:
                return None
        for call in self._shape.calls(lost, now) if lost else ():
            await self._send(call)
        different = NotApplied(
            api_said.PUT_BACK if lost else _PLAIN, told=self._unserved(texts or _gone(lost))
        )
        there = [change for change in changes if not [*_missing(change, now)]]
        if not there:
            raise different
        return Partly(tuple(there), tuple(change for change in changes if change not in there), different)

    def _unserved(self, texts: Sequence[Text]) -> Text:
        undoing = self._undoing()
        parts = [*texts, *([undoing] if undoing else [])]
        return said.NOT_SERVED.using(where=self._api.where, told=said.joined(parts))


def _was_made(call: Call, listing: Listing) -> bool:
    """Whether the zone shows that a call was carried out; of a call for one record only that one counts."""
    if not isinstance(call, OneValue):
        return not [text for change in call.changes for text in _missing(change, listing)]
    there = {(entry.value, entry.ttl) for entry in listing.at(call.change.name, call.change.type)}
    gone = call.old is None or (call.old.value, call.old.ttl) not in there
    return gone and (call.new is None or (call.new, call.ttl) in there)


def _require_as_read(
    listing: Listing, changes: Sequence[SetChange], text: Text = api_said.CHANGED_MEANWHILE
) -> None:
    moved = [
        change.key for change in changes if not _same(change.before, listing.set_at(change.name, change.type))
    ]
    if moved:
        raise Moved(text, sets=", ".join(moved))


def _same(before: ObservedSet | None, now: ObservedSet | None) -> bool:
    if before is None or now is None:
        return before is now
    return set(before.values) == set(now.values)


def _require_possible(listing: Listing, changes: Sequence[SetChange]) -> None:
    """Raise HostError, before anything is sent, where a change could not be made without harm."""
    refuse_unsafe(listing.zone, changes, listing.cuts)
    for change in changes:
        for entry in listing.all_at(change.name, change.type):
            if entry.odd is not None:
                raise HostError(api_said.CANNOT_CARRY, key=change.key, what=entry.odd)
    _require_cname_rule(listing, changes)


def _require_cname_rule(listing: Listing, changes: Sequence[SetChange]) -> None:
    """A CNAME stands alone (RFC 1034 §3.6.2); hosts that would take it serve one or the other."""
    for name in sorted({change.name for change in changes if change.after}):
        here = {change.type: change for change in changes if change.name == name}
        coming = {type for type, change in here.items() if change.after}
        types = {type for type in listing.types_at(name) if type not in here} | coming
        if "CNAME" not in types or len(types) == 1:
            continue
        if "CNAME" in coming:
            raise HostError(said.CNAME_BESIDE, name=bare(name))
        raise HostError(said.CNAME_STANDS, name=bare(name), type=sorted(coming)[0])


def _missing(change: SetChange, listing: Listing) -> Iterable[Text]:
    """What of a change cannot be seen: values that are missing, that should be gone, another TTL of ours.

    What somebody else has added meanwhile is theirs.
    """
    now = listing.at(change.name, change.type)
    there = {entry.value for entry in now}
    missing = [value.value for value in change.after if value not in there]
    if missing and not now:
        yield said.IS_MISSING.using(key=change.key)
    elif missing:
        yield said.LACKS.using(key=change.key, missing=_shown(missing))
    extra = [value.value for value in change.removed if value in there]
    if extra:
        yield said.STILL_HAS.using(key=change.key, extra=_shown(extra))
    expected = change.after if change.ttl_changes else change.added
    for listed_entry in now:
        if listed_entry.value in expected and listed_entry.ttl != change.ttl:
            yield said.OTHER_TTL.using(key=change.key, now=listed_entry.ttl, ttl=change.ttl)
            return


def _gone(lost: Sequence[SetChange]) -> list[Text]:
    return [
        said.LACKS.using(key=change.key, missing=_shown([value.value for value in change.added]))
        for change in lost
    ]


def _shown(values: Sequence[str]) -> str:
    texts = (value if len(value) <= 60 else value[:57] + "..." for value in values)
    return ", ".join(f'"{text}"' for text in texts).encode("utf-8", "backslashreplace").decode()
