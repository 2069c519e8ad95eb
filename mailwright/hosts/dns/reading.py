"""What a zone really stores at some names, told by questions alone.

An answer is not yet a stored record: a wildcard may have made it up, a CNAME may have led it
elsewhere, another zone on the same server may have given it. Each would be a record that an
UPDATE can neither require nor delete.

One more question a name tells: ``_mailwright-probe.*.NAME``, type SOA. Where NAME exists, the
closest encloser of that question is NAME (or ``*.NAME``), so no wildcard applies and the answer
is NXDOMAIN; where NAME does not exist and an ancestor has a wildcard, the answer is made up and
is NOERROR (RFC 4592 §2.2.1, §3.3.1). Its authority section names the zone that answered, and
so shows a zone cut. (Seen to be so on BIND, Knot and PowerDNS.) An answer without records needs
no such question: its own authority section names the zone (RFC 2308 §3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from mailwright.hosts.dns import said, wire
from mailwright.hosts.dns.answers import Record
from mailwright.hosts.dns.base import Denied, HostError
from mailwright.hosts.dns.exchange import Endpoint, Reply
from mailwright.model.names import is_below
from mailwright.model.records import ObservedSet, ObservedValue
from mailwright.model.wildcards import ancestors

#: One stored record: what it says, and exactly as the server sent it.
Stored = tuple[ObservedValue, dns.rdata.Rdata]
_Key = tuple[str, str]


class Asking(Protocol):
    """Whatever takes questions to one server: a connection of ours, or somebody else's way there."""

    @property
    def endpoint(self) -> Endpoint:
        """The server, for messages."""
        ...

    async def ask(self, queries: Sequence[dns.message.Message], /) -> list[Reply]:
        """The replies in the order of the questions. Raises HostError where there is none."""
        ...


@dataclass(slots=True)
class Reading:
    """The sets found, with the records as they were sent, and the zone cuts met on the way."""

    sets: dict[_Key, ObservedSet] = field(default_factory=dict)
    stored: dict[_Key, tuple[Stored, ...]] = field(default_factory=dict)
    cuts: set[str] = field(default_factory=set)
    #: Names of which an answer did not say in which zone they lie, or whether they exist.
    unsure: set[str] = field(default_factory=set)
    #: Names that a wildcard may answer for; settled by a second round of questions.
    doubtful: set[str] = field(default_factory=set)
    #: What a wildcard answers at names that do not exist.
    made_up: dict[_Key, ObservedSet] = field(default_factory=dict)

    def drop(self, key: _Key) -> None:
        """Forget a set that turned out not to be stored at its name."""
        self.sets.pop(key, None)
        self.stored.pop(key, None)


async def read_sets(connection: Asking, zone: str, keys: Iterable[_Key]) -> Reading:
    """Read these (owner name, type) pairs of ``zone``. Raises HostError, never for an absence."""
    pairs = _worth_asking(set(keys))
    reading = Reading()
    for (name, type), reply in zip(pairs, await _ask(connection, pairs), strict=True):
        _take(reading, zone, name, type, _checked(reply, zone, name, connection.endpoint))
    await _probe_names(connection, zone, reading)
    await _settle_doubts(connection, zone, reading)
    for key in [key for key in reading.sets if any(is_below(key[0], cut) for cut in reading.cuts)]:
        reading.drop(key)
    return reading


def _worth_asking(keys: set[_Key]) -> list[_Key]:
    """Without the CNAME of names that are asked for another type: that answer shows it (RFC 1034 §3.6.2)."""
    others = {name for name, type in keys if type != "CNAME"}
    return sorted((name, type) for name, type in keys if type != "CNAME" or name not in others)


async def _probe_names(connection: Asking, zone: str, reading: Reading) -> None:
    """Learn of each name that answered whether it exists, and in which zone."""
    names = sorted(reading.unsure - {zone})
    probes = [(probe, "SOA") for name in names if (probe := _probe(name))]
    answers = iter(await _ask(connection, probes))
    for name in names:
        if _probe(name):
            _judge_probe(reading, zone, name, _checked(next(answers), zone, name, connection.endpoint))


def _probe(name: str) -> str:
    """The name to ask in order to learn about ``name``; empty where it would be too long."""
    probe = f"_mailwright-probe.*.{name}"
    try:
        wire.to_name(probe)
    except ValueError:
        return ""  # more than 255 octets: the UPDATE's prerequisites still hold
    return probe


async def _ask(connection: Asking, keys: list[_Key]) -> list[Reply]:
    queries = []
    for name, type in keys:
        query = dns.message.make_query(wire.to_name(name), type)
        query.flags &= ~dns.flags.RD
        queries.append(query)
    return await connection.ask(queries) if queries else []


