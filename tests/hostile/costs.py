"""What commands cost: each in a fork of a process that has loaded them, so that no start is measured.

``python -m tests.hostile.costs COMMAND FILE…`` writes a line of JSON: for each file the seconds of CPU, the
kilobytes of memory over a file before it, and how it ended. The first file is the measure of nothing.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

_MOST = 120  # seconds of CPU after which the kernel ends a fork


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of CPU and kilobytes over what the first file took; ``status`` as ``os.wait`` has it."""

    cpu: float
    memory: int
    status: int


def costs(command: str, *files: Path) -> list[Cost]:
    """The cost of a command for each file but the first, over the first's."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-P", "-m", "tests.hostile.costs", command, *map(str, files)]
    done = subprocess.run(words, env=environment, cwd=files[0].parent, capture_output=True, check=True)
    first, *others = [Cost(*load) for load in json.loads(done.stdout)]
    return [Cost(cost.cpu - first.cpu, cost.memory - first.memory, cost.status) for cost in others]


def _forked(work: Callable[[], object]) -> tuple[float, int, int]:
    pid = os.fork()
    if pid == 0:  # pragma: no cover
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (_MOST, _MOST))
        work()
        os._exit(0)
    _, status, used = os.wait4(pid, 0)
    return used.ru_utime + used.ru_stime, used.ru_maxrss, status


def _main(command: str, *files: str) -> None:
    from mailwright.cli import main

    with Path(os.devnull).open("w") as null, redirect_stdout(null), redirect_stderr(null):
        main([command, files[0]])  # loads what it needs
    made = [min(_forked(lambda file=file: main([command, file])) for _ in range(2)) for file in files]
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    _main(*sys.argv[1:])
