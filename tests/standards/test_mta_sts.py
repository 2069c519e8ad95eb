"""MTA-STS and TLS reporting: what is built is what is read, and what is wrong is said."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.standards import mta_sts, tls_rpt

POLICY = mta_sts.Policy("enforce", ("mx1.acme.example", "*.mail.example"), 604800)

HOST = st.from_regex(r"[a-z][a-z0-9]{0,9}(\.[a-z][a-z0-9\-]{0,9}[a-z0-9]){1,3}", fullmatch=True)
POLICIES = st.builds(
    mta_sts.Policy,
    st.sampled_from(mta_sts.MODES),
    st.lists(HOST | HOST.map("*.{}".format), min_size=1, max_size=5).map(tuple),
    st.integers(0, mta_sts.MAX_AGE_MOST),
)


@given(POLICIES)
def test_what_is_built_is_what_is_read(policy: mta_sts.Policy) -> None:
    text = str(policy)
    assert mta_sts.parse_policy(text) == policy == mta_sts.parse_policy(text.replace("\r\n", "\n"))
    record = mta_sts.build_record(policy)
    assert mta_sts.parse_record(record) == mta_sts.policy_id(policy)
    assert len(mta_sts.policy_id(policy)) <= 32 and mta_sts.policy_id(policy).isalnum()


@given(POLICIES, POLICIES)
def test_the_id_changes_exactly_when_the_policy_does(one: mta_sts.Policy, other: mta_sts.Policy) -> None:
    assert (mta_sts.policy_id(one) == mta_sts.policy_id(other)) == (one == other)


@given(
    st.text() | st.text("version: STv1\nmodexagk_0123\r*.").map("version: STSv1\nmode: enforce\n{}".format)
)
def test_random_text_is_a_policy_or_an_error(text: str) -> None:
    for read in (mta_sts.parse_policy, mta_sts.parse_record, tls_rpt.parse):
        for words in (text, f"v=STSv1; id={text}", f"v=TLSRPTv1; rua={text}"):
            try:
                read(words)
            except (mta_sts.MtaStsError, tls_rpt.TlsRptError) as error:
                assert error.reason("zh")
    assert all(
        finding.message("zh") for finding in mta_sts.lint_policy(text, "acme.example", ["mx.acme.example"])
    )


@pytest.mark.parametrize(
    ("pattern", "host", "covered"),
    [
        ("mx.acme.example", "MX.acme.example.", True),
        ("*.acme.example", "mx.acme.example", True),
        ("*.acme.example", "a.mx.acme.example", False),
        ("*.acme.example", "acme.example", False),
        ("mx.acme.example", "xmx.acme.example", False),
        (".acme.example", "mx.acme.example", False),
    ],
)
def test_a_star_is_exactly_one_label(pattern: str, host: str, covered: bool) -> None:
    assert mta_sts.matches(pattern, host) is covered


@pytest.mark.parametrize(
    "text",
    [
        "version: STSv1\nmode: enforce\nmax_age: 86400\n",
        "version: STSv1\nmode: enforced\nmx: a.example\nmax_age: 86400\n",
        "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 31557601\n",
        "version: STSv1\nmode: enforce\nmx: a.example\n",
        "mode: enforce\nmx: a.example\nmax_age: 86400\n",
        "version: STSv1\nmode: enforce\nmx: a.*.example\nmax_age: 86400\n",
        "version: STSv1\nmode: enforce\nmx: mx a.example\nmax_age: 86400\n",
        "version: STSv1\nmode enforce\nmx: a.example\nmax_age: 86400\n",
        "<!DOCTYPE html><html></html>",
    ],
)
def test_a_policy_that_senders_refuse_is_an_error(text: str) -> None:
    with pytest.raises(mta_sts.MtaStsError):
        mta_sts.parse_policy(text)
    assert [finding.rule for finding in mta_sts.lint_policy(text, "acme.example")] == [
        "mta-sts-policy-invalid"
    ]


def test_unknown_keys_are_passed_over_and_the_first_of_a_repeated_one_counts() -> None:
    text = "version: STSv1\nmode: testing\nmode: enforce\nfuture: x\nmx: A.example\nmax_age: 86400"
    assert mta_sts.parse_policy(text) == mta_sts.Policy("testing", ("a.example",), 86400)


@pytest.mark.parametrize(
    "record",
    [
        "v=STSv1",
        "v=STSv1; id=",
        "v=STSv1; id=a-b",
        f"v=STSv1; id={'a' * 33}",
        "v=STSv2; id=1",
        "id=1; v=STSv1",
        "v=STSv1; id = 1",
        "v = STSv1; id=1",
    ],
)
def test_a_record_that_senders_refuse_is_an_error(record: str) -> None:
    assert [finding.rule for finding in mta_sts.lint_record([record])] == ["mta-sts-record-invalid"]


def test_one_record_with_the_policys_own_id() -> None:
    good = mta_sts.build_record(POLICY)
    assert not mta_sts.lint_record(["other text", good], policy=POLICY)
    (stale,) = mta_sts.lint_record(["v=STSv1; id=20260101;"], policy=POLICY)
    assert stale.rule == "mta-sts-id-stale" and mta_sts.policy_id(POLICY) in stale.hint("en")
    for values in ([good, good], []):
        (finding,) = mta_sts.lint_record(values)
        assert finding.rule == "mta-sts-record-invalid" and "{" not in finding.message("zh")


def test_an_exchanger_outside_the_policy_loses_mail_when_it_is_enforced() -> None:
    hosts = ["mx1.acme.example.", "x.mail.example", "backup.example"]
    findings = mta_sts.lint_policy(str(POLICY), "acme.example", hosts)
    assert [(finding.rule, str(finding.severity)) for finding in findings] == [
        ("mta-sts-mx-not-covered", "error")
    ]
    testing = mta_sts.Policy("testing", POLICY.mx, 604800)
    assert [
        str(finding.severity) for finding in mta_sts.lint_policy(str(testing), "acme.example", hosts)
    ] == ["warning"]
    findings = mta_sts.lint_policy(str(POLICY), "acme.example", ["mx1.acme.example"])
    assert [each.rule for each in findings] == ["mta-sts-mx-unused"]
    short = mta_sts.Policy("enforce", POLICY.mx, 3600)
    assert "mta-sts-max-age-short" in {
        finding.rule for finding in mta_sts.lint_policy(str(short), "acme.example", hosts)
    }


def test_the_files_serve_the_policy() -> None:
    files = mta_sts.static_files(POLICY)
    assert mta_sts.parse_policy(files[".well-known/mta-sts.txt"].decode()) == POLICY
    assert mta_sts.policy_url("Acme.example.") == "https://mta-sts.acme.example/.well-known/mta-sts.txt"
    line = next(each for each in mta_sts.worker(POLICY).splitlines() if each.startswith("const POLICY"))
    assert json.loads(line.removeprefix("const POLICY = ").removesuffix(";")) == str(POLICY)


def test_the_worker_answers_as_the_standard_asks(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node to run the worker with")
    (tmp_path / "worker.mjs").write_text(mta_sts.worker(POLICY))
    (tmp_path / "ask.mjs").write_text(
        'import worker from "./worker.mjs";\n'
        "const ask = (url) => worker.fetch(new Request(url));\n"
        'const good = await ask("https://mta-sts.acme.example/.well-known/mta-sts.txt");\n'
        'const other = await ask("https://mta-sts.acme.example/");\n'
        "console.log(JSON.stringify([good.status, good.headers.get('content-type'), await good.text(), "
        "other.status]));\n"
    )
    done = subprocess.run(
        [node, "ask.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    status, media, text, other = json.loads(done.stdout)
    assert (status, text, other) == (200, str(POLICY), 404) and media.startswith("text/plain")


# --- TLS reporting

MAILBOX = st.builds("{}@{}".format, st.text("abc09.!,;%?+-", min_size=1, max_size=9), HOST)


@given(st.lists(MAILBOX | HOST.map("https://{}/tls".format), min_size=1, max_size=3))
def test_a_report_record_is_read_as_built(destinations: list[str]) -> None:
    record = tls_rpt.build(destinations)
    assert tls_rpt.parse(str(record)) == record
    assert list(record.mailboxes) == [destination for destination in destinations if "://" not in destination]
    assert not tls_rpt.lint([str(record), "other"])


@pytest.mark.parametrize(
    "values",
    [
        ["v=TLSRPTv1"],
        ["v=TLSRPTv1; rua="],
        ["v=TLSRPTv1; rua=tls@acme.example"],
        ["v=TLSRPTv1; rua=http://acme.example/"],
        ["v=TLSRPTv1; rua=mailto:a@acme.example; garbage"],
        ["v=TLSRPTv2; rua=mailto:a@acme.example"],
        ["v=TLSRPTv1; rua = mailto:a@acme.example"],
        ["v=TLSRPTv1; rua=mailto:a@acme.example"] * 2,
    ],
)
def test_a_report_record_that_senders_refuse_is_an_error(values: list[str]) -> None:
    (said,) = tls_rpt.lint(values)
    assert said.rule == "tls-rpt-record-invalid" and said.message("en") and "{" not in said.message("zh")


def test_nothing_wrong_is_built() -> None:
    for wrong in ([], ["nobody"], ["http://acme.example/"], ["https://"], ["https://[/"]):
        with pytest.raises(tls_rpt.TlsRptError):
            tls_rpt.build(wrong)
