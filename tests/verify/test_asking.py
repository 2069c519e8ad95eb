"""Many questions through few sockets: loss, forgers, truncation, silent servers, TCP that closes early."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from mailwright.resolving import datagrams, pace, peers, streams, wire
from mailwright.resolving.asking import Asker, asking
from mailwright.resolving.server import Server
from mailwright.verify.dns import ask

#: What a stand-in does with one message over UDP: (answers, each with None or another socket's port).
Behaviour = Callable[["Stand", bytes], list[bytes]]


def answer(query: bytes, value: str = "true", code: int = 0) -> bytes:
    message = dns.message.make_response(dns.message.from_wire(query))
    message.flags |= dns.flags.AA
    message.set_rcode(dns.rcode.Rcode(code))
    if not code:
        message.answer = [dns.rrset.from_text(message.question[0].name, 60, "IN", "TXT", f'"{value}"')]
    return message.to_wire()


class Stand(asyncio.DatagramProtocol):
    """A nameserver that behaves as a test says, over UDP and TCP on one port of ``host``."""

    def __init__(self, udp: Behaviour, per_connection: int = 1000) -> None:
        self.udp, self.per_connection = udp, per_connection
        self.over_tcp: Behaviour = lambda _, data: [answer(data, "over tcp")]
        self.heard: list[bytes] = []
        self.connections: list[int] = []
        self.port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.append(data)
        self.client = addr
        for each in self.udp(self, data):
            self.transport.sendto(each, addr)

    async def stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(self.connections)
        self.connections.append(0)
        with contextlib.suppress(EOFError, OSError):
            while self.connections[number] < self.per_connection:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                for reply in self.over_tcp(self, await reader.readexactly(length)):
                    writer.write(struct.pack("!H", len(reply)) + reply)
                self.connections[number] += 1
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def standing(
    udp: Behaviour, *, host: str = "127.0.0.1", per_connection: int = 1000
) -> AsyncIterator[tuple[Stand, Server]]:
    stand = Stand(udp, per_connection)
    tcp = await asyncio.start_server(stand.stream, host, 0)
    stand.port = tcp.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: stand, local_addr=(host, stand.port))
    try:
        yield stand, Server("ns1", host, stand.port)
    finally:
        transport.close()
        tcp.close()
        await tcp.wait_closed()


def name(number: int) -> str:
    return f"n{number}.company.example."


async def values(asker: Asker, server: Server, count: int, *, tcp: bool = False) -> list[tuple[str, ...]]:
    async with asyncio.timeout(60):
        return [
            each.values for each in await asyncio.gather(*(_one(asker, server, n, tcp) for n in range(count)))
        ]


async def _one(asker: Asker, server: Server, number: int, tcp: bool) -> object:
    return await ask(server, name(number), "TXT", tcp=tcp)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shortest pauses: nothing here waits for a real network."""
    monkeypatch.setattr(pace, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(pace, "LONGEST", 0.1)


def test_many_questions_share_a_few_sockets_and_each_is_answered_though_many_are_lost() -> None:
    seen: dict[bytes, int] = {}
    ports: set[int] = set()

    def lossy(stand: Stand, data: bytes) -> list[bytes]:
        ports.add(stand.client[1])
        question = data[12:].lower()
        seen[question] = seen.get(question, 0) + 1
        return [answer(data)] if seen[question] > hash(question) % 3 else []

    async def run() -> list[tuple[str, ...]]:
        async with standing(lossy) as (_, server), asking() as asker:
            return await values(asker, server, 300)

    assert asyncio.run(run()) == [("true",)] * 300
    assert 1 < len(ports) <= datagrams.SOCKETS


def test_what_was_not_asked_so_is_dropped() -> None:
    """The wrong id, another question, another source, a message that is no response: then the true one."""

    def forging(stand: Stand, data: bytes) -> list[bytes]:
        true = answer(data)
        other = answer(
            wire.message(int.from_bytes(data[:2]), wire.question(wire.name(name(99)), "TXT"), wire.ITERATIVE),
            "lie",
        )
        false = answer(data, "lie")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(false, stand.client)
        id = bytes((data[0] ^ 1, data[1]))
        query = answer(data, "lie")
        query = query[:2] + bytes((query[2] & 0x7F,)) + query[3:]
        return [id + false[2:], other, query, b"", b"\0" * 5, true]

    async def run() -> list[tuple[str, ...]]:
        async with standing(forging) as (_, server), asking() as asker:
            return await values(asker, server, 20)

    assert asyncio.run(run()) == [("true",)] * 20


@pytest.mark.parametrize("how", ["other letters", "truncated", "no question"])
def test_what_could_be_forged_or_is_truncated_is_asked_again_over_tcp(how: str) -> None:
    def doubtful(stand: Stand, data: bytes) -> list[bytes]:
        made = answer(data, "lie")
        if how == "truncated":
            return [made[:2] + bytes((made[2] | 2,)) + made[3:]]
        if how == "no question":
            return [data[:2] + struct.pack("!HHHHH", 0x8402, 0, 0, 0, 0)]
        end = made.index(b"\0", 12)
        return [made[:12] + made[12:end].swapcase() + made[end:]]

    async def run() -> list[tuple[str, ...]]:
        async with standing(doubtful) as (_, server), asking() as asker:
            return await values(asker, server, 5)

    assert asyncio.run(run()) == [("over tcp",)] * 5


def test_a_server_without_edns_is_asked_without() -> None:
    def old(stand: Stand, data: bytes) -> list[bytes]:
        if data[10:12] != b"\0\0":
            return [
                data[:2] + struct.pack("!HHHHH", 0x8001, 1, 0, 0, 0) + data[12 : data.index(b"\0", 12) + 5]
            ]
        return [answer(data)]

    async def run() -> list[tuple[str, ...]]:
        async with standing(old) as (_, server), asking() as asker:
            return await values(asker, server, 3)

    assert asyncio.run(run()) == [("true",)] * 3


def test_the_same_question_and_names_that_do_not_exist_are_asked_once() -> None:
    def nothing(stand: Stand, data: bytes) -> list[bytes]:
        return [answer(data, code=3)]

    async def run() -> int:
        async with standing(nothing) as (stand, server), asking():
            await asyncio.gather(*(ask(server, name(0), "TXT", tcp=False) for _ in range(50)))
            again = [await ask(server, name(0), type, tcp=False) for type in ("TXT", "MX", "A")]
            assert all(each.values == () and each.problem is None for each in again)
            return len({each[12:].lower() for each in stand.heard})

    assert asyncio.run(run()) == 1


def test_a_silent_server_is_given_up_and_then_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "PATIENCE", 0.3)

    async def run() -> tuple[set[str | None], int]:
        async with standing(lambda stand, data: []) as (stand, server), asking():
            many = await asyncio.gather(*(ask(server, name(n), "TXT", tcp=False) for n in range(500)))
            said = {each.problem and each.problem("en") for each in many}
            return said, len({each[12:].lower() for each in stand.heard})

    problems, asked = asyncio.run(run())
    assert problems == {"timeout"} and asked < 50


