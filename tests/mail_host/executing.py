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


def carried_out(host: str, mailboxes: Mailboxes, seed: int) -> tuple[Tenant, list[str], set[str]]:
    """The tenant after the checklist, the steps it documents to be impossible, and what nobody documents.

    The last are the addresses of steps of which no page says whether they can be done.
    """
    assert mailboxes.hosted is not None
    tenant = Tenant(NAMES[host], mailboxes.domain, Random(seed))
    refused: list[str] = []
    silent: set[str] = set()
    for step, day in _steps(mailboxes, mailboxes.hosted):
        outcome = tenant.do(step, day)
        if outcome.status == "refused" and set(outcome.facts) != {"base:exists"}:
            refused.append(f"{step.action}: {outcome.reason} {outcome.facts}")
        if outcome.status != "done":
            silent.add(str(step.values.get("alias", step.subject)))
    if mailboxes.hosted.says("rules") != "stop":  # the simulator has no words for an exception in a rule
        silent |= {
            host_object.address
            for host_object in mailboxes.hosted.objects
            if any(case.unless for case in host_object.cases)
        }
    return tenant, refused, silent


def _steps(mailboxes: Mailboxes, hosted: Hosted) -> Iterator[tuple[Step, dt.date]]:
    start = mailboxes.as_of - dt.timedelta(days=7)  # new aliases take days at some hosts
    gone = {suspended.address for suspended in mailboxes.suspended}
    for address in sorted(gone):
        yield Step("create_user", address), start
    living = [
        host_object
        for host_object in hosted.objects
        if host_object.address not in gone and host_object.window.holds(mailboxes.as_of)
    ]
    for kinds in (("user", "delegated"), ("shared",)):
        for each in living:
            if each.kind in kinds:
                yield _mailbox(each), start
    for each in living:
        yield from ((step, start) for step in _object(each, hosted))
    for address in sorted(gone):
        yield from ((step, start) for step in _leaver(address, hosted))


def _mailbox(host_object: HostObject) -> Step:
    if host_object.kind == "shared":
        return Step(
            "create_shared_mailbox",
            host_object.address,
            {"name": host_object.address[:20], "users": host_object.to},
        )
    return Step("create_user", host_object.address)


def _object(host_object: HostObject, hosted: Hosted) -> Iterator[Step]:
    if host_object.kind == "alias":
        yield Step("add_alias", host_object.to[0], {"alias": host_object.address})
    elif host_object.kind == "group":
        how: dict[str, object] = {"members": host_object.to, "name": host_object.address[:20]}
        if hosted.says("group_outside_senders"):
            how |= {"posting": "anyone"}
        yield Step("create_group", host_object.address, how)
    elif host_object.kind == "catch_all":
        yield Step("add_route", "catch-all", {"kind": "catch_all", "to": host_object.to})
    elif host_object.kind == "forward":
        if hosted.says("forward_granted") == "yes":
            yield Step("grant_forwarding", host_object.address)
        yield Step(
            "set_forward", host_object.address, {"to": host_object.to, "keep_copy": True, "by": "admin"}
        )
    for number, case in enumerate(host_object.cases):
        words = [word for one in case.when for test in one.tests for word in test.contains]
        when = {"subject_contains": words[0]} if words else {"all": True}
        do: tuple[object, ...] = tuple(("forward", to) for to in case.to)
        if not case.keeps and not host_object.role:
            do = (*do, "delete")
        yield Step(
            "add_rule",
            host_object.address,
            {"name": str(number), "when": when, "do": do or ("mark_read",), "stop": True},
        )


def _leaver(address: str, hosted: Hosted) -> Iterator[Step]:
    for host_object in hosted.at(address, "shared", "user", "routing", "alias"):
        to = host_object.to or tuple(to for case in host_object.cases for to in case.to)
        onward = {"to": to, "keep_copy": True, "by": "admin"}
        if host_object.kind == "shared":
            yield Step("convert_to_shared", address)
            yield from (Step("grant_access", address, {"to": one, "right": "full"}) for one in to)
            if not host_object.readers:
                yield Step("set_forward", address, onward)
        elif host_object.kind == "user":
            yield Step("set_forward", address, onward)
        elif host_object.kind == "routing":
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
    host: str, mailboxes: Mailboxes, seed: int, subjects: tuple[str, ...], told: Mailboxes | None = None
) -> Iterator[Difference]:
    """What the tenant does and `trace` does not say, for each address, sender and subject.

    ``told``: what `trace` goes through, where that is to be something else than what is carried out.
    """
    assert mailboxes.hosted is not None
    tenant, refused, silent = carried_out(host, mailboxes, seed)
    for each in refused:
        yield Difference("impossible", host, each.partition(":")[0], (each,), each)
    role = {host_object.address for host_object in mailboxes.hosted.objects if host_object.role}
    names = [box.address for box in mailboxes.mailboxes] + [route.address for route in mailboxes.routes]
    names += [each.address for each in mailboxes.refused] + [f"nobody-such@{mailboxes.domain}"]
    for address in dict.fromkeys(names):
        for sender in (OUTSIDE, mailboxes.mailboxes[0].address):
            for subject in subjects:
                mail = Mail(address, sender, subject, to=(address,))
                sent = simulators.Mail(sender, address, {"Subject": subject}, 2000)
                story = trace(told or mailboxes, mail)
                if story.unknown:
                    continue
                delivery = tenant.deliver(sent, mailboxes.as_of)
                leans = silent & ({address, *mailboxes.leaves(address)} | _passed(mailboxes, address))
                for each in _of(host, mailboxes, address, mail, story.addresses, delivery, role):
                    yield replace(each, kind="unsupported") if leans else each


def _passed(mailboxes: Mailboxes, address: str) -> set[str]:
    """Everybody whom rules and forwards may bring the mail of an address to."""
    assert mailboxes.hosted is not None
    found: set[str] = set()
    todo = [address, *mailboxes.catch_all]
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            for one in mailboxes.hosted.objects:
                if one.address == each:
                    todo += [*one.to, *(to for case in one.cases for to in case.to)]
    return found


def _reads(delivery: simulators.Delivery, person: str) -> bool | None:
    """Whether the mail lies where its owner looks; the trash is no such place."""
    events = [
        event for event in delivery.events if event.target == person and event.kind in ("delivered", "copied")
    ]
    if events and all(event.folder == "Trash" for event in events):
        return False
    return delivery.reached(person)


def _of(
    host: str,
    mailboxes: Mailboxes,
    address: str,
    mail: Mail,
    told: tuple[str, ...],
    delivery: simulators.Delivery,
    role: set[str],
) -> Iterator[Difference]:
    assert mailboxes.hosted is not None
    readers = {
        host_object.address: host_object.to for host_object in mailboxes.hosted.objects if host_object.readers
    }
    people = {box.address for box in mailboxes.mailboxes} | set(told) | set(readers)
    where = "inside" if mailboxes.inside(mail.sender) else "outside"
    host_objects = mailboxes.hosted.at(
        address, "user", "delegated", "shared", "alias", "group", "routing", "closed"
    )
    kind = "role" if address in role else host_objects[0].kind if host_objects else "nobody"
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
        facts = tuple(fact for fact in facts if not fact.startswith("base:"))
        example = f"{mail.sender} to {address} {mail.subject!r}: {person} trace {says}, host {does}"
        yield Difference(
            "contradicted" if does is not None else "unsupported",
            host,
            f"{kind} from {where}",
            facts,
            example,
        )
