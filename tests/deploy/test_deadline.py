"""``--deadline`` of the commands that change something: an endless server costs the run, no mail."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailwright.cli import main
from tests.deploy.checkout import MARKS, Checkout, company
from tests.hostile.repository import SPEC

OVER = "the deadline of this run is over"


class _Silent(socketserver.StreamRequestHandler):
    """It listens to everything, and says nothing."""

    def handle(self) -> None:
        while self.rfile.read(1):
            pass


class _Dripping(socketserver.StreamRequestHandler):
    """The head of an answer, then a blank now and then, for ever."""

    def handle(self) -> None:
        self.rfile.readline()
        self.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n"
        )
        try:
            while True:
                self.wfile.write(b" ")
                time.sleep(0.1)
        except OSError:
            pass


@contextmanager
def listening(handler: type[socketserver.StreamRequestHandler]) -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextmanager
def host(kind: str) -> Iterator[str]:
    """The line of the spec for a DNS host that never ends an answer."""
    if kind == "rfc2136":
        with listening(_Silent) as port:
            yield f"{{service: rfc2136, server: 127.0.0.1, port: {port}, key_name: k}}"
    else:
        with listening(_Dripping) as port:
            yield f"{{service: powerdns, base_url: 'http://127.0.0.1:{port}'}}"


@pytest.mark.parametrize("kind", ["rfc2136", "powerdns"])
def test_no_command_of_the_engine_outlives_its_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILWRIGHT_POWERDNS_API_KEY", "k")
    path = tmp_path / "acme.yaml"
    with host(kind) as line:
        path.write_text(SPEC.replace("{service: manual, console: aliyun}", line))
        for command in ("preview", "up", "destroy"):
            words = [command, "acme.yaml", "--engine", "embedded", "--deadline", "2s", "--lang", "en"]
            code = main(words)
            output = capsys.readouterr()
            if command == "destroy":  # there is nothing yet that could go
                assert code in (0, 1)
                continue
            assert code == 1 and OVER in output.out + output.err, output
    states = [json.loads(state.read_text()) for state in tmp_path.glob(".mailwright/state/*.json")]
    assert not any(state["deployment"]["resources"] for state in states), states


class TestWithTheCommand:
    """Pulumi's processes are told when the run ends."""

    pytestmark = MARKS

    def test_the_plugin_ends_with_the_run(self, ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
        project, zone = company(ready, monkeypatch)
        before = project.everything(zone)
        for command in ("preview", "up"):
            ended = ready.mailwright(
                command, "stacks", "--deadline", "1s", "--engine", "pulumi", "--lang", "en"
            )
            assert ended.returncode == 1 and OVER in ended.stdout + ended.stderr, ended
        assert project.everything(zone) == before
