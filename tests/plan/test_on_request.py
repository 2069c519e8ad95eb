"""What a spec asks for beyond the default: transport, logo, client set-up, other domains' reports."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mailwright.model.rules import Severity
from mailwright.plan.plan import plan
from mailwright.spec import parse
from mailwright.standards import mta_sts
from tests.plan.specs import CONTACT, DAY, EXMAIL, HEAD, planned, rules, zone

OWN = (
    'mail_host: {service: self-hosted, mx: ["10 mail.acme-trade.com", "20 mx2.acme-trade.com"], '
    "ip4: [203.0.113.10]}\n"
)


def errors(text: str) -> list[str]:
    return [finding.rule for finding in parse((HEAD + text + CONTACT).encode(), "acme.yaml").findings]


def test_nothing_of_it_is_planned_unless_asked_for() -> None:
    names = {name for name, _, _ in zone(planned(EXMAIL))}
    assert not any(word in name for name in names for word in ("_mta-sts", "_smtp", "_bimi", "_25._tcp"))


def test_the_mta_sts_id_follows_from_the_planned_exchangers() -> None:
    made = planned(EXMAIL + "mta_sts: {served_by: acme.pages.dev}\n")
    (text,) = [value for name, _, value in zone(made) if name == "_mta-sts.acme-trade.com."]
    exchangers = [value.split()[1].rstrip(".") for _, type, value in zone(made) if type == "MX"]
    policy = next(
        each
        for order in ([*sorted(exchangers)], [*sorted(exchangers, reverse=True)])
        if mta_sts.policy_id(each := mta_sts.Policy("testing", tuple(order), 86400)) in text
    )
    assert all(policy.covers(exchanger) for exchanger in exchangers) and len(mta_sts.parse_record(text)) <= 32
    assert ("mta-sts.acme-trade.com.", "CNAME", "acme.pages.dev.") in zone(made)
    assert rules(made) == [] and "mta-sts-policy-to-serve" in rules(made, Severity.INFO)
    enforced = zone(planned(EXMAIL + "mta_sts: {mode: enforce}\n"))
    assert ("_mta-sts.acme-trade.com.", "TXT", text) not in enforced


def test_a_policy_that_leaves_an_exchanger_out_is_an_error_once_it_is_enforced() -> None:
    text = OWN + "mta_sts: {mode: %s, mx: [mail.acme-trade.com, mx9.acme-trade.com]}\n"
    enforced = planned(text % "enforce")
    assert "mta-sts-mx-not-covered" in rules(enforced, Severity.ERROR)
    assert "mta-sts-mx-unused" in rules(enforced)
    assert "mta-sts-mx-not-covered" not in rules(planned(text % "testing"), Severity.ERROR)
    assert "mta-sts-mx-not-covered" in rules(planned(text % "testing"), Severity.WARNING)


def test_an_enforced_policy_that_lasts_an_hour_is_said_to_be_short() -> None:
    assert "mta-sts-max-age-short" in rules(planned(EXMAIL + "mta_sts: {mode: enforce, max_age: 3600}\n"))


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("mta_sts: {mode: enforced}", "value-not-allowed"),
        ("mta_sts: {max_age: 99999999}", "value-not-allowed"),
        ("mta_sts: {mx: ['*']}", "value-not-usable"),
        ("tls_rpt: {rua: [nobody]}", "bad-address"),
        ("tls_rpt: {to: [a@acme-trade.com]}", "unknown-key"),
        ("bimi: {logo: 'http://www.acme-trade.com/logo.svg'}", "value-not-usable"),
        ("bimi: {logo: 'https://www.acme-trade.com/logo.png'}", "value-not-usable"),
        ("dane: [{host: mail.acme-trade.com}]", "key-missing"),
        ("dane: [{host: mail.acme-trade.com, certificate: nowhere.pem}]", "key-file"),
        ("clients: {imap4: mail.acme-trade.com}", "unknown-key"),
        ("clients: {imaps: 'mail acme'}", "bad-domain"),
        ("reports_from: [acme]", "bad-domain"),
    ],
)
def test_what_cannot_be_used_is_refused(line: str, rule: str) -> None:
    assert rule in errors(EXMAIL + line + "\n")


def test_tls_reports_go_to_the_contact_or_where_the_spec_says() -> None:
    name = "_smtp._tls.acme-trade.com."
    text = "v=TLSRPTv1; rua=mailto:wang@acme-trade.com"
    assert (name, "TXT", text) in zone(planned(EXMAIL + "tls_rpt: {}\n"))
    both = zone(planned(EXMAIL + "tls_rpt: {rua: [tls@acme-trade.com, 'https://tls.example.net/in']}\n"))
    assert (name, "TXT", "v=TLSRPTv1; rua=mailto:tls@acme-trade.com,https://tls.example.net/in") in both


def test_tls_reports_need_an_address_that_takes_mail() -> None:
    people = EXMAIL + "people: {wang: {name: 老王}}\n"
    assert "report-mailbox-missing" not in rules(planned(people + "tls_rpt: {}\n"))
    lost = planned(people + "tls_rpt: {rua: [tls@acme-trade.com]}\n")
    assert any(
        finding.path == "tls_rpt" and "tls@acme-trade.com" in finding.message() for finding in lost.findings
    )


def test_a_logo_waits_for_an_enforced_policy() -> None:
    line = "bimi: {logo: 'https://www.acme-trade.com/logo.svg'}\n"
    watched = planned(EXMAIL + line)
    assert ("default._bimi.acme-trade.com.", "TXT") in {each[:2] for each in zone(watched)}
    assert "bimi-without-enforcement" in rules(watched)
    assert "bimi-without-enforcement" not in rules(planned(EXMAIL + line + "dmarc: {stage: reject}\n"))


def certificate(folder: Path, name: str) -> bytes:
    """A PEM certificate in ``folder``; returns its SubjectPublicKeyInfo as cryptography writes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2026, 1, 1))
        .not_valid_after(dt.datetime(2027, 1, 1))
        .sign(key, hashes.SHA256())
    )
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_tlsa_from_certificates_with_the_next_key_and_the_ca(tmp_path: Path) -> None:
    digests = {
        name: hashlib.sha256(certificate(tmp_path, name)).hexdigest() for name in ("mail", "next", "ca")
    }
    line = "dane: [{host: mail.acme-trade.com, certificate: mail.pem, next: next.pem, ca: ca.pem}]\n"
    read = parse((HEAD + OWN + line + CONTACT).encode(), str(tmp_path / "acme.yaml"))
    assert read.spec is not None, [finding.message() for finding in read.findings]
    made = plan(read.spec, DAY)
    values = {value.lower() for name, _, value in zone(made) if name == "_25._tcp.mail.acme-trade.com."}
    assert values == {f"3 1 1 {digests['mail']}", f"3 1 1 {digests['next']}", f"2 1 1 {digests['ca']}"}
    # The second exchanger has none: whoever blocks the first leads mail there.
    assert "tlsa-not-at-every-mx" in rules(made)
    assert "dane-needs-dnssec" in rules(made, Severity.INFO)