def test_a_connection_that_ends_early_is_followed_by_another() -> None:
    async def run(per_connection: int) -> list[int]:
        async with standing(lambda stand, data: [], per_connection=per_connection) as (stand, server):
            async with asking() as asker:
                assert await values(asker, server, 60, tcp=True) == [("over tcp",)] * 60
            return stand.connections

    assert asyncio.run(run(1000)) == [60]
    assert sum(asyncio.run(run(7))) == 60
    assert asyncio.run(run(1)) == [1] * 60


def test_no_listener_over_tcp_is_a_problem_and_never_an_answer() -> None:
    async def run() -> set[str | None]:
        async with asking():
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                server = Server("gone", "127.0.0.1", taken.getsockname()[1])
                many = await asyncio.gather(*(ask(server, name(n), "TXT", tcp=True) for n in range(20)))
        return {each.problem for each in many}

    (problem,) = asyncio.run(run())
    assert problem


def test_ipv6_goes_the_same_way() -> None:
    async def run() -> list[tuple[str, ...]]:
        async with standing(lambda stand, data: [answer(data)], host="::1") as (_, server), asking() as asker:
            return [*await values(asker, server, 5), *await values(asker, server, 5, tcp=True)]

    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert asyncio.run(run()) == [("true",)] * 5 + [("over tcp",)] * 5


def test_a_loop_without_readiness_reads_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows."""

    async def run() -> list[tuple[str, ...]]:
        async with standing(lambda stand, data: [answer(data)]) as (_, server):
            loop = asyncio.get_running_loop()

            def refuse(*_: object) -> None:
                raise NotImplementedError

            real = loop.add_reader
            monkeypatch.setattr(loop, "add_reader", refuse)
            async with asking() as asker:
                begun = [asker.begin(server, name(n), "TXT") for n in range(1)]
                monkeypatch.setattr(loop, "add_reader", real)
                assert not begun[0].done()
                return await values(asker, server, 10)

    assert asyncio.run(run()) == [("true",)] * 10


def test_whoever_is_cancelled_does_not_take_the_answer_from_others() -> None:
    async def run() -> tuple[str, ...]:
        held: list[bytes] = []

        def late(stand: Stand, data: bytes) -> list[bytes]:
            held.append(data)
            return [answer(data)] if len(held) > 1 else []

        async with standing(late) as (_, server), asking():
            first, second = (asyncio.ensure_future(ask(server, name(0), "TXT", tcp=False)) for _ in range(2))
            await asyncio.sleep(0)
            first.cancel()
            return (await second).values

    assert asyncio.run(run()) == ("true",)


def test_nothing_stays_open_after_a_run_that_is_broken_off() -> None:
    async def run() -> None:
        async with standing(lambda stand, data: []) as (_, server):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2), asking() as asker:
                    asker.begin(server, name(1), "TXT", tcp=True)
                    await asker.reply(server, name(0), "TXT")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "IDLE", 0.05)
        asyncio.run(run())
