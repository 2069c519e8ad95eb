"""Generated companies at two simulated hosts: their checklists carried out, and the way between the two.

The relay knows what the two lists say and nothing else: which addresses are passed on, or that all are that a
host does not have. ``MAILWRIGHT_SIMULATED_COMPANIES`` is how many (30), ``MAILWRIGHT_SIMULATED_SEED`` the
first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import pytest

from mailwright.model.finding import has_errors
from mailwright.model.mailboxes import Mailboxes
from mailwright.plan.mailboxes.trace import Mail, trace
from mailwright.plan.plan import plan
from mailwright.report.mailboxes import hop_steps
from mailwright.spec import MailSpec, parse
from tests.mail_host import simulators
from tests.mail_host.comparing import OUTSIDE, leans_on_silence, reads
from tests.mail_host.executing import CarriedOut, carried_out
from tests.mail_host.test_simulated_hosts import COUNT, FIRST, SUBJECTS
from tests.mailboxes.hosts import HOSTS
from tests.mailboxes.specs import HEAD
from tests.mailboxes.test_hosted_companies import DAYS, company

GOOGLE, M365, ZOHO, OWN = "google-workspace", "microsoft-365", "zoho-mail", "self-hosted"
_OWN = 'self-hosted, mx: ["10 mail.acme-trade.com"]'
_ALONE = f"{{service: {_OWN}}}"


def entry(host: str) -> str:
    return _ALONE if host == OWN else f"{{service: {host}{HOSTS[host]}}}"


def companies(first: str, second: str, without: str = "(?!)") -> Iterator[tuple[int, MailSpec]]:
    """Those of which `check` says no error, without some of their lines; who lives where is drawn by lot."""
    head = HEAD.replace(_ALONE, f"[{entry(first)}, {entry(second)}]")
    for seed in range(FIRST, FIRST + COUNT):
        random = Random(seed)

        def home(match: re.Match[str], random: Random = random) -> str:
            return f"{match[0]}at: {random.choice((first, second))}, "

        whole = re.sub(without, "", company(seed))
        people, rest = re.split(r"(?m)^(?=addresses:|rules:|catch_all:)|\Z", whole, maxsplit=1)
        text = re.sub(r"(?m)^  \w+: \{", home, people).replace(", }", "}") + (rest or "")
        result = parse((head + text).encode(), "acme.yaml")
        if result.spec is not None and not has_errors(plan(result.spec, DAYS[0]).findings):
            yield seed, result.spec


@dataclass
class Relay:
    """Two tenants, and by the checklists what each passes on; None: everything that it does not have."""

    company: Mailboxes
    done: tuple[CarriedOut, ...]
    passed: tuple[frozenset[str] | None, ...]

    @staticmethod
    def of(spec: MailSpec, mailboxes: Mailboxes, seed: int) -> Relay:
        done, passed = [], []
        for host, view in zip(spec.mail_hosts, mailboxes.views, strict=True):
            done.append(carried_out(host.service, view, seed))
            text = dict(hop_steps.steps(spec, host, view, "en")).get("hop:pass", "")
            named = text.partition("\n")[0]
            listed = frozenset(address for address in re.findall(r"`(\S+)`", named) if "@" in address)
            passed.append(None if "addresses that it does not have" in named else listed)
        # "Each only once it takes mail there": what could not be made there is not passed on.
        once = (
            listed if listed is None else listed - done[1 - number].silent
            for number, listed in enumerate(passed)
        )
        return Relay(mailboxes, tuple(done), tuple(once))

    def send(self, mail: Mail, start: int) -> tuple[simulators.Delivery, bool]:
        """The delivery, and whether it was refused. Raises AssertionError where it goes round."""
        number = start
        for _ in range(4):
            listed = self.passed[number]
            if listed is not None and mail.recipient in listed:
                number = 1 - number
                continue
            tenant = self.done[number].tenant
            for box in tenant.world.boxes.values():
                box.replied.clear()
            sent = simulators.Mail(mail.sender, mail.recipient, {"Subject": mail.subject}, 2000)
            delivery = tenant.deliver(sent, self.company.as_of)
            lost = [event for event in delivery.of("rejected") if event.target == mail.recipient]
            unknown = tenant.world.owner_of(mail.recipient) is None  # of what is there it passes nothing on
            if listed is None and lost and unknown:
                number = 1 - number
                continue
            return delivery, bool(lost)
        raise AssertionError(f"{mail.recipient} goes round")

    def leans(self, address: str) -> bool:
        """Whether a step on the way is one of which no page says whether it can be done."""
        pairs = zip(self.done, self.company.views, strict=True)
        return any(leans_on_silence(done, view, address) for done, view in pairs)


@pytest.mark.parametrize(("first", "second"), [(GOOGLE, M365), (M365, GOOGLE), (ZOHO, GOOGLE)])
def test_no_page_of_either_vendor_says_otherwise(first: str, second: str) -> None:
    compared = 0
    for seed, spec in companies(first, second):
        for day in DAYS:
            mailboxes = plan(spec, day).mailboxes
            assert mailboxes is not None
            relay = Relay.of(spec, mailboxes, seed)
            assert not [reason for done in relay.done for reason in done.refused], seed
            compared += sum(_held(relay, mail) for mail in _mails(mailboxes))
    assert compared > 20 * COUNT


def _mails(mailboxes: Mailboxes) -> Iterator[Mail]:
    names = [*mailboxes.places, f"nobody-such@{mailboxes.domain}"]
    for address in names:
        for subject in SUBJECTS:
            yield Mail(address, OUTSIDE, subject, to=(address,))
        yield Mail(address, mailboxes.mailboxes[0].address, "", to=(address,))


def _held(relay: Relay, mail: Mail) -> bool:
    """Whether the two could be compared; they say the same then."""
    company = relay.company
    story = trace(company, mail)
    home = company.places.get(mail.sender, "")
    start = next((number for number, view in enumerate(company.views) if view.home == home), 0)
    delivery, refused = relay.send(mail, start)
    drawn = any(event.undocumented for event in delivery.of("rejected"))  # of this the pages are silent
    if story.unknown or drawn or relay.leans(mail.recipient):
        return False
    assert refused is bool(story.refused), (mail, story)
    assert len(story.refused) <= 1
    role = {one.address for view in company.views if view.hosted for one in view.hosted.objects if one.role}
    for box in company.mailboxes:
        does = reads(delivery, box.address)
        if box.address not in role and does is not None:
            assert does is (box.address in story.addresses), (mail, box.address, story.steps)
    return True


@pytest.mark.parametrize(("first", "second"), [(OWN, GOOGLE), (GOOGLE, OWN), (M365, OWN)])
def test_the_same_people_get_it_as_at_one_server(first: str, second: str) -> None:
    """Where the two hosts are known to do it, who gets what does not depend on who lives where."""
    compared = 0
    # Whether a copy is made while somebody is away, and whether a catch-all sees a colleague's slip, differs.
    for _, spec in companies(first, second, r"(?m)away: \{.*?\}|^catch_all.*\n"):
        for day in DAYS:
            both = plan(spec, day).mailboxes
            alone = parse(HEAD.encode(), "acme.yaml").spec
            assert both is not None and alone is not None
            one = plan(_together(spec, alone), day).mailboxes
            assert one is not None
            for mail in _mails(both):
                story = trace(both, mail)
                if not story.unknown:
                    compared += 1
                    assert set(story.addresses) == set(trace(one, mail).addresses), (mail, story.steps)
    assert compared > 20 * COUNT


def _together(spec: MailSpec, alone: MailSpec) -> MailSpec:
    return spec.at_host(alone.mail_host)
