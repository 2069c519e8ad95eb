"""One change set as one UPDATE message (RFC 2136 §2).

Per name the deletions come before the additions, because servers apply the section in order and
silently skip a record that is added beside a CNAME still there. Only single records are deleted,
never a set, and every touched set is required to be exactly as it was read: what somebody else
wrote in between makes the server refuse all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import dns.name
import dns.rdata
import dns.rdatatype
import dns.update

from mailwright.hosts.dns import said, wire
from mailwright.hosts.dns.base import HostError
from mailwright.hosts.dns.reading import Stored
from mailwright.model.changes import SetChange
from mailwright.model.names import bare, is_below
from mailwright.model.records import WITH_OLD_SPF, ObservedValue

#: Types that must not be where a CNAME is added, whether or not they were read (RFC 1034 §3.6.2).
_BESIDE_CNAME = (
    *(type for type in WITH_OLD_SPF if type != "CNAME"),
    "NS",
    "CAA",
    "HTTPS",
    "SVCB",
    "PTR",
    "NAPTR",
)

KnownSets = Mapping[tuple[str, str], tuple[Stored, ...]]


def refuse_unsafe(zone: str, changes: Sequence[SetChange], cuts: frozenset[str]) -> None:
    """Raise HostError where a change could not be carried out, or not without harm."""
    for change in changes:
        if not is_below(change.name, zone):
            raise HostError(said.NOT_IN_ZONE, name=bare(change.name), zone=bare(zone))
        if change.type not in WITH_OLD_SPF:
            raise HostError(said.TYPE_NEVER_WRITTEN, key=change.key)
        cut = next((cut for cut in sorted(cuts) if is_below(change.name, cut)), None)
        if cut:
            raise HostError(said.BELOW_CUT, name=bare(change.name), zone=bare(zone), cut=bare(cut))
        before = change.before.values if change.before else ()
        expected = [value for value in before if value not in change.removed] + list(change.added)
        if sorted(map(repr, expected)) != sorted(map(repr, change.after)) or not set(change.removed) <= set(
            before
        ):
            raise HostError(said.DOES_NOT_ADD_UP, key=change.key)


def build_update(zone: str, changes: Sequence[SetChange], stored: KnownSets) -> dns.update.UpdateMessage:
    """The UPDATE for these changes; ``stored`` are the records as last read.

    Raises HostError where a value is not valid, or a CNAME would stand beside other data.
    """
    message = dns.update.UpdateMessage(wire.to_name(zone))
    ordered = sorted(changes, key=lambda change: (change.name, change.type))
    _require_no_cut(message, zone, ordered)
    for name, group in groupby(ordered, key=lambda change: change.name):
        at_name = list(group)
        owner = wire.to_name(name)
        _require_cname_rule(message, owner, at_name, (name, "CNAME") in stored)
        for change in at_name:
            _require_as_read(message, owner, change, stored)
        for change in at_name:
            for value in change.before.values if change.before and change.ttl_changes else change.removed:
                for rdata in _rdatas(change, value, stored):
                    message.delete(owner, rdata)
        for change in at_name:
            for value in change.after if change.ttl_changes else change.added:
                message.add(owner, change.ttl, _rdatas(change, value, stored)[0])
    return message


def build_replacement(zone: str, changes: Sequence[SetChange], stored: KnownSets) -> dns.update.UpdateMessage:
    """An UPDATE that sets whole sets to what ``changes`` want, guarded by the sets as read.

    For records that a server did not delete because it compares the letters of host names
    exactly (PowerDNS); compression hides from us in which letters it stores them.
    """
    message = dns.update.UpdateMessage(wire.to_name(zone))
    for change in changes:
        owner = wire.to_name(change.name)
        for _, rdata in stored.get((change.name, change.type), ()):
            message.present(owner, rdata)
        message.delete(owner, change.type)
        for value in change.after:
            message.add(owner, change.ttl, _to_rdata(change, value))
    return message


def _require_no_cut(message: dns.update.UpdateMessage, zone: str, changes: Sequence[SetChange]) -> None:
    """A delegation that appears in between would swallow what we write without an error."""
    on_the_way: set[str] = set()
    for change in changes:
        name = change.name
        while name != zone and name not in on_the_way:
            on_the_way.add(name)
            name = name.partition(".")[2]
    for name in sorted(on_the_way):
        message.absent(wire.to_name(name), "NS")


def _require_as_read(
    message: dns.update.UpdateMessage, owner: dns.name.Name, change: SetChange, stored: KnownSets
) -> None:
    """Exactly the values that were read, or none at all (RFC 2136 §2.4.2, §2.4.3)."""
    if change.before is None:
        message.absent(owner, change.type)
        return
    for value in change.before.values:
        for rdata in _rdatas(change, value, stored):
            message.present(owner, rdata)  # with TTL 0, as the RFC demands


def _require_cname_rule(
    message: dns.update.UpdateMessage, owner: dns.name.Name, at_name: list[SetChange], stands: bool
) -> None:
    """No CNAME beside what we add, nothing beside a CNAME that we add.

    Servers ignore such an addition and answer NOERROR, which would leave half a change.
    ``stands`` says whether a CNAME was read there.
    """
    cname = next((change for change in at_name if change.type == "CNAME"), None)
    others = [change for change in at_name if change.type != "CNAME"]
    if any(change.after for change in others):
        if cname is not None and cname.after:
            raise HostError(said.CNAME_BESIDE, name=bare(cname.name))
        if cname is None and stands:
            raise HostError(said.CNAME_STANDS, name=bare(others[0].name), type=others[0].type)
        if cname is None:
            message.absent(owner, "CNAME")
    if cname is not None and cname.before is None and cname.after:
        if not others:
            message.absent(owner)  # the name is not in use at all
        going = {change.type for change in others}
        for type in _BESIDE_CNAME:
            if type not in going and type != "NS":  # NS was required absent already
                message.absent(owner, type)


def _rdatas(change: SetChange, value: ObservedValue, stored: KnownSets) -> list[dns.rdata.Rdata]:
    """The records of one value in the letters the server gave them, else as we write it."""
    known = [
        rdata for stored_value, rdata in stored.get((change.name, change.type), ()) if stored_value == value
    ]
    return known or [_to_rdata(change, value)]


def _to_rdata(change: SetChange, value: ObservedValue) -> dns.rdata.Rdata:
    try:
        return wire.to_rdata(change.type, value)
    except ValueError as error:
        raise HostError(said.BAD_VALUE, key=change.key, reason=error) from None
