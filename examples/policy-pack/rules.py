"""What the pack holds: each rule says what is wrong with one resource, in words; none is all well.

A resource is its type and its properties, as Pulumi gives them to a policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mailwright.standards.dkim import key
from mailwright.standards.dkim.text import DkimError
from mailwright.standards.dmarc import record as dmarc
from mailwright.standards.faults import Fault
from mailwright.standards.spf import parser as spf

DNS_RECORDS = "mailwright:index:DnsRecords"
MAILBOXES = "mailwright:mail:Mailboxes"
CLOUDFLARE = "cloudflare:index/dnsRecord:DnsRecord"
#: Bits of an RSA key: what RFC 8301 asks signers for.
LEAST_BITS = 2048
#: One string of a TXT record as Cloudflare has it; there may be several, or none where it is not quoted.
_QUOTED = re.compile(r'"([^"]*)"')

_Properties = Mapping[str, Any]


def texts(type: str, properties: _Properties) -> Iterator[tuple[str, str]]:
    """Owner name and text of every TXT record that a resource plans, at any DNS host."""
    if type == DNS_RECORDS:
        for pair, body in (properties.get("records") or {}).items():
            name, _, kind = pair.rpartition(" ")
            if kind == "TXT":
                yield from ((name.rstrip("."), text) for text in body["values"])
    elif type == CLOUDFLARE and properties.get("type") == "TXT":
        content = str(properties.get("content") or "")
        yield str(properties.get("name")), "".join(_QUOTED.findall(content)) or content


def dmarc_guards(type: str, properties: _Properties) -> Iterator[str]:
    """DMARC is at the stage guard (``p=quarantine``) or beyond."""
    for name, text in texts(type, properties):
        if name.startswith("_dmarc.") and text.startswith("v=DMARC1"):
            policy = _dmarc_policy(text)
            if policy not in ("quarantine", "reject"):
                yield f"{name}: p={policy or 'none'}. Write dmarc: {{stage: guard}} into the spec"


def spf_lets_not_everybody(type: str, properties: _Properties) -> Iterator[str]:
    """No SPF record ends in ``+all``: it would let everybody send."""
    for name, text in texts(type, properties):
        if text.startswith("v=spf1 "):
            try:
                last = spf.parse(text).all
            except spf.SpfError as error:
                yield f"{name}: {error}"
                continue
            if last is not None and last.qualifier == "+":
                yield f"{name}: +all lets everybody send in this name"


def keys_are_long(type: str, properties: _Properties) -> Iterator[str]:
    """RSA keys have 2048 bits at least; ed25519 has its one length, and a revoked key has none."""
    for name, text in texts(type, properties):
        if "._domainkey." in name and "p=" in text:
            try:
                record = key.parse(text)
                short = bool(record.key) and record.key_type == "rsa" and record.bits < LEAST_BITS
            except DkimError as error:
                yield f"{name}: {error}"
                continue
            if short:
                yield f"{name}: an RSA key of {record.bits} bits, and {LEAST_BITS} are the least"


def nothing_is_forwarded_outside(type: str, properties: _Properties) -> Iterator[str]:
    """No address of an own mail server passes its mail on to somebody else's domain."""
    if type != MAILBOXES:
        return
    own = str(properties.get("domain") or "").lower()
    for place, targets in (properties.get("maps") or {}).items():
        table, _, address = place.partition(" ")
        outside = [part.strip() for part in str(targets).split(",") if _is_outside(part.strip(), own)]
        if table == "aliases" and outside:
            yield f"{address} passes mail on to {', '.join(outside)}"


def _dmarc_policy(text: str) -> str | None:
    try:
        return dmarc.parse(text).policy
    except Fault:
        return None


def _is_outside(address: str, own: str) -> bool:
    return "@" in address and address.rpartition("@")[2].lower() != own
