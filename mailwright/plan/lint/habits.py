"""What the services of a spec do by themselves that its owner has to know: they end, they write policies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from mailwright.catalog import Service, service
from mailwright.model.finding import Finding, found
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text
from mailwright.spec.model import MailSpec

ENDS = rule(
    "service-ends",
    Severity.WARNING,
    en="{service} {ends} {date}: mail of {domain} that still goes there after that day is lost. {advice}",
    zh="{service} {ends} {date} 停止服务：此后仍投向那里的 {domain} 邮件会丢失。{advice}",
    hint_en="Choose the next mail host now, and move while both still take mail.",
    hint_zh="请现在就选定下一个邮件服务，趁两边都能收信时迁移。",
)
WRITES_DMARC = rule(
    "service-writes-dmarc",
    Severity.WARNING,
    en="{service} has its own way with _dmarc of {domain}. {habit}",
    zh="{service} 会自行处理 {domain} 的 _dmarc。{habit}",
    hint_en="Compare _dmarc with the plan after each change there: `mailwright verify SPEC`.",
    hint_zh="在那里每次改动之后，都用 `mailwright verify 规格文件` 核对 _dmarc。",
    reference="RFC 9989 §4.10",
)

_WILL_END = Text("ends on", "将于")
_HAS_ENDED = Text("has ended on", "已于")


def findings(spec: MailSpec, today: dt.date) -> Iterator[Finding]:
    """Those of each mail host and of each sender, at their lines."""
    for path, host in spec.host_places:
        yield from _of_service(spec, host.service, path, today)
    for number, sender in enumerate(spec.senders):
        yield from _of_service(spec, sender.service or "", f"senders[{number}]", today)


def _of_service(spec: MailSpec, id: str, path: str, today: dt.date) -> Iterator[Finding]:
    known = service(id)
    if known is None:
        return
    yield from _of_end(spec, known, path, today)
    if known.dmarc:
        yield found(
            WRITES_DMARC,
            path=path,
            position=spec.at(path),
            severity=None if known.dmarc.loud else Severity.INFO,
            service=known.names,
            domain=spec.domain_unicode,
            habit=known.dmarc.text,
        )


def _of_end(spec: MailSpec, known: Service, path: str, today: dt.date) -> Iterator[Finding]:
    end = known.end_of_life
    if end is None:
        return
    yield found(
        ENDS,
        path=path,
        position=spec.at(path),
        service=known.names,
        ends=_WILL_END if today <= end.date else _HAS_ENDED,
        date=end.date.isoformat(),
        domain=spec.domain_unicode,
        advice=end.advice,
    )
