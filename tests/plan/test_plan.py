"""Whole plans, written by hand from the gathered facts: one a service and variant."""

from __future__ import annotations

import pytest

from mailwright.model.finding import has_errors
from mailwright.model.rules import Severity
from tests.conftest import ROOT
from tests.plan.specs import CONTACT, DAY, EXMAIL, RSA_2048, all_planned, one, planned, rules, spec_of, zone

AT = "acme-trade.com."
DMARC = ("_dmarc." + AT, "TXT", "v=DMARC1; p=none; rua=mailto:wang@acme-trade.com")


def test_six_lines_of_exmail_are_a_whole_company() -> None:
    assert zone(planned(EXMAIL)) == {
        (AT, "MX", "5 mxbiz1.qq.com."),
        (AT, "MX", "10 mxbiz2.qq.com."),
        (AT, "TXT", "v=spf1 include:spf.mail.qq.com ~all"),
        DMARC,
    }


def test_google_has_one_exchanger() -> None:
    assert zone(planned("mail_host: {service: google-workspace}\n")) == {
        (AT, "MX", "1 smtp.google.com."),
        (AT, "TXT", "v=spf1 include:_spf.google.com ~all"),
        DMARC,
    }


def test_google_classic_has_the_five_and_not_the_one() -> None:
    assert zone(planned("mail_host: {service: google-workspace, site: classic}\n")) == {
        (AT, "MX", "1 aspmx.l.google.com."),
        (AT, "MX", "5 alt1.aspmx.l.google.com."),
        (AT, "MX", "5 alt2.aspmx.l.google.com."),
        (AT, "MX", "10 alt3.aspmx.l.google.com."),
        (AT, "MX", "10 alt4.aspmx.l.google.com."),
        (AT, "TXT", "v=spf1 include:_spf.google.com ~all"),
        DMARC,
    }


M365_DKIM = """
  dkim:
    - name: selector1._domainkey
      type: CNAME
      value: selector1-acmetrade-com0i._domainkey.acme.onmicrosoft.com
    - name: selector2._domainkey
      type: CNAME
      value: selector2-acmetrade-com0i._domainkey.acme.onmicrosoft.com
"""


def test_microsoft_takes_the_token_and_the_targets_as_given() -> None:
    plan = planned("mail_host:\n  service: microsoft-365\n  mx_token: acmetrade-com0i" + M365_DKIM)
    assert zone(plan) == {
        (AT, "MX", "0 acmetrade-com0i.mail.protection.outlook.com."),
        (AT, "TXT", "v=spf1 include:spf.protection.outlook.com ~all"),
        ("autodiscover." + AT, "CNAME", "autodiscover.outlook.com."),
        (
            "selector1._domainkey." + AT,
            "CNAME",
            "selector1-acmetrade-com0i._domainkey.acme.onmicrosoft.com.",
        ),
        (
            "selector2._domainkey." + AT,
            "CNAME",
            "selector2-acmetrade-com0i._domainkey.acme.onmicrosoft.com.",
        ),
        DMARC,
    }
    assert plan.findings == ()


def test_microsoft_with_dnssec_has_the_other_exchanger() -> None:
    plan = planned(
        "mail_host: {service: microsoft-365, site: world-dnssec, "
        "mx_token: acmetrade-com0i, mx_partition: j}\n"
    )
    assert (AT, "MX", "0 acmetrade-com0i.j-v1.mx.microsoft.") in zone(plan)
    assert len([each for each in zone(plan) if each[1] == "MX"]) == 1


def test_microsoft_in_china_asks_for_the_spf_include_and_has_no_world_names() -> None:
    plan = planned(
        "mail_host: {service: microsoft-365, site: china-21vianet, mx_token: acmetrade-com0i, "
        "spf_include: spf.protection.partner.outlook.cn}\n"
    )
    assert zone(plan) == {
        (AT, "MX", "0 acmetrade-com0i.mail.protection.partner.outlook.cn."),
        (AT, "TXT", "v=spf1 include:spf.protection.partner.outlook.cn ~all"),
        DMARC,
    }


