"""What a run prints, made safe for where it goes: terminals and the logs of CI carry out what they read.

The formats show values as data already. This is the last line: no text of a run, whoever wrote it, moves a
cursor, turns the direction of reading or speaks to the runner of CI.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

from mailwright.report.escaping import inert, shown

#: Set by runners that read commands in their logs: GitHub, Forgejo and Gitea; Azure; GitLab.
_RUNNERS = ("GITHUB_ACTIONS", "TF_BUILD", "GITLAB_CI", "FORGEJO_ACTIONS", "GITEA_ACTIONS", "CI")
_OURS = re.compile(r"::(?:error|warning|notice) (?:file|title)=")


class _Shown:
    """A text stream that shows what it is given; everything else is the stream's own."""

    def __init__(self, stream: TextIO, *, runner: bool, annotations: bool) -> None:
        self._stream, self._runner, self._annotations = stream, runner, annotations

    def write(self, text: str) -> int:
        """Write, with what would be carried out made visible."""
        if isinstance(text, str):
            text = shown(text)
            if self._runner:
                text = "".join(map(self._line, text.splitlines(keepends=True)))
        return self._stream.write(text)

    def _line(self, line: str) -> str:
        """``--format github`` writes commands of its own, whose data holds no line end."""
        return line if self._annotations and _OURS.match(line) else inert(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def guarded(words: Sequence[str], environment: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Standard output and error, shown, for the time of a run with these words."""
    before = sys.stdout, sys.stderr
    runner = any(environment.get(variable) for variable in _RUNNERS)
    pairs = itertools.pairwise(words)
    annotations = "--format=github" in words or ("--format", "github") in pairs
    sys.stdout = _Shown(before[0], runner=runner, annotations=annotations)
    sys.stderr = _Shown(before[1], runner=runner, annotations=False)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
