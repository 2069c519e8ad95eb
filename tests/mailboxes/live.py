"""A real Postfix and Dovecot on loopback with our tables and scripts; nothing leaves the machine."""

from __future__ import annotations

import imaplib
import os
import re
import shutil
import smtplib
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from mailwright.hosts.mail import dovecot, folder
from mailwright.hosts.mail.managesieve import Login, Session
from mailwright.model.mailboxes import Mailboxes
from tests.mailboxes import dovecot_conf as conf
from tests.mailboxes.privileges import Root
from tests.mailboxes.servers import require, unprivileged
from tests.mailboxes.specs import DOMAIN

#: May open every mailbox over ManageSieve.
MASTER, MASTER_PASSWORD = "mailwright", 'pw{of,\\"the master'
PEOPLE = ("wang", "li", "zhao", "support", "chen")


#: Of master.cf, beside the one that listens.
SERVICES = (
    "pickup unix n - n 60 1 pickup",
    "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 300 1 qmgr",
    "rewrite unix - - n - - trivial-rewrite",
    "smtp unix - - n - - smtp",
    "relay unix - - n - - smtp",
    "error unix - - n - - error",
    "retry unix - - n - - error",
    "lmtp unix - - n - - lmtp",
    "bounce unix - - n - 0 bounce",
    "defer unix - - n - 0 bounce",
    "trace unix - - n - 0 bounce",
    "anvil unix - - n - 1 anvil",
    "scache unix - - n - 1 scache",
    "postlog unix-dgram n - n - 1 postlogd",
)


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now."""
    held = [socket.socket() for _ in range(count)]
    for each in held:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


class _Sink(socketserver.StreamRequestHandler):
    """The rest of the world: takes every mail and remembers for whom."""

    def handle(self) -> None:
        self._say("220 sink")
        for line in iter(self.rfile.readline, b""):
            word = line[:4].upper().strip()
            if word == b"RCPT":
                self.server.got.append(re.findall(rb"<(.*?)>", line)[0].decode())  # type: ignore[attr-defined]
            if word == b"DATA":
                self._say("354 go")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
            if word == b"QUIT":
                self._say("221 bye")
                return
            self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Sink)
        self.got: list[str] = []


@dataclass
class Live:
    """The running pair. Passwords are ``pw-NAME``."""

    home: Path
    smtp: int
    imap: int
    sieve: int
    lmtp: int
    sink: _Server
    root: Root = field(default_factory=Root)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def tables(self) -> Path:
        return self.home / "tables"

    def login(self, name: str) -> Login:
        return Login("127.0.0.1", self.sieve, f"{name}@{DOMAIN}", f"{name}@{DOMAIN}", f"pw-{name}")

    def apply(self, mailboxes: Mailboxes | None) -> int:
        """Tables and scripts, as an ``up`` does it; the number of changes."""
        count = self.apply_tables(mailboxes)
        closed = (
            {suspended.address.partition("@")[0] for suspended in mailboxes.suspended}
            if mailboxes
            else {"zhao"}
        )
        for name in PEOPLE:
            if name in closed:
                continue
            with Session(self.login(name)) as session:
                todo = dovecot.change(mailboxes, dovecot.read(session, f"{name}@{DOMAIN}"))
                if todo.is_change:
                    count += 1
                    dovecot.apply(session, todo)
        return count

    def apply_tables(self, mailboxes: Mailboxes | None) -> int:
        """Only the tables."""
        changes = folder.change(mailboxes, DOMAIN, self.tables)
        folder.apply(changes)
        self.reload()
        return sum(change.is_change for change in changes)

    def reload(self) -> None:
        """texthash: tables are read when a process starts."""
        self.root.run("postfix", "-c", str(self.home / "postfix"), "reload")

    def send(self, to: str, message: bytes, sender: str = "buyer@outside.test") -> None:
        """By SMTP, as the world does. Raises SMTPRecipientsRefused."""
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=20) as server:
            server.sendmail(sender, [to], message)

    def settle(self, most: float = 20.0) -> None:
        """Until Postfix has nothing left to deliver."""
        queues = [str(self.home / "spool" / q) for q in ("incoming", "active", "deferred", "maildrop")]
        end = time.monotonic() + most
        quiet = 0
        while time.monotonic() < end and quiet < 3:
            # A mail may move from one queue to the next while they are looked through.
            waiting = self.root.run("find", *queues, "-ignore_readdir_race", "-type", "f")
            quiet = 0 if waiting.strip() else quiet + 1
            time.sleep(0.1)
        assert quiet, "the queue does not become empty"

    def inbox(self, name: str, message_id: str) -> dict[str, set[str]]:
        """Folder → flags of every copy of a message in a mailbox, by IMAP."""
        found: dict[str, set[str]] = {}
        box = imaplib.IMAP4("127.0.0.1", self.imap, timeout=20)
        try:
            box.login(f"{name}@{DOMAIN}", f"pw-{name}")
            for line in box.list()[1]:
                folder_name = re.findall(rb'"([^"]*)"$|(\S+)$', line)[0]  # type: ignore[arg-type]
                wire = (folder_name[0] or folder_name[1]).decode()
                box.select(f'"{wire}"', readonly=True)
                for number in box.search(None, "HEADER", "Message-ID", message_id)[1][0].split():
                    said = box.fetch(number, "(FLAGS)")[1][0]
                    flags = imaplib.ParseFlags(said if isinstance(said, bytes) else b"")
                    shown = wire.replace("&", "+").encode().decode("utf-7") if "&" in wire else wire
                    found.setdefault(shown, set()).update(flag.decode() for flag in flags)
        finally:
            box.logout()
        return found


def _dovecot(live: Live) -> None:
    home, user = live.home, conf.user()
    (home / "dovecot.conf").write_text(
        conf.served(home, live.tables, "imap lmtp sieve")
        + conf.delivering(live.smtp)
        + conf.service("imap-login", conf.listener("imap", live.imap), conf.listener("imaps", 0))
        + conf.service("managesieve-login", conf.listener("sieve", live.sieve))
        + conf.service("lmtp", conf.listener("lmtp", live.lmtp), chroot=True)
    )
    (home / "masters").write_text(f"{MASTER}:{{PLAIN}}{MASTER_PASSWORD}\n")
    (home / "users").write_text("".join(f"{name}@{DOMAIN}:{{PLAIN}}pw-{name}::::::\n" for name in PEOPLE))
    for path in (home, home / "mail", home / "state"):
        path.mkdir(exist_ok=True)
        if os.getuid() == 0:
            os.chown(path, user.pw_uid, user.pw_gid)
    live.processes.append(
        subprocess.Popen(["dovecot", "-F", "-c", str(home / "dovecot.conf")], **unprivileged())  # type: ignore[call-overload]
    )


def _postfix(live: Live) -> None:
    home, tables = live.home, live.tables
    (home / "postfix").mkdir()
    (home / "spool").mkdir()
    data = home / "data"
    data.mkdir()
    live.root.own(data, "postfix")
    (home / "postfix" / "main.cf").write_text(
        f"""compatibility_level = 3.6
