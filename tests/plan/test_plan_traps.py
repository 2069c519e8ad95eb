"""Slips that would lose mail without a word, each with the message it gets instead."""

from __future__ import annotations

import re

import pytest

from mailwright.model.rules import Severity
from mailwright.plan.plan import plan
from tests.plan.specs import (
    CONTACT,
    DAY,
    ED25519,
    EXMAIL,
    RSA_1024,
    RSA_2048,
    all_planned,
    one,
    planned,
    rules,
    spec_of,
    zone,
)

AT = "acme-trade.com."
M365 = "mail_host: {service: microsoft-365, mx_token: acmetrade-com0i}\n"
OWN = 'mail_host: {service: self-hosted, mx: ["10 mail.acme-trade.com"]}\n'


def spf_of(text: str, name: str = AT) -> str:
    (value,) = [each[2] for each in zone(planned(text)) if each[0] == name and each[2].startswith("v=spf1")]
    return value


# ── one SPF record, one budget (RFC 7208) ──


def test_everything_that_sends_is_merged_into_one_record_and_the_company_ends_it() -> None:
    senders = "senders: [{custom: form, ip4: [203.0.113.10]}, {custom: erp, include: [spf.erp.example]}]\n"
    expected = "v=spf1 include:spf.mail.qq.com ip4:203.0.113.10 include:spf.erp.example {}all"
    assert spf_of(EXMAIL + senders) == expected.format("~")
    assert spf_of(EXMAIL + senders + "spf: {all: fail}\n") == expected.format("-")


@pytest.mark.parametrize(
    "written",
    ["+include:spf.mail.qq.com", "include:spf.mail.qq.com", "redirect=spf.mail.qq.com", "SPF.MAIL.QQ.COM"],
)
def test_an_include_however_a_vendor_writes_it_is_the_same_include(written: str) -> None:
    assert spf_of(EXMAIL + f'spf: {{include: ["{written}"]}}\n') == "v=spf1 include:spf.mail.qq.com ~all"


def test_a_vendors_whole_record_gives_its_terms_and_not_its_all() -> None:
    whole = 'spf: {include: ["v=spf1 include:spf1.dm.aliyun.com -all"]}\n'
    assert spf_of(EXMAIL + whole) == "v=spf1 include:spf.mail.qq.com include:spf1.dm.aliyun.com ~all"


def test_exmail_beside_mailgun_is_over_the_budget_and_says_who_costs_what() -> None:
    made = planned(EXMAIL + "senders: [{custom: marketing, include: [mailgun.org], from: info}]\n")
    over = one(made, "spf-lookups-over-limit")
    assert over.severity is Severity.ERROR
    assert "include:spf.mail.qq.com 8 (2026-11-01), include:mailgun.org 5 (2026-05-03)" in over.message("en")
    assert "13" in over.message("zh")
    assert over.position is not None and over.position.line == 6


def test_exmail_beside_netease_is_over_the_budget() -> None:
    assert rules(planned(EXMAIL + "spf: {include: [spf.163.com]}\n")) == ["spf-lookups-over-limit"]


def test_the_remedy_for_the_budget_works_a_sender_below_the_domain_has_a_record_there() -> None:
    made = planned(
        EXMAIL + "senders: [{custom: x, include: [_spf.google.com], from: news@news.acme-trade.com}]\n"
    )
    assert rules(made) == []
    assert (AT, "TXT", "v=spf1 include:spf.mail.qq.com ~all") in zone(made)
    assert ("news." + AT, "TXT", "v=spf1 include:_spf.google.com ~all") in zone(made)


def test_two_senders_of_one_subdomain_share_one_record() -> None:
    made = planned(
        EXMAIL + "senders: [{custom: x, ip4: [203.0.113.1], from: a@news.acme-trade.com}, "
        "{custom: y, ip4: [203.0.113.2], from: b@news.acme-trade.com}]\n"
    )
    assert ("news." + AT, "TXT", "v=spf1 ip4:203.0.113.1 ip4:203.0.113.2 ~all") in zone(made)


def test_a_sender_of_another_domain_is_not_authorised_here() -> None:
    made = planned(EXMAIL + "senders: [{custom: x, ip4: [203.0.113.1], from: a@elsewhere.example}]\n")
    assert rules(made) == ["sender-outside-domain"]
    assert (AT, "TXT", "v=spf1 include:spf.mail.qq.com ~all") in zone(made)


@pytest.mark.parametrize(
    "written", ["a.example +all", "ip4:203.0.113.1", "?include:a.example", "exists:%{i}.x.y"]
)
def test_what_is_not_an_include_does_not_get_into_spf_as_one(written: str) -> None:
    made = planned(EXMAIL + f'spf: {{include: ["{written}"]}}\n')
    assert rules(made) == ["spf-term-invalid"]
    assert (AT, "TXT", "v=spf1 include:spf.mail.qq.com ~all") in zone(made)


