"""When nothing gets stricter: during a move or a rotation of keys, and fourteen days after."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from mailwright.model.days import later
from mailwright.model.text import Text
from mailwright.operations.dmarc.advising import SETTLED, Pause
from mailwright.operations.world.migrating import Memory
from mailwright.plan.lint.moves import QUEUED
from mailwright.plan.records import rotating
from mailwright.spec.model import MailSpec, Stage

_MOVES = Text("no move between mail hosts is under way", "没有正在进行的邮件服务迁移")
_KEYS = Text("no key is being replaced ({selector})", "没有正在更换的密钥（{selector}）")
_ROTATED = Text(
    "fourteen days have passed since {selector} was revoked ({until})",
    "距 {selector} 吊销已满十四天（{until}）",
)
_MOVED = Text(
    "fourteen days have passed since the last move ({until})", "距上次迁移结束已满十四天（{until}）"
)


def pauses(spec: MailSpec, moves: Path, today: dt.date) -> tuple[Pause, ...]:
    """Of a spec; ``moves`` is the folder in which ``migrate`` remembers what it saw."""
    return (*_of_move(spec, moves), *_of_keys(spec, today))


def _of_move(spec: MailSpec, moves: Path) -> tuple[Pause, ...]:
    if spec.moving_from:
        return (Pause(_MOVES, None, None),)
    memory = Memory.read(moves / f"{spec.domain}.json")
    if memory.since is None or memory.stage != Stage.WITHDRAW.value:
        return ()
    since = memory.since.date()
    until = later(since, QUEUED + 1 + SETTLED)
    return (Pause(_MOVED.using(until=until.isoformat()), until, since + dt.timedelta(days=1)),)


def _of_keys(spec: MailSpec, today: dt.date) -> tuple[Pause, ...]:
    """While a key takes the place of another; days before the old one ended do not count."""
    pauses = []
    for key in spec.signing:
        if key.ends and key.ends <= today:
            until = later(key.ends, SETTLED)
            text = _ROTATED.using(selector=key.selector, until=until.isoformat())
            pauses.append(Pause(text, until, key.ends))
        elif rotating.successors(spec, key):
            pauses.append(Pause(_KEYS.using(selector=key.selector), None, None))
    return tuple(pauses)