def _checked(reply: Reply, zone: str, name: str, endpoint: Endpoint) -> dns.message.Message:
    """The message of a usable answer; whatever else came is an error, never an absence."""
    if reply.message is not None and reply.rcode in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        message = reply.message
        if message.flags & dns.flags.AA or _referral(message, zone, name):
            return message
        raise HostError(said.NOT_AUTHORITATIVE, where=endpoint, zone=zone)
    code = dns.rcode.to_text(reply.rcode)
    if reply.rcode in (dns.rcode.REFUSED, dns.rcode.NOTAUTH):
        key = said.WITH_KEY if endpoint.key else said.WITHOUT_KEY
        raise Denied(said.QUESTION_REFUSED, where=endpoint, name=name, with_key=key, code=code, zone=zone)
    failed = reply.rcode == dns.rcode.SERVFAIL
    text = said.QUESTION_FAILED if failed else said.QUESTION_UNANSWERED
    raise HostError(text, where=endpoint, name=name, code=code)


def _referral(message: dns.message.Message, zone: str, name: str) -> str | None:
    """The zone cut that a referral names, None where the message is no referral below ``zone``."""
    if message.answer:
        return None
    for rrset in message.authority:
        owner = wire.from_name(rrset.name)
        if (
            rrset.rdtype == dns.rdatatype.NS
            and owner != zone
            and is_below(owner, zone)
            and is_below(name, owner)
        ):
            return owner
    return None


def _take(reading: Reading, zone: str, name: str, type: str, answer: dns.message.Message) -> None:
    """Keep what an answer says about ``name`` itself: the set asked for, or the CNAME in its place."""
    if not answer.flags & dns.flags.AA:
        cut = _referral(answer, zone, name)
        if cut:
            reading.cuts.add(cut)
        return
    if answer.answer or not _negative(answer):
        reading.unsure.add(name)
    elif cut := _cut_shown(answer, zone, name):
        reading.cuts.add(cut)
        return
    at_name = [rrset for rrset in answer.answer if wire.from_name(rrset.name) == name]
    for rrset in answer.answer:
        if rrset.rdtype == dns.rdatatype.DNAME:  # what lies below a DNAME is served elsewhere as well
            owner = wire.from_name(rrset.name)
            if owner not in (name, zone):
                reading.cuts.add(owner)
    for kind in dict.fromkeys((type, "CNAME")):
        rrsets = [rrset for rrset in at_name if rrset.rdtype == dns.rdatatype.from_text(kind)]
        records = [
            Record(answer_rrset.name, answer_rrset.rdtype, answer_rrset.ttl, rdata)
            for answer_rrset in rrsets
            for rdata in answer_rrset
        ]
        if records:
            keep(reading, name, kind, records)


def _negative(answer: dns.message.Message) -> bool:
    """Whether an answer without records says which zone does not have them (RFC 2308 §3)."""
    return any(rrset.rdtype == dns.rdatatype.SOA for rrset in answer.authority)


def keep(reading: Reading, name: str, type: str, records: list[Record]) -> None:
    """Keep the records of one set, each as the server sent it."""
    stored = tuple((wire.from_rdata(record.rdata), record.rdata) for record in records)
    # The same name in two spellings may be stored twice (PowerDNS): one value, two records.
    values = tuple(
        sorted({value for value, _ in stored}, key=lambda value: (value.value, value.strings or ()))
    )
    ttl = min(record.ttl for record in records)
    reading.sets[name, type] = ObservedSet(name, type, ttl, values)
    reading.stored[name, type] = stored


def _judge_probe(reading: Reading, zone: str, name: str, answer: dns.message.Message) -> None:
    cut = _cut_shown(answer, zone, name)
    if cut:
        reading.cuts.add(cut)
    elif answer.rcode() != dns.rcode.NXDOMAIN:
        reading.doubtful.add(name)


def _cut_shown(answer: dns.message.Message, zone: str, name: str) -> str | None:
    """The zone cut between ``zone`` and ``name`` that an answer betrays."""
    if not answer.flags & dns.flags.AA:
        return _referral(answer, zone, name)
    for rrset in (*answer.answer, *answer.authority):
        owner = wire.from_name(rrset.name)
        if (
            rrset.rdtype == dns.rdatatype.SOA
            and owner != zone
            and is_below(owner, zone)
            and is_below(name, owner)
        ):
            return owner
    return None


async def _settle_doubts(connection: Asking, zone: str, reading: Reading) -> None:
    """Ask the probe of each doubtful name for the types its name answered; the same means made up.

    A wildcard CNAME hides which zone answers, so the names on the way are asked as well.
    """
    names = sorted(name for name in reading.doubtful if any(key[0] == name for key in reading.sets))
    made_up = [(name, type) for name, type in sorted(reading.sets) if name in names]
    above = sorted({ancestor for name in names for ancestor in ancestors(name, zone)})
    questions = [(_probe(name), type) for name, type in made_up] + [(name, "SOA") for name in above]
    replies = await _ask(connection, questions)
    for (name, type), reply in zip(made_up, replies, strict=False):
        answer = _checked(reply, zone, name, connection.endpoint)
        probe, kind = _probe(name), dns.rdatatype.from_text(type)
        if any(wire.from_name(rrset.name) == probe and rrset.rdtype == kind for rrset in answer.answer):
            reading.made_up[name, type] = reading.sets[name, type]
            reading.drop((name, type))
    for name, reply in zip(above, replies[len(made_up) :], strict=True):
        cut = _cut_shown(_checked(reply, zone, name, connection.endpoint), zone, name)
        if cut:
            reading.cuts.add(cut)
