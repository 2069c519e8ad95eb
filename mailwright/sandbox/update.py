"""RFC 2136 as a pure function: a zone and an UPDATE give an answer code and the next zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.update

from mailwright.sandbox.zone import RecordSet, Zone

_ANY, _NONE = dns.rdataclass.ANY, dns.rdataclass.NONE
_SOA, _NS, _CNAME = dns.rdatatype.SOA, dns.rdatatype.NS, dns.rdatatype.CNAME
_Nodes = dict[dns.name.Name, dict[dns.rdatatype.RdataType, RecordSet]]

#: Whether the sender may change records of this name and type.
Policy = Callable[[dns.name.Name, dns.rdatatype.RdataType], bool]


def apply_update(
    zone: Zone, message: dns.update.UpdateMessage, allowed: Policy
) -> tuple[dns.rcode.Rcode, Zone]:
    """Carry out an UPDATE for ``zone``, all of it or nothing (RFC 2136 §3.2–§3.4)."""
    code = _prerequisites(zone, message.prerequisite)
    if code == dns.rcode.NOERROR:
        code = _prescan(zone, message.update)
    if code == dns.rcode.NOERROR and not all(allowed(rrset.name, rrset.rdtype) for rrset in message.update):
        code = dns.rcode.REFUSED
    if code != dns.rcode.NOERROR:
        return code, zone
    nodes: _Nodes = {name: dict(node) for name, node in zone.nodes.items()}
    for update_rrset in message.update:
        _change(nodes, zone.origin, update_rrset)
    after = Zone.of(zone.origin, nodes)
    if after.nodes == zone.nodes:
        return dns.rcode.NOERROR, zone
    return dns.rcode.NOERROR, _bump(after, zone)


def _prerequisites(zone: Zone, section: Iterable[dns.rrset.RRset]) -> dns.rcode.Rcode:
    """RFC 2136 §3.2: the conditions under which the update is to happen."""
    exact: dict[tuple[dns.name.Name, dns.rdatatype.RdataType], set[dns.rdata.Rdata]] = {}
    for rrset in section:
        if not rrset.name.is_subdomain(zone.origin):
            return dns.rcode.NOTZONE
        if rrset.ttl != 0:
            return dns.rcode.FORMERR
        if rrset.deleting is None:
            exact.setdefault((rrset.name, rrset.rdtype), set()).update(rrset)
            continue
        code = _existence(zone, rrset)
        if code != dns.rcode.NOERROR:
            return code
    for (name, type), rdatas in exact.items():
        present = zone.get(name, type)
        if present is None or set(present.rdatas) != rdatas:
            return dns.rcode.NXRRSET
    return dns.rcode.NOERROR


def _existence(zone: Zone, rrset: dns.rrset.RRset) -> dns.rcode.Rcode:
    """The four prerequisites that ask only whether a name or a set is there."""
    must_exist = rrset.deleting == _ANY
    if rrset.rdtype == dns.rdatatype.ANY:
        exists, wrong = rrset.name in zone.nodes, (dns.rcode.NXDOMAIN, dns.rcode.YXDOMAIN)
    else:
        exists, wrong = zone.get(rrset.name, rrset.rdtype) is not None, (dns.rcode.NXRRSET, dns.rcode.YXRRSET)
    return dns.rcode.NOERROR if exists == must_exist else wrong[0 if must_exist else 1]


def _prescan(zone: Zone, section: Iterable[dns.rrset.RRset]) -> dns.rcode.Rcode:
    """RFC 2136 §3.4.1: nothing is changed where any record of the section is malformed."""
    for rrset in section:
        if not rrset.name.is_subdomain(zone.origin):
            return dns.rcode.NOTZONE
        meta = dns.rdatatype.is_metatype(rrset.rdtype)
        if meta and not (rrset.deleting == _ANY and rrset.rdtype == dns.rdatatype.ANY):
            return dns.rcode.FORMERR
        if rrset.deleting is not None and rrset.ttl != 0:
            return dns.rcode.FORMERR
    return dns.rcode.NOERROR


def _change(nodes: _Nodes, origin: dns.name.Name, rrset: dns.rrset.RRset) -> None:
    node = nodes.setdefault(rrset.name, {})
    at_apex = rrset.name == origin
    if rrset.deleting is None:
        for rdata in rrset:
            _add(node, at_apex, rrset.rdtype, rrset.ttl, rdata)
    elif rrset.deleting == _ANY:
        for type in list(node) if rrset.rdtype == dns.rdatatype.ANY else [rrset.rdtype]:
            if not (at_apex and type in (_SOA, _NS)):
                node.pop(type, None)
    else:
        for rdata in rrset:
            _delete(node, at_apex, rrset.rdtype, rdata)


def _add(
    node: dict[dns.rdatatype.RdataType, RecordSet],
    at_apex: bool,
    type: dns.rdatatype.RdataType,
    ttl: int,
    rdata: dns.rdata.Rdata,
) -> None:
    """RFC 2136 §3.4.2.2. A CNAME and other data exclude each other: the newcomer is ignored."""
    present = node.get(type)
    if type == _SOA:
        if at_apex and present and _newer(rdata, present.rdatas[0]):
            node[type] = RecordSet(ttl, (rdata,))
    elif type == _CNAME:
        if not set(node) - {_CNAME}:
            node[type] = RecordSet(ttl, (rdata,))
    elif _CNAME not in node:
        others = (
            tuple(present_rdata for present_rdata in present.rdatas if present_rdata != rdata)
            if present
            else ()
        )
        node[type] = RecordSet(ttl, (*others, rdata))  # the TTL is the set's, as in BIND


def _delete(
    node: dict[dns.rdatatype.RdataType, RecordSet],
    at_apex: bool,
    type: dns.rdatatype.RdataType,
    rdata: dns.rdata.Rdata,
) -> None:
    """RFC 2136 §3.4.2.4: one record; never the SOA or the last NS of the zone."""
    present = node.get(type)
    if present is None or type == _SOA:
        return
    left = tuple(present_rdata for present_rdata in present.rdatas if present_rdata != rdata)
    if left:
        node[type] = RecordSet(present.ttl, left)
    elif not (at_apex and type == _NS):
        del node[type]


def _newer(rdata: dns.rdata.Rdata, than: dns.rdata.Rdata) -> bool:
    """Serial number arithmetic (RFC 1982 §3.2)."""
    step = (rdata.serial - than.serial) % (1 << 32)  # type: ignore[attr-defined]
    return bool(0 < step < 1 << 31)


def _bump(after: Zone, before: Zone) -> Zone:
    """The next serial, unless the update brought its own (RFC 2136 §3.6)."""
    soa = after.soa
    if soa.rdatas[0] != before.soa.rdatas[0]:
        return after
    serial = (soa.rdatas[0].serial + 1) % (1 << 32) or 1  # type: ignore[attr-defined]
    nodes = {name: dict(node) for name, node in after.nodes.items()}
    nodes[after.origin][_SOA] = RecordSet(soa.ttl, (soa.rdatas[0].replace(serial=serial),))
    return Zone.of(after.origin, nodes)
