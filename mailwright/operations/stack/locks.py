"""A stack that another run holds: whose run that is, and how to lift a lock that nobody holds any more."""

from __future__ import annotations

import os
import re
import shlex
import socket
from collections.abc import Mapping
from pathlib import Path

from mailwright.model.text import Text

#: How Pulumi's own backends say who holds a lock.
_HOLDER = re.compile(r"created by (?P<user>\S*?)@(?P<host>\S+) \(pid (?P<pid>\d+)\)")
_RUNS = Text(
    "The stack {stack} is locked by a run that is under way: process {pid} on {host}. Wait for its end.",
    "栈 {stack} 被正在进行的运行锁定：{host} 上的进程 {pid}。请等待其结束。",
)
_ENDED = Text(
    "The stack {stack} is locked by a run that has ended: process {pid} on {host}. "
    "To lift the lock: {command}",
    "栈 {stack} 被已经结束的运行锁定：{host} 上的进程 {pid}。解除锁定：{command}",
)
_ELSEWHERE = Text(
    "The stack {stack} is locked by process {pid} on {host}. Wait for its end; only if it has ended already, "
    "lift the lock: {command}",
    "栈 {stack} 被 {host} 上的进程 {pid} 锁定。请等待其结束；仅当它已经结束时，才解除锁定：{command}",
)
_SOMEBODY = Text(
    "The stack {stack} is locked by another run. Wait for its end; only if none is under way, lift the lock: "
    "{command}",
    "栈 {stack} 被另一次运行锁定。请等待其结束；仅当没有运行在进行时，才解除锁定：{command}",
)


def locked(message: str, stack: str, project: Path, variables: Mapping[str, str | None]) -> Text:
    """What to tell, out of what Pulumi said; ``variables`` are those that our commands set for it."""
    holder = _HOLDER.search(message)
    command = _cancel(stack, project, variables)
    if holder is None:
        return _SOMEBODY.using(stack=stack, command=command)
    pid, host = int(holder["pid"]), holder["host"]
    params = {"stack": stack, "pid": str(pid), "host": host}
    if host != socket.gethostname():
        return _ELSEWHERE.using(**params, command=command)
    return _RUNS.using(**params) if _is_running(pid) else _ENDED.using(**params, command=command)


def _cancel(stack: str, project: Path, variables: Mapping[str, str | None]) -> str:
    """The command that lifts the lock from any folder, with the backend that our commands use."""
    words = [f"{name}={shlex.quote(value)}" for name, value in sorted(variables.items()) if value]
    return " ".join(
        [*words, "pulumi", "cancel", shlex.quote(stack), "--yes", "--cwd", shlex.quote(str(project))]
    )


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True
