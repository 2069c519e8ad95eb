"""TLS reporting (RFC 8460): the record read, built and linted. No I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from mailwright.model.families import Family
from mailwright.model.finding import Finding, found
from mailwright.model.readings import surely
from mailwright.model.rules import Severity, rule
from mailwright.standards import beginnings
from mailwright.standards import tags as taglist
from mailwright.standards.faults import Fault
from mailwright.standards.fields import fields
from mailwright.standards.tags import mailto

INVALID = rule(
    "tls-rpt-record-invalid",
    Severity.ERROR,
    en="The TLS report record at {name} is not valid: {reason}. No reports are sent.",
    zh="{name} 处的 TLS 报告记录无效：{reason}。不会收到任何报告。",
    hint_en="Write exactly one TXT: v=TLSRPTv1; rua=mailto:tls@example.com",
    hint_zh="只写一条 TXT：v=TLSRPTv1; rua=mailto:tls@example.com",
    reference="RFC 8460 §3",
)


class TlsRptError(Fault):
    """The text is no TLS-RPT record."""


@dataclass(frozen=True, slots=True)
class TlsRptRecord:
    """The report URIs in order: ``mailto:`` or ``https:``."""

    rua: tuple[str, ...]

    def __str__(self) -> str:
        """The record's text."""
        return f"v=TLSRPTv1; rua={','.join(self.rua)}"

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """The mailboxes that get reports."""
        return tuple(box for uri in self.rua if (box := taglist.mailbox_of(uri)) is not None)


def build(destinations: Sequence[str]) -> TlsRptRecord:
    """A record from mailboxes and ``https:`` addresses. Raises TlsRptError."""
    if not destinations:
        raise TlsRptError("there is no report address", "没有报告地址")
    return TlsRptRecord(
        tuple(
            _uri(destination if "://" in destination else mailto(destination)) for destination in destinations
        )
    )


def parse(text: str) -> TlsRptRecord:
    """Read a record (RFC 8460 §3). Raises TlsRptError.

    Unknown fields mean nothing, and neither do URIs of schemes that nobody knows beside one that is known.
    Several ``rua`` are taken together.
    """
    if not surely(Family.TLS_RPT, text):
        raise TlsRptError(
            "it does not start with v=TLSRPTv1;{some}",
            "没有以 v=TLSRPTv1; 开头{some}",
            some=beginnings.read_by(Family.TLS_RPT, text),
        )
    uris: list[str] = []
    for field in fields(text, "rua"):
        if field.fault:
            raise TlsRptError("{fault}", "{fault}", fault=field.fault)
        if field.name == "rua":
            uris += [uri.strip(" \t") for uri in field.value.split(",")]
    usable = [uri for uri in uris if not _is_other(uri)]
    if not uris or not all(uris):
        raise TlsRptError("rua is missing, or empty", "缺少 rua，或 rua 为空")
    return TlsRptRecord(tuple(_uri(uri) for uri in usable or uris))


def lint(values: Sequence[str], name: str = "_smtp._tls") -> tuple[Finding, ...]:
    """The TXT values at ``_smtp._tls``: exactly one is a record (RFC 8460 §3)."""
    sure, some = beginnings.sure(Family.TLS_RPT, values), beginnings.unsure(Family.TLS_RPT, values)
    nearly = [finding for text in some for finding in _record([text], name)]
    if not sure and some:
        return tuple(nearly)
    others = beginnings.unread(Family.TLS_RPT, values, name) if sure else ()
    return (*_record(sure or list(values[:1]), name), *nearly, *others)


def _record(records: Sequence[str], name: str) -> tuple[Finding, ...]:
    try:
        if len(records) > 1:
            raise TlsRptError("there are {count} of them", "共有 {count} 条", count=len(records))
        if records:
            parse(records[0])
    except TlsRptError as error:
        return (found(INVALID, name=name, reason=error.reason),)
    return ()


def _is_other(uri: str) -> bool:
    """Whether the URI is of a scheme that RFC 8460 does not name, which senders pass over."""
    match = re.fullmatch(r"([A-Za-z][A-Za-z0-9+.\-]*):[\x21-\x2b\x2d-\x3a\x3c-\x7e]+", uri)
    return match is not None and match.group(1).lower() not in ("mailto", "https")


def _uri(text: str) -> str:
    if taglist.mailbox_of(text) is not None and not taglist.has_size_limit(text):
        return text
    try:
        good = urlsplit(text).scheme.lower() == "https" and bool(urlsplit(text).hostname)
    except ValueError:
        good = False
    if not good or re.search(r"[\s,;!]", text):
        raise TlsRptError(
            "{uri} is neither mailto: with an address nor an https: address",
            "{uri} 既不是 mailto: 加邮箱地址，也不是 https: 网址",
            uri=text,
        )
    return text
