"""``expect:`` about DMARC: who passes by the planned records, who does not, and what nobody can tell."""

from __future__ import annotations

import datetime as dt

import pytest

from mailwright.model.finding import Finding
from mailwright.plan.plan import plan
from mailwright.spec import parse

DAY = dt.date(2026, 11, 23)
KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
HEAD = """\
version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
dns_hosts: [{service: manual, console: aliyun}]
contact: wang@acme-trade.com
"""
EXMAIL = "mail_host: {service: tencent-exmail}\n"
GMAIL = 'mail_host: {service: self-hosted, mx: ["10 mail.acme-trade.com"]}\n'
OWN = 'mail_host: {service: self-hosted, mx: ["10 mail.acme-trade.com"]}\n'


def said(text: str, head: str = HEAD) -> dict[str, Finding]:
    """The findings about expectations by rule; the spec's own errors count."""
    result = parse((head + text).encode(), "acme.yaml")
    findings = list(result.findings)
    if result.spec is not None:
        findings += plan(result.spec, DAY).findings
    return {finding.rule: finding for finding in findings if finding.rule.startswith("expectation")}


def expected(text: str, line: str) -> set[str]:
    return set(said(f"{text}expect: [{{{line}}}]\n"))


MET: set[str] = set()
MISSED = {"expectation-dmarc-missed"}
UNSURE = {"expectation-not-checkable"}


