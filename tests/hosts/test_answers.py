"""The quick reader of signed answers says what dnspython's general one says, or nothing."""

from __future__ import annotations

import base64
import time

import dns.message
import dns.name
import dns.rrset
import dns.tsig
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.hosts.dns.answers import plain_answer

KEY = dns.tsig.Key("mail.", base64.b64encode(b"s" * 32).decode(), "hmac-sha256")
SETS = (
    ("acme.example.", "SOA", "ns.acme.example. wang.acme.example. 1 2 3 4 5"),
    ("acme.example.", "MX", "5 Mx1.acme.example."),
    ("Acme.example.", "MX", "10 mx2.other.example."),
    ("acme.example.", "TXT", '"v=spf1 ~all"'),
    ("k._domainkey.acme.example.", "TXT", f'"{"x" * 255}" "{"y" * 90}"'),
    ("odd.acme.example.", "TYPE65280", r"\# 2 abcd"),
    ("acme.example.", "SOA", "ns.acme.example. wang.acme.example. 1 2 3 4 5"),
)


def exchanged(*, signed: bool = True, rcode: int = 0) -> tuple[dns.message.Message, bytes]:
    query = dns.message.make_query("acme.example.", "AXFR")
    query.use_tsig(KEY)
    query.to_wire()
    reply = dns.message.make_response(query)
    reply.set_rcode(rcode)  # type: ignore[arg-type]
    for number, (name, type, text) in enumerate(SETS):
        reply.answer.append(dns.rrset.from_text(name, 60 + number, "IN", type, text))
    reply.request_mac = query.mac or b""
    if signed:
        reply.use_tsig(KEY)
    else:
        reply.tsig = None
    return query, reply.to_wire()


def test_every_record_in_its_order() -> None:
    query, wire = exchanged()
    records = plain_answer(query, wire, KEY)
    assert records is not None
    general = dns.message.from_wire(
        wire, keyring=query.keyring, request_mac=query.mac or b"", one_rr_per_rrset=True
    )
    told = [
        (rrset.name.to_text(), rrset.rdtype, rrset.ttl, rdata) for rrset in general.answer for rdata in rrset
    ]
    assert [(record.name.to_text(), record.type, record.ttl, record.rdata) for record in records] == told
    assert len(told) == len(SETS)


def test_what_is_not_plainly_good_is_left_to_the_general_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    query, wire = exchanged()
    other = dns.message.make_query("acme.example.", "MX")
    other.id = query.id
    assert plain_answer(other, wire, KEY) is None
    assert plain_answer(query, wire, dns.tsig.Key("mail.", base64.b64encode(b"t" * 32).decode())) is None
    assert plain_answer(query, wire, dns.tsig.Key("mall.", KEY.secret)) is None
    for unlike in (exchanged(signed=False), exchanged(rcode=5)):
        assert plain_answer(*unlike, KEY) is None
    monkeypatch.setattr(time, "time", lambda: 1.0)
    assert plain_answer(query, wire, KEY) is None


@given(place=st.integers(0, 2000), to=st.integers(0, 255), cut=st.booleans())
@settings(max_examples=400, deadline=None)
def test_a_changed_octet_never_gives_other_records(place: int, to: int, cut: bool) -> None:
    query, wire = exchanged()
    at = place % len(wire)
    forged = wire[:at] if cut else wire[:at] + bytes([to]) + wire[at + 1 :]
    records = plain_answer(query, forged, KEY)
    assert records is None or records == plain_answer(query, wire, KEY)
