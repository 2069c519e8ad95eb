"""A real Dovecot on loopback that serves ManageSieve to owners and to a master user; nothing else."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mailwright.hosts.mail import postfix
from mailwright.hosts.mail.managesieve import Login, Session
from tests.mailboxes import dovecot_conf as conf
from tests.mailboxes.servers import require, unprivileged
from tests.mailboxes.specs import DOMAIN

PEOPLE = ("wang", "li", "zhao", "chen")
#: May open every mailbox; a password that no format may break on.
MASTER, MASTER_PASSWORD = "mailwright", 'pw{of,\\"the master'


@dataclass
class Server:
    """The running server; owners' passwords are ``pw-NAME``."""

    home: Path
    sieve: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def tables(self) -> Path:
        """The folder whose ``suspended`` the server reads."""
        return self.home / "tables"

    def session(self, name: str) -> Session:
        """As the mailbox's owner."""
        address = f"{name}@{DOMAIN}"
        return Session(Login("127.0.0.1", self.sieve, address, address, f"pw-{name}"))

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(
            ["dovecot", "-F", "-c", str(self.home / "dovecot.conf")],
            **unprivileged(),  # type: ignore[call-overload]
        )
        _wait(self.sieve)

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def reset(self) -> None:
        """Tables and scripts as on the first day."""
        for name in postfix.NAMES:
            (self.tables / name).write_bytes(b"")
        for mailbox in (self.home / "mail").iterdir():
            shutil.rmtree(mailbox)


@contextmanager
def dovecot() -> Iterator[Server]:
    """A server with the mailboxes of ``PEOPLE``."""
    require("dovecot", "sieve-test")
    home = Path(tempfile.mkdtemp(prefix="mw"))
    home.chmod(0o755)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        server = Server(home, held.getsockname()[1])
    _configure(server)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _configure(server: Server) -> None:
    home = server.home
    user = conf.user()
    (home / "dovecot.conf").write_text(
        conf.served(home, server.tables, "sieve")
        + conf.service("managesieve-login", conf.listener("sieve", server.sieve))
    )
    (home / "masters").write_text(f"{MASTER}:{{PLAIN}}{MASTER_PASSWORD}\n")
    (home / "users").write_text("".join(f"{name}@{DOMAIN}:{{PLAIN}}pw-{name}::::::\n" for name in PEOPLE))
    server.tables.mkdir()
    for name in postfix.NAMES:
        (server.tables / name).touch()
    for folder in (home, home / "mail", home / "state"):
        folder.mkdir(exist_ok=True)
        if os.getuid() == 0:
            os.chown(folder, user.pw_uid, user.pw_gid)


def _wait(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing listens on {port}")
