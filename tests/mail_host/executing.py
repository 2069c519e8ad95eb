"""A checklist carried out step by step at a simulated host, and what its mail does then beside what `trace` says.

The steps are those of the objects that the checklist is written from, in its order: mailboxes, shared ones,
aliases, groups, routing, rules, what has an end, and who left (redirection before the lock).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
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


def carried_out(host: str, made: Mailboxes, seed: int) -> tuple[Tenant, list[str]]:
    """The tenant after the checklist, and the steps that it documents to be impossible."""
    assert made.hosted is not None
    tenant = Tenant(NAMES[host], made.domain, Random(seed))
    refused = []
    for step, day in _steps(made, made.hosted):
        outcome = tenant.do(step, day)
        if outcome.status == "refused":
            refused.append(f"{step.action}: {outcome.reason} {outcome.facts}")
    return tenant, refused


def _steps(made: Mailboxes, hosted: Hosted) -> Iterator[tuple[Step, dt.date]]:
    today = made.as_of
    before = today - dt.timedelta(days=400)
    gone = {each.address for each in made.suspended}
    for address in sorted(gone):
        yield Step("create_user", address), before
    for each in hosted.objects:
        if each.address in gone:
            continue
        if each.kind in ("user", "delegated"):
            yield Step("create_user", each.address), today
        elif each.kind == "shared":
            yield Step("create_shared_mailbox", each.address, {"name": each.address, "users": each.to}), today
    for each in hosted.objects:
        if each.address not in gone:
            yield from ((step, today) for step in _object(each, hosted))
    for address in sorted(gone):
        yield from ((step, today) for step in _leaver(address, hosted))


def _object(each: HostObject, hosted: Hosted) -> Iterator[Step]:
    if each.kind == "alias":
        yield Step("add_alias", each.to[0], {"alias": each.address})
    elif each.kind == "group":
        how = {"members": each.to, "name": each.address}
        if hosted.says("group_outside_senders"):
            how |= {"posting": "anyone"}
        yield Step("create_group", each.address, how)
    elif each.kind == "catch_all":
        yield Step("add_route", "catch-all", {"kind": "catch_all", "to": each.to})
    elif each.kind == "forward":
        yield Step("set_forward", each.address, {"to": each.to, "keep_copy": True, "by": "admin"})
    for number, case in enumerate(each.cases):
        words = [word for one in case.when for test in one.tests for word in test.contains]
        when = {"subject_contains": words[0]} if words else {"all": True}
        do = tuple(("redirect", to) for to in case.to)
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


def differences(host: str, made: Mailboxes, seed: int, subjects: tuple[str, ...]) -> Iterator[Difference]:
    """What the tenant does and `trace` does not say, for each address, sender and subject."""
    assert made.hosted is not None
    tenant, refused = carried_out(host, made, seed)
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
                story = trace(made, mail)
                if story.unknown:
                    continue
                delivery = tenant.deliver(sent, made.as_of)
                yield from _of(host, made, address, mail, story.addresses, delivery, role)


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
        if person in readers:
            says = set(readers[person]) <= set(told)
        elif address in readers and person in readers[address]:
            continue
        does = delivery.reached(person)
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
