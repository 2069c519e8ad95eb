"""Waiting for propagation: when to ask again, how long it may still take, and how to go on later."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailwright.model import disk
from mailwright.model.checks import Status, Verdict
from mailwright.model.plan import Plan
from mailwright.standards.faults import Fault

#: Nothing in DNS propagates longer than this; waiting on would only hide a fault.
LONGEST = dt.timedelta(hours=48)
#: Seconds: the first pause and the longest; between them each is 1.6 times the one before.
FIRST, SLOWEST = 2.0, 300.0
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> dt.timedelta:
    """``90s``, ``30m``, ``48h`` or ``2d``, at most LONGEST. Raises Fault."""
    match = re.fullmatch(r"(\d{1,6})([smhd])", text.strip().lower())
    if not match:
        raise Fault(
            "{text} is not a duration: write 90s, 30m, 48h or 2d",
            "{text} 不是时长：请写成 90s、30m、48h 或 2d",
            text=text,
        )
    timedelta = dt.timedelta(**{_UNITS[match[2]]: int(match[1])})
    if not dt.timedelta() < timedelta <= LONGEST:
        raise Fault("{text}: more than nothing and at most 48h", "{text}：须大于零，最长 48h", text=text)
    return timedelta


def eta(verdicts: Iterable[Verdict]) -> int | None:
    """Seconds until what was seen of the old has run out everywhere; None where nothing tells."""
    left = [
        check.ttl
        for verdict in verdicts
        for check in verdict.checks
        if check.status in (Status.FAIL, Status.WARN) and check.ttl is not None
    ]
    return max(left, default=None)


def pause(round: int, soonest: int | None, remaining: float) -> float:
    """Seconds until the next question: growing, not past the moment the old has run out, polite."""
    grown = min(FIRST * 1.6**round, SLOWEST)
    expected = max(float(soonest), FIRST) if soonest is not None else grown
    return max(0.0, min(grown, expected, remaining))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A wait that survives its process: ``started`` and ``deadline`` are moments in UTC."""

    file: Path
    started: dt.datetime
    deadline: dt.datetime
    resumed: bool = False

    @staticmethod
    def begin(folder: Path, key: str, length: dt.timedelta, now: dt.datetime) -> Waiting:
        """Go on with the wait of this key, unless there is none or its time is over."""
        file = folder / f"{key}.json"
        try:
            body = json.loads(disk.read_text(file))
            started, deadline = (dt.datetime.fromisoformat(body[field]) for field in ("started", "deadline"))
            old = Waiting(file, started, deadline, resumed=True)
            if old.started <= now < old.deadline <= old.started + LONGEST:
                return old
        except (OSError, ValueError, KeyError, TypeError):
            pass  # none, or not one of ours: begin anew
        fresh = Waiting(file, now, now + length)
        fresh._write()
        return fresh

    def _write(self) -> None:
        disk.own_folder(self.file.parent)
        body = {"started": self.started.isoformat(), "deadline": self.deadline.isoformat()}
        disk.replace(self.file, json.dumps(body))

    def end(self) -> None:
        """Nothing is waited for any more."""
        self.file.unlink(missing_ok=True)


def key(plans: Sequence[Plan], servers: Sequence[object]) -> str:
    """The same for the same records asked of the same servers: a changed plan is another wait."""
    body = [
        [[plan.domain, [[r.name, r.type, r.ttl, list(r.values)] for r in plan.records]] for plan in plans],
        sorted(map(str, servers)),
    ]
    return hashlib.sha256(json.dumps(body).encode()).hexdigest()[:16]
