"""What every nameserver under test can do, whichever program it is."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.update
from dns.rdtypes.ANY.TXT import TXT

from mailwright.hosts.dns.rfc2136 import Rfc2136Host
from mailwright.model import txt

ADDRESS = "127.0.0.1"
#: How many empty zones a server starts with; each test takes fresh ones, and one worker may run most tests.
ZONES = 1000
#: Seconds until a server that does not answer is called broken.
PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Key:
    """A TSIG key of the tests (these secrets protect nothing)."""

    name: str
    secret: str = field(repr=False)
    algorithm: str = "hmac-sha256"

    @property
    def dns(self) -> dns.tsig.Key:
        return dns.tsig.Key(self.name, self.secret, self.algorithm)


#: May change everything and transfer the zone.
FULL = Key("full-key", "c2VjcmV0LW9mLXRoZS1mdWxsLWtleS0zMi1ieXRlcyE=")
#: Least privilege: MX and TXT at the apex, and the names that only mail uses.
NARROW = Key("mail-key", "c2VjcmV0LW9mLXRoZS1tYWlsLWtleS0zMi1ieXRlcyE=")
#: No server knows it.
UNKNOWN = Key("unknown-key", "bm9ib2R5LWtub3dzLXRoaXMta2V5LTMyLWJ5dGVzISE=")
#: The right name with somebody else's secret.
FORGED = Key(FULL.name, UNKNOWN.secret)

#: The names below the apex that NARROW may write, with everything beneath them.
MAIL_NAMES = ("_dmarc", "_domainkey", "_mta-sts", "mta-sts", "_smtp._tls", "autodiscover")
MAIL_TYPES = ("TXT", "CNAME", "A", "AAAA", "SRV", "TLSA")

#: What every fresh zone holds.
BASE_ZONE = """\
@ 300 IN SOA ns1 hostmaster 1 3600 900 604800 60
@ 300 IN NS ns1
ns1 300 IN A 127.0.0.1
www 300 IN A 192.0.2.10
"""


class Missing(Exception):
    """The program is not installed here."""


def free_port() -> int:
    """A port that is free for UDP and TCP right now."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            tcp.bind((ADDRESS, 0))
            port = int(tcp.getsockname()[1])
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                try:
                    udp.bind((ADDRESS, port))
                except OSError:
                    continue
            return port


def program(name: str, package: str) -> str:
    """The path of a server program; /usr/sbin is not on everybody's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not found:
        raise Missing(f"{name} is not installed (Debian package {package})")
    return found


class DnsServer:
    """One nameserver process with many empty zones; subclasses say how to start it."""

    kind = ""

    def __init__(self, zones: int = ZONES) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"mailwright-{self.kind}-"))
        self.zones = [f"z{number}.example." for number in range(zones)]
        self.port = 0
        self._fresh: Iterator[str] = iter(self.zones)
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.dispose)

    # -- to be said by each kind -------------------------------------------------------------

    def configure(self) -> None:
        """Write configuration and zones below ``self.folder`` for ``self.port``."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """The command that runs the server in the foreground."""
        raise NotImplementedError

    # -- life --------------------------------------------------------------------------------

    def start(self) -> None:
        """Start on a fresh port (the same one again after ``kill``), wait for an answer."""
        if not self.port:
            self.port = free_port()
            self.configure()
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log, cwd=self.folder)
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.kind} did not start:\n{self.log()[-2000:]}")
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL: what a power cut does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """A polite end."""
        self._end(signal.SIGTERM)

    def ensure_running(self) -> None:
        """Start again where a test has killed it."""
        if self._process is None or self._process.poll() is not None:
            self.start()

    def dispose(self) -> None:
        """Kill and remove everything; also at the interpreter's exit."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, how)
            self._process.wait(PATIENCE)

    def log(self) -> str:
        """What the server has printed so far."""
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _answers(self) -> bool:
        try:
            answer = self.query(self.zones[-1], "SOA", timeout=0.5)
        except (OSError, EOFError, dns.exception.DNSException):
            return False
        return answer.rcode() == dns.rcode.NOERROR and bool(answer.flags & dns.flags.AA)

    # -- use ---------------------------------------------------------------------------------

    def new_zone(self, records: str = "") -> str:
        """A zone that no test has touched, with these records added (zone file lines)."""
        zone = next(self._fresh, None)
        assert zone, f"{self.kind} has no zone left that no test has touched: raise ZONES"
        if records.strip():
            self.put(zone, records)
        return zone

    def host(
        self, zone: str, key: Key | None = FULL, *, timeout: float = 5.0, transfer: bool = False
    ) -> Rfc2136Host:
        """The host under test for one zone."""
        if key is None:
            return Rfc2136Host(zone, ADDRESS, self.port, timeout=timeout, transfer=transfer)
        return Rfc2136Host(
            zone,
            ADDRESS,
            self.port,
            key.name,
            key.secret,
            algorithm=key.algorithm,
            timeout=timeout,
            transfer=transfer,
        )

    def query(self, name: str, type: str, *, timeout: float = 5.0) -> dns.message.Message:
        """One plain query over TCP, past the code under test."""
        question = dns.message.make_query(name, type)
        question.flags &= ~dns.flags.RD
        return dns.query.tcp(question, ADDRESS, timeout=timeout, port=self.port)

    def texts(self, name: str, type: str) -> set[str]:
        """The values served at one name, in dnspython's presentation form."""
        answer = self.query(name, type).answer
        rdata_type = dns.rdatatype.from_text(type)
        return {rdata.to_text() for rrset in answer if rrset.rdtype == rdata_type for rdata in rrset}

    def joined(self, name: str) -> set[str]:
        """The TXT values served at one name, as the world joins them."""
        answer = self.query(name, "TXT").answer
        return {txt.join(r.strings) for rrset in answer for r in rrset if isinstance(r, TXT)}

    def ttl(self, name: str, type: str) -> int | None:
        """The TTL served at one name."""
        answer = self.query(name, type).answer
        return answer[0].ttl if answer else None

    def put(self, zone: str, records: str) -> None:
        """Somebody else adds records, given as zone file lines ``NAME TTL TYPE RDATA``."""
        update = self._update(zone)
        for line in filter(None, map(str.strip, records.splitlines())):
            name, ttl, type, rdata = line.split(None, 3)
            update.add(_owner(name, zone), int(ttl), type, rdata)
        self._send(update)

    def drop(self, zone: str, name: str, type: str, rdata: str | None = None) -> None:
        """Somebody else deletes one record, or the whole set."""
        update = self._update(zone)
        update.delete(_owner(name, zone), type, *([rdata] if rdata else []))
        self._send(update)

    def _update(self, zone: str) -> dns.update.UpdateMessage:
        return dns.update.UpdateMessage(zone, keyring=FULL.dns)

    def _send(self, update: dns.update.UpdateMessage) -> None:
        answer = dns.query.tcp(update, ADDRESS, timeout=5, port=self.port)
        if answer.rcode() != dns.rcode.NOERROR:
            raise AssertionError(f"{self.kind} refused the test's own records: {answer}")


def _owner(name: str, zone: str) -> dns.name.Name:
    return dns.name.from_text(name, dns.name.from_text(zone))
