"""What a new version of a spec does to mail, beside the old one; nothing is asked of the world."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from mailwright.model.changes import ChangeSet
from mailwright.model.families import Family, family_of
from mailwright.model.finding import Finding
from mailwright.model.mailboxes import Mailbox, Mailboxes, Refused, Route
from mailwright.model.names import absolute, bare
from mailwright.model.plan import Plan
from mailwright.model.records import Observed, ObservedSet, ObservedValue
from mailwright.model.text import Text
from mailwright.model.wildcards import made_up
from mailwright.plan.judging import snapshot_tree
from mailwright.plan.mailboxes.reach import Reach, ends, losses
from mailwright.plan.transition.change import Owned, change, keys_to_read
from mailwright.plan.transition.gate import gate
from mailwright.plan.transition.words import in_words
from mailwright.standards import spf


@dataclass(frozen=True, slots=True)
class Flow:
    """Who got the mail of an address, and who gets it; empty: it is refused."""

    address: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """Look-ups that SPF of a name costs, before and after; None: there is no record.

    ``between`` is what the published record costs while old terms retire beside new ones.
    """

    domain: str
    before: int | None
    between: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Review:
    """One domain. ``refusals`` are what needs consent and has none; ``costs`` by the catalog's snapshot.

    ``words`` say who receives, who may send, what signs and what receivers are asked to do.
    """

    domain: str
    changes: ChangeSet
    refusals: tuple[Finding, ...]
    costs: tuple[Cost, ...]
    flows: tuple[Flow, ...]
    words: tuple[Text, ...] = ()
    new: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether mail stays as it was; what only begins to retire is a change all the same."""
        differences = (self.changes.changes, self.changes.retiring, self.refusals, self.flows, self.words)
        return not any(differences)


def review(old: Plan | None, new: Plan | None) -> Review:
    """Judge the new plan against a world that is just as the old one says. One of them may be None."""
    plan = new or old
    if plan is None:
        raise ValueError("nothing to review")
    records = new.records if new else ()
    owned = Owned({key: values for key, (_, values) in _sets(old).items()})
    domain = plan.domain
    keys = keys_to_read(records, owned, domain)
    asked = frozenset(f"{name} {type}" for name, type in keys)
    stands = [_stands(key, ttl, values) for key, (ttl, values) in _sets(old).items()]
    wild = made_up((name for name, _ in keys), stands, absolute(domain))
    observed = Observed.of(absolute(domain), stands, asked, made_up=wild)
    changes = change(records, observed, domain=domain, target="", as_of=plan.as_of, owned=owned)
    return Review(
        domain,
        changes,
        (*gate(changes, plan.consents), *_losses(old, new)),
        _costs(old, new, changes),
        _flows(old, new),
        in_words(old, new),
        new=old is None,
    )


def _stands(key: str, ttl: int, values: tuple[str, ...]) -> ObservedSet:
    name, _, type = key.rpartition(" ")
    return ObservedSet(name, type, ttl, tuple(ObservedValue.of(type, value) for value in values))


def _sets(plan: Plan | None) -> dict[str, tuple[int, tuple[str, ...]]]:
    sets: dict[str, tuple[int, tuple[str, ...]]] = {}
    for record in plan.records if plan else ():
        ttl, values = sets.get(record.key, (record.ttl, ()))
        sets[record.key] = (min(ttl, record.ttl), (*values, *record.values))
    return sets


def _costs(old: Plan | None, new: Plan | None, changes: ChangeSet) -> tuple[Cost, ...]:
    before, after = _lookups(old), _lookups(new)
    between = _published(changes)
    return tuple(
        Cost(name, before.get(name), between.get(name), after.get(name))
        for name in sorted({*before, *after})
        if name in between or before.get(name) != after.get(name)
    )


def _published(changes: ChangeSet) -> dict[str, int]:
    costs: dict[str, int] = {}
    for set_change in changes.changes:
        for value in (
            set_change.after if set_change.type == "TXT" and Family.SPF in set_change.families else ()
        ):
            if family_of(set_change.name, set_change.type, value.value) is Family.SPF:
                with contextlib.suppress(spf.SpfError):
                    costs[bare(set_change.name)] = snapshot_tree(set_change.name, value.value).lookups
    return costs


def _lookups(plan: Plan | None) -> dict[str, int]:
    costs: dict[str, int] = {}
    for record in plan.records if plan else ():
        if record.type == "TXT" and record.family is Family.SPF:
            with contextlib.suppress(spf.SpfError):  # that is said as a finding of the plan
                costs[bare(record.name)] = snapshot_tree(record.name, record.values[0]).lookups
    return costs


def _flows(old: Plan | None, new: Plan | None) -> tuple[Flow, ...]:
    before = old.mailboxes if old else None
    after = new.mailboxes if new else None
    addresses = {*_addresses(before), *_addresses(after)}
    flows = (Flow(address, ends(before, address), ends(after, address)) for address in sorted(addresses))
    return tuple(flow for flow in flows if set(flow.before) != set(flow.after))


def _losses(old: Plan | None, new: Plan | None) -> tuple[Finding, ...]:
    """What the mail host would lose; a spec that leaves mailboxes to somebody else closes none."""
    if old is None or new is None or old.mailboxes is None or new.mailboxes is None:
        return ()
    return losses(Reach.of(old.mailboxes), new.mailboxes, new.consents, new.as_of)


def _addresses(mailboxes: Mailboxes | None) -> set[str]:
    if mailboxes is None:
        return set()
    every: tuple[Mailbox | Route | Refused, ...] = (
        *mailboxes.mailboxes,
        *mailboxes.routes,
        *mailboxes.refused,
    )
    return {box.address for box in every}