def test_a_record_that_includes_itself_is_refused() -> None:
    assert rules(planned(EXMAIL + "spf: {include: [acme-trade.com]}\n")) == ["spf-includes-itself"]


@pytest.mark.parametrize(
    ("network", "severity"),
    [
        ("0.0.0.0/0", Severity.ERROR),
        ("203.0.0.0/7", Severity.ERROR),
        ("203.0.0.0/8", Severity.WARNING),
        ("203.0.0.0/15", Severity.WARNING),
        ("203.0.0.0/16", None),
        ("203.0.113.7", None),
    ],
)
def test_a_range_that_lets_strangers_send(network: str, severity: Severity | None) -> None:
    made = planned(EXMAIL + f"spf: {{ip4: [{network}]}}\n")
    assert [finding.severity for finding in made.findings if finding.rule == "spf-network-wide"] == (
        [severity] if severity else []
    )


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.1.0/24", "172.31.0.9", "127.0.0.1"])
def test_an_address_no_receiver_ever_sees(address: str) -> None:
    assert rules(planned(EXMAIL + f"spf: {{ip4: [{address}]}}\n")) == ["spf-network-not-public"]


@pytest.mark.parametrize(("count", "rule"), [(26, "spf-size-over-450"), (39, "spf-size-over-512")])
def test_a_long_record_is_said(count: int, rule: str) -> None:
    many = ", ".join(f"203.0.113.{n}" for n in range(1, count + 1))
    assert rules(planned(EXMAIL + f"spf: {{ip4: [{many}]}}\n")) == [rule]


def test_two_explanations_are_a_finding_and_no_crash() -> None:
    one, other = "v=spf1 ip4:203.0.113.1 exp=a.example -all", "v=spf1 ip4:203.0.113.2 exp=b.example -all"
    assert rules(planned(EXMAIL + f'spf: {{include: ["{one}", "{other}"]}}\n')) == ["spf-term-invalid"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("@", "v=spf1 include:spf.163.com -all"), ("@", "V=SPF1 -all"), ("_dmarc", "v=DMARC1; p=reject")],
)
def test_a_second_policy_pasted_as_verification_is_refused(name: str, value: str) -> None:
    made = planned(EXMAIL + f'verification: [{{name: "{name}", value: "{value}"}}]\n')
    assert "policy-as-verification" in rules(made)
    assert one(made, "policy-as-verification").hint("en").startswith("Write ")


def test_a_vendors_spf_at_a_name_of_its_own_is_nobodys_second() -> None:
    made = planned(EXMAIL + 'verification: [{name: bounce, value: "v=spf1 include:amazonses.com ~all"}]\n')
    assert rules(made) == []
    (record,) = [each for each in made.records if each.name == "bounce." + AT]
    assert str(record.family) == "spf"


# ── one MX set ──


def test_an_mx_beside_a_hosted_service_would_go_past_the_mailboxes() -> None:
    made = planned('mail_host: {service: tencent-exmail, mx: ["10 mail.acme-trade.com"]}\n')
    assert rules(made) == ["mx-beside-service"]


def test_googles_verification_mx_is_none_that_receives() -> None:
    made = planned(
        "mail_host: {service: google-workspace, "
        "verification: [{type: MX, value: 15 abc.mx-verification.google.com}]}\n"
    )
    assert rules(made) == []
    assert (AT, "MX", "15 abc.mx-verification.google.com.") in zone(made)


@pytest.mark.parametrize(
    "exchanger", ["5 mxbiz1.qq.com", "5 mx01.dm.aliyun.com", "10 mx2.sendcloud.org", "1 aspmx.l.google.com"]
)
def test_a_senders_mx_on_the_domain_itself_would_take_the_companys_mail(exchanger: str) -> None:
    host = "mail_host: {service: google-workspace}\n"
    made = planned(host + f"verification: [{{type: MX, value: {exchanger}}}]\n")
    assert rules(made) == ["verification-mx-receives"]
    below = planned(host + f"verification: [{{name: news, type: MX, value: {exchanger}}}]\n")
    assert rules(below) == []


def test_an_exchanger_named_twice() -> None:
    made = planned('mail_host: {service: self-hosted, mx: ["10 mx.example.net", "20 mx.example.net"]}\n')
    assert rules(made) == ["mx-host-twice"]


def test_an_exchanger_that_is_an_alias() -> None:
    made = planned(OWN + "verification: [{name: mail, type: CNAME, value: vm.example.net}]\n")
    assert "mx-target-is-cname" in rules(made)


# ── Microsoft 365 ──


