"""``preview`` and a first ``up`` show what is written to a living zone, not what was asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailwright.cli import main
from tests.servers.base import FULL, DnsServer

LIVING = """\
@ 3600 MX 10 mx.old.example.
@ 3600 TXT "v=spf1 include:spf.old.example ip4:192.0.2.1 -all"
@ 3600 TXT "google-site-verification=abc"
_dmarc 3600 TXT "v=DMARC1; p=none; rua=mailto:reports@old.example"
"""


@pytest.fixture
def zone(embedded: DnsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    name = embedded.new_zone(LIVING)
    host = f"service: rfc2136, server: 127.0.0.1, port: {embedded.port}, key_name: {FULL.name}"
    (tmp_path / "acme.yaml").write_text(
        f"version: 1\ndomain: {name.rstrip('.')}\ntimezone: Asia/Shanghai\ncontact: wang@{name.rstrip('.')}\n"
        "mail_host: {service: tencent-exmail}\n"
        f"dns_hosts: [{{{host}}}]\n"
    )
    return name


def told(capfd: pytest.CaptureFixture[str], command: str, *words: str) -> tuple[int, list[str]]:
    allow = ("--allow=mx-changed", "--allow=spf-sender-dropped")
    code = main([command, "acme.yaml", "--engine", "embedded", *allow, *words, "--lang", "en"])
    out, err = capfd.readouterr()
    assert code in (0, 2), out + err
    return code, [line.strip() for line in out.splitlines()]


def test_the_first_run_shows_the_union_what_retires_and_what_goes(
    zone: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code, shown = told(capfd, "preview")
    assert code == 2
    union = [line for line in shown if line.startswith(f"+ {zone} TXT v=spf1")]
    assert len(union) == 1, shown
    assert all(term in union[0] for term in ("include:spf.old.example", "ip4:192.0.2.1", "spf.mail.qq.com"))
    assert f"- {zone} TXT v=spf1 include:spf.old.example ip4:192.0.2.1 -all" in shown
    assert f"- _dmarc.{zone} TXT v=DMARC1; p=none; rua=mailto:reports@old.example" in shown
    assert any(line.startswith(f"+ _dmarc.{zone} TXT v=DMARC1") for line in shown)
    day = r"stays until \d{4}-\d\d-\d\d\)"
    assert any(re.fullmatch(rf"= {zone} TXT include:spf\.old\.example \({day}", line) for line in shown), (
        shown
    )
    assert not any("google-site-verification" in line for line in shown), "what is foreign is not touched"
    code, written = told(capfd, "up")
    assert code == 0
    signs = [line for line in shown if line[:2] in ("+ ", "- ", "= ", "~ ")]
    assert [line for line in written if line[:2] in ("+ ", "- ", "= ", "~ ")] == signs, "as it was previewed"


def test_a_later_run_shows_the_union_too(zone: str, capfd: pytest.CaptureFixture[str]) -> None:
    told(capfd, "up")
    spec = Path("acme.yaml")
    spec.write_text(spec.read_text() + "spf: {include: [spf.new.example]}\n")
    _, shown = told(capfd, "preview")
    (union,) = [line for line in shown if line.startswith(f"+ {zone} TXT v=spf1")]
    assert all(term in union for term in ("spf.old.example", "spf.mail.qq.com", "spf.new.example")), union


def test_a_destroy_shows_what_goes_and_not_what_stays(zone: str, capfd: pytest.CaptureFixture[str]) -> None:
    told(capfd, "up")
    rules = [f"--allow={rule}" for rule in ("no-mx-left", "spf-gone", "dmarc-weakened", "mx-changed")]
    _, shown = told(capfd, "destroy", *rules)
    assert any(line.startswith(f"- {zone} MX") for line in shown), shown
    assert not any("google-site-verification" in line for line in shown)
