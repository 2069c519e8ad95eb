"""A proxy that adds a round-trip time: ``python bench/proxy.py PORT SERVER_PORT RTT_MS``.

TCP and UDP on loopback; every octet waits half of the time on its way there and half on its way back,
and so does the opening of a connection.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

ADDRESS = "127.0.0.1"


async def serve(port: int, behind: int, rtt: float) -> None:
    """Forward until killed; ``rtt`` in seconds."""
    half = rtt / 2

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Latency, not bandwidth: pieces wait side by side, in order."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, data = await queue.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if not data:
                    writer.close()
                    return
                writer.write(data)

        sending = asyncio.create_task(deliver())
        while True:
            try:
                data = await reader.read(65536)
            except ConnectionError:
                data = b""
            await queue.put((loop.time() + half, data))
            if not data:
                break
        await sending

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(rtt)  # SYN and its answer, which loopback gave at once
        there_reader, there_writer = await asyncio.open_connection(ADDRESS, behind)
        await asyncio.gather(copy(reader, there_writer), copy(there_reader, writer), return_exceptions=True)

    server = await asyncio.start_server(connected, ADDRESS, port, backlog=512)
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: _Udp(behind, half), local_addr=(ADDRESS, port))
    async with server:
        await server.serve_forever()


class _Udp(asyncio.DatagramProtocol):
    """One question, one answer."""

    def __init__(self, behind: int, half: float) -> None:
        self._behind, self._half = behind, half
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asyncio.get_running_loop().create_task(self._ask(data, addr))

    async def _ask(self, data: bytes, addr: tuple[str, int]) -> None:
        await asyncio.sleep(self._half)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes] = loop.create_future()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Once(answer), remote_addr=(ADDRESS, self._behind)
        )
        transport.sendto(data)
        try:
            text = await asyncio.wait_for(answer, 5)
        except TimeoutError:
            return
        finally:
            transport.close()
        await asyncio.sleep(self._half)
        if self._transport:
            self._transport.sendto(text, addr)


class _Once(asyncio.DatagramProtocol):
    def __init__(self, answer: asyncio.Future[bytes]) -> None:
        self._answer = answer

    def datagram_received(self, data: bytes, _addr: tuple[str, int]) -> None:
        if not self._answer.done():
            self._answer.set_result(data)


if __name__ == "__main__":
    port, behind, milliseconds = map(int, sys.argv[1:4])
    asyncio.run(serve(port, behind, milliseconds / 1000))
