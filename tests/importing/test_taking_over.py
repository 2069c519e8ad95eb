"""The whole way through the command line: import, verify, and an ``up`` that writes nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailwright.cli import main
from mailwright.model.finding import has_errors
from mailwright.spec import load
from tests.importing.worlds import NAMES, expected, records
from tests.servers.base import ADDRESS, FULL, DnsServer
from tests.servers.fixtures import started

SELECTORS = ("aaaa1111", "bbbb2222", "cccc3333", "20240101pm")
ASKED = tuple(word for each in SELECTORS for word in ("--selector", each))
#: A plain one, several senders, broken policy, two hosts, many TTLs, a sender's CNAMEs.
ADOPTED = (
    "exmail-dkim",
    "three-senders",
    "messy-two-spf",
    "messy-two-hosts",
    "messy-many-ttls",
    "m365-new-dkim-form",
)
SERVERS = ["embedded", pytest.param("knot", marks=pytest.mark.knot)]


def _imported(server: DnsServer, name: str, folder: Path, *words: str) -> tuple[str, Path]:
    zone = server.new_zone()
    server.put(zone, records(name, zone.rstrip(".")))
    path = folder / f"{name}.yaml"
    ns = f"ns1={ADDRESS}:{server.port}"
    given = ("--nameserver", ns, "-o", str(path), *(words or ASKED))
    assert main(["import", zone.rstrip("."), *given]) == 0, name
    return zone, path


@pytest.mark.slow
@pytest.mark.parametrize("kind", SERVERS)
def test_every_zone_is_imported_and_verifies_as_planned(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = started(kind)
    for name in NAMES:
        zone, path = _imported(server, name, tmp_path)
        read = load(path)
        assert read.spec is not None, name
        assert not has_errors(read.findings), name
        capsys.readouterr()
        asked = ("--nameserver", f"ns1={ADDRESS}:{server.port}", "--format", "json")
        code = main(["verify", str(path), *asked])
        assert code == 0, (name, capsys.readouterr().out)
        foreign = [part for part in expected(name).get("foreign", "").split(",") if part]
        text = path.read_text(encoding="utf-8")
        assert all(each in text for each in foreign), (name, zone)


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize("name", ADOPTED)
def test_up_adopts_and_writes_nothing(
    kind: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not one UPDATE reaches the server: its serial stands."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    server = started(kind)
    zone, path = _imported(server, name, tmp_path)
    host = f"{{service: rfc2136, server: {ADDRESS}, port: {server.port}, key_name: {FULL.name}}}"
    path.write_text(re.sub(r"(?m)^dns_hosts:.*$", f"dns_hosts: [{host}]", path.read_text()))
    before = server.texts(zone, "SOA")
    assert main(["up", str(path), "--engine", "embedded", "--lang", "en"]) == 0
    assert server.texts(zone, "SOA") == before
    assert main(["preview", str(path), "--engine", "embedded", "--lang", "en"]) == 0
    capsys.readouterr()
    assert main(["up", str(path), "--engine", "embedded", "--lang", "en"]) == 0
    assert "Nothing to change." in capsys.readouterr().out
    assert server.texts(zone, "SOA") == before


@pytest.mark.parametrize("kind", SERVERS)
def test_a_transfer_with_a_key_needs_no_selector(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    server = started(kind)
    _, path = _imported(server, "messy-many-tokens", tmp_path, "--axfr", "--key-name", FULL.name)
    _, other = _imported(server, "exmail-dkim", tmp_path, "--axfr", "--key-name", FULL.name)
    for each in (path, other):
        assert load(each).spec is not None
    assert "_domainkey" in other.read_text()


def test_a_transfer_that_is_refused_is_told(
    embedded: DnsServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    zone = embedded.new_zone().rstrip(".")
    asked = ("--nameserver", f"{ADDRESS}:{embedded.port}", "--axfr")
    assert main(["import", zone, *asked, "--key-name", "nobody"]) == 64
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    assert main(["import", zone, *asked, "--key-name", "nobody"]) == 1
    assert "does not transfer" in capsys.readouterr().err
