"""Rules of one address as cases that never overlap, so that a host with or without "stop" does the same.

Hosts differ in what comes after a rule that fired: some ask the next one, some carry out every rule that
fits. A case says all that must hold and all that must not, so the mail meets exactly one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailwright.model.hosted import Case
from mailwright.model.mail_rules import Condition, Label, Rule

#: More cases than a person types into a console without a slip.
MOST = 24


class TooManyCasesError(Exception):
    """The rules copy and assign in more combinations than anybody could set up by hand."""


@dataclass(frozen=True, slots=True)
class _Path:
    """What is decided on the way down the list: what fired and what did not."""

    when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    copies: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    paths: tuple[str, ...] = ()


def cases(rules: Sequence[Rule], default: tuple[str, ...], own: str) -> tuple[Case, ...]:
    """The cases in the order to ask them; what no case takes stays as it is."""
    return parted(rules, default, own)[0]


def parted(
    rules: Sequence[Rule], default: tuple[str, ...], own: str
) -> tuple[tuple[Case, ...], tuple[Case, ...]]:
    """The cases to set up, and those at the end that need no rule: their mail stays as it is.

    Args:
        rules: in their order.
        default: who gets what no rule assigns. Of a person's mailbox it is the mailbox itself.
        own: the mailbox in which the cases run; it keeps the mail where it is among those who get it.

    Raises TooManyCasesError.
    """
    cases = []
    for step in _walk(tuple(rules), _Path(), default, own):
        cases.append(step)
        if len(cases) > MOST:
            raise TooManyCasesError
    end = len(cases)
    while end and _changes_nothing(cases[end - 1], own):
        end -= 1
    return tuple(cases[:end]), tuple(cases[end:])


def _changes_nothing(last: Case, own: str) -> bool:
    """Whether the last case does what happens without it."""
    return not last.to and last.keeps and not last.labels and bool(own)


def _walk(rules: tuple[Rule, ...], path: _Path, default: tuple[str, ...], own: str) -> Iterator[Case]:
    if not rules:
        yield _case(path, default, own, None)
        return
    rule, rest = rules[0], rules[1:]
    fired = _Path(
        path.when if rule.when is None else (*path.when, rule.when),
        path.unless,
        (*path.copies, *rule.copy_to),
        (*path.labels, *rule.labels),
        (*path.paths, rule.path),
    )
    if rule.ends:
        yield _case(fired, rule.assign_to or default, own, rule)
    else:
        yield from _walk(rest, fired, default, own)
    if rule.when is not None:
        missed = _Path(path.when, (*path.unless, rule.when), path.copies, path.labels, path.paths)
        yield from _walk(rest, missed, default, own)


def _case(path: _Path, to: tuple[str, ...], own: str, rule: Rule | None) -> Case:
    every = dict.fromkeys((*to, *path.copies))
    others = tuple(address for address in every if address != own)
    at = rule.position if rule else None
    labels = tuple(dict.fromkeys(path.labels))
    return Case(path.when, path.unless, others, own in every, labels, path.paths, at)
