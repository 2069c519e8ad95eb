"""A nameserver that answers whatever it is given, also what no zone can hold: a CNAME beside a TXT."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.servers.base import ADDRESS, free_port

#: (owner name, type) → values in presentation form.
Sets = Mapping[tuple[str, str], Sequence[str]]


def _answer(zone: str, sets: Sets, wire: bytes) -> bytes:
    query = dns.message.from_wire(wire)
    message = dns.message.make_response(query)
    message.flags |= dns.flags.AA
    name, type = query.question[0].name, query.question[0].rdtype
    values = sets.get((name.to_text().lower(), dns.rdatatype.to_text(type)))
    if values:
        message.answer.append(dns.rrset.from_text(name, 600, "IN", type, *values))
    else:
        soa = f"ns1.{zone} hostmaster.{zone} 1 3600 600 86400 300"
        message.authority.append(dns.rrset.from_text(dns.name.from_text(zone), 300, "IN", "SOA", soa))
        if name.to_text().lower() not in {owner for owner, _ in sets}:
            message.set_rcode(dns.rcode.NXDOMAIN)
    return message.to_wire()


@contextmanager
def torn(zone: str, sets: Sets) -> Iterator[int]:
    """The port at which such a server answers over UDP and TCP."""

    class Udp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, socket = self.request
            socket.sendto(_answer(zone, sets, data), self.client_address)

    class Tcp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while len(head := self.rfile.read(2)) == 2:
                said = _answer(zone, sets, self.rfile.read(int.from_bytes(head, "big")))
                self.wfile.write(len(said).to_bytes(2, "big") + said)

    port = free_port()
    servers = (
        socketserver.ThreadingUDPServer((ADDRESS, port), Udp),
        socketserver.ThreadingTCPServer((ADDRESS, port), Tcp),
    )
    for server in servers:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield port
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
