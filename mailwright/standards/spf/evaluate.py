"""``check_host()`` (RFC 7208 §4): what a receiver says of one sender. No I/O of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address

from mailwright.model.family import Family
from mailwright.model.readings import surely
from mailwright.model.text import Text
from mailwright.standards.spf import macros, problems
from mailwright.standards.spf.parser import SpfError, parse
from mailwright.standards.spf.questions import AsyncLookup, Lookup, LookupFailed, Steps, ask, run, run_async
from mailwright.standards.spf.questions import usable as usable_name
from mailwright.standards.spf.record import Mechanism, Modifier, Qualifier, SpfRecord
from mailwright.standards.spf.result import Limits, Outcome, SpfResult, Step

_OUTCOMES: dict[Qualifier, Outcome] = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}

_HOST_NAME = re.compile(r"(?=.*\.[A-Za-z0-9\-]*[A-Za-z\-])[^\[\]\s@:]+", re.ASCII)


def check_host(
    ip: str,
    domain: str,
    sender: str,
    lookup: Lookup,
    *,
    helo: str = "",
    receiver: str = "unknown",
    time: int = 0,
    limits: Limits | None = None,
    default_explanation: str = "",
) -> SpfResult:
    """Evaluate the policy of ``domain`` for mail from ``sender`` sent by ``ip`` (RFC 7208 §4.1).

    ``ip`` is an IPv4 or IPv6 address; ``domain`` is the domain of the reverse-path (or of HELO), in
    A-labels; ``sender`` the reverse-path. ``helo``, ``receiver`` and ``time`` (seconds of the epoch)
    fill macros only. Raises ValueError where ``ip`` is no address; everything else is a result.
    """
    who = _sender(ip, domain, sender, helo=helo, receiver=receiver, time=time)
    return run(_evaluate(who, domain, limits or Limits(), default_explanation), lookup)


async def check_host_async(
    ip: str,
    domain: str,
    sender: str,
    lookup: AsyncLookup,
    *,
    helo: str = "",
    receiver: str = "unknown",
    time: int = 0,
    limits: Limits | None = None,
    default_explanation: str = "",
) -> SpfResult:
    """As ``check_host``, with an asynchronous look-up function."""
    who = _sender(ip, domain, sender, helo=helo, receiver=receiver, time=time)
    return await run_async(_evaluate(who, domain, limits or Limits(), default_explanation), lookup)


def _sender(ip: str, domain: str, sender: str, *, helo: str, receiver: str, time: int) -> macros.Sender:
    address = ip_address(ip)
    if isinstance(address, IPv6Address):
        # A mapped address is an IPv4 connection (RFC 7208 §5); a zone index is no part of it.
        address = address.ipv4_mapped or IPv6Address(int(address))
    local, at, host = sender.rpartition("@")
    if not at:
        local, host = "", sender or domain
    return macros.Sender(address, local or "postmaster", host.removesuffix("."), helo, receiver, time)


class _Stop(Exception):
    """Ends the evaluation with permerror or temperror."""

    def __init__(self, result: Outcome, problem: Text) -> None:
        super().__init__(problem.en)
        self.result = result
        self.problem = problem


@dataclass(slots=True)
class _State:
    """What one evaluation counts and remembers."""

    who: macros.Sender
    limits: Limits
    lookups: int = 0
    voids: int = 0
    trace: list[Step] = field(default_factory=list)
    pointers: tuple[str, ...] | None = None

    def count_lookup(self, term: str) -> None:
        self.lookups += 1
        if self.lookups > self.limits.lookups:
            raise _Stop("permerror", problems.TOO_MANY.using(most=self.limits.lookups, term=term))

    def count_void(self, term: str) -> None:
        self.voids += 1
        if self.voids > self.limits.voids:
            raise _Stop("permerror", problems.TOO_VOID.using(most=self.limits.voids, term=term))


@dataclass(frozen=True, slots=True)
class _Match:
    """How one record ended: its result, the mechanism that matched, and the record it stands in."""

    result: Outcome
    term: Mechanism | None
    at: str
    record: SpfRecord


def _evaluate(who: macros.Sender, domain: str, limits: Limits, default: str) -> Steps[SpfResult]:
    state = _State(who, limits)
    name = usable_name(domain) if len(domain) <= 254 else None  # cutting is for macros only
    if name is None or not _HOST_NAME.fullmatch(name):
        return SpfResult("none", problem=problems.NO_DOMAIN.using(name=domain))
    try:
        match = yield from _check(state, name, 0)
        if match is None:
            return SpfResult("none", problem=problems.NONE.using(name=name), trace=tuple(state.trace))
        explanation = ""
        if match.result == "fail":
            explanation = yield from _explanation(state, match, default)
    except _Stop as stop:
        counts = (state.lookups, state.voids, tuple(state.trace))
        return SpfResult(stop.result, "", None, "", stop.problem, *counts)
    counts = (state.lookups, state.voids, tuple(state.trace))
    return SpfResult(match.result, explanation, match.term, match.at, None, *counts)


def select(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The TXT values that are SPF records (RFC 7208 §4.5)."""
    return tuple(text for text in texts if surely(Family.SPF, text))


