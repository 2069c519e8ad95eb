"""The mail of a simulated host beside what `trace` says: who gets what, and who answers it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mailwright.model.mailboxes import Mailboxes
from mailwright.plan.mailboxes.story import Trace
from mailwright.plan.mailboxes.trace import Mail, trace
from tests.mail_host import simulators
from tests.mail_host.executing import CarriedOut, carried_out

OUTSIDE = "buyer@outside.example"


@dataclass(frozen=True)
class Difference:
    """One mail of which the two say different things.

    ``kind``: contradicted (a page of the vendor says otherwise), or unsupported (no page of the vendor says
    it, and `trace` does not say that it is not known), or impossible (a step that the host refuses).
    ``facts`` are the simulator's questions.
    """

    kind: str
    host: str
    what: str
    facts: tuple[str, ...]
    example: str


def differences(
    host: str, mailboxes: Mailboxes, seed: int, subjects: tuple[str, ...], judged: Mailboxes | None = None
) -> Iterator[Difference]:
    """What the tenant does and `trace` does not say, for every address, sender and subject.

    ``judged``: what `trace` goes through, where that is to be something else than what is carried out.
    """
    assert mailboxes.hosted is not None
    done = carried_out(host, mailboxes, seed)
    for reason in done.refused:
        yield Difference("impossible", host, reason.partition(":")[0], (reason,), reason)
    names = [box.address for box in mailboxes.mailboxes] + [route.address for route in mailboxes.routes]
    names += [refused.address for refused in mailboxes.refused] + [f"nobody-such@{mailboxes.domain}"]
    for address in dict.fromkeys(names):
        for sender in (OUTSIDE, mailboxes.mailboxes[0].address):
            for subject in subjects:
                mail = Mail(address, sender, subject, to=(address,))
                story = trace(judged or mailboxes, mail)
                for box in done.tenant.world.boxes.values():
                    box.replied.clear()  # one mail has nothing to do with the one before
                sent = simulators.Mail(sender, address, {"Subject": subject}, 2000)
                delivery = done.tenant.deliver(sent, mailboxes.as_of)
                leans = leans_on_silence(done, mailboxes, address)
                for difference in (
                    *_of(host, mailboxes, mail, story, delivery),
                    *_answers(host, mailboxes, mail, story, delivery, done.mute),
                    *_invariants(host, mailboxes, mail, delivery),
                ):
                    yield replace(difference, kind="unsupported") if leans else difference


def leans_on_silence(done: CarriedOut, mailboxes: Mailboxes, address: str) -> bool:
    """Whether mail to an address meets a step of which no page says whether it can be done."""
    return bool(done.silent & ({address, *mailboxes.leaves(address)} | _passed(mailboxes, address)))


def _passed(mailboxes: Mailboxes, address: str) -> set[str]:
    """Everybody whom rules and forwards may bring the mail of an address to."""
    assert mailboxes.hosted is not None
    passed: set[str] = set()
    todo = [address, *mailboxes.catch_all]
    while todo:
        reached = todo.pop()
        if reached not in passed:
            passed.add(reached)
            for host_object in mailboxes.hosted.objects:
                if host_object.address == reached:
                    todo += [*host_object.to, *(to for case in host_object.cases for to in case.to)]
    return passed


def reads(delivery: simulators.Delivery, person: str) -> bool | None:
    """Whether the mail lies where its owner looks; the trash is no such place."""
    arrived = [
        event for event in delivery.events if event.target == person and event.kind in ("delivered", "copied")
    ]
    if arrived and all(event.folder == "Trash" for event in arrived):
        return False
    return delivery.reached(person)


def _invariants(
    host: str, mailboxes: Mailboxes, mail: Mail, delivery: simulators.Delivery
) -> Iterator[Difference]:
    """What must hold at any host, whatever `trace` says: nothing outside without the spec, nothing twice.

    Whoever passes their own mail on may well send somebody a second one: the spec asks for both.
    """
    assert mailboxes.hosted is not None
    sure = [event for event in delivery.events if not event.undocumented]
    named = {target for route in mailboxes.routes for target in route.to}
    for event in sure:
        if (
            event.kind == "forwarded"
            and event.target not in named
            and not event.target.startswith("the host")
        ):
            yield _difference(host, mailboxes, mail, delivery, f"it leaves for {event.target}", does=True)
    if _twice_by_the_spec(mailboxes, mail.recipient):
        return
    kept = [
        event.target for event in sure if event.kind in ("delivered", "copied") and event.folder != "Trash"
    ]
    for person, times in Counter(kept).items():
        if times > 1:
            yield _difference(host, mailboxes, mail, delivery, f"{person} gets it {times} times", does=True)


def _twice_by_the_spec(mailboxes: Mailboxes, address: str) -> bool:
    """Whether somebody on the way passes their own mail on, or a group names whom a member's rules name too.

    Of the latter `check` warns (``group-delivers-twice``).
    """
    assert mailboxes.hosted is not None
    objects = mailboxes.hosted.objects
    role = {box.address for box in objects if box.role}
    own = {box.address for box in objects if box.kind == "forward" or (box.cases and not box.role)}
    on_the_way = _passed(mailboxes, address)
    shared = [
        to
        for box in objects
        if box.address in on_the_way and (box.kind == "group" or box.role)
        for to in (box.to, *(case.to for case in box.cases))
    ]
    named_twice = any(set(to) & role and len(to) > 1 for to in shared)
    return bool(own & on_the_way) or named_twice


def _doubted(delivery: simulators.Delivery) -> set[str]:
    """Mailboxes of which no page says whether the mail came there."""
    return {event.target for event in (*delivery.events, *delivery.withheld) if event.undocumented}


def _of(
    host: str, mailboxes: Mailboxes, mail: Mail, story: Trace, delivery: simulators.Delivery
) -> Iterator[Difference]:
    assert mailboxes.hosted is not None
    if story.unknown:
        return
    readers = {
        host_object.address: host_object.to for host_object in mailboxes.hosted.objects if host_object.readers
    }
    role = {host_object.address for host_object in mailboxes.hosted.objects if host_object.role}
    people = {box.address for box in mailboxes.mailboxes} | set(story.addresses) | set(readers)
    people |= {refused.address for refused in mailboxes.refused}
    for person in sorted(people - role):
        says = person in story.addresses
        if person in readers and mail.recipient != person:
            continue
        if person in readers:
            says = set(readers[person]) <= set(story.addresses)
        elif mail.recipient in readers and person in readers[mail.recipient]:
            continue
        does = reads(delivery, person)
        if does is False and any(person in _passed(mailboxes, box) - {box} for box in _doubted(delivery)):
            does = None  # what may or may not lie there would have been passed on
        if does is not says:
            yield _difference(host, mailboxes, mail, delivery, f"{person} trace {says}, host {does}", does)


def _answers(
    host: str,
    mailboxes: Mailboxes,
    mail: Mail,
    story: Trace,
    delivery: simulators.Delivery,
    mute: set[str],
) -> Iterator[Difference]:
    """Auto-replies: what `trace` promises is sent, and what it denies to outsiders is not."""
    assert mailboxes.hosted is not None
    if story.unknown:
        return
    promised = {reply.path for reply in story.replies}
    sent = [event for event in delivery.events if event.kind == "auto_reply"]
    silent = [event for event in delivery.withheld if event.text.startswith("no reply")]
    for host_object in mailboxes.hosted.objects:
        if host_object.kind != "reply" or host_object.reply is None:
            continue
        own = [event for event in sent if event.text == host_object.path]
        doubt = any(event.undocumented for event in (*own, *(silent if not own else ())))
        does = None if doubt or host_object.address in mute else bool(own)
        if does is not (host_object.path in promised) and (does is not None or host_object.path in promised):
            words = f"reply of {host_object.address} trace {host_object.path in promised}, host {does}"
            yield _difference(host, mailboxes, mail, delivery, words, does)


def _difference(
    host: str, mailboxes: Mailboxes, mail: Mail, delivery: simulators.Delivery, words: str, does: bool | None
) -> Difference:
    assert mailboxes.hosted is not None
    where = "inside" if mailboxes.inside(mail.sender) else "outside"
    there = mailboxes.hosted.at(
        mail.recipient, "user", "delegated", "shared", "alias", "group", "routing", "closed"
    )
    kind = "nobody" if not there else "role" if there[0].role else there[0].kind
    example = f"{mail.sender} to {mail.recipient} {mail.subject!r}: {words}"
    facts = tuple(sorted(_questions((*delivery.events, *delivery.withheld))))
    return Difference(
        "contradicted" if does is not None else "unsupported", host, f"{kind} from {where}", facts, example
    )


def _questions(events: Iterable[simulators.Event]) -> set[str]:
    return {fact for event in events for fact in event.facts if ":" in fact and not fact.startswith("base:")}
