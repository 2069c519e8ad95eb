"""``plan --against OLD``: what a pull request does to mail, without a network."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest

from tests.cli.test_commands import mailwright
from tests.conftest import ROOT

OLD = """\
version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
mail_host: {service: tencent-exmail}
dns_hosts: [{service: manual}]
contact: wang@acme-trade.com
people: {wang: {}, li: {}}
addresses: {info: {to: wang}, sales: {to: [wang, li], owner: wang}, old: {to: li}}
"""
NEW = (
    OLD.replace("{service: tencent-exmail}", "{service: zoho-mail, site: eu, spf_include: zoho.eu}")
    .replace("sales: {to: [wang, li], owner: wang}", "sales: {to: li}, quote: {to: wang}")
    .replace(", old: {to: li}", "")
)


class Versions:
    def __init__(self, folder: Path) -> None:
        self.old, self.new = folder / "old.yaml", folder / "new.yaml"
        self.old.write_text(OLD)
        self.new.write_text(NEW)

    def run(self, form: str, *more: str) -> subprocess.CompletedProcess[str]:
        words = ("plan", str(self.new), "--against", str(self.old), "--as-of", "2026-11-23")
        return mailwright(*words, "--format", form, *more)


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path)


def test_records_flow_budget_and_consent(versions: Versions) -> None:
    (told,) = json.loads(versions.run("json").stdout)
    jsonschema.validate([told], json.loads((ROOT / "schemas" / "review.schema.json").read_text()))
    exchangers = next(each for each in told["records"] if each["type"] == "MX")
    assert {"5 mxbiz1.qq.com.", "10 mx.zoho.eu."} <= set(exchangers["after"]), "nothing leaves at once"
    assert "10 mx.zoho.eu." not in exchangers["before"]
    assert {each["value"] for each in told["retiring"]} >= {"5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."}
    flow = {each["address"].partition("@")[0]: (each["before"], each["after"]) for each in told["mail_flow"]}
    wang, li = "wang@acme-trade.com", "li@acme-trade.com"
    assert flow == {"sales": ([wang, li], [li]), "quote": ([], [wang]), "old": ([li], [])}
    (cost,) = told["spf"]
    assert cost["between"] == cost["before"] + cost["after"]
    assert {each["rule"] for each in told["needs_consent"]} == {"mx-changed", "spf-sender-dropped"}


def test_the_forms_say_the_same(versions: Versions) -> None:
    shown = versions.run("markdown").stdout
    assert "| Before | After |" in shown and "mx-changed" in shown and "now it reaches nobody" in shown
    assert "\n\n- acme-trade.com. MX 5 mxbiz1.qq.com. stays until" in shown, "a list needs a line before it"
    assert "现在无人接收" in versions.run("table", "--lang", "zh").stdout
    assert f"::error file={versions.new},line=4" in versions.run("github").stdout
    assert versions.run("zone").returncode == 64


def test_consent_that_is_written_is_not_asked_for(versions: Versions) -> None:
    rules = ("mx-changed", "spf-sender-dropped")
    lines = "".join(f"  - {{rule: {each}, until: 2026-12-01, why: moving}}\n" for each in rules)
    versions.new.write_text(NEW + "allow:\n" + lines)
    (told,) = json.loads(versions.run("json").stdout)
    assert told["needs_consent"] == []


def test_nothing_changes_and_a_domain_that_leaves(versions: Versions) -> None:
    versions.new.write_text(OLD + "# a comment\n")
    assert "Mail stays as it is." in versions.run("table").stdout
    versions.new.write_text(OLD.replace("acme-trade.com", "acme-europe.com"))
    told = {each["domain"]: each for each in json.loads(versions.run("json").stdout)}
    assert "no-mx-left" in {each["rule"] for each in told["acme-trade.com"]["needs_consent"]}
    assert told["acme-europe.com"]["needs_consent"] == []


def test_a_version_with_errors_is_told(versions: Versions) -> None:
    versions.old.write_text("version: 1\ndomain: qq.com\n")
    done = versions.run("markdown")
    assert done.returncode == 1 and "free-mail-domain" in done.stderr
