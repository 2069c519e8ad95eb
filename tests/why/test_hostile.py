# ruff: noqa: E501
"""Mail made to hurt its reader ends within the bounds, and nothing of it reaches the terminal."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from mailwright.cli import main
from mailwright.operations.why import reading
from mailwright.operations.why.explaining import explained
from mailwright.operations.why.rendering import render, to_json
from tests.why.shapes import SHAPES, postfix

HEAD = "Return-Path: <>\nFrom: mailer-daemon@mx.example\nSubject: Undelivered Mail\n"
REPLY = "550 5.1.1 User unknown"


def nested(depth: int) -> bytes:
    lines = [HEAD.rstrip(), 'Content-Type: multipart/mixed; boundary="b0"', ""]
    for level in range(depth):
        lines += [f"--b{level}", f'Content-Type: multipart/mixed; boundary="b{level + 1}"', ""]
    lines += [
        f"--b{depth}",
        "Content-Type: text/plain",
        "",
        f"<a@b.example>: host mx.b.example[203.0.113.1] said: {REPLY}",
    ]
    return "\n".join(lines).encode()


HOSTILE = {
    "header of 10 MB": (HEAD + "X-A: " + "a" * 10_000_000 + f"\n\n{REPLY}").encode(),
    "100,000 header fields": (HEAD + "X-A: b\n" * 100_000 + f"\n{REPLY}").encode(),
    "a folded header of 10 MB": (HEAD + "X-A: b\n" + " c\n" * 3_000_000 + f"\n{REPLY}").encode(),
    "1,000 nested parts": nested(1000),
    "1,000 nested messages": (HEAD + "Content-Type: message/rfc822\n\n" * 1000 + REPLY).encode(),
    "100,000 parts": (HEAD + "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * 100_000).encode(),
    "a line of 20 MB": (HEAD + "\n" + "5" * 20_000_000).encode(),
    "many replies": (HEAD + "\n" + f"{REPLY} " * 200_000).encode(),
    "many addresses": (HEAD + "\n" + "a@b.example " * 300_000).encode(),
    "an address without end": (HEAD + "\n" + "a." * 500_000 + "@" + "b." * 500_000).encode(),
    "broken character sets": (HEAD + "Content-Type: text/plain; charset=\xff\x00nonsense\n\n").encode("latin-1") + bytes(range(256)) * 400,
    "a charset that is a codec": (HEAD + "Content-Type: text/plain; charset=zlib\n\nx").encode(),
    "broken base64": (HEAD + "Content-Transfer-Encoding: base64\n\n===A=B=C" * 10).encode(),
    "terminal sequences": (HEAD + f"\n\x1b]0;owned\x07\x1b[2J\x9b31m<a@b.example>: {REPLY} \x1b[1A\u202e\u2066").encode(),
    "a page": (HEAD + "Content-Type: text/html\n\n" + "<div>" * 20_000 + f"<script>{REPLY}</script><p>{REPLY}").encode(),
    "half a tag": (HEAD + "Content-Type: text/html\n\n" + "<br " * 200_000).encode(),
    "encoded words": (HEAD.replace("Undelivered Mail", "=?utf-8?q?" + "=41" * 100_000 + "?= " * 3) + f"\n{REPLY}").encode(),
    "only zeros": bytes(1_000_000),
    "nothing": b"",
    "UTF-16": ("\ufeff" + f"<a@b.example>: {REPLY}").encode("utf-16-le"),
    "a blank report": (HEAD + "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n\n\n").encode(),
    "a report of 50,000 recipients": (
        HEAD + "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
        + "Final-Recipient: rfc822; a@b.example\nAction: failed\n\n" * 50_000 + "--b--\n"
    ).encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_mail_ends_and_stays_data(name: str) -> None:
    explanation = explained(HOSTILE[name], ())
    shown = render(explanation, "en") + render(explanation, "zh") + json.dumps(to_json(explanation, "en"))
    assert not any(ord(char) < 32 and char != "\n" for char in shown)
    assert not set(shown) & set("\x7f\x9b\u202e\u2066")
    assert len(explanation.answers) <= 1000
    assert sum(len(part.text) for part in explanation.mail.parts) <= reading.MOST_PARTS * reading.MOST_TEXT
    assert len(shown) < 2_000_000


@pytest.mark.parametrize("name", ["header of 10 MB", "1,000 nested parts", "100,000 parts"])
def test_what_was_left_out_is_said(name: str) -> None:
    assert explained(HOSTILE[name], ()).notes


def test_a_deep_bounce_is_still_read() -> None:
    (answer,) = explained(HOSTILE["1,000 nested parts"], ()).answers
    assert answer.judged.meaning and answer.judged.meaning.cause.id == "no-such-user"


def test_any_octets_are_survived() -> None:
    chance = random.Random(21)
    whole = [shape(REPLY, "mx.customer.example").encode() for shape in SHAPES]
    for number in range(300):
        octets = bytearray(whole[number % len(whole)])
        for _ in range(chance.randrange(1, 30)):
            octets[chance.randrange(len(octets))] = chance.randrange(256)
        render(explained(bytes(octets[: chance.randrange(len(octets) + 1)]), ()), "zh")


def test_an_outlook_item_is_told_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bounce.msg"
    file.write_bytes(reading.MSG_MAGIC + bytes(512))
    assert main(["why", str(file)]) == 1
    assert ".eml" in capsys.readouterr().err


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "b.eml"
    file.write_text(postfix(REPLY, "mx.customer.example"))
    monkeypatch.chdir(tmp_path)
    assert main(["why", str(file)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["b.eml"]
