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
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from mailwright.hosts.mail import dovecot, folder, postfix, sieve
from mailwright.hosts.mail.managesieve import Login, Session
from mailwright.model.mailboxes import Mailboxes
from mailwright.plan.mailboxes.gate import judge_scripts
from tests.living.main_cf import main_cf
from tests.living.sink import MARK, Letter, Sink
from tests.living.store import Copy, copies
from tests.living.variants import DOCS, Variant
from tests.mailboxes import dovecot_conf as conf
from tests.mailboxes.live import SERVICES, _wait, free_ports
from tests.mailboxes.privileges import Root
from tests.mailboxes.servers import require, unprivileged

#: Names as the kernel has them, cut after fifteen letters.
_READERS = ("smtpd", "cleanup", "trivial-rewrite"[:15])
#: master leads a group of its own, with all that it started in it.
_END = "set -- $(cat {pid}) && kill -KILL -$1"
_SPOOL = """\
install -d -o postfix -m 700 active bounce corrupt defer deferred flush hold incoming private saved trace &&
install -d -m 755 pid && install -d -o postfix -g postdrop -m 730 maildrop &&
install -d -o postfix -g postdrop -m 710 public"""


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
    domains: set[str] = field(default_factory=set)
    scripted: set[str] = field(default_factory=set)  # mailboxes that have had a script
    outbox: list[_Handed] = field(default_factory=list)
    _unread: bool = False  # tables that Postfix has not read yet
    _unknown: bool = False  # users that Dovecot has not read yet
    _written: dict[str, slice] = field(default_factory=dict)  # what Dovecot's log said of a mail, by mark
    _copies: dict[str, list[Copy]] = field(default_factory=dict)

    @property
    def tables(self) -> Path:
        """Where our tables are, those of all companies together."""
        return self.home / "tables"

    @property
    def configuration(self) -> Path:
        """Postfix's folder."""
        return self.home / "postfix"

    # -- companies

    def up(self, plan: Mailboxes) -> None:
        """Tables and scripts of one company, as ``up`` brings them. Raises Refusal where its gate refuses.

        Postfix reads the tables before the next delivery.
        """
        self._read_users()
        self._write_scripts(plan)
        folder.apply(folder.change(plan, plan.domain, self.tables))
        self._unread = True

    def down(self, plan: Mailboxes) -> None:
        """Take the scripts of a company away, as ``destroy`` does."""
        for box in plan.mailboxes:
            with self.session(box.address) as session:
                dovecot.apply(session, dovecot.change(None, dovecot.read(session, box.address)))

    def open(self, domain: str, names: Iterable[str]) -> None:
        """Make mailboxes on the server, as its administrator does before the first ``up``."""
        self.domains.add(domain)
        with (self.home / "users").open("a") as file:
            file.write("".join(f"{name}@{domain}:pw::::::\n" for name in names))
        self._unknown = True

    def _read_users(self) -> None:
        """Dovecot looks at its list once a second."""
        if self._unknown:
            _replace(self.home / "domains", "".join(f"{host} ok\n" for host in sorted(self.domains)))
            time.sleep(1.1)
            self._unknown = False

    def _write_scripts(self, plan: Mailboxes) -> None:
        """Each as its owner, once the gate has nothing against any."""
        texts = sieve.scripts(plan)
        todo = [box.address for box in plan.mailboxes if box.address in {*texts, *self.scripted}]
        seen = {}
        for address in todo:
            with self.session(address) as session:
                seen[address] = dovecot.read(session, address)
        met = ((address, dovecot.conflict(texts.get(address), each)) for address, each in seen.items())
        refusals = judge_scripts([(address, *each) for address, each in met if each], (), plan.as_of)
        if refusals:
            raise Refusal("\n".join(refusal.message() for refusal in refusals))
        for address in todo:
            self.scripted.add(address)
            change = dovecot.change(plan, seen[address])
            if change.is_change:
                with self.session(address) as session:
                    dovecot.apply(session, change)

    def plant_all(self, companies: Iterable[Files]) -> None:
        """Many companies at once, written where the servers read them."""
        blocks: dict[str, list[str]] = {name: [] for name in postfix.NAMES}
        for files in companies:
            for name, rows in files.tables.items():
                blocks[name].append(postfix.merged("", files.domain, name, rows))
            for address in {**files.own, **files.scripts}:
                self._plant_scripts(address, files.scripts.get(address), files.own.get(address))
        for name, texts in blocks.items():
            with (self.tables / name).open("a") as file:
                file.write("".join(texts))
        self._read_users()
        self._unread = True

    def _plant_scripts(self, address: str, ours: str | None, own: str | None) -> None:
        """Ours is active, else the owner's."""
        home = self.mail_home(address)
        for name, text in ((sieve.NAME, ours), ("own", own)):
            if text is not None:
                self._plant(home / "sieve" / f"{name}.sieve", text)
        active = home / self.variant.sieve.partition(";active=~/")[2]
        active.symlink_to(home / "sieve" / f"{'own' if ours is None else sieve.NAME}.sieve")

    def session(self, address: str) -> Session:
        """ManageSieve, as the mailbox's owner."""
        return Session(Login("127.0.0.1", self.sieve, address, address, "pw"))

    def own_script(self, address: str, text: str, name: str = "own") -> None:
        """Somebody writes a script of their own and switches it on."""
        with self.session(address) as session:
            session.put(name, text)
            session.activate(name)
        self.scripted.add(address)

    def mail_home(self, address: str) -> Path:
        """The home folder of a mailbox."""
        local, _, domain = address.rpartition("@")
        return self.home / "mail" / domain / local

    def plain_filter(self, address: str, text: str) -> Path:
        """Somebody writes a filter in a plain file, where the server looks for the active script."""
        path = self.mail_home(address) / self.variant.sieve.partition(";active=~/")[2]
        self._plant(path, text)
        self.scripted.add(address)
        return path

    def _plant(self, path: Path, text: str) -> None:
        """A file in somebody's home, written as its owner would."""
        missing = [parent for parent in (path.parent, *path.parent.parents) if not parent.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, newline="")
        if os.getuid() == 0:
            for each in (*missing, path.parent, path):
                os.chown(each, conf.user().pw_uid, conf.user().pw_gid)

    # -- mail

    def _reload(self) -> None:
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

    def hand_in(
        self, letter: Letter, refused: dict[str, str], *, login: str = "", by_server: bool = False
    ) -> None:
        """Notes a mail for the next ``deliver``; ``refused`` gets the reply where nobody takes it."""
        self.outbox.append(_Handed(letter, refused, login, by_server))

    def deliver(self) -> None:
        """Everything that was handed in, until Postfix has nothing left to do."""
        if self._unread:
            for name in postfix.NAMES:
                _settled(self.tables / name)
            self._reload()
            self._unread = False
        waiting, self.outbox = self.outbox, []
        before = len(self.log())
        with ExitStack() as stack:
            servers: dict[str, smtplib.SMTP] = {}
            for handed in waiting:
                if handed.by_server:
                    self._by_server(handed.letter)
                    continue
                if handed.login not in servers:
                    servers[handed.login] = stack.enter_context(self._connected(handed.login))
                reply = _reply(servers[handed.login], handed.letter)
                if reply:
                    handed.refused[handed.letter.mark] = reply
        self._settle()
        self._copies.clear()
        after = len(self.log())
        self._written |= {each.letter.mark: slice(before, after) for each in waiting}

    @contextmanager
    def _connected(self, login: str) -> Iterator[smtplib.SMTP]:
        """The world's connection, or that of a login at submission."""
        port = self.submission if login else self.smtp
        with smtplib.SMTP("127.0.0.1", port, local_hostname="mail.outside.test", timeout=60) as server:
            if login:
                server.login(login, "pw")
            else:
                server.ehlo()
                assert server.docmd("XCLIENT", "NAME=mail.outside.test ADDR=198.51.100.7")[0] == 220
                server.ehlo()
            yield server

    def _by_server(self, letter: Letter) -> None:
        """By sendmail(1): no smtpd, no restrictions."""
        file = self.home / "letter"
        file.write_bytes(letter.octets.replace(b"\r\n", b"\n"))
        sendmail = f"sendmail -C {self.configuration} -f '{letter.envelope_sender}' -i '{letter.to}'"
        self.root.run("sh", "-c", f"{sendmail} < {file}")

    def _settle(self, most: float = 90.0) -> None:
        queues = [str(self.home / "spool" / name) for name in ("incoming", "active", "maildrop", "deferred")]
        end = time.monotonic() + most
        quiet = 0
        while time.monotonic() < end and quiet < 2:
            waiting = self.root.run("find", *queues, "-ignore_readdir_race", "-type", "f")
            quiet = 0 if waiting.strip() else quiet + 1
            time.sleep(0.05)
        assert quiet, "the queue does not become empty\n" + self.log()[-3000:]

    def copies(self, domain: str) -> list[Copy]:
        """Every mail in every mailbox of a company, as of the last delivery."""
        if domain not in self._copies:
            self._copies[domain] = list(copies(self.home / "mail" / domain))
        return self._copies[domain]

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
                if box.select(f'"{wire}"', readonly=True)[0] != "OK":
                    continue  # a level without a folder of its own
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

    def arrivals(self, letter: Letter) -> Counter[str]:
        """How often a mail came into each mailbox with a script."""
        text = self.log()[self._written[letter.mark]]
        runs = re.findall(rf"lmtp\((\S+)\)(<\S+>): Info: sieve: msgid=<{re.escape(letter.message_id)}>", text)
        return Counter(mailbox for mailbox, _ in set(runs))

    def postfix_log(self) -> str:
        """What Postfix wrote."""
        return self.root.run("cat", str(self.home / "postfix.log"))

    def written_about(self, letter: Letter) -> str:
        """The last lines of both logs about a mail."""
        lines = [*self.log().splitlines(), *self.postfix_log().splitlines()]
        about = [line for line in lines if letter.message_id in line]
        ids = {found[1] for line in about if (found := re.search(r"\]: (\w+): message-id", line))}
        sent = [line for line in lines if any(f" {id}: " in line for id in ids) and " to=<" in line]
        return "\n".join((*about, *sent)[-16:])