def test_tlsa_belongs_to_an_exchanger_and_to_our_zone(tmp_path: Path) -> None:
    certificate(tmp_path, "mail")
    line = (
        "dane: [{host: www.acme-trade.com, certificate: mail.pem}, "
        "{host: mx.other.net, certificate: mail.pem}]\n"
    )
    read = parse((HEAD + OWN + line + CONTACT).encode(), str(tmp_path / "acme.yaml"))
    assert read.spec is not None
    said = rules(plan(read.spec, DAY))
    assert {"dane-host-not-mx", "dane-host-outside-domain"} <= set(said)


def test_client_set_up_puts_encryption_first_and_denies_clear_text() -> None:
    made = planned(
        OWN + "clients: {imaps: mail.acme-trade.com, submissions: mail.acme-trade.com, "
        "autoconfig: mail.acme-trade.com, autodiscover: mail.acme-trade.com}\n"
    )
    apex = "acme-trade.com."
    assert {
        (f"_imaps._tcp.{apex}", "SRV", f"0 1 993 mail.{apex}"),
        (f"_submissions._tcp.{apex}", "SRV", f"0 1 465 mail.{apex}"),
        (f"_imap._tcp.{apex}", "SRV", "0 0 0 ."),
        (f"autoconfig.{apex}", "CNAME", f"mail.{apex}"),
        (f"_autodiscover._tcp.{apex}", "SRV", f"0 0 443 mail.{apex}"),
    } <= zone(made)
    assert "client-setup-clear-text" in rules(planned(OWN + "clients: {imap: mail.acme-trade.com}\n"))


def test_a_second_autodiscover_beside_the_services_own_is_an_error() -> None:
    m365 = "mail_host: {service: microsoft-365, site: world, mx_token: acmetrade-com}\n"
    made = planned(m365 + "clients: {autodiscover: mail.acme-trade.com}\n")
    assert "client-setup-twice" in rules(made, Severity.ERROR)
    assert not any(record.name.startswith("_autodiscover") for record in made.records)


def test_reports_about_another_domain_are_let_in() -> None:
    made = planned(EXMAIL + "reports_from: [acme-shop.de]\n")
    assert ("acme-shop.de._report._dmarc.acme-trade.com.", "TXT", "v=DMARC1") in zone(made)
