"""Mutants of the model of mail hosts: every wrong fact, and every slip in the lowering, is seen.

A mutant changes what is planned, what the checklist says or what `trace` believes; the simulators and what
the spec means know nothing of it. ``MAILWRIGHT_MUTANT_COMPANIES`` is how many companies one may take (60).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from mailwright.catalog.behaviour import Behaviour, behaviour
from mailwright.model.hosted import Case, HostObject
from mailwright.plan.mailboxes import cases, hosted_trace, lowering
from mailwright.report.mailboxes import hosted_steps
from tests.mail_host import test_simulated_hosts as simulated
from tests.mail_host.comparing import differences
from tests.mailboxes.test_hosted_companies import mails

COUNT = int(os.environ.get("MAILWRIGHT_MUTANT_COMPANIES", "60"))
Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Mutant:
    """One wrong thing about one host."""

    name: str
    host: str
    patch: Patch


def fact(host: str, question: str, answer: str) -> Mutant:
    """A wrong answer in the catalog; '' where it says that nobody knows."""

    def change(known: Behaviour) -> Behaviour:
        return replace(known, facts={**known.facts, question: answer})

    return Mutant(f"{question} is {answer or 'not known'}", host, _known(change))


def unreserved(host: str) -> Mutant:
    """No name is reserved."""
    return Mutant("nothing is reserved", host, _known(lambda known: replace(known, reserved={})))


def _known(change: Callable[[Behaviour], Behaviour]) -> Patch:
    def changed(host: str) -> Behaviour | None:
        known = behaviour(host)
        return change(known) if known else None

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        for module in (lowering, hosted_steps):
            monkeypatch.setattr(module, "behaviour", changed)

    return patch


def slip(name: str, host: str, where: Any, function: str, wrong: Callable[[Any], Any]) -> Mutant:
    """A function that does something else; ``wrong`` takes the right one."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(where, function, wrong(getattr(where, function)))

    return Mutant(name, host, patch)


def _objects(change: Callable[[HostObject], HostObject | None]) -> Callable[[Any], Any]:
    """What is mailboxes of a mailbox or an address is something else."""

    def wrong(right: Any) -> Any:
        def changed(*given: Any) -> Iterator[HostObject]:
            for host_object in right(*given):
                other = change(host_object)
                if other is not None:
                    yield other

        return changed

    return wrong


def _case(**other: object) -> Callable[[Any], Any]:
    def wrong(right: Any) -> Any:
        def changed(*given: Any) -> Case:
            return replace(right(*given), **other)

        return changed

    return wrong


def _without(*kinds: str) -> Callable[[Any], Any]:
    """Steps that the checklist forgets."""

    def wrong(right: Any) -> Any:
        def changed(*given: Any) -> Iterator[tuple[str, str]]:
            return (step for step in right(*given) if step[0].partition(":")[0] not in kinds)

        return changed

    return wrong


def _first(right: Any) -> Any:
    return lambda *given: right(*given)[:1]


GOOGLE, MICROSOFT, FEISHU = "google-workspace", "microsoft-365", "feishu"
LOWERING, STEPS, WALK = lowering._Lowering, hosted_steps._Steps, hosted_trace._Walk
MUTANTS = (
    fact(GOOGLE, "leaver", "disable"),
    fact(GOOGLE, "group_outside_senders", "no"),
    fact(GOOGLE, "forward_outside", "yes"),
    fact(MICROSOFT, "forward_outside", "yes"),
    fact(MICROSOFT, "group_outside_senders", "no"),
    fact(MICROSOFT, "reply_outside", "yes"),
    fact(FEISHU, "forward_granted", "no"),
    unreserved(GOOGLE),
    unreserved("alibaba-mail"),
    slip("an address of several goes to the first", MICROSOFT, LOWERING, "_ends", _first),
    slip("a rule's own mailbox keeps all", MICROSOFT, cases, "_case", _case(keeps=True)),
    slip("a rule asks for nothing", GOOGLE, cases, "_case", _case(when=())),
    slip("rules pass nothing on", GOOGLE, cases, "_case", _case(to=())),
    slip(
        "a mailbox loses its rules",
        MICROSOFT,
        STEPS,
        "_rules",
        lambda right: lambda *given: iter(()),
    ),
    slip("a leaver is not redirected", GOOGLE, STEPS, "_leaving", _without("handover")),
    slip("a leaver is not redirected", MICROSOFT, STEPS, "_leaving", _without("handover")),
    slip("nobody is let in to forward", FEISHU, STEPS, "_copy", _without("grant")),
    slip("no copy while somebody is away", MICROSOFT, STEPS, "_copy", _without("cover")),
    slip("mail outside is not permitted", MICROSOFT, STEPS, "_rules", _without("permit")),
    slip("the target outside does not confirm", GOOGLE, STEPS, "_rules", _without("confirm")),
    slip("no auto-reply", MICROSOFT, STEPS, "_reply", lambda right: lambda *given: iter(())),
    slip("a closed address is not locked", GOOGLE, STEPS, "_leaving", _without("suspended", "close")),
    slip(
        "a role mailbox is nobody's",
        MICROSOFT,
        LOWERING,
        "_role",
        _objects(lambda box: replace(box, kind="closed", keeps=False) if box.role else box),
    ),
    slip(
        "a group forgets a member",
        GOOGLE,
        WALK,
        "_group",
        lambda right: lambda walk, group, depth: right(walk, replace(group, to=group.to[:1]), depth),
    ),
)


def caught(mutant: Mutant) -> bool:
    """Whether a simulated host shows it, or who gets mail is not what the spec means."""
    for seed, mailboxes in simulated.companies(mutant.host, COUNT):
        if mails(mailboxes):
            return True
        for difference in differences(mutant.host, mailboxes, seed, simulated.SUBJECTS):
            if difference.kind in ("contradicted", "impossible"):
                return True
    return False


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.host}: {mutant.name}")
def test_a_wrong_model_is_seen(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.patch(monkeypatch)
    assert caught(mutant)
