"""Which operation of the ``pulumi`` command this process serves; the engine tells its plugins nothing of it.

So the command lines of the processes above are read, where the system shows them. Nothing is written or
refused on this ground: where it cannot be seen, a silent host is a warning, as in any other operation.
"""

from __future__ import annotations

import functools
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

#: Operations of the command that run plugins, by its own words and short ones.
_OPERATIONS = frozenset(
    {"destroy", "down", "dn", "import", "preview", "pre", "query", "refresh", "up", "update", "watch"}
)
#: Processes between a plugin and the command, and seconds that ``ps`` may take.
_DEPTH, _PATIENCE = 6, 5


@functools.cache
def is_refresh() -> bool:
    """Whether this is ``pulumi refresh``: it runs no program, so that nobody else ends it with an error."""
    process = os.getppid()
    for _ in range(_DEPTH):
        words, process = _process(process)
        if words and Path(words[0]).stem == "pulumi":
            return operation(words) == "refresh"
        if process <= 1:
            break
    return False


def operation(words: Sequence[str]) -> str:
    """The operation that a command line of ``pulumi`` names; '' for none that runs plugins."""
    return next((word for word in words[1:] if word in _OPERATIONS), "")


def _process(number: int) -> tuple[Sequence[str], int]:
    """The words of a process, and the number of the one above; () and 0 where nothing is to be seen."""
    folder = Path("/proc", str(number))
    try:
        words = folder.joinpath("cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
        facts = folder.joinpath("stat").read_text(encoding="utf-8", errors="replace")
        return words, int(facts.rpartition(")")[2].split()[1])  # the name in brackets may hold anything
    except (OSError, ValueError, IndexError):
        return _by_ps(number)


def _by_ps(number: int) -> tuple[Sequence[str], int]:
    """The same where there is no ``/proc``."""
    try:
        ended = subprocess.run(
            ["ps", "-o", "ppid=,args=", "-p", str(number)],
            capture_output=True,
            text=True,
            check=True,
            timeout=_PATIENCE,
        )
        above, *words = ended.stdout.split()
        return words, int(above)
    except (OSError, ValueError, subprocess.SubprocessError):
        return (), 0
