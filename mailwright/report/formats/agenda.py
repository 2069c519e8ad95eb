"""An agenda as a table, as JSON, as a calendar (RFC 5545), and as the message of a robot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from mailwright.model.days import later
from mailwright.model.text import Lang, Text, visible
from mailwright.plan.agenda import Event
from mailwright.report.layout import width

STATUS = {
    "due": Text("due", "到期"),
    "now": Text("now", "进行中"),
    "coming": Text("coming", "将至"),
    "over": Text("over", "已过"),
}
_NOTHING = Text("Nothing is due, and nothing comes within {days} days.", "没有到期事项，{days} 天内也没有。")
_TITLE = Text("Mail on {day}:", "{day} 邮件事项：")
#: The first day that revisions are counted from.
_BEGINNING = dt.date(2020, 1, 1)


def table(events: Sequence[Event], today: dt.date, days: int, lang: Lang) -> str:
    """One line each: status, day, domain, what it is, and the line of the spec."""
    if not events:
        return _NOTHING.using(days=days)(lang)
    lines = []
    for event in events:
        status = STATUS[event.status(today)](lang)
        place = f"  ({event.position})" if event.position else ""
        padded = status + " " * (8 - width(status))
        lines.append(f"{padded}{event.day}  {event.domain}  {visible(event.text(lang))}{place}")
    return "\n".join(lines)


def to_json(events: Sequence[Event], today: dt.date, lang: Lang) -> list[dict[str, object]]:
    """The documented JSON form."""
    return [
        {
            "uid": event.uid,
            "domain": event.domain,
            "kind": event.kind,
            "subject": event.subject,
            "status": event.status(today),
            "day": event.day.isoformat(),
            "until": event.until.isoformat() if event.until else None,
            "text": event.text(lang),
            "file": event.position.file if event.position else None,
            "line": event.position.line if event.position else None,
        }
        for event in events
    ]


def calendar(events: Sequence[Event], today: dt.date, lang: Lang) -> str:
    """All-day events with stable names: importing a later file moves them and makes no double."""
    from icalendar import Calendar
    from icalendar import Event as Entry

    ical = Calendar()
    ical.add("prodid", "-//mailwright//agenda//EN")
    ical.add("version", "2.0")
    stamp = dt.datetime.combine(today, dt.time(), dt.UTC)
    for event in events:
        entry = Entry()
        entry.add("uid", event.uid)
        entry.add("dtstamp", stamp)
        entry.add("sequence", (today - _BEGINNING).days)
        entry.add("dtstart", event.day)
        entry.add("dtend", later(event.until or event.day, 1))
        entry.add("summary", f"{event.domain}: {visible(event.text(lang))}")
        entry.add("transp", "TRANSPARENT")
        if event.position:
            entry.add("description", visible(str(event.position)))
        ical.add_component(entry)
    octets: bytes = ical.to_ical()
    return octets.decode("utf-8")


def message(events: Sequence[Event], today: dt.date, lang: Lang) -> str:
    """What a robot says: a line each, nothing for nothing."""
    lines = [f"· {event.domain}: {visible(event.text(lang))}" for event in events]
    return "\n".join([_TITLE.using(day=today)(lang), *lines]) if lines else ""
