"""A company whose mail host is a stand-in of Google's APIs, and an embedded stack of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mailwright.deploy.embedded.engine import Embedded, Outcome
from mailwright.deploy.program import main
from tests.mail_host.simulators.google_api import Account, StandIn, User
from tests.mailboxes.specs import DOMAIN

DAY = "2026-11-23"
HEAD = """\
version: 1
domain: acme-trade.com
timezone: Asia/Shanghai
mail_host:
  service: google-workspace
  api: {{admin: it@acme-trade.com, {more}base_url: "{address}"}}
dns_hosts: [{{service: manual, console: aliyun}}]
contact: wang@acme-trade.com
"""
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
  quotes: {to: [wang, chen]}
  support: {to: [li, chen], shared: true}
rules:
  - {for: quotes, when: {subject_contains: ["product A", "产品A"]}, then: {assign_to: wang}}
  - {for: quotes, otherwise: true, then: {assign_to: chen}}
  - {for: li, when: {subject_contains: [invoice]}, then: {copy_to: wang, tag: 账单}}
"""
)
ROLES = ("info", "sales", "agent", "quotes", "support", "postmaster", "abuse", "wang", "li", "chen")


@dataclass
class Workspace:
    """One domain at the stand-in, its spec, and one embedded stack of it."""

    folder: Path
    patch: pytest.MonkeyPatch
    google: StandIn = field(default_factory=lambda: StandIn(Account(DOMAIN)))

    def __post_init__(self) -> None:
        self.add("it", "管理员")
        self.patch.setenv("MAILWRIGHT_GOOGLE_CREDENTIALS", self.google.credentials())

    @property
    def account(self) -> Account:
        return self.google.account

    @property
    def spec(self) -> Path:
        return self.folder / "stacks" / f"{DOMAIN}.yaml"

    @property
    def state(self) -> Path:
        return self.folder / ".mailwright" / "state" / "t.json"

    def add(self, name: str, shown: str = "") -> User:
        """Somebody who has an account there."""
        address = f"{name}@{DOMAIN}"
        self.account.users[address] = User(address, shown or name)
        return self.account.users[address]

    def user(self, name: str) -> User:
        return self.account.users[f"{name}@{DOMAIN}"]

    def write(self, text: str = COMPANY, *, writes: bool = True, more: str = "") -> Path:
        experimental = "experimental: true, " if writes else ""
        self.spec.parent.mkdir(exist_ok=True)
        head = HEAD.format(more=experimental, address=self.google.address)
        self.spec.write_text(head + text + more, "utf-8")
        return self.spec

    def run(self, command: str, *, allow: str = "", day: str = DAY) -> Outcome:
        self.patch.setenv("MAILWRIGHT_SPECS", str(self.spec))
        self.patch.setenv("MAILWRIGHT_ALLOW", allow)
        self.patch.setenv("MAILWRIGHT_AS_OF", day)
        outcome: Outcome = getattr(Embedded(self.folder, "t", program=main), command)()
        return outcome

    def up(self, *, allow: str = "", day: str = DAY) -> Outcome:
        """An ``up`` that must succeed."""
        outcome = self.run("up", allow=allow, day=day)
        assert not outcome.problems, outcome.problems
        return outcome
