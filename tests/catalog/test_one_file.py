"""A mail host is one YAML file: nothing else is touched for check, plan, trace and import to know it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

HOST = """\
kind: mail_host
names: {en: Nimbus Mail, zh: 云舟邮箱}
region: cn
sites:
  - id: default
    label: {en: Nimbus Mail, zh: 云舟邮箱}
    how_to_tell: {en: There is only one., zh: 只有一种。}
    mx:
      records: [{priority: 10, host: mx1.nimbus.example}, {priority: 20, host: mx2.nimbus.example}]
      c: D
      checked: '2026-11-30'
      source: docs
    spf: [{term: 'include:spf.nimbus.example', c: D, checked: '2026-11-30', source: docs}]
dkim:
  - {type: CNAME, host: nb1._domainkey, target: nb1.keys.nimbus.example, c: D, checked: '2026-11-30',
     source: docs}
spf_costs: {spf.nimbus.example: {lookups: 9, void: 0, c: D, checked: '2026-11-30', source: docs}}
capabilities:
  answers: {alias: api, group: api, shared: checklist, forward: unknown, catch_all: "no",
            rule_subject: checklist, rule_body: checklist, tag: checklist, notify: unknown,
            auto_reply: checklist, suspend: api, rule_header: unknown, rule_size: unknown,
            rule_attachments: unknown, archive: unknown, quota: unknown}
  c: D
  checked: '2026-11-30'
  source: docs
recognise: {mx: [.nimbus.example], spf: [spf.nimbus.example]}
sources: {docs: 'https://help.nimbus.example/dns'}
"""
SPEC = """\
version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
mail_host: {service: nimbus-mail}
dns_hosts: [{service: manual}]
contact: wang@acme-trade.com
people: {wang: {name: 老王}}
addresses: {info: {to: wang}, postmaster: {to: wang}, abuse: {to: wang}}
"""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MAILWRIGHT_CATALOG": str(folder / "services"), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "mailwright", *words],
        check=False,
        cwd=folder,
        env=environment,
        text=True,
        capture_output=True,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "nimbus-mail.yaml").write_text(HOST, encoding="utf-8")
    (tmp_path / "acme.yaml").write_text(SPEC, encoding="utf-8")
    return tmp_path


def test_check_plan_and_trace_know_it(folder: Path) -> None:
    checked = run(folder, "check", "acme.yaml", "--strict", "--lang", "en")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    zone = run(folder, "plan", "acme.yaml", "--format", "zone").stdout
    assert "mx1.nimbus.example." in zone and "nb1.keys.nimbus.example." in zone
    assert "include:spf.nimbus.example" in zone
    traced = run(folder, "trace", "acme.yaml", "--to", "info@acme-trade.com", "--lang", "en")
    assert traced.returncode == 0 and "wang@acme-trade.com" in traced.stdout


def test_its_cost_counts_and_its_capabilities_are_asked(folder: Path) -> None:
    more = SPEC + "spf: {include: [spf.titan.email]}\ncatch_all: {to: wang}\n"
    (folder / "acme.yaml").write_text(more, encoding="utf-8")
    checked = run(folder, "check", "acme.yaml", "--lang", "en")
    assert checked.returncode == 1
    assert "spf-lookups-over-limit" in checked.stdout and "13" in checked.stdout
    assert "Nimbus Mail" in checked.stdout and "catch-all" in checked.stdout


def test_catalog_and_import_know_it(folder: Path) -> None:
    assert "云舟邮箱" in run(folder, "catalog", "search", "云舟", "--lang", "zh").stdout
    shown = run(folder, "catalog", "show", "nimbus-mail", "--lang", "en").stdout
    assert "https://help.nimbus.example/dns" in shown and "costs 9 look-ups" in shown
    zone = run(folder, "plan", "acme.yaml", "--format", "zone").stdout
    (folder / "zone").write_text(zone, encoding="utf-8")
    process = run(folder, "import", "acme-trade.com", "--zone-file", "zone", "--lang", "en")
    assert "service: nimbus-mail" in process.stdout + process.stderr + "".join(
        path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml") if path.parent.name != "services"
    )


def test_what_the_file_lacks_is_told_in_words_by_every_command(folder: Path) -> None:
    path = folder / "services" / "nimbus-mail.yaml"
    path.write_text(HOST.replace("tag: checklist, ", ""), encoding="utf-8")
    for lang, words in (("en", "lacks `tag`: say apply, api"), ("zh", "缺少 `tag`：请写 apply、api")):
        checked = run(folder, "check", "acme.yaml", "--lang", lang)
        assert checked.returncode == 1 and words in checked.stdout + checked.stderr
        assert "Traceback" not in checked.stderr


def test_a_file_that_would_take_a_known_services_place_is_refused(folder: Path) -> None:
    (folder / "services" / "titan-email.yaml").write_text(HOST, encoding="utf-8")
    checked = run(folder, "check", "acme.yaml", "--lang", "en")
    assert checked.returncode == 1 and "both describe this service" in checked.stdout + checked.stderr
