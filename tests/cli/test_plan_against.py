"""``plan --against OLD``: what a pull request does to mail, without a network."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest

from tests.cli.test_commands import mailwright
from tests.conftest import ROOT

KEY = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC7vbqajDw4o6gJy8UtmIbkcpnkO3Kwc4qsEnSZp/TR+fQi62F79R"
    "HWmwKOtFmwteURgLbj7D/WGuNLGOfa/2vse3G2eHnHl5CB8ruRX9fBl/KgwCVr2JaEuUm66bBQeP5XeBotdR4cvX38"
    "uPYivCDdPjJ1QWPdspTBKcxeFbccDwIDAQAB"
)
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
    assert "10 mx.zoho.eu." in exchangers["after"] and "5 mxbiz1.qq.com." not in exchangers["after"]
    assert "10 mx.zoho.eu." not in exchangers["before"]
    assert {each["value"] for each in told["retiring"]} == {"include:spf.mail.qq.com"}
    flow = {each["address"].partition("@")[0]: (each["before"], each["after"]) for each in told["mail_flow"]}
    wang, li = "wang@acme-trade.com", "li@acme-trade.com"
    assert flow == {"sales": ([wang, li], [li]), "quote": ([], [wang]), "old": ([li], [])}
    words = "\n".join(told["in_words"])
    assert (
        "Mail to acme-trade.com arrived at 5 mxbiz1.qq.com., 10 mxbiz2.qq.com.; it will arrive at 10 mx.zo"
        in words
    )
    assert "may come through include:zoho.eu" in words
    assert "may not come through include:spf.mail.qq.com any more" in words
    (cost,) = told["spf"]
    assert cost["between"] == cost["before"] + cost["after"]
    assert {each["rule"] for each in told["needs_consent"]} == {
        "mx-changed",
        "spf-sender-dropped",
        "role-address-emptied",
    }


def test_the_forms_say_the_same(versions: Versions) -> None:
    shown = versions.run("markdown").stdout
    assert "| Before | After |" in shown and "mx-changed" in shown and "now it reaches nobody" in shown
    assert "\n\n- acme-trade.com. TXT include:spf.mail.qq.com stays until" in shown, (
        "a list needs a line before it"
    )
    assert "现在无人接收" in versions.run("table", "--lang", "zh").stdout
    assert f"::error file={versions.new},line=4" in versions.run("github").stdout
    assert versions.run("zone").returncode == 64


def test_consent_that_is_written_is_not_asked_for(versions: Versions) -> None:
    rules = ("mx-changed", "spf-sender-dropped", "role-address-emptied")
    lines = "".join(f"  - {{rule: {rule}, until: 2026-12-01, why: moving}}\n" for rule in rules)
    versions.new.write_text(NEW + "allow:\n" + lines)
    (told,) = json.loads(versions.run("json").stdout)
    assert told["needs_consent"] == []


def test_nothing_changes_and_a_domain_that_leaves(versions: Versions) -> None:
    versions.new.write_text(OLD + "# a comment\n")
    assert "Mail stays as it is." in versions.run("table").stdout
    versions.new.write_text(OLD.replace("acme-trade.com", "acme-europe.com"))
    told = {load["domain"]: load for load in json.loads(versions.run("json").stdout)}
    assert "no-mx-left" in {each["rule"] for each in told["acme-trade.com"]["needs_consent"]}
    assert told["acme-europe.com"]["needs_consent"] == []


def test_a_key_that_only_begins_to_leave_is_told(versions: Versions) -> None:
    versions.new.write_text(OLD)
    versions.old.write_text(OLD + f'signing: [{{selector: s1, public_key: "{KEY}"}}]\n')
    (told,) = json.loads(versions.run("json").stdout)
    assert told["records"] == [] and {each["rule"] for each in told["needs_consent"]} == {"selector-gone"}
    shown = versions.run("table").stdout
    assert "signing key s1._domainkey.acme-trade.com goes" in shown and "selector-gone" in shown
    assert KEY not in shown, "a long value is cut where it stands in a sentence"


def test_spf_is_counted_also_where_both_ends_cost_the_same(versions: Versions) -> None:
    zoho = OLD.replace("{service: tencent-exmail}", "{service: zoho-mail, site: eu, spf_include: zoho.eu}")
    versions.old.write_text(zoho)
    versions.new.write_text(zoho.replace("zoho.eu}", "zohomail.eu}"))
    (told,) = json.loads(versions.run("json").stdout)
    assert told["spf"] == [{"domain": "acme-trade.com", "before": 2, "between": 4, "after": 2}]


def test_domains_that_stay_are_named_in_one_line_and_new_ones_need_no_old_folder(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    for number in range(30):
        (new / f"n{number:02}.yaml").write_text(OLD.replace("acme-trade.com", f"acme{number:02}.com"))
    first = mailwright("plan", str(new), "--against", str(old), "--format", "markdown")
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("A domain that was not there before.") == 30
    for path in new.iterdir():
        (old / path.name).write_text(path.read_text())
    (new / "n07.yaml").write_text(
        OLD.replace("acme-trade.com", "acme07.com").replace("old: {to: li}", "x: {to: li}")
    )
    shown = mailwright("plan", str(new), "--against", str(old), "--format", "markdown").stdout
    assert shown.count("###") == 1 and "Mail stays as it is: acme00.com, acme01.com" in shown
    assert shown.rstrip().endswith("and 9 more.")


def test_a_version_with_errors_is_told(versions: Versions) -> None:
    versions.old.write_text("version: 1\ndomain: qq.com\n")
    done = versions.run("markdown")
    assert done.returncode == 1 and "free-mail-domain" in done.stderr


def test_two_folders_without_a_spec_are_no_review(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    for form in ("markdown", "github"):
        done = mailwright("plan", str(new), "--against", str(old), "--format", form)
        assert done.returncode == 64 and "no spec" in done.stderr
    (old / "a.yaml").write_text(OLD)
    gone = mailwright("plan", str(new), "--against", str(old), "--lang", "zh")
    assert gone.returncode == 0 and gone.stdout.startswith("acme-trade.com：") and "no-mx-left" in gone.stdout
    assert "不再有 DMARC 策略（原为 none）" in gone.stdout, gone.stdout
