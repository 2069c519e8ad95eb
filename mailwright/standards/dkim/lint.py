"""What is wrong with a DKIM key record, one function a rule (RFC 6376 §3.6.1, RFC 8301)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mailwright.model.finding import Finding, found
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.standards import der
from mailwright.standards.dkim import rules
from mailwright.standards.dkim.key import (
    RSA_ADVISED,
    RSA_LEAST,
    RSA_MOST,
    KeyRecord,
    parse,
)
from mailwright.standards.dkim.text import DkimError, is_host_name
from mailwright.standards.dkim.verifiers import refused_by_one

HOST_NAME = rule(
    "dkim-host-name-in-txt",
    Severity.ERROR,
    en="{name} is a TXT that holds the host name {target}: receivers find no key there.",
    zh="{name} 是 TXT 记录，内容却是主机名 {target}：收件方在此找不到密钥。",
    hint_en="Make it a CNAME to {target}: the service that gave the name keeps the key there.",
    hint_zh="请改为指向 {target} 的 CNAME 记录：给出该名称的服务把密钥放在那里。",
    reference="RFC 6376 §3.6.2",
)
_KEY_TYPES = ("rsa", "ed25519")


def lint(text: str, name: str = "", policy: str | None = None) -> tuple[Finding, ...]:
    """Everything that is wrong with one key record.

    ``name`` is its owner name; a revoked wildcard (``*._domainkey``) is what a parked domain wants and no
    fault. ``policy`` is the DMARC policy beside it: with ``quarantine`` or ``reject``, ``t=y`` is an error.
    """
    shown = name.rstrip(".") or "_domainkey"
    if is_host_name(text):
        return (found(HOST_NAME, name=shown, target=text.rstrip(".")),)
    try:
        record = parse(text)
    except DkimError as error:
        return (found(rules.MALFORMED, name=shown, reason=error.reason),)
    findings = [finding for check in _CHECKS for finding in check(record, shown)]
    if all(finding.severity is not Severity.ERROR for finding in findings):
        findings += refused_by_one(text, record, shown)
    return (*findings, *_testing(record, shown, policy))


def _key(record: KeyRecord, name: str) -> Iterator[Finding]:
    """RFC 6376 §3.6.1: ``k`` and ``p``; RFC 8301 §3.2: the length of the key."""
    if record.key_type not in _KEY_TYPES:
        yield found(rules.KEY_TYPE, name=name, value=record.key_type)
        return
    try:
        octets = record.key
        if not octets:
            if not name.startswith("*."):
                yield found(rules.REVOKED, name=name)
            return
        if der.is_private(octets):
            yield found(rules.PRIVATE, name=name)
            return
        bits = record.bits
    except DkimError as error:
        yield found(rules.UNREADABLE, name=name, reason=error.reason)
        return
    if record.key_type == "rsa":
        yield from _rsa(octets, bits, name)


def _rsa(octets: bytes, bits: int, name: str) -> Iterator[Finding]:
    """RFC 8301 §3.2: 1024 bits at the least, 2048 advised, 4096 at the most."""
    if bits < RSA_LEAST:
        yield found(rules.UNDER_1024, name=name, bits=bits)
    elif bits < RSA_ADVISED:
        yield found(rules.UNDER_2048, name=name, bits=bits)
    elif bits > RSA_MOST:
        yield found(rules.OVER_4096, name=name, bits=bits)
    if not der.is_spki(octets):
        yield found(rules.NOT_SPKI, name=name)


def _limits(record: KeyRecord, name: str) -> Iterator[Finding]:
    """RFC 8301 §3.1: ``h`` without sha256; RFC 6376 §3.6.1: ``s`` that leaves mail out, ``g``, ``t=s``."""
    if "h" in record.tags and "sha256" not in record.listed("h"):
        yield found(rules.SHA1, name=name, value=record.tags["h"])
    if "s" in record.tags and not {"*", "email"} & set(record.listed("s")):
        yield found(rules.SERVICE, name=name, value=record.tags["s"])
    if "g" in record.tags:
        yield found(rules.GRANULARITY, name=name, value=record.tags["g"])
    if "s" in record.listed("t"):
        yield found(rules.STRICT, name=name)


def _testing(record: KeyRecord, name: str, policy: str | None) -> Iterator[Finding]:
    """RFC 6376 §3.6.1: ``t=y``; beside an enforcing DMARC policy it costs mail."""
    if not record.testing:
        return
    if policy in ("quarantine", "reject"):
        text = Text(
            ", and DMARC {policy} then takes them at their word",
            "，DMARC {policy} 便会照此处理",
            {"policy": policy},
        )
        yield found(rules.TESTING, severity=Severity.ERROR, name=name, policy=text)
    else:
        yield found(rules.TESTING, name=name, policy="")


_CHECKS: tuple[Callable[[KeyRecord, str], Iterator[Finding]], ...] = (_key, _limits)
