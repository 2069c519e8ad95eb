"""Names of mail that are delegated (NS): asked at their own servers, judged, and never written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailwright.cli import main
from mailwright.sandbox.nameserver import running
from tests.servers.fixtures import started
from tests.standards.test_dkim import B64

DOMAIN = "acme-trade.com"
ZONE = """\
@ 600 IN MX 5 mxbiz1.qq.com.
@ 600 IN MX 10 mxbiz2.qq.com.
@ 600 IN TXT "v=spf1 include:spf.mail.qq.com ~all"
_dmarc 600 IN NS ns.vendor.example.
"""
POLICY = f"v=DMARC1; p=reject; rua=mailto:dmarc@{DOMAIN}"


@pytest.fixture(params=["another server", "the same server"])
def asked(request: pytest.FixtureRequest) -> Iterator[tuple[str, ...]]:
    """The options that name the servers; the delegated zone is elsewhere, or beside the other."""
    below = {f"_dmarc.{DOMAIN}.": f'@ 300 IN TXT "{POLICY}"\n'}
    if request.param == "the same server":
        with running({f"{DOMAIN}.": ZONE, **below}) as one:
            yield ("--nameserver", f"ns1=127.0.0.1:{one.port}")
    else:
        with running({f"{DOMAIN}.": ZONE}) as one, running(below) as other:
            yield (
                *("--nameserver", f"ns1=127.0.0.1:{one.port}"),
                *("--nameserver", f"ns.vendor.example=127.0.0.1:{other.port}"),
            )


def test_look_sees_the_policy(asked: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["look", DOMAIN, *asked, "--format", "json", "--lang", "en"]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert "DMARC reject" in seen["answers"][0]["answer"]
    assert "no valid DMARC" not in json.dumps(seen)


def test_import_says_where_it_is_and_plans_nothing_there(
    asked: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "acme.yaml"
    assert main(["import", DOMAIN, *asked, "-o", str(spec), "--lang", "en"]) == 0
    text = spec.read_text()
    assert "stage: reject" in text
    line = f'{{name: _dmarc, type: TXT, values: ["{POLICY}"], ttl: 300, elsewhere: "true"}}'
    assert line in text
    capsys.readouterr()
    assert main(["plan", str(spec), "--format", "json"]) == 0
    planned = json.loads(capsys.readouterr().out)
    assert "_dmarc" not in json.dumps(planned["records"])
    assert not [each for each in planned["findings"] if each["severity"] == "error"]


def test_verify_asks_its_own_servers(
    asked: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "acme.yaml"
    assert main(["import", DOMAIN, *asked, "-o", str(spec)]) == 0
    capsys.readouterr()
    main(["verify", str(spec), *asked, "--format", "json", "--lang", "en"])
    said = [
        each for each in json.loads(capsys.readouterr().out)["checks"] if each["name"].startswith("_dmarc.")
    ]
    assert {each["status"] for each in said} == {"pass"}
    assert main(["verify", str(spec), *asked]) == 0, (
        "a server of the delegated zone alone is none of the other"
    )
    spec.write_text(spec.read_text().replace("p=reject", "p=none"))
    assert main(["verify", str(spec), *asked, "--format", "json"]) == 2


@pytest.mark.parametrize(
    "kind", [pytest.param(each, marks=getattr(pytest.mark, each)) for each in ("knot", "bind")]
)
def test_referrals_of_real_servers(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Policy and keys below two delegations are read at their own servers, and verified there."""
    above = started(kind)
    records = [line.replace(" IN", "") for line in ZONE.splitlines()]
    zone = above.new_zone("\n".join([*records, "_domainkey 600 NS ns.vendor.example."]) + "\n")
    domain, spec = zone.rstrip("."), tmp_path / "acme.yaml"
    below = {
        f"_dmarc.{zone}": f'@ 300 TXT "v=DMARC1; p=reject; rua=mailto:dmarc@{domain}"\n',
        f"_domainkey.{zone}": f'google 300 TXT "v=DKIM1; k=rsa; p={B64[:200]}" "{B64[200:]}"\n',
    }
    with running(below) as other:
        asked = [
            *("--nameserver", f"ns1=127.0.0.1:{above.port}"),
            *("--nameserver", f"ns.vendor.example=127.0.0.1:{other.port}"),
        ]
        assert main(["look", domain, *asked, "--format", "json", "--lang", "en"]) == 0
        seen = json.loads(capsys.readouterr().out)
        assert "DMARC reject" in seen["answers"][0]["answer"] and seen["answers"][1]["state"] == "good"
        assert main(["import", domain, *asked, "-o", str(spec)]) == 0
        text = spec.read_text()
        assert "stage: reject" in text and "- {name: google._domainkey, type: TXT" in text
        assert main(["verify", str(spec), *asked]) == 0
    capsys.readouterr()
    assert main(["import", domain, "--nameserver", f"ns1=127.0.0.1:{above.port}", "--lang", "en"]) == 0
    assert "its own servers did not answer" in capsys.readouterr().out


def test_a_zone_file_does_not_have_what_is_delegated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "zone"
    file.write_text(ZONE)
    assert main(["import", DOMAIN, "--zone-file", str(file), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "`mailwright import acme-trade.com` without a file asks them" in said
    assert "p=none" not in said


def test_writing_there_names_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The gate's refusal says what to put into the spec, and with it nothing is refused."""
    monkeypatch.chdir(tmp_path)
    spec = tmp_path / "acme.yaml"
    with running({f"{DOMAIN}.": ZONE}) as server:
        head = (
            f"version: 1\ndomain: {DOMAIN}\ntimezone: Asia/Shanghai\nttl: 600\n"
            "mail_host: {service: tencent-exmail}\n"
            f"dns_hosts: [{{service: rfc2136, server: 127.0.0.1, port: {server.port}}}]\n"
            f"contact: wang@{DOMAIN}\n"
        )
        spec.write_text(head)
        words = ("preview", "acme.yaml", "--engine", "embedded", "--lang", "en")
        assert main(list(words)) == 3
        output = capsys.readouterr()
        start = (output.out + output.err).index("as_found: [")
        line = (output.out + output.err)[start:].splitlines()[0]
        assert "name: _dmarc, type: TXT, elsewhere: true" in line
        spec.write_text(head + line + "\n")
        assert main(list(words)) in (0, 2)
        assert "below-zone-cut" not in capsys.readouterr().err
