"""Keys that verifiers refuse: what RFC 6376, 8301 and 8463 forbid, and what one of them does not read."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable

import dkim as dkimpy
import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.model.rules import Severity
from mailwright.standards import dkim
from tests.standards.test_dkim import B64, PAIR, RSA_2048

OID = bytes.fromhex("300d06092a864886f70d0101010500")
PSS = bytes.fromhex("300d06092a864886f70d01010a0500")
MODULUS = int.from_bytes(RSA_2048[33 : 33 + 256], "big")


def der(tag: int, body: bytes) -> bytes:
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + body


def number(value: int) -> bytes:
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def spki(modulus: int = MODULUS, exponent: int = 65537, *, oid: bytes = OID, after: bytes = b"") -> str:
    key = der(0x30, number(modulus) + number(exponent))
    return base64.b64encode(der(0x30, oid + der(3, b"\0" + key)) + after).decode()


def long(tag: int, body: bytes) -> bytes:
    """An element whose length takes more octets than it needs, as no DER does."""
    return bytes([tag, 0x84]) + len(body).to_bytes(4, "big") + body


def wrapped(key: bytes, outer: Callable[[int, bytes], bytes] = der) -> str:
    return base64.b64encode(outer(0x30, OID + der(3, b"\0" + key))).decode()


_N, _E = number(MODULUS), number(65537)
#: Keys that Go's and Rust's readers of DER refuse, and with them mox, go-msgauth, chasquid and mail-auth.
LONG = (
    wrapped(der(0x30, _N + _E), long),
    wrapped(long(0x30, _N + _E)),
    wrapped(der(0x30, _N + bytes([2, 0x81, 3]) + _E[2:])),
    wrapped(der(0x30, _N + bytes([2, 0x80]) + _E[2:])),
)
PADDED = (
    wrapped(der(0x30, der(2, b"\0" + _N[4:]) + _E)),
    wrapped(der(0x30, _N + der(2, b"\0" + _E[2:]))),
    wrapped(der(0x30, _N + der(2, b""))),
)


def errors(text: str) -> list[str]:
    return [
        f.message() for f in dkim.lint(text, "s1._domainkey.acme.example.") if f.severity is Severity.ERROR
    ]


def test_the_helper_makes_the_key_that_cryptography_makes() -> None:
    assert spki() == B64 and not errors(f"v=DKIM1; k=rsa; p={spki()}")
    for each in (*LONG, *PADDED):
        with pytest.raises(ValueError):
            load_der_public_key(base64.b64decode(each))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"v=DKIM1;\u00a0k=rsa; p={B64}", "U+00A0 NO-BREAK SPACE at character 9,"),
        (f"v=DKIM1; k=rsa; p={B64}\u3000", f"U+3000 IDEOGRAPHIC SPACE at character {19 + len(B64)},"),
        (f"v=DKIM1; k=rsa; p={B64[:50]}\u200b{B64[50:]}", "U+200B ZERO WIDTH SPACE at character 69,"),
        (f"v=DKIM1; k=rsa; p={B64[:50]}\u00a0{B64[50:]}", "U+00A0 NO-BREAK SPACE at character 69,"),
        (f"v=DKIM1\x1f; k=rsa; p={B64}", "U+001F at character 8,"),
        (f"v=DKIM1; n=密钥; p={B64}", "at character 12,"),
        (f"v=DKIM1;; k=rsa; p={B64}", "before the semicolon at character 9"),
        (f"v=DKIM1; k=rsa; p={B64};;", f"before the semicolon at character {20 + len(B64)}"),
        (f";v=DKIM1; k=rsa; p={B64}", "before the semicolon at character 1"),
        (f"v=DKIM1; k=RSA; p={B64}", "k=RSA"),
        ("v=DKIM1; k=ED25519; p=kXaz+1FoGPMSqIfySsnWO5J2B6/1GenMBeTEUDqzT8E=", "k=ED25519"),
        (f"v=DKIM1; k=rsa; p={spki(after=bytes(2))}", "2 octets follow it"),
        (
            f"v=DKIM1; k=rsa; p={spki(oid=bytes.fromhex('300d06092a864886f70d01010a0500'))}",
            "not rsaEncryption",
        ),
        (f"v=DKIM1; k=rsa; p={spki(oid=bytes.fromhex('300b06092a864886f70d010101'))}", "other parameters"),
        (f"v=DKIM1; k=rsa; p={spki(exponent=0)}", "its exponent is 0"),
        (f"v=DKIM1; k=rsa; p={spki(exponent=1)}", "its exponent is 1"),
        (f"v=DKIM1; k=rsa; p={spki(exponent=65536)}", "its exponent is 65536"),
        (f"v=DKIM1; k=rsa; p={spki(exponent=2**33 + 1)}", "mox, go-msgauth and chasquid"),
        (f"v=DKIM1; k=rsa; p={spki(modulus=MODULUS + 1)}", "odd primes"),
        (f"v=DKIM1; k=rsa; p={spki(modulus=-MODULUS)}", "odd primes"),
        *((f"v=DKIM1; k=rsa; p={each}", "X.690 §10.1") for each in LONG),
        *((f"v=DKIM1; k=rsa; p={each}", "X.690 §8.3.2") for each in PADDED),
        (f"v=DKIM1; h=SHA256; p={B64}", "h=SHA256"),
        (f"v=DKIM1; s=Email; p={B64}", "s=Email"),
        (f"v=DKIM1; p={B64[:40]}!{B64[40:]}", "“!” at character 52"),
        (f"v=DKIM1; p={B64[:40]}={B64[40:]}", "“=” at character 52"),
        ("s1.domainkey.u123.wl456.sendgrid.net", "the host name s1.domainkey.u123.wl456.sendgrid.net"),
        ("s1.domainkey.u123.wl456.sendgrid.net.", "the host name"),
    ],
)
def test_what_the_standards_forbid_is_an_error_with_its_place(text: str, said: str) -> None:
    found = errors(text)
    assert len(found) == 1 and said in found[0], found


@pytest.mark.parametrize(
    ("text", "verifier"),
    [
        (f"v=DKIM1; k=rsa; p={B64}; ", "mox 0.0.17"),
        (f"v=DKIM1; k=rsa;\n p={B64}", "mox 0.0.17"),
        (f"v=DKIM1; k=rsa; p={B64[:60]}\t{B64[60:]}", "go-msgauth 0.7.0"),
        (f"v=DKIM1; s=email:tlsrpt; p={B64}", "dkimpy 1.1.8"),
    ],
)
def test_what_one_verifier_refuses_is_a_warning_that_names_it(text: str, verifier: str) -> None:
    (finding,) = dkim.lint(text, "s1._domainkey.acme.example.")
    assert (finding.rule, finding.severity) == ("dkim-refused-by-one", Severity.WARNING)
    assert finding.message("en").startswith(verifier + " ") and finding.message("zh").startswith(verifier)


def verifies(text: str) -> bool:
    """Whether dkimpy takes the record for a key and its signature passes."""
    mail = b"From: a@acme.example\r\nSubject: x\r\n\r\nhello\r\n"
    signature = dkimpy.sign(mail, b"s1", b"acme.example", PAIR.private, include_headers=[b"from"])

    def lookup(_name: bytes, timeout: int = 5) -> bytes:
        return text.encode("utf-8", "surrogateescape")

    try:
        return bool(dkimpy.verify(signature + mail, dnsfunc=lookup))
    except Exception:  # whatever it stumbles over, it has not verified
        return False


_BLANKS = ["", " ", "\t", "\u00a0", "\u3000", "\u200b", "\u2003", "\r\n ", ";"]


@given(
    st.sampled_from(_BLANKS),
    st.sampled_from(_BLANKS),
    st.sampled_from(_BLANKS),
    st.sampled_from(["k=rsa", "k=RSA", "", "k=rsa ", "t=s", "s=email", "s=*", "h=sha256"]),
    st.integers(0, len(B64)),
)
@settings(max_examples=1000, deadline=None)
def test_what_is_called_good_verifies(a: str, b: str, c: str, tag: str, at: int) -> None:
    middle = f"{tag};" if tag else ""
    text = f"v=DKIM1;{a}{middle}{b}p={B64[:at]}{c}{B64[at:]}"
    findings = dkim.lint(text, "s1._domainkey.acme.example.")
    refused = any(f.severity is Severity.ERROR or "dkimpy" in f.message() for f in findings)
    if not refused:
        assert verifies(text)
    made, _ = dkim.cleaned(text)
    assert dkim.cleaned(made) == (made, ()), "clean is clean"
    if made != text:
        assert not [f for f in dkim.lint(made) if f.rule == "dkim-record-malformed"]
        assert verifies(made) == ("k=RSA" not in made)


def test_blanks_of_a_paste_are_taken_out_where_one_reading_is_left() -> None:
    clean = f"v=DKIM1; k=rsa; p={B64}"
    for blank in ("\u00a0", "\u3000", "\u200b", "\ufeff", "\t", "\n"):
        for text in (
            f"v=DKIM1;{blank}k=rsa; p={B64}",
            f"{blank}v=DKIM1; k=rsa; p={B64}",
            f"v=DKIM1; k=rsa; p={B64}{blank}",
            f"v=DKIM1; k=rsa; p={B64[:64]}{blank}{B64[64:]}",
            f"v=DKIM1; k{blank}={blank}rsa; p={B64}; ",
        ):
            assert dkim.cleaned(text)[0] == clean, ascii(text)
    two = ("v=DKIM1;\u00a0; p=x", "v=DK\u00a0IM1; p=x", "v=DKIM1; s=a\u3000b; p=x")
    for kept in (clean, clean + ";", f"v=DKIM1;k=rsa;p={B64[:9]} {B64[9:]}", *two):
        assert dkim.cleaned(kept)[0] == kept


OPENDKIM = (
    'mail._domainkey\tIN\tTXT\t( "v=DKIM1; h=sha256; k=rsa; "\n'
    f'\t  "p={B64[:250]}"\n\t  "{B64[250:]}" )  ; ----- DKIM key mail for 例子.com\n'
)
RSPAMD = f'dkim._domainkey IN TXT ( "v=DKIM1; k=rsa; "\n\t"p={B64[:200]}"\n\t"{B64[200:]}" ) ;\n'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (OPENDKIM, f"v=DKIM1; h=sha256; k=rsa; p={B64}"),
        (RSPAMD, f"v=DKIM1; k=rsa; p={B64}"),
        (f"v=DKIM1; k=rsa; p={B64}\n", f"v=DKIM1; k=rsa; p={B64}"),  # docker-mailserver's public.dns.txt
        (f'"v=DKIM1\\; k=rsa\\; p={B64[:99]}" "{B64[99:]}"', f"v=DKIM1; k=rsa; p={B64}"),
        (PAIR.public, f"v=DKIM1; k=rsa; p={B64}"),
        (B64, f"v=DKIM1; k=rsa; p={B64}"),
    ],
)
def test_a_public_key_is_taken_as_programs_write_it(text: str, wanted: str) -> None:
    assert dkim.record_for(text) == wanted


@pytest.mark.parametrize("text", [RSPAMD + PAIR.private.decode(), "v=DKIM1; p=", "v=DKIM1; k=rsa; p=AAAA"])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(dkim.DkimError):
        dkim.record_for(text)


_TEXTS = st.lists(st.sampled_from([OPENDKIM, '"', "v=DKIM1;", "p=", B64[:8], "\u3000"])).map("".join)


@given(st.text(max_size=60) | _TEXTS)
@settings(max_examples=2000, deadline=None)
def test_any_text_is_read_or_refused_and_never_breaks(text: str) -> None:
    made, removed = dkim.cleaned(text)
    assert bool(removed) <= (made != text)
    for read in (dkim.parse, dkim.record_for):
        try:
            read(text)
        except dkim.DkimError as error:
            assert error.reason("zh")


@given(st.binary(max_size=40), st.integers(0, len(RSA_2048)), st.integers(0, 6))
@settings(max_examples=2000, deadline=None)
def test_any_octets_are_a_key_or_refused(octets: bytes, at: int, cut: int) -> None:
    mangled = RSA_2048[:at] + octets + RSA_2048[at + cut :]
    for each in (octets, mangled):
        text = "v=DKIM1; k=rsa; p=" + base64.b64encode(each).decode()
        findings = dkim.lint(text)
        assert all(f.message("en") and f.message("zh") for f in findings)


def test_long_texts_cost_no_more_than_their_length() -> None:
    for unit in (" ", ";", "=", "a", "\u00a0", "; "):
        dkim.lint("v=DKIM1; p=" + unit * 60_000 + "x")
        dkim.cleaned("v=DKIM1; p=" + unit * 60_000 + "x")
    assert list(itertools.islice(dkim.lint("x" * 60_000), 1))
