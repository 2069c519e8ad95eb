"""The same with the real ``pulumi`` command; and Route 53 by it: up, refresh, drift, repair, destroy."""

from __future__ import annotations

import itertools
import json
import os

import pytest

from mailwright.model import variables
from mailwright.plan.transition.sheet import Sheet
from tests.deploy.checkout import MARKS, Checkout, checkout, ready
from tests.deploy.consoles import SPEC
from tests.deploy.desk import CONSENT, Desk, carefully
from tests.deploy.handing import Way, copied, ways
from tests.deploy.test_undo import BEFORE
from tests.deploy.worlds import DOWN, FOREIGN, FOREIGN_TXT, TENCENT
from tests.servers.fixtures import started

__all__ = ["checkout", "ready"]

pytestmark = [*MARKS, pytest.mark.powerdns]
DAY, LATER = "2026-11-23", "2026-12-24"
#: Every pair with MAILWRIGHT_MANY=1; else the one in which a resource is made and another one goes.
_FEW = [("rfc2136", "manual")]
_ALL = list(itertools.permutations(("manual", "rfc2136", "powerdns", "route53"), 2))
PAIRS = [
    pytest.param(*pair, id="-to-".join(pair))
    for pair in (_ALL if os.environ.get("MAILWRIGHT_MANY") else _FEW)
]
#: Ends the plugin where the old resource is to go, or just after what stays one resource was written.
KILLED = """
import os
from mailwright.deploy.dns.handlers import DnsHandler
async def killed(*_, **__): os._exit(9)
update = DnsHandler.update
async def written(*args, preview, **kwargs):
    answer = await update(*args, preview=preview, **kwargs)
    if not preview:
        os._exit(9)
    return answer
if os.environ.get("TEST_DIES"):
    DnsHandler.delete, DnsHandler.update = killed, written
"""


class Company:
    """One domain of a living company, by one way after another, with the command."""

    def __init__(self, clone: Checkout, zone: str) -> None:
        self.clone, self.zone = clone, zone
        self.desk = Desk(clone.folder, zone, [started("embedded")])
        self.sheets = clone.folder / "sheets"
        server = f"127.0.0.1:{started('embedded').port}"
        clone.environment |= {variables.NAMESERVERS: server, variables.SHEETS: str(self.sheets)}
        plugin = clone.folder / "plugin" / "__main__.py"
        head, mark, tail = plugin.read_text("utf-8").partition("from mailwright.deploy.plugin")
        plugin.write_text(head + KILLED + mark + tail, "utf-8")
        assert clone.pulumi("stack", "init", "t").returncode == 0

    def go_by(self, way: Way) -> None:
        """The spec names this way from now on."""
        text = SPEC.format(domain=self.zone.rstrip("."), host=way.entry, more="ttl: 3600\n")
        (self.clone.folder / "stacks" / "t.yaml").write_text(text, "utf-8")
        self.clone.environment |= way.environment

    def through(self, way: Way, day: str, allow: str = "") -> None:
        """Runs until nothing waits; by hand somebody enters what each sheet says."""
        for _ in range(6):
            self.sheets.unlink(missing_ok=True)
            self.clone.up(MAILWRIGHT_AS_OF=day, MAILWRIGHT_ALLOW=allow)
            if way.name != "manual" or not self.sheets.exists():
                return
            sheet = Sheet.of(json.loads(self.sheets.read_text("utf-8").splitlines()[-1]))
            if not sheet.pending:
                return
            carefully(self.desk, sheet.now)
        raise AssertionError("never through")


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_nothing_is_lost_between_two_ways(first: str, second: str, ready: Checkout) -> None:
    zone, made = ways()
    old, new = made[first](), made[second]()
    company = Company(ready, zone)
    old.world.put(zone, FOREIGN + BEFORE)
    company.go_by(old)
    company.through(old, DAY, CONSENT)
    (kept,) = (resource["outputs"] for resource in ready.resources())
    assert kept["retiring"] and kept["found"]
    copied(zone, old, new)
    standing = old.sets(zone)
    company.go_by(new)
    died = ready.pulumi("up", "--yes", "--skip-preview", TEST_DIES="1")
    assert died.returncode != 0, died.stdout
    for way in (old, new):
        way.require_mail(zone)
        assert way.sets(zone) == standing, "a handover writes nothing"
    company.through(new, DAY)
    assert (old.sets(zone), new.sets(zone)) == (standing, standing)
    (now,) = (resource["outputs"] for resource in ready.resources())
    assert (now["found"], now["retiring"]) == (kept["found"], kept["retiring"])
    company.through(new, LATER)
    new.require_mail(zone)
    assert new.world.texts(zone, "MX") == TENCENT
    assert old.sets(zone) == standing, "what was left is forgotten, and stands"


def test_route53_up_refresh_drift_repair_destroy(ready: Checkout) -> None:
    zone, made = ways()
    way = made["route53"]()
    way.world.put(zone, FOREIGN)
    before = way.sets(zone)
    company = Company(ready, zone)
    company.go_by(way)
    ready.up()
    deployed = way.sets(zone)
    assert way.world.texts(zone, "MX") == TENCENT and ready.unchanged() == 0
    way.world.drop(zone, "@", "MX", "5 mxbiz1.qq.com.")
    refreshed = ready.pulumi("refresh", "--yes", "--skip-preview")
    assert refreshed.returncode == 0, refreshed.stdout
    drift = ready.mailwright("drift", "stacks/t.yaml", "--as-of", DAY, "--format", "json")
    told = [each for each in json.loads(drift.stdout)["checks"] if each["rule"] == "engine-would-change"]
    assert [each["status"] for each in told] == ["fail"], drift.stdout + drift.stderr
    ready.up()
    assert way.sets(zone) == deployed and ready.unchanged() == 0
    assert ready.pulumi("destroy", "--yes").returncode != 0 and way.sets(zone) == deployed
    assert ready.pulumi("destroy", "--yes", MAILWRIGHT_ALLOW=DOWN).returncode == 0
    assert way.sets(zone) == before and way.world.texts(zone, "TXT") == FOREIGN_TXT
