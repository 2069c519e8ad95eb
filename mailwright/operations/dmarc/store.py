"""Where read reports are kept: one SQLite file on this machine, which reading the reports again makes anew.

Rows have a day, a source's address, domains and counts. Older ones than ``KEEP`` go with the next reading.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailwright.model import disk
from mailwright.operations.dmarc.reports import Aggregate, Failure, Report, ReportError, Signature, TlsReport

VERSION = 1
KEEP = 400  # days: a year, and what is compared with the year before
DEFAULT = Path(".mailwright") / "reports.sqlite"
_SCHEMA = """
CREATE TABLE report (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, org TEXT NOT NULL, name TEXT NOT NULL, domain TEXT NOT NULL,
  since INTEGER NOT NULL, until INTEGER NOT NULL, policy TEXT NOT NULL,
  UNIQUE (kind, org, name, domain, since, until));
CREATE TABLE mail (
  report INTEGER NOT NULL REFERENCES report ON DELETE CASCADE, domain TEXT NOT NULL, day TEXT NOT NULL,
  source TEXT NOT NULL, count INTEGER NOT NULL, envelope TEXT NOT NULL, dkim INTEGER NOT NULL,
  spf INTEGER NOT NULL, spf_result TEXT NOT NULL, disposition TEXT NOT NULL, reasons TEXT NOT NULL,
  signatures TEXT NOT NULL);
CREATE INDEX mail_of ON mail (report);
CREATE TABLE tls (
  report INTEGER NOT NULL REFERENCES report ON DELETE CASCADE, domain TEXT NOT NULL, day TEXT NOT NULL,
  type TEXT NOT NULL, secured INTEGER NOT NULL, failed INTEGER NOT NULL, cause TEXT NOT NULL);
CREATE TABLE failure (
  report INTEGER NOT NULL REFERENCES report ON DELETE CASCADE, domain TEXT NOT NULL, day TEXT NOT NULL,
  source TEXT NOT NULL, cause TEXT NOT NULL);
"""
_GROUPED = """
SELECT mail.domain, source, envelope, dkim, spf, spf_result, disposition, reasons, signatures,
       sum(count), min(day), max(day), count(DISTINCT day), day >= ? AS counted
