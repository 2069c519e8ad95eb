"""Through the command line: taking over, sending only, what is said of tokens and of senders left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mailwright.cli import main
from mailwright.sandbox.nameserver import running
from tests.importing.shapes import DOMAIN
from tests.standards.test_dkim import B64

ZONE = """\
@ 600 IN MX 5 mxbiz1.qq.com.
@ 600 IN MX 10 mxbiz2.qq.com.
@ 600 IN TXT "v=spf1 include:spf.mail.qq.com ~all"
@ 600 IN TXT "MS=ms12345678"
@ 600 IN TXT "zoho-verification=zb12345678.zmverify.zoho.com.cn"
@ 600 IN TXT "google-site-verification=J8m2c4hVq0sT6nYx1Rb3kLw9"
@ 600 IN TXT "facebook-domain-verification=abc"
_dmarc 600 IN TXT "v=DMARC1; p=none; rua=mailto:wang@acme-trade.com"
"""
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main([*words, "--lang", "en"])
        output = capsys.readouterr()
        return code, output.out + output.err

    return call


@pytest.mark.parametrize("missing", [False, True])
def test_the_first_preview_after_an_import_takes_over(
    missing: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.chdir(tmp_path)
    with running({f"{DOMAIN}.": ZONE}) as server:
        spec = tmp_path / "acme.yaml"
        assert run("import", DOMAIN, "--nameserver", f"127.0.0.1:{server.port}", "-o", str(spec))[0] == 0
        host = f"dns_hosts: [{{service: rfc2136, server: 127.0.0.1, port: {server.port}}}]"
        lines = [host if line.startswith("dns_hosts") else line for line in spec.read_text().splitlines()]
        more = ["senders: [{custom: shop, ip4: [203.0.113.10]}]"] if missing else []
        spec.write_text("\n".join([*lines, *more]) + "\n")
        words = ("preview", "acme.yaml", "--engine", "embedded")
        code, said = run(*words)
        assert f"= {DOMAIN}. MX 5 mxbiz1.qq.com. (taken over as it is)" in said
        assert f"+ {DOMAIN}. MX" not in said
        if missing:
            assert code == 2 and "+ acme-trade.com. TXT v=spf1" in said
        else:
            assert code == 0 and ": create" not in said and "Nothing would be written" in said
            assert run(*(word if word != "preview" else "up" for word in words))[0] == 0
            assert run(*words) == (0, run(*words)[1]) and "Nothing to change" in run(*words)[1]


def test_look_explains_tokens(run: Run) -> None:
    with running({f"{DOMAIN}.": ZONE}) as server:
        code, said = run("look", DOMAIN, "--nameserver", f"127.0.0.1:{server.port}", "--format", "json")
    answer = json.loads(said)["answers"][3]
    assert code == 0 and answer["state"] == "good"
    for each in ("Microsoft 365", "Zoho", "Google", "Facebook"):
        assert each in answer["answer"]


def test_names_that_records_imply_are_asked_for(run: Run) -> None:
    """SPF of the domain's own names, and DANE of its own exchangers."""
    zone = f"""\
@ 600 IN MX 5 mail
@ 600 IN TXT "v=spf1 include:_spf.{DOMAIN} -all"
_spf 600 IN TXT "v=spf1 mx redirect=_more.{DOMAIN}"
_more 600 IN TXT "v=spf1 include:servers.mcsv.net -all"
mail 600 IN A 104.16.132.229
_25._tcp.mail 600 IN TLSA 3 1 1 ecef56fbf4df0876c55845bd03336f3808efe8463161095e54b69b056aa26589
"""
    with running({f"{DOMAIN}.": zone}) as server:
        code, said = run("import", DOMAIN, "--nameserver", f"127.0.0.1:{server.port}")
    assert code == 0
    assert "service: mailchimp" in said
    assert "name: _spf, type: TXT" in said and "name: _more, type: TXT" in said
    assert "name: _25._tcp.mail, type: TLSA" in said
    assert "behind the web proxy of Cloudflare" in said


