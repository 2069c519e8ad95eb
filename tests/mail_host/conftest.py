"""One Dovecot a session of tests, and companies that are deployed to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailwright.deploy import kinds
from mailwright.deploy.targets import Deployment
from mailwright.hosts.dns.service import Way
from tests.mail_host.server import MASTER_PASSWORD, Server, dovecot
from tests.mail_host.workspace import Workspace
from tests.mail_host.worlds import Company
from tests.servers.fixtures import embedded

__all__ = ["embedded"]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAILWRIGHT_ALLOW", "MAILWRIGHT_SPECS", "MAILWRIGHT_PLAN", "MAILWRIGHT_PLAN_NOTES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MAILWRIGHT_SIEVE_PASSWORD", MASTER_PASSWORD)
    monkeypatch.setenv("MAILWRIGHT_LANG", "en")


@pytest.fixture(autouse=True)
def _mailboxes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The DNS of these companies is entered by hand, which waits for a person; it has tests of its own."""
    register = kinds.Native.register

    def without_sheets(
        self: kinds.Native, parent: Any, deployment: Deployment, **more: Any
    ) -> dict[str, Any]:
        return {} if deployment.service.way is Way.SHEET else register(self, parent, deployment, **more)

    monkeypatch.setattr(kinds.Native, "register", without_sheets)


@pytest.fixture(scope="session")
def mail_server() -> Iterator[Server]:
    with dovecot() as live:
        yield live


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    """Tables in a folder, no server."""
    return Company(tmp_path, monkeypatch, tmp_path / "tables")


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mail_server: Server) -> Company:
    """Tables in a folder and scripts on a real Dovecot, both fresh."""
    mail_server.reset()
    return Company(tmp_path, monkeypatch, mail_server.tables, mail_server)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A Google Workspace account with an administrator and nobody else."""
    made = Workspace(tmp_path, monkeypatch)
    yield made
    made.google.close()
