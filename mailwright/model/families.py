"""Ownership by value: which records of a shared name are Mailwright's to change.

A *family* is a kind of record with a meaning to mail. In a single-valued family (SPF, DMARC …)
every value at a claimed name is ours; verification tokens are ours one value at a time, so that
somebody else's ``google-site-verification=`` beside ours survives (DESIGN §3).
"""

from __future__ import annotations

import re
from enum import StrEnum


class Family(StrEnum):
    """What a record means to mail."""

    MX = "mx"
    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    MTA_STS = "mta-sts"
    TLS_RPT = "tls-rpt"
    BIMI = "bimi"
    TOKEN = "token"
    ALIAS = "alias"  # a CNAME of a service: autodiscover, mta-sts host
    SERVICE = "service"  # SRV and TLSA of a service
    ADDRESS = "address"  # an A or AAAA the spec itself asks for
    REPORT = "report-authorisation"  # NAME._report._dmarc.DEST (RFC 9990 §3)


#: Families whose members at one name exclude each other: the claim is on the whole family.
WHOLE = frozenset(Family) - {Family.TOKEN, Family.ADDRESS}

_VERSIONED: tuple[tuple[Family, re.Pattern[str]], ...] = (
    # RFC 7208 §4.5: "v=spf1" case-insensitively, ended by a space or the end of the record.
    (Family.SPF, re.compile(r"(?i)v=spf1(?: |$)")),
    # RFC 9989 §4.7: the version comes first and is case-sensitive; white space around "=" is legal.
    (Family.DMARC, re.compile(r"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")),
    (Family.MTA_STS, re.compile(r"v[ \t]*=[ \t]*STSv1[ \t]*(?:;|$)")),
    (Family.TLS_RPT, re.compile(r"v[ \t]*=[ \t]*TLSRPTv1[ \t]*(?:;|$)")),
    (Family.BIMI, re.compile(r"v[ \t]*=[ \t]*BIMI1[ \t]*(?:;|$)")),
)


def family_of(name: str, type: str, value: str) -> Family:
    """The family of one record, from its owner name, type and value alone. Never raises."""
    if type == "MX":
        return Family.MX
    if type in ("A", "AAAA"):
        return Family.ADDRESS
    if "._domainkey." in name.lower() and type in ("TXT", "CNAME"):
        return Family.DKIM
    if "._report._dmarc." in name.lower() and type == "TXT":
        return Family.REPORT
    if type == "CNAME":
        return Family.ALIAS
    if type == "TXT":
        return next((f for f, pattern in _VERSIONED if pattern.match(value)), Family.TOKEN)
    return Family.SERVICE


#: What begins like a policy record and is none to receivers, with the names at which it can be nothing else.
_READS_LIKE: tuple[tuple[Family, str, re.Pattern[str]], ...] = (
    (
        Family.DMARC,
        "_dmarc.",
        re.compile(r"(?i)\W*(?:v\W{0,3})?dmarc|.*\bp\s*=\s*(?:none|quarant|reject)"),
    ),
    (Family.MTA_STS, "_mta-sts.", re.compile(r"(?i)\W*(?:v\W{0,3})?sts")),
    (Family.TLS_RPT, "_smtp._tls.", re.compile(r"(?i)\W*(?:v\W{0,3})?tls")),
    # Sender ID's spf2.0 is another thing, and so is whatever spf10 may be one day.
    (Family.SPF, "", re.compile(r"(?i)\W*(?:v\W{0,3})?spf\W?1(?!\d)")),
)


def meant(name: str, type: str, value: str) -> Family:
    """The family that a record was meant to be of: ``v=DMARC; p=reject`` at ``_dmarc`` is a slip, no token.

    Only for saying what is wrong. What is ours is told by ``family_of``.
    """
    family = family_of(name, type, value)
    if family is not Family.TOKEN:
        return family
    here = (each for each, at, pattern in _READS_LIKE if name.lower().startswith(at) and pattern.match(value))
    return next(here, Family.TOKEN)