def test_a_return_path_in_wide_use_is_asked_for(run: Run) -> None:
    """No record says that Resend's bounces go to ``send``; its console proposes it."""
    zone = f"""\
@ 600 IN MX 5 mxbiz1.qq.com.
@ 600 IN TXT "v=spf1 include:spf.mail.qq.com ~all"
resend._domainkey 600 IN TXT "p={B64[:200]}" "{B64[200:]}"
send 600 IN MX 10 feedback-smtp.us-east-1.amazonses.com.
send 600 IN TXT "v=spf1 include:amazonses.com ~all"
"""
    with running({f"{DOMAIN}.": zone}) as server:
        code, said = run("import", DOMAIN, "--nameserver", f"127.0.0.1:{server.port}")
    assert code == 0 and "service: resend" in said
    assert "return_path: send" in said and "region: us-east-1" in said


def test_what_no_question_can_find_is_said(run: Run) -> None:
    zone = """\
@ 600 IN MX 5 mxbiz1.qq.com.
em4711 600 IN CNAME u1.wl123.sendgrid.net.
s1._domainkey 600 IN CNAME s1.domainkey.u1.wl123.sendgrid.net.
"""
    with running({f"{DOMAIN}.": zone}) as server:
        code, said = run("import", DOMAIN, "--nameserver", f"127.0.0.1:{server.port}")
    assert code == 0 and "custom: sendgrid" in said and "s1._domainkey" in said
    assert "return_path_target (SendGrid, Settings, Sender Authentication" in said
    assert "Add --name HOST to the command" in said


@pytest.mark.parametrize("option", ["--name", "--selector"])
@pytest.mark.parametrize("text", ["a..b", "x" * 64, ".", "a b"])
def test_what_is_no_host_is_wrong_usage(option: str, text: str, run: Run) -> None:
    code, said = run("look", DOMAIN, "--nameserver", "127.0.0.1:9", option, text)
    assert code == 64 and "is not a host record" in said


@pytest.mark.parametrize("host", ["em4711", f"em4711.{DOMAIN}", f"EM4711.{DOMAIN}."])
def test_a_host_that_only_the_console_shows_is_asked_for_by_name(host: str, run: Run) -> None:
    zone = """\
@ 600 IN MX 5 mxbiz1.qq.com.
em4711 600 IN CNAME u1.wl123.sendgrid.net.
s1._domainkey 600 IN CNAME s1.domainkey.u1.wl123.sendgrid.net.
s2._domainkey 600 IN CNAME s2.domainkey.u1.wl123.sendgrid.net.
"""
    with running({f"{DOMAIN}.": zone}) as server:
        words = (DOMAIN, "--nameserver", f"127.0.0.1:{server.port}", "--name", host)
        code, said = run("import", *words)
        _, seen = run("look", *words)
    assert code == 0 and "service: sendgrid" in said and "return_path: em4711" in said
    assert "return_path: em4711" in seen


def _written(said: str, text: str) -> bool:
    """Whether a draft asks for it, beyond a remark."""
    return any(text in line for line in said.splitlines() if not line.startswith("#"))


@pytest.mark.parametrize("form", ["SPF", "TYPE99"])
def test_the_old_type_of_spf_is_told_and_left(form: str, tmp_path: Path, run: Run) -> None:
    zone = ZONE + f'@ 600 IN {form} "v=spf1 a -all"\n@ 600 IN TYPE16 hello\n@ 600 IN TYPE65400 \\# 1 00\n'
    path = tmp_path / "zone"
    path.write_text(zone)
    code, said = run("import", DOMAIN, "--zone-file", str(path))
    assert code == 0 and "left out" not in said
    assert "of the old type SPF (99): v=spf1 a -all" in said and not _written(said, "type: SPF")
    living = ZONE + '@ 600 IN SPF "v=spf1 a -all"\n'
    with running({f"{DOMAIN}.": living}) as server:
        code, said = run("import", DOMAIN, "--nameserver", f"127.0.0.1:{server.port}")
    assert code == 0 and "of the old type SPF (99)" in said and not _written(said, "type: SPF")


