"""From every way to a zone to every other: killed in between, and nothing of mail or memory is lost."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.deploy.consoles import SPEC
from tests.deploy.desk import CONSENT, Desk, carefully
from tests.deploy.handing import Way, copied, ways
from tests.deploy.test_undo import BEFORE
from tests.deploy.worlds import FOREIGN, TENCENT
from tests.servers.fixtures import started

NEW = "v=spf1 include:spf.mail.qq.com ~all"
DAY, LATER = "2026-11-23", "2026-12-24"
#: Every pair with MAILWRIGHT_MANY=1; else one of each kind.
_FEW = [("manual", "rfc2136"), ("rfc2136", "manual"), ("rfc2136", "powerdns"), ("powerdns", "route53")]
_ALL = list(itertools.permutations(("manual", "rfc2136", "powerdns", "route53"), 2))
PAIRS = [
    pytest.param(*pair, marks=[getattr(pytest.mark, m) for m in ("knot", "powerdns")], id="-to-".join(pair))
    for pair in (_ALL if os.environ.get("MAILWRIGHT_MANY") else _FEW)
]
#: Dies when the old resource is to go; where it stays the same one, when its state is to be written.
KILLED = """
import os, sys
from pathlib import Path
from mailwright.deploy.dns.handlers import DnsHandler
from mailwright.deploy.embedded.engine import Embedded
from mailwright.deploy.embedded.statefile import StateFile
from mailwright.deploy.program import main
def killed(*_, **__): os._exit(9)
DnsHandler.delete = killed
if "manual" not in sys.argv[2:]:
    StateFile.save = killed
Embedded(Path(sys.argv[1]), "t", program=main).up()
"""


class Company:
    """One domain of a living company, by one way after another, with the embedded engine."""

    def __init__(self, folder: Path, zone: str, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.zone, self._patch = folder, zone, patch
        (folder / "stacks").mkdir()
        self.desk = Desk(folder, zone, [started("embedded")])

    def go_by(self, way: Way) -> None:
        """The spec names this way from now on."""
        text = SPEC.format(domain=self.zone.rstrip("."), host=way.entry, more="ttl: 3600\n")
        (self.folder / "stacks" / "acme.yaml").write_text(text, "utf-8")
        for name, value in way.environment.items():
            self._patch.setenv(name, value)

    def through(self, way: Way, day: str, allow: str = "") -> None:
        """Runs until nothing waits; by hand somebody enters what each sheet says."""
        for _ in range(6):
            sheet = self.desk.sheet(day, allow)
            if way.name != "manual" or not sheet.pending:
                return
            carefully(self.desk, sheet.now)
        raise AssertionError("never through")

    def killed(self, *names: str) -> None:
        """A run that dies in the middle."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "MAILWRIGHT_SPECS": str(self.folder / "stacks" / "acme.yaml"),
            "MAILWRIGHT_AS_OF": DAY,
            "MAILWRIGHT_ALLOW": "",
            "MAILWRIGHT_NAMESERVERS": f"127.0.0.1:{started('embedded').port}",
        }
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(self.folder), *names],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 9, done.stdout + done.stderr

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The outputs of the state's ``DnsRecords`` by name."""
        body = json.loads((self.folder / ".mailwright" / "state" / "t.json").read_text("utf-8"))
        found = body["deployment"]["resources"]
        return {
            e["urn"].rpartition("::")[2]: e["outputs"] for e in found if e["type"].endswith(":DnsRecords")
        }


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_nothing_is_lost_between_two_ways(
    first: str, second: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    zone, made = ways()
    old, new = made[first](), made[second]()
    company = Company(tmp_path, zone, monkeypatch)
    old.world.put(zone, FOREIGN + BEFORE)
    company.go_by(old)
    company.through(old, DAY, CONSENT)
    (kept,) = company.resources.values()
    assert kept["retiring"] and kept["found"]
    copied(zone, old, new)
    standing = old.sets(zone)
    assert new.sets(zone) == standing
    company.go_by(new)
    company.killed(first, second)
    for way in (old, new):
        way.require_mail(zone)
        assert way.sets(zone) == standing, "a handover writes nothing"
    company.through(new, DAY)
    assert (old.sets(zone), new.sets(zone)) == (standing, standing)
    (now,) = company.resources.values()
    assert (now["found"], now["retiring"]) == (kept["found"], kept["retiring"])
    company.through(new, LATER)
    new.require_mail(zone)
    assert new.world.texts(zone, "MX") == TENCENT
    assert [text for text in new.world.joined(zone) if "spf1" in text] == [NEW]
    assert old.sets(zone) == standing, "what was left is forgotten, and stands"
