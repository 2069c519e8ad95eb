"""The large receivers' rules as dated data: what a plan keeps, breaks, and cannot show."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from mailwright.catalog.bulk import profiles
from mailwright.catalog.loading import FOLDER
from mailwright.model.checks import Status
from mailwright.plan.lint.bulk import held
from mailwright.report.formats.bulk import text
from tests.cli.test_commands import mailwright
from tests.plan.specs import EXMAIL, RSA_1024, RSA_2048, planned, rules

DKIM = "mail_host: {service: tencent-exmail, dkim: [{name: s1, value: 'v=DKIM1; k=rsa; p=%s'}]}\n"
MUCH = "senders: [{custom: shop, from: news@acme-trade.com, ip4: [203.0.113.7], volume_per_day: %d}]\n"


def status(spec: str, check: str, receiver: str = "google") -> Status:
    plan = planned(spec)
    (found,) = {
        each.status
        for each in held(plan.domain, plan.records)
        if each.profile.id == receiver and each.requirement.check == check and each.name == plan.domain
    }
    return found


def test_the_data_is_dated_in_both_languages_and_knows_only_checks_that_are_there() -> None:
    raw = yaml.safe_load((FOLDER / "bulk-sender-rules.yaml").read_text(encoding="utf-8"))["profiles"]
    assert {profile.id for profile in profiles()} == {"google", "yahoo", "microsoft", "laposte"}
    for each in profiles():
        assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", each.date) and each.source and raw[each.id]["c"] in "DR"
        for said in (each.names, each.counted, each.otherwise, *(r.text for r in each.requirements)):
            assert said.en and said.zh
    assert {profile.per_day for profile in profiles()} == {5000, None}


@pytest.mark.parametrize("receiver", ["google", "yahoo", "microsoft", "laposte"])
def test_what_dns_cannot_show_is_never_a_pass(receiver: str) -> None:
    assert status(DKIM % RSA_2048, "not-checkable", receiver) is Status.NOT_CHECKABLE


def test_an_unsigned_domain_keeps_the_rule_for_all_and_breaks_the_one_for_bulk() -> None:
    assert status(EXMAIL, "spf-or-dkim") is Status.PASS
    assert status(EXMAIL, "spf-and-dkim") is Status.FAIL
    assert status(EXMAIL, "dmarc") is Status.PASS
    assert status(EXMAIL, "aligned") is Status.NOT_CHECKABLE
    assert status(EXMAIL, "dkim-1024") is Status.NOT_CHECKABLE
    assert status(DKIM % RSA_2048, "spf-and-dkim") is Status.PASS
    assert status(DKIM % RSA_2048, "aligned") is Status.PASS
    assert status(DKIM % RSA_1024, "dkim-1024") is Status.PASS


def test_a_revoked_key_signs_nothing() -> None:
    assert status(DKIM % "", "spf-and-dkim") is Status.FAIL


def test_it_is_a_warning_only_where_the_spec_names_such_a_volume() -> None:
    rule = "bulk-sender-rule-unmet"
    assert rule not in rules(planned(EXMAIL))
    assert rule not in rules(planned(EXMAIL + MUCH % 4999))
    assert rules(planned(EXMAIL + MUCH % 5000)).count(rule) == 3  # one a receiver
    assert rule not in rules(planned(DKIM % RSA_2048 + MUCH % 5000))


def test_the_text_says_each_status_in_both_languages() -> None:
    plan = planned(EXMAIL)
    shown = held(plan.domain, plan.records)
    english, chinese = text(shown), text(shown, "zh")
    assert "Gmail requires of mail from @acme-trade.com" in english and "[not checkable]" in english
    assert "[NO] bulk: SPF and DKIM" in english and "[未满足]" in chinese and "[无法检查]" in chinese


def test_the_other_formats_carry_the_list_too() -> None:
    done = mailwright("check", "example", "--bulk-senders", "--format", "json", "--lang", "en")
    told = [load["message"] for load in json.loads(done.stdout) if load["rule"] == "bulk-sender-rules"]
    assert len(told) == len(profiles()) and "SPF and DKIM for the sending domain (NO)" in told[0]
    plain = mailwright("check", "example", "--format", "json")
    assert "bulk-sender-rules" not in plain.stdout