def test_a_doubled_name_and_a_lost_dot_are_seen_in_living_dns(run: Run) -> None:
    zone = f"""\
@ 600 IN MX 5 mxbiz1.qq.com
@ 600 IN TXT "v=spf1 include:spf.mail.qq.com ~all"
_dmarc.{DOMAIN} 600 IN TXT "v=DMARC1; p=reject"
"""
    with running({f"{DOMAIN}.": zone}) as server:
        asked = ("--nameserver", f"127.0.0.1:{server.port}")
        code, said = run("look", DOMAIN, *asked)
        assert code == 0
        assert "final-dot-lost" in said and "owner-name-doubled" in said and "tencent-exmail" in said
        code, said = run("import", DOMAIN, *asked)
        assert code == 0 and "whose final dot is missing" in said


def test_check_sees_a_lost_dot(tmp_path: Path, run: Run) -> None:
    spec = tmp_path / "acme.yaml"
    spec.write_text(
        f"version: 1\ndomain: {DOMAIN}\ntimezone: Asia/Shanghai\n"
        f'mail_host: {{service: self-hosted, mx: ["5 mxbiz1.qq.com.{DOMAIN}"]}}\n'
        f"dns_hosts: [{{service: manual}}]\ncontact: wang@{DOMAIN}\n"
    )
    code, said = run("check", str(spec))
    assert code == 1 and "final-dot-lost" in said
    spec.write_text(spec.read_text().replace(f"mxbiz1.qq.com.{DOMAIN}", f"mail.hk.{DOMAIN}"))
    assert run("check", str(spec))[0] == 0


def test_a_domain_that_only_sends(tmp_path: Path, run: Run) -> None:
    spec = tmp_path / "acme.yaml"
    spec.write_text(
        f"version: 1\ndomain: {DOMAIN}\ntimezone: Asia/Shanghai\n"
        'mail_host: {service: self-hosted, mx: ["0 ."]}\n'
        f"dns_hosts: [{{service: manual}}]\ncontact: wang@mail.{DOMAIN}\n"
        "senders: [{custom: shop, ip4: [203.0.113.10]}]\n"
    )
    code, said = run("plan", str(spec), "--format", "json")
    planned = {(each["name"], each["type"]): each["values"] for each in json.loads(said)["records"]}
    assert code == 0
    assert planned[f"{DOMAIN}.", "MX"] == ["0 ."]
    assert planned[f"{DOMAIN}.", "TXT"] == ["v=spf1 ip4:203.0.113.10 ~all"]
    assert "park" not in run("check", str(spec))[1]
    spec.write_text("\n".join(line for line in spec.read_text().splitlines() if "senders" not in line) + "\n")
    planned = {
        (each["name"], each["type"]): each["values"]
        for each in json.loads(run("plan", str(spec), "--format", "json")[1])["records"]
    }
    assert planned[f"{DOMAIN}.", "TXT"] == ["v=spf1 -all"]
    assert planned[f"*._domainkey.{DOMAIN}.", "TXT"] == ["v=DKIM1; p="]
    assert "p=reject" in planned[f"_dmarc.{DOMAIN}.", "TXT"][0]


@pytest.mark.parametrize(("exact", "may"), [("", True), (", exact: true", False)])
def test_a_sender_may_write_only_where_the_record_lets_it(
    exact: str, may: bool, tmp_path: Path, run: Run
) -> None:
    spec = tmp_path / "acme.yaml"
    spec.write_text(
        f"version: 1\ndomain: {DOMAIN}\ntimezone: Asia/Shanghai\nmail_host: {{service: yandex-360}}\n"
        f"dns_hosts: [{{service: manual}}]\ncontact: wang@{DOMAIN}\n"
        "senders: [{custom: crm, include: [spf.crm.example]}]\n"
        f'as_found: [{{type: TXT, values: ["v=spf1 include:_spf.yandex.net -all"]{exact}}}]\n'
    )
    assert ("sender-may-write-as" in run("check", str(spec))[1]) == may
