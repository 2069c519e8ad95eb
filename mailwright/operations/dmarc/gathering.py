"""Reports from files and folders into the store; what is refused is told, and stops nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mailwright.model import disk
from mailwright.model.names import is_below
from mailwright.model.text import Text
from mailwright.operations.dmarc.parsing import MissingError, parse
from mailwright.operations.dmarc.reports import Aggregate, Failure, Report, ReportError, TlsReport
from mailwright.operations.dmarc.store import KEEP, Store
from mailwright.operations.dmarc.unpacking import MOST_FILE, unpack

MOST_FILES = 200_000  # of one run
_UNREAD = Text("{count} rows cannot be read", "有 {count} 行无法读取")
_FOREIGN = Text("about {domain}, which no spec has", "报告的域名是 {domain}，不属于任何规格")
_SYSTEM = Text("cannot be read", "无法读取")


@dataclass(slots=True)
class Reading:
    """What a run read: files, new reports by kind, those that were there; what was refused, and why."""

    files: int = 0
    mail: int = 0
    tls: int = 0
    failures: int = 0
    duplicates: int = 0
    refused: list[tuple[str, Text]] = field(default_factory=list)
    noted: list[tuple[str, Text]] = field(default_factory=list)

    def count(self, report: Report) -> None:
        """One more new report."""
        self.mail += isinstance(report, Aggregate)
        self.tls += isinstance(report, TlsReport)
        self.failures += isinstance(report, Failure)


def read(
    entries: Iterable[tuple[str, Callable[[], bytes]]],
    store: Store,
    domains: Collection[str],
    now: dt.datetime,
) -> Reading:
    """Read named octets into the store. ``domains`` are those that reports may be about; none: any.

    Raises MissingError where parsedmarc is not installed.
    """
    reading = Reading()
    store.forget((now - dt.timedelta(days=KEEP)).date())
    for name, octets in entries:
        reading.files += 1
        try:
            for text in unpack(octets()):
                _add(parse(text, now), name, store, domains, reading)
        except MissingError:
            raise
        except ReportError as error:
            reading.refused.append((name, error.reason))
        except OSError:
            reading.refused.append((name, _SYSTEM))
    return reading


def _add(report: Report, name: str, store: Store, domains: Collection[str], reading: Reading) -> None:
    about = {row.domain for row in report.rows} if isinstance(report, TlsReport) else {report.domain}
    foreign = sorted(
        domain for domain in about if domains and not any(is_below(domain, ours) for ours in domains)
    )
    if foreign:
        reading.refused.append((name, _FOREIGN.using(domain=foreign[0])))
        return
    if isinstance(report, Aggregate) and report.unread:
        reading.noted.append((name, _UNREAD.using(count=report.unread)))
    if store.add(report):
        reading.count(report)
    else:
        reading.duplicates += 1


def files(paths: Iterable[Path]) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The files of these places by name, a folder's in order; hidden ones and links in it are left out."""
    count = 0
    for path in paths:
        for file in _below(path) if path.is_dir() else (path,):
            count += 1
            if count > MOST_FILES:
                return
            yield str(file), lambda file=file: disk.read_regular(file, MOST_FILE)  # type: ignore[misc]


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file() and not path.is_symlink():
            yield path
