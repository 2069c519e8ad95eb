"""SPF lets in whoever the spec says sends, also where a record is kept as it was found."""

from __future__ import annotations

import pytest

from tests.plan.specs import one, planned, rules

OWN = 'mail_host: {service: self-hosted, mx: ["10 mail.acme-trade.com"], ip4: [203.0.113.10]}\n'
UNSAID = 'mail_host: {service: self-hosted, mx: ["10 mail.acme-trade.com"]}\n'
HOSTED = "mail_host: {service: tencent-exmail}\n"
FORM = "senders: [{custom: form, ip4: [203.0.113.20], from: info}]\n"


def kept(record: str) -> str:
    return f'as_found: [{{type: TXT, values: ["{record}"], exact: true}}]\n'


def test_what_the_plan_writes_lets_everybody_in() -> None:
    for host in (OWN, UNSAID, HOSTED):
        assert "sender-refused-by-spf" not in rules(planned(host + FORM))


def test_a_record_kept_as_found_that_refuses_a_sender_is_told_and_nothing_is_promised() -> None:
    plan = planned(OWN + FORM + kept("v=spf1 mx -all"))
    finding = one(plan, "sender-refused-by-spf")
    assert (
        finding.path == "senders[0]" and "203.0.113.20" in finding.message() and "fail" in finding.message()
    )
    said = {each.rule for each in plan.findings}
    assert "sender-not-aligned" in said and "sender-may-write-as" not in said


@pytest.mark.parametrize(
    ("host", "record"),
    [
        (OWN, "v=spf1 mx ip4:203.0.113.0/24 -all"),
        (UNSAID, "v=spf1 mx -all"),  # the form may run on the mail server
        (OWN, "v=spf1 a mx -all"),  # … or on the website
        (OWN, "v=spf1 mx include:spf.nobody-knows.example -all"),
    ],
)
def test_what_the_spec_cannot_know_is_no_alarm(host: str, record: str) -> None:
    assert "sender-refused-by-spf" not in rules(planned(host + FORM + kept(record)))


def test_a_range_is_let_in_as_a_whole() -> None:
    sender = "senders: [{custom: form, ip4: [203.0.113.16/28], from: info}]\n"
    assert "sender-refused-by-spf" in rules(
        planned(HOSTED + sender + kept("v=spf1 ip4:203.0.113.16/29 ~all"))
    )
