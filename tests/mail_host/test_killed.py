"""``up`` killed with SIGKILL at random moments: mail always reaches somebody, the next run converges."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.deploy.test_killed import WARM, _kill, _line
from tests.mail_host.server import MASTER_PASSWORD
from tests.mail_host.worlds import COMPANY, DAY, Company
from tests.mailboxes.specs import DOMAIN

RUNS = 60
ROOT = Path(__file__).parent.parent.parent
#: Another company: addresses turn from alias to mailbox and back, the owner of rules changes.
OTHER = """\
people: {wang: {}, li: {away: {from: 2026-11-20, until: 2026-12-20, cover: wang}}, chen: {}}
addresses:
  info: {to: chen}
  sales: {to: li, owner: li}
  agent: {to: agent@partner.example}
rules:
  - {for: info, when: {subject_contains: x}, then: {assign_to: li}}
  - {for: sales, when: {subject_contains: y}, then: {tag: hot, copy_to: chen}}
"""
NAMES = ("wang", "li", "chen", "info", "sales", "agent", "postmaster", "abuse")
FOREIGN = "# mine\nroot@other.example  x@other.example\n"


@pytest.mark.slow
def test_a_killed_run_loses_no_mail_and_the_next_one_converges(served: Company, tmp_path: Path) -> None:
    (served.tables / "aliases").write_text(FOREIGN)
    served.write(COMPANY)
    served.up()
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    warm = subprocess.Popen(
        [sys.executable, "-c", WARM, str(ROOT), str(served.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    killed, longest = 0, 0.1  # seconds: how long a whole run takes here, learnt as it goes
    try:
        for number in range(RUNS):
            served.write((OTHER, COMPANY)[number // 2 % 2])
            started = time.monotonic()
            pid = _start(warm, served)
            time.sleep(chance.uniform(0, longest * 1.2))  # the moment of the kill is spread over the run
            _kill(pid)
            if int(_line(warm)) == 0:
                longest = max(longest, min(time.monotonic() - started, 5))
            else:
                killed += 1
            _require_whole(served, seed)
    finally:
        warm.kill()
        warm.communicate()
    assert killed, f"no run was killed in the middle (seed {seed})"
    served.write(OTHER)
    served.up()
    assert not served.up().changes
    names = {each for name in ("wang", "li", "chen") for each in served.scripts(name)[0]}
    assert names == {"mailwright"} and served.scripts("li")[1] == "mailwright"
    assert {path.name for path in served.tables.iterdir()} == {
        *("aliases", "mailboxes", "refused", "senders", "suspended")
    }


def _start(warm: subprocess.Popen[str], company: Company) -> int:
    told = {
        "MAILWRIGHT_SPECS": str(company.spec),
        "MAILWRIGHT_AS_OF": DAY,
        "MAILWRIGHT_SIEVE_PASSWORD": MASTER_PASSWORD,
    }
    assert warm.stdin is not None
    warm.stdin.write(json.dumps(told) + "\n")
    warm.stdin.flush()
    return int(_line(warm))


def _require_whole(company: Company, seed: int) -> None:
    """Every address reaches somebody at every moment, foreign lines stand, the state is a state."""
    if company.state.exists():
        assert json.loads(company.state.read_text())["version"] == 3, f"seed {seed}"
    routing = company.routing()
    lost = [name for name in NAMES if not routing.reaches(f"{name}@{DOMAIN}")]
    assert not lost, f"{lost} (seed {seed})"
    assert company.files()["aliases"].startswith(FOREIGN.encode()), f"seed {seed}"
