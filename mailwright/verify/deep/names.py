"""What only look-ups tell: SPF for each sender, names of own servers, who may issue certificates. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from mailwright.model.checks import Check, Status
from mailwright.model.names import absolute, bare
from mailwright.model.position import Position
from mailwright.model.text import Text
from mailwright.standards import spf
from mailwright.verify.deep.rules import CAA, REVERSE, SENDER, check

_ANSWERLESS = Text("{name} could not be looked up", "无法查询 {name}")
_RESULT = Text("{result}", "{result}")
_NO_SAMPLE = Text("its include does not show its addresses", "无法从其 include 得知任何发信地址")
_NO_PTR = Text("it has none", "没有设置")
_NOT_BACK = Text("{names}, which does not lead back to it", "{names}，但不能解析回该地址")
_BACK = Text("{names}, which leads back to it", "{names}，且能解析回该地址")
_ANY = Text("any CA may issue", "任何 CA 均可签发")
_SOME = Text("{issuers} may issue", "{issuers} 可以签发")
_NOBODY = Text(
    "no CA may issue a certificate, and this name needs one", "不允许任何 CA 签发证书，而此名称需要证书"
)
_PASSING = frozenset({"pass"})
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends as ``domain``: networks of its own, or what the record includes."""

    name: str
    domain: str
    networks: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    position: Position | None = None


def senders(asked_senders: Sequence[Sender], lookup: spf.Lookup) -> tuple[Check, ...]:
    """RFC 7208 §4: an address of each sender, judged by the living record as a receiver judges it."""
    return tuple(sender_check for sender in asked_senders for sender_check in _sender(sender, lookup))


def _sender(sender: Sender, lookup: spf.Lookup) -> Iterator[Check]:
    name = absolute(sender.domain)
    samples = [str(ip_network(network, strict=False)[0]) for network in sender.networks]
    for include in sender.includes:
        try:
            sample = _sample(include, lookup)
            status, text = Status.NOT_CHECKABLE, _NO_SAMPLE
        except (spf.LookupFailed, spf.SpfError, OSError):
            sample, status, text = None, Status.UNKNOWN, _ANSWERLESS.using(name=include)
        if sample:
            samples.append(sample)
            continue
        yield check(
            SENDER,
            status,
            name,
            "TXT",
            text,
            position=sender.position,
            domain=sender.domain,
            address=include,
            sender=sender.name,
        )
    for address in samples:
        result = spf.check_host(address, sender.domain, f"postmaster@{sender.domain}", lookup).result
        status = Status.PASS if result in _PASSING else Status.FAIL
        status = Status.UNKNOWN if result == "temperror" else status
        yield check(
            SENDER,
            status,
            name,
            "TXT",
            _RESULT.using(result=result),
            expected=("pass",),
            found=(str(result),),
            position=sender.position,
            domain=sender.domain,
            address=address,
            sender=sender.name,
        )


def _sample(domain: str, lookup: spf.Lookup, depth: int = 0) -> str | None:
    """An address that a record lets in, from its first network; None where it names none."""
    for text in spf.select(tuple(lookup(absolute(domain), "TXT"))):
        record = spf.parse(text)
        for mechanism in record.mechanisms:
            if mechanism.qualifier == "+" and mechanism.name in ("ip4", "ip6") and mechanism.network:
                length = mechanism.cidr4 if mechanism.name == "ip4" else mechanism.cidr6
                suffix = "" if length is None else f"/{length}"
                return str(ip_network(mechanism.network + suffix, strict=False)[0])
        below = [
            m.domain for m in record.mechanisms if m.name == "include" and m.domain and "%" not in m.domain
        ]
        for target in [*below, *([record.redirect] if record.redirect else [])] if depth < _DEPTH else ():
            sample = _sample(target, lookup, depth + 1)
            if sample:
                return sample
    return None


def reverse(addresses: Sequence[str], domain: str, lookup: spf.Lookup) -> tuple[Check, ...]:
    """Forward-confirmed reverse DNS of own servers (RFC 1912 §2.1); the large receivers demand it."""
    return tuple(_reverse(address, domain, lookup) for address in addresses)


def _reverse(address: str, domain: str, lookup: spf.Lookup) -> Check:
    pointer = ip_address(address).reverse_pointer + "."
    type = "A" if ip_address(address).version == 4 else "AAAA"
    try:
        names = tuple(lookup(pointer, "PTR"))
        back = [name for name in names if address in lookup(absolute(bare(name)), type)]
    except (spf.LookupFailed, OSError):
        message = _ANSWERLESS.using(name=bare(pointer))
        return check(REVERSE, Status.UNKNOWN, absolute(domain), "PTR", message, address=address)
    status = Status.PASS if back else Status.FAIL
    text = (_BACK if back else _NOT_BACK) if names else _NO_PTR
    message = text.using(names=", ".join(map(bare, back or names)))
    return check(REVERSE, status, absolute(domain), "PTR", message, found=names, address=address)


def issuing(names: Sequence[str], lookup: spf.Lookup) -> tuple[Check, ...]:
    """RFC 8659 §3: the CAA set that counts for each name which has to show a certificate."""
    return tuple(_issuing(name, lookup) for name in names)


def _issuing(name: str, lookup: spf.Lookup) -> Check:
    at = absolute(name)
    try:
        values: Sequence[str] = ()
        while at.count(".") > 1 and not values:
            values = lookup(at, "CAA")
            at = at.partition(".")[2]
    except (spf.LookupFailed, OSError):
        return check(CAA, Status.UNKNOWN, absolute(name), "CAA", _ANSWERLESS.using(name=bare(at)), host=name)
    issue = [
        value.split(" ", 2)[2].strip('"') for value in values if value.split(" ", 2)[1].lower() == "issue"
    ]
    issuers = [value.partition(";")[0].strip() for value in issue if value.partition(";")[0].strip()]
    if not issue:
        status, text = Status.PASS, _ANY
    else:
        status = Status.PASS if issuers else Status.FAIL
        text = _SOME.using(issuers=", ".join(issuers)) if issuers else _NOBODY
    return check(CAA, status, absolute(name), "CAA", text, found=tuple(values), host=name)
