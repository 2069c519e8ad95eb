"""checkdmarc as an independent oracle for MTA-STS and TLS-RPT: on these texts both say the same."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable

import pytest

from mailwright.standards import mta_sts, tls_rpt

their_sts = pytest.importorskip(
    "checkdmarc.mta_sts", reason="checkdmarc is not installed (test environment only)"
)
their_tls = pytest.importorskip("checkdmarc.smtp_tls_reporting")

if not importlib.metadata.version("checkdmarc").startswith("6.0."):
    pytest.skip("these texts were read by checkdmarc 6.0.x", allow_module_level=True)

RECORDS = [
    "v=STSv1; id=20260101;", "v=STSv1;id=1", "v=STSv1 ; id=1", "v=STSv1; id=", "v=STSv1", "v=STSv1; id=a-b",
    f"v=STSv1; id={'a' * 32}", f"v=STSv1; id={'a' * 33}", "v=STSv2; id=1", "id=1; v=STSv1",
    "v=STSv1; id=1; future=x", "v=STSv1; id=1; id=2", "v=STSv1; id = 1", "v = STSv1; id=1", "v=stsv1; id=1",
    "",
]  # fmt: skip

GOOD = "version: STSv1\nmode: enforce\nmx: mx.acme.example\nmax_age: 86400\n"
FILES = [
    GOOD,
    GOOD.replace("\n", "\r\n"),
    GOOD.rstrip("\n"),
    GOOD.replace(": ", ":"),
    GOOD.replace("enforce", "enforced"),
    GOOD.replace("mx: mx.acme.example\n", ""),
    GOOD.replace("86400", "31557601"),
    GOOD.replace("86400", "1.5"),
    GOOD.replace("max_age: 86400\n", ""),
    GOOD.replace("version: STSv1\n", ""),
    GOOD.replace("STSv1", "STSv2"),
    GOOD.replace("mx.acme", "*.acme"),
    GOOD.replace("mx.acme", "a.*.acme"),
    GOOD.replace("mode: enforce", "mode enforce"),
    GOOD + "future: x\n",
    GOOD + "mode: none\n",
    "version: STSv1\nmode: none\nmax_age: 86400\n",
    "<html></html>",
    "",
]

REPORTS = [
    "v=TLSRPTv1; rua=mailto:a@acme.example",
    "v=TLSRPTv1;rua=mailto:a@acme.example,https://acme.example/x;",
    "v=TLSRPTv1",
    "v=TLSRPTv1; rua=",
    "v=TLSRPTv1; rua=a@acme.example",
    "v=TLSRPTv1; rua=http://acme.example/",
    "v=TLSRPTv1; rua=mailto:a@acme.example; x=y",
    "v=TLSRPTv1; rua=mailto:a@acme.example; garbage",
    "v=TLSRPTv1; rua=mailto:a@acme.example; rua=mailto:b@acme.example",
    "v=TLSRPTv2; rua=mailto:a@acme.example",
    "rua=mailto:a@acme.example; v=TLSRPTv1",
    "",
]


def taken(read: Callable[[str], object], refusal: type[Exception], text: str) -> bool:
    try:
        read(text)
    except refusal:
        return False
    return True


@pytest.mark.parametrize("text", RECORDS)
def test_the_mta_sts_record(text: str) -> None:
    ours = taken(mta_sts.parse_record, mta_sts.MtaStsError, text)
    assert ours == taken(their_sts.parse_mta_sts_record, their_sts.MTASTSError, text)


@pytest.mark.parametrize("text", FILES)
def test_the_mta_sts_policy(text: str) -> None:
    ours = taken(mta_sts.parse_policy, mta_sts.MtaStsError, text)
    assert ours == taken(their_sts.parse_mta_sts_policy, their_sts.MTASTSError, text)


@pytest.mark.parametrize("text", REPORTS)
def test_the_tls_report_record(text: str) -> None:
    ours = taken(tls_rpt.parse, tls_rpt.TlsRptError, text)
    assert ours == taken(their_tls.parse_smtp_tls_reporting_record, their_tls.SMTPTLSReportingError, text)
