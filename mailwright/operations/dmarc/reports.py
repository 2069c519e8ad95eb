"""Reports of receivers as values: of a day's mail (RFC 9990, RFC 7489), of TLS (RFC 8460), of one failure.

What they hold comes from others. Nothing here is kept that names a person: no recipient, no subject.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from mailwright.standards.faults import Fault


class ReportError(Fault):
    """A file that is no report, or one that is not let in."""


class Signature(NamedTuple):
    """What a receiver says of one DKIM signature: its ``d=``, its selector and the result's word."""

    domain: str
    selector: str
    result: str


class Row(NamedTuple):
    """Mail of one source on one day, as one receiver saw it.

    ``dkim`` and ``spf``: whether that passed *and* is aligned (RFC 9989 §4.4). ``reasons`` are words of why a
    receiver did something else than the policy says. ``envelope`` is the domain that SPF was asked for.
    """

    day: dt.date
    source: str  # IP address
    messages: int
    header_from: str  # domain
    envelope: str
    dkim: bool
    spf: bool
    spf_result: str
    disposition: str
    reasons: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One receiver's report of a time. ``policy`` is what it saw published (``p``, ``sp``, ``np``, ``t``).

    ``unread`` counts rows that could not be read.
    """

    org: str
    id: str
    domain: str
    begin: dt.datetime
    end: dt.datetime
    policy: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    unread: int = 0


class TlsRow(NamedTuple):
    """Sessions of one policy: secured ones, failed ones, and the most frequent cause of these."""

    domain: str
    type: str
    secured: int
    failed: int
    cause: str


@dataclass(frozen=True, slots=True)
class TlsReport:
    """One sender's report of the TLS of its sessions (RFC 8460)."""

    org: str
    id: str
    begin: dt.datetime
    end: dt.datetime
    rows: tuple[TlsRow, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """One message that failed (RFC 9991), and nothing of the message: day, domain, source, cause."""

    id: str
    day: dt.date
    domain: str
    source: str
    cause: str


Report = Aggregate | TlsReport | Failure
