"""What a record costs: every term's look-ups and void look-ups, as a tree (RFC 7208 §4.6.4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from mailwright.model.text import Text
from mailwright.standards.spf import macros, problems
from mailwright.standards.spf.evaluate import select
from mailwright.standards.spf.parser import SpfError, parse
from mailwright.standards.spf.questions import (
    AsyncLookup,
    Lookup,
    LookupFailed,
    Steps,
    ask,
    run,
    run_async,
    usable,
)
from mailwright.standards.spf.record import MAX_MX, MAX_VOIDS, Mechanism, SpfRecord

#: Where reading stops: ten are allowed, so a hundred say enough, and a hostile zone may have no end.
_MOST_READ = 100


class Trouble(StrEnum):
    """What keeps a term from being evaluated or counted.

    UNANSWERED, CUT, UNKNOWN (the message decides) and UNMEASURED (no table has it) are no permerrors.
    """

    NO_RECORD = "no-record"
    SEVERAL = "several-records"
    INVALID = "invalid"
    LOOP = "loop"
    TOO_MANY_MX = "too-many-mx"
    UNANSWERED = "unanswered"
    CUT = "cut"
    UNKNOWN = "unknown"
    UNMEASURED = "unmeasured"


@dataclass(frozen=True, slots=True)
class Cost:
    """What an include was measured to cost: look-ups, itself counted, and those of them without a result.

    ``checked`` is the day of the measurement, where it is known.
    """

    lookups: int
    voids: int = 0
    checked: dt.date | None = None


@dataclass(frozen=True, slots=True)
class BudgetTree:
    """One term, or at the root the record itself (``term`` is then empty).

    ``domain`` is the name that the term leads to, "" where it depends on the message. ``own_lookups``
    and ``own_voids`` are what the term costs without ``children``, the terms of the record it leads
    to; from a snapshot there are no children and the term's own cost is the whole. ``missing`` is the
    address family (4 or 6) for whose clients alone the look-up finds nothing. ``problem`` says in words
    what ``trouble`` names. ``checked`` is the day of a cost that comes from a snapshot.
    """

    term: str
    domain: str
    own_lookups: int = 0
    own_voids: int = 0
    missing: int | None = None
    children: tuple[BudgetTree, ...] = ()
    trouble: Trouble | None = None
    problem: Text | None = None
    checked: dt.date | None = None

    @property
    def lookups(self) -> int:
        """DNS look-ups of an evaluation that reads every term; ten are allowed."""
        return self.own_lookups + sum(child.lookups for child in self.children)

    @property
    def measured(self) -> bool:
        """Whether everything below was counted; if not, ``lookups`` is the least it can be."""
        return all(tree.trouble is not Trouble.UNMEASURED for tree in self.walk())

    @property
    def voids(self) -> int:
        """Look-ups known to find nothing for anybody; two are allowed."""
        return self.own_voids + sum(child.voids for child in self.children)

    def own_voids_of(self, version: int) -> int:
        """The term's own look-ups that find nothing for clients of IPv4 or IPv6 (``version`` 4 or 6)."""
        return self.own_voids + int(self.missing == version)

    def voids_of(self, version: int) -> int:
        """All of them; two are allowed."""
        return self.own_voids_of(version) + sum(child.voids_of(version) for child in self.children)

    def walk(self) -> Iterator[BudgetTree]:
        """This node and all below it, in the order of evaluation."""
        yield self
        for child in self.children:
            yield from child.walk()


def budget(domain: str, record: SpfRecord | str, lookup: Lookup | Mapping[str, int | Cost]) -> BudgetTree:
    """What ``record`` costs at ``domain``, with a live look-up function or a dated snapshot.

    A snapshot gives for the target of an include (lower case, no final dot) what it costs, itself counted;
    an unknown target counts one, the least it can cost, and is UNMEASURED. Terms after ``all`` and a
    ``redirect=`` beside it cost nothing. A void is counted where a name has neither A nor AAAA, no MX, or
    nothing that ``exists:`` asks for. Raises SpfError where ``record`` is text and no record.
    """
    read = parse(record) if isinstance(record, str) else record
    if isinstance(lookup, Mapping):
        nodes = tuple(_from_snapshot(mechanism, domain, lookup) for mechanism in effective(read))
        return BudgetTree("", domain, children=nodes)
    return run(_root(domain, read), lookup)


async def budget_async(domain: str, record: SpfRecord | str, lookup: AsyncLookup) -> BudgetTree:
    """As ``budget``, with an asynchronous look-up function."""
    read = parse(record) if isinstance(record, str) else record
    return await run_async(_root(domain, read), lookup)


def effective(record: SpfRecord) -> tuple[Mechanism, ...]:
    """The mechanisms an evaluation may reach; a ``redirect=`` in force comes last, under that name."""
    reached: list[Mechanism] = []
    for term in record.terms:
        if isinstance(term, Mechanism):
            reached.append(term)
            if term.name == "all":
                return tuple(reached)
    if record.redirect:
        reached.append(Mechanism("+", "redirect", record.redirect))
    return tuple(reached)


def _shown(term: Mechanism) -> str:
    return f"redirect={term.domain}" if term.name == "redirect" else str(term)


