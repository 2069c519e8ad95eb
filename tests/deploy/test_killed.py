"""The embedded engine killed with SIGKILL at random moments; ``MAILWRIGHT_TEST_KILLS`` is how many (40)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.deploy.worlds import FOREIGN, FOREIGN_TXT, Project
from tests.servers.base import DnsServer

RUNS = int(os.environ.get("MAILWRIGHT_TEST_KILLS", "40"))
CONSENT = "dmarc-weakened,spf-sender-dropped"
ROOT = Path(__file__).parent.parent.parent
FOLDER = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from mailwright.deploy.embedded.engine import Embedded
from mailwright.deploy.program import main
"""

#: Forks a run from a warm process: the interpreter's start is not what is under test.
WARM = (
    FOLDER
    + """
import os, json
for line in sys.stdin:
    told = json.loads(line)
    child = os.fork()
    if child == 0:
        os.environ.update(told)
        outcome = Embedded(Path(sys.argv[2]), "t", program=main).up()
        print("problems" if outcome.problems else "done", *outcome.problems, file=sys.stderr)
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
)


@pytest.mark.slow
def test_a_killed_run_leaves_no_half_and_the_next_one_converges(
    tmp_path: Path, embedded: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(tmp_path, embedded, monkeypatch)
    zones = [embedded.new_zone(FOREIGN) for _ in range(3)]
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    warm = _warm(tmp_path)
    finished = killed = 0
    longest = 0.0  # seconds: how long a whole run takes here, learnt from the first and as it goes
    try:
        for number in range(RUNS):
            _write(project, zones, stage=number // 4 % 2)
            started = time.monotonic()
            pid = _start(warm, project)
            if number:  # the moment of the kill is spread over the whole length of a run
                time.sleep(chance.uniform(0, longest * 1.2))
                _kill(pid)
            code = int(_line(warm))
            if code == 0:
                finished += 1
                longest = max(longest, min(time.monotonic() - started, 5))
            else:
                killed += 1
                longest *= 1.02 if longest < 5 else 1
            _require_whole(project, zones, seed)
    finally:
        warm.kill()
        warm.communicate()
    assert killed, f"no run was killed in the middle (seed {seed})"
    assert finished, f"no run came to its end (seed {seed})"
    specs = _write(project, zones, stage=0)
    project.up(*specs, allow=CONSENT)
    project.up(*specs, day="2026-12-24")
    assert not project.up(*specs, day="2026-12-24").changes
    for zone in zones:
        assert embedded.texts("_dmarc." + zone, "TXT") == {
            f'"v=DMARC1; p=none; rua=mailto:wang@{zone.rstrip(".")}"'
        }
        assert embedded.texts(zone, "TXT") > FOREIGN_TXT
        assert len([text for text in embedded.texts(zone, "TXT") if "v=spf1" in text]) == 1


def _warm(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WARM, str(ROOT), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _start(warm: subprocess.Popen[str], project: Project) -> int:
    specs = ",".join(map(str, sorted((project.folder / "stacks").glob("*.yaml"))))
    told = {
        "MAILWRIGHT_SPECS": specs,
        "MAILWRIGHT_ALLOW": CONSENT,
        "MAILWRIGHT_AS_OF": "2026-11-23",
    }
    assert warm.stdin is not None
    warm.stdin.write(json.dumps(told) + "\n")
    warm.stdin.flush()
    return int(_line(warm))


def _line(warm: subprocess.Popen[str]) -> str:
    assert warm.stdout is not None
    return warm.stdout.readline()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _write(project: Project, zones: list[str], stage: int) -> list[Path]:
    more = ("dmarc: {stage: watch}\n", "dmarc: {stage: guard}\nspf: {ip4: [192.0.2.7]}\n")[stage]
    return [project.write(zone, more=more) for zone in zones]


def _require_whole(project: Project, zones: list[str], seed: int) -> None:
    """Either nothing of ours, or a whole company: never a part; the state is a state."""
    if project.state.exists():
        body = json.loads(project.state.read_text())
        assert body["version"] == 3, f"seed {seed}"
    for zone in zones:
        mx = project.server.texts(zone, "MX")
        dmarc = project.server.texts("_dmarc." + zone, "TXT")
        txt = project.server.texts(zone, "TXT")
        spf = [each for each in txt if "v=spf1" in each]
        assert txt >= FOREIGN_TXT, f"seed {seed}"
        assert len(mx) in (0, 2), f"seed {seed}"
        assert len(mx) // 2 == len(dmarc) == len(spf), f"seed {seed}"
        if dmarc:
            guarded = "p=quarantine" in dmarc.pop()
            # One UPDATE changes DMARC and SPF together; a term that is dropped may stay for a while.
            assert "ip4:192.0.2.7" in spf[0] or not guarded, f"seed {seed}"
