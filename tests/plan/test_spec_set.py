"""What only a whole set of specs can say, and entries that silence nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from mailwright.operations.planning import Planned, planned
from tests.plan.specs import EXMAIL, HEAD

DAY = dt.date(2026, 11, 23)


def of(folder: Path, **specs: str) -> Planned:
    for name, text in specs.items():
        head = HEAD.replace("acme-trade.com", f"{name}-trade.com")
        (folder / f"{name}.yaml").write_text(head + EXMAIL + text)
    return planned([folder], DAY)


def said(made: Planned) -> list[str]:
    return [finding.rule for finding in made.findings if str(finding.severity) != "info"]


def test_reports_to_another_domain_of_the_set_are_let_in_there(tmp_path: Path) -> None:
    shop = "contact: wang@acme-trade.com\n"
    alone = of(tmp_path, shop=shop)
    assert said(alone) == ["external-report-unauthorised"]
    silent = of(tmp_path, acme="contact: wang@acme-trade.com\n")
    assert said(silent) == ["report-not-let-in"]
    (finding,) = [each for each in silent.findings if each.rule == "report-not-let-in"]
    assert "acme.yaml" in finding.message() and "reports_from: [shop-trade.com]" in finding.hint()
    let_in = of(tmp_path, acme="contact: wang@acme-trade.com\nreports_from: [shop-trade.com]\n")
    assert said(let_in) == []
    names = {record.name for _, plan in let_in.plans for record in plan.records}
    assert "shop-trade.com._report._dmarc.acme-trade.com." in names


def test_a_silence_that_names_no_rule_is_an_error_with_the_nearest_one(tmp_path: Path) -> None:
    made = of(
        tmp_path, acme="contact: a@acme-trade.com\nsilence: [{rule: dkim-rsa-under-2408, why: old device}]\n"
    )
    (finding,) = [each for each in made.findings if each.rule == "silence-unknown-rule"]
    assert str(finding.severity) == "error" and "dkim-rsa-under-2048" in finding.hint("zh")


def test_rules_of_living_checks_and_of_the_whole_set_can_be_silenced(tmp_path: Path) -> None:
    known = of(
        tmp_path,
        acme="contact: a@acme-trade.com\nsilence: [{rule: foreign-selector, why: 旧系统仍在用}]\n",
    )
    assert said(known) == []
    quiet = "contact: wang@acme-trade.com\nsilence: [{rule: report-not-let-in, why: 对方已同意}]\n"
    assert said(of(tmp_path, shop=quiet, acme="contact: wang@acme-trade.com\n")) == []


def test_an_error_cannot_be_silenced(tmp_path: Path) -> None:
    made = of(
        tmp_path, acme="contact: a@acme-trade.com\nsilence: [{rule: spf-lookups-over-limit, why: no}]\n"
    )
    known = of(tmp_path, acme="contact: a@acme-trade.com\nsilence: [{rule: dkim-pending, why: later}]\n")
    assert "silence-of-an-error" in said(made)
    assert said(known) == []
