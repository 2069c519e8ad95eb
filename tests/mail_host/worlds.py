"""A project folder whose spec points at a folder of tables and at a real Dovecot of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from mailwright.deploy.embedded.engine import Embedded, Outcome
from mailwright.deploy.program import main
from mailwright.hosts.mail import postfix, tables
from mailwright.model.routing import Routing
from tests.mail_host.server import MASTER, Server
from tests.mailboxes.specs import DOMAIN

DAY = "2026-11-23"
PEOPLE = """\
people: {wang: {name: 老王}, li: {name: 小李}, chen: {}}
"""
COMPANY = (
    PEOPLE
    + """\
addresses:
  info: {to: wang}
  sales: {to: [wang, li], owner: wang}
  agent: {to: [li, agent@partner.example]}
rules:
  - {for: info, when: {subject_contains: ["product A", "产品A"]}, then: {assign_to: wang}}
  - {for: info, otherwise: true, then: {assign_to: li}}
"""
)
HEAD = """\
version: 1
domain: {domain}
timezone: Asia/Shanghai
mail_host:
  service: self-hosted
  mx: ["10 mail.{domain}"]
{host}
dns_hosts: [{{service: manual, console: aliyun}}]
contact: wang@{domain}
"""


@dataclass
class Company:
    """One domain, its spec, and one embedded stack of it."""

    folder: Path
    patch: pytest.MonkeyPatch
    tables: Path
    live: Server | None = None
    domain: str = DOMAIN

    @property
    def spec(self) -> Path:
        return self.folder / "stacks" / f"{self.domain}.yaml"

    @property
    def state(self) -> Path:
        return self.folder / ".mailwright" / "state" / "t.json"

    def write(self, text: str = COMPANY, *, maps: bool = True, sieve: bool = True, more: str = "") -> Path:
        """The spec; a live server counts where there is one."""
        host = f"  maps: {{folder: {self.tables}}}\n" if maps else ""
        if self.live and sieve:
            host += f"  sieve: {{server: 127.0.0.1, port: {self.live.sieve}, master_user: {MASTER}}}\n"
        self.spec.parent.mkdir(exist_ok=True)
        self.spec.write_text(HEAD.format(domain=self.domain, host=host.rstrip()) + text + more, "utf-8")
        return self.spec

    def run(self, command: str, *, allow: str = "", day: str = DAY, specs: str | None = None) -> Outcome:
        self.patch.setenv("MAILWRIGHT_SPECS", str(self.spec) if specs is None else specs)
        self.patch.setenv("MAILWRIGHT_ALLOW", allow)
        self.patch.setenv("MAILWRIGHT_AS_OF", day)
        outcome: Outcome = getattr(Embedded(self.folder, "t", program=main), command)()
        return outcome

    def up(self, *, allow: str = "", day: str = DAY) -> Outcome:
        """An ``up`` that must succeed."""
        outcome = self.run("up", allow=allow, day=day)
        assert not outcome.problems, outcome.problems
        return outcome

    def files(self) -> dict[str, bytes]:
        """Every file of the folder with something in it."""
        if not self.tables.exists():
            return {}
        found = {path.name: path.read_bytes() for path in self.tables.iterdir() if path.is_file()}
        return {name: octets for name, octets in found.items() if octets}

    def routing(self) -> Routing:
        """What the tables say."""
        texts = {
            name: (self.tables / name).read_text("utf-8", "surrogateescape")
            for name in postfix.NAMES
            if (self.tables / name).exists()
        }
        return tables.routing(texts, self.domain)

    def scripts(self, name: str) -> tuple[dict[str, str], str | None]:
        """All scripts of a mailbox, and which is active; asked as its owner."""
        assert self.live is not None
        with self.live.session(name) as session:
            names, active = session.scripts()
            return {each: session.get(each) for each in names}, active
