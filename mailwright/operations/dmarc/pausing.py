"""When nothing gets stricter: during a move, and fourteen days after it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from mailwright.model.days import later
from mailwright.model.text import Text
from mailwright.operations.dmarc.advising import SETTLED, Pause
from mailwright.operations.world.migrating import Memory
from mailwright.plan.lint.moves import QUEUED
from mailwright.spec.model import MailSpec, Stage

_MOVES = Text("no move between mail hosts is under way", "没有正在进行的邮件服务迁移")
_MOVED = Text(
    "fourteen days have passed since the last move ({until})", "距上次迁移结束已满十四天（{until}）"
)


def pauses(spec: MailSpec, moves: Path) -> tuple[Pause, ...]:
    """Of a spec; ``moves`` is the folder in which ``migrate`` remembers what it saw."""
    if spec.moving_from:
        return (Pause(_MOVES, None, None),)
    memory = Memory.read(moves / f"{spec.domain}.json")
    if memory.since is None or memory.stage != Stage.WITHDRAW.value:
        return ()
    since = memory.since.date()
    until = later(since, QUEUED + 1 + SETTLED)
    return (Pause(_MOVED.using(until=until.isoformat()), until, since + dt.timedelta(days=1)),)
