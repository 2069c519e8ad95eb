"""A real Postfix and Dovecot in a variant, with a world around them that answers, refuses and sends back.

Many companies may live on one pair, a domain each. Everything listens on loopback and is ended by process id.
"""

from __future__ import annotations

import imaplib
import os
import re
import shutil
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from mailwright.hosts.mail import dovecot, folder, postfix
from mailwright.hosts.mail.managesieve import Login, Session
from mailwright.model.mailboxes import Mailboxes
from tests.living.sink import MARK, Letter, Sink
from tests.living.store import Copy, copies
from tests.living.variants import DOCS, Variant
from tests.mailboxes import dovecot_conf as conf
from tests.mailboxes.live import _wait, free_ports
from tests.mailboxes.privileges import Root
from tests.mailboxes.servers import require, unprivileged
from tests.mailboxes.specs import DOMAIN

#: Names as the kernel has them, cut after fifteen letters.
_READERS = ("smtpd", "cleanup", "trivial-rewrite"[:15])
_SERVICES = (
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

#: Where the list of users begins in the other tests' settings, and what stands here instead.
_LISTED = ("passdb {\n driver = passwd-file\n args = scheme=PLAIN", "passdb users {")
_ANYBODY = (
    """\
passdb {{
 driver = static
 args = password=pw
}}
userdb {{
 driver = static
 args = home={home}/mail/%d/%n allow_all_users=yes
}}
""",
    """\
passdb static {{
 password = pw
}}
userdb static {{
 allow_all_users = yes
 fields {{
 home = {home}/mail/%{{user | domain}}/%{{user | username}}
 }}
}}
""",
)


@dataclass
class World:
    """The running pair. Every mailbox's password is ``pw``."""

    variant: Variant
    home: Path
    sink: Sink
    smtp: int
    submission: int
    imap: int
    sieve: int
    lmtp: int
    auth: int
    root: Root = field(default_factory=Root)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    domains: dict[str, set[str]] = field(default_factory=dict)

    @property
    def tables(self) -> Path:
        """Where our tables are, those of all companies together."""
        return self.home / "tables"

    @property
    def configuration(self) -> Path:
        """Postfix's folder."""
        return self.home / "postfix"

    # -- companies

    def open(self, domain: str, names: Iterable[str]) -> None:
        """Make mailboxes on the server, as its administrator does before the first ``up``."""
        self.domains.setdefault(domain, set()).update(names)
        _replace(self.home / "domains", "".join(f"{host} ok\n" for host in sorted(self.domains)))

    def up(self, plan: Mailboxes, *, also: Iterable[str] = ()) -> None:
        """Mailboxes, tables and scripts of one company, as ``up`` brings them; Postfix reads them at once."""
        names = {each.address for each in (*plan.mailboxes, *plan.suspended)}
        self.open(plan.domain, {each.partition("@")[0] for each in names} | set(also))
        self.write_tables(plan)
        self.write_scripts(plan)
        self.reload()

    def write_tables(self, plan: Mailboxes | None, domain: str = DOMAIN) -> None:
        """Only the tables; nothing is reloaded."""
        folder.apply(folder.change(plan, plan.domain if plan else domain, self.tables))

    def write_scripts(self, plan: Mailboxes | None, domain: str = DOMAIN) -> None:
        """Only the scripts, over ManageSieve, each as its owner."""
        host = plan.domain if plan else domain
        closed = {each.address for each in plan.suspended} if plan else set()
        for name in sorted(self.domains[host]):
            address = f"{name}@{host}"
            if address not in closed:
                with self.session(address) as session:
                    todo = dovecot.change(plan, dovecot.read(session, address))
                    if todo.is_change:
                        dovecot.apply(session, todo)

    def session(self, address: str) -> Session:
        """ManageSieve, as the mailbox's owner."""
        return Session(Login("127.0.0.1", self.sieve, address, address, "pw"))

    def own_script(self, address: str, text: str, name: str = "own") -> None:
        """Somebody writes a script of their own and switches it on."""
        with self.session(address) as session:
            session.put(name, text)
            session.activate(name)

    def mail_home(self, address: str) -> Path:
        """The home folder of a mailbox."""
        local, _, domain = address.rpartition("@")
        return self.home / "mail" / domain / local

    def plant(self, path: Path, text: str) -> None:
        """A file in somebody's home, written as its owner would."""
        path.write_text(text)
        if os.getuid() == 0:
            for each in (path.parent, path):
                os.chown(each, conf.user().pw_uid, conf.user().pw_gid)

    # -- mail

    def reload(self) -> None:
        """texthash: tables are read when a process starts; no process with the old ones is left."""
        before = self._readers()
        self.root.run("postfix", "-c", str(self.configuration), "reload")
        end = time.monotonic() + 30
        while (left := before & self._readers()) and time.monotonic() < end:
            time.sleep(0.02)
        assert not left, "old processes of Postfix go on"

    def _readers(self) -> set[str]:
        """The processes of this Postfix that hold tables."""
        master = self.root.run("cat", str(self.home / "spool" / "pid" / "master.pid")).strip()
        found = set()
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it ended meanwhile
                name, _, rest = path.read_text().partition("(")[2].rpartition(")")
                if rest.split()[1] == master and name in _READERS:
                    found.add(path.parent.name)
        return found

    def send(self, *letters: Letter) -> dict[str, str]:
        """By SMTP, as the world does, over one connection; mark → reply for those that nobody takes."""
        refused = {}
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=60) as server:
            for letter in letters:
                try:
                    server.sendmail(letter.envelope_sender, letter.recipients or (letter.to,), letter.octets)
                except smtplib.SMTPRecipientsRefused as problem:
                    ((status, reply), *_) = problem.recipients.values()
                    refused[letter.mark] = f"{status} {reply.decode()}"
                except smtplib.SMTPResponseException as problem:
                    refused[letter.mark] = f"{problem.smtp_code} {problem.smtp_error!r}"
        return refused

    def submit(self, letter: Letter, login: str) -> str | None:
        """By submission, logged in; the reply where it is not taken."""
        with smtplib.SMTP("127.0.0.1", self.submission, timeout=60) as server:
            server.login(login, "pw")
            try:
                server.sendmail(letter.envelope_sender, letter.recipients or (letter.to,), letter.octets)
            except smtplib.SMTPRecipientsRefused as problem:
                ((status, reply), *_) = problem.recipients.values()
                return f"{status} {reply.decode()}"
            except smtplib.SMTPResponseException as problem:
                return f"{problem.smtp_code} {problem.smtp_error!r}"
        return None

    def from_server(self, letter: Letter) -> None:
        """By sendmail(1), as cron or a web form on the server does: no smtpd, no restrictions."""
        file = self.home / "letter"
        file.write_bytes(letter.octets.replace(b"\r\n", b"\n"))
        sendmail = f"sendmail -C {self.configuration} -f '{letter.envelope_sender}' -i '{letter.to}'"
        self.root.run("sh", "-c", f"{sendmail} < {file}")

    def settle(self, most: float = 60.0, *, deferred: bool = True) -> None:
        """Until Postfix has nothing left to deliver; without ``deferred``, nothing but what has to wait."""
        names = ("incoming", "active", "maildrop", *(("deferred",) if deferred else ()))
        queues = [str(self.home / "spool" / name) for name in names]
        end = time.monotonic() + most
        quiet = 0
        while time.monotonic() < end and quiet < 3:
            waiting = self.root.run("find", *queues, "-ignore_readdir_race", "-type", "f")
            quiet = 0 if waiting.strip() else quiet + 1
            time.sleep(0.1)
        assert quiet, "the queue does not become empty\n" + self.log()[-3000:]

    def flush(self) -> None:
        """Try at once what had to wait."""
        self.root.run("postqueue", "-c", str(self.configuration), "-f")

    def copies(self, mark: str, domain: str = DOMAIN) -> tuple[Copy, ...]:
        """Every copy of a mail in every mailbox of a company."""
        return tuple(copy for copy in self.all_copies(domain) if copy.mark == mark)

    def all_copies(self, domain: str = DOMAIN) -> Iterator[Copy]:
        """Every mail in every mailbox of a company."""
        return copies(self.home / "mail" / domain)

    def levels(self, address: str, mark: str) -> list[str]:
        """The levels of the folder a mail is in, as IMAP shows them, without the namespace's prefix."""
        ((wire, separator, _),) = self._shown(address, mark)
        return wire.removeprefix(self.variant.prefix).split(separator)

    def keywords(self, address: str, mark: str) -> set[str]:
        """The flags of every copy of a mail, as IMAP shows them."""
        return set().union(*(flags for _, _, flags in self._shown(address, mark)))

    def _shown(self, address: str, mark: str) -> list[tuple[str, str, set[str]]]:
        """(folder, separator, flags) of every copy of a mail, by IMAP."""
        found = []
        box = imaplib.IMAP4("127.0.0.1", self.imap, timeout=20)
        try:
            box.login(address, "pw")
            for line in box.list()[1]:
                separator, quoted, bare = re.findall(rb'\) "(.)" (?:"([^"]*)"|(\S+))$', line)[0]  # type: ignore[arg-type]
                wire = (quoted or bare).decode()
                box.select(f'"{wire}"', readonly=True)
                for number in box.search(None, "HEADER", MARK, f'"{mark}"')[1][0].split():
                    said = box.fetch(number, "(FLAGS)")[1][0]
                    flags = imaplib.ParseFlags(said if isinstance(said, bytes) else b"")
                    found.append((wire, separator.decode(), {flag.decode() for flag in flags}))
        finally:
            box.logout()
        return found

    def log(self) -> str:
        """What Dovecot wrote."""
        return (self.home / "dovecot.log").read_text("utf-8", "replace")

    def postfix_log(self) -> str:
        """What Postfix wrote."""
        return self.root.run("cat", str(self.home / "postfix.log"))