FROM mail JOIN report ON report.id = mail.report
WHERE (report.domain = ? OR report.domain LIKE ? ESCAPE '!') AND day BETWEEN ? AND ?
GROUP BY mail.domain, source, envelope, dkim, spf, spf_result, disposition, reasons, signatures, counted
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """Mail of one source that was judged alike, over all receivers and days that were asked for."""

    domain: str  # that of From:
    source: str
    envelope: str
    dkim: bool
    spf: bool
    spf_result: str
    disposition: str
    reasons: tuple[str, ...]
    signatures: tuple[Signature, ...]
    count: int
    first: dt.date
    last: dt.date
    days: int

    @property
    def passes(self) -> bool:
        """Whether DMARC passes (RFC 9989 §5.3.5)."""
        return self.dkim or self.spf


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much a time of reports says: days with mail, messages, and receivers, the largest first."""

    days: int
    messages: int
    receivers: tuple[str, ...]
    first: dt.date | None
    last: dt.date | None


class Store:
    """The file. Use it as a context manager; what was added is there once it was left without an error."""

    def __init__(self, path: Path) -> None:
        self.path = path
        disk.own_folder(path.parent)
        with contextlib.suppress(FileExistsError):
            disk.create(path).close()
        if path.is_symlink():
            raise _unusable(path)
        try:
            self._open = sqlite3.connect(path, isolation_level=None)
            self._open.execute("PRAGMA foreign_keys = ON")
            (version,) = self._open.execute("PRAGMA user_version").fetchone()
            if version == 0 and not path.stat().st_size:
                self._open.executescript(_SCHEMA + f"PRAGMA user_version = {VERSION};")
            elif version != VERSION:
                raise _unusable(path)
        except sqlite3.DatabaseError:
            raise _unusable(path) from None

    def __enter__(self) -> Store:
        self._open.execute("BEGIN IMMEDIATE")
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._open.execute("ROLLBACK" if kind else "COMMIT")
        self._open.close()

    def add(self, report: Report) -> bool:
        """Keep a report; whether it was not there yet."""
        if isinstance(report, Aggregate):
            return self._add_mail(report)
        if isinstance(report, TlsReport):
            return self._add_tls(report)
        return self._add_failure(report)

    def _new(self, key: tuple[str, str, str, str], times: Sequence[dt.datetime], policy: str = "") -> int:
        """The number of a new report, 0 where it is there already; ``key`` is kind, org, name and domain."""
        since, until = (int(time.timestamp()) for time in times)
        cursor = self._open.execute(
            "INSERT OR IGNORE INTO report (kind, org, name, domain, since, until, policy) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*key, since, until, policy),
        )
        return cursor.lastrowid or 0 if cursor.rowcount else 0

    def _add_mail(self, report: Aggregate) -> bool:
        policy = " ".join(f"{name}={value}" for name, value in report.policy)
        id = self._new(("mail", report.org, report.id, report.domain), (report.begin, report.end), policy)
        rows = (
            (
                id,
                row.header_from,
                row.day.isoformat(),
                row.source,
                row.messages,
                row.envelope,
                row.dkim,
                row.spf,
                row.spf_result,
                row.disposition,
                " ".join(row.reasons),
                " ".join("/".join(s) for s in row.signatures),
            )
            for row in report.rows
        )
        if id:
            self._open.executemany("INSERT INTO mail VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        return bool(id)

    def _add_tls(self, report: TlsReport) -> bool:
        domain = report.rows[0].domain if report.rows else ""
        id = self._new(("tls", report.org, report.id, domain), (report.begin, report.end))
        day = (report.begin + (report.end - report.begin) / 2).date().isoformat()
        rows = ((id, row.domain, day, row.type, row.secured, row.failed, row.cause) for row in report.rows)
        if id:
            self._open.executemany("INSERT INTO tls VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        return bool(id)

    def _add_failure(self, report: Failure) -> bool:
        time = dt.datetime.combine(report.day, dt.time(), dt.UTC)
        name = f"{report.id} {report.source} {report.cause}"
        id = self._new(("failure", "", name, report.domain), (time, time))
        if id:
            row = (id, report.domain, report.day.isoformat(), report.source, report.cause)
            self._open.execute("INSERT INTO failure VALUES (?, ?, ?, ?, ?)", row)
        return bool(id)

    def forget(self, before: dt.date) -> None:
        """Remove what ended before a day."""
        time = dt.datetime.combine(before, dt.time(), dt.UTC).timestamp()
        self._open.execute("DELETE FROM report WHERE until < ?", (int(time),))

    def seen(
        self, domain: str, first: dt.date, last: dt.date, before: dt.date | None = None
    ) -> tuple[list[Seen], list[Seen]]:
        """Mail in the name of a domain and what is below it: between two days, and from ``before`` on."""
        words = (first.isoformat(), domain, _below(domain), (before or first).isoformat(), last.isoformat())
        counted: list[Seen] = []
        earlier: list[Seen] = []
        for *row, within in self._open.execute(_GROUPED, words):
            (counted if within else earlier).append(_seen(row))
        return counted, earlier

    def coverage(self, domain: str, first: dt.date, last: dt.date, policy: str = "") -> Coverage:
        """What reports of the domain itself cover; with ``policy`` (``p=none``) those that saw it."""
        where = (
            "FROM mail JOIN report ON report.id = mail.report WHERE report.domain = ? AND mail.domain = ? "
            "AND day BETWEEN ? AND ?"
        )
        words: list[object] = [domain, domain, first.isoformat(), last.isoformat()]
        if policy:
            where, words = where + " AND ' ' || policy || ' ' LIKE ?", [*words, f"% {policy} %"]
        row = self._open.execute(f"SELECT count(DISTINCT day), sum(count), min(day), max(day) {where}", words)
        days, messages, begin, end = row.fetchone()
        orgs = self._open.execute(f"SELECT org, sum(count) n {where} GROUP BY org ORDER BY n DESC", words)
        return Coverage(days, messages or 0, tuple(org for org, _ in orgs), _day(begin), _day(end))

    def domains(self) -> list[str]:
        """Every domain that a report is about."""
        rows = self._open.execute("SELECT DISTINCT domain FROM report WHERE kind = 'mail' ORDER BY domain")
        return [domain for (domain,) in rows]

    def tls(self, domain: str, first: dt.date, last: dt.date) -> list[tuple[str, int, int, str]]:
        """Type of policy, sessions secured and failed, and the most frequent cause of these."""
        rows = self._open.execute(
            "SELECT type, sum(secured), sum(failed), max(cause) FROM tls "
            "WHERE domain = ? AND day BETWEEN ? AND ? GROUP BY type ORDER BY type",
            (domain, first.isoformat(), last.isoformat()),
        )
        return list(rows)

    def failures(self, domain: str, first: dt.date, last: dt.date) -> int:
        """How many failure reports there are."""
        row = self._open.execute(
            "SELECT count(*) FROM failure WHERE domain = ? AND day BETWEEN ? AND ?",
            (domain, first.isoformat(), last.isoformat()),
        )
        (count,) = row.fetchone()
        return int(count)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Store]:
    """The store at a place; a fault of the file is a ReportError that says how to go on."""
    try:
        with Store(path) as store:
            yield store
    except sqlite3.DatabaseError:
        raise _unusable(path) from None


def _seen(row: Sequence[object]) -> Seen:
    (
        domain,
        source,
        envelope,
        dkim,
        spf,
        result,
        disposition,
        reasons,
        signatures,
        count,
        first,
        last,
        days,
    ) = row
    keys = tuple(Signature(*text.split("/")) for text in str(signatures).split())
    return Seen(
        str(domain),
        str(source),
        str(envelope),
        bool(dkim),
        bool(spf),
        str(result),
        str(disposition),
        tuple(str(reasons).split()),
        keys,
        int(str(count)),
        dt.date.fromisoformat(str(first)),
        dt.date.fromisoformat(str(last)),
        int(str(days)),
    )


def _below(domain: str) -> str:
    return "%." + domain.replace("!", "!!").replace("_", "!_").replace("%", "!%")


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _unusable(path: Path) -> ReportError:
    return ReportError(
        "{path} cannot be used as the store of reports: delete it, and read the reports again",
        "{path} 不能用作报告存储：请删除该文件，再重新读取报告",
        path=path,
    )
