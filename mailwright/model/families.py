"""Ownership by value: which records of a shared name are Mailwright's to change.

A *family* is a kind of record with a meaning to mail. In a single-valued family (SPF, DMARC …)
every value at a claimed name is ours; verification tokens are ours one value at a time, so that
somebody else's ``google-site-verification=`` beside ours survives (DESIGN §3).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mailwright.model.family import Family
from mailwright.model.readings import reading, surely

__all__ = ["WHOLE", "Family", "family_of", "is_selector", "meant"]

#: Families whose members at one name exclude each other: the claim is on the whole family.
WHOLE = frozenset(Family) - {Family.TOKEN, Family.ADDRESS}

#: Where a lenient receiver looks for a record of each family.
_PLACES: tuple[tuple[Family, Callable[[str], bool]], ...] = (
    (Family.SPF, lambda _name: True),
    (Family.DMARC, lambda name: name.startswith("_dmarc.")),
    (Family.MTA_STS, lambda name: name.startswith("_mta-sts.")),
    (Family.TLS_RPT, lambda name: name.startswith("_smtp._tls.")),
    (Family.BIMI, lambda name: "._bimi." in name),
)
#: Names below ``_domainkey`` at which no key stands: sender policies (RFC 5617) and reports (RFC 6651).
_NO_SELECTORS = ("_adsp._domainkey.", "_report._domainkey.")


def family_of(name: str, type: str, value: str) -> Family:
    """The family of one record, from its owner name, type and value alone. Never raises.

    What only some receivers take for a policy record is of its family too, where they would look for it:
    two of them beside each other void each other there.
    """
    lower = name.lower()
    if type == "MX":
        return Family.MX
    if type in ("A", "AAAA"):
        return Family.ADDRESS
    if type == "SPF":  # 99, which RFC 7208 §3.1 ended; never written, and never deleted by itself
        return Family.SPF
    if type in ("TXT", "CNAME") and is_selector(lower):
        return Family.DKIM
    if "._report._dmarc." in lower and type == "TXT":
        return Family.REPORT
    if type == "CNAME":
        return Family.ALIAS
    return _versioned(lower, value) if type == "TXT" else Family.SERVICE


def is_selector(name: str) -> bool:
    """Whether receivers look for DKIM keys at this owner name, or (``*._domainkey``) below it."""
    lower = name.lower()
    return "._domainkey." in lower and not lower.startswith(_NO_SELECTORS)


def _versioned(name: str, value: str) -> Family:
    for family, _ in _PLACES:
        if surely(family, value):
            return family
    some = (family for family, there in _PLACES if there(name) and reading(family, value))
    return next(some, Family.TOKEN)


#: What begins like a policy record and is none to receivers, with the names at which it can be nothing else.
_READS_LIKE: tuple[tuple[Family, str, re.Pattern[str]], ...] = (
    (
        Family.DMARC,
        "_dmarc.",
        re.compile(r"(?i)\W*(?:v\W{0,3})?dmarc|.*\bp\s*=\s*(?:none|quarant|reject)"),
    ),
    (Family.MTA_STS, "_mta-sts.", re.compile(r"(?i)\W*(?:v\W{0,3})?sts")),
    (Family.TLS_RPT, "_smtp._tls.", re.compile(r"(?i)\W*(?:v\W{0,3})?tls")),
    (Family.BIMI, "._bimi.", re.compile(r"(?i)\W*(?:v\W{0,3})?bimi|.*\bl\s*=\s*https?:")),
    # Sender ID's spf2.0 is another thing, and so is a token that begins with spf1; behind v= anything may
    # be glued to it.
    (Family.SPF, "", re.compile(r"(?i)\W*(?:v\W{0,3}spf\W?1|spf\W?1(?!\w))")),
)


def meant(name: str, type: str, value: str) -> Family:
    """The family that a record was meant to be of: ``v=DMARC; p=reject`` at ``_dmarc`` is a slip, no token.

    Only for saying what is wrong. What is ours is told by ``family_of``.
    """
    family = family_of(name, type, value)
    if family is not Family.TOKEN:
        return family
    here = (
        listed_family
        for listed_family, at, pattern in _READS_LIKE
        if (at in name.lower() if at.startswith(".") else name.lower().startswith(at))
        and pattern.match(value)
    )
    return next(here, Family.TOKEN)