@dataclass(frozen=True, slots=True)
class Files:
    """What the servers read of one company: tables by name, scripts and people's own ones by mailbox."""

    domain: str
    tables: Mapping[str, postfix.Rows]
    scripts: Mapping[str, str]
    own: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Handed:
    letter: Letter
    refused: dict[str, str]
    login: str
    by_server: bool


class Refusal(Exception):
    """The gate refuses an ``up``; the text names the rule's findings."""


def _reply(server: smtplib.SMTP, letter: Letter) -> str | None:
    """Hands a mail in; the reply where it is not taken."""
    try:
        server.sendmail(letter.envelope_sender, letter.recipients or (letter.to,), letter.octets)
    except smtplib.SMTPRecipientsRefused as problem:
        ((status, reply), *_) = problem.recipients.values()
        return f"{status} {reply.decode()}"
    except smtplib.SMTPResponseException as problem:
        server.rset()
        return f"{problem.smtp_code} {problem.smtp_error!r}"
    return None


def _replace(path: Path, text: str) -> None:
    # Dovecot looks whether time or size changed: a new file has another inode in any case.
    new = path.with_suffix(".new")
    new.write_text(text)
    new.chmod(0o644)
    _settled(new)
    new.replace(path)


def _settled(path: Path) -> None:
    """Postfix waits with a file that was written within the last two seconds, lest somebody still writes."""
    past = time.time() - 60
    os.utime(path, (past, past))


