"""Generated companies at each mail host, over their dates: what must hold whatever the host is like.

``MAILWRIGHT_HOSTED_COMPANIES`` is how many (80), ``MAILWRIGHT_HOSTED_SEED`` the first seed (0).
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from mailwright.model.mailboxes import Mailboxes
from mailwright.plan.mailboxes.trace import Mail, Trace, trace
from mailwright.plan.plan import plan
from mailwright.spec import parse
from tests.mailboxes.hosts import HOSTS, head, steps
from tests.mailboxes.specs import DOMAIN

COUNT = int(os.environ.get("MAILWRIGHT_HOSTED_COMPANIES", "80"))
FIRST = int(os.environ.get("MAILWRIGHT_HOSTED_SEED", "0"))
PARTNER = "agent@partner.example"
#: Before anybody leaves, on the day, after the handover's end, and after the closing.
DAYS = (dt.date(2026, 11, 1), dt.date(2026, 12, 1), dt.date(2027, 3, 2), dt.date(2027, 6, 1))
#: What stands for an address; of these each has one.
WAYS = {"user", "shared", "delegated", "alias", "group", "routing", "closed"}


def company(seed: int) -> str:
    """A spec from a seed."""
    random = Random(seed)
    people = ["wang", "li", "chen", "sun"][: random.randint(2, 4)]
    lines = ["people:", *(f"  {person}: {_away(random, people, person)}" for person in people)]
    if random.random() < 0.7:
        closed = random.choice(("", ", closed: 2027-05-01"))
        lines.append(
            f"  zhao: {{left: 2026-12-01, handover: {{to: {people[0]}, until: 2027-03-01}}{closed}}}"
        )
    kinds = {
        "info": f"{{to: {people[0]}}}",
        "sales": f"{{to: [{', '.join(people[:2])}], owner: {people[1]}}}",
        "orders": f"{{to: {people[-1]}}}",
        "agent": f"{{to: {PARTNER}}}",
        "both": f"{{to: [{people[0]}, {PARTNER}]}}",
        "support": f"{{to: [{', '.join(people[:2])}], shared: true}}",
        "all": f"{{to: [{people[-1]}, sales]}}",
        "old": "{to: [zhao]}" if "zhao" in "".join(lines) else f"{{to: {people[0]}}}",
    }
    chosen = {name: value for name, value in kinds.items() if random.random() < 0.6}
    if chosen:
        lines += ["addresses:", *(f"  {name}: {value}" for name, value in chosen.items())]
    holders = [person for person in (*people, *chosen) if person not in ("agent",)]
    rules = [line for holder in holders if random.random() < 0.35 for line in _rules(random, holder, people)]
    if rules:
        lines += ["rules:", *rules]
    if random.random() < 0.3:
        lines.append(f"catch_all: {{to: {people[0]}}}")
    return "\n".join(lines) + "\n"


def _away(random: Random, people: list[str], person: str) -> str:
    others = [each for each in people if each != person]
    if random.random() > 0.2:
        return "{}"
    return f"{{away: {{from: 2026-11-25, until: 2026-12-10, cover: {random.choice(others)}}}}}"


def _rules(random: Random, holder: str, people: list[str]) -> list[str]:
    some = [person for person in people if person != holder] or people
    made = []
    for word in random.sample(("quote", "pump", "hello"), random.randint(1, 2)):
        then = random.choice(("assign_to", "assign_to", "copy_to"))
        what = f"then: {{{then}: {random.choice(some)}}}"
        made.append(f"  - {{for: {holder}, when: {{subject_contains: [{word}]}}, {what}}}")
    if random.random() < 0.5:
        made.append(f"  - {{for: {holder}, otherwise: true, then: {{assign_to: {random.choice(some)}}}}}")
    return made


@pytest.mark.parametrize("host", HOSTS)
def test_what_must_hold_at_every_host(host: str) -> None:
    seen = wrong = 0
    told: list[str] = []
    for seed in range(FIRST, FIRST + COUNT):
        text = company(seed)
        result = parse((head(host) + text).encode(), "acme.yaml")
        if result.spec is None:
            continue
        for day in DAYS:
            made = plan(result.spec, day)
            assert made.mailboxes is not None and made.mailboxes.hosted is not None
            faults = [*_objects(made.mailboxes), *_checklist(steps(made, host)), *mails(made.mailboxes)]
            seen += 1
            wrong += bool(faults)
            told += [f"seed {seed} on {day}: {fault}\n{text}" for fault in faults[:1]]
    assert seen >= COUNT, "the generator makes specs that are taken"
    assert not wrong, f"{wrong} of {seen}\n" + "\n".join(told[:3])


def _objects(mailboxes: Mailboxes) -> list[str]:
    """One object an address: two of them would deliver twice."""
    assert mailboxes.hosted is not None
    count = Counter(
        host_object.address for host_object in mailboxes.hosted.objects if host_object.kind in WAYS
    )
    return [f"{address} is {number} things" for address, number in count.items() if number > 1]


def _checklist(text: str) -> list[str]:
    ids = re.findall(r"<!-- (.*?) -->", text)
    twice = [each for each, number in Counter(ids).items() if number > 1]
    return [f"the step {each} is there twice" for each in twice]


def mails(mailboxes: Mailboxes) -> list[str]:
    """Every address with every kind of mail: as the plan means it, or not known."""
    assert mailboxes.hosted is not None
    copied = {
        host_object.address for host_object in mailboxes.hosted.objects if host_object.kind == "forward"
    }
    boxes = (box if box.address in copied else replace(box, cover=None) for box in mailboxes.mailboxes)
    plain = replace(mailboxes, hosted=None, mailboxes=tuple(boxes))
    refused_by_host = {
        host_object.address for host_object in mailboxes.hosted.objects if host_object.kind == "refused"
    }
    names = [box.address for box in mailboxes.mailboxes] + [route.address for route in mailboxes.routes]
    names += [refused.address for refused in mailboxes.refused] + [f"nobody-such@{DOMAIN}"]
    faults = []
    for address in names:
        if _leans_on(mailboxes, address) & refused_by_host:
            continue
        read = [host_object for host_object in mailboxes.hosted.at(address, "shared") if host_object.readers]
        for subject in ("quote for you", "pump", "hello quote", ""):
            for sender in ("buyer@outside.example", f"wang@{DOMAIN}"):
                mail = Mail(address, sender, subject, to=(address,))
                here, meant = trace(mailboxes, mail), trace(plain, mail)
                if read:  # they read it in the leaver's mailbox, where their own rules do not run
                    same = set(here.addresses) == set(read[0].to)
                    faults += [] if same else [f"{address} reaches {here.addresses}"]
                    continue
                faults += _told(address, here, meant)
    return faults


def _leans_on(mailboxes: Mailboxes, address: str) -> set[str]:
    """An address and everything that its mail may come by."""
    found, todo = set[str](), [address, *mailboxes.catch_all]
    while todo:
        each = todo.pop()
        if each in found:
            continue
        found.add(each)
        holder = mailboxes.route(each) or mailboxes.mailbox(each)
        todo += getattr(holder, "to", ())
        for rule in holder.rules if holder else ():
            todo += [*rule.assign_to, *rule.copy_to]
        cover = getattr(holder, "cover", None)
        todo += [cover.to] if cover else []
    return found


def _told(address: str, here: Trace, meant: Trace) -> list[str]:
    living = bool(meant.reached)
    if living and here.refused:
        return [f"{address} is refused"]
    if living and not here.reached and not here.unknown:
        return [f"{address} reaches nobody"]
    outside = {reached.address for reached in here.reached if reached.outside}
    if outside - {PARTNER}:
        return [f"{address} leaves for {outside}"]
    if not here.unknown and set(here.addresses) != set(meant.addresses):
        return [f"{address} reaches {here.addresses}, not {meant.addresses}"]
    if here.unknown and not set(here.addresses) <= set(meant.addresses):
        return [f"{address} reaches {here.addresses}, not only {meant.addresses}"]
    return []
