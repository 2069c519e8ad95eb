"""Look-ups of the standards through the shared sockets: aliases, absences, failures, shared targets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import dns.message
import dns.rrset
import pytest

from mailwright.resolving import pace, peers
from mailwright.resolving.asking import asking
from mailwright.resolving.lookups import Lookups, judged, values
from mailwright.resolving.server import Server
from mailwright.sandbox.nameserver import running
from mailwright.standards import spf
from mailwright.standards.dmarc import NO_SUCH_NAME
from mailwright.standards.spf import Lookup, LookupFailed
from tests.verify.test_asking import answer, standing

ZONE = """\
@ 300 IN SOA ns1 hostmaster 1 3600 900 604800 60
mail 300 A 192.0.2.1
mail 300 AAAA 2001:db8::1
www 300 CNAME mail
@ 300 MX 10 mail
@ 300 TXT "v=spf1 include:one.company.example include:two.company.example -all"
one 300 TXT "v=spf1 ip4:192.0.2.0/24 -all"
two 300 TXT "v=spf1 include:three.company.example -all"
three 300 TXT "v=spf1 a:mail.company.example -all"
"""


def asked(port: int) -> Server:
    return Server("r", "127.0.0.1", port, authoritative=False)


def test_values_are_as_the_standards_want_them() -> None:
    async def run(port: int) -> list[object]:
        async with asking() as asker:
            lookup = Lookups([asked(port)], asker).lookup
            pairs = [
                ("mail", "A"),
                ("mail", "AAAA"),
                ("www", "A"),
                ("one", "TXT"),
                ("one", "A"),
                ("none", "TXT"),
            ]
            found = [await lookup(f"{name}.company.example.", type) for name, type in pairs]
            return [*found, await lookup("Company.Example.", "MX")]

    with running({"company.example.": ZONE}) as server:
        found = asyncio.run(run(server.port))
    assert found[:5] == [
        ("192.0.2.1",), ("2001:db8::1",), ("192.0.2.1",), ("v=spf1 ip4:192.0.2.0/24 -all",), (),
    ]  # fmt: skip
    assert found[5] is NO_SUCH_NAME and found[6] == ("10 mail.company.example.",)


def test_many_pure_judgements_share_what_they_ask() -> None:
    heard: list[bytes] = []

    async def run(port: int) -> list[spf.BudgetTree]:
        def forwarded(stand: object, data: bytes) -> list[bytes]:
            heard.append(data[12:].lower())
            return [_relayed(data, port)]

        async with standing(forwarded) as (_, server), asking():
            record = "v=spf1 include:one.company.example include:two.company.example -all"

            def tree(domain: str) -> Callable[[Lookup], spf.BudgetTree]:
                return lambda lookup: spf.budget(domain, record, lookup)

            return await judged([tree(f"c{n}.example") for n in range(100)], [asked(server.port)])

    with running({"company.example.": ZONE}) as server:
        trees = asyncio.run(run(server.port))
    assert {(tree.lookups, tree.voids) for tree in trees} == {(4, 0)}
    assert len(set(heard)) == 4  # one, two, three, and the address


def _relayed(data: bytes, port: int) -> bytes:
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream:
        upstream.settimeout(10)
        upstream.sendto(data, ("127.0.0.1", port))
        return upstream.recv(4096)


def test_the_next_resolver_is_asked_where_one_fails_and_failure_is_no_absence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(peers, "PATIENCE", 0.2)

    async def run() -> tuple[object, object]:
        async with (
            standing(lambda stand, data: [answer(data, code=2)]) as (_, broken),
            standing(lambda stand, data: []) as (_, silent),
            standing(lambda stand, data: [answer(data)]) as (_, good),
            asking() as asker,
        ):
            first = await Lookups([broken, silent, good], asker).lookup("a.example.", "TXT")
            with pytest.raises(LookupFailed, match="timeout"):
                await Lookups([broken, silent], asker).lookup("b.example.", "TXT")
            with pytest.raises(LookupFailed):
                await judged([_must_know], [broken])
            return first, None

    assert asyncio.run(run())[0] == ("true",)


def _must_know(lookup: Lookup) -> object:
    try:
        return lookup("c.example.", "TXT")
    except LookupFailed as error:
        if "not known yet" in str(error):
            return None
        raise


def test_records_of_other_names_in_an_answer_are_not_taken() -> None:
    message = dns.message.make_response(dns.message.make_query("a.example.", "A"))
    message.answer = [
        dns.rrset.from_text("a.example.", 60, "IN", "CNAME", "b.example."),
        dns.rrset.from_text("c.example.", 60, "IN", "A", "192.0.2.66"),
        dns.rrset.from_text("b.example.", 60, "IN", "A", "192.0.2.1"),
    ]
    assert values(message.to_wire(), "A") == ("192.0.2.1",)
    loop = dns.message.make_response(dns.message.make_query("a.example.", "A"))
    loop.answer = [dns.rrset.from_text("a.example.", 60, "IN", "CNAME", "a.example.")]
    assert values(loop.to_wire(), "A") == ()