def _dovecot(world: World) -> None:
    home, variant, who = world.home, world.variant, conf.user()
    text = conf.served(home, world.tables, "imap lmtp sieve")
    text = text.replace("/mail/%n", "/mail/%d/%n").replace(
        "/mail/%{user | username}", "/mail/%{user | domain}/%{user | username}"
    )
    text = (
        text.removesuffix(conf.SIEVE[conf.new()])
        + _sieve(world)
        + conf.delivering(world.smtp).replace(
            "recipient_delimiter = +", f"recipient_delimiter = {variant.delimiter}"
        )
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
    (home / "users").touch()
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


def _postfix(world: World) -> None:
    home = world.home
    for name in ("postfix", "spool", "data"):
        (home / name).mkdir()
    world.root.own(home / "data", "postfix")
    (world.configuration / "main.cf").write_text(main_cf(world))
    overrides: Mapping[str, str] = world.variant.submission
    options = "".join(f"  -o {name}={value.replace(' ', '')}\n" for name, value in overrides.items())
    (world.configuration / "master.cf").write_text(
        f"127.0.0.1:{world.smtp} inet n - n - - smtpd\n"
        f"127.0.0.1:{world.submission} inet n - n - - smtpd\n{options}" + "\n".join(SERVICES) + "\n"
    )
    for name in ("main.cf", "master.cf"):
        _settled(world.configuration / name)
    # What `postfix start` does, without its checks and its wait for a log that is not there yet.
    world.root.run("sh", "-c", f"cd {home}/spool && {_SPOOL}")
    programs = world.root.run("postconf", "-c", str(world.configuration), "-h", "daemon_directory").strip()
    world.root.run(f"{programs}/master", "-c", str(world.configuration), "-w")


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
            running.root.run("sh", "-c", _END.format(pid=home / "spool" / "pid" / "master.pid"))
        for process in running.processes:
            process.kill()  # its children end with it
            process.wait(20)
        sink.end()
        running.root.end(home / "spool", home / "data", home / "postfix.log")
        shutil.rmtree(home, ignore_errors=True)


def errors(text: str) -> list[str]:
    """The lines of Dovecot's log that tell of a fault."""
    return [line for line in text.splitlines() if re.search(r"(Error|Fatal|Panic):", line)]