def _fetch(name: str) -> Steps[SpfRecord | None]:
    """The record at ``name``, None without one. Raises _Stop for several or a faulty one."""
    try:
        records = select((yield from ask(name, "TXT")))
    except LookupFailed as error:
        raise _Stop("temperror", problems.NO_ANSWER.using(question=str(error))) from None
    if len(records) > 1:
        raise _Stop("permerror", problems.SEVERAL.using(name=name, count=len(records)))
    try:
        return parse(records[0]) if records else None
    except SpfError as error:
        raise _Stop("permerror", problems.INVALID.using(name=name, reason=error.text)) from None


def _check(state: _State, domain: str, depth: int) -> Steps[_Match | None]:
    """``check_host()`` of one domain, ``redirect=`` followed; None where it has no record."""
    via = ""
    while True:
        record = yield from _fetch(domain)
        if record is None:
            if via:
                raise _Stop("permerror", problems.TARGET_NONE.using(term=via, name=domain))
            return None
        for term in (mechanism for mechanism in record.terms if isinstance(mechanism, Mechanism)):
            if (yield from _traced(state, term, domain, depth)):
                return _Match(_OUTCOMES[term.qualifier], term, domain, record)
        target = record.redirect
        if target is None:
            return _Match("neutral", None, domain, record)
        via = f"redirect={target}"
        state.count_lookup(via)
        to = yield from _target(state, target, domain)
        state.trace.append(Step(depth, domain, via, "redirect", state.lookups, state.voids))
        if to is None:
            raise _Stop("permerror", problems.TARGET_NONE.using(term=via, name=target))
        domain = to


def _traced(state: _State, term: Mechanism, domain: str, depth: int) -> Steps[bool]:
    """Whether the mechanism matches; the trace gets a line either way."""
    place = len(state.trace)  # an include stands before what it led to
    outcome = "no match"
    try:
        if term.looks_up:
            state.count_lookup(str(term))
        matched = yield from _matches(state, term, domain, depth)
        outcome = "match" if matched else "no match"
        return matched
    except _Stop as stop:
        outcome = stop.result
        raise
    except LookupFailed as error:
        outcome = "temperror"
        raise _Stop("temperror", problems.NO_ANSWER.using(question=str(error))) from None
    finally:
        line = Step(depth, domain, str(term), outcome, state.lookups, state.voids)
        state.trace.insert(place, line)


def _matches(state: _State, term: Mechanism, domain: str, depth: int) -> Steps[bool]:
    """Whether one mechanism matches (RFC 7208 §5)."""
    if term.name == "all":
        return True
    if term.name in ("ip4", "ip6"):
        bits = term.cidr4 if term.name == "ip4" else term.cidr6
        return _inside(state, term.network or "", bits)
    target: str | None = domain
    if term.domain is not None:
        target = yield from _target(state, term.domain, domain)
    if term.name == "include":
        return (yield from _include(state, term, target, depth))
    if target is None:  # no query can be made of it: no match (RFC 7208 §4.3)
        return False
    if term.name == "ptr":
        return (yield from _ptr(state, target))
    if term.name == "mx":
        return (yield from _mx(state, term, target))
    kind = "A" if term.name == "exists" or state.who.ip.version == 4 else "AAAA"
    answer = yield from ask(target, kind)
    if not answer:
        state.count_void(str(term))
    return bool(answer) if term.name == "exists" else _any_inside(state, term, answer)


