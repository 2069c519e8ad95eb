"""Reports from a mailbox of a real Dovecot: read over TLS, and left as they are."""

from __future__ import annotations

import datetime as dt
import imaplib
import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailwright.cli import main
from mailwright.operations.dmarc import mailbox
from mailwright.plan.plan import plan
from tests.dmarc.samples import DOMAIN, GOOD, google, gzipped, mailed, tls
from tests.mailboxes.live import running
from tests.mailboxes.secure import HOST, Secure, secured
from tests.mailboxes.specs import HEAD, spec_of

TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture(scope="module")
def server() -> Iterator[Secure]:
    mailboxes = plan(spec_of("people: {wang: {}}\n", HEAD), TODAY).mailboxes
    assert mailboxes is not None
    with running(mailboxes) as live:
        live.apply(mailboxes)
        with secured(live) as secure:
            yield secure


def _box(server: Secure) -> imaplib.IMAP4_SSL:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    box = imaplib.IMAP4_SSL("127.0.0.1", server.imaps, ssl_context=context)
    box.login(f"wang@{DOMAIN}", "pw-wang")
    return box


def _read(server: Secure, store: Path, *words: str) -> int:
    line = ["dmarc", "report", "--mailbox", f"wang@{DOMAIN}", "--imap", HOST, "--store", str(store)]
    ways = [word for way in server.detours(0) for word in ("--connect-to", way)]
    return main([*line, *ways, "--ca-file", str(server.ca), "--lang", "en", "--format", "json", *words])


def test_a_mailbox_is_read_and_left_as_it_is(
    server: Secure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAILWRIGHT_MAIL_PASSWORD_WANG", "pw-wang")
    monkeypatch.setattr(mailbox, "MOST_LETTER", 6000)  # so that one connection does not do
    box = _box(server)
    box.create('"DMARC reports"')
    for number in range(12):
        day = TODAY - dt.timedelta(days=1 + number)
        mail = mailed(gzipped(google(day, [GOOD]).encode()), "r.xml.gz")
        box.append('"DMARC reports"', None, None, mail)  # type: ignore[arg-type]
    box.append('"DMARC reports"', None, None, mailed(gzipped(tls(TODAY)), "t.json.gz"))  # type: ignore[arg-type]
    box.append('"DMARC reports"', None, None, b"Subject: hello\r\n\r\n" + b"x" * 9000)  # type: ignore[arg-type]
    assert _read(server, tmp_path / "s", "--folder", "DMARC reports") == 1
    made = json.loads(capsys.readouterr().out)
    assert (made["files"], made["mail"], made["tls"]) == (14, 12, 1)
    assert [each["reason"] for each in made["refused"]] == ["larger than 0 MB"]
    box.select('"DMARC reports"')
    assert box.uid("search", "UNSEEN")[1][0].split().__len__() == 14, "nobody marked them as read"
    box.logout()


def test_what_cannot_be_opened_says_why(
    server: Secure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _read(server, tmp_path / "s") == 1
    assert "MAILWRIGHT_MAIL_PASSWORD_WANG" in capsys.readouterr().err
    monkeypatch.setenv("MAILWRIGHT_MAIL_PASSWORD_WANG", "wrong")
    assert _read(server, tmp_path / "s") == 1
    said = capsys.readouterr().err
    assert "cannot be read" in said and "wrong" not in said.replace("wrongly", "")
    monkeypatch.setenv("MAILWRIGHT_MAIL_PASSWORD_WANG", "pw-wang")
    assert _read(server, tmp_path / "s", "--folder", "nowhere") == 1
    assert "nowhere" in capsys.readouterr().err
    assert main(["dmarc", "report", "--lang", "en"]) == 64
