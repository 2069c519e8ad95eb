"""A spec's errors: all at once, each at its place, in both languages, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import mailwright.plan.lint.consents
import mailwright.plan.plan
import mailwright.verify.dns  # noqa: F401  every rule declares itself on import
from mailwright.spec import find_specs, load, load_many, parse
from mailwright.spec.dns_hosts import SCHEMA, written
from tests.conftest import ROOT

SIX = """\
version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
mail_host: {service: tencent-exmail}
dns_hosts: [{service: manual, console: aliyun}]
contact: wang@acme-trade.com
"""


def said(text: str) -> list[tuple[str, int, int]]:
    result = parse(text.encode(), "acme.yaml")
    return [
        (finding.rule, finding.position.line, finding.position.column)
        for finding in result.findings
        if finding.position
    ]


def test_six_lines_are_a_whole_company() -> None:
    result = parse(SIX.encode(), "acme.yaml")
    assert result.findings == () and result.spec is not None
    assert result.spec.domain == "acme-trade.com" and result.spec.dmarc.stage == "watch"
    assert result.spec.at("mail_host.service").line == 4


def test_an_international_domain_becomes_a_labels() -> None:
    result = parse(SIX.replace("domain: acme-trade.com", "domain: 中文.com").encode(), "acme.yaml")
    assert result.spec is not None and result.spec.domain == "xn--fiq228c.com"
    assert result.spec.domain_unicode == "中文.com"


WRONG = [
    ("domain: acme-trade.com", "domain: qq.com", "free-mail-domain", 2),
    ("domain: acme-trade.com", "domain: acme.163.com", "free-mail-domain", 2),
    ("domain: acme-trade.com", "domain: acme", "bad-domain", 2),
    ("domain: acme-trade.com", "domain: https://acme-trade.com/", "bad-domain", 2),
    ("domain: acme-trade.com", "domain: wang@acme-trade.com", "bad-domain", 2),
    ("domain: acme-trade.com", f"domain: {'a' * 64}.com", "bad-domain", 2),
    ("domain: acme-trade.com", "domain: acme-trade.com.acme-trade.com", "doubled-domain", 2),
    ("domain: acme-trade.com", "domain： acme-trade.com", "full-width-punctuation", 2),
    ("domain: acme-trade.com", "domain: “acme-trade.com”", "full-width-punctuation", 2),
    ("domain: acme-trade.com", "domain: [acme-trade.com]", "wrong-type", 2),
    ("domain: acme-trade.com", "domain:", "wrong-type", 2),
    ("timezone: Asia/Shanghai", "timezone: Asia/Shanghei", "bad-timezone", 3),
    ("timezone: Asia/Shanghai", "timezones: Asia/Shanghai", "unknown-key", 3),
    ("service: tencent-exmail", "service: tencent-exmial", "unknown-service", 4),
    ("service: tencent-exmail", "service: zoho-mail", "site-missing", 4),
    ("service: tencent-exmail", "service: alibaba-mail, site: mars", "unknown-site", 4),
    ("service: tencent-exmail", "service: microsoft-365", "service-input-missing", 4),
    ("service: tencent-exmail", "service: google-workspace, site: mars", "unknown-site", 4),
    ("service: tencent-exmail", "service: self-hosted", "key-missing", 4),
    ("service: manual, console: aliyun", "service: rfc2136", "key-missing", 5),
    ("console: aliyun", "console: aliyum", "value-not-allowed", 5),
    ("console: aliyun", "api_token: abc", "secret-in-spec", 5),
    ("wang@acme-trade.com", "wang", "bad-address", 6),
    ("wang@acme-trade.com", "wang＠acme-trade.com", "full-width-punctuation", 6),
    ("wang@acme-trade.com", "wang@acme-trade.com.acme-trade.com", "doubled-domain", 6),
    ("version: 1", "version: 2", "value-not-allowed", 1),
    ("version: 1", "version: 1\nversion: 1", "duplicate-key", 2),
    ("version: 1", "version: &a 1\nttl: *a", "yaml-alias", 1),
    ("version: 1", "version: !!python/object:os.system 1", "yaml-alias", 1),
]


@pytest.mark.parametrize(("old", "new", "rule", "line"), WRONG, ids=lambda v: str(v)[:30])
def test_a_fault_is_named_at_its_line(old: str, new: str, rule: str, line: int) -> None:
    found = [each for each in said(SIX.replace(old, new)) if each[0] == rule]
    assert found and found[0][1] == line


MORE = [
    ("people: {wang: {nmae: 老王}}", "unknown-key"),
    ("addresses: {info: {to: nobody}}", "unknown-person"),
    ("allow: [{rule: mx-changed, until: soon, why: x}]", "bad-date"),
    ("senders: [{custom: form, ip4: [300.1.1.1]}]", "bad-ip-address"),
    ("senders: [{service: mailchump}]", "unknown-service"),
    ("senders: [{service: alibaba-directmail}]", "site-missing"),
    ("senders: [{service: brevo}]", "service-input-missing"),
    ("senders: [{service: mailchimp, ip: 1.2.3.4}]", "unknown-key"),
    ("senders: [{custom: form, adress: x}]", "unknown-key"),
    ("ttl: 5", "value-not-allowed"),
    ("ttl: soon", "wrong-type"),
    ("verification: [{value: '\"MS=ms1\"'}]", "txt-quoted"),
    ("verification: [{value: 'v=x\\; y'}]", "txt-quoted"),
    ("signing: [{selector: s1, public_key_file: nowhere.pub}]", "key-file"),
    ("signing: [{selector: s1, public_key_file: /dev/zero}]", "key-file"),
    ("spf: {all: maybe}", "value-not-allowed"),
    ("\tparked: [a.net]", "tab-indentation"),
    ("parked: [acmetrade.net, “x.net”]", "curly-quotes"),
]


@pytest.mark.parametrize(("line", "rule"), MORE)
def test_a_fault_of_a_grown_spec_is_named(line: str, rule: str) -> None:
    assert rule in {each[0] for each in said(SIX + line + "\n")}


def test_all_errors_come_at_once() -> None:
    text = (
        SIX.replace("Asia/Shanghai", "Mars").replace("wang@acme-trade.com", "wang").replace("aliyun", "alyun")
    )
    assert {"bad-timezone", "bad-address", "value-not-allowed"} <= {each[0] for each in said(text)}


def test_a_block_that_does_not_parse_hides_only_itself() -> None:
    text = SIX.replace("mail_host: {service: tencent-exmail}", "mail_host: {service: tencent-exmail").replace(
        "contact: wang@acme-trade.com", "contact: wang"
    )
    assert ("yaml-syntax", 4) in {each[:2] for each in said(text)} or ("yaml-syntax", 5) in {
        each[:2] for each in said(text)
    }
    assert "bad-address" in {each[0] for each in said(text)}


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"\xef\xbb\xbf" + SIX.encode(), "byte-order-mark"),
        (SIX.encode("utf-16"), "not-utf-8"),
        (SIX.replace("1\n", "1 # 公司邮件\n", 1).encode("gbk"), "not-utf-8"),
        (b"x" * (2 << 20), "file-too-large"),
        (b"", "not-a-spec"),
        (b"- a\n- b\n", "not-a-spec"),
    ],
)
def test_a_file_that_is_no_text_of_ours(data: bytes, rule: str) -> None:
    result = parse(data, "acme.yaml")
    assert result.spec is None and [finding.rule for finding in result.findings] == [rule]


def test_an_alias_bomb_is_refused() -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"
    assert "yaml-alias" in {each[0] for each in said(bomb)}


@given(
    st.one_of(
        st.binary(max_size=400), st.text(max_size=400).map(lambda t: (SIX + t).encode("utf-8", "replace"))
    )
)
@settings(max_examples=300, deadline=None)
def test_no_bytes_raise(data: bytes) -> None:
    result = parse(data, "acme.yaml")
    for finding in result.findings:
        assert finding.message("en") and finding.message("zh") and finding.hint("en") and finding.hint("zh")


@given(st.integers(0, len(SIX) - 1), st.sampled_from("：，“”{}[]:,&*!|>'\"\t\x00\u3000#@"))
@settings(max_examples=300, deadline=None)
def test_no_slip_of_one_key_raises(at: int, char: str) -> None:
    parse((SIX[:at] + char + SIX[at:]).encode(), "acme.yaml")
    parse((SIX[:at] + char + SIX[at + 1 :]).encode(), "acme.yaml")


def test_the_schema_is_valid_and_agrees_with_us() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert (ROOT / "schemas" / "mail-spec.schema.json").read_bytes() == SCHEMA.read_bytes()
    assert SCHEMA.read_text("utf-8") == written(), "python -m mailwright.report.docs.dns_hosts"
    validator = jsonschema.Draft202012Validator(schema)
    for text in (SIX, (ROOT / "stacks" / "example.yaml").read_text(encoding="utf-8")):
        assert validator.is_valid(yaml.safe_load(text))
    for old, new, rule, _ in WRONG:
        if rule in ("unknown-key", "value-not-allowed"):
            assert not validator.is_valid(yaml.safe_load(SIX.replace(old, new)))


@pytest.mark.parametrize(
    ("host", "key", "column", "known"),
    [
        ("{service: manual, server: 192.0.2.53, console: aliyun}", "server", 31, "service, zone, console"),
        ("{service: manual, zone_id: '7'}", "zone_id", 31, "service, zone, console"),
        ("{service: cloudflare, key_name: k}", "key_name", 35, "service, zone, zone_id, base_url"),
        ("{service: rfc2136, server: 192.0.2.53, console: aliyun}", "console", 52, "read_by"),
    ],
)
def test_an_option_of_another_service_is_an_error_where_it_stands(
    host: str, key: str, column: int, known: str
) -> None:
    text = SIX.replace("{service: manual, console: aliyun}", host)
    (finding,) = parse(text.encode(), "acme.yaml").findings
    place = finding.position
    assert place and (place.line, place.column) == (5, column)
    assert (finding.rule, finding.path) == ("unknown-key", f"dns_hosts[0].{key}")
    service = host.partition("service: ")[2].partition(",")[0]
    assert finding.message("en") == f"{service} has no key {key}."
    assert finding.message("zh") == f"{service} 中没有 {key} 这个键。"
    assert known in finding.hint("en") and known in finding.hint("zh")
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert not validator.is_valid(yaml.safe_load(text))


def test_two_specs_that_claim_one_name(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SIX)
    (tmp_path / "b.yaml").write_text(
        SIX.replace("acme-trade.com", "other.com") + "parked: [acme-trade.com]\n"
    )
    (tmp_path / "Pulumi.a.yaml").write_text("config: {}\n")
    results = load_many([tmp_path])
    assert [Path(spec).name for spec in find_specs(tmp_path)] == ["a.yaml", "b.yaml"]
    assert results[0].spec is not None and results[1].spec is None
    assert results[1].findings[-1].rule == "claimed-twice"


@pytest.mark.parametrize("way", [".runner/stacks", "base/../.runner/stacks"])
def test_the_way_to_a_folder_may_be_hidden(tmp_path: Path, way: str) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / ".runner" / "stacks" / ".old").mkdir(parents=True)
    for each in ("a.yaml", ".b.yaml", ".old/c.yaml"):
        (tmp_path / ".runner" / "stacks" / each).write_text("version: 1\n")
    assert [spec.name for spec in find_specs(tmp_path / way)] == ["a.yaml"]


def test_a_file_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    assert [finding.rule for finding in load(tmp_path / "none.yaml").findings] == ["file-unreadable"]