def test_an_own_server_with_its_own_key() -> None:
    plan = planned(
        'mail_host: {service: self-hosted, mx: ["10 mail.acme-trade.com"], ip4: [203.0.113.25], '
        'ip6: ["2001:db8::25"]}\n'
        f"signing: [{{selector: s1, public_key: {RSA_2048}}}]\n"
    )
    assert zone(plan) == {
        (AT, "MX", "10 mail.acme-trade.com."),
        (AT, "TXT", "v=spf1 mx ip4:203.0.113.25 ip6:2001:db8::25 ~all"),
        ("s1._domainkey." + AT, "TXT", f"v=DKIM1; k=rsa; p={RSA_2048}"),
        DMARC,
    }
    assert plan.findings == ()


@pytest.mark.parametrize(
    "service",
    [
        "{service: tencent-exmail}",
        "{service: google-workspace}",
        "{service: google-workspace, site: classic}",
        "{service: microsoft-365, mx_token: acmetrade-com0i}",
        '{service: self-hosted, mx: ["10 mail.acme-trade.com"]}',
    ],
)
def test_the_six_line_form_is_clean_under_strict_and_says_where_dkim_is(service: str) -> None:
    plan = planned(f"mail_host: {service}\n")
    assert not has_errors(plan.findings, strict=True)
    pending = one(plan, "dkim-pending")
    assert pending.severity is Severity.INFO
    assert pending.params["where"]
    assert pending.position is not None and pending.position.line == 5


def test_the_example_of_the_project_is_clean_under_strict() -> None:
    from mailwright.plan.plan import plans
    from mailwright.spec import load

    result = load(ROOT / "stacks" / "example.yaml")
    assert result.spec is not None
    for plan in plans(result.spec, DAY):
        assert not has_errors(plan.findings, strict=True)


def test_every_record_says_why_in_both_languages_and_which_line_asked() -> None:
    for plan in all_planned(
        "mail_host:\n  service: microsoft-365\n  mx_token: acmetrade-com0i"
        + M365_DKIM
        + "senders: [{custom: form, ip4: [203.0.113.10], from: news@news.acme-trade.com}]\n"
        "verification: [{value: google-site-verification=abc}]\nparked: [acmetrade.net]\n"
    ):
        for record in plan.records:
            for lang in ("en", "zh"):
                said = record.why(lang)
                assert said and "{" not in said, record
            assert record.why("en") != record.why("zh")
            assert record.position is not None and record.position.line >= 5


def test_a_record_points_at_the_line_that_asked_for_it() -> None:
    plan = planned(EXMAIL + "verification:\n  - {value: google-site-verification=abc}\n")
    (token,) = [record for record in plan.records if "google-site" in record.values[0]]
    assert token.position is not None and token.position.line == 7


def test_names_are_absolute_and_the_ttl_is_an_hour_or_what_the_spec_says() -> None:
    for plan in all_planned(EXMAIL + "parked: [acmetrade.net]\n"):
        assert all(record.name.endswith(".") and record.ttl == 3600 for record in plan.records)
    for plan in all_planned(EXMAIL + "ttl: 600\nparked: [acmetrade.net]\n"):
        assert {record.ttl for record in plan.records} == {600}


def test_a_token_stands_beside_spf_as_a_family_of_its_own() -> None:
    plan = planned(EXMAIL + "verification: [{value: google-site-verification=abc}]\n")
    families = {str(record.family) for record in plan.records if (record.name, record.type) == (AT, "TXT")}
    assert families == {"spf", "token"}


def test_the_same_spec_plans_the_same_on_any_day() -> None:
    import datetime as dt

    from mailwright.plan.plan import plan

    spec = spec_of(EXMAIL + CONTACT)
    assert plan(spec, DAY).records == plan(spec, DAY + dt.timedelta(days=400)).records


