"""How one family of one record set gets from what is there to what is wanted.

Each family has its own way that loses no mail: MX and SPF grow before they shrink, a selector
leaves only after its successor has been seen everywhere, the rest is replaced at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mailwright.catalog import holders
from mailwright.model.changes import Retiring
from mailwright.model.days import later
from mailwright.model.families import Family
from mailwright.model.records import ObservedValue, PlannedRecord
from mailwright.plan.transition.compare import canonical
from mailwright.plan.transition.ownership import Owned
from mailwright.standards import spf

NULL_MX = "0 ."
_DAY = 86_400  # seconds
#: For how long mail that is signed may still be verified: five days of queues, and two hops more.
SIGNED_MAIL = 7 * _DAY


@dataclass(frozen=True, slots=True)
class Context:
    """What every step of one run shares.

    ``new_keys`` are the domains for which a DKIM selector is published now, each with its record type.
    """

    as_of: dt.date
    owned: Owned
    destroying: bool
    new_keys: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Place:
    """The set a step works on.

    ``ttl`` is the live one in seconds; ``repair``: only the world has moved, not the plan;
    ``taken``: the name gets the same family under another type, so this one has to go now.
    """

    name: str
    type: str
    family: Family
    ttl: int
    repair: bool
    taken: bool


@dataclass(frozen=True, slots=True)
class StepResult:
    """Our values after the step, as text, then as stored; what retires, what was due, what begins to.

    ``awaits``: successors of what retires are not there yet.
    """

    texts: tuple[tuple[str, str], ...] = ()  # (type, value)
    retiring: tuple[Retiring, ...] = ()
    due: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    values: tuple[ObservedValue, ...] = ()
    awaits: bool = False

    def plus(self, other: StepResult) -> StepResult:
        """Both steps' results."""
        return StepResult(
            self.texts + other.texts,
            self.retiring + other.retiring,
            self.due + other.due,
            self.leaving + other.leaving,
            awaits=self.awaits or other.awaits,
        )

    def stored(self, live: Sequence[ObservedValue]) -> StepResult:
        """Values that are already there keep the split they are stored in, once each."""
        by_text: dict[str, ObservedValue] = {}
        unique_values: dict[ObservedValue, None] = {}
        for type, text in self.texts:
            if not by_text:
                for value in live:
                    by_text.setdefault(canonical(type, value.value), value)
            unique_values[by_text.get(canonical(type, text)) or ObservedValue.of(type, text)] = None
        return replace(self, values=tuple(unique_values))


def step(context: Context, place: Place, have: Sequence[str], planned_values: Sequence[str]) -> StepResult:
    """The next safe state of one family's values at one place."""
    if context.destroying:
        return StepResult()
    if place.type == "TLSA":
        return _tlsa(context, place, have, planned_values)
    if place.type == "SPF":  # nobody has to wait for a record that receivers do not read
        return _replace(context, place, have, planned_values)
    return _STEPS.get(place.family, _replace)(context, place, have, planned_values)


