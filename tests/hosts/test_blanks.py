"""White space is what the protocol at hand says; to a server Unicode's other blanks are letters."""

from __future__ import annotations

import dns.name
import pytest

from mailwright.hosts.dns.cloudflare import strings_of
from mailwright.hosts.mail import postfix
from mailwright.resolving.discovery import given
from mailwright.sandbox.zone import parse
from mailwright.standards import tags, tls_rpt


@pytest.mark.parametrize("odd", ["\u00a0", "\u3000", "\u2028", "\x85", "\x1c"])
def test_an_odd_blank_is_part_of_the_value(odd: str) -> None:
    assert strings_of(f'"v=spf1 -all"{odd}') == (f'"v=spf1 -all"{odd}'.encode(),)
    assert strings_of('"a" \t"b"') == (b"a", b"b")
    assert strings_of(r'"\٠٦٥"') == (b"\xd9\xa0\xd9\xa6\xd9\xa5",), "digits of RFC 1035 are ASCII"
    assert postfix.rows(f"info@acme.example wang{odd}\nli@acme.example li\n") == (
        ("info@acme.example", f"wang{odd}"),
        ("li@acme.example", "li"),
    )
    zone = parse(dns.name.from_text("acme.example."), f'@ 600 TXT "a{odd}b"\n\t; nothing\n@ 600 IN MX 5 mx\n')
    (txt,) = zone.get(dns.name.from_text("acme.example."), 16).rdatas
    assert txt.strings == (f"a{odd}b".encode(),)
    assert tags.mailbox_of(f"{odd}mailto:a@b.example") is None
    with pytest.raises(tls_rpt.TlsRptError):
        tls_rpt.parse(f"v=TLSRPTv1; rua={odd}mailto:a@b.example")


@pytest.mark.parametrize("port", ["²", "５３", "", "0", "65536", "99999999"])
def test_a_port_is_ascii_digits(port: str) -> None:
    if port:
        with pytest.raises(ValueError, match="no port"):
            given(f"192.0.2.53:{port}")
    assert given("192.0.2.53:5353").port == 5353