queue_directory = {home}/spool
data_directory = {data}
maillog_file = {home}/postfix.log
maillog_file_prefixes = {home}
myhostname = mail.{DOMAIN}
mydestination =
local_recipient_maps =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_host_lookup = native
disable_dns_lookups = yes
smtpd_peername_lookup = no
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access texthash:{tables}/refused
relayhost = [127.0.0.1]:{live.sink.server_address[1]}
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_maps = texthash:{tables}/mailboxes
virtual_alias_maps = texthash:{tables}/aliases
virtual_transport = lmtp:inet:127.0.0.1:{live.lmtp}
recipient_delimiter = +
"""
    )
    (home / "postfix" / "master.cf").write_text(
        f"127.0.0.1:{live.smtp} inet n - n - - smtpd\n" + "\n".join(SERVICES) + "\n"
    )
    for command in ("check", "start"):
        live.root.run("postfix", "-c", str(home / "postfix"), command)


@contextmanager
def running(made: Mailboxes) -> Iterator[Live]:
    """Started with the tables and scripts of ``made``; ended by process id."""
    require("postmap", "dovecot", "sieve-test")
    smtp, imap, sieve, lmtp, out = free_ports(5)
    home = Path(tempfile.mkdtemp(prefix="mw"))
    home.chmod(0o755)
    sink = _Server(out)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    live = Live(home, smtp, imap, sieve, lmtp, sink)
    live.tables.mkdir()
    folder.apply(folder.change(made, DOMAIN, live.tables))
    try:
        _dovecot(live)
        _postfix(live)
        for port in (smtp, imap, sieve, lmtp):
            _wait(port)
        yield live
    finally:
        with suppress(subprocess.CalledProcessError):  # it did not start
            live.root.run("postfix", "-c", str(home / "postfix"), "stop")
        for process in live.processes:
            process.terminate()
            process.wait(10)
        sink.shutdown()
        sink.server_close()
        live.root.end(home / "spool", home / "data", home / "postfix.log")
        shutil.rmtree(home, ignore_errors=True)


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
