"""Unbound as a resolver: plain, over TLS and over HTTPS, for what one nameserver here serves.

No other name exists for it, but those below ``silent.``: it never asks the root, which here might answer
late or never.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dns.exception
import dns.message
import dns.query

from tests.mailboxes.secure import certificate
from tests.servers.base import ADDRESS, PATIENCE, free_port, program

NAME = "dns.resolver.example"
CONFIG = """\
server:
    directory: "{dir}"
    chroot: ""
    username: ""
    pidfile: "{dir}/unbound.pid"
    use-syslog: no
    logfile: ""
    num-threads: 1
    incoming-num-tcp: 100
    interface: {address}@{plain}
    interface: {address}@{tls}
    interface: {address}@{https}
    tls-port: {tls}
    https-port: {https}
    http-endpoint: "/dns-query"
    tls-service-key: "{key}"
    tls-service-pem: "{cert}"
    do-not-query-localhost: no
    access-control: 127.0.0.0/8 allow
    module-config: "iterator"
    local-zone: "." static
    local-zone: "example." transparent
    local-zone: "silent." transparent
    local-zone: "in-addr.arpa." nodefault
stub-zone:
    name: "example."
    stub-addr: {address}@{behind}
    stub-no-cache: yes
stub-zone:
    name: "silent."
    stub-addr: {address}@{silent}
remote-control:
    control-enable: no
"""


@dataclass(frozen=True, slots=True)
class Resolver:
    """Where it listens; ``ca`` is the certificate to trust."""

    plain: int
    tls: int
    https: int
    ca: Path

    def urls(self) -> dict[str, str]:
        """What ``--resolver`` takes."""
        return {
            "plain": f"{ADDRESS}:{self.plain}",
            "tls": f"tls://{ADDRESS}:{self.tls}#{NAME}",
            "https": f"https://{ADDRESS}:{self.https}/dns-query#{NAME}",
        }


@contextmanager
def unbound(folder: Path, behind: int) -> Iterator[Resolver]:
    """Started for the names below ``example.``, asked of the nameserver at port ``behind``; ended by its pid.

    Nobody answers for names below ``silent.``. Raises Missing where it is not installed.
    """
    command = program("unbound", "unbound")
    folder.mkdir(parents=True, exist_ok=True)
    cert, key = certificate(folder, NAME)
    plain, tls, https = free_port(), free_port(), free_port()
    nobody = socket.socket(type=socket.SOCK_DGRAM)
    nobody.bind((ADDRESS, 0))
    where = {"plain": plain, "tls": tls, "https": https, "behind": behind, "silent": nobody.getsockname()[1]}
    text = CONFIG.format(dir=folder, address=ADDRESS, key=key, cert=cert, **where)
    (folder / "unbound.conf").write_text(text)
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [command, "-d", "-c", str(folder / "unbound.conf")], stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not _answers(plain):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"unbound did not start:\n{(folder / 'log').read_text()[-2000:]}")
            time.sleep(0.02)
        yield Resolver(plain, tls, https, cert)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        nobody.close()


def _answers(port: int) -> bool:
    try:
        dns.query.udp(dns.message.make_query("example.", "SOA"), ADDRESS, timeout=0.5, port=port)
    except (OSError, dns.exception.DNSException):
        return False
    return True
