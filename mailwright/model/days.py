"""Days counted on: specs may name any day, and the calendar ends in 9999."""

from __future__ import annotations

import datetime as dt


def later(day: dt.date, days: int) -> dt.date:
    """The day so many days (0 or more) after this one; the calendar's last one at most."""
    return day + dt.timedelta(days=min(days, (dt.date.max - day).days))


def earlier(day: dt.date, days: int) -> dt.date:
    """The day so many days (0 or more) before this one; the calendar's first one at least."""
    return day - dt.timedelta(days=min(days, (day - dt.date.min).days))
