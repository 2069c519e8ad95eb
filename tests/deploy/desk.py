"""Somebody at a console who enters what the sheet says: carefully, or with the slips of people in a hurry.

The console is a nameserver that takes updates. After every single entry the zone is looked at: who resolves
the domain at that moment keeps what comes for a TTL, so no state in between may lack exchangers or SPF.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import dns.rdata
from dns.rdtypes.ANY.TXT import TXT

from mailwright.deploy.embedded.engine import Embedded, Outcome
from mailwright.deploy.program import main
from mailwright.model import variables
from mailwright.model.txt import join, split
from mailwright.plan.transition.sheet import Action, Entry, Sheet
from tests.servers.base import DnsServer

CONSENT = "mx-changed,spf-sender-dropped"


@dataclass
class Desk:
    """One domain at one console; ``servers`` all show what is entered, unless a slip says otherwise."""

    folder: Path
    zone: str
    servers: Sequence[DnsServer]
    seen: list[str] = field(default_factory=list)

    def up(self, day: str, allow: str = CONSENT) -> Outcome:
        """One run of the embedded engine."""
        where = ",".join(f"127.0.0.1:{server.port}" for server in self.servers)
        values = {
            variables.SPECS: str(self.folder / "stacks" / "acme.yaml"),
            variables.AS_OF: day,
            variables.ALLOW: allow,
            variables.NAMESERVERS: where,
            variables.LANG: "en",
        }
        with variables.temporarily(values):
            return Embedded(self.folder, "t", program=main).up()

    def sheet(self, day: str, allow: str = CONSENT) -> Sheet:
        """What a run asks for. Raises AssertionError where it is refused."""
        outcome = self.up(day, allow)
        assert not outcome.problems, outcome.problems
        return Sheet.of(outcome.by_hand[0]) if outcome.by_hand else Sheet(self.zone, self.zone, "")

    # -- single entries ----------------------------------------------------------------------------

    def add(self, name: str, type: str, value: str, ttl: int = 600) -> None:
        """One record more."""
        for server in self.servers:
            with suppress(AssertionError):
                server.put(self.zone, f"{name} {ttl} {type} {_rdata(type, value)}")
        self.look()

    def remove(self, name: str, type: str, value: str) -> None:
        """One record less; TXT is found by what it says, whatever its split."""
        for server in self.servers:
            for text in server.texts(name, type):
                if _says(type, text, value):
                    server.drop(self.zone, name, type, text)
        self.look()

    def edit(self, name: str, type: str, old: str, new: str, ttl: int = 600) -> None:
        """One record in place of another, in one step as a console does it."""
        for server in self.servers:
            update = server._update(self.zone)
            for text in server.texts(name, type):
                if _says(type, text, old):
                    update.delete(name, type, text)
            update.add(name, ttl, type, _rdata(type, new))
            with suppress(AssertionError):  # a console that refuses a value leaves all as it was
                server._send(update)
        self.look()

    def do(self, entry: Entry) -> None:
        """Just what an entry says."""
        match entry.action:
            case Action.ADD:
                self.add(entry.name, entry.type, entry.value, entry.ttl)
            case Action.CHANGE:
                self.edit(entry.name, entry.type, entry.old, entry.value, entry.ttl)
            case Action.DELETE:
                self.remove(entry.name, entry.type, entry.value)
            case other:
                raise AssertionError(f"nothing to enter: {other}")

    # -- the watcher -------------------------------------------------------------------------------

    def look(self) -> None:
        """What a resolver would cache now. Raises AssertionError where it lacks MX or SPF."""
        for dns_server in self.servers:
            exchangers, texts = dns_server.texts(self.zone, "MX"), dns_server.joined(self.zone)
            assert exchangers, f"no MX after {self.seen[-1:]}"
            assert any(text.startswith("v=spf1") for text in texts), f"no SPF after {self.seen[-1:]}"
            self.seen.append(f"{sorted(exchangers)} {sorted(text for text in texts if 'spf1' in text)}")


def _says(type: str, text: str, value: str) -> bool:
    return _joined(text) == value if type == "TXT" else text.lower() == value.lower()


def _joined(text: str) -> str:
    rdata = dns.rdata.from_text("IN", "TXT", text)
    assert isinstance(rdata, TXT)
    return join(rdata.strings)


def _rdata(type: str, value: str) -> str:
    if type != "TXT":
        return value
    strings = (part.decode("latin-1") for part in split(value))
    return " ".join('"' + "".join(_escaped(c) for c in string) + '"' for string in strings)


def _escaped(char: str) -> str:
    return f"\\{ord(char):03}" if char in '"\\' or not 32 <= ord(char) < 127 else char


# -- slips ------------------------------------------------------------------------------------------------

#: What somebody does with the entries of one sheet.
Slip = Callable[[Desk, Sequence[Entry]], None]
SLIPS: dict[str, Slip] = {}


def slip(work: Slip) -> Slip:
    """Keep a slip by its name."""
    SLIPS[work.__name__] = work
    return work


def _each(change: Callable[[Entry], Entry | None]) -> Slip:
    def work(desk: Desk, entries: Sequence[Entry]) -> None:
        for entry in entries:
            other = change(entry)
            if other is not None:
                desk.do(other)

    return work


def _only(entries: Sequence[Entry], type: str) -> Iterator[Entry]:
    return (each for each in entries if each.type == type)


def carefully(desk: Desk, entries: Sequence[Entry]) -> None:
    """Everything, from top to bottom."""
    for entry in entries:
        desk.do(entry)


@slip
def enters_nothing(_desk: Desk, _entries: Sequence[Entry]) -> None:
    """Forgets the sheet."""


@slip
def skips_the_first(desk: Desk, entries: Sequence[Entry]) -> None:
    carefully(desk, entries[1:])


@slip
def stops_after_the_first(desk: Desk, entries: Sequence[Entry]) -> None:
    carefully(desk, entries[:1])


@slip
def skips_the_last(desk: Desk, entries: Sequence[Entry]) -> None:
    carefully(desk, entries[:-1])


@slip
def enters_every_second(desk: Desk, entries: Sequence[Entry]) -> None:
    carefully(desk, entries[::2])


@slip
def begins_at_the_end(desk: Desk, entries: Sequence[Entry]) -> None:
    carefully(desk, entries[::-1])


@slip
def enters_all_twice(desk: Desk, entries: Sequence[Entry]) -> None:
    carefully(desk, entries)
    for entry in entries:
        if entry.action is not Action.DELETE:
            desk.add(entry.name, entry.type, entry.value, entry.ttl)


@slip
def skips_mx(desk: Desk, entries: Sequence[Entry]) -> None:
    carefully(desk, [entry for entry in entries if entry.type != "MX"])


@slip
def skips_txt(desk: Desk, entries: Sequence[Entry]) -> None:
    carefully(desk, [entry for entry in entries if entry.type != "TXT"])


@slip
def enters_one_exchanger_only(desk: Desk, entries: Sequence[Entry]) -> None:
    carefully(desk, list(_only(entries, "MX"))[:1])


@slip
def adds_spf_beside_the_old(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in entries:
        if entry.action is Action.CHANGE and entry.type == "TXT":
            desk.add(entry.name, entry.type, entry.value, entry.ttl)
        else:
            desk.do(entry)


@slip
def adds_exchangers_beside_the_old(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in _only(entries, "MX"):
        desk.add(entry.name, entry.type, entry.value, entry.ttl)


@slip
def never_deletes(desk: Desk, entries: Sequence[Entry]) -> None:
    carefully(desk, [entry for entry in entries if entry.action is not Action.DELETE])


@slip
def cuts_the_last_letter(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in _only(entries, "TXT"):
        desk.do(replace(entry, value=entry.value[:-1]))


@slip
def leaves_a_blank_behind(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in _only(entries, "TXT"):
        desk.do(replace(entry, value=entry.value + " "))


@slip
def pastes_quotation_marks(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in _only(entries, "TXT"):
        if not entry.value.startswith("v=spf1"):
            desk.do(replace(entry, value=f'"{entry.value}"'))


@slip
def adds_quoted_spf(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in _only(entries, "TXT"):
        desk.add(entry.name, entry.type, f'"{entry.value}"')


@slip
def escapes_semicolons(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in _only(entries, "TXT"):
        desk.do(replace(entry, value=entry.value.replace(";", "\\;")))


@slip
def writes_full_width_colons(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in _only(entries, "TXT"):
        desk.do(replace(entry, value=entry.value.replace(":", "\udcef\udcbc\udc9a")))


@slip
def splits_txt_elsewhere(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in _only(entries, "TXT"):
        halves = f'"{entry.value[:9]}" "{entry.value[9:]}"'
        for server in desk.servers:
            server.put(desk.zone, f"{entry.name} 600 TXT {halves}")
        if entry.old:
            desk.remove(entry.name, "TXT", entry.old)


@slip
def doubles_the_domain(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in entries:
        if entry.action is not Action.DELETE:
            desk.add(f"{entry.name}{desk.zone}", entry.type, entry.value)


@slip
def enters_at_www(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in entries:
        if entry.action is not Action.DELETE:
            desk.add("mail." + desk.zone, entry.type, entry.value)


@slip
def enters_dmarc_at_the_domain(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in _only(entries, "TXT"):
        if entry.action is Action.ADD:
            desk.add(desk.zone, "TXT", entry.value)


@slip
def takes_hosts_for_relative(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in _only(entries, "MX"):
        desk.do(replace(entry, value=entry.value + desk.zone))


@slip
def writes_hosts_in_capitals(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in _only(entries, "MX"):
        desk.do(replace(entry, value=entry.value.upper()))


@slip
def leaves_priorities_at_ten(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in _only(entries, "MX"):
        desk.do(replace(entry, value="10 " + entry.value.split()[1]))


@slip
def leaves_priorities_out(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in _only(entries, "MX"):
        desk.do(replace(entry, value="0 " + entry.value.split()[1]))


@slip
def misspells_an_exchanger(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in _only(entries, "MX"):
        desk.do(replace(entry, value=entry.value.replace("qq.com", "qq.con")))


@slip
def enters_exchangers_as_txt(desk: Desk, entries: Sequence[Entry]) -> None:
    for entry in _only(entries, "MX"):
        desk.add(entry.name, "TXT", entry.value)


@slip
def takes_another_ttl(desk: Desk, entries: Sequence[Entry]) -> None:
    carefully(desk, [replace(entry, ttl=86_400) for entry in entries])


@slip
def enters_it_and_takes_it_back(desk: Desk, entries: Sequence[Entry]) -> None:
    carefully(desk, entries)
    for entry in entries[::-1]:
        if entry.action is Action.CHANGE:
            desk.edit(entry.name, entry.type, entry.value, entry.old)
        elif entry.action is Action.ADD:
            desk.remove(entry.name, entry.type, entry.value)


@slip
def edits_a_strangers_record(desk: Desk, entries: Sequence[Entry]) -> None:
    desk.edit(desk.zone, "TXT", "MS=ms12345678", "MS=ms1234567")
    carefully(desk, entries)
