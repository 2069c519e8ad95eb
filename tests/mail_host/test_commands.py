"""The commands as people type them: exit codes, and what they say."""

from __future__ import annotations

import json

import pytest

from mailwright.cli import main
from tests.mail_host.worlds import COMPANY, DAY, PEOPLE, Company
from tests.mailboxes.specs import DOMAIN
from tests.servers.base import FULL, DnsServer

LOSS = "role-address-emptied"


@pytest.fixture
def ways(company: Company, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(company.folder)
    monkeypatch.delenv("MAILWRIGHT_AS_OF", raising=False)
    return [str(company.write()), "--engine", "embedded", "--as-of", DAY, "--lang", "en"]


def test_exit_codes(company: Company, ways: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", *ways]) == 2 and company.files() == {}
    assert main(["up", *ways]) == 0
    assert main(["preview", *ways]) == 0
    company.write(PEOPLE)
    deployed = company.files()
    capsys.readouterr()
    for command in ("preview", "up", "destroy"):
        assert main([command, *ways]) == 3
        output = capsys.readouterr()
        assert f"--allow {LOSS}" in output.err and "Traceback" not in output.err
        assert company.files() == deployed
    assert main(["up", *ways, "--allow", LOSS]) == 0
    assert main(["destroy", *ways, "--allow", LOSS]) == 0
    assert company.files() == {}


def test_what_was_shown_is_what_is_done(company: Company, ways: list[str]) -> None:
    plan = str(company.folder / "plan.json")
    assert main(["preview", *ways, "--out", plan]) == 2
    aliases = company.tables / "aliases"
    company.tables.mkdir()
    aliases.write_text(f"jobs@{DOMAIN}  li@{DOMAIN}\n")
    assert main(["up", *ways, "--plan", plan]) == 1 and "info@" not in aliases.read_text()
    aliases.unlink()
    assert main(["up", *ways, "--plan", plan]) == 0 and "info@" in aliases.read_text()


def test_going_back_keeps_the_mailboxes_and_says_so(
    company: Company,
    ways: list[str],
    embedded: DnsServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    zone = embedded.new_zone()
    company.domain = zone.rstrip(".")
    spec = company.write(PEOPLE)
    dns = f"{{service: rfc2136, server: 127.0.0.1, port: {embedded.port}, key_name: {FULL.name}}}"
    spec.write_text(spec.read_text("utf-8").replace("{service: manual, console: aliyun}", dns), "utf-8")
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FULL.secret)
    ways[0] = str(spec)
    assert main(["up", *ways]) == 0
    deployed = company.files()
    assert deployed and embedded.texts(zone, "MX")
    allow = [f"--allow={each}" for each in ("no-mx-left", "spf-gone", "dmarc-weakened")]
    assert main(["destroy", *ways, "--as-before", *allow]) == 0, capsys.readouterr()
    assert f"{company.domain}: tables and scripts on the mail server stay" in capsys.readouterr().out
    assert not embedded.texts(zone, "MX") and company.files() == deployed


def test_drift_has_the_mailboxes_too(
    company: Company, ways: list[str], embedded: DnsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["up", *ways]) == 0
    path = company.tables / "aliases"
    path.write_text(path.read_text().replace("wang+info", "chen"))
    capsys.readouterr()
    refusing = ["--nameserver", f"ns=127.0.0.1:{embedded.port}", "--as-of", DAY, "--format", "json"]
    assert main(["drift", ways[0], *refusing]) == 2
    body = json.loads(capsys.readouterr().out)
    (found,) = [each for each in body["checks"] if each["rule"] == "mailbox-line-differs"]
    assert (found["name"], found["found"]) == (f"info@{DOMAIN}", [f"chen@{DOMAIN}"])
    line = company.spec.read_text("utf-8").splitlines()[found["line"] - 1]
    assert line.strip().startswith("info:") and "info: {to: wang}" in COMPANY
    main(["drift", ways[0], *refusing, "--dns-only"])
    assert "mailbox-line" not in capsys.readouterr().out
