"""What the README types after `make up`: a command `mailwright` in the environment, from any folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_make_puts_the_command_into_the_environment(tmp_path: Path) -> None:
    project = tmp_path / "我的 project"
    project.mkdir()
    for name in ("Makefile", "requirements.txt", "mailwright"):
        (project / name).symlink_to(ROOT / name)
    binaries = project / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (project / ".venv" / ".run").touch()  # the lock's packages are those of the interpreter of this run
    (binaries / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (binaries / "python").chmod(0o755)
    subprocess.run(["make", "-s", ".venv/bin/mailwright"], cwd=project, check=True, timeout=60)
    env = {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}"}
    env["PYTHONPATH"] = sysconfig.get_path("purelib")
    done = subprocess.run(
        ["mailwright", "check", str(ROOT / "stacks" / "example.yaml"), "--lang", "en"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0 and "clean" in done.stdout, done.stdout + done.stderr


def test_a_machine_without_time_zones_knows_them_all_the_same() -> None:
    """Slim containers have none; a spec names one."""
    done = subprocess.run(
        [sys.executable, "-m", "mailwright", "check", "stacks/example.yaml", "--lang", "en"],
        cwd=ROOT,
        env={**os.environ, "PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0 and "clean" in done.stdout, done.stdout + done.stderr