def test_an_international_domain_is_planned_in_a_labels_and_spoken_of_in_its_own() -> None:
    head = "version: 1\ndomain: 例子.com\ntimezone: Asia/Shanghai\ndns_hosts: [{service: manual}]\n"
    from mailwright.plan.plan import plan

    made = plan(spec_of(EXMAIL + "contact: wang@例子.com\n", head=head), DAY)
    assert {record.name for record in made.records} == {"xn--fsqu00a.com.", "_dmarc.xn--fsqu00a.com."}
    assert any("例子.com" in record.why("zh") for record in made.records)
    assert rules(made) == []


# ── parked domains ──


def test_a_parked_domain_is_a_plan_of_its_own_and_main_authorises_its_reports() -> None:
    main, parked = all_planned(EXMAIL + "parked: [acmetrade.net]\n")
    assert parked.domain == "acmetrade.net"
    assert zone(parked) == {
        ("acmetrade.net.", "MX", "0 ."),
        ("acmetrade.net.", "TXT", "v=spf1 -all"),
        ("_dmarc.acmetrade.net.", "TXT", "v=DMARC1; p=reject; rua=mailto:wang@acme-trade.com"),
        ("*._domainkey.acmetrade.net.", "TXT", "v=DKIM1; p="),
    }
    assert ("acmetrade.net._report._dmarc.acme-trade.com.", "TXT", "v=DMARC1") in zone(main)
    assert rules(main) == []


def test_a_contact_below_the_domain_is_authorised_where_it_is() -> None:
    contact = "contact: wang@office.acme-trade.com\n"
    main, parked = all_planned(EXMAIL + "parked: [acmetrade.net]\n", contact=contact)
    assert ("acmetrade.net._report._dmarc.office.acme-trade.com.", "TXT", "v=DMARC1") in zone(main)
    policy = ("_dmarc.acmetrade.net.", "TXT", "v=DMARC1; p=reject; rua=mailto:wang@office.acme-trade.com")
    assert policy in zone(parked)


def test_parked_reports_are_not_sent_where_nobody_can_be_asked() -> None:
    main, parked = all_planned(EXMAIL + "parked: [acmetrade.net]\n", contact="contact: a@example.org\n")
    assert ("_dmarc.acmetrade.net.", "TXT", "v=DMARC1; p=reject") in zone(parked)
    assert not [each for each in zone(main) if "_report" in each[0] and "acmetrade" in each[0]]


def test_a_parked_name_below_the_domain_needs_no_authorisation() -> None:
    main, parked = all_planned(EXMAIL + "parked: [old.acme-trade.com]\n")
    assert not [each for each in zone(main) if "_report" in each[0]]
    assert (
        "_dmarc.old.acme-trade.com.",
        "TXT",
        "v=DMARC1; p=reject; rua=mailto:wang@acme-trade.com",
    ) in zone(parked)


# ── DMARC by stage ──


@pytest.mark.parametrize(
    ("stage", "policy"), [("watch", "none"), ("guard", "quarantine"), ("reject", "reject")]
)
def test_a_stage_is_a_policy(stage: str, policy: str) -> None:
    plan = planned(EXMAIL + f"dmarc: {{stage: {stage}}}\n")
    assert ("_dmarc." + AT, "TXT", f"v=DMARC1; p={policy}; rua=mailto:wang@acme-trade.com") in zone(plan)


def test_dmarc_has_no_tag_that_rfc_9989_removed() -> None:
    plan = planned(
        EXMAIL + "dmarc: {stage: reject, np: reject, adkim: s, rua: [a@acme-trade.com, b@acme-trade.com]}\n"
    )
    (policy,) = [value for name, _, value in zone(plan) if name == "_dmarc." + AT]
    assert policy == (
        "v=DMARC1; p=reject; np=reject; adkim=s; rua=mailto:a@acme-trade.com,mailto:b@acme-trade.com"
    )
