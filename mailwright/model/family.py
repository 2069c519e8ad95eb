"""The kinds of record that mean something to mail."""

from __future__ import annotations

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