def _from_snapshot(term: Mechanism, domain: str, costs: Mapping[str, int | Cost]) -> BudgetTree:
    shown = _shown(term)
    if term.name not in ("include", "redirect"):
        return BudgetTree(shown, term.domain or domain, int(term.looks_up))
    target = (term.domain or "").lower().rstrip(".")
    known = costs.get(target)
    if known is not None:
        cost = known if isinstance(known, Cost) else Cost(known)
        return BudgetTree(shown, target, cost.lookups, cost.voids, checked=cost.checked)
    problem = problems.UNMEASURED.using(term=shown)
    return BudgetTree(shown, target, 1, trouble=Trouble.UNMEASURED, problem=problem)


@dataclass(slots=True)
class _Reading:
    """The domain all began at, and how many look-ups were read so far."""

    root: str
    read: int = 0


def _root(domain: str, record: SpfRecord) -> Steps[BudgetTree]:
    name = domain.lower().rstrip(".")
    children = yield from _children(_Reading(name), record, (name,))
    return (yield from _families(BudgetTree("", domain, children=children)))


def _children(state: _Reading, record: SpfRecord, path: tuple[str, ...]) -> Steps[tuple[BudgetTree, ...]]:
    nodes = []
    for mechanism in effective(record):
        nodes.append((yield from _node(state, mechanism, path)))
        if state.read > _MOST_READ:
            break
    return tuple(nodes)


def _node(state: _Reading, term: Mechanism, path: tuple[str, ...]) -> Steps[BudgetTree]:
    shown = _shown(term)
    if not term.looks_up and term.name != "redirect":
        return BudgetTree(shown, "")
    state.read += 1
    if state.read > _MOST_READ:
        return BudgetTree(shown, "", 1, trouble=Trouble.CUT, problem=problems.CUT)
    target, depends = _target(state, term, path[-1])
    if depends or term.name == "ptr":
        unknown = None if term.name in ("ptr", "exists") else Trouble.UNKNOWN
        problem = problems.UNKNOWN_COST.using(term=shown) if unknown else None
        return BudgetTree(shown, "", 1, trouble=unknown, problem=problem)
    try:
        if term.name in ("include", "redirect"):
            return (yield from _followed(state, shown, target, path))
        return (yield from _addresses(term, target))
    except LookupFailed as error:
        problem = problems.NO_ANSWER.using(question=str(error))
        return BudgetTree(shown, target or "", 1, trouble=Trouble.UNANSWERED, problem=problem)


def _target(state: _Reading, term: Mechanism, domain: str) -> tuple[str | None, bool]:
    """The name a term leads to (None: none can be asked for), and whether the message decides it."""
    text = term.domain or domain
    if not macros.letters(text) <= {"d", "o"}:
        return None, True
    name = usable(macros.expand(text, {"d": domain, "o": state.root}))
    return name.lower() if name else None, False


def _followed(state: _Reading, shown: str, target: str | None, path: tuple[str, ...]) -> Steps[BudgetTree]:
    """An include or a redirect, with the record it leads to."""
    if target is None or target in path:
        loop = target is not None
        text = problems.LOOP.using(name=target) if loop else problems.TARGET_NONE.using(term=shown, name="?")
        kind = Trouble.LOOP if loop else Trouble.NO_RECORD
        return BudgetTree(shown, target or "", 1, trouble=kind, problem=text)
    records = select((yield from ask(target, "TXT")))
    if len(records) != 1:
        kind = Trouble.SEVERAL if records else Trouble.NO_RECORD
        text = (
            problems.SEVERAL.using(name=target, count=len(records))
            if records
            else problems.TARGET_NONE.using(term=shown, name=target)
        )
        return BudgetTree(shown, target, 1, trouble=kind, problem=text)
    try:
        record = parse(records[0])
    except SpfError as error:
        text = problems.INVALID.using(name=target, reason=error.text)
        return BudgetTree(shown, target, 1, trouble=Trouble.INVALID, problem=text)
    children = yield from _children(state, record, (*path, target))
    return BudgetTree(shown, target, 1, children=children)


def _addresses(term: Mechanism, target: str | None) -> Steps[BudgetTree]:
    """``a``, ``mx`` and ``exists``: one look-up each, void where nothing is there."""
    shown = str(term)
    if target is None:
        return BudgetTree(shown, "", 1)
    answer = yield from ask(target, "MX" if term.name == "mx" else "A")
    missing: int | None = None
    if term.name == "a":
        missing = 6  # settled once it is known whether it matters
        if not answer:
            answer, missing = (yield from ask(target, "AAAA")), 4
    if term.name == "mx" and len(answer) > MAX_MX:
        problem = problems.TOO_MANY_MX.using(name=target, most=MAX_MX)
        return BudgetTree(shown, target, 1, trouble=Trouble.TOO_MANY_MX, problem=problem)
    return BudgetTree(shown, target, 1, int(not answer), missing if answer else None)


def _families(tree: BudgetTree) -> Steps[BudgetTree]:
    """The tree with what it costs IPv6 clients, asked for only where that could be too much.

    A name that nobody answers for counts as having an address.
    """
    suspects = sorted({node.domain for node in tree.walk() if node.missing == 6})
    there = set(suspects)
    for name in suspects if tree.voids_of(6) > MAX_VOIDS else ():
        try:
            if not (yield from ask(name, "AAAA")):
                there.discard(name)
        except LookupFailed:
            continue
    return _settled(tree, there)


def _settled(tree: BudgetTree, there: Collection[str]) -> BudgetTree:
    children = tuple(_settled(child, there) for child in tree.children)
    missing = None if tree.missing == 6 and tree.domain in there else tree.missing
    return replace(tree, children=children, missing=missing)
