"""parsedmarc, kept to its parsers: no download, no look-up, no database of places, and not a word of its own.

It is an extra (``mailwright[reports]``), imported with the first report.
"""

from __future__ import annotations

import datetime as dt
import functools
import ipaddress
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mailwright.operations.dmarc.reports import (
    Aggregate,
    Failure,
    Report,
    ReportError,
    Row,
    Signature,
    TlsReport,
    TlsRow,
)
from mailwright.operations.dmarc.unpacking import Text

MOST_ROWS = 50_000
MOST_COUNT = 1_000_000_000  # messages of a row
MOST_SPAN = dt.timedelta(days=31)  # of one report
_AHEAD = dt.timedelta(days=2)  # of clocks that are wrong, and of time zones
_UNREAD = "Could not parse record"
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
_WORD = re.compile(r"[a-z0-9_-]{1,40}")


class MissingError(ReportError):
    """parsedmarc is not installed."""


class _NoPlaces(dict[str, Any]):
    """Answers of every address what parsedmarc would look up in its files: nothing."""

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ARG002
        return {"ip_address": key, "reverse_dns": None}


class _Counting(logging.Handler):
    """Counts rows that the parser passes over; its words stay here, because they quote what others wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.unread = 0

    def emit(self, record: logging.LogRecord) -> None:
        """One line of the parser's log."""
        self.unread += record.getMessage().startswith(_UNREAD)


class _Parser:
    """The three parsers with what keeps them to this machine."""

    def __init__(self) -> None:
        try:
            import parsedmarc
            from parsedmarc.config import ParserConfig
        except ImportError:
            raise MissingError(
                "reports are read by parsedmarc: python -m pip install 'mailwright[reports]'",
                "读取报告需要 parsedmarc：python -m pip install 'mailwright[reports]'",
            ) from None
        self.config = ParserConfig(
            offline=True,
            always_use_local_files=True,
            normalize_timespan_threshold_hours=1e9,  # a report of a century would become a row a day
            ip_address_cache=_NoPlaces(),
            strip_attachment_payloads=True,
        )
        self.library: Any = parsedmarc
        self.log = _Counting()
        logger = logging.getLogger("parsedmarc.log")
        logger.propagate = False
        logger.addHandler(self.log)

    def asked(self, parse: Callable[..., Any], *words: Any, **options: Any) -> Any:
        """What a parser says; whatever goes wrong within it is a report that cannot be read."""
        self.log.unread = 0
        try:
            return parse(*words, **options)
        except self.library.ParserError:
            raise _unreadable() from None
        except (
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            LookupError,
            RecursionError,
            OverflowError,
            OSError,
        ):
            raise _unreadable() from None


@functools.cache
def _parser() -> _Parser:
    return _Parser()


def parse(text: Text, now: dt.datetime) -> Report:
    """One report. Raises ReportError, MissingError where parsedmarc is not installed."""
    parser = _parser()
    library = parser.library
    if text.kind == "xml":
        body = parser.asked(library.parse_aggregate_report_xml, text.text, config=parser.config)
        return _checked(lambda: _aggregate(body, parser.log.unread, now))
    if text.kind == "json":
        body = parser.asked(library.parse_smtp_tls_report_json, text.text)
        return _checked(lambda: _tls(body, now))
    body = parser.asked(library.parse_report_email, text.text, config=parser.config)
    if body.get("report_type") != "failure":
        raise _unreadable()
    return _checked(lambda: _failure(body["report"], now))


def _checked(make: Callable[[], Report]) -> Report:
    try:
        return make()
    except ReportError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, LookupError, OverflowError, RecursionError):
        raise _unreadable() from None


def _aggregate(body: Mapping[str, Any], unread: int, now: dt.datetime) -> Aggregate:
    about, policy = body["report_metadata"], body["policy_published"]
    begin, end = _span(_local(about["begin_date"]), _local(about["end_date"]), now)
    if len(body["records"]) > MOST_ROWS:
        raise ReportError("more than {most} rows", "超过 {most} 行", most=MOST_ROWS)
    day = (begin + (end - begin) / 2).date()
    rows, bad = [], unread
    for record in body["records"]:
        try:
            rows.append(_row(record, day))
        except (ValueError, TypeError, KeyError, AttributeError):
            bad += 1
    if not rows and bad:
        raise _unreadable()
    seen = {"p": policy["p"], "sp": policy["sp"], "np": policy.get("np"), "t": policy.get("testing")}
    return Aggregate(
        _word(about["org_name"]),
        _word(about["report_id"]),
        _domain(policy["domain"]),
        begin,
        end,
        tuple((name, value.lower()) for name, value in seen.items() if isinstance(value, str)),
        tuple(rows),
        bad,
    )