@pytest.mark.parametrize(
    ("text", "line", "wanted", "other"),
    [
        # The mail host, by its include in SPF; an own server by its MX, by its addresses.
        (EXMAIL, "mail_from: wang, via: tencent-exmail", MET, MISSED),
        (EXMAIL, "mail_from: wang, via: mail_host", MET, MISSED),
        (OWN, "mail_from: wang, via: self-hosted", MET, MISSED),
        (OWN.replace("}", ", ip4: [203.0.113.7]}"), "mail_from: wang, via: mail_host", MET, MISSED),
        # A name below without a policy of its own has no SPF, and no key signs.
        (EXMAIL, "mail_from: x@news.acme-trade.com, via: mail_host", MISSED, MET),
        # A signed one is aligned below too, unless alignment is strict.
        (
            EXMAIL.replace("}", f', dkim: [{{name: s1._domainkey, value: "{KEY}"}}]}}'),
            "mail_from: x@news.acme-trade.com, via: mail_host",
            MET,
            MISSED,
        ),
        (
            EXMAIL.replace("}", f', dkim: [{{name: s1._domainkey, value: "{KEY}"}}]}}')
            + "dmarc: {adkim: s, sp: reject}\n",
            "mail_from: x@news.acme-trade.com, via: mail_host",
            MISSED,
            MET,
        ),
        # A revoked key signs nothing.
        (
            EXMAIL.replace("}", ', dkim: [{name: s1._domainkey, value: "v=DKIM1; k=rsa; p="}]}'),
            "mail_from: x@news.acme-trade.com, via: mail_host",
            MISSED,
            MET,
        ),
        # A sender with keys of its own; relaxed alignment lets it write as the company too.
        (
            EXMAIL + "senders: [{service: mailchimp, from: n@news.acme-trade.com}]\n",
            "mail_from: n@news.acme-trade.com, via: mailchimp",
            MET,
            MISSED,
        ),
        (
            EXMAIL + "senders: [{service: mailchimp, from: n@news.acme-trade.com}]\n"
            "dmarc: {adkim: s, aspf: s}\n",
            "mail_from: wang, via: mailchimp",
            MISSED,
            MET,
        ),
        # A sender in SPF without a key: only its console knows where its bounces go.
        (
            EXMAIL + "senders: [{service: sendcloud, from: n@edm.acme-trade.com}]\n",
            "mail_from: n@edm.acme-trade.com, via: sendcloud",
            UNSURE,
            UNSURE,
        ),
        # Without a place in SPF and without a key it fails for certain.
        (
            EXMAIL + "senders: [{service: amazon-ses, from: n@edm.acme-trade.com}]\n",
            "mail_from: n@edm.acme-trade.com, via: amazon-ses",
            MISSED,
            MET,
        ),
        # Whose return path and signature nobody has written: a website form, a mailbox at Gmail.
        (
            EXMAIL + "senders: [{custom: form, ip4: [203.0.113.10], from: info}]\n",
            "mail_from: info, via: form",
            UNSURE,
            UNSURE,
        ),
        (
            GMAIL + "senders: [{custom: gmail-send-as, include: [_spf.google.com], from: info}]\n",
            "mail_from: info, via: gmail-send-as",
            UNSURE,
            UNSURE,
        ),
        # Once it is written it counts: bounces go to gmail.com, which speaks for nobody here.
        (
            GMAIL + "senders: [{custom: gmail-send-as, include: [_spf.google.com], from: info, "
            "return_path: wang@gmail.com}]\n",
            "mail_from: info, via: gmail-send-as",
            MISSED,
            MET,
        ),
        (
            GMAIL + "senders: [{custom: gmail-send-as, include: [_spf.google.com], from: info, "
            "return_path: gmail.com, signs_as: acme-trade.com}]\n",
            "mail_from: info, via: gmail-send-as",
            MET,
            MISSED,
        ),
        (
            EXMAIL + "senders: [{service: sendcloud, from: n@edm.acme-trade.com, "
            "return_path: edm.acme-trade.com}]\n",
            "mail_from: n@edm.acme-trade.com, via: sendcloud",
            MET,
            MISSED,
        ),
        # A machine by its address; one whose include nobody knows; one whose include the catalog knows.
        (
            EXMAIL + "senders: [{custom: form, ip4: [203.0.113.10], from: info, "
            "return_path: acme-trade.com}]\n",
            "mail_from: info, via: form",
            MET,
            MISSED,
        ),
        (
            EXMAIL + "senders: [{custom: erp, include: [spf.unheard-of.example], from: info, "
            "return_path: acme-trade.com}]\n",
            "mail_from: info, via: erp",
            UNSURE,
            UNSURE,
        ),
        (
            EXMAIL + "senders: [{custom: erp, include: [spf.mtasv.net], from: info, "
            "return_path: acme-trade.com}]\n",
            "mail_from: info, via: erp",
            MET,
            MISSED,
        ),
        # One that signs with a key the spec names passes wherever that is aligned.
        (
            EXMAIL + "senders: [{custom: erp, include: [spf.unheard-of.example], from: a@web.acme-trade.com, "
            "dkim: [{name: erp._domainkey.web, type: CNAME, value: erp.vendor.example}]}]\n",
            "mail_from: info, via: erp",
            MET,
            MISSED,
        ),
        # A machine that writes from below, aligned only while alignment is relaxed.
        (
            EXMAIL + "senders: [{custom: form, ip4: [203.0.113.10], from: a@web.acme-trade.com, "
            "return_path: web.acme-trade.com}]\n",
            "mail_from: info, via: form",
            MET,
            MISSED,
        ),
        (
            EXMAIL + "senders: [{custom: form, ip4: [203.0.113.10], from: a@web.acme-trade.com, "
            "return_path: web.acme-trade.com}]\n"
            "dmarc: {aspf: s}\n",
            "mail_from: info, via: form",
            MISSED,
            MET,
        ),
        # More look-ups than ten: a permerror for everybody who comes late in the record.
        (
            EXMAIL + "senders: [{custom: erp, include: [mailgun.org], from: info, "
            "return_path: acme-trade.com}]\n",
            "mail_from: info, via: erp",
            MISSED,
            MET,
        ),
        # An include that nobody knows, asked before the mail host's own: not a word can be said.
        (
            EXMAIL + "as_found: [{name: '@', type: TXT, values: ['v=spf1 include:spf.unheard-of.example "
            "include:spf.mail.qq.com ~all']}]\n",
            "mail_from: wang, via: mail_host",
            UNSURE,
            UNSURE,
        ),
    ],
)
def test_who_passes(text: str, line: str, wanted: set[str], other: set[str]) -> None:
    assert expected(text, f"{line}, dmarc: pass") == wanted
    assert expected(text, f"{line}, dmarc: fail") == other