def _replace(path: Path, text: str) -> None:
    # Dovecot looks whether time or size changed: a new file has another inode in any case.
    new = path.with_suffix(".new")
    new.write_text(text)
    new.chmod(0o644)
    new.replace(path)


def _dovecot(world: World) -> None:
    home, variant, who = world.home, world.variant, conf.user()
    text = conf.served(home, world.tables, "imap lmtp sieve")
    text = text.replace("/mail/%n", "/mail/%d/%n").replace(
        "/mail/%{user | username}", "/mail/%{user | domain}/%{user | username}"
    )
    # Anybody may log in who is not suspended: a list of users is read again only after a while.
    text = text[: text.index(_LISTED[conf.new()])] + _ANYBODY[conf.new()].format(home=home) + _sieve(world)
    text += conf.delivering(world.smtp).replace(
        "recipient_delimiter = +", f"recipient_delimiter = {variant.delimiter}"
    )
    if variant.separator or variant.prefix:
        prefix = f" prefix = {variant.prefix}\n" if variant.prefix else ""
        text += f"namespace inbox {{\n inbox = yes\n separator = {variant.separator}\n{prefix}}}\n"
    if variant.detail_folder:
        text += "protocol lmtp {\n lmtp_save_to_detail_mailbox = yes\n}\n"
    text += conf.service("imap-login", conf.listener("imap", world.imap), conf.listener("imaps", 0))
    text += conf.service("managesieve-login", conf.listener("sieve", world.sieve))
    text += conf.service("lmtp", conf.listener("lmtp", world.lmtp), chroot=True)
    text += conf.service("auth", conf.listener("sasl", world.auth), chroot=True)
    text += "mail_max_userip_connections = 100\ndefault_process_limit = 100\n"
    (home / "dovecot.conf").write_text(text)
    (home / "masters").write_text("mailwright:{PLAIN}master\n")
    for path in (home, home / "mail", home / "state", home / "global"):
        path.mkdir(exist_ok=True)
        if os.getuid() == 0:
            os.chown(path, who.pw_uid, who.pw_gid)
    for name, script in (("before", variant.before), ("after", variant.after)):
        if script:
            path = home / "global" / f"{name}.sieve"
            path.write_text(script)
            path.chmod(0o644)
    world.processes.append(
        subprocess.Popen(["dovecot", "-F", "-c", str(home / "dovecot.conf")], **unprivileged())  # type: ignore[call-overload]
    )


