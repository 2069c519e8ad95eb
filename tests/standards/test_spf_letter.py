"""SPF: terms that are nearly ones, ``%{p}``, voids of one address family, and more than ten exchangers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.standards import spf
from tests.cli.test_commands import mailwright
from tests.standards.test_spf_lint import judged, zone


def said(record: str) -> dict[str, str]:
    return {each.rule: each.message() for each in spf.lint(record, domain="acme.example")}


@pytest.mark.parametrize(
    ("term", "meant"),
    [
        ("inlcude=spf.x.example", "include:spf.x.example"),
        ("includ=spf.x.example", "include:spf.x.example"),
        ("includes=spf.x.example", "include:spf.x.example"),
        ("INLCUDE=spf.x.example", "include:spf.x.example"),
        ("ipv4=203.0.113.7", "ip4:203.0.113.7"),
        ("ipv6=2001:db8::7", "ip6:2001:db8::7"),
        ("ip=203.0.113.7", "ip4:203.0.113.7"),
        ("exist=x.example", "exists:x.example"),
        ("redirct=spf.x.example", "redirect=spf.x.example"),
        ("rediredt=spf.x.example", "redirect=spf.x.example"),
        ("all=x", "all"),
    ],
)
def test_an_ignored_modifier_is_named_with_the_nearest_term(term: str, meant: str) -> None:
    message = said(f"v=spf1 mx {term} ~all")["spf-term-misspelt"]
    name, _, value = term.partition("=")
    assert f"{name.lower()}={value}" in message and f"{meant} was meant" in message


@pytest.mark.parametrize(
    ("term", "meant"),
    [
        ("inlcude:spf.x.example", "include:spf.x.example"),
        ("-inlcude:spf.x.example", "-include:spf.x.example"),
        ("ipv4:203.0.113.7/28", "ip4:203.0.113.7/28"),
        ("ip:203.0.113.7", "ip4:203.0.113.7"),
        ("~al", "~all"),
        ("redirct:spf.x.example", "redirect=spf.x.example"),
        ("redirect:spf.x.example", "redirect=spf.x.example"),
        ("exp:why.x.example", "exp=why.x.example"),
    ],
)
def test_an_unknown_mechanism_is_named_with_the_nearest_term(term: str, meant: str) -> None:
    message = said(f"v=spf1 mx {term} ~all")["spf-syntax"]
    assert term in message and f"{meant} was meant" in message
    with pytest.raises(spf.SpfError) as caught:
        spf.parse(f"v=spf1 mx {term} ~all")
    assert caught.value.meant == meant
    spf.parse(f"v=spf1 {meant}")


@pytest.mark.parametrize(
    "term", ["moo", "x-note=1", "ra=postmaster", "rp=100", "accredit=x.example", "unknown=1"]
)
def test_what_is_near_nothing_is_no_slip(term: str) -> None:
    message = " ".join(said(f"v=spf1 mx {term} ~all").values())
    assert "was meant" not in message and "spf-term-misspelt" not in said(f"v=spf1 mx {term} ~all")


def test_the_p_macro_is_warned_of() -> None:
    for record in (
        "v=spf1 exists:%{p}.x.example ~all",
        "v=spf1 a:%{P1r.}.x.example ~all",
        "v=spf1 mx redirect=%{p}.x.example",
        "v=spf1 exp=%{p}.x.example ~all",
    ):
        assert "spf-uses-p-macro" in said(record), record
    for record in ("v=spf1 exists:%{i}.x.example ~all", "v=spf1 exists:%%{p}.x.example ~all"):
        assert "spf-uses-p-macro" not in said(record), record


@given(st.text("p%{}ir1.", max_size=8))
@settings(max_examples=2000, deadline=None)
def test_the_p_macro_is_found_where_expansion_finds_it(text: str) -> None:
    from mailwright.standards.spf import macros

    try:
        record = spf.parse(f"v=spf1 exists:{text}.example ~all")
    except spf.SpfError:
        return
    assert ("spf-uses-p-macro" in {e.rule for e in spf.lint(record)}) == ("p" in macros.letters(text))


def test_voids_are_counted_for_each_address_family_apart() -> None:
    four = {f"v{n}_example": [{"A": "203.0.113.1"}] for n in range(3)}
    six = {f"w{n}_example": [{"AAAA": "2001:db8::1"}] for n in range(3)}
    both = {f"b{n}_example": [{"A": "203.0.113.1"}, {"AAAA": "2001:db8::1"}] for n in range(3)}
    answers = zone(**four, **six, **both)
    only4 = "v=spf1 a:v0.example a:v1.example a:v2.example ~all"
    only6 = "v=spf1 a:w0.example a:w1.example a:w2.example ~all"
    assert list(judged(only4, answers)) == ["spf-voids-of-one-family"]
    assert "by IPv6" in judged(only4, answers)["spf-voids-of-one-family"]
    assert "by IPv4" in judged(only6, answers)["spf-voids-of-one-family"]
    assert not judged("v=spf1 a:b0.example a:b1.example a:b2.example ~all", answers)
    assert not judged("v=spf1 a:v0.example a:v1.example a:w0.example a:w1.example ~all", answers)
    mixed = "v=spf1 a:v0.example a:v1.example a:gone.example ~all"
    assert set(judged(mixed, answers)) == {"spf-term-finds-nothing", "spf-voids-of-one-family"}
    for record, ip, result in (
        (only4, "2001:db8::99", "permerror"),
        (only4, "198.51.100.9", "softfail"),
        (only6, "198.51.100.9", "permerror"),
        (only6, "2001:db8::99", "softfail"),
    ):
        world = zone(**four, **six, acme_example=[{"SPF": record}])
        assert spf.check_host(ip, "acme.example", "a@acme.example", world).result == result, (record, ip)


def test_more_than_ten_exchangers_are_an_error_before_anything_is_published(tmp_path: Path) -> None:
    def rules(exchangers: int, more: str = "") -> dict[str, str]:
        path = tmp_path / "acme.yaml"
        mx = ", ".join(f'"10 mx{n}.acme-trade.com"' for n in range(exchangers))
        path.write_text(
            "version: 1\ndomain: acme-trade.com\ntimezone: Asia/Shanghai\n"
            f"mail_host: {{service: self-hosted, mx: [{mx}]}}\n"
            f"dns_hosts: [{{service: manual, console: aliyun}}]\ncontact: wang@acme-trade.com\n{more}"
        )
        body = json.loads(mailwright("check", str(path), "--format", "json").stdout)
        return {each["rule"]: each["severity"] for each in body}

    assert rules(11).get("spf-mx-over-limit") == "error"
    assert "spf-mx-over-limit" not in rules(10)
    answers = zone(
        acme_example=[{"SPF": "v=spf1 mx -all"}, *({"MX": [n, f"m{n}.acme.example"]} for n in range(11))]
    )
    assert spf.check_host("192.0.2.1", "acme.example", "a@acme.example", answers).result == "permerror"
