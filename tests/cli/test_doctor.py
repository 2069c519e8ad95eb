"""``doctor SPEC``: whether each DNS host lets us in, tried on every server."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from mailwright.cli.doctor import doctor
from tests.deploy.worlds import SPEC
from tests.servers.base import FORGED, FULL, DnsServer, free_port
from tests.servers.fixtures import *  # noqa: F403


def _spec(folder: Path, zone: str, port: int) -> str:
    path = folder / "t.yaml"
    text = SPEC.format(domain=zone.rstrip("."), service="tencent-exmail", port=port, key=FULL.name, more="")
    path.write_text(text)
    return str(path)


def test_a_key_that_is_taken_and_one_that_is_not(
    server: DnsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = _spec(tmp_path, server.new_zone(), server.port)
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    good = CliRunner().invoke(doctor, [spec, "--lang", "en"], standalone_mode=False)
    assert (good.return_value, "✓ reached; the key is taken" in good.output) == (0, True)
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FORGED.secret)
    bad = CliRunner().invoke(doctor, [spec, "--lang", "en"], standalone_mode=False)
    assert bad.return_value == 1
    assert "✗" in bad.output
    assert FORGED.secret not in bad.output


def test_a_server_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    spec = _spec(tmp_path, "acme-trade.com.", free_port())
    done = CliRunner().invoke(doctor, [spec, "--lang", "zh"], standalone_mode=False)
    assert done.return_value == 1
    assert "连接被拒绝" in done.output
