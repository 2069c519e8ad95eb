"""DANE, BIMI, null MX, client set-up, and what only shows across records."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from mailwright.standards import across, bimi, client_setup, dane, dmarc, mta_sts, null_mx

MX = "mx1.acme.example"


def certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    day = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(day)
        .not_valid_after(day + dt.timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(issuer, hashes.SHA256())
    )


CA_KEY, KEY, NEXT_KEY = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
CA, LEAF = certificate("ca.example", CA_KEY, CA_KEY), certificate(MX, KEY, CA_KEY)
DER = serialization.Encoding.DER
CHAIN = (LEAF.public_bytes(DER), CA.public_bytes(DER))


def spki_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def pem_of(key: ec.EllipticCurvePrivateKey) -> str:
    public = key.public_key()
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def test_the_same_key_from_a_certificate_and_from_a_public_key() -> None:
    pem = LEAF.public_bytes(serialization.Encoding.PEM).decode()
    assert dane.public_key(pem) == spki_of(KEY) == dane.public_key(pem_of(KEY))
    record = dane.end_entity(dane.public_key(pem))
    assert str(record) == "3 1 1 " + hashlib.sha256(spki_of(KEY)).hexdigest()
    assert dane.parse(str(record).upper()) == record
    assert dane.owner_name("MX1.acme.example.") == "_25._tcp.mx1.acme.example."


def test_a_private_key_is_refused_and_never_repeated() -> None:
    private = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    with pytest.raises(dane.DaneError) as caught:
        dane.public_key(private)
    assert private.splitlines()[1] not in str(caught.value)


def test_a_record_matches_what_it_binds() -> None:
    ours, issuer = dane.end_entity(spki_of(KEY)), dane.trust_anchor(spki_of(CA_KEY))
    assert ours.matches(CHAIN) and issuer.matches(CHAIN)
    assert not dane.trust_anchor(spki_of(KEY)).matches(CHAIN), "usage 2 is about what issued it"
    assert not dane.end_entity(spki_of(NEXT_KEY)).matches(CHAIN)
    whole = dane.Tlsa(3, 0, 1, hashlib.sha256(CHAIN[0]).digest())
    assert whole.matches(CHAIN) and not dane.Tlsa(1, 1, 1, ours.data).matches(CHAIN)
    assert dane.Tlsa(3, 1, 0, spki_of(KEY)).matches(CHAIN)
    assert not ours.matches([b"no certificate"]) and not ours.matches([])


def test_a_rollover_keeps_the_old_beside_the_new() -> None:
    now, then = dane.end_entity(spki_of(KEY)), dane.end_entity(spki_of(NEXT_KEY))
    assert dane.rollover(now, then) == (now, then) and dane.rollover(now, now) == (now,)


@pytest.mark.parametrize(
    ("value", "rules"),
    [
        ("3 1 1 " + "ab" * 32, []),
        ("2 1 1 " + "AB" * 32, []),
        ("3 1 2 " + "ab" * 64, []),
        ("3 1 1 " + "ab" * 31, ["tlsa-invalid"]),
        ("3 1 1 " + "a" * 63, ["tlsa-invalid"]),
        ("4 1 1 " + "ab" * 32, ["tlsa-invalid"]),
        ("1 1 1 " + "ab" * 32, ["tlsa-usage-not-for-smtp"]),
        ("3 0 1 " + "ab" * 32, ["tlsa-binds-certificate"]),
    ],
)
def test_tlsa_faults(value: str, rules: list[str]) -> None:
    findings = dane.lint([value], "_25._tcp.mx1.acme.example")
    assert [finding.rule for finding in findings] == rules
    assert all("{" not in finding.message("zh") + finding.hint("en") for finding in findings)


@given(st.text() | st.text("0123 abcdef").map("3 1 1 {}".format), st.binary(max_size=200))
def test_random_input_raises_only_our_own_errors(text: str, octets: bytes) -> None:
    readers = (dane.parse, bimi.parse, client_setup.parse, dane.public_key)
    for read in readers:
        for words in (
            text,
            f"v=BIMI1; l={text}",
            f"-----BEGIN CERTIFICATE-----{text}-----END CERTIFICATE-----",
        ):
            try:
                read(words)
            except (dane.DaneError, bimi.BimiError, client_setup.SrvError) as error:
                assert error.reason("zh")
    assert not dane.end_entity(spki_of(KEY)).matches([octets, CHAIN[0][: len(octets)]])
    null_mx.exchangers([text]), null_mx.contradicts([text])


# --- BIMI

LOGO = "https://acme.example/logo.svg"


@pytest.mark.parametrize(
    ("text", "policy", "rules"),
    [
        (f"v=BIMI1; l={LOGO}; a=https://acme.example/vmc.pem", "v=DMARC1; p=reject", []),
        (f"v=BIMI1; l={LOGO}", "v=DMARC1; p=quarantine", ["bimi-without-certificate"]),
        (
            f"v=BIMI1; l={LOGO}; a=https://acme.example/vmc.pem",
            "v=DMARC1; p=none",
            ["bimi-without-enforcement"],
        ),
        (
            f"v=BIMI1; l={LOGO}; a=https://a.example/v.pem",
            "v=DMARC1; p=reject; sp=none",
            ["bimi-without-enforcement"],
        ),
        ("v=BIMI1; l=; a=", "v=DMARC1; p=none", []),
        (f"v=BIMI1; l={LOGO}; l={LOGO}", "v=DMARC1; p=reject", ["bimi-record-invalid"]),
        (f"v=BIMI1; l={LOGO}; a=; a=", "v=DMARC1; p=reject", ["bimi-record-invalid"]),
        (f"v=BIMI1; l={LOGO}; x=1; x=2", "v=DMARC1; p=reject", ["bimi-record-invalid"]),
        (f" v=BIMI1; l={LOGO}", "v=DMARC1; p=reject", ["bimi-record-invalid"]),
        ("v=BIMI1; l=http://acme.example/logo.svg", "v=DMARC1; p=reject", ["bimi-record-invalid"]),
        ("v=BIMI1; l=https://acme.example/logo.png", "v=DMARC1; p=reject", ["bimi-record-invalid"]),
        ("v=BIMI1; a=https://acme.example/vmc.pem", "v=DMARC1; p=reject", ["bimi-record-invalid"]),
    ],
)
def test_bimi(text: str, policy: str, rules: list[str]) -> None:
    findings = bimi.lint(text, "acme.example", dmarc.parse(policy))
    assert [finding.rule for finding in findings] == rules
    if "bimi-record-invalid" not in rules:
        assert bimi.parse(str(bimi.parse(text))) == bimi.parse(text)


# --- null MX and client set-up


def test_a_null_mx_stands_alone() -> None:
    assert null_mx.is_null([null_mx.NULL_MX]) and not null_mx.exchangers([null_mx.NULL_MX])
    assert null_mx.contradicts(["0 .", "10 mx.acme.example."]) and null_mx.contradicts(["10 ."])
    assert not null_mx.contradicts(["10 mx.acme.example."])
    assert null_mx.exchangers(["20 B.example.", "5 a.example."]) == ("a.example", "b.example")


def test_encrypted_services_are_offered_and_clear_text_denied() -> None:
    srvs = client_setup.records(
        "acme.example", {"imaps": "mail.acme.example", "submissions": "mail.acme.example."}
    )
    shown = {name: str(srv) for name, srv in srvs.items()}
    assert shown == {
        "_imaps._tcp.acme.example.": "0 1 993 mail.acme.example.",
        "_submissions._tcp.acme.example.": "0 1 465 mail.acme.example.",
        "_imap._tcp.acme.example.": "0 0 0 .",
        "_submission._tcp.acme.example.": "0 0 0 .",
    }
    assert all(client_setup.parse(text) == srvs[name] for name, text in shown.items())
    both = client_setup.records("acme.example", {"submissions": "a.example", "submission": "a.example"})
    assert all(srv.offered for srv in both.values())
    with pytest.raises(client_setup.SrvError):
        client_setup.records("acme.example", {"imaps": "not a host"})


# --- across records

POLICY = mta_sts.Policy("enforce", (MX, "mx2.acme.example"), 604800)
MXS = {("acme.example.", "MX"): [f"10 {MX}.", "20 mx2.acme.example."]}
BOTH = {
    **MXS,
    (f"_25._tcp.{MX}.", "TLSA"): [str(dane.end_entity(spki_of(KEY)))],
    ("_25._tcp.mx2.acme.example.", "TLSA"): [str(dane.trust_anchor(spki_of(CA_KEY)))],
}
SERVED = {
    MX: across.Served((MX,), CHAIN),
    "mx2.acme.example": across.Served(("*.acme.example",), CHAIN),
}


def rules(*arguments: object, **named: object) -> list[str]:
    return [finding.rule for finding in across.consistency("acme.example", *arguments, **named)]  # type: ignore[arg-type]


def test_records_that_agree_say_nothing() -> None:
    assert rules(BOTH, policy=POLICY, served=SERVED) == []
    assert rules(MXS) == [] and rules({}) == [], "what is not there and not seen is no finding"
    assert rules({("acme.example.", "MX"): ["0 ."]}, policy=POLICY) == []


def test_each_link_of_the_chain_is_judged() -> None:
    assert rules(MXS, policy=mta_sts.Policy("enforce", (MX,), 604800)) == ["mta-sts-mx-not-covered"]
    other = {**SERVED, MX: across.Served(("mail.acme.example",), CHAIN)}
    assert rules(BOTH, policy=POLICY, served=other) == ["mx-not-in-certificate"]
    changed = {**SERVED, MX: across.Served((MX,), (CA.public_bytes(DER),))}
    (finding,) = across.consistency("acme.example", BOTH, policy=POLICY, served=changed)
    assert finding.rule == "tlsa-matches-no-certificate"
    assert str(dane.end_entity(spki_of(CA_KEY))) in finding.hint("en")
    partial = {key: value for key, value in BOTH.items() if "mx2" not in key[0]}
    assert rules(partial, served=SERVED) == ["tlsa-not-at-every-mx"]
    of_ca = {**BOTH, (f"_25._tcp.{MX}.", "TLSA"): [str(dane.trust_anchor(spki_of(CA_KEY)))]}
    for names, said_ in (((MX,), []), (("acme.example",), []), (("www.other.example",), [finding.rule])):
        assert rules(of_ca, served={**SERVED, MX: across.Served(names, CHAIN)}) == said_, names
    assert rules(BOTH, served={**SERVED, MX: across.Served(("www.other.example",), CHAIN)}) == []
    unusable = {**BOTH, (f"_25._tcp.{MX}.", "TLSA"): ["1 1 1 " + "ab" * 32]}
    assert rules(unusable, served=SERVED) == ["tlsa-usage-not-for-smtp"]


def test_nothing_stands_beside_a_cname() -> None:
    sets = {
        ("a.example.", "CNAME"): ["b.example."],
        ("A.example.", "TXT"): ["x"],
        ("c.example.", "CNAME"): ["d.example.", "e.example."],
        ("f.example.", "CNAME"): ["g.example."],
        ("f.example.", "TXT"): [],
    }
    assert across.cname_conflicts(sets) == (("a.example.", ("TXT",)), ("c.example.", ()))
