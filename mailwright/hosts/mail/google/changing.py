"""From what stands there to what is planned: steps in the order in which no mail is lost. Pure.

First who left is locked out. Then what is new: mailboxes, and what passes mail on before an address leads
there. An address that is something else so far is freed and taken in two calls that follow each other. What
goes comes last, and a mailbox is never deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, replace

from mailwright.hosts.mail.google.rows import (
    ACTIVE,
    CONFIRMED,
    Rows,
    filter_of,
    parts,
    settings_of,
    settings_text,
)

#: A new group refuses mail until its members are in it: it would swallow what comes before.
SHUT = "ALL_OWNERS_CAN_POST"
#: What takes mail at an address; each address is one of them.
TAKING = ("user", "alias", "group")


@dataclass(frozen=True, slots=True)
class Step:
    """One object: made (``before`` None), changed, or taken away (``after`` None)."""

    key: str
    before: str | None
    after: str | None

    @property
    def kind(self) -> str:
        """What it is."""
        return parts(self.key)[0]

    @property
    def address(self) -> str:
        """Whose it is."""
        return parts(self.key)[1]

    @property
    def more(self) -> str:
        """The rest of its name."""
        return parts(self.key)[2]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted. ``ours``: lines that an earlier run left as ours; ``kept``: those that stay whatever
    is wanted, because they stood there before us."""

    rows: Rows
    ours: Set[str] = frozenset()
    kept: Set[str] = frozenset()


def steps(there: Rows, asked: Asked) -> tuple[Step, ...]:
    """Every step, in order."""
    return tuple(_steps(there, asked))


def waiting(there: Rows, rows: Rows) -> dict[str, str]:
    """Lines that wait for somebody outside to agree, and what follows from them, by what they wait for."""
    targets = {
        (address, more)
        for key, value in there.items()
        for kind, address, more in [parts(key)]
        if kind == "forwarding" and value != CONFIRMED and key in rows
    }
    held: dict[str, str] = {}
    for key, value in rows.items():
        kind, address, more = parts(key)
        target = target_of(kind, more, value)
        if (address, target) in targets:
            held[key] = target
        elif kind == "send-as" and there.get(key, CONFIRMED) != CONFIRMED:
            held[key] = more
    return held


def target_of(kind: str, more: str, value: str) -> str:
    """Where mail goes by an object of a mailbox, '' where it stays."""
    if kind == "filter":
        return filter_of(value).forward
    if kind == "forward":
        return value.split(maxsplit=1)[0]
    return more if kind == "forwarding" else ""


def _steps(there: Rows, asked: Asked) -> Iterator[Step]:
    rows, held = asked.rows, waiting(there, asked.rows)
    todo = {
        key: Step(key, there.get(key), value)
        for key, value in rows.items()
        if there.get(key) != value and key not in held
    }
    going = {
        key: Step(key, there[key], None)
        for key in sorted((asked.ours & there.keys()) - rows.keys() - asked.kept)
        if parts(key)[0] not in ("user", "locked")
    }
    switched = _switched(there, todo)
    yield from _of(todo, "locked")
    yield from (step for step in _of(todo, "user") if step.after == ACTIVE and step.address not in switched)
    for address in sorted(switched):
        yield from _switch(address, switched[address], there, todo)
    yield from _of(todo, "delegate", "send-as", "forwarding")
    yield from _of(todo, "filter", "forward", "vacation")
    yield from (
        step for group in _of(todo, "group") if group.address not in switched for step in _grown(group, todo)
    )
    grown = {step.address for step in _of(todo, "group")}
    yield from (step for step in _of(todo, "member") if step.address not in grown)
    yield from (step for step in _of(todo, "alias") if step.address not in switched)
    freed = {key for keys in switched.values() for key in keys}
    rest = {key: step for key, step in going.items() if key not in freed}
    yield from _of(rest, "vacation", "filter", "forward", "member", "delegate", "send-as")
    yield from _of(rest, "alias", "group", "forwarding")
    yield from (step for step in _of(todo, "user") if step.after != ACTIVE)


def _of(several: Mapping[str, Step], *kinds: str) -> Iterator[Step]:
    for kind in kinds:
        yield from (several[key] for key in sorted(several) if several[key].kind == kind)


def _switched(there: Rows, todo: Mapping[str, Step]) -> dict[str, tuple[str, ...]]:
    """Addresses that are something else so far, with what has to go first."""
    switched: dict[str, tuple[str, ...]] = {}
    for step in todo.values():
        if step.kind in TAKING:
            others = tuple(
                key for kind in TAKING if (key := f"{kind} {step.address}") in there and kind != step.kind
            )
            moved = (step.key,) if step.kind == "alias" and step.before is not None else ()
            if others or moved:
                switched[step.address] = others + moved
    return switched


def _switch(address: str, keys: Collection[str], there: Rows, todo: Mapping[str, Step]) -> Iterator[Step]:
    """An address is freed and taken; whatever its new object needs follows at once."""
    yield from (Step(key, there[key], None) for key in keys)
    for kind in TAKING:
        step = todo.get(f"{kind} {address}")
        if step is None:
            continue
        step = replace(step, before=None)
        yield from _grown(step, todo) if kind == "group" else (step,)


def _grown(group: Step, todo: Mapping[str, Step]) -> Iterator[Step]:
    """A group with its members: not opened any further until they are in it, then as planned."""
    members = [step for step in _of(todo, "member") if step.address == group.address]
    assert group.after is not None
    planned = settings_of(group.after)
    open_to = SHUT if group.before is None else settings_of(group.before).get("whoCanPostMessage", SHUT)
    ready = settings_text({**planned, "whoCanPostMessage": open_to})
    if ready != group.before:  # whom it may have is set before they come in
        yield replace(group, after=ready)
    yield from members
    if ready != group.after:
        yield replace(group, before=ready)
