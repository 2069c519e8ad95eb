"""What a stack says of itself: its records, what retires, what is due."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailwright.deploy import program
from tests.deploy.worlds import Project
from tests.servers.base import DnsServer


@pytest.fixture
def project(tmp_path: Path, embedded: DnsServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILWRIGHT_LANG", "en")
    return Project(tmp_path, embedded, monkeypatch)


def _outputs(project: Project) -> dict[str, Any]:
    resources = json.loads(project.state.read_text())["deployment"]["resources"]
    (stack,) = [resource for resource in resources if resource["type"] == "pulumi:pulumi:Stack"]
    return dict(stack["outputs"])


def test_records_what_retires_and_what_is_due(project: Project) -> None:
    zone = project.server.new_zone()
    domain = zone.rstrip(".")
    rules = ("mx-changed", "spf-sender-dropped")
    consent = f"allow: [{', '.join(f'{{rule: {rule}, until: 2026-12-03, why: x}}' for rule in rules)}]\n"
    spec = project.write(zone)
    project.up(spec)
    outputs = _outputs(project)
    assert outputs["domains"] == [domain]
    assert outputs["records"][domain][f"{zone} MX"] == ["10 mxbiz2.qq.com.", "5 mxbiz1.qq.com."]
    assert "retiring" not in outputs and "due" not in outputs

    project.write(zone, "google-workspace", consent)
    project.up(spec)
    outputs = _outputs(project)
    assert outputs["records"][domain][f"{zone} MX"] == ["1 smtp.google.com."]
    (line,) = outputs["retiring"][domain]
    assert line.startswith("2026-11-") and line.endswith(f"{zone} TXT include:spf.mail.qq.com")
    assert [line[:10] for line in outputs["due"][domain]] == ["2026-12-04"] * 2, "the consents have run out"


def test_of_many_domains_only_their_names(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "READABLE", 1)
    zones = [project.server.new_zone() for _ in range(2)]
    project.up(*map(project.write, zones))
    assert _outputs(project) == {"domains": sorted(zone.rstrip(".") for zone in zones)}
