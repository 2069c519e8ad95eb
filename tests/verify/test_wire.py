"""Messages read octet by octet: held to dnspython, and never misled by what is malformed."""

from __future__ import annotations

import contextlib
import struct

import dns.flags
import dns.message
import dns.name
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.model import txt
from mailwright.plan.transition.compare import canonical
from mailwright.resolving import wire

LABEL = st.from_regex(r"[a-zA-Z0-9_]([a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?", fullmatch=True)
NAME = st.lists(LABEL, min_size=1, max_size=5).map(lambda labels: ".".join(labels) + ".")
NUMBER = st.integers(0, 65535)
VALUES = {
    "MX": st.builds("{} {}".format, NUMBER, NAME),
    "CNAME": NAME,
    "SRV": st.builds("{} {} {} {}".format, NUMBER, NUMBER, NUMBER, NAME),
    "A": st.ip_addresses(v=4).map(str),
    "AAAA": st.ip_addresses(v=6).map(str),
    "TLSA": st.builds("3 1 1 {}".format, st.binary(min_size=32, max_size=32).map(bytes.hex)),
    "TXT": st.text(max_size=600),
}
SETS = st.sampled_from(sorted(VALUES)).flatmap(
    # An alias has one target; the other sets have as many values as you like.
    lambda type: st.tuples(
        st.just(type), st.lists(VALUES[type], min_size=1, max_size=1 if type == "CNAME" else 3, unique=True)
    )
)


def reply(name: str, type: str, values: list[str], ttl: int = 300, authority: str = "") -> bytes:
    """What a server would say, made by dnspython, with compressed names."""
    message = dns.message.make_response(dns.message.make_query(name, type))
    message.flags |= dns.flags.AA
    shown = [txt.quote(txt.split(value)) if type == "TXT" else value for value in values]
    message.answer = [dns.rrset.from_text_list(name, ttl, "IN", type, shown)]
    if authority:
        message.authority = [dns.rrset.from_text(name, 60, "IN", *authority.split(" ", 1))]
    return message.to_wire(max_size=65535)


def octets(type: str, values: list[str]) -> frozenset[bytes]:
    made = [wire.expected(type, value) for value in values]
    assert all(each is not None for each in made)
    return frozenset(each for each in made if each is not None)


@given(NAME, SETS, st.integers(0, 2**31 - 1))
def test_what_dnspython_says_is_recognised(name: str, made: tuple[str, list[str]], ttl: int) -> None:
    type, values = made
    values = list({canonical(type, value): value for value in values}.values())
    message = reply(name, type, values, ttl, "SOA ns1.example. a.example. 7 1 2 3 4")
    assert wire.ttl_if_same(message, wire.name(name), type, octets(type, values)) == ttl
    assert wire.serial(message) == (wire.name(name).lower(), 7)


@given(NAME, SETS, SETS)
def test_only_equal_sets_are_the_same(
    name: str, one: tuple[str, list[str]], two: tuple[str, list[str]]
) -> None:
    type, values = one
    others = values[1:] if two[0] != type else two[1]
    canon = {canonical(type, value) for value in values}
    if {canonical(type, other) for other in others} != canon:
        assert (
            wire.ttl_if_same(reply(name, type, values), wire.name(name), type, octets(type, others)) is None
        )


@given(NAME, SETS, st.data())
def test_broken_messages_raise_value_error_or_differ(
    name: str, made: tuple[str, list[str]], data: st.DataObject
) -> None:
    """A cut or changed message may be a smaller true one, never an exception that is not expected."""
    type, values = made
    message = bytearray(reply(name, type, values))
    at = data.draw(st.integers(12, len(message) - 1))
    message[at] = data.draw(st.integers(0, 255))
    cut = bytes(message[: data.draw(st.integers(12, len(message)))])
    with contextlib.suppress(ValueError, struct.error, IndexError):
        wire.ttl_if_same(cut, wire.name(name), type, octets(type, values))
    with contextlib.suppress(ValueError, struct.error, IndexError):
        list(wire.targets(cut, "NS"))


def test_a_name_that_points_at_itself_is_refused() -> None:
    header = struct.pack("!HHHHHH", 1, 0x8400, 1, 0, 0, 0)
    for loop in (b"\xc0\x0c", b"\x01a\xc0\x0c", b"\xc0\x0e\xc0\x0c"):
        with pytest.raises(ValueError, match="back"):
            wire.name_at(header + loop + b"\0\0\0\0", 12)


def test_another_ttl_within_a_set_and_records_of_another_name_differ() -> None:
    message = reply("a.example.", "TXT", ["x", "y"])
    assert wire.ttl_if_same(message, wire.name("a.example."), "TXT", frozenset({b"x", b"y"})) == 300
    assert wire.ttl_if_same(message, wire.name("a.example."), "TXT", frozenset({b"x"})) is None
    twice = dns.message.from_wire(message)
    twice.answer.append(dns.rrset.from_text("b.example.", 300, "IN", "TXT", '"z"'))
    assert (
        wire.ttl_if_same(twice.to_wire(), wire.name("a.example."), "TXT", frozenset({b"x", b"y", b"z"}))
        is None
    )


@given(st.one_of(NAME, st.sampled_from([".", "*.a.example.", "a\\.b.example.", "_25._tcp.mx.example."])))
def test_names_are_dnspythons(name: str) -> None:
    assert wire.name(name) == dns.name.from_text(name).to_wire()
    assert wire.text(wire.name(name)) == name


@pytest.mark.parametrize(
    "name", ["a..example.", "x" * 64 + ".example.", ".".join(["x" * 60] * 5), "\\999.x."]
)
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(ValueError, match="DNS name"):
        wire.name(name)


def test_letters_are_mixed_and_an_answer_must_bring_them_back() -> None:
    owner = wire.name("_dmarc.a-quite-long-name-of-a-company.example.")
    asked = [wire.question(owner, "TXT") for _ in range(20)]
    assert len({*asked}) > 15 and {each.lower() for each in asked} == {(owner + b"\0\x10\0\x01").lower()}
    header = struct.pack("!HHHHHH", 1, 0x8400, 1, 0, 0, 0)
    assert wire.kind(header + asked[0], asked[0]) is wire.Kind.ANSWER
    assert wire.kind(header + asked[0].swapcase(), asked[0]) is wire.Kind.DOUBTFUL
    assert wire.kind(header + wire.question(wire.name("other.example."), "TXT"), asked[0]) is wire.Kind.OTHER
    assert wire.kind(asked[0][:5], asked[0]) is wire.Kind.OTHER
    truncated = struct.pack("!HHHHHH", 1, 0x8600, 1, 0, 0, 0)
    assert wire.kind(truncated + asked[0], asked[0]) is wire.Kind.TRUNCATED
    query = struct.pack("!HHHHHH", 1, 0, 1, 0, 0, 0)
    assert wire.kind(query + asked[0], asked[0]) is wire.Kind.OTHER
