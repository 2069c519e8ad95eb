"""Mails to a company whose files are on the servers already, and whether each ended where it must.

The judge knows nothing of scripts and tables: it reads Maildirs, what the world got, and what ``trace`` says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mailwright.hosts.mail import postfix, sieve
from mailwright.model.mailboxes import Mailboxes
from tests.living.company import Company, Fate
from tests.living.sink import Letter
from tests.living.world import Files

#: A colleague's own address, to which an own script copies.
HOME = "home@outside.test"


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail and what is known of it. ``again`` and ``bounce`` are as for ``trace``.

    ``refusing``: the partner's server refuses it. ``open``: ``trace`` cannot know all of it, because a site's
    own script files it first, because it has been on the way before, or because others came at the same time
    as the mail that it repeats, so that the server may have forgotten that one. ``otherwise``: it repeats a
    mail, and other rules may take it; whom it does not reach then, for them somebody else has it.
    """

    letter: Letter
    again: bool = False
    bounce: bool = False
    refusing: bool = False
    open: bool = False
    otherwise: bool = False


@dataclass
class Case:
    """A company under test. ``name`` tells where it comes from, such as a seed."""

    name: str
    acme: Company
    text: str
    own: dict[str, str] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)

    def send(self, to: str, **more: object) -> Sent:
        """One mail by SMTP as most are; it is judged strictly."""
        bounce = more.get("envelope") == ""
        return self.note(Sent(self.acme.send(to, **more), bounce=bounce))

    def note(self, sent: Sent) -> Sent:
        """A mail that is on its way."""
        self.sent.append(sent)
        return sent


def files(plan: Mailboxes, own: dict[str, str]) -> Files:
    """What the generator makes of a plan; ``own`` are people's own scripts, run as ``up`` lets them run."""
    scripts = {
        address: sieve.including(text, "own" if address in own else None)
        for address, text in sieve.scripts(plan).items()
    }
    return Files(plan.domain, postfix.maps(plan).tables, scripts, own)


def faults(case: Case) -> Iterator[str]:
    """Everything that ended where it must not, with what is needed to see why."""
    for sent in case.sent:
        fate = case.acme.fate(sent.letter)
        why = _fault(case, sent, fate)
        if why:
            letter = sent.letter
            shown = (
                f"to {letter.to}, subject {letter.subject!r}, from {letter.envelope_sender!r}, {sent.again=}"
            )
            log = case.acme.world.written_about(letter)
            yield f"{case.name}: {why}\n{letter.mark} {shown}\n{fate}\n{case.text}\n{case.own}\n{log}"


def _fault(case: Case, sent: Sent, fate: Fate) -> str:
    """The invariant first, then ``trace``."""
    acme = case.acme
    if fate.is_lost:
        return "lost: nobody has it, and it did not come back"
    if fate.kept_from:
        return "a copy lies where nobody reads it"
    if sent.open:
        return ""
    expected = acme.expected(sent.letter, again=sent.again, bounce=sent.bounce)
    who = fate.who - {HOME}
    refused = {each for each in expected if sent.refusing and each.endswith("@" + acme.partner)}
    if sent.otherwise:
        would = acme.expected(sent.letter, bounce=sent.bounce) - refused
        instead = (who - would) | (who & expected)
        return (
            f"{sorted(would - who)} do not have it, nor does an owner" if would - who and not instead else ""
        )
    if refused and not (sent.bounce or fate.returned or fate.reported):
        return f"{refused} refused it, and its sender does not hear of it"
    if who > expected - refused:
        # Where one mail comes by two ways, or round a cover, the second is one that was seen: it stays there.
        arrivals = acme.world.arrivals(sent.letter)
        # An owner who keeps a bounce keeps it for all that his script sends, those of an address' rules too.
        kept = {each for each in who - expected if "@" not in each and sent.bounce}
        who -= {each for each in who - expected if arrivals[acme.at(each)] > 1} | kept
    if who != expected - refused:
        return f"{sorted(who)} have it; trace says {sorted(expected - refused)}"
    return "" if sent.again or sent.refusing else _misfiled(case, sent, fate)


def _misfiled(case: Case, sent: Sent, fate: Fate) -> str:
    """Folders, where neither the house nor the mailbox's owner files too."""
    acme = case.acme
    if "X-Spam-Flag" in dict(sent.letter.headers):
        return ""
    for reached in acme.traced(sent.letter, bounce=sent.bounce).reached:
        names = {
            folder for folder in reached.folders if folder != "INBOX" or not acme.world.variant.detail_folder
        }
        missing = {_on_disk(acme, name) for name in names} - fate.inside.get(reached.address, set())
        if _is_in_mixed_group(acme, reached.address):
            continue  # test_addresses.py: a label stops there
        if missing and reached.address not in case.own:
            return f"{reached.address} has it in {fate.inside[reached.address]}, not in {sorted(missing)}"
    return ""


def _is_in_mixed_group(acme: Company, address: str) -> bool:
    """Whether a group has this mailbox and somebody outside."""
    groups = [route.to for route in acme.plan.routes if address in route.to]
    return any(not acme.plan.inside(target) for group in groups for target in group)


def _on_disk(acme: Company, folder: str) -> str:
    """A folder's name as the store shows it: ``/`` between levels, no prefix of the namespace."""
    plain = folder.removeprefix(acme.world.variant.prefix) or folder
    return plain.replace(acme.world.variant.separator or ".", "/") if plain != "INBOX" else plain