def _include(state: _State, term: Mechanism, target: str | None, depth: int) -> Steps[bool]:
    """RFC 7208 §5.2: the target's pass matches; its none is a permerror."""
    inner = None
    if target is not None:
        inner = yield from _check(state, target, depth + 1)
    if inner is None:
        raise _Stop("permerror", problems.TARGET_NONE.using(term=str(term), name=target or term.domain))
    return inner.result == "pass"


def _mx(state: _State, term: Mechanism, target: str) -> Steps[bool]:
    """RFC 7208 §5.4; more than ten names are a permerror (§4.6.4)."""
    answer = yield from ask(target, "MX")
    if not answer:
        state.count_void(str(term))
    if len(answer) > state.limits.mx:
        raise _Stop("permerror", problems.TOO_MANY_MX.using(name=target, most=state.limits.mx))
    for value in answer:
        host = usable_name(value.rpartition(" ")[2])
        if host is None:  # a null MX too (RFC 7505)
            continue
        addresses = yield from ask(host, "A" if state.who.ip.version == 4 else "AAAA")
        if _any_inside(state, term, addresses):
            return True
    return False


def _ptr(state: _State, target: str) -> Steps[bool]:
    """RFC 7208 §5.5: a validated name is the target, or below it."""
    names = yield from _validated(state)
    suffix = target.lower()
    return any(name == suffix or name.endswith("." + suffix) for name in names)


def _validated(state: _State) -> Steps[tuple[str, ...]]:
    """The client's PTR names that lead back to it, in lower case; asked once, errors are none.

    What the client publishes about itself is not the domain's fault: it counts against no void limit.
    """
    if state.pointers is not None:
        return state.pointers
    state.pointers = ()
    try:
        names = yield from ask(state.who.reverse_name, "PTR")
    except LookupFailed:
        return ()
    kind = "A" if state.who.ip.version == 4 else "AAAA"
    good = []
    for name in names[: state.limits.ptr]:
        host = usable_name(name.lower())
        try:
            addresses = (yield from ask(host, kind)) if host else ()
        except LookupFailed:
            continue
        if host and any(_inside(state, address, None) for address in addresses):
            good.append(host)
    state.pointers = tuple(good)
    return state.pointers


def _target(state: _State, text: str, domain: str) -> Steps[str | None]:
    """A domain-spec with its macros replaced, ready to be asked for; None where it cannot be."""
    values = yield from _values(state, text, domain)
    # RFC 8616 §4: with a non-ASCII local part such a term never matches; ``usable`` answers None.
    return usable_name(macros.expand(text, values))


def _values(state: _State, text: str, domain: str) -> Steps[dict[str, str]]:
    validated = "unknown"
    if "p" in macros.letters(text):
        names = yield from _validated(state)
        here = domain.lower()
        # The domain itself first, then a name below it, then any (RFC 7208 §7.3).
        ranked = sorted(names, key=lambda name: (name != here, not name.endswith("." + here)))
        validated = ranked[0] if ranked else "unknown"
    return state.who.values(domain, validated)


def _explanation(state: _State, match: _Match, default: str) -> Steps[str]:
    """The text of ``exp=`` (RFC 7208 §6.2); any trouble with it leaves the default."""
    spec = next((modifier.value for modifier in match.record.modifiers if _is_exp(modifier)), None)
    if spec is None:
        return default
    try:
        name = yield from _target(state, spec, match.at)
        texts = (yield from ask(name, "TXT")) if name else ()
        if len(texts) != 1:
            return default
        values = yield from _values(state, texts[0], match.at)
        explanation = macros.explain(texts[0], values)
    except (LookupFailed, SpfError):
        return default
    return explanation if explanation.isascii() else default


def _is_exp(modifier: Modifier) -> bool:
    return modifier.name == "exp"


def _any_inside(state: _State, term: Mechanism, addresses: tuple[str, ...]) -> bool:
    bits = term.cidr4 if state.who.ip.version == 4 else term.cidr6
    return any(_inside(state, address, bits) for address in addresses)


def _inside(state: _State, network: str, bits: int | None) -> bool:
    """Whether the client is in the network; what is no address of its family holds nobody."""
    try:
        address: IPv4Address | IPv6Address = ip_address(network)
    except ValueError:
        return False
    if address.version != state.who.ip.version:
        return False
    length = address.max_prefixlen if bits is None else bits
    shift = address.max_prefixlen - length
    return int(address) >> shift == int(state.who.ip) >> shift
