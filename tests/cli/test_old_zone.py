"""Before the nameservers change: what the old zone had beside the plan has to be at the new DNS host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mailwright.cli import main
from tests.servers.base import FULL, DnsServer
from tests.servers.fixtures import started

SPEC = """\
version: 1
domain: {domain}
timezone: UTC
mail_host: {{service: fastmail}}
dns_hosts:
  - {{service: rfc2136, server: 127.0.0.1, port: {port}, key_name: {tsig}}}
contact: wang@{domain}
"""
OLD = """\
$ORIGIN {zone}
@ 3600 IN SOA ns1.old.example. hostmaster.old.example. 7 3600 600 86400 300
@ 3600 IN NS ns1.old.example.
@ 3600 IN MX 10 in1-smtp.messagingengine.com.
@ 3600 IN A 192.0.2.80
@ 3600 IN TXT "google-site-verification=abc"
@ 3600 IN TXT "v=spf1 include:spf.messagingengine.com ~all"
blog 3600 IN CNAME shop.example.net.
shop 3600 IN A 192.0.2.81
branch 3600 IN NS ns1.branch.example.
"""


class Move:
    """A domain whose records are at the new DNS host already, and the old one's export."""

    def __init__(self, folder: Path, server: DnsServer, capsys: pytest.CaptureFixture[str]) -> None:
        self.server, self.zone, self.capsys = server, server.new_zone(), capsys
        self.spec, self.file = folder / "acme.yaml", folder / "old.zone"
        self.spec.write_text(SPEC.format(domain=self.zone.rstrip("."), port=server.port, tsig=FULL.name))
        self.file.write_text(OLD.format(zone=self.zone))

    def verify(self, *words: str) -> tuple[int, dict[str, list[str]]]:
        self.capsys.readouterr()
        asked = ["--nameserver", f"new=127.0.0.1:{self.server.port}", "--old-zone", str(self.file)]
        code = main(["verify", str(self.spec), *(words or asked), "--format", "json", "--lang", "en"])
        made = json.loads(self.capsys.readouterr().out or "{}")
        said: dict[str, list[str]] = {}
        for check in made.get("checks", ()):
            if check["rule"].startswith("old-zone"):
                said.setdefault(check["rule"], []).append(f"{check['name']} {check['type']}".strip())
        return code, said


@pytest.fixture(params=["embedded", pytest.param("knot", marks=pytest.mark.knot)])
def move(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Move:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    made = Move(tmp_path, started(request.param), capsys)
    assert main(["up", str(made.spec), "--engine", "embedded", "--lang", "en"]) == 0
    return made


def test_every_record_that_is_forgotten_is_told(move: Move) -> None:
    zone = move.zone
    code, said = move.verify()
    assert code == 2
    assert set(said["old-zone-record-missing"]) == {f"blog.{zone} CNAME", f"shop.{zone} A", f"{zone} A"}
    assert said["old-zone-record-differs"] == [f"{zone} TXT"], "the token; SPF is the plan's"
    move.server.put(zone, "@ 3600 A 192.0.2.80\nshop 3600 A 192.0.2.99\nblog 3600 CNAME shop.example.net.\n")
    move.server.put(zone, '@ 3600 TXT "google-site-verification=abc"\n')
    code, said = move.verify()
    assert code == 2 and said["old-zone-record-differs"] == [f"shop.{zone} A"]
    move.server.put(zone, "shop 3600 A 192.0.2.81\n")
    assert move.verify()[1]["old-zone-record-differs"] == [f"shop.{zone} A"], "the wrong one is still there"
    move.file.write_text(move.file.read_text() + "shop 3600 IN A 192.0.2.99\n")
    code, said = move.verify()
    assert "old-zone-record-differs" not in said and said["old-zone-served"] == [zone]
    assert said["old-zone-not-compared"] == [zone], "the delegation is for a person to look at"


def test_it_wants_the_new_servers_by_name(move: Move) -> None:
    assert move.verify("--old-zone", str(move.file))[0] == 64


def test_a_new_host_that_is_silent_is_no_success(move: Move) -> None:
    code, said = move.verify(
        "--old-zone", str(move.file), "--nameserver", "new=127.0.0.1:9", "--deadline", "3s"
    )
    assert code == 1 and "old-zone-served" not in said
