"""Runs of the real command that do not come to their end: killed, interrupted, moved by halves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.deploy.checkout import MARKS, Checkout, company
from tests.deploy.worlds import TENCENT, Project

pytestmark = MARKS
#: Domains of a run that is interrupted.
MANY = 100


def _started(ready: Checkout, *words: str) -> subprocess.Popen[bytes]:
    """One of our commands in a process group of its own, as a terminal has it."""
    return subprocess.Popen(
        [sys.executable, "-m", "mailwright", *words],
        cwd=ready.folder,
        env=ready.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _until(running: subprocess.Popen[bytes], path: Path, pattern: str) -> None:
    """Until there is such a file; the run must not end before."""
    while not list(path.rglob(pattern)):
        assert running.poll() is None, "it ended before it was interrupted"
        time.sleep(0.01)


def _own_backend(ready: Checkout) -> Path:
    """As for somebody who has set up no backend."""
    for name in ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"):
        del ready.environment[name]
    return ready.folder / ".mailwright" / "pulumi" / ".pulumi"


def test_a_lock_says_whose_it_is_and_how_it_is_lifted(
    ready: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, zone = company(ready, monkeypatch)
    words = ("up", "stacks/t.yaml", "--engine", "pulumi")
    backend = _own_backend(ready)
    running = _started(ready, *words)
    _until(running, backend / "locks", "*.json")
    held = ready.mailwright(*words)
    assert held.returncode == 1 and "a run that is under way: process" in held.stderr, held.stderr
    assert "cancel" not in held.stderr
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    ended = ready.mailwright(*words)
    assert ended.returncode == 1 and "a run that has ended: process" in ended.stderr, ended.stderr
    command = ended.stderr.strip().splitlines()[-1].partition("To lift the lock: ")[2]
    lifted = subprocess.run(
        command, shell=True, check=False, cwd="/", env=ready.environment, capture_output=True, text=True
    )
    assert lifted.returncode == 0, command + lifted.stderr
    done = ready.mailwright(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ready.server.texts(zone, "MX") == TENCENT


def test_ctrl_c_waits_for_an_orderly_end(ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a hundred domains, part of them written: no lock, nothing pending, and it goes on from there."""
    project = Project(ready.folder, ready.server, monkeypatch)
    (ready.folder / "stacks" / "example.yaml").unlink()
    zones = [ready.server.new_zone() for _ in range(MANY)]
    for zone in zones:
        project.write(zone)
    backend = _own_backend(ready)
    words = ("up", "stacks", "--stack", "many", "--engine", "pulumi")
    running = _started(ready, *words)
    while not any(ready.server.texts(zone, "MX") for zone in zones[:10]):
        assert running.poll() is None
    os.killpg(running.pid, signal.SIGINT)
    assert running.wait() == 1
    written = [zone for zone in zones if ready.server.texts(zone, "MX")]
    assert written
    assert not list((backend / "locks").rglob("*.json"))
    (file,) = (backend / "stacks").rglob("many.json")
    deployment = json.loads(file.read_text("utf-8"))["checkpoint"]["latest"]
    assert not deployment.get("pending_operations")
    held = {each["id"].partition("@")[0] for each in deployment["resources"] if "DnsRecords" in each["type"]}
    assert {zone.rstrip(".") for zone in written} <= held
    done = ready.mailwright(*words)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert all(ready.server.texts(zone, "MX") == TENCENT for zone in zones)


def test_a_move_that_failed_is_done_again(ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    project, zone = company(ready, monkeypatch)
    spec = ready.folder / "stacks" / "t.yaml"
    assert ready.mailwright("up", "stacks/t.yaml", "--engine", "embedded").returncode == 0
    deployed, text = project.everything(zone), spec.read_text("utf-8")
    spec.write_text(text + "dmarc: {stage: guard}\n", "utf-8")
    failed = ready.mailwright("move", "stacks/t.yaml")
    assert failed.returncode == 1 and project.state.exists()
    spec.write_text(text, "utf-8")
    done = ready.mailwright("move", "stacks/t.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not project.state.exists() and project.everything(zone) == deployed
    assert ready.mailwright("preview", "stacks/t.yaml", "--engine", "pulumi").returncode == 0
