"""checkdmarc as an independent oracle for DMARC records; every disagreement is explained here."""

from __future__ import annotations

import importlib.metadata

import pytest

from mailwright.standards import dmarc

oracle = pytest.importorskip("checkdmarc.dmarc", reason="checkdmarc is not installed (test environment only)")

if not importlib.metadata.version("checkdmarc").startswith("6.0."):
    pytest.skip("these disagreements are of checkdmarc 6.0.x", allow_module_level=True)

#: Warnings of checkdmarc that are advice on a sound record; ours are no finding, or a note.
ADVICE = (
    # p=none with reports is the first stage of every roll-out: only p=none without reports is a fault.
    "A p tag value of none makes DMARC unenforced",
    # A parked domain asks for no reports, and rightly; we report it where p=none makes it pointless.
    "rua tag (destination for aggregate reports) not found",
    # Legal in RFC 9989; a note (info) with us.
    "p tag does not immediately follow the v tag",
)

#: record → (our severity, theirs, why they differ).
DISAGREEMENTS = {
    "v=DMARC1; p=reject; fo=x": (
        "warning",
        "error",
        "RFC 9989 §4.7: a bad value falls back to the default, the record holds; checkdmarc refuses it",
    ),
    "v=DMARC1; adkim=s": (
        "error",
        "warning",
        "RFC 9989 §4.10.1: neither p nor rua is no DMARC at all; checkdmarc takes it for p=none",
    ),
    "v=DMARC1; p=none": (
        "warning",
        "clean",
        "neither protects nor reports; checkdmarc warns of each half by itself, which ADVICE passes over",
    ),
    "v=DMARC1; p=reject; rua=mailto:a@acme.example; t=y": (
        "warning",
        "clean",
        "t=y lowers reject to quarantine (RFC 9989 §4.7); checkdmarc says nothing",
    ),
    "v=DMARC1; p=reject; rua=mailto:a@acme.example; psd=y": (
        "warning",
        "clean",
        "psd=y is a registry's word (RFC 9989 §4.7); checkdmarc takes acme.example for one",
    ),
    "v=DMARC1; p=reject; rua=mailto:a@acme.example; np=none": (
        "warning",
        "clean",
        "anybody may write as a name that does not exist; checkdmarc says nothing",
    ),
}

RECORDS = [
    "v=DMARC1; p=none; rua=mailto:a@acme.example",
    "v=DMARC1; p=reject",
    "v=DMARC1;p=quarantine;sp=reject;np=reject;adkim=s;aspf=s;fo=1:d:s",
    "v=DMARC1; p=reject; pct=50",
    "v=DMARC1; p=reject; rf=afrf",
    "v=DMARC1; p=reject; ri=86400",
    "v=DMARC1; p=reject; rua=mailto:a@acme.example!10m",
    "v=DMARC1; p=reject; unknown=1",
    "v=DMARC1; rua=mailto:a@acme.example; p=reject",
    "v=DMARC1; rua=mailto:a@acme.example",
    "v=DMARC1; p=rejct",
    "v=DMARC1; p=rejct; rua=mailto:a@acme.example",
    "v=DMARC1; p=reject; sp=rejct",
    "v=DMARC1; p=reject; adkim=strict",
    "v=DMARC1; p=reject; fo=0:1",
    "v=DMARC1; p=reject; fo=x",
    "v=DMARC1; p=reject; rua=mailto:a@acme.example; t=y",
    "v=DMARC1; p=reject; rua=mailto:a@acme.example; np=none",
    "v=DMARC1; p=reject; rua=mailto:a@acme.example; sp=none",
    "v=DMARC1; p=reject; rua=mailto:a@acme.example; psd=y",
    "v=DMARC1; adkim=s",
    "v=DMARC1; p=none",
    "v=DMARC1; p=reject; rua=a@acme.example",
    "v=DMARC1; p=reject; garbage",
    "v=DMARC1; p=reject; p=none",
    "v=dmarc1; p=none",
    "p=none; v=DMARC1",
    "v=DMARC1 p=none",
    "",
]


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """checkdmarc looks for the MX of report addresses; here every domain has one."""
    monkeypatch.setattr(
        oracle, "get_mx_records", lambda *_, **__: [{"hostname": "mx.acme.example", "preference": 10}]
    )


def theirs(text: str) -> str:
    try:
        warnings = oracle.parse_dmarc_record(text, "acme.example")["warnings"]
    except oracle.DMARCError:
        return "error"
    left = [warning for warning in warnings if not any(advice in str(warning) for advice in ADVICE)]
    return "warning" if left else "clean"


def ours(text: str) -> str:
    severities = {str(finding.severity) for finding in dmarc.lint(text)} - {"info"}
    return "error" if "error" in severities else "warning" if severities else "clean"


@pytest.mark.parametrize("text", RECORDS)
def test_we_agree_or_the_table_says_why_not(text: str) -> None:
    if text in DISAGREEMENTS:
        mine, other, why = DISAGREEMENTS[text]
        assert why and (ours(text), theirs(text)) == (mine, other)
    else:
        assert ours(text) == theirs(text)


def test_every_explained_disagreement_is_still_asked() -> None:
    assert set(DISAGREEMENTS) <= set(RECORDS)
