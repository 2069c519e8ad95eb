"""MTA-STS and TLS-RPT by the letter: which fields are passed over, and which void the record."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.standards import mta_sts, tls_rpt

RUA = "rua=mailto:a@acme.example"


@pytest.mark.parametrize("field", ["x-note=1", "9x=1", "a.b=1", "A_b-c.d=~!:<", "x" * 32 + "=1"])
def test_an_extension_means_nothing(field: str) -> None:
    assert mta_sts.parse_record(f"v=STSv1; {field}; id=7") == "7"
    assert mta_sts.parse_record(f"v=STSv1;id=7 ;{field};") == "7"
    assert tls_rpt.parse(f"v=TLSRPTv1; {field}; {RUA}").mailboxes == ("a@acme.example",)


@pytest.mark.parametrize(
    "field",
    ["", "x=", "x=a=b", "x" * 33 + "=1", "-x=1", "x", "x =1", "x= 1", "x=a b", "x=ä", "=1", "\u00a0x=1"],
)
def test_a_field_that_is_none_voids_the_record(field: str) -> None:
    for text in (f"v=STSv1; {field}; id=7", f"v=STSv1; id=7; {field};"):
        with pytest.raises(mta_sts.MtaStsError):
            mta_sts.parse_record(text)
    with pytest.raises(tls_rpt.TlsRptError):
        tls_rpt.parse(f"v=TLSRPTv1; {field}; {RUA}")


def test_a_repeated_id_is_borne_on_reading_and_an_error_in_what_we_write() -> None:
    text = "v=STSv1; id=1; id=2"
    assert mta_sts.parse_record(text) == "1"
    assert not mta_sts.lint_record([text])
    (finding,) = mta_sts.lint_record([text], written=True)
    assert finding.rule == "mta-sts-record-invalid" and str(finding.severity) == "error"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"{RUA}; rua=mailto:b@acme.example", ("a@acme.example", "b@acme.example")),
        (f"{RUA} , mailto:b@acme.example", ("a@acme.example", "b@acme.example")),
        (f"{RUA},ftp://acme.example/x", ("a@acme.example",)),
        ("rua=tel:+8613800000000,mailto:a@acme.example", ("a@acme.example",)),
        ("rua=https://acme.example/?a=b", ()),
    ],
)
def test_report_addresses_are_taken_together_and_other_schemes_passed_over(
    text: str, wanted: tuple[str, ...]
) -> None:
    assert tls_rpt.parse(f"v=TLSRPTv1; {text}").mailboxes == wanted
    assert not tls_rpt.lint([f"v=TLSRPTv1; {text}"])


@pytest.mark.parametrize(
    "text", ["rua=ftp://acme.example/x", f"{RUA},", f"{RUA},nothing", "rua=mailto:nobody", "x=1"]
)
def test_no_usable_report_address_is_an_error(text: str) -> None:
    assert [finding.rule for finding in tls_rpt.lint([f"v=TLSRPTv1; {text}"])] == ["tls-rpt-record-invalid"]


GOOD = "version: STSv1\nmode: enforce\nmx: mx.acme.example\nmax_age: 86400\n"


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("mode", "\nmode"),
        GOOD + "\n",
        "\n" + GOOD,
        GOOD + " \t\n",
        GOOD.replace("\n", "\r\n") + "\r\n",
        GOOD + "x:\n",
        GOOD + "x" * 33 + ": 1\n",
        GOOD + "-x: 1\n",
        GOOD + "x: a\x00b\n",
        GOOD.replace("mode:", "\u00a0mode:"),
        GOOD.replace("enforce", "enforce\u3000"),
        GOOD.replace("86400", "\u0668\u0666\u0664\u0660\u0660"),
    ],
)
def test_a_policy_file_by_the_letter(text: str) -> None:
    with pytest.raises(mta_sts.MtaStsError):
        mta_sts.parse_policy(text)


@pytest.mark.parametrize(
    "text", [GOOD, GOOD.rstrip("\n"), GOOD + "9x.y-z_: ö a = b;\n", GOOD.replace("\n", " \t\n")]
)
def test_a_policy_file_that_senders_take(text: str) -> None:
    assert mta_sts.parse_policy(text) == mta_sts.Policy("enforce", ("mx.acme.example",), 86400)


#: RFC 8461 §3.1 and RFC 8460 §3 as one regular expression each, the second reading.
_EXT = r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,31}=[\x21-\x3a\x3c\x3e-\x7e]+"
_STS = re.compile(rf"v=STSv1(?:[ \t]*;[ \t]*{_EXT})+(?:[ \t]*;)?[ \t]*")
_PARTS = st.sampled_from(
    (
        "v=STSv1",
        ";",
        " ",
        "\t",
        "id=1",
        "id=",
        "x-note=1",
        "9x=1",
        "a.b=1",
        "x=a=b",
        "=",
        "x",
        "\u00a0",
        "y" * 33,
    )
)


@given(st.lists(_PARTS, max_size=10).map(lambda parts: "v=STSv1;" + "".join(parts)))
@settings(max_examples=6000, deadline=None)
def test_the_record_is_read_as_its_grammar_says(text: str) -> None:
    try:
        id = mta_sts.parse_record(text)
    except mta_sts.MtaStsError:
        id = ""
    ids = re.findall(r";[ \t]*id=([^; \t]*)", text)
    good = (
        _STS.fullmatch(text)
        and ids
        and all(re.fullmatch(r"[A-Za-z0-9]{1,32}", identifier) for identifier in ids)
    )
    wanted = ids[0] if good else ""
    assert id == wanted


_PIECES = st.sampled_from(("v=TLSRPTv1", ";", " ", "rua=", "mailto:a@b.example", ",", "x=1", "ftp:x"))


@given(st.text() | st.lists(_PIECES).map("".join))
@settings(max_examples=3000, deadline=None)
def test_any_text_is_a_record_or_refused(text: str) -> None:
    for read, error in (
        (tls_rpt.parse, tls_rpt.TlsRptError),
        (mta_sts.parse_record, mta_sts.MtaStsError),
        (mta_sts.parse_policy, mta_sts.MtaStsError),
    ):
        try:
            read(text)
        except error as fault:
            assert fault.reason("en") and fault.reason("zh")
