"""Companies and their mail from a seed: specs that the planner takes, mails of every kind that was lost."""

from __future__ import annotations

from collections.abc import Generator
from random import Random

from tests.living.company import Company, day
from tests.living.judging import HOME, Case, Sent

AGENT = "agent@partner.example"
_PEOPLE = ("wang", "li", "chen")
_SUBJECTS = ("quote", "pump", "hello")
_OWN = (
    'require ["fileinto", "mailbox"];\nif header :contains "subject" "pump" { fileinto :create "Mine"; }\n',
    f'require "copy";\nredirect :copy "{HOME}";\n',
    'if header :contains "subject" "lottery" { discard; stop; }\n',
    "stop;\n",
    "keep;\n",
    'require "vacation"; vacation "my own words";\n',
)


def case(company: Company, seed: str) -> Case:
    """A company from a seed; the same seed gives the same spec and the same mails."""
    random = Random(seed)
    while True:
        text = _spec(random)
        try:
            company.plan = company.planned(text)
        except AssertionError:  # the planner refuses it
            continue
        break
    own = {company.at(name): random.choice(_OWN) for name in ("wang", "li") if random.random() < 0.2}
    return Case(f"seed {seed} on {company.world.variant.name}", company, text, own)


def _spec(random: Random) -> str:
    away = f"{{away: {{from: {day(-1)}, until: {day(1)}, cover: li}}}}" if random.random() < 0.25 else "{}"
    lines = ["people:", f"  wang: {away}", "  li: {}", "  chen: {}"]
    if random.random() < 0.5:
        lines.append(f"  old: {{left: {day(-9)}, closed: {day(-8)}}}")
    if random.random() < 0.5:
        lines.append(f"  zhao: {{left: {day(-9)}, handover: {{to: li, until: {day(9)}}}}}")
    if random.random() < 0.3:
        end = f", closed: {day(-1)}" if len(lines) % 2 else ""
        lines.append(f"  past: {{left: {day(-9)}, handover: {{to: chen, until: {day(-2)}}}{end}}}")
    addresses = {"info": "{to: wang}"}
    others = {
        "sales": "{to: [wang, li], owner: wang}",
        "desk": "{to: li}",
        "agent": f"{{to: {AGENT}}}",
        "both": f"{{to: [li, {AGENT}]}}",
        "support": "{to: chen, shared: true}",
        "team": "{to: [li, info]}",
    }
    addresses |= {name: value for name, value in others.items() if random.random() < 0.5}
    lines += ["addresses:", *(f"  {name}: {value}" for name, value in addresses.items())]
    if random.random() < 0.3:
        lines.append("catch_all: {to: chen}")
    holders = [address for address in (*_PEOPLE, *addresses) if address not in ("agent",)]
    targets = [*_PEOPLE, *addresses, AGENT]
    rules = [line for holder in holders if random.random() < 0.45 for line in _rules(random, holder, targets)]
    if rules:
        lines += ["rules:", *rules]
    if random.random() < 0.3:
        lines += ["auto_replies:", "  - {for: info, text: Thank you}"]
    return "\n".join(lines) + "\n"


def _rules(random: Random, holder: str, targets: list[str]) -> list[str]:
    conditions = [
        "when: {subject_contains: [quote]}",
        "when: {body_contains: [pump], match: any, subject_contains: [pump]}",
        "when: {from: [buyer], not_replies: true}",
    ]
    lines = [
        f"  - {{for: {holder}, {when}, then: {{{_then(random, holder, targets)}}}}}"
        for when in random.sample(conditions, random.randint(0, 2))
    ]
    if not lines or random.random() < 0.3:
        lines.append(f"  - {{for: {holder}, otherwise: true, then: {{{_then(random, holder, targets)}}}}}")
    return lines