def _row(record: Mapping[str, Any], day: dt.date) -> Row:
    count, names, judged = int(record["count"]), record["identifiers"], record["policy_evaluated"]
    if not 0 < count <= MOST_COUNT:
        raise ValueError(count)
    results = record["auth_results"]
    spf: Mapping[str, Any] = next(iter(results["spf"]), {})
    reasons = {
        str(reason.get("type") or "").lower() for reason in judged["policy_override_reasons"] if reason
    }
    envelope = str(spf.get("domain") or names.get("envelope_from") or "").lower().rpartition("@")[2]
    return Row(
        day,
        str(ipaddress.ip_address(record["source"]["ip_address"])),
        count,
        _domain(names["header_from"]),
        envelope if _NAME.fullmatch(envelope) else "",
        record["alignment"]["dkim"] is True,
        record["alignment"]["spf"] is True,
        _result(spf.get("result")),
        _result(judged["disposition"]),
        tuple(sorted(reason for reason in reasons if _WORD.fullmatch(reason))),
        tuple(_signatures(results["dkim"])),
    )


def _signatures(results: Sequence[Mapping[str, Any]]) -> list[Signature]:
    rows = []
    for result in results[:20]:
        domain, selector = (str(result.get(key) or "").lower() for key in ("domain", "selector"))
        if _NAME.fullmatch(domain):
            known = selector if _NAME.fullmatch(selector) else ""
            rows.append(Signature(domain, known, _result(result.get("result"))))
    return rows


def _tls(body: Mapping[str, Any], now: dt.datetime) -> TlsReport:
    begin, end = _span(_utc(body["begin_date"]), _utc(body["end_date"]), now)
    rows = []
    for policy in body["policies"][:MOST_ROWS]:
        secured, failed = int(policy["successful_session_count"]), int(policy["failed_session_count"])
        if not (0 <= secured <= MOST_COUNT and 0 <= failed <= MOST_COUNT):
            raise ValueError(secured, failed)
        details = policy.get("failure_details") or ()
        worst = max(details, key=lambda detail: int(detail["failed_session_count"]), default=None)
        cause = _result(worst["result_type"]) if worst else ""
        rows.append(
            TlsRow(_domain(policy["policy_domain"]), _result(policy["policy_type"]), secured, failed, cause)
        )
    return TlsReport(_word(body["organization_name"]), _word(body["report_id"]), begin, end, tuple(rows))


def _failure(body: Mapping[str, Any], now: dt.datetime) -> Failure:
    arrival = _utc(body["arrival_date_utc"])
    _span(arrival, arrival, now)
    source = str(ipaddress.ip_address(body["source"]["ip_address"]))
    cause = next((_result(word) for word in body["auth_failure"]), "")
    domain = _domain(body["reported_domain"])
    id = _word(str(body.get("original_envelope_id") or body["arrival_date_utc"]))
    return Failure(id, arrival.date(), domain, source, cause)


def _span(begin: dt.datetime, end: dt.datetime, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    if end < begin or end - begin > MOST_SPAN or end > now + _AHEAD:
        raise ReportError(
            "of an impossible time: {begin}", "时间不合理：{begin}", begin=begin.date().isoformat()
        )
    return begin, end


def _local(text: str) -> dt.datetime:
    """The parser writes the seconds of an aggregate report in this machine's zone."""
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def _utc(text: str) -> dt.datetime:
    day = dt.datetime.fromisoformat(text)
    return day.replace(tzinfo=dt.UTC) if day.tzinfo is None else day.astimezone(dt.UTC)


def _domain(text: object) -> str:
    name = str(text).strip().rstrip(".").lower()
    if not name.isascii():
        name = name.encode("idna").decode()
    if len(name) > 253 or not _NAME.fullmatch(name):
        raise _unreadable()
    return name


def _word(text: object) -> str:
    """A name that others chose, in one line."""
    line = " ".join(str(text).split())
    if not line or not line.isprintable():
        raise _unreadable()
    return line[:200]


def _result(text: object) -> str:
    word = str(text or "").strip().lower()
    return word if _WORD.fullmatch(word) else ""


def _unreadable() -> ReportError:
    return ReportError("not a report that can be read", "不是可读取的报告")
