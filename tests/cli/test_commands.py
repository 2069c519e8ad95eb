"""The command line as users meet it: as a process, by its exit codes and its words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.servers.base import FULL, free_port
from tests.servers.fixtures import started

ENV = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
for _name in ("MAILWRIGHT_ALLOW", "MAILWRIGHT_TSIG_SECRET", "MAILWRIGHT_AS_OF"):
    ENV.pop(_name, None)


def mailwright(*words: str, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mailwright", *words],
        cwd=cwd,
        env={**ENV, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_example_is_clean_under_strict() -> None:
    done = mailwright("check", "stacks/example.yaml", "--strict")
    assert done.returncode == 0 and not done.stderr, done.stdout


def test_faults_have_file_line_and_column(tmp_path: Path) -> None:
    spec = tmp_path / "bad.yaml"
    spec.write_text("version: 1\ndomain: qq.com\n")
    done = mailwright("check", str(spec))
    assert done.returncode == 1 and f"{spec}:2:" in done.stdout and "free-mail-domain" in done.stdout
    chinese = mailwright("check", str(spec), "--lang", "zh")
    assert "免费邮箱" in chinese.stdout
    listed = json.loads(mailwright("check", str(spec), "--format", "json").stdout)
    assert {"rule", "severity", "path", "file", "line", "column", "message", "hint"} == set(listed[0])


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("nonsense",), "No such command 'nonsense'"),
        (("check",), "Missing argument 'SPEC-OR-STACK...'"),
        (("check", "nowhere"), "no spec at nowhere"),
        (("plan", "example", "--as-of", "x"), "x is not a date"),
    ],
)
def test_wrong_usage_is_64(words: tuple[str, ...], part: str) -> None:
    done = mailwright(*words)
    assert done.returncode == 64 and part in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        "init",
        "check",
        "plan",
        "preview",
        "up",
        "refresh",
        "destroy",
        "undo",
        "move",
        "verify",
        "sandbox",
        "demo",
        "import",
        "look",
        "report",
        "doctor",
    ],
)
def test_every_command_has_help_with_an_example_and_exit_codes(command: str) -> None:
    done = mailwright(command, "--help")
    assert done.returncode == 0 and "Example" in done.stdout and "Exit codes" in done.stdout


@pytest.mark.parametrize("form", ["table", "json", "zone", "markdown", "sheet", "csv"])
def test_a_plan_in_every_format_names_the_exchanger(form: str) -> None:
    done = mailwright("plan", "example", "--format", form)
    assert done.returncode == 0 and "mxbiz1.qq.com" in done.stdout


def test_a_plan_as_json_has_the_documented_form() -> None:
    plans = json.loads(mailwright("plan", "example", "--format", "json", "--as-of", "2026-11-23").stdout)
    assert [plan["domain"] for plan in plans] == ["acme-trade.com", "acmetrade.net"]
    assert {"domain", "as_of", "records", "mailboxes", "findings"} == set(plans[0])
    assert {"name", "type", "ttl", "values", "why", "line"} == set(plans[0]["records"][0])


def test_the_sheet_uses_the_consoles_words() -> None:
    shown = mailwright("plan", "example", "--format", "sheet", "--lang", "zh").stdout
    assert "主机记录: @" in shown and "解析线路：默认" in shown and "记录值: mxbiz1.qq.com" in shown


def test_checking_and_planning_load_no_engine_and_no_network() -> None:
    code = (
        "import sys; from mailwright.cli import main; "
        "code = main(['check', 'example']) or main(['plan', 'example']); "
        "print([m for m in ('pulumi', 'grpc', 'dns', 'cryptography', 'requests', 'httpx', 'http.client', "
        "'jsonschema', 'rich') if m in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=ENV, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and done.stderr.strip() == "[]"


def test_init_writes_a_spec_that_checks_and_never_overwrites(tmp_path: Path) -> None:
    words = (
        "init",
        "--domain",
        "acme-trade.com",
        "--service",
        "tencent-exmail",
        "--dns",
        "dnspod",
        "--contact",
        "wang@acme-trade.com",
        "--timezone",
        "Asia/Shanghai",
    )
    assert mailwright(*words, cwd=tmp_path).returncode == 0
    written = (tmp_path / "stacks" / "acme-trade.yaml").read_text()
    assert mailwright("check", "acme-trade", "--strict", cwd=tmp_path).returncode == 0
    assert mailwright(*words, cwd=tmp_path).returncode == 1
    assert (tmp_path / "stacks" / "acme-trade.yaml").read_text() == written
    assert mailwright("init", *words[1:2], "qq.com", *words[3:], "-o", "x.yaml", cwd=tmp_path).returncode == 1
    assert not (tmp_path / "x.yaml").exists()


def company(tmp_path: Path, zone: str, port: int, more: str = "") -> Path:
    domain = zone.rstrip(".")
    spec = tmp_path / "acme.yaml"
    spec.write_text(
        f"version: 1\ndomain: {domain}\ntimezone: Asia/Shanghai\nmail_host: {{service: tencent-exmail}}\n"
        f"dns_hosts: [{{service: rfc2136, server: 127.0.0.1, port: {port}, key_name: {FULL.name}}}]\n"
        f"contact: wang@{domain}\n{more}"
    )
    return spec


def test_the_whole_way_over_a_living_domain(tmp_path: Path) -> None:
    """First up over somebody's MX: refused, nothing changed; with consent add, wait, remove; then destroy."""
    server = started("embedded")
    zone = server.new_zone('@ 3600 MX 10 mxold.qq.com.\n@ 300 TXT "google-site-verification=x"\n')
    spec = company(tmp_path, zone, server.port)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return mailwright(
            words[0],
            str(spec),
            "--engine",
            "embedded",
            *words[1:],
            cwd=tmp_path,
            MAILWRIGHT_TSIG_SECRET=FULL.secret,
        )

    refused = run("up", "--as-of", "2026-11-23")
    assert (
        refused.returncode == 3
        and "mxold.qq.com" in refused.stderr
        and "--allow mx-changed" in refused.stderr
    )
    assert server.texts(zone, "MX") == {"10 mxold.qq.com."}

    assert run("preview", "--as-of", "2026-11-23", "--allow", "mx-changed").returncode == 2
    done = run("up", "--as-of", "2026-11-23", "--allow", "mx-changed")
    assert done.returncode == 0, done.stderr
    both = {"10 mxold.qq.com.", "5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."}
    assert server.texts(zone, "MX") == both
    assert run("up", "--as-of", "2026-11-24").returncode == 0 and server.texts(zone, "MX") == both
    assert run("up", "--as-of", "2026-11-26").returncode == 0
    assert server.texts(zone, "MX") == both - {"10 mxold.qq.com."}
    assert run("preview", "--as-of", "2026-11-26").returncode == 0

    verified = mailwright("verify", str(spec), "--nameserver", f"127.0.0.1:{server.port}", "--format", "json")
    assert verified.returncode == 0 and json.loads(verified.stdout)["status"] == "ok"
    server.drop(zone, "@", "MX", "5 mxbiz1.qq.com.")
    assert mailwright("verify", str(spec), "--nameserver", f"127.0.0.1:{server.port}").returncode == 2
    assert run("up", "--as-of", "2026-11-26").returncode == 0 and "5 mxbiz1.qq.com." in server.texts(
        zone, "MX"
    )

    kept = run("destroy")
    assert kept.returncode == 3 and len(server.texts(zone, "MX")) == 2
    gone = run("destroy", *(w for r in ("no-mx-left", "spf-gone", "dmarc-weakened") for w in ("--allow", r)))
    assert gone.returncode == 0, gone.stderr
    assert server.texts(zone, "MX") == set() and server.texts(zone, "TXT") == {'"google-site-verification=x"'}
    assert FULL.secret not in "".join(p.read_text() for p in tmp_path.rglob("*.json"))


