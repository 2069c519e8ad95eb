"""``verify --mail``: the planned mailboxes tried at their living servers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from mailwright.catalog.capability import capability
from mailwright.hosts.mail.details import expansion
from mailwright.model.checks import Check, Status, Verdict
from mailwright.model.mailboxes import Mailbox, Mailboxes, Refused, Route
from mailwright.model.plan import Plan
from mailwright.model.text import Text
from mailwright.plan.records.transport import exchangers_of
from mailwright.resolving.connect import Dial
from mailwright.spec.model import MailSpec
from mailwright.spec.own_server import SELF_HOSTED
from mailwright.verify.mail import rules as said
from mailwright.verify.mail.letters import Letter, Wait, letters
from mailwright.verify.mail.logins import Asking, check, logins
from mailwright.verify.mail.namespace import compared
from mailwright.verify.mail.recipients import PAUSE, Detail, probe
from mailwright.verify.mail.servers import Means, password, servers

_TWO_HOSTS = Text(
    "people live at two mail hosts: write to each address from outside, as the checklists say",
    "人员分属两家邮件服务：请按清单从外部逐个试发",
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What to try: ``recipients`` at the exchanger, ``letters`` sent and followed; logins always.

    ``pause`` is seconds between two questions about recipients.
    """

    environment: Mapping[str, str] = field(repr=False)
    recipients: bool = True
    letters: bool = False
    dial: Dial = field(default_factory=Dial)
    wait: Wait = field(default_factory=Wait)
    pause: float = PAUSE


def tried(spec: MailSpec, plan: Plan, trial: Trial) -> Verdict | None:
    """The verdict on one domain; None where the spec leaves mailboxes to somebody else."""
    mailboxes = plan.mailboxes
    return None if mailboxes is None else Verdict(plan.domain, tuple(_checks(spec, plan, mailboxes, trial)))


def _checks(spec: MailSpec, plan: Plan, mailboxes: Mailboxes, trial: Trial) -> Iterator[Check]:
    if trial.recipients:
        hosts = exchangers_of(plan.domain, plan.records)
        yield from probe(mailboxes, hosts, trial.dial, detail=detail(spec, mailboxes), pause=trial.pause)
    letters_too = trial.letters and spec.beside is None
    for host, view in zip(spec.mail_hosts, mailboxes.at_hosts, strict=True):
        yield from _within(spec.at_host(host), view, replace(trial, letters=letters_too))
    if trial.letters and spec.beside is not None:
        yield check(said.MAIL_UNTRIED, Status.NOT_CHECKABLE, plan.domain, "MAIL", "", why=_TWO_HOSTS)


def _within(spec: MailSpec, mailboxes: Mailboxes, trial: Trial) -> Iterator[Check]:
    """Logins, and test mails, at one mail host."""
    means = Means(servers(spec), trial.dial, trial.environment)
    if not capability(spec.mail_host.service).stores_mail:
        return  # nobody can log in, and mail ends elsewhere
    people = [
        mailbox.address
        for mailbox in mailboxes.mailboxes
        if mailbox.kind == "person" or password(mailbox.address, trial.environment)
    ]
    closed = [suspended.address for suspended in mailboxes.suspended]
    yield from logins(spec.domain, people, means, closed, _folder_names(spec, mailboxes))
    if trial.letters:
        yield from letters(mailboxes, tuple(_letters(spec, mailboxes)), means, trial.wait)


def _folder_names(spec: MailSpec, mailboxes: Mailboxes) -> Asking:
    """Asks an own server how it names folders, because our scripts file mail into them."""
    if spec.mail_host.service != SELF_HOSTED:
        return lambda _box, _port: ()
    holders: tuple[Mailbox | Route, ...] = (*mailboxes.mailboxes, *mailboxes.routes)
    labels = [label for holder in holders for rule in holder.rules for label in rule.labels]
    used = any(label.kind == "folder" or label.copied for label in labels)
    return lambda box, port: compared(box, spec.mail_host.folders, used, port)


def detail(spec: MailSpec, mailboxes: Mailboxes) -> Detail | None:
    """The first sub-address by which our own tables lead mail into a mailbox; None without such tables."""
    if not spec.mail_host.maps:
        return None
    ways = [
        (target, mail_route)
        for mail_route in mailboxes.routes
        for target in expansion(mail_route, mailboxes.delimiter)
        if mail_route.router and target not in mail_route.to and target != mail_route.router
    ]
    if not ways:
        return None
    first, route = ways[0]
    return Detail(first, tuple(mail_route.address for _, mail_route in ways), route.position)


def _letters(spec: MailSpec, mailboxes: Mailboxes) -> Iterator[Letter]:
    """The spec's own mail tests, then one plain mail to each address."""
    for test in spec.mailboxes.expect:
        if test.mail_to.lower().endswith("@" + mailboxes.domain):
            yield Letter(
                test.mail_to.lower(),
                test.subject,
                test.body,
                test.position,
                test.headers,
                test.size,
                test.attachments,
            )
    every: tuple[Route | Refused | Mailbox, ...] = (
        *mailboxes.routes,
        *mailboxes.refused,
        *mailboxes.mailboxes,
    )
    for entry in every:
        yield Letter(entry.address, position=entry.position)
