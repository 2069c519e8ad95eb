"""People who enter what the sheet says, with all their slips: mail is never lost, and all gets there."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from tests.deploy.consoles import MANUAL, SPEC, ZONE, consoles
from tests.deploy.desk import SLIPS, Desk, Slip, carefully
from tests.deploy.worlds import FOREIGN, FOREIGN_TXT, TENCENT
from tests.servers.fixtures import started

#: Every slip at every server with MAILWRIGHT_MANY=1; else each slip at one of them, in turn.
_KINDS = ("knot", "bind")
_MANY = bool(os.environ.get("MAILWRIGHT_MANY"))
_WORLDS = [
    pytest.param(kind, name, id=f"{kind}-{name}", marks=getattr(pytest.mark, kind))
    for number, name in enumerate(SLIPS)
    for kind in (_KINDS if _MANY else (_KINDS[number % 2],))
]
_OLD = (
    '@ 300 MX 10 mail.old.example.\n@ 300 MX 20 backup.old.example.\n@ 300 TXT "v=spf1 ip4:192.0.2.1 -all"\n'
)
NEW = "v=spf1 include:spf.mail.qq.com ~all"
#: Runs until somebody who has become careful is through; what retires ends within so many quiet days.
PATIENCE, QUIET = 24, 4


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    server = started(request.param)
    zone = server.new_zone(FOREIGN + _OLD)
    spec = tmp_path / "stacks" / "acme.yaml"
    spec.parent.mkdir()
    spec.write_text(SPEC.format(domain=zone.rstrip("."), host=MANUAL, more=""), "utf-8")
    return Desk(tmp_path, zone, [server])


def through(desk: Desk, first: Slip, *, days: int = 1) -> int:
    """Enter with a slip, then carefully until nothing waits and nothing retires; how many runs that took."""
    day, work, quiet = dt.date(2026, 11, 23), first, 0
    for number in range(1, PATIENCE + 1):
        sheet = desk.sheet(day.isoformat())
        quiet = 0 if sheet.pending else quiet + 1
        if quiet == QUIET:
            return number
        work(desk, sheet.now)
        work = carefully
        day += dt.timedelta(days=days)
    raise AssertionError(f"not through after {PATIENCE} runs: {sheet}")


@pytest.mark.parametrize(("desk", "name"), _WORLDS, indirect=["desk"])
def test_no_slip_costs_mail_and_every_one_is_mended(desk: Desk, name: str) -> None:
    through(desk, SLIPS[name])
    (server, *_) = desk.servers
    assert {text.lower() for text in server.texts(desk.zone, "MX")} == TENCENT
    assert [each for each in server.joined(desk.zone) if "spf1" in each and each.startswith("v=")] == [NEW]
    policies = [each for each in server.joined("_dmarc." + desk.zone) if each.startswith("v=DMARC1;")]
    assert policies == [f"v=DMARC1; p=none; rua=mailto:wang@{desk.zone.rstrip('.')}"]
    if name != "edits_a_strangers_record":
        assert server.texts(desk.zone, "TXT") >= FOREIGN_TXT


def test_a_nameserver_that_lags_behind_costs_no_mail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = _OLD.replace(" 300 ", " 300 IN ")
    with consoles(tmp_path, capsys, old, old) as console:
        console.write()
        desk = Desk(tmp_path, ZONE, console.servers)
        first, second = (Desk(tmp_path, ZONE, [server]) for server in console.servers)
        entered = desk.sheet("2026-11-23").now
        carefully(first, entered)
        for day in ("2026-11-23", "2026-12-23"):
            waiting = desk.sheet(day)
            assert waiting.pending and len(waiting.doubts) == 3 and not waiting.entries
        carefully(second, entered)
        through(desk, carefully)
        assert all(server.texts(ZONE, "MX") == TENCENT for server in console.servers)


def test_there_are_thirty_kinds_of_slips() -> None:
    assert len(SLIPS) >= 30
