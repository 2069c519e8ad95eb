"""A zone read by one transfer (RFC 5936): what is stored, with nothing made up and nothing hidden.

For keys that may transfer, and for zones that fit into one message; others are read by questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dns.message
import dns.rcode
import dns.rdatatype

from mailwright.hosts.dns import wire
from mailwright.hosts.dns.answers import Record
from mailwright.hosts.dns.exchange import Connection, KeyRefused
from mailwright.hosts.dns.reading import Reading, keep
from mailwright.model.names import is_below
from mailwright.model.records import ObservedSet
from mailwright.model.wildcards import made_up


async def read_zone(connection: Connection, zone: str, keys: set[tuple[str, str]]) -> Reading | None:
    """The sets among ``keys``, a CNAME in their place too; None where the zone cannot be read so.

    Raises HostError where the server cannot be asked at all.
    """
    query = dns.message.make_query(wire.to_name(zone), "AXFR")
    query.flags = 0  # a transfer asks for no recursion
    try:
        (reply,) = await connection.ask([query], plain=True)
    except KeyRefused:  # Knot says so of a key that may not transfer; questions will tell
        return None
    if reply.rcode != dns.rcode.NOERROR or not _is_whole(reply.records):
        await connection.close()  # the rest of a longer transfer would come in between
        return None
    names = {name for name, _ in keys}
    whole: dict[tuple[str, dns.rdatatype.RdataType], list[Record]] = {}
    by_set: dict[tuple[str, dns.rdatatype.RdataType], list[Record]] = {}
    reading = Reading()
    for record in reply.records:
        owner = wire.from_name(record.name)
        whole.setdefault((owner, record.type), []).append(record)
        if owner != zone and record.type in (dns.rdatatype.NS, dns.rdatatype.DNAME):
            # What lies below is served elsewhere; a DNAME's own name is not.
            reading.cuts |= {owner} if record.type == dns.rdatatype.NS else _below(names, owner)
        elif owner in names:
            by_set.setdefault((owner, record.type), []).append(record)
    for (owner, type), records in by_set.items():
        kind = dns.rdatatype.to_text(type)
        if (owner, kind) in keys or kind == "CNAME":
            keep(reading, owner, kind, records)
    for key in [key for key in reading.sets if any(is_below(key[0], cut) for cut in reading.cuts)]:
        reading.drop(key)
    reading.made_up = _made_up(whole, keys, zone)
    return reading


def _made_up(
    whole: Mapping[tuple[str, dns.rdatatype.RdataType], list[Record]], keys: set[tuple[str, str]], zone: str
) -> dict[tuple[str, str], ObservedSet]:
    """What the zone's wildcards answer at the names among ``keys`` that do not exist."""
    if not any(owner.startswith("*.") for owner, _ in whole):
        return {}
    stored = Reading()
    for (owner, type), records in whole.items():
        keep(stored, owner, dns.rdatatype.to_text(type), records)
    wild = made_up({name for name, _ in keys}, stored.sets.values(), zone)
    return {(record_set.name, record_set.type): record_set for record_set in wild}


def _is_whole(records: Sequence[Record]) -> bool:
    """Whether one message holds all of the transfer: it begins and ends with the SOA (RFC 5936 §2.2)."""
    ends = (records[0], records[-1]) if len(records) > 1 else ()
    return bool(ends) and all(end.type == dns.rdatatype.SOA for end in ends)


def _below(names: set[str], owner: str) -> set[str]:
    return {name for name in names if name != owner and is_below(name, owner)}
