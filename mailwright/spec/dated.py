"""What of a spec was seen on a day, or ends on one."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from mailwright.spec.model import Attestation, Expiry
from mailwright.spec.moving import day
from mailwright.spec.tree import Branch

if TYPE_CHECKING:
    from mailwright.spec.builder import Builder

ATTESTED_DAYS = 180
AHEAD_DAYS = 30  # days before an expiry from which it is due


def attestation(builder: Builder, branch: Branch, path: str) -> Attestation:
    """What somebody saw in a console, and when."""
    on = day(builder, branch, "on", path) or dt.date.min
    what, by, how = (builder.text(branch, key) for key in ("what", "by", "how"))
    return Attestation(what, by, on, _days(builder, branch, ATTESTED_DAYS), how, builder.positions.get(path))


def expiry(builder: Builder, branch: Branch, path: str) -> Expiry:
    """What ends, and from how many days before somebody has to see to it."""
    until = day(builder, branch, "until", path) or dt.date.min
    what, name, note = (builder.text(branch, key) for key in ("what", "name", "note"))
    days = _days(builder, branch, AHEAD_DAYS)
    return Expiry(what, until, name, days, note, builder.positions.get(path))


def _days(builder: Builder, branch: Branch, default: int) -> int:
    text = builder.text(branch, "days")
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,3}", text) else default
