"""SPF, DKIM, ARC and DMARC of a message, asked of living DNS: as its receiver would judge it today."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mailwright.model.text import Text
from mailwright.operations.why.hops import Way
from mailwright.operations.world.verification import undisturbed
from mailwright.resolving.discovery import system_resolvers
from mailwright.resolving.lookups import judged
from mailwright.resolving.server import Server
from mailwright.standards import dmarc, spf
from mailwright.standards.spf import Lookup, LookupFailed

MOST_SIGNATURES = 10
_QUIET = logging.getLogger("mailwright.why")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False

_NO_HOP = Text(
    "SPF was not judged: no Received line of the given receiver names the address that handed the mail over",
    "未判断 SPF：指定收件方的 Received 行中没有交付方的 IP",
)
_NO_OCTETS = Text("DKIM was not judged: the message was read in part only", "未判断 DKIM：邮件只读取了一部分")


@dataclass(frozen=True, slots=True)
class Signature:
    """One DKIM signature: ``result`` is pass, fail, permerror or temperror (RFC 6376 §3.9)."""

    domain: str
    selector: str
    result: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Authentication:
    """What a receiver makes of the message now; ``spf`` is (result, domain), None where nobody can say."""

    spf: tuple[str, str] | None
    dkim: tuple[Signature, ...]
    arc: str
    dmarc: dmarc.Evaluation | None
    notes: tuple[Text, ...]


def asked(octets: bytes, way: Way, resolvers: Sequence[Server] = ()) -> Authentication:
    """Ask the resolvers (none: this machine's). Raises ServersError where the machine has none."""
    servers = tuple(resolvers) or system_resolvers()

    async def run() -> Authentication:
        (authentication,) = await judged([lambda lookup: authenticated(octets, way, lookup)], servers)
        return authentication

    with undisturbed():
        return asyncio.run(run())


def authenticated(octets: bytes, way: Way, lookup: Lookup) -> Authentication:
    """The same with a look-up function; every question is asked, whatever the others' answers are."""
    notes = []
    sender = _spf(way, lookup)
    if sender is None:
        notes.append(_NO_HOP)
    signatures = _dkim(octets, lookup) if octets else ()
    if not octets:
        notes.append(_NO_OCTETS)
    author = way.author.rpartition("@")[2]
    policy = None
    if author:
        passed = [signature.domain for signature in signatures if signature.result == "pass"]
        policy = dmarc.evaluate(author, spf=sender, dkim=passed, lookup=lookup)
    return Authentication(sender, signatures, _arc(octets, lookup), policy, tuple(notes))


def _spf(way: Way, lookup: Lookup) -> tuple[str, str] | None:
    """RFC 7208 §2.4: the reverse-path's domain, for a bounce that of HELO."""
    hop = way.counts
    if hop is None:
        return None
    domain = way.envelope.rpartition("@")[2] or hop.sender
    sender = way.envelope or f"postmaster@{domain}"
    return spf.check_host(hop.ip, domain, sender, lookup, helo=hop.sender).result, domain


def _dkim(octets: bytes, lookup: Lookup) -> tuple[Signature, ...]:
    import dkim

    signatures: list[Signature] = []
    count = 0
    try:
        count = sum(name.lower() == b"dkim-signature" for name, _ in dkim.rfc822_parse(octets)[0])
    except dkim.DKIMException:
        return ()
    for number in range(min(count, MOST_SIGNATURES)):
        one = dkim.DKIM(octets, logger=_QUIET)
        signatures.append(_signature(one, number, _answers(lookup)))
    return tuple(signatures)


def _signature(one: Any, number: int, answers: Callable[..., bytes | None]) -> Signature:
    import dkim

    result, reason = "fail", ""
    try:
        if one.verify(idx=number, dnsfunc=answers):
            result = "pass"
    except LookupFailed as error:
        result, reason = "temperror", str(error)
    except (dkim.DKIMException, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = str(error)[:200]
        result = "fail" if reason.startswith("body hash mismatch") else "permerror"
    fields = getattr(one, "signature_fields", None) or {}
    domain, selector = (_text(fields.get(key, b"")) for key in (b"d", b"s"))
    return Signature(domain or _text(getattr(one, "domain", b"")), selector, result, reason)


def _arc(octets: bytes, lookup: Lookup) -> str:
    """The chain's result: none, pass or fail (RFC 8617 §5.2); temperror where nobody can say."""
    import dkim

    if b"arc-seal" not in octets[:500_000].lower():
        return "none"
    try:
        result, _, _ = dkim.ARC(octets, logger=_QUIET).verify(dnsfunc=_answers(lookup))
    except LookupFailed:
        return "temperror"
    except (dkim.DKIMException, ValueError, KeyError, TypeError, AttributeError):
        return "fail"
    return _text(result) or "fail"


def _answers(lookup: Lookup) -> Callable[..., bytes | None]:
    """dkimpy's kind of look-up: the one TXT value at a name, or None."""

    def answer(name: bytes | str, timeout: int = 5) -> bytes | None:  # noqa: ARG001
        shown = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        values = lookup(shown.rstrip(".") + ".", "TXT")
        return values[0].encode("utf-8", "surrogateescape") if values else None

    return answer


def _text(value: object) -> str:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")
