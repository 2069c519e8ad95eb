"""Faults that show only where all addresses and rules stand side by side: circles, contradictions."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from mailwright.model.finding import Finding, found
from mailwright.model.mailboxes import Condition, Test
from mailwright.model.rules import Rule
from mailwright.spec import mailbox_rules as said
from mailwright.spec.mailboxes import MailboxSpec, RuleSpec


def dispatch_faults(spec: MailboxSpec) -> Iterator[Finding]:
    """Rules of one address that exclude each other or come too late; owners who get nothing."""
    by_address: dict[str, list[RuleSpec]] = defaultdict(list)
    for rule in spec.rules:
        by_address[rule.of].append(rule)
    for address, rules in by_address.items():
        for number, later in enumerate(rules):
            finding = next(filter(None, (_pair(address, first, later) for first in rules[:number])), None)
            if finding:
                yield finding
    for role in spec.addresses:
        if role.owner and role.to and role.owner not in role.to:
            owner, path = role.owner.partition("@")[0], f"addresses.{role.key}.owner"
            yield found(
                said.OWNER_NO_MEMBER, path=path, position=role.position, owner=owner, address=role.key
            )


def _pair(address: str, first: RuleSpec, later: RuleSpec) -> Finding | None:
    line = first.position.line if first.position else 0

    def say(rule: Rule) -> Finding:
        return found(rule, path=later.path, position=later.position, address=address, first=line)

    if first.when is None:
        return say(said.OTHERWISE_NOT_LAST)
    if not (first.assign_to or first.stop) or later.when is None or not _implies(later.when, first.when):
        return None
    same = _implies(first.when, later.when)
    differ = later.assign_to and set(later.assign_to) != set(first.assign_to)
    return say(said.CONTRADICT if same and differ and first.assign_to else said.NEVER_FIRES)


def _implies(one: Condition, other: Condition) -> bool:
    """Whether every mail that ``one`` takes is one that ``other`` takes. False where it cannot be told."""
    if (other.not_replies and not one.not_replies) or (other.not_spam and not one.not_spam):
        return False
    if one.any and len(one.tests) > 1:
        return all(_implies(replace(one, tests=(test,), any=False), other) for test in one.tests)
    covered = (any(_covers(mine, test) for mine in one.tests) for test in other.tests)
    return any(covered) if other.any and other.tests else all(covered)


def _covers(one: Test, other: Test) -> bool:
    """Whether a mail with any of ``one`` has one of ``other``: "product A" has "product"."""
    mine, others = _names(one), _names(other)
    if other.field == "has_header":
        return bool(mine) and mine <= others
    if one.field != other.field or (one.field == "header" and mine != others):
        return False
    if one.field in ("larger_than", "smaller_than"):
        return one.size >= other.size if one.field == "larger_than" else one.size <= other.size
    if one.field == "attachments":
        return one.present == other.present
    return all(any(short.lower() in long.lower() for short in other.contains) for long in one.contains)


def _names(test: Test) -> set[str]:
    """The headers of which a mail that passes the test has at least one."""
    names = {"header": (test.name,), "has_header": test.contains, "subject": ("subject",)}
    return {name.lower() for name in names.get(test.field, ())}


def loop_faults(spec: MailboxSpec, domain: str) -> Iterator[Finding]:
    """Circles of addresses, hand-overs and rules; each is said once."""
    edges: dict[str, dict[str, None]] = defaultdict(dict)
    places = {}
    for spec_address in spec.addresses:
        address = f"{spec_address.key}@{domain}"
        places[address] = (f"addresses.{spec_address.key}", spec_address.position)
        if not spec_address.shared:
            edges[address].update(dict.fromkeys(spec_address.to))
    for person in spec.people:
        address = f"{person.key}@{domain}"
        places[address] = (f"people.{person.key}", person.position)
        if person.successor:
            edges[address][person.successor] = None
    for rule in spec.rules:
        edges[rule.of].update(dict.fromkeys((*rule.assign_to, *rule.copy_to)))
    for circle in _circles(edges, spec):
        path, position = places.get(circle[0], ("", None))
        names = " → ".join(member.partition("@")[0] for member in (*circle, circle[0]))
        yield found(said.ADDRESS_LOOP, path=path, position=position, address=circle[0], circle=names)


def _circles(edges: dict[str, dict[str, None]], spec: MailboxSpec) -> Iterator[tuple[str, ...]]:
    """Every circle that a walk meets first. A mailbox whose rule assigns to itself keeps the mail: none."""
    done: set[str] = set()
    for start in tuple(edges):
        stack: list[tuple[str, Iterator[str]]] = [(start, iter(edges.get(start, ())))]
        path = {start: 0}  # with its place on the way
        while stack:
            here, following = stack[-1]
            target = next(following, None)
            if target is None:
                stack.pop()
                del path[here]
                done.add(here)
            elif target in path:
                if target != here or not _is_mailbox(target, spec):
                    yield tuple(itertools.islice(path, path[target], None))
            elif target not in done:
                path[target] = len(path)
                stack.append((target, iter(edges.get(target, ()))))


def _is_mailbox(address: str, spec: MailboxSpec) -> bool:
    local = address.partition("@")[0]
    return any(person.key == local for person in spec.people) or any(
        spec_address.key == local and spec_address.shared for spec_address in spec.addresses
    )
