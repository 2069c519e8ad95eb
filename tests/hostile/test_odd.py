"""Full disks, the end of the calendar, states that are none of ours: said as they are, never as a fault."""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.cli import main
from mailwright.deploy.embedded import statefile
from mailwright.deploy.errors import DeployError
from mailwright.plan.mailboxes.message import read
from mailwright.plan.transition.steps import until
from mailwright.spec import parse
from tests.conftest import ROOT
from tests.hostile.repository import SPEC
from tests.servers.base import FULL, DnsServer

PEOPLE = SPEC + "people: {wang: {name: Wang}}\n"
#: Examples of each fuzzed reader; a long run by hand gives another count.
FUZZ = int(os.environ.get("MAILWRIGHT_TEST_FUZZ", "60"))
FAULT = "fault of Mailwright"
STRANGE = [
    "[]", "1", "null", '"x"', "{}", "[" * 3000, '{"deployment": []}', "\0",
    '{"version": 3, "deployment": {"resources": 1}}',
    '{"version": 3, "deployment": {"resources": [null]}}',
    '{"version": 3, "deployment": {"resources": [{"urn": 1}]}}',
    '{"version": 3, "deployment": {"resources": [{"urn": "a", "type": 5}]}}',
    '{"version": 3, "deployment": {"resources": [{"urn": "a", "type": "b", "outputs": []}]}}',
    '{"version": 3, "deployment": {"resources": [{"urn": "urn:pulumi:a::mailwright::x::y", "type": '
    '"mailwright:index:DnsRecords", "id": "1", "inputs": {}, "outputs": {"records": 5}}]}}',
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    (tmp_path / "acme.yaml").write_text(PEOPLE)
    return tmp_path


def run(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main([*words, "--lang", "en"])
    output = capfd.readouterr()
    return code, output.out + output.err


@pytest.mark.parametrize("state", STRANGE, ids=range(len(STRANGE)))
def test_a_state_that_is_none_of_ours_is_named(
    folder: Path, capfd: pytest.CaptureFixture[str], state: str
) -> None:
    path = folder / ".mailwright" / "state" / "acme.json"
    path.parent.mkdir(parents=True)
    path.write_text(state)
    for command in ("preview", "up", "refresh", "destroy", "undo"):
        code, told = run(capfd, command, "acme.yaml", "--engine", "embedded")
        assert code == 1 and FAULT not in told, (command, told)
        assert path.read_text() == state
    for command in ("verify", "drift"):
        words = ("acme.yaml", "--nameserver", "127.0.0.1:9", "--deadline", "1s")
        code, told = run(capfd, command, *words)
        assert code == 1 and FAULT not in told, (command, told)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
_ENTRY = st.fixed_dictionaries(
    {},
    optional={
        "urn": st.just("urn:pulumi:a::mailwright::b::c") | _JSON,
        "type": st.sampled_from(["mailwright:index:DnsRecords", "mailwright:mail:Mailboxes", "x"]) | _JSON,
        "id": st.text(max_size=3) | _JSON,
        "inputs": st.dictionaries(st.sampled_from(["zone", "records", "domain"]), _JSON) | _JSON,
        "outputs": st.dictionaries(st.sampled_from(["zone", "records", "retiring", "found"]), _JSON) | _JSON,
    },
)


@settings(max_examples=FUZZ, deadline=None)
@given(st.lists(_ENTRY, max_size=3) | _JSON)
def test_whatever_stands_in_a_state_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, made: object
) -> None:
    path = tmp_path_factory.mktemp("state") / "a.json"
    path.write_text(json.dumps({"version": 3, "deployment": {"resources": made}}))
    try:
        statefile.read(path)
    except DeployError as error:
        assert str(path) in str(error)


def test_the_calendar_ends_in_9999(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "before.yaml").write_text(PEOPLE.replace("tencent-exmail", "feishu"))
    _, told = run(capfd, "plan", "acme.yaml", "--against", "before.yaml", "--as-of", "9999-12-31")
    assert FAULT not in told and "MX" in told, told
    assert until(dt.date(9999, 12, 31), 600) == dt.date.max


def test_the_last_day_of_the_calendar_is_on_the_agenda(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    left = "li: {left: 9999-12-30, handover: {to: wang, until: 9999-12-31}}"
    seen = "attest: [{what: two-factor, by: wang, on: 9999-12-31, days: 9999}]"
    (folder / "acme.yaml").write_text(f"{SPEC}people: {{wang: {{}}, {left}}}\n{seen}\n")
    for day in ("2026-12-01", "9999-12-31"):
        code, told = run(capfd, "agenda", "acme.yaml", "--as-of", day)
        assert code in (0, 1, 2) and FAULT not in told, told
        code, told = run(capfd, "plan", "acme.yaml", "--as-of", day)
        assert code in (0, 1) and FAULT not in told, told


@pytest.mark.parametrize("value", ["mail", "10", "10 ", "x mail.example", ""])
def test_a_value_found_that_is_none_is_named(
    folder: Path, capfd: pytest.CaptureFixture[str], value: str
) -> None:
    (folder / "acme.yaml").write_text(PEOPLE + f"as_found: [{{type: MX, values: ['{value}']}}]\n")
    code, told = run(capfd, "check", "acme.yaml")
    assert code == 1 and FAULT not in told
    assert "as-found-value" in told or "wrong-type" in told


_TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)


@settings(max_examples=FUZZ, deadline=None)
@given(_TEXT, st.sampled_from(["MX", "SRV", "TLSA", "A", "CNAME"]))
def test_no_value_found_ends_the_reader(value: str, type: str) -> None:
    entry = json.dumps([{"type": type, "values": [value]}], ensure_ascii=True)
    parse(f"{PEOPLE}as_found: {entry}\n".encode(), "acme.yaml")


@pytest.mark.parametrize("charset", ['"a\0b"', "a\0b", '"\0"', "x" * 5000])
def test_a_charset_that_is_none_is_read_as_utf_8(
    folder: Path, capfd: pytest.CaptureFixture[str], charset: str
) -> None:
    mail = folder / "m.eml"
    heads = f"From: a@b.example\r\nSubject: =?a\0?q?x?=\r\nContent-Type: text/plain; charset={charset}\r\n"
    mail.write_bytes(f"{heads}\r\n报价".encode())
    words = ("trace", "acme.yaml", "--to", "wang@acme-trade.example", "--message", str(mail))
    code, told = run(capfd, *words)
    assert code == 0 and FAULT not in told, told


@settings(max_examples=FUZZ, deadline=None)
@given(st.binary(max_size=300))
def test_no_message_ends_its_reader(octets: bytes) -> None:
    read(b"Content-Type: text/plain; charset=" + octets + b"\r\n\r\nx", "wang@acme.example")
    read(octets, "wang@acme.example")


def test_what_was_done_is_shown_where_it_could_not_be_remembered(folder: Path, embedded: DnsServer) -> None:
    zone = embedded.new_zone()
    host = f"service: rfc2136, server: 127.0.0.1, port: {embedded.port}, key_name: {FULL.name}"
    text = PEOPLE.replace("acme-trade.example", zone.rstrip("."))
    (folder / "acme.yaml").write_text(text.replace("service: manual, console: aliyun", host))
    command = [sys.executable, "-P", "-m", "mailwright", "up", "acme.yaml", "--engine=embedded", "--lang=en"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "MAILWRIGHT_TSIG_SECRET": FULL.secret}

    def up(most: int) -> subprocess.CompletedProcess[str]:
        """As on a disk that takes no file of more than so many octets."""
        return subprocess.run(
            command,
            cwd=folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
        )

    full = up(1500)
    said = full.stdout + full.stderr
    assert full.returncode == 1 and FAULT not in said and "Traceback" not in said, said
    assert "+ " in full.stdout and "MX" in full.stdout, "what the zone now has"
    assert "acme.json" in full.stderr and "mailwright up" in full.stderr, said
    again = up(1 << 20)
    assert again.returncode == 0, again.stdout + again.stderr
    assert up(1 << 20).stdout.rstrip().endswith("Nothing to change.")