def _sieve(world: World) -> str:
    """The plugin section of 2.3, or what 2.4 made of it."""
    variant = world.variant
    around = {
        name: f"{world.home}/global/{name}.sieve"
        for name, script in (("before", variant.before), ("after", variant.after))
        if script
    }
    if not conf.new():
        settings = {"sieve": variant.sieve, **variant.plugin}
        settings |= {f"sieve_{name}": path for name, path in around.items()}
        return "plugin {\n" + "".join(f" {name} = {value}\n" for name, value in settings.items()) + "}\n"
    path, _, active = variant.sieve.removeprefix("file:").partition(";active=")
    text = f"sieve_script personal {{\n path = {path}\n active_path = {active}\n}}\n"
    text += "".join(f"sieve_script {n} {{\n type = {n}\n path = {p}\n}}\n" for n, p in around.items())
    own = {name: value for name, value in variant.plugin.items() if name != "sieve_extensions"}
    return text + "".join(f"{name} = {value}\n" for name, value in own.items())


def _main(world: World) -> str:
    variant, home, tables = world.variant, world.home, world.tables
    settings = {
        "compatibility_level": "3.6",
        "queue_directory": f"{home}/spool",
        "data_directory": f"{home}/data",
        "maillog_file": f"{home}/postfix.log",
        "maillog_file_prefixes": str(home),
        "myhostname": "mx.server.test",
        "mydestination": "",
        "local_recipient_maps": "",
        "alias_maps": "",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "smtp_host_lookup": "native",
        "disable_dns_lookups": "yes",
        "smtpd_peername_lookup": "no",
        "mynetworks": "127.0.0.0/8",
        "smtpd_relay_restrictions": variant.relay,
        "smtpd_recipient_restrictions": variant.recipient,
        "smtpd_sender_restrictions": variant.sender,
        "smtpd_sasl_path": f"inet:127.0.0.1:{world.auth}",
        "smtpd_client_connection_count_limit": "0",
        "relayhost": f"[127.0.0.1]:{world.sink.port}",
        "virtual_mailbox_domains": f"texthash:{home}/domains",
        "virtual_mailbox_maps": "texthash:{tables}/mailboxes",
        "virtual_alias_maps": "texthash:{tables}/aliases",
        "virtual_transport": f"lmtp:inet:127.0.0.1:{world.lmtp}",
        "recipient_delimiter": variant.delimiter,
        "in_flow_delay": "0",
        # A mail that comes while the queue manager starts again waits for its next round.
        "queue_run_delay": "2s",
        "minimal_backoff_time": "2s",
        "maximal_backoff_time": "4s",
        **variant.postfix,
    }
    return "".join(f"{name} = {value.replace('{tables}', str(tables))}\n" for name, value in settings.items())


