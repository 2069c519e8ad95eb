"""A nameserver that behaves as a test says, over UDP and TCP, in threads of its own."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

#: A query, and whether it came over TCP, to octets; None: no answer.
Behaviour = Callable[[dns.message.Message, bool], bytes | None]


def answered(query: dns.message.Message, *values: str, ttl: int = 3600) -> dns.message.Message:
    """An authoritative answer with these values."""
    message = dns.message.make_response(query)
    message.flags |= dns.flags.AA
    question = query.question[0]
    if values:
        type = dns.rdatatype.to_text(question.rdtype)
        message.answer = [dns.rrset.from_text(question.name, ttl, "IN", type, *values)]
    return message


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True
    behaviour: Behaviour


class _Stream(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Tcp)
        stream = self.request.makefile("rb")
        with contextlib.suppress(OSError, struct.error):
            while head := stream.read(2):
                query = dns.message.from_wire(stream.read(struct.unpack("!H", head)[0]))
                made = self.server.behaviour(query, True)
                if made is not None:
                    self.request.sendall(struct.pack("!H", len(made)) + made)


@contextlib.contextmanager
def serving(behaviour: Behaviour) -> Iterator[int]:
    """The port; asked are UDP and TCP of 127.0.0.1."""
    tcp = _Tcp(("127.0.0.1", 0), _Stream)
    tcp.behaviour = behaviour
    port: int = tcp.server_address[1]
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", port))
    over = threading.Event()

    def datagrams() -> None:
        udp.settimeout(0.2)
        while not over.is_set():
            try:
                data, client = udp.recvfrom(4096)
            except TimeoutError:
                continue
            made = behaviour(dns.message.from_wire(data), False)
            if made is not None:
                udp.sendto(made, client)

    threads = [threading.Thread(target=datagrams), threading.Thread(target=tcp.serve_forever, args=(0.1,))]
    for thread in threads:
        thread.start()
    try:
        yield port
    finally:
        over.set()
        tcp.shutdown()
        for thread in threads:
            thread.join()
        tcp.server_close()
        udp.close()
