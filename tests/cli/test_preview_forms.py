"""``preview --format``: what would change in the living world, for CI and a pull request."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest

from tests.cli.test_commands import company, mailwright
from tests.conftest import ROOT
from tests.servers.base import FULL
from tests.servers.fixtures import started

SCHEMA = json.loads((ROOT / "schemas" / "preview.schema.json").read_text())


@pytest.mark.parametrize(
    "kind",
    ["embedded", pytest.param("knot", marks=pytest.mark.knot), pytest.param("bind", marks=pytest.mark.bind)],
)
def test_every_form_tells_the_change(tmp_path: Path, kind: str) -> None:
    server = started(kind)
    zone = server.new_zone('@ 3600 TXT "v=spf1 ip4:192.0.2.9 ~all"\n')
    spec = company(tmp_path, zone, server.port)
    words = ("preview", str(spec), "--engine", "embedded", "--as-of", "2026-11-23")

    def shown(form: str, code: int, *more: str) -> str:
        done = mailwright(*words, "--format", form, *more, cwd=tmp_path, MAILWRIGHT_TSIG_SECRET=FULL.secret)
        assert done.returncode == code, done.stdout + done.stderr
        assert FULL.secret not in done.stdout
        return done.stdout

    refused = json.loads(shown("json", 3))
    jsonschema.validate(refused, SCHEMA)
    assert refused["changes"] == [] and "spf-sender-dropped" in refused["problems"][0]
    assert "spf-sender-dropped" in shown("markdown", 3)
    assert "<failure" in shown("junit", 3)

    allowed = ("--allow", "spf-sender-dropped")
    told = json.loads(shown("json", 2, *allowed))
    jsonschema.validate(told, SCHEMA)
    (change,) = told["changes"]
    spf = next(each for each in change["records"] if each["type"] == "TXT" and each["name"] == zone)
    assert spf["before"] == ["v=spf1 ip4:192.0.2.9 ~all"]
    assert "ip4:192.0.2.9" in spf["after"][0] and "spf.mail.qq.com" in spf["after"][0]
    assert change["retiring"] and spf["line"] and "who may send" in spf["why"]
    assert "mxbiz1.qq.com" in shown("markdown", 2, *allowed)
    assert {each["ruleId"] for each in json.loads(shown("sarif", 2, *allowed))["runs"][0]["results"]} == {
        "engine-would-change"
    }
    assert len(ET.fromstring(shown("junit", 2, *allowed)).findall(".//failure")) == len(change["records"])
    assert shown("github", 2, *allowed).startswith("::warning title=engine-would-change::")
    assert server.texts(zone, "MX") == set(), "a preview writes nothing"


def test_nothing_would_change(tmp_path: Path) -> None:
    server = started("embedded")
    zone = server.new_zone()
    spec = company(tmp_path, zone, server.port)
    secret = {"MAILWRIGHT_TSIG_SECRET": FULL.secret}
    assert mailwright("up", str(spec), "--engine", "embedded", cwd=tmp_path, **secret).returncode == 0
    done = mailwright("preview", str(spec), "--format", "markdown", "--lang", "zh", cwd=tmp_path, **secret)
    assert done.returncode == 0 and done.stdout == "没有需要变更的内容。\n"
