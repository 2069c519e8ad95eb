"""Each shape of ``apply``, cut after every call: what stands then loses no mail that the change keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.hosts.dns.api import ApiHost, Unclear
from mailwright.hosts.dns.base import HostError, Moved, NotApplied, Partly, Unreachable
from mailwright.hosts.dns.entries import Entry, Listing
from mailwright.hosts.dns.shapes import CONDITIONAL, AllAtOnce, Batch, Call, OneValue, SetWise, ValueWise
from mailwright.model.changes import ChangeSet, SetChange
from mailwright.model.families import Family, family_of
from mailwright.model.names import key
from mailwright.model.records import ObservedSet, ObservedValue, PlannedRecord
from mailwright.plan.transition.change import Owned, change
from mailwright.plan.transition.gate import gate
from tests.plan.worlds import APEX, DAY, DOMAIN, live, record

SHAPES = {
    "conditional": CONDITIONAL,
    "sets at once": SetWise(atomic=True),
    "set-wise": SetWise(atomic=False),
    "value-wise": ValueWise(),
    "whole zone": AllAtOnce(),
}


class Cut(Exception):
    """The run ends here, as by a power cut."""


@dataclass
class Store:
    """A host of every shape, kept in memory. ``calls`` that may still be made, then the run is cut."""

    entries: list[Entry]
    calls: int | None = None
    fault: str = ""
    made: int = 0
    history: list[list[Entry]] = field(default_factory=list)
    where = "store"

    async def listing(self, only: tuple[str, str] | None = None) -> Listing:
        return Listing(APEX, tuple(self.entries))

    async def send(self, call: Call) -> None:
        if self.calls is not None and self.made >= self.calls:
            raise Cut
        self.made += 1
        if self.fault == "refuses" and self.made == 2:
            raise HostError("no")
        if self.fault == "does nothing":
            return
        if self.fault == "lost before":
            raise Unclear("lost")
        self._carry_out(call)
        self.history.append(list(self.entries))
        if self.fault == "lost after":
            raise Unclear("lost")

    def _carry_out(self, call: Call) -> None:
        if isinstance(call, Batch):
            for write in call.writes:
                assert not (write.before and write.after) or self._has(write.change), "delete, then create"
                pair = (write.change.name, write.change.type)
                self.entries = [entry for entry in self.entries if entry.pair != pair] + list(write.after)
        elif isinstance(call, OneValue):
            if call.old:
                self.entries.remove(call.old)
            if call.new:
                self.entries.append(Entry(call.change.name, call.change.type, call.ttl, call.new))
        else:
            self.entries = list(call.after.entries)

    def _has(self, change: SetChange) -> bool:
        return any(each.pair == (change.name, change.type) for each in self.entries)


def entries(sets: Sequence[ObservedSet]) -> list[Entry]:
    pairs = [(record_set, value) for record_set in sets for value in record_set.values]
    return [Entry(s.name, s.type, s.ttl, v, id=str(number)) for number, (s, v) in enumerate(pairs)]


def host(store: Store, shape: str) -> ApiHost[Call]:
    return ApiHost(APEX, store, SHAPES[shape], pauses=(0.0,))  # type: ignore[arg-type]


# -- companies before and after -------------------------------------------------------------------------

KEYS = ["v=DKIM1; k=rsa; p=AAAA", "v=DKIM1; k=rsa; p=BBBB"]
EXCHANGERS = ["5 mx1.old.example.", "10 mx2.old.example.", "1 mx.new.example.", "20 mx1.old.example.", "0 ."]
TERMS = ["include:a.example", "include:b.example", "ip4:192.0.2.1"]
POLICIES = ["v=DMARC1; p=none", "v=DMARC1; p=quarantine", "v=DMARC1; p=reject"]
FOREIGN = ["google-site-verification=somebody", "MS=ms12345678", ""]
SELECTOR = f"s1._domainkey.{APEX}"


def exchangers() -> st.SearchStrategy[list[str]]:
    several = st.lists(st.sampled_from(EXCHANGERS[:4]), max_size=3, unique_by=lambda each: each.split()[1])
    return several | st.just([EXCHANGERS[4]])


def spf() -> st.SearchStrategy[str | None]:
    terms = st.lists(st.sampled_from(TERMS), unique=True)
    return st.none() | st.builds(lambda told: " ".join(["v=spf1", *told, "~all"]), terms)


@st.composite
def living(draw: st.DrawFn) -> list[ObservedSet]:
    record_sets: list[ObservedSet] = []
    mx, txt = draw(exchangers()), draw(st.lists(st.sampled_from(FOREIGN), unique=True))
    records = draw(st.lists(spf().filter(bool), max_size=2, unique=True))
    if mx:
        record_sets.append(live(APEX, "MX", *mx, ttl=draw(st.sampled_from([60, 3600]))))
    if txt or records:
        record_sets.append(live(APEX, "TXT", *txt, *[str(each) for each in records], ttl=300))
    if policy := draw(st.none() | st.sampled_from(POLICIES)):
        record_sets.append(live(f"_dmarc.{APEX}", "TXT", policy))
    selector = draw(st.sampled_from(["", "TXT", "CNAME"]))
    if selector:
        record_sets.append(live(SELECTOR, selector, KEYS[0] if selector == "TXT" else "s1.vendor.example."))
    record_sets.append(live(f"www.{APEX}", "A", "192.0.2.80", "192.0.2.81"))
    return record_sets


@st.composite
def planned(draw: st.DrawFn) -> list[PlannedRecord]:
    records = []
    if mx := draw(exchangers()):
        records.append(record(APEX, "MX", *mx))
    if text := draw(spf()):
        records.append(record(APEX, "TXT", text))
    if policy := draw(st.none() | st.sampled_from(POLICIES)):
        records.append(record(f"_dmarc.{APEX}", "TXT", policy))
    if kind := draw(st.sampled_from(["", "TXT", "CNAME"])):
        records.append(record(SELECTOR, kind, KEYS[1] if kind == "TXT" else "s1.vendor.example."))
    return records


def to_change(sets: Sequence[ObservedSet], records: list[PlannedRecord]) -> ChangeSet:
    observed = Listing(APEX, tuple(entries(sets))).observed(
        {(record_set.name, record_set.type) for record_set in sets}
        | {(each.name, type) for each in records for type in (each.type, "TXT", "CNAME")}
    )
    ours = {key(s.name, s.type): tuple(v for v in s.plain if v not in FOREIGN) for s in sets}
    owned = Owned({pair: each for pair, each in ours.items() if not pair.startswith("www")})
    return change(records, observed, domain=DOMAIN, target="test", as_of=DAY, owned=owned)


# -- the judgement --------------------------------------------------------------------------------------


def so_far(whole: ChangeSet, standing: list[Entry]) -> ChangeSet:
    """The change as far as it has come."""
    now = Listing(APEX, tuple(standing))
    sets = []
    for each in whole.sets:
        there = now.set_at(each.name, each.type)
        values = there.values if there else ()
        before = each.before.values if each.before else ()
        added = tuple(value for value in values if value not in before)
        removed = tuple(value for value in before if value not in values)
        sets.append(replace(each, after=values, added=added, removed=removed, ttl=there.ttl if there else 0))
    return replace(whole, sets=tuple(sets))


def members(values: Sequence[ObservedValue], name: str, family: Family) -> list[str]:
    return [v.value for v in values if family_of(name, "TXT", v.value) is family]


IMPLIED = {
    "no-mx-left": ("mx-changed",),
    "spf-gone": ("spf-sender-dropped",),
    "swap-leaves-gap": ("selector-gone",),
}


def judge(whole: ChangeSet, before: list[Entry], standing: list[Entry]) -> None:
    partly = so_far(whole, standing)
    refused, meant = (
        {(f.rule, f.params["name"]) for f in gate(change_set)} for change_set in (partly, whole)
    )
    # Who agreed to the whole has agreed to these: the gate says them under the other name.
    meant |= {(part, name) for rule, name in meant for part in IMPLIED.get(rule, ())}
    assert refused <= meant, "a state in between is worse than the end"
    touched = {(each.name, each.type) for each in whole.sets}
    others = [sorted(map(repr, (e for e in state if e.pair not in touched))) for state in (before, standing)]
    assert others[0] == others[1], "a foreign set has changed"
    for each in partly.sets:
        end = next(one for one in whole.sets if one.key == each.key)
        for value in each.before.values if each.before else ():
            assert value in each.after or value in end.removed, "a foreign value has gone"
        if each.type == "MX":
            if each.before and end.after:
                assert each.after, "no exchanger for a moment"
            nothing = [value for value in each.after if value.value == "0 ."]
            already = each.before and EXCHANGERS[4] in each.before.plain and len(each.before.plain) > 1
            assert not nothing or len(each.after) == 1 or already, "null MX beside another"
        if each.type == "TXT" and each.name == APEX:
            was = members(each.before.values if each.before else (), each.name, Family.SPF)
            assert len(members(each.after, each.name, Family.SPF)) <= max(1, len(was)), "a second SPF"
        assert len({one.type for one in standing if one.name == each.name} & {"CNAME", "TXT"}) <= 1


@pytest.mark.parametrize("shape", SHAPES)
@given(sets=living(), wanted=planned())
@settings(max_examples=120, deadline=None)
def test_cut_after_each_call_nothing_is_lost_that_the_change_keeps(
    shape: str, sets: list[ObservedSet], wanted: list[PlannedRecord]
) -> None:
    whole, before = replace(to_change(sets, wanted), atomic=SHAPES[shape].atomic), entries(sets)
    if whole.in_the_way:
        return
    store = Store(list(before))
    assert asyncio.run(host(store, shape).apply(whole)) is None
    assert store.made <= 1 or not SHAPES[shape].atomic
    for standing in store.history:
        judge(whole, before, standing)
    end = Listing(APEX, tuple(store.entries))
    for each in whole.sets:
        there = end.set_at(each.name, each.type)
        assert set(there.values if there else ()) == set(each.after)
    # The run that is cut and begun again arrives at the same.
    for calls in range(store.made):
        again = Store(list(before), calls=calls)
        with pytest.raises(Cut):
            asyncio.run(host(again, shape).apply(whole))
        again.calls = None
        second = to_change(_sets(again.entries), wanted)
        asyncio.run(host(again, shape).apply(second))
        for standing in again.history[calls:]:
            judge(whole, before, standing)


def _sets(standing: list[Entry]) -> list[ObservedSet]:
    listing = Listing(APEX, tuple(standing))
    return [
        record_set for pair in sorted({e.pair for e in standing}) if (record_set := listing.set_at(*pair))
    ]


# -- what goes wrong ------------------------------------------------------------------------------------

LIVING = [
    live(APEX, "MX", "5 mx1.old.example.", "10 mx2.old.example."),
    live(APEX, "TXT", "v=spf1 include:a.example ~all", FOREIGN[0]),
    live(f"_dmarc.{APEX}", "TXT", POLICIES[0]),
]
WANTED = [
    record(APEX, "MX", "1 mx.new.example."),
    record(APEX, "TXT", "v=spf1 include:b.example ~all"),
    record(f"_dmarc.{APEX}", "TXT", POLICIES[1]),
    record(SELECTOR, "TXT", KEYS[0]),
]
SEVERAL = [name for name, each in SHAPES.items() if not each.atomic]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_lost_answer_is_looked_up_and_the_call_not_repeated(shape: str) -> None:
    whole, store = to_change(LIVING, WANTED), Store(entries(LIVING), fault="lost after")
    assert asyncio.run(host(store, shape).apply(whole)) is None
    assert store.made == len(store.history)
    store = Store(entries(LIVING), fault="lost before")
    with pytest.raises(Unreachable, match="not there"):
        asyncio.run(host(store, shape).apply(whole))
    assert store.made == 1


@pytest.mark.parametrize("shape", SHAPES)
def test_a_host_that_says_yes_and_does_nothing_is_told(shape: str) -> None:
    store = Store(entries(LIVING), fault="does nothing")
    with pytest.raises(NotApplied, match=r"lacks .*mx\.new\.example"):
        asyncio.run(host(store, shape).apply(to_change(LIVING, WANTED)))


@pytest.mark.parametrize("shape", SHAPES)
def test_who_was_faster_is_noticed_before_anything_is_written(shape: str) -> None:
    whole, store = to_change(LIVING, WANTED), Store(entries(LIVING))
    store.entries.append(Entry(APEX, "TXT", 300, ObservedValue.of("TXT", "somebody-else=was-faster")))
    with pytest.raises(Moved):
        asyncio.run(host(store, shape).apply(whole))
    assert not store.made


@pytest.mark.parametrize("shape", SEVERAL)
def test_a_refusal_in_the_middle_is_told_as_what_is_done_and_left(shape: str) -> None:
    whole, store = to_change(LIVING, WANTED), Store(entries(LIVING), fault="refuses")
    answer = asyncio.run(host(store, shape).apply(whole))
    assert isinstance(answer, Partly) and len(answer.done) == 1
    assert {each.key for each in (*answer.done, *answer.left)} == {each.key for each in whole.changes}
    now = Listing(APEX, tuple(store.entries))
    for each in answer.done:
        there = now.set_at(each.name, each.type)
        assert there and set(there.values) == set(each.after)


@pytest.mark.parametrize("shape", ["sets at once", "set-wise", "whole zone"])
def test_a_writer_in_the_window_is_not_seen_but_what_was_there_comes_back(shape: str) -> None:
    """Another writer's own overwriting takes a foreign value along: what stood there is put back."""

    class Clobbered(Store):
        async def send(self, call: Call) -> None:
            await super().send(call)
            if self.made == 1:
                self.entries = [e for e in self.entries if e.value.value != FOREIGN[0]]

    store = Clobbered(entries(LIVING))
    answer = None
    try:
        answer = asyncio.run(host(store, shape).apply(to_change(LIVING, WANTED)))
    except NotApplied as error:
        assert "put back" in str(error)
    assert answer is None or "put back" in str(answer.reason) or "changed by somebody" in str(answer.reason)
    if answer is None or "put back" in str(answer.reason):
        assert FOREIGN[0] in [entry.value.value for entry in store.entries]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_set_with_what_cannot_come_back_is_not_touched(shape: str) -> None:
    from mailwright.hosts.dns import api_said

    odd = api_said.SWITCHED_OFF.using(value="5 mx3.old.example.")
    hidden = Entry(APEX, "MX", 300, ObservedValue("5 mx3.old.example."), served=False, odd=odd)
    store = Store([*entries(LIVING), hidden])
    with pytest.raises(HostError, match=r"MX holds something.*mx3\.old"):
        asyncio.run(host(store, shape).apply(to_change(LIVING, WANTED)))
    assert not store.made
