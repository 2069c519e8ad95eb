"""What a report means: the catalog's forms tried on what the bounce says, the surest text first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailwright.catalog import replies
from mailwright.catalog.replies import Meaning, Receiver
from mailwright.operations.why.bounces import Report, own_text, reports
from mailwright.operations.why.reading import Read

_NO_DELIVERY = ("delivered", "relayed", "expanded")


@dataclass(frozen=True, slots=True)
class Judged:
    """A report and what it means; ``meaning`` None: not known. ``receiver`` is who refused, where known."""

    report: Report
    meaning: Meaning | None
    receiver: Receiver | None

    @property
    def is_delivered(self) -> bool:
        """Whether the report says that the mail went on its way: no failure."""
        return self.report.action in _NO_DELIVERY


def judged(mail: Read) -> tuple[Judged, ...]:
    """Each recipient's report with its meaning. The same answer to the same recipient is told once."""
    text = own_text(mail)
    judgeds: dict[tuple[str, str, str], Judged] = {}
    every = reports(mail)
    for report in every:
        one = _judged(report, text, alone=len(every) == 1)
        cause = one.meaning.cause.id if one.meaning else ""
        judgeds.setdefault((report.recipient.lower(), cause, "" if cause else report.reply), one)
    known = {recipient for recipient, cause, _ in judgeds if cause}
    return tuple(one for (recipient, cause, _), one in judgeds.items() if cause or recipient not in known)


def _judged(report: Report, text: str, *, alone: bool) -> Judged:
    receiver = replies.recognised(f"{report.reply}\n{text if alone else ''}", (report.host,))
    receiver = receiver or replies.by_address(report.recipient)
    if report.action in _NO_DELIVERY:
        return Judged(report, None, receiver)
    by_status = None
    for reply, code in _tried(report, text, alone=alone):
        meaning = replies.meaning(reply, code, report.status, receiver) if reply else None
        if meaning and meaning.source is None:
            by_status = by_status or meaning
        elif meaning and (code or _speaks(meaning)):
            return Judged(report, meaning, receiver or meaning.receiver)
    by_status = by_status or replies.meaning("", report.code, report.status, None)
    return Judged(report, by_status, receiver)


def _tried(report: Report, text: str, *, alone: bool) -> Iterator[tuple[str, str]]:
    """The reply, then, for a bounce about one recipient only, what its text says around it."""
    yield report.reply, report.code or report.status
    if alone:
        yield " ".join(text.split())[:3000], ""


def _speaks(meaning: Meaning) -> bool:
    """Whether a form may stand for itself, without a code beside it: two words, or Chinese."""
    return bool(re.search(r"\S \S|[\u4e00-\u9fff]", meaning.form))


def causes_of(judgeds: Sequence[Judged]) -> tuple[str, ...]:
    """The ids of the causes, each once; "not-known" where there is none."""
    names = [judgement.meaning.cause.id if judgement.meaning else "not-known" for judgement in judgeds]
    return tuple(dict.fromkeys(names))