def test_a_reviewed_plan_applies_exactly_that(tmp_path: Path) -> None:
    server = started("embedded")
    zone = server.new_zone()
    spec = company(tmp_path, zone, server.port)
    day = ("--as-of", "2026-11-23", "--engine", "embedded")
    secret = {"MAILWRIGHT_TSIG_SECRET": FULL.secret}
    assert (
        mailwright("preview", str(spec), *day, "--out", "reviewed.json", cwd=tmp_path, **secret).returncode
        == 2
    )
    server.put(zone, '@ 300 TXT "somebody=else"')
    other = mailwright("up", str(spec), *day, "--plan", "reviewed.json", cwd=tmp_path, **secret)
    assert other.returncode == 1 and not server.texts(zone, "MX"), "the world has changed"
    assert (
        mailwright("preview", str(spec), *day, "--out", "reviewed.json", cwd=tmp_path, **secret).returncode
        == 2
    )
    assert (
        mailwright("up", str(spec), *day, "--plan", "reviewed.json", cwd=tmp_path, **secret).returncode == 0
    )
    assert server.texts(zone, "MX")


def test_verify_cannot_tell_where_nobody_answers(tmp_path: Path) -> None:
    done = mailwright("verify", "example", "--nameserver", f"127.0.0.1:{free_port()}", "--deadline", "3s")
    assert done.returncode == 1 and "?" in done.stdout


def test_an_unreachable_server_is_an_error_and_no_traceback(tmp_path: Path) -> None:
    port = free_port()
    spec = company(tmp_path, "z.example.", port)
    done = mailwright(
        "up", str(spec), "--engine", "embedded", cwd=tmp_path, MAILWRIGHT_TSIG_SECRET=FULL.secret
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert str(port) in done.stderr and "mailwright failed" not in done.stderr


def test_a_file_that_cannot_be_written_is_named_and_no_fault_of_ours(tmp_path: Path) -> None:
    spec = company(tmp_path, "acme.example.", free_port())
    (tmp_path / ".mailwright").write_text("a file stands where the folder should")
    for lang, colon in (("en", ": "), ("zh", "：")):
        words = ("verify", str(spec), "--nameserver", "127.0.0.1:1", "--wait=1s", "--lang", lang)
        done = mailwright(*words, cwd=tmp_path)
        assert done.returncode == 1 and f"wait{colon}" in done.stderr, done.stderr
        assert "Mailwright" not in done.stderr
