"""Postfix's own look-ups and Pigeonhole's own interpreter, asked without a running server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mailwright.hosts.mail import postfix, sieve
from mailwright.model.mailboxes import Mailboxes
from tests.mailboxes import dovecot_conf as conf

MISSING = "not installed: Debian packages postfix, dovecot-sieve"


def require(*commands: str) -> None:
    """Skip, or fail where the servers must be there."""
    if all(shutil.which(command, path=os.environ.get("PATH", "") + ":/usr/sbin") for command in commands):
        return
    if os.environ.get("MAILWRIGHT_REQUIRE_SERVERS"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


def unprivileged() -> dict[str, object]:
    """Dovecot refuses to handle mail as root: its commands run as nobody then."""
    return {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}


@dataclass(frozen=True)
class Outcome:
    """What one script does to one mail."""

    folders: frozenset[str]
    redirects: frozenset[str]
    replies: frozenset[str]
    flags: frozenset[str]
    notices: frozenset[str]


@contextmanager
def oracle_of(made: Mailboxes) -> Iterator[Oracle]:
    """The maps and scripts of these mailboxes, for as long as somebody asks."""
    require("postmap", "sieve-test")
    with tempfile.TemporaryDirectory(prefix="mailwright-") as folder:
        yield Oracle(Path(folder), made)


@dataclass
class Oracle:
    """The maps and scripts of some mailboxes, on disk."""

    folder: Path
    made: Mailboxes
    asked: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.chmod(0o777)
        (self.folder / "dovecot.conf").write_text(conf.alone(self.folder))
        (self.folder / "main.cf").write_text("compatibility_level = 3.6\n")
        maps = postfix.maps(self.made)
        for name in postfix.NAMES:
            (self.folder / name).write_text(postfix.text(name, maps.rows(name)), encoding="utf-8")
        for address, text in sieve.scripts(self.made).items():
            (self.folder / f"{address}.sieve").write_text(text, encoding="utf-8", newline="")

    def look_up(self, table: str, key: str) -> str | None:
        """What Postfix finds at a key; asked once, a process each is slow."""
        if (table, key) not in self.asked:
            self.asked[table, key] = self._ask(table, key)
        return self.asked[table, key]

    def _ask(self, table: str, key: str) -> str | None:
        command = ["/usr/sbin/postmap", "-c", str(self.folder), "-q", key, f"texthash:{self.folder}/{table}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert not done.stderr, done.stderr
        return done.stdout.strip() or None

    def refuses(self, recipient: str) -> bool:
        """Whether smtpd would refuse a recipient: closed, or unknown in aliases and mailboxes."""
        if self.look_up("refused", recipient):
            return True
        found = [self._found(table, recipient) for table in ("aliases", "mailboxes")]
        return recipient.endswith("@" + self.made.domain) and not any(found)

    def _found(self, table: str, address: str) -> tuple[str, str] | None:
        """virtual(5): the address, without its extension (added to the result), the domain."""
        local, _, host = address.rpartition("@")
        base, plus, extension = local.partition("+")
        for key, added in ((address, ""), (f"{base}@{host}", plus + extension), (f"@{host}", "")):
            value = self.look_up(table, key)
            if value:
                return value, added
        return None

    def expanded(self, address: str) -> set[str]:
        """Recursively, as cleanup(8) does it."""
        done: set[str] = set()
        leaves: set[str] = set()
        todo = [address.lower()]
        while todo:
            each = todo.pop()
            if each in done:
                continue
            done.add(each)
            found = self._found("aliases", each)
            targets = []
            for target in found[0].split(", ") if found else ():
                local, _, host = target.rpartition("@")
                targets.append(f"{local}{found[1] if found else ''}@{host}")
            if not targets or targets == [each]:
                leaves.add(each)
            todo += targets
        return leaves

    def run(self, recipient: str, sender: str, message: bytes) -> Outcome:
        """What the script of a mailbox does to a mail that comes as ``recipient``."""
        local, _, host = recipient.rpartition("@")
        script = self.folder / f"{local.partition('+')[0]}@{host}.sieve"
        if not script.exists():
            return Outcome(frozenset({"INBOX"}), frozenset(), frozenset(), frozenset(), frozenset())
        (self.folder / "mail.eml").write_bytes(message)
        command = ["sieve-test", "-c", str(self.folder / "dovecot.conf"), "-f", sender, "-r", recipient]
        command += ["-a", recipient, str(script), str(self.folder / "mail.eml")]
        done = subprocess.run(
            command,
            capture_output=True,
            check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder)},
            **unprivileged(),  # type: ignore[call-overload]
        )
        said = done.stderr.decode("utf-8", "replace")
        assert done.returncode == 0 and "final result: success" in said, said
        return _parsed(done.stdout.decode("utf-8", "replace"))

    def reached(self, recipient: str, sender: str, message: bytes) -> dict[str, frozenset[str]]:
        """Who gets a mail, inside with the folders, outside with none; as the servers do it step by step."""
        ends: dict[str, set[str]] = {}
        todo, done = [recipient], set()
        while todo:
            arrived = todo.pop()
            for leaf in self.expanded(arrived):
                if leaf in done:
                    continue
                done.add(leaf)
                local, _, host = leaf.rpartition("@")
                mailbox = f"{local.partition('+')[0]}@{host}"
                if host != self.made.domain:
                    ends.setdefault(leaf, set())
                    continue
                assert self._found("mailboxes", leaf), f"{leaf} has no mailbox"
                outcome = self.run(leaf, sender, message)
                todo += outcome.redirects
                if outcome.folders:
                    ends.setdefault(mailbox, set()).update(outcome.folders)
        return {address: frozenset(folders) for address, folders in ends.items()}


def _parsed(said: str) -> Outcome:
    flags = set()
    for line in re.findall(r"\+ add IMAP flags:(.*)", said):
        flags |= set(line.split())
    return Outcome(
        folders=frozenset(re.findall(r"\* store message in folder: (.*)", said)),
        redirects=frozenset(re.findall(r"\* redirect message to: <(.*)>", said)),
        replies=frozenset(re.findall(r"=> handle  : (.*)", said)),
        flags=frozenset(flags),
        notices=frozenset(re.findall(r"<(.*@.*)>", "\n".join(re.findall(r"(?:=>|\*).*notif.*", said)))),
    )


@pytest.fixture
def work() -> Iterator[Path]:
    """A folder that an unprivileged command may read (pytest's own are closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="mailwright-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)
