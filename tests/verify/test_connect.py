"""Detours as curl has them, and TLS for the server's own name wherever the connection goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailwright.resolving.connect import Detour, Dial, detour


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("imap.example.com:993:127.0.0.1:10993", Detour("imap.example.com", 993, "127.0.0.1", 10993)),
        ("IMAP.example.com.:993:[::1]:1", Detour("imap.example.com", 993, "::1", 1)),
        (":25:127.0.0.1:2525", Detour("", 25, "127.0.0.1", 2525)),
        ("mx.example.com::127.0.0.1:", Detour("mx.example.com", 0, "127.0.0.1", 0)),
        ("[2001:db8::1]:25:localhost:2525", Detour("2001:db8::1", 25, "localhost", 2525)),
    ],
)
def test_a_detour_reads_as_curls_does(text: str, made: Detour) -> None:
    assert detour(text) == made


@pytest.mark.parametrize(
    "text", ["", "a:b:c:d", "a:1:b", "a:1:b:2:3", "a:70000:b:1", "a:1:b:99999", "a 1 b 2"]
)
def test_what_is_no_detour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"HOST:PORT|65535"):
        detour(text)


def test_the_first_detour_that_takes_a_server_counts() -> None:
    dial = Dial.given(["mx.example.com:25:127.0.0.1:2525", ":25:127.0.0.2:", "imap.example.com::[::1]:"])
    assert dial.target("MX.example.com.", 25) == ("127.0.0.1", 2525)
    assert dial.target("mx2.example.com", 25) == ("127.0.0.2", 25)
    assert dial.target("imap.example.com", 993) == ("::1", 993)
    assert dial.target("pop.example.com", 995) == ("pop.example.com", 995)
    assert dial.is_here("imap.example.com", 993) and not dial.is_here("pop.example.com", 995)


def test_a_file_without_certificates_is_named(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("hello\n")
    for name in ("no.pem", "nowhere.pem"):
        with pytest.raises(ValueError, match=name):
            Dial.given([], str(tmp_path / name))
