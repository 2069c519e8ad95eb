"""A checklist carried out step by step at a simulated host, and its mail beside what `trace` says.

The steps are those of the objects that the checklist is written from, in its order: mailboxes, shared ones,
aliases, groups, routing, rules, what has an end, and who left (redirection before the lock).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from mailwright.model.hosted import Hosted, HostObject
from mailwright.model.mailboxes import Mailboxes
from mailwright.plan.mailboxes.trace import Mail, trace
from tests.mail_host import simulators
from tests.mail_host.simulators import Step, Tenant

#: Our hosts by the simulators' names.
NAMES = {
    "google-workspace": "google",
    "microsoft-365": "microsoft",
    "tencent-exmail": "tencent",
    "alibaba-mail": "alibaba",
    "netease-qiye": "netease",
    "zoho-mail": "zoho",
    "feishu": "feishu",
}
OUTSIDE = "buyer@outside.example"


@dataclass(frozen=True)
class Difference:
    """One mail of which the two say different things.

    ``kind``: contradicted (a page of the vendor says otherwise), or unsupported (no page of the vendor says
    it, and `trace` does not say that it is not known). ``facts`` are the simulator's questions.
    """

    kind: str
    host: str
    what: str
    facts: tuple[str, ...]
    example: str


def carried_out(host: str, made: Mailboxes, seed: int) -> tuple[Tenant, list[str], set[str]]:
    """The tenant after the checklist, the steps it documents to be impossible, and what nobody documents.

    The last are the addresses of steps of which no page says whether they can be done.
    """
    assert made.hosted is not None
    tenant = Tenant(NAMES[host], made.domain, Random(seed))
    refused: list[str] = []
    silent: set[str] = set()
    for step, day in _steps(made, made.hosted):
        outcome = tenant.do(step, day)
        if outcome.status == "refused" and set(outcome.facts) != {"base:exists"}:
            refused.append(f"{step.action}: {outcome.reason} {outcome.facts}")
        if outcome.status != "done":
            silent.add(str(step.values.get("alias", step.subject)))
    if made.hosted.says("rules") != "stop":  # the simulator has no words for an exception in a rule
        silent |= {each.address for each in made.hosted.objects if any(case.unless for case in each.cases)}
    return tenant, refused, silent


def _steps(made: Mailboxes, hosted: Hosted) -> Iterator[tuple[Step, dt.date]]:
    start = made.as_of - dt.timedelta(days=7)  # new aliases take days at some hosts
    gone = {each.address for each in made.suspended}
    for address in sorted(gone):
        yield Step("create_user", address), start
    living = [each for each in hosted.objects if each.address not in gone and each.window.holds(made.as_of)]
    for kinds in (("user", "delegated"), ("shared",)):
        for each in living:
            if each.kind in kinds:
                yield _mailbox(each), start
    for each in living:
        yield from ((step, start) for step in _object(each, hosted))
    for address in sorted(gone):
        yield from ((step, start) for step in _leaver(address, hosted))


def _mailbox(each: HostObject) -> Step:
    if each.kind == "shared":
        return Step("create_shared_mailbox", each.address, {"name": each.address[:20], "users": each.to})
    return Step("create_user", each.address)


def _object(each: HostObject, hosted: Hosted) -> Iterator[Step]:
    if each.kind == "alias":
        yield Step("add_alias", each.to[0], {"alias": each.address})
    elif each.kind == "group":
        how: dict[str, object] = {"members": each.to, "name": each.address[:20]}
        if hosted.says("group_outside_senders"):
            how |= {"posting": "anyone"}
        yield Step("create_group", each.address, how)
    elif each.kind == "catch_all":
        yield Step("add_route", "catch-all", {"kind": "catch_all", "to": each.to})
    elif each.kind == "forward":
        if hosted.says("forward_granted") == "yes":
            yield Step("grant_forwarding", each.address)
        yield Step("set_forward", each.address, {"to": each.to, "keep_copy": True, "by": "admin"})
    for number, case in enumerate(each.cases):
        words = [word for one in case.when for test in one.tests for word in test.contains]
        when = {"subject_contains": words[0]} if words else {"all": True}
        do: tuple[object, ...] = tuple(("forward", to) for to in case.to)
        if not case.keeps and not each.role:
            do = (*do, "delete")
        yield Step(
            "add_rule",
            each.address,
            {"name": str(number), "when": when, "do": do or ("mark_read",), "stop": True},
        )


def _leaver(address: str, hosted: Hosted) -> Iterator[Step]:
    for each in hosted.at(address, "shared", "user", "routing", "alias"):
        to = each.to or tuple(to for case in each.cases for to in case.to)
        onward = {"to": to, "keep_copy": True, "by": "admin"}
        if each.kind == "shared":
            yield Step("convert_to_shared", address)
            yield from (Step("grant_access", address, {"to": one, "right": "full"}) for one in to)
            if not each.readers:
                yield Step("set_forward", address, onward)
        elif each.kind == "user":
            yield Step("set_forward", address, onward)
        elif each.kind == "routing":
            yield Step("add_route", f"leaver {address}", {"kind": "map", "address": address, "to": to})
        else:
            yield Step("delete_user", address)
            yield Step("release_address", address)
            yield Step("add_alias", to[0], {"alias": address})
    if any(step.step == "lock" and step.address == address for step in hosted.leaving) or hosted.at(
        address, "closed"
    ):
        yield Step("suspend_user", address)


def differences(
    host: str, made: Mailboxes, seed: int, subjects: tuple[str, ...], told: Mailboxes | None = None
) -> Iterator[Difference]:
    """What the tenant does and `trace` does not say, for each address, sender and subject.

    ``told``: what `trace` goes through, where that is to be something else than what is carried out.
    """
    assert made.hosted is not None
    tenant, refused, silent = carried_out(host, made, seed)
    for each in refused:
        yield Difference("impossible", host, each.partition(":")[0], (each,), each)
    role = {each.address for each in made.hosted.objects if each.role}
    names = [box.address for box in made.mailboxes] + [route.address for route in made.routes]
    names += [each.address for each in made.refused] + [f"nobody-such@{made.domain}"]
    for address in dict.fromkeys(names):
        for sender in (OUTSIDE, made.mailboxes[0].address):
            for subject in subjects:
                mail = Mail(address, sender, subject, to=(address,))
                sent = simulators.Mail(sender, address, {"Subject": subject}, 2000)
                story = trace(told or made, mail)
                if story.unknown:
                    continue
                delivery = tenant.deliver(sent, made.as_of)
                leans = silent & ({address, *made.leaves(address)} | _passed(made, address))
                for each in _of(host, made, address, mail, story.addresses, delivery, role):
                    yield replace(each, kind="unsupported") if leans else each


def _passed(made: Mailboxes, address: str) -> set[str]:
    """Everybody whom rules and forwards may bring the mail of an address to."""
    assert made.hosted is not None
    found: set[str] = set()
    todo = [address, *made.catch_all]
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            for one in made.hosted.objects:
                if one.address == each:
                    todo += [*one.to, *(to for case in one.cases for to in case.to)]
    return found


def _reads(delivery: simulators.Delivery, person: str) -> bool | None:
    """Whether the mail lies where its owner looks; the trash is no such place."""
    found = [
        each for each in delivery.events if each.target == person and each.kind in ("delivered", "copied")
    ]
    if found and all(each.folder == "Trash" for each in found):
        return False
    return delivery.reached(person)


def _of(
    host: str,
    made: Mailboxes,
    address: str,
    mail: Mail,
    told: tuple[str, ...],
    delivery: simulators.Delivery,
    role: set[str],
) -> Iterator[Difference]:
    assert made.hosted is not None
    readers = {each.address: each.to for each in made.hosted.objects if each.readers}
    people = {box.address for box in made.mailboxes} | set(told) | set(readers)
    where = "inside" if made.inside(mail.sender) else "outside"
    found = made.hosted.at(address, "user", "delegated", "shared", "alias", "group", "routing", "closed")
    kind = "role" if address in role else found[0].kind if found else "nobody"
    for person in sorted(people - role):
        says = person in told
        if person in readers and address != person:
            continue
        if person in readers:
            says = set(readers[person]) <= set(told)
        elif address in readers and person in readers[address]:
            continue
        does = _reads(delivery, person)
        if does is says:
            continue
        facts = tuple(
            sorted(
                {
                    fact
                    for event in (*delivery.events, *delivery.withheld)
                    for fact in event.facts
                    if ":" in fact
                }
            )
        )
        facts = tuple(each for each in facts if not each.startswith("base:"))
        example = f"{mail.sender} to {address} {mail.subject!r}: {person} trace {says}, host {does}"
        yield Difference(
            "contradicted" if does is not None else "unsupported",
            host,
            f"{kind} from {where}",
            facts,
            example,
        )
