"""Which operation a process serves is read from the command line above it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mailwright.deploy.given.operation import operation


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("pulumi refresh --yes", "refresh"),
        ("pulumi -C folder --non-interactive refresh", "refresh"),
        ("pulumi up --refresh --yes", "up"),
        ("pulumi up --target refresh", "up"),
        ("pulumi preview --refresh=true", "preview"),
        ("pulumi dn --yes", "dn"),
        ("pulumi stack ls", ""),
    ],
)
def test_the_first_word_that_is_an_operation_counts(line: str, expected: str) -> None:
    assert operation(line.split()) == expected


@pytest.mark.parametrize(("words", "expected"), [(["refresh"], "True"), (["up", "--refresh"], "False")])
def test_it_is_seen_from_below(tmp_path: Path, words: list[str], expected: str) -> None:
    """A process called pulumi starts another one, which starts ours."""
    command = tmp_path / "pulumi"
    command.symlink_to(sys.executable)
    below = "from mailwright.deploy.given.operation import is_refresh; print(is_refresh())"
    start = f"import subprocess; subprocess.run([{sys.executable!r}, '-c', {{!r}}], check=True)"
    script = tmp_path / "script.py"
    script.write_text(start.format(start.format(below)))
    ended = subprocess.run(
        [str(command), str(script), *words], capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout.strip() == expected
