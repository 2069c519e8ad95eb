"""From one way to a zone to another: nothing is written, nothing forgotten, the old way is only dropped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mailwright.cli import main
from tests.deploy.test_any_host import SPEC
from tests.deploy.test_undo import BEFORE, MOVE
from tests.deploy.worlds import FOREIGN, TENCENT
from tests.hosts.worlds import PowerDnsHttp
from tests.servers.base import FULL
from tests.servers.fixtures import started
from tests.servers.powerdns import API_KEY, PowerDns

pytestmark = pytest.mark.powerdns
DAY, LATER = "2026-11-23", "2026-11-26"


class Ways:
    """One PowerDNS, reached by RFC 2136 or by its API."""

    def __init__(self, folder: Path) -> None:
        server = started("powerdns")
        assert isinstance(server, PowerDns)
        self.server, self.api = server, PowerDnsHttp(server)
        self.folder = folder
        (folder / "stacks").mkdir()
        self.hosts = {
            "rfc2136": f"{{service: rfc2136, server: 127.0.0.1, port: {server.port}, key_name: {FULL.name}}}",
            "powerdns": f'{{service: powerdns, base_url: "{self.api.address}"}}',
        }

    def write(self, zone: str, way: str) -> None:
        text = SPEC.format(domain=zone.rstrip("."), hosts=self.hosts[way], more="ttl: 3600\n")
        (self.folder / "stacks" / "firm.yaml").write_text(text, "utf-8")

    def run(self, command: str, *words: str, day: str = DAY) -> int:
        return main([command, "stacks", "--engine", "embedded", "--as-of", day, "--lang", "en", *words])

    def outputs(self) -> dict[str, Any]:
        body = json.loads((self.folder / ".mailwright" / "state" / "stacks.json").read_text("utf-8"))
        (found,) = (e for e in body["deployment"]["resources"] if e["type"].endswith(":DnsRecords"))
        outputs: dict[str, Any] = found["outputs"]
        return outputs

    def zone_file(self, zone: str) -> dict[str, set[str]]:
        names = ((zone, "MX"), (zone, "TXT"), (f"_dmarc.{zone}", "TXT"), (zone, "A"))
        return {f"{name} {type}": self.server.texts(name, type) for name, type in names}


@pytest.mark.parametrize("first", ["rfc2136", "powerdns"])
def test_the_state_goes_along_and_undo_still_knows_what_was_there(
    first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILWRIGHT_AS_OF")
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    monkeypatch.setenv("MAILWRIGHT_POWERDNS_API_KEY", API_KEY)
    ways = Ways(tmp_path)
    second = next(host for host in ways.hosts if host != first)
    zone = ways.server.new_zone(FOREIGN + BEFORE)
    before = ways.zone_file(zone)
    ways.write(zone, first)
    assert ways.run("up", *MOVE) == 0, capsys.readouterr().err
    standing, kept = ways.zone_file(zone), ways.outputs()
    ways.write(zone, second)
    assert ways.run("up") == 0, capsys.readouterr().err
    assert ways.zone_file(zone) == standing, "a handover writes nothing"
    now = ways.outputs()
    assert (now["found"], now["retiring"]) == (kept["found"], kept["retiring"])
    assert ways.run("preview") == 0
    assert ways.run("up", day=LATER) == 0 and ways.server.texts(zone, "MX") == TENCENT
    assert ways.run("undo", *MOVE, day="2026-11-27") == 0, capsys.readouterr().err
    assert ways.run("undo", day="2026-11-30") == 0, capsys.readouterr().err
    assert ways.zone_file(zone) == before