def until(as_of: dt.date, ttl: int) -> dt.date:
    """The first day that begins after a value published any time on ``as_of`` outlives ``ttl`` seconds."""
    return later(as_of, 1 + -(-max(ttl, 1) // _DAY))


def _replace(
    _context: Context, place: Place, _have: Sequence[str], planned_values: Sequence[str]
) -> StepResult:
    """Families whose change is one atomic replacement: DMARC, MTA-STS, tokens …"""
    return StepResult(tuple((place.type, value) for value in planned_values))


def _mx(context: Context, place: Place, have: Sequence[str], planned_values: Sequence[str]) -> StepResult:
    """RFC 5321 §5.1, RFC 7505 §3: old exchangers stay beside new ones; a null MX stands alone.

    Those of another mail host go in the same write: beside the new ones they would take a part of the mail,
    at random or all of it (§5.1 sorts by preference alone), into mailboxes that nobody reads any more.
    """
    new = {canonical("MX", value) for value in planned_values}
    old = [value for value in have if canonical("MX", value) not in new]
    wanted_texts = tuple(("MX", value) for value in planned_values)
    if NULL_MX in new or any(canonical("MX", value) == NULL_MX for value in have):
        return StepResult(wanted_texts)
    hosts = {_exchanger(value) for value in new}
    leaving = [value for value in old if _exchanger(value) not in hosts]
    # What an earlier version announced a day for keeps it.
    leaving = [e for e in leaving if holders.share([_exchanger(e)], hosts) or _known(context, place, e)]
    adding = bool(new - {canonical("MX", value) for value in have})
    kept, due, begun = _leave(context, place, leaving, adding)
    texts = (*wanted_texts, *(("MX", retiring_value.value) for retiring_value in kept))
    return StepResult(texts, kept, due, begun, awaits=adding)


def _exchanger(mx: str) -> str:
    return canonical("MX", mx).rsplit(maxsplit=1)[-1]


def _selector(
    context: Context, place: Place, have: Sequence[str], planned_values: Sequence[str]
) -> StepResult:
    """RFC 6376 §3.1: mail signed with the old selector is still under way when the new one starts.

    That a new key is published does not say that anybody signs with it, so the gate asks; then the old one
    stays as long as mail may wait in queues on its way (RFC 5321 §4.5.4.1).
    """
    if planned_values or place.taken:
        return _replace(context, place, have, planned_values)
    # A new key of the same domain in the same form takes over; another sender's, elsewhere, does not.
    rotated = (place.name.partition(".")[2], place.type) in context.new_keys
    kept, due, begun = _leave(context, replace(place, ttl=max(place.ttl, SIGNED_MAIL)), have, rotated)
    texts = tuple((place.type, retiring_value.value) for retiring_value in kept)
    return StepResult(texts, kept, due, begun, awaits=rotated)


def _spf(context: Context, place: Place, have: Sequence[str], planned_values: Sequence[str]) -> StepResult:
    """RFC 7208 §3.2: exactly one record; it takes new terms at once and drops old ones later."""
    old = parsed(have)
    # Two that are kept as found stay two, and one that does not parse is written as it is.
    if not planned_values or old is None or len(planned_values) > 1 or parsed(planned_values) is None:
        return _replace(context, place, have, planned_values)
    new = spf.parse(planned_values[0])
    if len(have) == 1 and str(old) == str(new):
        return StepResult(((place.type, have[0]),))
    leaving = [str(term) for term in spf.dropped(old, new)]
    adding = bool(spf.dropped(new, old))
    kept, due, begun = _leave(context, place, leaving, adding)
    union = with_terms(new, [retiring_value.value for retiring_value in kept])
    if kept and cost(union) > spf.MAX_LOOKUPS >= cost(new):
        # Both together would be a permerror, which fails every sender: better one clean switch.
        return StepResult(((place.type, planned_values[0]),), (), due)
    text = str(union) if kept else planned_values[0]
    same = have[0] if len(have) == 1 and str(old) == str(union) else text
    return StepResult(((place.type, same),), kept, due, begun, awaits=adding)


def _tlsa(context: Context, place: Place, have: Sequence[str], planned_values: Sequence[str]) -> StepResult:
    """RFC 7671 §8.1: the old record stays until no resolver lacks the new one; one that matches is enough.

    Also in a repair: what somebody put there by hand may be the key that the server shows today.
    """
    texts = tuple((place.type, value) for value in planned_values)
    if not planned_values:
        return StepResult()  # without any record senders deliver as if there were no DANE
    new = {canonical(place.type, value) for value in planned_values}
    leaving = [value for value in have if canonical(place.type, value) not in new]
    adding = bool(new - {canonical(place.type, value) for value in have})
    kept, due, begun = _leave(context, replace(place, repair=False), leaving, adding)
    return StepResult(
        (*texts, *((place.type, retiring_value.value) for retiring_value in kept)),
        kept,
        due,
        begun,
        awaits=adding,
    )


def parsed(values: Sequence[str]) -> spf.SpfRecord | None:
    """The record(s) that are there as one; None where there is none or none that parses."""
    records = []
    for value in values:
        try:
            records.append(spf.parse(value))
        except spf.SpfError:
            continue
    if not records:
        return None
    whole = records[0]
    for other in records[1:]:
        whole = spf.union(other, whole)
    return whole


def with_terms(record: spf.SpfRecord, terms: Sequence[str]) -> spf.SpfRecord:
    """``record`` with these mechanisms before its ``all``."""
    if not terms:
        return record
    return spf.union(spf.parse(" ".join(["v=spf1", *terms])), record)


def cost(record: spf.SpfRecord) -> int:
    """DNS look-ups of a record, by the catalog's dated snapshot (RFC 7208 §4.6.4)."""
    from mailwright.catalog import lookup_costs

    return spf.lookup_cost(record, lookup_costs())


def _leave(
    context: Context, place: Place, values: Sequence[str], superseded: bool
) -> tuple[tuple[Retiring, ...], tuple[str, ...], tuple[str, ...]]:
    """Which values stay as retiring, which of those that go were due, and which begin to retire now.

    Nothing goes in the run that decides it, also where nothing is added: whoever was killed after
    the new values were written, and before they were remembered, has added them already.
    """
    kept: list[Retiring] = []
    due: list[str] = []
    begun: list[str] = []
    for value in values:
        known = _known(context, place, value)
        if place.repair and known is None:
            continue  # somebody else's addition to our set: it leaves with the repair
        if superseded or known is None:
            date = until(context.as_of, place.ttl)
            since = known.since if known else context.as_of
            date = max(date, known.until) if known else date
            kept.append(Retiring(place.name, place.type, value, place.family, since, date))
            if known is None:
                begun.append(value)
        elif context.as_of < known.until:
            kept.append(known)
        else:
            due.append(value)
    return tuple(kept), tuple(due), tuple(begun)


def _known(context: Context, place: Place, value: str) -> Retiring | None:
    canonical_value = canonical(place.type, value)
    for retiring_value in context.owned.retiring:
        here = (retiring_value.name, retiring_value.type, retiring_value.family) == (
            place.name,
            place.type,
            place.family,
        )
        if here and canonical(place.type, retiring_value.value) == canonical_value:
            return retiring_value
    return None


def without_retiring(name: str, type: str, values: Sequence[str], owned: Owned) -> list[str]:
    """Live values without those, and an SPF record without the terms, that are retiring."""
    going = [
        retiring_value
        for retiring_value in owned.retiring
        if (retiring_value.name, retiring_value.type) == (name, type)
    ]
    plain = {
        canonical(type, retiring_value.value)
        for retiring_value in going
        if retiring_value.family is not Family.SPF
    }
    terms = {retiring_value.value for retiring_value in going if retiring_value.family is Family.SPF}
    kept = [fromkey for fromkey in dict.fromkeys(values) if canonical(type, fromkey) not in plain]
    return [_without_terms(value, terms) if terms else value for value in kept]


def _without_terms(value: str, terms: set[str]) -> str:
    record = parsed([value])
    if record is None:
        return value
    return str(spf.SpfRecord(tuple(term for term in record.terms if str(term) not in terms)))


def in_our_words(type: str, values: Sequence[str], planned: Sequence[PlannedRecord]) -> list[str]:
    """Values in the plan's own spelling where they say the same; the order is sorted."""
    spelling = {_meaning(type, value): value for record in planned for value in record.values}
    return sorted(spelling.get(_meaning(type, value), value) for value in values)


def _meaning(type: str, value: str) -> str:
    if type == "TXT" and (record := parsed([value])) is not None:
        return str(record)
    return canonical(type, value)


_Step = Callable[[Context, Place, Sequence[str], Sequence[str]], StepResult]
_STEPS: dict[Family, _Step] = {Family.MX: _mx, Family.SPF: _spf, Family.DKIM: _selector}
