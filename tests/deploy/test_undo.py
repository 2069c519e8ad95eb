"""Back to what the first ``up`` found: through the gate, adding first, and the stack lets go at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mailwright.cli import main
from mailwright.deploy.tokens import DNS_RECORDS
from tests.conftest import ROOT
from tests.deploy.worlds import FOREIGN, FOREIGN_TXT, SPEC, TENCENT
from tests.servers.base import FULL, DnsServer
from tests.servers.fixtures import started

BEFORE = """\
@ 3600 MX 1 smtp.google.com.
@ 300 TXT "v=spf1 include:_spf.google.com ip4:203.0.113.7 ~all"
_dmarc 3600 TXT "v=DMARC1; p=none; rua=mailto:old@example.net"
mail._domainkey 3600 TXT "v=DKIM1; k=rsa; p="
"""
MOVE = ("--allow", "mx-changed", "--allow", "spf-sender-dropped")
#: Ends as if killed when the state would be written for the first time after the server has the change.
KILLED = """
import os, sys
from mailwright.cli import main
from mailwright.deploy.embedded.statefile import StateFile
StateFile.save = lambda self: os._exit(9)
main(sys.argv[1:])
"""


class Firm:
    """A living domain, its spec, and the command line in its folder."""

    def __init__(self, folder: Path, server: DnsServer, before: str) -> None:
        self.zone = server.new_zone(FOREIGN + before)
        self.server, self.folder = server, folder
        self.path = folder / "firm.yaml"
        domain = self.zone.rstrip(".")
        self.path.write_text(
            SPEC.format(
                domain=domain, service="tencent-exmail", port=server.port, key=FULL.name, more="ttl: 3600\n"
            )
        )

    def run(self, command: str, *words: str, day: str = "2026-11-23") -> int:
        return main([command, str(self.path), "--engine", "embedded", "--as-of", day, "--lang", "en", *words])

    def world(self) -> dict[str, tuple[int | None, frozenset[str]]]:
        pairs = ((self.zone, "MX"), (self.zone, "TXT"), (f"_dmarc.{self.zone}", "TXT"), (self.zone, "A"))
        return {f"{n} {t}": (self.server.ttl(n, t), frozenset(self.server.texts(n, t))) for n, t in pairs}

    @property
    def resources(self) -> list[dict[str, Any]]:
        state = json.loads((self.folder / ".mailwright" / "state" / "firm.json").read_text())
        made: list[dict[str, Any]] = state["deployment"]["resources"]
        return made


@pytest.fixture(params=["embedded", pytest.param("knot", marks=pytest.mark.knot)])
def firm(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Firm:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILWRIGHT_AS_OF")
    return Firm(tmp_path, started(request.param), BEFORE)


def test_undo_brings_back_what_was_found(firm: Firm, capsys: pytest.CaptureFixture[str]) -> None:
    first = firm.world()
    assert firm.run("up", *MOVE) == 0
    assert firm.run("up", day="2026-11-26") == 0
    assert firm.world()[f"{firm.zone} MX"][1] == TENCENT
    moved = firm.world()

    assert firm.run("undo", "--preview", *MOVE, day="2026-11-27") == 2
    assert "`mailwright undo` does it" in capsys.readouterr().out
    assert firm.run("undo", day="2026-11-27") == 3
    assert "mx-changed" in capsys.readouterr().err
    assert firm.world() == moved

    assert firm.run("undo", *MOVE, day="2026-11-27") == 0
    assert "The spec still asks for the other records" in capsys.readouterr().out
    assert firm.world()[f"{firm.zone} MX"][1] == {"1 smtp.google.com."}, "between mail hosts at once"
    assert any("spf.mail.qq.com" in each for each in firm.world()[f"{firm.zone} TXT"][1])
    assert firm.run("undo", day="2026-11-30") == 0
    assert firm.world() == first
    assert firm.run("undo", "--preview", day="2026-11-30") == 0
    # Forward again is an update like any other.
    assert firm.run("up", *MOVE, day="2026-12-01") == 0
    assert firm.run("up", day="2026-12-04") == 0
    assert firm.world() == moved


def test_destroy_as_before_lets_go_when_nothing_retires_any_more(
    firm: Firm, capsys: pytest.CaptureFixture[str]
) -> None:
    first = firm.world()
    assert firm.run("up", *MOVE) == 0
    assert firm.run("up", day="2026-11-26") == 0
    assert firm.run("destroy", day="2026-11-27") == 3
    assert "destroy --as-before" in capsys.readouterr().err
    assert firm.run("destroy", "--as-before", *MOVE, day="2026-11-27") == 0
    assert "2026-11-29" in capsys.readouterr().out
    assert any("spf.mail.qq.com" in each for each in firm.world()[f"{firm.zone} TXT"][1])
    assert any("found" in (resource.get("outputs") or {}) for resource in firm.resources)
    assert firm.run("destroy", "--as-before", day="2026-11-29") == 0
    assert firm.world() == first
    assert not firm.resources
    # What the stack let go is somebody else's: a destroy takes nothing away.
    assert firm.run("destroy", "--allow", "no-mx-left", day="2026-11-30") == 0
    assert firm.world() == first


def test_right_after_the_first_up_old_and_new_change_places(firm: Firm) -> None:
    first = firm.world()
    assert firm.run("up", *MOVE) == 0
    assert firm.run("undo", *MOVE) == 0
    assert "1 smtp.google.com." in firm.world()[f"{firm.zone} MX"][1]
    assert firm.run("undo", day="2026-11-26") == 0
    assert firm.world() == first


def test_where_nothing_was_undo_takes_away_through_the_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], embedded: DnsServer
) -> None:
    monkeypatch.chdir(tmp_path)
    firm = Firm(tmp_path, embedded, "")
    first = firm.world()
    assert firm.run("undo") == 1
    assert "has no state here" in capsys.readouterr().err
    assert firm.run("up") == 0
    assert any(resource["type"] == DNS_RECORDS for resource in firm.resources)
    assert firm.run("undo") == 3
    assert firm.world()[f"{firm.zone} MX"][1] == TENCENT
    assert firm.run("undo", "--allow", "no-mx-left", "--allow", "spf-gone", "--allow", "dmarc-weakened") == 0
    assert firm.world() == first
    assert not any(resource["type"] == DNS_RECORDS for resource in firm.resources)


def test_two_spf_records_and_a_broken_one_come_back_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded: DnsServer
) -> None:
    monkeypatch.chdir(tmp_path)
    firm = Firm(
        tmp_path, embedded, '@ 300 TXT "v=spf1 ip4:203.0.113.7 ~all"\n@ 300 TXT "v=spf1 ip4:bogus -all"\n'
    )
    first = firm.world()
    assert firm.run("up", *MOVE) == 0
    assert firm.world() != first
    consent = ("--allow", "no-mx-left", "--allow", "dmarc-weakened")
    assert firm.run("undo", *MOVE, *consent) == 0
    assert firm.world()[f"{firm.zone} TXT"] == first[f"{firm.zone} TXT"]
    assert firm.run("undo", *consent, day="2026-11-26") == 0
    assert firm.world() == first


def test_what_is_taken_over_later_is_kept_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded: DnsServer
) -> None:
    """A verification token that somebody else had written, adopted by a later line of the spec."""
    monkeypatch.chdir(tmp_path)
    firm = Firm(tmp_path, embedded, BEFORE)
    assert firm.run("up", *MOVE) == 0
    firm.path.write_text(
        firm.path.read_text() + "verification: [{name: '@', value: google-site-verification=somebody}]\n"
    )
    code = firm.run("up", *MOVE)
    assert code == 0
    assert firm.run("undo", *MOVE) == 0
    assert firm.world()[f"{firm.zone} TXT"][1] > FOREIGN_TXT


def test_a_state_that_kept_nothing_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], embedded: DnsServer
) -> None:
    monkeypatch.chdir(tmp_path)
    firm = Firm(tmp_path, embedded, BEFORE)
    assert firm.run("up", *MOVE) == 0
    file = tmp_path / ".mailwright" / "state" / "firm.json"
    body = json.loads(file.read_text())
    for each in body["deployment"]["resources"]:
        each.get("outputs", {}).pop("found", None)
    file.write_text(json.dumps(body))
    before = firm.world()
    assert firm.run("up", day="2026-11-24") == 0
    assert firm.run("undo", *MOVE) == 1
    assert "nobody kept" in capsys.readouterr().err
    assert firm.world() == before


def test_a_killed_first_up_loses_nothing_of_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded: DnsServer
) -> None:
    """The process ends after the server has the change and before the state has: `undo` still knows."""
    monkeypatch.chdir(tmp_path)
    firm = Firm(tmp_path, embedded, BEFORE)
    first = firm.world()
    words = ["up", str(firm.path), "--engine", "embedded", "--as-of", "2026-11-23", *MOVE]
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, *words], check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert ended.returncode == 9
    assert firm.world() != first
    assert firm.run("up", *MOVE) == 0
    assert not list((tmp_path / ".mailwright" / "state").glob("*.found"))
    assert firm.run("up", day="2026-11-26") == 0
    assert firm.run("undo", *MOVE, day="2026-11-27") == 0
    assert firm.run("undo", day="2026-11-30") == 0
    assert firm.world() == first


def test_a_state_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], embedded: DnsServer
) -> None:
    monkeypatch.chdir(tmp_path)
    firm = Firm(tmp_path, embedded, BEFORE)
    assert firm.run("up", *MOVE) == 0
    before = firm.world()
    file = tmp_path / ".mailwright" / "state" / "firm.json"
    for text in ("{", file.read_text().replace('"applied": {', '"applied": {"x TXT": "hidden", ')):
        file.write_text(text)
        assert firm.run("undo", *MOVE) == 1
        assert "cannot be read" in capsys.readouterr().err
    assert firm.world() == before