@pytest.mark.parametrize(
    ("text", "author", "wanted", "other"),
    [
        (EXMAIL, "wang", MET, MISSED),
        (EXMAIL + "parked: [acmetrade.net]\n", "boss@acmetrade.net", MET, MISSED),
        (EXMAIL + "senders: [{custom: form, ip4: [203.0.113.0/24], from: info}]\n", "info", MET, MISSED),
        (EXMAIL + "senders: [{custom: all, ip4: [0.0.0.0/1], from: info}]\n", "info", MISSED, MET),
        (EXMAIL + "senders: [{custom: all, ip6: ['2000::/3'], from: info}]\n", "info", MISSED, MET),
        (EXMAIL + "spf: {include: [spf.unheard-of.example]}\n", "wang", UNSURE, UNSURE),
        (OWN, "wang", MET, MISSED),
    ],
)
def test_who_cannot_forge(text: str, author: str, wanted: set[str], other: set[str]) -> None:
    assert expected(text, f"forged_from: {author}, dmarc: fail") == wanted
    assert expected(text, f"forged_from: {author}, dmarc: pass") == other


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("mail_from: wang, via: mailchmp, dmarc: pass", "expectation-unknown-sender"),
        ("mail_from: a@other.example, via: mail_host, dmarc: pass", "expectation-of-other-domain"),
        ("forged_from: a@other.example, dmarc: fail", "expectation-of-other-domain"),
        ("mail_from: wang, dmarc: pass", "expectation-form"),
        ("via: mail_host, dmarc: pass", "expectation-form"),
        ("forged_from: wang", "expectation-form"),
        ("forged_from: wang, via: mail_host, dmarc: fail", "expectation-form"),
        ("mail_to: wang", "expectation-form"),
        ("mail_to: wang, reaches: li@b.example, dmarc: pass", "expectation-form"),
        ("mail_to: wang, reaches: li@b.example", "expectation-without-mailboxes"),
    ],
)
def test_what_is_no_expectation_is_said_at_its_line(line: str, wanted: str) -> None:
    findings = said(f"{EXMAIL}expect:\n  - {{{line}}}\n")
    assert set(findings) == {wanted}
    position = findings[wanted].position
    assert position is not None and position.line == HEAD.count("\n") + 3


def test_a_service_used_twice_is_judged_by_the_use_for_the_authors_domain() -> None:
    text = EXMAIL + "senders:\n  - {service: mailchimp, from: n@news.acme-trade.com}\n"
    text += "  - {service: amazon-ses, from: n@edm.acme-trade.com}\n"
    text += "  - {service: amazon-ses, from: n@shop.acme-trade.com, dkim: [{name: a1._domainkey.shop, "
    text += "type: CNAME, value: a1.dkim.amazonses.com}]}\n"
    assert expected(text, "mail_from: n@shop.acme-trade.com, via: amazon-ses, dmarc: pass") == MET
    assert expected(text, "mail_from: n@edm.acme-trade.com, via: amazon-ses, dmarc: fail") == MET


def test_the_message_names_the_sender_the_result_and_the_reason_in_both_languages() -> None:
    findings = said(f"{EXMAIL}expect: [{{mail_from: wang, via: mail_host, dmarc: fail}}]\n")
    finding = findings["expectation-dmarc-missed"]
    assert "Tencent Exmail" in finding.message("en") and "gives pass" in finding.message("en")
    assert "腾讯企业邮" in finding.message("zh") and "按计划为 pass" in finding.message("zh")


def test_what_a_machine_of_ones_own_names_is_planned() -> None:
    text = HEAD + EXMAIL + "senders: [{custom: 'er{p', ip4: [203.0.113.10], dkim: [{name: erp._domainkey, "
    text += "type: CNAME, value: erp.vendor.example}], verification: [{value: vendor=1}]}]\n"
    spec = parse(text.encode(), "acme.yaml").spec
    assert spec is not None
    made = plan(spec, DAY)
    assert {(record.name, record.type): record.values for record in made.records}[
        "erp._domainkey.acme-trade.com.", "CNAME"
    ] == ("erp.vendor.example.",)
    assert "vendor=1" in [value for record in made.records for value in record.values]
    assert any("er{p" in finding.message("zh") for finding in made.findings)