def _postfix(world: World) -> None:
    home = world.home
    for name in ("postfix", "spool", "data"):
        (home / name).mkdir()
    world.root.own(home / "data", "postfix")
    (world.configuration / "main.cf").write_text(_main(world))
    overrides: Mapping[str, str] = world.variant.submission
    options = "".join(f"  -o {name}={value.replace(' ', '')}\n" for name, value in overrides.items())
    (world.configuration / "master.cf").write_text(
        f"127.0.0.1:{world.smtp} inet n - n - - smtpd\n"
        f"127.0.0.1:{world.submission} inet n - n - - smtpd\n{options}" + "\n".join(_SERVICES) + "\n"
    )
    for command in ("check", "start"):
        world.root.run("postfix", "-c", str(world.configuration), command)


def _base() -> str | None:
    """Memory where there is some: Postfix waits for the disk with every mail."""
    shared = Path("/dev/shm")
    return str(shared) if os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 2**30 else None


@contextmanager
def world(variant: Variant = DOCS) -> Iterator[World]:
    """Started without a company; ended by process id."""
    require("postmap", "dovecot", "sieve-test")
    home = Path(tempfile.mkdtemp(prefix="mw", dir=_base()))
    home.chmod(0o755)
    sink = Sink()
    running = World(variant, home, sink, *free_ports(6))
    running.tables.mkdir()
    for name in postfix.NAMES:
        (running.tables / name).touch()
    (home / "domains").touch()
    try:
        _dovecot(running)
        _postfix(running)
        for port in (running.smtp, running.submission, running.imap, running.sieve, running.lmtp):
            _wait(port)
        yield running
    finally:
        with suppress(subprocess.CalledProcessError):  # it did not start
            running.root.run("postfix", "-c", str(running.configuration), "stop")
        for process in running.processes:
            process.terminate()
            process.wait(20)
        sink.end()
        running.root.end(home / "spool", home / "data", home / "postfix.log")
        shutil.rmtree(home, ignore_errors=True)


def errors(text: str) -> list[str]:
    """The lines of Dovecot's log that tell of a fault."""
    return [line for line in text.splitlines() if re.search(r"(Error|Fatal|Panic):", line)]
