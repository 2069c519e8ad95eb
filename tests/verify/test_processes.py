"""Long lists over several processes: one process's verdicts, and nothing left behind however a run ends."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailwright.sandbox.nameserver import running
from tests.conftest import ROOT
from tests.verify.test_verify import BASE, DAY, lines, plan_of, spec

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a process's children in /proc"
)

#: Two processes have at least LEAST (100) each.
DOMAINS = [f"d{number}.example" for number in range(210)]
#: Seconds that a loaded machine may take for what has to happen; nothing is measured by it.
PATIENCE = 60.0


def command(tmp_path: Path, word: str, *more: str, processes: int) -> subprocess.Popen[str]:
    start = [sys.executable, "-m", "mailwright", word, *more, "--as-of", DAY.isoformat(), "--lang", "en"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "MAILWRIGHT_PROCESSES": str(processes)}
    return subprocess.Popen(
        start, cwd=tmp_path, env=env, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def outcome(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, said = process.communicate(timeout=120)
    return process.returncode, out, said


def listed(tmp_path: Path, port: int) -> tuple[str, ...]:
    """The words after ``verify``: all domains against one spec, at a server on this machine."""
    (tmp_path / "list.txt").write_text("\n".join(DOMAINS))
    pattern = spec(tmp_path, "acme.example")
    return ("list.txt", "--expect", str(pattern), "--nameserver", f"ns1=127.0.0.1:{port}")


def children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(part) for part in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def asks(pid: int) -> bool:
    """It has more sockets than the two that every loop has."""
    return sum(path.is_socket() for path in Path(f"/proc/{pid}/fd").iterdir()) > 2


def forked(process: subprocess.Popen[str]) -> subprocess.Popen[str]:
    """The run, which did have a second process: what one does alone is like itself."""
    until(lambda: children(process.pid) or process.poll() is not None)
    assert process.poll() is None, "it came to its end without a second process"
    return process


def gone(pid: int) -> bool:
    """It has ended; one that only waits for its new parent to notice counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def until(true: object) -> None:
    assert callable(true)
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


@pytest.fixture
def silent() -> Iterator[int]:
    """A port where questions arrive and nothing is ever said: the run stays where it is."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        yield udp.getsockname()[1]


@pytest.fixture
def stuck(tmp_path: Path, silent: int) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A run of two processes in the midst of asking, and the second one."""
    run = command(tmp_path, "verify", *listed(tmp_path, silent), "--deadline", "12s", processes=2)
    try:
        until(lambda: children(run.pid))
        (child,) = children(run.pid)
        # Both ask already: what comes now meets them at work, not at their birth.
        until(lambda: asks(run.pid) and asks(child))
        yield run, child
    finally:
        if run.poll() is None:
            run.kill()
            run.wait()


def zones(tmp_path: Path) -> dict[str, str]:
    """Every domain as planned, but for one in each half that differs and one that nobody serves."""
    made = {}
    for domain in DOMAINS:
        planned = lines(plan_of(spec(tmp_path, domain)))
        made[f"{domain}."] = BASE.format(serial=1, ns="ns1") + planned
    for domain in (DOMAINS[3], DOMAINS[-3]):
        made[f"{domain}."] += f'{domain}. 300 TXT "v=spf1 -all"\n'
    del made[f"{DOMAINS[150]}."]
    return made


@pytest.mark.parametrize("form", ["json", "text", "junit"])
def test_the_verdicts_of_several_processes_are_those_of_one(tmp_path: Path, form: str) -> None:
    with running(zones(tmp_path)) as server:
        words = (*listed(tmp_path, server.port), "--format", form)
        one = outcome(command(tmp_path, "verify", *words, processes=1))
        two = outcome(forked(command(tmp_path, "verify", *words, processes=2)))
    assert one[0] == 2 and DOMAINS[3] in one[1] and DOMAINS[-3] in one[1]
    assert two == one


def test_the_findings_of_several_processes_are_those_of_one(tmp_path: Path) -> None:
    stacks = tmp_path / "stacks"
    stacks.mkdir()
    for domain in DOMAINS:
        text = spec(tmp_path, domain).read_text()
        (stacks / f"{domain}.yaml").write_text(text)
    (stacks / f"{DOMAINS[5]}.yaml").write_text("version: 1\n")
    broken = stacks / f"{DOMAINS[-5]}.yaml"
    broken.write_text(broken.read_text() + "no_such_key: 1\n")
    one = outcome(command(tmp_path, "check", "stacks", processes=1))
    two = outcome(forked(command(tmp_path, "check", "stacks", processes=2)))
    assert one[0] == 1 and f"{DOMAINS[5]}.yaml" in one[1] and f"{DOMAINS[-5]}.yaml:7" in one[1]
    assert two == one


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda each: each.name
)
def test_whoever_ends_the_run_ends_its_processes(
    stuck: tuple[subprocess.Popen[str], int], number: signal.Signals
) -> None:
    run, child = stuck
    run.send_signal(number)
    code, out, said = outcome(run)
    assert (code, out) == (130 if number is signal.SIGINT else -number, "")
    assert "Traceback" not in said
    until(lambda: gone(child))


def test_ctrl_c_at_a_terminal_reaches_both_and_is_said_once(stuck: tuple[subprocess.Popen[str], int]) -> None:
    run, child = stuck
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to the whole group
    code, out, said = outcome(run)
    assert (code, out, said.strip()) == (130, "", "interrupted")
    until(lambda: gone(child))


def test_a_lost_part_is_no_verdict(stuck: tuple[subprocess.Popen[str], int]) -> None:
    run, child = stuck
    os.kill(child, signal.SIGKILL)
    code, out, said = outcome(run)
    assert (code, out) == (1, "")
    assert "was lost (signal 9): nothing is known of its part" in said