@pytest.mark.parametrize(
    "token", ["acmetrade-com0i.mail.protection.outlook.com", "0 acmetrade-com0i", "acmetrade-com0i.", "-acme"]
)
def test_the_mx_token_is_one_label_and_a_whole_value_is_not_doubled(token: str) -> None:
    made = planned(f'mail_host: {{service: microsoft-365, mx_token: "{token}"}}\n')
    assert rules(made) == ["service-input-invalid"]


def test_the_mx_token_is_never_derived_from_the_domain() -> None:
    from mailwright.spec import parse
    from tests.plan.specs import HEAD

    result = parse((HEAD + "mail_host: {service: microsoft-365}\n" + CONTACT).encode(), "acme.yaml")
    assert result.spec is None
    assert [finding.rule for finding in result.findings] == ["service-input-missing"]


def test_a_capital_in_the_token_changes_nothing() -> None:
    made = planned("mail_host: {service: microsoft-365, mx_token: AcmeTrade-com0i}\n")
    assert (AT, "MX", "0 acmetrade-com0i.mail.protection.outlook.com.") in zone(made)


def test_a_txt_at_a_selector_of_microsoft_is_always_wrong() -> None:
    key = f'{{name: selector1._domainkey, value: "v=DKIM1; k=rsa; p={RSA_2048}"}}'
    made = planned(f"mail_host: {{service: microsoft-365, mx_token: acme-com0i, dkim: [{key}]}}\n")
    assert sorted(rules(made)) == ["dkim-selector-missing", "dkim-wrong-type"]


@pytest.mark.parametrize(
    "target",
    [
        "selector1-acme-com0i._domainkey.acme.onmicrosoft.com",
        "selector1-acme-com0i._domainkey.acme.n-v1.dkim.mail.microsoft",
    ],
)
def test_both_forms_of_microsofts_targets_are_taken_and_one_selector_is_not_enough(target: str) -> None:
    first = f"{{name: selector1._domainkey, type: CNAME, value: {target}}}"
    made = planned(f"mail_host: {{service: microsoft-365, mx_token: acme-com0i, dkim: [{first}]}}\n")
    assert ("selector1._domainkey." + AT, "CNAME", target + ".") in zone(made)
    assert "selector2._domainkey.acme-trade.com" in one(made, "dkim-selector-missing").message("en")


# ── DKIM ──


def exmail_key(value: str, name: str = "s1._domainkey") -> str:
    return f'mail_host: {{service: tencent-exmail, dkim: [{{name: {name}, value: "{value}"}}]}}\n'


def test_a_pasted_key_is_published_as_it_is() -> None:
    made = planned(exmail_key(f"v=DKIM1; k=rsa; p={RSA_2048}"))
    assert ("s1._domainkey." + AT, "TXT", f"v=DKIM1; k=rsa; p={RSA_2048}") in zone(made)
    assert made.findings == ()


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (f"v=DKIM1; k=rsa; p={RSA_1024}", "dkim-rsa-under-2048"),
        (f"v=DKIM1; k=rsa; p={RSA_2048[:200]}", "dkim-key-unreadable"),
        ("v=DKIM1; k=rsa; p=not+base64!", "dkim-key-unreadable"),
        ("v=DKIM1; k=rsa", "dkim-record-malformed"),
        ("v=DKIM1; p=", "dkim-key-revoked"),
        (f"v=DKIM1; t=y; p={RSA_2048}", "dkim-test-mode"),
        (f"v=DKIM1; k=ed25519; p={ED25519}", "dkim-only-ed25519"),
    ],
)
def test_a_key_that_receivers_will_not_take(value: str, rule: str) -> None:
    assert rules(planned(exmail_key(value))) == [rule]


def test_an_own_key_does_not_sign_what_a_hosted_service_sends() -> None:
    made = planned(EXMAIL + f"signing: [{{selector: s1, public_key: {RSA_2048}}}]\n")
    assert one(made, "dkim-pending").severity is Severity.INFO
    assert rules(made) == []


def test_two_keys_at_one_selector() -> None:
    first = exmail_key(f"v=DKIM1; k=rsa; p={RSA_2048}")
    made = planned(first + f"signing: [{{selector: s1, public_key: {RSA_1024}}}]\n")
    assert "two-keys-at-selector" in rules(made)


# ── CNAME, names ──


def test_an_alias_at_the_domain_itself_kills_mail() -> None:
    made = planned(EXMAIL + 'verification: [{name: "@", type: CNAME, value: shop.example.net}]\n')
    assert "cname-beside-data" in rules(made)


def test_two_aliases_at_one_name() -> None:
    made = planned(
        EXMAIL + "verification: [{name: mail, type: CNAME, value: a.example.net}, "
        "{name: mail, type: CNAME, value: b.example.net}]\n"
    )
    assert rules(made) == ["two-cnames-at-name"]


