"""An include written as the addresses that it lets in: for days on which ten look-ups are not enough.

It is a copy that ages (RFC 7208 §10.1.1): whoever publishes it has to compare it with the include daily.
"""

from __future__ import annotations

import ipaddress

from mailwright.model.text import Text
from mailwright.standards.spf.evaluate import select
from mailwright.standards.spf.parser import SpfError, parse
from mailwright.standards.spf.questions import Lookup, LookupFailed, Steps, ask, run, usable
from mailwright.standards.spf.record import Mechanism, SpfRecord

#: Octets that the whole record may have: what does not fit into one UDP answer is lost on the way.
MOST_OCTETS = 450
_MOST_NAMES = 100

_CANNOT = Text("{term} of {name} cannot be written as addresses", "{name} 的 {term} 无法写成地址")
_NO_RECORD = Text("{name} has no single SPF record", "{name} 没有唯一的 SPF 记录")
_NO_ANSWER = Text("no answer for {question}", "{question} 没有应答")
_ENDLESS = Text("{name} includes more than {most} names", "{name} 包含的名称超过 {most} 个")
_TOO_LONG = Text(
    "the addresses take {octets} octets, and more than {most} do not reach every receiver",
    "这些地址共 {octets} 字节，超过 {most} 字节就无法送达所有收件方",
)


class NotAddresses(ValueError):
    """Why an include cannot stand as addresses; ``text`` says which term of whom."""

    def __init__(self, text: Text) -> None:
        super().__init__(text("en"))
        self.text = text


def flattened(names: tuple[str, ...], lookup: Lookup) -> tuple[str, ...]:
    """``ip4:…`` and ``ip6:…`` of everything that includes of these names let in, joined where they touch.

    Raises NotAddresses where one of them hangs on the message (``exists``, ``ptr``, macros), on an order of
    terms that addresses cannot keep, does not answer, or does not fit.
    """
    networks: set[ipaddress.IPv4Network | ipaddress.IPv6Network] = set()
    seen: set[str] = set()
    for name in names:
        networks |= run(_of_name(name.lower().rstrip("."), seen), lookup)
    v4 = ipaddress.collapse_addresses(
        network for network in networks if isinstance(network, ipaddress.IPv4Network)
    )
    v6 = ipaddress.collapse_addresses(
        network for network in networks if isinstance(network, ipaddress.IPv6Network)
    )
    terms = tuple([f"ip4:{_short(network)}" for network in v4] + [f"ip6:{_short(network)}" for network in v6])
    octets = len(" ".join(terms))
    if octets > MOST_OCTETS:
        raise NotAddresses(_TOO_LONG.using(octets=octets, most=MOST_OCTETS))
    return terms


_Networks = set[ipaddress.IPv4Network | ipaddress.IPv6Network]


def _of_name(name: str, seen: set[str]) -> Steps[_Networks]:
    if name in seen:
        return set()
    seen.add(name)
    if len(seen) > _MOST_NAMES:
        raise NotAddresses(_ENDLESS.using(name=name, most=_MOST_NAMES))
    record = yield from _record(name)
    networks: _Networks = set()
    for term in record.mechanisms:
        if term.name == "all":
            if term.qualifier == "+":
                raise NotAddresses(_CANNOT.using(term=str(term), name=name))
            return networks
        networks |= yield from _of_term(term, name, seen)
    for modifier in record.modifiers:
        if modifier.name == "redirect":
            networks |= yield from _of_name(_target(modifier.value, str(modifier), name), seen)
    return networks


def _record(name: str) -> Steps[SpfRecord]:
    try:
        texts = select((yield from ask(name, "TXT")))
    except LookupFailed as error:
        raise NotAddresses(_NO_ANSWER.using(question=str(error))) from error
    if len(texts) != 1:
        raise NotAddresses(_NO_RECORD.using(name=name))
    try:
        return parse(texts[0])
    except SpfError as error:
        raise NotAddresses(_NO_RECORD.using(name=name)) from error


def _of_term(term: Mechanism, name: str, seen: set[str]) -> Steps[_Networks]:
    """The addresses of one mechanism. What takes addresses out again cannot be kept."""
    if term.qualifier != "+" or term.name in ("exists", "ptr"):
        raise NotAddresses(_CANNOT.using(term=str(term), name=name))
    if term.name in ("ip4", "ip6"):
        return {ipaddress.ip_network(_network(term), strict=False)}
    target = _target(term.domain or name, str(term), name)
    if term.name == "include":
        return (yield from _of_name(target, seen))
    hosts = (target,) if term.name == "a" else (yield from _exchangers(target))
    networks: _Networks = set()
    for host in hosts:
        networks |= yield from _addresses(host, term)
    return networks


def _target(text: str, term: str, name: str) -> str:
    target = None if "%" in text else usable(text)
    if target is None:
        raise NotAddresses(_CANNOT.using(term=term, name=name))
    return target.lower()


def _exchangers(name: str) -> Steps[tuple[str, ...]]:
    answer = yield from _asked(name, "MX")
    return tuple(
        exchanger.split()[-1].rstrip(".").lower() for exchanger in answer if exchanger.split()[-1] != "."
    )


def _addresses(host: str, term: Mechanism) -> Steps[_Networks]:
    networks: _Networks = set()
    for type, bits in (("A", term.cidr4), ("AAAA", term.cidr6)):
        for address in (yield from _asked(host, type)):
            networks.add(ipaddress.ip_network(address if bits is None else f"{address}/{bits}", strict=False))
    return networks


def _asked(name: str, type: str) -> Steps[tuple[str, ...]]:
    try:
        return (yield from ask(name, type))
    except LookupFailed as error:
        raise NotAddresses(_NO_ANSWER.using(question=str(error))) from error


def _short(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def _network(term: Mechanism) -> str:
    bits = term.cidr4 if term.name == "ip4" else term.cidr6
    return f"{term.network}" if bits is None else f"{term.network}/{bits}"
