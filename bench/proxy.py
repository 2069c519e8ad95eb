"""A proxy that adds a round-trip time and loses datagrams: ``proxy.py PORT SERVER_PORT RTT_MS [LOSS]``.

TCP and UDP on loopback; every octet waits half of the time on its way there and half on its way back,
and so does the opening of a connection. LOSS is the share of datagrams that vanish, each way for itself
(0.02 loses 2 of 100 questions and 2 of 100 answers); TCP loses nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import sys

ADDRESS = "127.0.0.1"


async def serve(port: int, behind: int, rtt: float, loss: float = 0.0) -> None:
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
    _Udp(port, behind, half, loss)
    async with server:
        await server.serve_forever()


class _Udp:
    """Every question gets a new id on its way to the server, by which its answer finds the way back."""

    def __init__(self, port: int, behind: int, half: float, loss: float) -> None:
        self._half, self._loss = half, loss
        self._loop = asyncio.get_running_loop()
        self._front, self._back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for each in (self._front, self._back):
            each.setblocking(False)
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._front.bind((ADDRESS, port))
        self._back.connect((ADDRESS, behind))
        self._loop.add_reader(self._front, self._asked)
        self._loop.add_reader(self._back, self._answered)
        self._clients: dict[bytes, tuple[bytes, tuple[str, int]]] = {}
        self._next = 0

    def _asked(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                data, client = self._front.recvfrom(65535)
                if random.random() < self._loss:
                    continue
                self._next = (self._next + 1) % 65536
                id = self._next.to_bytes(2, "big")
                self._clients[id] = data[:2], client
                self._later(self._back, id + data[2:])

    def _answered(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                data = self._back.recv(65535)
                known = self._clients.pop(data[:2], None)
                if known is not None and random.random() >= self._loss:
                    self._later(self._front, known[0] + data[2:], known[1])

    def _later(self, sending: socket.socket, data: bytes, *to: tuple[str, int]) -> None:
        def send() -> None:
            with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
                sending.sendto(data, *to) if to else sending.send(data)

        if self._half:
            self._loop.call_later(self._half, send)
        else:
            send()


if __name__ == "__main__":
    port, behind, milliseconds = map(int, sys.argv[1:4])
    asyncio.run(serve(port, behind, milliseconds / 1000, float(sys.argv[4]) if len(sys.argv) > 4 else 0.0))
