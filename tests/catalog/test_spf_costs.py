"""What an SPF record costs at plan time is what a living look-up counts, and nothing that nobody measured."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailwright import catalog
from mailwright.model.families import Family
from mailwright.model.finding import Finding
from mailwright.model.rules import Severity
from mailwright.model.text import LANGS
from mailwright.plan.judging import snapshot_tree
from mailwright.plan.plan import plan
from mailwright.sandbox.nameserver import running
from mailwright.spec import parse
from tests.cli.test_commands import mailwright
from tests.plan.test_services import DAY, planned

#: The terms of the captured records that cost a look-up; addresses are left out.
SHAPES: dict[str, str] = yaml.safe_load(
    (Path(__file__).parent / "spf-shapes.yaml").read_text(encoding="utf-8")
)


def world() -> dict[str, str]:
    """A zone a top-level domain, with a record of each captured one's terms."""
    zones: dict[str, str] = {"example.": ""}
    for name, terms in SHAPES.items():
        head, _, top = name.rpartition(".")
        value = " ".join(filter(None, ("v=spf1", terms, "ip4:192.0.2.1 -all")))
        if "redirect=" in value:
            value = value.replace("ip4:192.0.2.1 -all", "").strip()
        text = f"{head} 300 TXT " + " ".join(f'"{part}"' for part in re.findall(".{1,200}", value)) + "\n"
        text += (
            f"{head} 300 A 192.0.2.1\n{head} 300 MX 10 {name}.\n" if re.search(r"\ba\b|\bmx\b", terms) else ""
        )
        zones[f"{top}."] = zones.get(f"{top}.", "") + text
    return zones


def spf_of(text: str) -> dict[str, int]:
    """What each planned SPF record costs by the catalog alone."""
    spec = parse(text.encode(), "t.yaml").spec
    assert spec is not None
    return {
        record.name.rstrip("."): snapshot_tree(record.name, record.values[0]).lookups
        for record in plan(spec, DAY).records
        if record.family is Family.SPF
    }


def living(path: Path, port: int) -> dict[str, int]:
    """What ``check --online`` counts, by sending name."""
    done = mailwright("check", str(path), "--online", "--resolver", f"127.0.0.1:{port}", "--format", "json",
                      "--lang", "en")  # fmt: skip
    told: list[dict[str, Any]] = json.loads(done.stdout)
    found = {}
    for each in told:
        match = re.match(r"The SPF record of (\S+) costs (\d+) of 10", each["message"])
        if each["rule"] == "spf-costs" and match:
            found[match[1]] = int(match[2])
    return found


def test_each_include_costs_what_a_living_look_up_counts(tmp_path: Path) -> None:
    """Every captured include, and every four neighbours together, each at a subdomain of its own."""
    names = [name for name in sorted(catalog.lookup_costs()) if name in SHAPES]
    assert len(names) >= 140
    groups = [[name] for name in names] + [names[n : n + 4] for n in range(0, len(names), 4)]
    senders = "".join(
        f"  - {{custom: s{n}, include: [{', '.join(group)}], from: a@s{n}.acme-trade.example}}\n"
        for n, group in enumerate(groups)
    )
    text = (
        "version: 1\ndomain: acme-trade.example\ntimezone: Asia/Shanghai\n"
        "mail_host: {service: yandex-360}\ndns_hosts: [{service: manual}]\n"
        f"contact: wang@acme-trade.example\nsenders:\n{senders}"
    )
    path = tmp_path / "acme.yaml"
    path.write_text(text)
    with running(world()) as server:
        counted = living(path, server.port)
    assert len(counted) == len(groups) + 1
    assert spf_of(text) == counted


def loud(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.rule for finding in findings if finding.severity is not Severity.INFO}


def test_four_senders_that_cost_fifteen_are_an_error() -> None:
    made = planned(
        {"service": "yandex-360"},
        {"service": "mailgun"},
        spf={"include": ["zohomail.com", "spf.titan.email"]},
    )
    (over,) = [finding for finding in made.findings if finding.rule == "spf-lookups-over-limit"]
    assert over.severity is Severity.ERROR and over.params["cost"] == 15
    assert "_spf.yandex.net 4" in over.message("en") and "15 次" in over.message("zh")


def test_google_and_exmail_cost_nine_and_are_clean() -> None:
    made = planned({"service": "google-workspace"}, spf={"include": ["spf.mail.qq.com"]})
    assert loud(made.findings) == set()
    (record,) = [each for each in made.records if each.family is Family.SPF]
    assert snapshot_tree(record.name, record.values[0]).lookups == 9


def test_an_unknown_include_is_a_warning_with_the_command_and_no_number() -> None:
    made = planned({"service": "google-workspace"}, spf={"include": ["spf.unheard-of.example"]})
    (finding,) = [each for each in made.findings if each.rule == "spf-cost-unknown"]
    assert finding.severity is Severity.WARNING
    for lang in LANGS:
        message = finding.message(lang) + finding.hint(lang)
        assert "include:spf.unheard-of.example" in message and "mailwright check --online" in message
        assert not re.search(r"(?<!10 )\b[02-9]\b", message.replace("10", ""))


def test_over_the_limit_with_an_unknown_one_is_at_least() -> None:
    made = planned({"service": "tencent-exmail"}, spf={"include": ["mailgun.org", "spf.unheard-of.example"]})
    (over,) = [finding for finding in made.findings if finding.rule == "spf-lookups-over-limit"]
    assert "at least 14" in over.message("en") and "至少 14" in over.message("zh")
    assert "include:spf.unheard-of.example ?" in over.message("en")


def old(day: dt.date, *terms: str) -> list[Finding]:
    """What is said of measurements that are too old to be relied on, for a company with these includes."""
    text = (
        "version: 1\ndomain: acme-trade.example\ntimezone: Asia/Shanghai\n"
        "mail_host: {service: google-workspace}\ndns_hosts: [{service: manual}]\n"
        f"contact: wang@acme-trade.example\nspf: {{include: [{', '.join(terms)}]}}\n"
    )
    spec = parse(text.encode(), "t.yaml").spec
    assert spec is not None
    return [finding for finding in plan(spec, day).findings if finding.rule == "spf-cost-old"]


def test_a_verdict_near_the_limit_says_how_old_its_measurements_are() -> None:
    """SPF costs are relied on for 90 days; on a later day the plan says which are older."""
    measured = catalog.spf_costs()["mailgun.org"].checked
    assert measured is not None
    names = ("mailgun.org", "sendgrid.net", "spf.mandrillapp.com")
    cost = sum(catalog.lookup_costs()[name] for name in ("_spf.google.com", *names))
    assert 8 <= cost <= 10
    assert old(measured + dt.timedelta(days=60), *names) == []
    (finding,) = old(measured + dt.timedelta(days=91), *names)
    assert finding.severity is Severity.INFO
    for lang in LANGS:
        assert f"include:mailgun.org 5 ({measured})" in finding.message(lang)
        assert "mailwright check --online" in finding.hint(lang)
    assert old(measured + dt.timedelta(days=91), "mailgun.org") == [], "far from the limit"


@pytest.mark.parametrize("host", ["tencent-exmail", "feishu"])
def test_a_mail_host_alone_is_clean_whatever_its_include_costs(host: str) -> None:
    assert loud(planned({"service": host}).findings) == set()
