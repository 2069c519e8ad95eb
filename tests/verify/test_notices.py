"""``drift --notify``: people are told once, by the service's own form, and no key is shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mailwright.model.checks import Check, Status, Verdict
from mailwright.model.text import Text
from mailwright.operations.world.notifying import Memory, NotifyError, news, notify, tell
from mailwright.report.formats import notice
from tests.cli.test_commands import mailwright
from tests.servers.base import DnsServer, free_port
from tests.verify.test_verify import lines, plan_of, spec

GOOD = {
    "wecom": b'{"errcode":0,"errmsg":"ok"}',
    "dingtalk": b'{"errcode":0}',
    "feishu": b'{"code":0}',
    "slack": b"ok",
}


@dataclass
class Robot:
    """A webhook on loopback: what it got, and what it answers."""

    answer: bytes = b""
    status: int = 200
    got: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    port: int = 0


@contextmanager
def robot(answer: bytes) -> Iterator[Robot]:
    made = Robot(answer)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            made.got.append((self.path, body))
            self.send_response(made.status)
            self.send_header("Location", "https://elsewhere.example/")
            self.end_headers()
            self.wfile.write(made.answer)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_address[1]
        worker = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        worker.start()
        try:
            yield made
        finally:
            server.shutdown()
            worker.join()


def verdict(*statuses: Status, found: str = "x") -> Verdict:
    checks = [
        Check("record-changed", s, "acme.example.", "MX", (), (found,), "ns", Text("gone", "没了"))
        for s in statuses
    ]
    return Verdict("acme.example", tuple(checks))


def environment(service: str, made: Robot, secret: str = "") -> dict[str, str]:
    name = f"MAILWRIGHT_NOTIFY_{service.upper()}"
    url = f"http://127.0.0.1:{made.port}/hook?key=SECRETKEY"
    return {f"{name}_URL": url} | ({f"{name}_SECRET": secret} if secret else {})


@pytest.mark.parametrize("service", GOOD)
def test_each_service_gets_its_own_form(service: str) -> None:
    with robot(GOOD[service]) as made:
        tell(service, "a <b> & c", environment(service, made), "en")
    ((path, body),) = made.got
    assert "key=SECRETKEY" in path
    forms = {
        "wecom": {"msgtype": "text", "text": {"content": "a <b> & c"}},
        "slack": {"text": "a &lt;b&gt; &amp; c"},
    }
    forms |= {"dingtalk": forms["wecom"], "feishu": {"msg_type": "text", "content": {"text": "a <b> & c"}}}
    assert body == forms[service]


def test_signatures_are_as_documented() -> None:
    with robot(GOOD["dingtalk"]) as made:
        tell("dingtalk", "x", environment("dingtalk", made, "SEC1"), "en")
    query = {name: each[0] for name, each in parse_qs(urlsplit(made.got[0][0]).query).items()}
    message = f"{query['timestamp']}\nSEC1".encode()
    assert query["sign"] == base64.b64encode(hmac.digest(b"SEC1", message, hashlib.sha256)).decode()
    with robot(GOOD["feishu"]) as made:
        tell("feishu", "x", environment("feishu", made, "SEC2"), "en")
    body = made.got[0][1]
    key = f"{body['timestamp']}\nSEC2".encode()
    assert body["sign"] == base64.b64encode(hmac.digest(key, b"", hashlib.sha256)).decode()


@pytest.mark.parametrize(
    ("answer", "status", "word"),
    [
        (b'{"errcode":93000,"errmsg":"invalid webhook"}', 200, "93000"),
        (b"", 302, "302"),
        (b'{"errcode":93000,"errmsg":"no webhook with key SECRETKEY\\u001b[2J"}', 200, "…"),
        *((each, 200, "not one of this service") for each in (b"no", b"", b"[]", b"null", b'"ok"', b"{}")),
    ],
)
def test_a_refusal_is_told_without_the_address(answer: bytes, status: int, word: str) -> None:
    with robot(answer) as made:
        made.status = status
        with pytest.raises(NotifyError) as caught:
            tell("wecom", "x", environment("wecom", made), "en")
    assert word in str(caught.value) and "SECRETKEY" not in str(caught.value)
    assert len(made.got) == 1 and str(caught.value).isprintable()


def test_addresses_in_the_clear_are_not_used() -> None:
    for url in ("http://hooks.example/x", "ftp://127.0.0.1/", "https:///x", "nonsense"):
        with pytest.raises(NotifyError, match="https"):
            tell("slack", "x", {"MAILWRIGHT_NOTIFY_SLACK_URL": url}, "en")
    with pytest.raises(NotifyError, match="MAILWRIGHT_NOTIFY_SLACK_URL"):
        tell("slack", "x", {}, "en")


def test_people_are_told_once_and_once_when_it_is_over(tmp_path: Path) -> None:
    bad, other, well = verdict(Status.FAIL), verdict(Status.FAIL, found="y"), verdict(Status.PASS)

    def said(seen: Verdict) -> list[str]:
        return notify([seen], ["text"], Memory(tmp_path / "told.json"), "en")[0]

    assert said(well) == []
    assert "not as planned" in said(bad)[0] and said(bad) == []
    assert said(other) != [] and said(verdict(Status.UNKNOWN)) == [], "silence is no recovery"
    assert "again" in said(well)[0] and said(well) == []
    (tmp_path / "told.json").write_text("{broken")
    assert said(bad) != []


def test_a_message_that_was_not_taken_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory(tmp_path / "told.json")
    monkeypatch.setenv("MAILWRIGHT_NOTIFY_WECOM_URL", f"http://127.0.0.1:{free_port()}/?key=SECRETKEY")
    _, failed = notify([verdict(Status.FAIL)], ["wecom"], memory, "zh")
    assert "未接受" in failed[0] and "SECRETKEY" not in failed[0]
    assert news([verdict(Status.FAIL)], Memory(tmp_path / "told.json").told.get("wecom", ""))


def test_a_service_without_an_address_fails_also_where_there_is_nothing_to_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAILWRIGHT_NOTIFY_WECOM_URL", raising=False)
    printed, failed = notify([verdict(Status.PASS)], ["text", "wecom"], Memory(tmp_path / "told.json"), "en")
    assert not printed and "MAILWRIGHT_NOTIFY_WECOM_URL" in failed[0]


def test_where_nothing_can_be_kept_people_are_told_and_the_run_says_so(tmp_path: Path) -> None:
    (tmp_path / "told.json").mkdir()
    printed, failed = notify([verdict(Status.FAIL)], ["text"], Memory(tmp_path / "told.json"), "en")
    assert "not as planned" in printed[0] and "tells it again" in failed[0]


def test_hostile_values_stay_one_line() -> None:
    hostile = Check(
        "r", Status.FAIL, "a.", "TXT", (), ("x",), "", Text("{x}", "{x}", {"x": "a\n\x1b[2J" + "y" * 999})
    )
    text = notice.text([Verdict("a.example", (hostile,))], "en")
    assert text.count("\n") == 1 and "\x1b" not in text and len(text) < 400


def test_a_long_message_fits_the_smallest_service() -> None:
    said = Text("{x}", "{x}", {"x": "长" * 150})
    checks = [Check("r", Status.FAIL, f"n{n}.acme.example.", "TXT", (), ("x",), "", said) for n in range(40)]
    text = notice.text([Verdict("acme.example", tuple(checks))], "zh")
    assert len(text.encode()) < 2048 and "另有" in text


def test_as_a_command(tmp_path: Path, embedded: DnsServer) -> None:
    zone = embedded.new_zone()
    path = spec(tmp_path, zone.rstrip("."))
    words = (
        "drift",
        str(path),
        "--dns-only",
        "--nameserver",
        f"127.0.0.1:{embedded.port}",
        "--notify",
        "wecom",
    )
    with robot(GOOD["wecom"]) as made:
        url = environment("wecom", made)
        for _ in range(2):
            done = mailwright(*words, cwd=tmp_path, **url)
            assert done.returncode == 2 and "SECRETKEY" not in done.stdout + done.stderr
        assert len(made.got) == 1
        embedded.put(zone, lines(plan_of(path)))
        assert mailwright(*words, cwd=tmp_path, **url).returncode == 0
        assert len(made.got) == 2 and "again" in str(made.got[1][1])
