"""Mail servers that drip, flood, or print the password they were sent."""

from __future__ import annotations

import base64
import resource
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from mailwright.cli import main
from mailwright.hosts.mail.managesieve import Login, ManageSieveError, Session
from mailwright.model import deadline
from mailwright.resolving.connect import Dial, detour
from mailwright.verify.deep.exchangers import look
from mailwright.verify.mail.servers import Port
from mailwright.verify.mail.sessions import NotNow, session
from tests.hostile import nameserver
from tests.hostile.mailserver import Behaviour, dripping, flooding, serving
from tests.hostile.repository import SPEC

PASSWORD = "correct horse"


def memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize(
    "line", [b'"SIEVE" "fileinto"\r\n', b"{1}\r\na", b'"' + b"x" * 4000, b"{1000000}\r\n"]
)
def test_a_flood_of_managesieve_ends_at_a_bound(line: bytes) -> None:
    before = memory()
    with serving(flooding(line)) as port, pytest.raises((ManageSieveError, OSError)):
        Session(Login("127.0.0.1", port, "wang@acme.example", "master", PASSWORD))
    assert memory() - before < 150 << 10, "kilobytes"


@pytest.mark.parametrize("line", [b"220-hello\r\n", b"2"])
@pytest.mark.parametrize("kind", [flooding, dripping])
def test_a_greeting_without_end_is_no_exchanger_that_answers(
    kind: Callable[[bytes], Behaviour], line: bytes
) -> None:
    before = memory()
    with serving(kind(line)) as port, deadline.until(2):
        dial = Dial((detour(f":25:127.0.0.1:{port}"),))
        seen = look("mx.acme.example", dial)
        assert seen.cut or seen.failed
        assert not seen.certificate
    assert memory() - before < 150 << 10


@pytest.mark.parametrize("kind", [flooding, dripping])
def test_an_exchanger_that_never_ends_its_greeting_is_not_told_of(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], kind: Callable[[bytes], Behaviour]
) -> None:
    spec = tmp_path / "acme.yaml"
    spec.write_text(SPEC)
    with (
        nameserver.serving(lambda query, _: nameserver.answered(query).to_wire()) as dns,
        serving(kind(b"220-hello\r\n")) as port,
    ):
        words = ["--nameserver", f"127.0.0.1:{dns}", "--resolver", f"127.0.0.1:{dns}"]
        words += ["--connect-to", f":25:127.0.0.1:{port}", "--deadline", "4s"]
        main(["verify", str(spec), "--deep", *words, "--lang", "en"])
    told = capfd.readouterr().out
    lines = [line for line in told.splitlines() if "The exchanger mxbiz1.qq.com: " in line]
    assert lines and all(line.startswith("–") and "cannot be heard out" in line for line in lines), told


@pytest.mark.parametrize("protocol", ["imap", "pop3", "smtp"])
@pytest.mark.parametrize("kind", [flooding, dripping])
def test_a_mailbox_server_without_end_cannot_be_told(
    kind: Callable[[bytes], Behaviour], protocol: str
) -> None:
    with serving(kind(b"* hello\r\n")) as port, deadline.until(2), pytest.raises(NotNow):
        session(Port(protocol, "127.0.0.1", port, "starttls"), Dial()).__enter__()


def refusing(form: Callable[[bytes], bytes]) -> Callable[[BinaryIO, Callable[[bytes], None]], None]:
    """A ManageSieve server that says no with what it was sent."""

    def behave(stream: BinaryIO, send: Callable[[bytes], None]) -> None:
        send(b'"SIEVE" "fileinto"\r\n"SASL" "PLAIN"\r\nOK\r\n')
        for line in stream:
            send(b'NO "what is ' + form(line.strip()).replace(b'"', b"'") + b'"\r\n')

    return behave


@pytest.mark.parametrize(
    "form",
    [
        lambda line: line,
        lambda line: line.split(b'"')[3],
        lambda line: base64.b64decode(line.split(b'"')[3]).replace(b"\0", b" "),
        lambda line: base64.b64decode(line.split(b'"')[3]).hex().encode(),
        lambda line: base64.b64encode(PASSWORD.encode()),
        lambda line: b"\r\n::error::" + line,
    ],
)
def test_a_refusal_never_holds_the_password(form: Callable[[bytes], bytes]) -> None:
    with serving(refusing(form)) as port, pytest.raises(ManageSieveError) as refused:
        Session(Login("127.0.0.1", port, "wang@acme.example", "master", PASSWORD))
    said = str(refused.value)
    assert PASSWORD not in said and base64.b64encode(PASSWORD.encode()).decode() not in said
    assert PASSWORD.encode().hex() not in said
    assert base64.b64encode(f"wang@acme.example\0master\0{PASSWORD}".encode()).decode() not in said
    assert "\n" not in said


def test_the_command_line_says_why_and_nothing_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILWRIGHT_SIEVE_PASSWORD", PASSWORD)
    with serving(refusing(lambda line: line)) as port:
        spec = tmp_path / "acme.yaml"
        spec.write_text(
            "version: 1\ndomain: acme.example\ntimezone: Asia/Shanghai\ncontact: wang@acme.example\n"
            "dns_hosts: [{service: manual, console: aliyun}]\npeople: {wang: {name: Wang}}\n"
            "mail_host: {service: self-hosted, mx: [10 mail.acme.example], ip4: [203.0.113.5], maps: "
            f"{{folder: maps}}, sieve: {{server: 127.0.0.1, port: {port}, master_user: master}}}}\n"
        )
        code = main(["up", str(spec), "--engine", "embedded", "--lang", "en"])
    output = capfd.readouterr()
    said = output.out + output.err
    assert code == 1 and "what is" in said, said
    assert PASSWORD not in said
    assert base64.b64encode(f"master\0{PASSWORD}".encode()).decode()[:12] not in said
