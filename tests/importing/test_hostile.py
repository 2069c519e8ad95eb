"""Domains that are not there, servers that do not answer, mail that runs by way of others."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailwright.cli import main
from mailwright.model.text import LANGS, Lang
from mailwright.operations import importing
from mailwright.operations.importing import ImportingError
from mailwright.operations.world.looking import look
from tests.importing.worlds import records
from tests.servers.base import ADDRESS

DOMAIN = "acme-trade.com"
SERVFAIL, NXDOMAIN = 2, 3


def _answering(flags: int, code: int) -> Callable[[bytes], bytes]:
    return lambda question: question[:2] + bytes([flags, code]) + question[4:]


class Odd:
    """A server over TCP that says to each question what it is told to say."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self.answer = answer
        self.listener = socket.create_server((ADDRESS, 0))
        self.port = int(self.listener.getsockname()[1])
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer:
                self._talk(peer)

    def _talk(self, peer: socket.socket) -> None:
        peer.settimeout(20)
        try:
            while head := peer.recv(2, socket.MSG_WAITALL):
                said = self.answer(peer.recv(int.from_bytes(head), socket.MSG_WAITALL))
                if not said:
                    return
                peer.sendall(len(said).to_bytes(2) + said)
        except OSError:
            return

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


@pytest.fixture
def odd() -> Iterator[Callable[[Callable[[bytes], bytes]], Odd]]:
    odds: list[Odd] = []

    def start(answer: Callable[[bytes], bytes]) -> Odd:
        odds.append(Odd(answer))
        return odds[-1]

    yield start
    for each in odds:
        each.close()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (_answering(0x84, SERVFAIL), "SERVFAIL"),
        (_answering(0x84, NXDOMAIN), "no record at all"),
        (_answering(0x80, 0), "not authoritative"),
        (lambda question: question[:2] + b"\xff" * 30, "could not answer"),
        (lambda _: b"", "without an answer"),
    ],
)
def test_no_spec_is_written_of_what_was_not_heard(
    odd: Callable[[Callable[[bytes], bytes]], Odd],
    answer: Callable[[bytes], bytes],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No answer is never "there is nothing"."""
    path = tmp_path / "acme.yaml"
    server = f"{ADDRESS}:{odd(answer).port}"
    assert main(["import", DOMAIN, "--nameserver", server, "-o", str(path), "--lang", "en"]) == 1
    assert said in capsys.readouterr().err
    assert not path.exists()


def _look(zone: str, tmp_path: Path, lang: Lang) -> tuple[list[str], str]:
    path = tmp_path / "zone"
    path.write_text(zone)
    seen = look(importing.from_zone_file(DOMAIN, path), lang)
    return [answer.text(lang) for answer in seen.answers], seen.spec


@pytest.mark.parametrize(
    ("name", "filter", "behind"),
    [
        ("gateway-proofpoint-m365", "Proofpoint", "Microsoft 365"),
        ("gateway-mimecast-google", "Mimecast", "Google Workspace"),
        ("gateway-barracuda", "Barracuda", "another mail host"),
    ],
)
def test_a_filter_before_the_mail_host_is_named(name: str, filter: str, behind: str, tmp_path: Path) -> None:
    answers, spec = _look(records(name, DOMAIN), tmp_path, "en")
    assert filter in answers[2] and behind in answers[2]
    assert f"# Mail comes in at {filter}" in spec
    answers, spec = _look(records(name, DOMAIN), tmp_path, "zh")
    assert filter in answers[2] and "过滤网关" in answers[2] and "# 来信先到" in spec


@pytest.mark.parametrize("lang", LANGS)
def test_two_mail_hosts_are_told(lang: Lang, tmp_path: Path) -> None:
    answers, spec = _look(records("messy-two-hosts", DOMAIN), tmp_path, lang)
    assert ("one or the other" if lang == "en" else "其中之一") in answers[2]
    assert ("beside those of" if lang == "en" else "既有") in spec


def test_a_policy_kept_elsewhere_is_not_called_missing(tmp_path: Path) -> None:
    answers, spec = _look(records("messy-dmarc-elsewhere", DOMAIN), tmp_path, "en")
    assert "acme._d.dmarc-service.example" in answers[0]
    assert "missing" not in answers[1]
    assert "somebody else keeps the DMARC policy" in spec


@pytest.mark.parametrize(
    ("zone", "en", "zh"),
    [
        ("@ 300 IN CNAME web.example.net.\n", "is itself a CNAME", "本身是 CNAME"),
        ("other.example. 300 IN MX 5 mail.other.example.\n", "no record at all", "没有任何记录"),
        ("$INCLUDE /etc/hostname\n", "is not a zone file", "不是"),
        ("\x00\x01\x02", "is not a zone file", "不是"),
    ],
)
def test_what_cannot_be_taken_over_says_why_in_both_languages(
    zone: str, en: str, zh: str, tmp_path: Path
) -> None:
    path = tmp_path / "zone"
    path.write_text(zone)
    with pytest.raises(ImportingError) as raised:
        importing.from_zone_file(DOMAIN, path)
    assert en in raised.value.text("en")
    assert zh in raised.value.text("zh")