def test_an_alias_where_microsoft_wants_its_own() -> None:
    made = planned(M365 + "verification: [{name: autodiscover, type: CNAME, value: mail.example.net}]\n")
    assert rules(made) == ["two-cnames-at-name"]


def test_a_name_that_outgrows_dns_behind_a_parked_name() -> None:
    long = ".".join(["a" * 60] * 3) + ".example"
    main, *_ = all_planned(EXMAIL + f"parked: [{long}.{'b' * 40}.com]\n")
    assert rules(main) == ["name-too-long"]


# ── DMARC ──


def test_reports_to_another_domain_need_its_word() -> None:
    made = planned(EXMAIL, contact="contact: reports@example.org\n")
    missing = one(made, "external-report-unauthorised")
    assert missing.severity is Severity.WARNING
    assert 'acme-trade.com._report._dmarc.example.org TXT "v=DMARC1"' in missing.hint("en")
    assert "acme-trade.com._report._dmarc.example.org" in missing.hint("zh")


def test_reports_within_the_organisation_do_not() -> None:
    head = "version: 1\ndomain: cn.acme-trade.com\ntimezone: Asia/Shanghai\ndns_hosts: [{service: manual}]\n"
    assert rules(plan(spec_of(EXMAIL + CONTACT, head=head), DAY)) == []
    assert rules(planned(EXMAIL, contact="contact: a@office.acme-trade.com\n")) == []


def test_a_parked_domain_gets_no_reports_because_it_refuses_mail() -> None:
    made = planned(EXMAIL + "parked: [acmetrade.net]\n", contact="contact: wang@acmetrade.net\n")
    assert rules(made) == ["report-address-parked"]


@pytest.mark.parametrize("stage", ["guard", "reject"])
def test_a_policy_that_bites_while_nothing_is_signed(stage: str) -> None:
    assert rules(planned(EXMAIL + f"dmarc: {{stage: {stage}}}\n")) == ["dmarc-enforced-unsigned"]


def test_a_policy_that_bites_is_fine_once_mail_is_signed() -> None:
    made = planned(exmail_key(f"v=DKIM1; k=rsa; p={RSA_2048}") + "dmarc: {stage: reject}\n")
    assert rules(made) == []


def test_a_policy_that_only_looks_strong() -> None:
    key = exmail_key(f"v=DKIM1; k=rsa; p={RSA_2048}")
    made = planned(key + "dmarc: {stage: reject, t: y, sp: none, np: quarantine}\n")
    assert sorted(rules(made)) == ["dmarc-below-weaker", "dmarc-lowered-by-t"]
    for sp in ("quarantine", "reject"):
        assert rules(planned(key + f"dmarc: {{stage: guard, sp: {sp}}}\n")) == []


def test_a_report_address_cannot_break_out_of_its_tag() -> None:
    from mailwright.standards.dmarc import mailto

    assert mailto("a,b@x.example") == "mailto:a%2Cb@x.example"
    assert mailto("a!b;c%d@x.example") == "mailto:a%21b%3Bc%25d@x.example"


# ── silence ──


def test_a_silenced_warning_is_gone() -> None:
    silence = "silence: [{rule: external-report-unauthorised, why: 服务商已发布}]\n"
    assert rules(planned(EXMAIL + silence, contact="contact: a@example.org\n")) == []


@pytest.mark.parametrize("rule", ["spf-lookups-over-limit", "policy-as-verification"])
def test_an_error_that_loses_mail_cannot_be_silenced(rule: str) -> None:
    made = planned(
        EXMAIL + 'spf: {include: [spf.163.com]}\nverification: [{value: "v=spf1 -all"}]\n'
        f"silence: [{{rule: {rule}, why: 我知道}}]\n"
    )
    assert rule in rules(made)


# ── every message ──


def test_found_messages_leave_no_placeholder_behind() -> None:
    specs = [
        EXMAIL + "senders: [{custom: m, include: [_spf.google.com, acme-trade.com], from: info}]\n",
        EXMAIL
        + "spf: {ip4: [0.0.0.0/0, 10.0.0.1], include: ['a b']}\ndmarc: {stage: reject, t: y, sp: none}\n",
        'mail_host: {service: tencent-exmail, mx: ["10 a.example"]}\nverification: [{value: v=spf1 -all}]\n',
        "mail_host: {service: microsoft-365, mx_token: a.b, "
        "dkim: [{name: selector1, value: 'v=DKIM1; p='}]}\n",
        OWN + "verification: [{name: mail, type: CNAME, value: a.example}, "
        "{name: mail, type: CNAME, value: b.example}]\n",
    ]
    for text in specs:
        findings = planned(text).findings
        assert findings
        for finding in findings:
            for lang in ("en", "zh"):
                assert not re.search(r"{\w+}", finding.message(lang) + finding.hint(lang)), finding.rule
            assert finding.position is not None, finding.rule
