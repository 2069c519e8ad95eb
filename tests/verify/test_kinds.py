"""verify and drift tell the same of every kind of server, in every form, by their exit codes."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest

from tests.cli.test_commands import mailwright
from tests.conftest import ROOT
from tests.servers.base import free_port
from tests.servers.fixtures import started
from tests.verify.test_verify import lines, plan_of, spec

FORMS = ("table", "json", "sarif", "junit", "markdown", "github")
#: What a form says hangs on the verdict, which these show of each kind of server.
ENOUGH = FORMS[:2]
KINDS = [
    "embedded",
    pytest.param("knot", marks=pytest.mark.knot),
    pytest.param("bind", marks=pytest.mark.bind),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", ["verify", "drift"])
def test_exit_codes_and_forms(tmp_path: Path, kind: str, command: str) -> None:
    server = started(kind)
    zone = server.new_zone()
    path = spec(tmp_path, zone.rstrip("."))
    server.put(zone, lines(plan_of(path)))
    more = ("--dns-only",) if command == "drift" else ()

    def said(form: str, port: int, deadline: str = "60s") -> tuple[int, str]:
        words = (
            command,
            str(path),
            *more,
            "--deadline",
            deadline,
            "--nameserver",
            f"127.0.0.1:{port}",
            "--format",
            form,
        )
        done = mailwright(*words, cwd=tmp_path)
        return done.returncode, done.stdout

    assert said("table", server.port)[0] == 0
    server.drop(zone, "@", "MX", "5 mxbiz1.qq.com.")
    told = {}
    for form in FORMS if kind == "embedded" else ENOUGH:
        code, told[form] = said(form, server.port)
        assert code == 2 and "mxbiz1.qq.com." in told[form], (form, told[form])
    schema = json.loads((ROOT / "schemas" / f"{command}.schema.json").read_text())
    jsonschema.validate(json.loads(told["json"]), schema)
    if kind == "embedded":
        assert json.loads(told["sarif"])["version"] == "2.1.0"
        assert len(ET.fromstring(told["junit"]).findall(".//failure")) == 1
        assert said("table", free_port(), "3s")[0] == 1
