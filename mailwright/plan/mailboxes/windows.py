"""Days of the spec's clock as windows that a host without time zones understands."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from mailwright.model.mailboxes import Window


def window(timezone: str, start: dt.date | None, until: dt.date | None) -> Window:
    """Days, both included, with the offset from UTC in force where each of them begins or ends."""
    zone = ZoneInfo(timezone)

    def offset(day: dt.date | None, clock: dt.time) -> int:
        moment = dt.datetime.combine(day, clock, zone).utcoffset() if day else None
        return int(moment.total_seconds() // 60) if moment else 0

    return Window(start, until, offset(start, dt.time()), offset(until, dt.time(23, 59, 59)))