def _then(random: Random, holder: str, targets: list[str]) -> str:
    others = [target for target in targets if target != holder]
    some = random.sample(others, random.choice((1, 1, 2)))
    verb = random.choice(("assign_to", "assign_to", "copy_to"))
    parts = [f"{verb}: [{', '.join(some)}]"]
    if random.random() < 0.25 and not {"both", "team"} & set(some):  # test_addresses.py: labels stop there
        parts.append("folder: Offers")
    if random.random() < 0.25:
        parts.append("tag: hot")
    if random.random() < 0.15:
        parts.append(f"notify: {random.choice(_PEOPLE)}")
    if verb == "copy_to" and random.random() < 0.3:
        parts.append("stop: true")
    return ", ".join(parts)


def mails(case: Case) -> Generator[None, None, None]:
    """One mail and the same again; a crowd; its like again, and what a partner sends back; resends."""
    random = Random(case.name)
    acme, sink = case.acme, case.acme.world.sink
    refusing = random.random() < 0.3
    if refusing:
        sink.refusals["@" + acme.partner] = "550 5.1.1 unknown"
    names = [box.address.partition("@")[0] for box in acme.plan.mailboxes]
    names += [route.address.partition("@")[0] for route in acme.plan.routes if route.address[0] not in "ap"]
    names += [refused.address.partition("@")[0] for refused in acme.plan.refused] + ["nobody"]
    alone = _first(case, random, random.choice(names), refusing)
    yield
    _again(case, alone, random, refusing=refusing, crowded=False)
    yield
    first = [_first(case, random, random.choice(names), refusing) for _ in range(5)]
    for to in random.sample(names, 2):
        letter = acme.from_server(to, subject=random.choice(_SUBJECTS))
        case.note(Sent(letter, refusing=refusing))
    yield
    for sent in random.sample(first, 3):
        _again(case, sent, random, refusing=refusing)
    for sent in first:
        if acme.at(AGENT) in acme.fate(sent.letter).outside:
            to = random.choice((sent.letter.to, random.choice(names)))
            case.note(Sent(acme.brought_back(sent.letter, to, AGENT), open=True))
            break
    yield
    if refusing:
        del sink.refusals["@" + acme.partner]
        for sent in first[:2]:
            _again(case, sent, random, refusing=False)
        yield


def _first(case: Case, random: Random, name: str, refusing: bool) -> Sent:
    acme = case.acme
    sign = acme.world.variant.delimiter[0]
    to = f"{name}{sign}fair" if random.random() < 0.2 else name
    kind = random.random()
    headers: list[tuple[str, str]] = []
    if random.random() < 0.1:
        headers.append(("X-Spam-Flag", "YES"))
    if random.random() < 0.1:
        headers.append(("In-Reply-To", "<an-earlier-mail@outside.test>"))
    if kind < 0.08:
        headers.append(("X-Sieve-Redirected-From", acme.at(random.choice((to, "wang", "li")))))
    bounce = 0.08 <= kind < 0.2
    sender = {"sender": "", "envelope": ""} if bounce else {}
    subject, body = random.choice(_SUBJECTS), random.choice(("hi", "pump"))
    more = {"subject": subject, "body": body, "headers": tuple(headers), **sender}
    letter = acme.send(to, id=f"{acme.domain}-first-{len(acme.letters)}", **more)
    filed_first = "X-Spam-Flag" in dict(headers) and "Spam" in acme.world.variant.before
    comes_round = "X-Sieve-Redirected-From" in dict(headers)
    return case.note(Sent(letter, bounce=bounce, refusing=refusing, open=filed_first or comes_round))


def _again(case: Case, sent: Sent, random: Random, *, refusing: bool, crowded: bool = True) -> Sent:
    """The same Message-ID with another text; with another subject, other rules may take it."""
    letter = sent.letter
    subject = random.choice(_SUBJECTS) if crowded and random.random() < 0.3 else letter.subject
    mail = case.acme.letter(
        letter.to,
        subject=subject,
        body=f"{letter.body} once more",
        sender=letter.sender,
        envelope=letter.envelope,
        id=letter.id,
        headers=letter.headers,
    )
    case.acme.hand_in(mail)
    is_open = sent.open or crowded
    return case.note(Sent(mail, again=True, bounce=sent.bounce, refusing=refusing, open=is_open))
