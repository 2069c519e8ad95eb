"""A clone of this project for the real ``pulumi`` command, with a file backend of the test's own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.worlds import FOREIGN, Project
from tests.servers.base import FULL, DnsServer
from tests.servers.fixtures import started

ROOT = Path(__file__).parent.parent.parent
#: For every test with the command; skipped without it.
MARKS = [
    pytest.mark.pulumi,
    pytest.mark.knot,
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("pulumi"), reason="the pulumi command is not on the PATH"),
]


@dataclass
class Checkout:
    """A clone of this project and what the command needs around it."""

    folder: Path
    server: DnsServer
    environment: dict[str, str]

    def pulumi(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self._run(["pulumi", *arguments, "--non-interactive"], more)

    def mailwright(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self._run([sys.executable, "-m", "mailwright", *arguments], more)

    def _run(self, command: list[str], more: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            check=False,
            cwd=self.folder,
            env={**self.environment, **more},
            text=True,
            capture_output=True,
        )

    def up(self, **more: str) -> None:
        ended = self.pulumi("up", "--yes", **more)
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def resources(self, type: str = "mailwright:index:DnsRecords") -> list[dict[str, Any]]:
        """What the state holds of a type."""
        body = json.loads(self.pulumi("stack", "export").stdout)["deployment"]["resources"]
        return [each for each in body if each["type"] == type]

    def unchanged(self) -> int:
        """The exit code of a preview that expects no changes."""
        return self.pulumi("preview", "--refresh", "--expect-no-changes").returncode


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    folder = tmp_path / "clone"
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in filter(None, tracked.split("\0")):
        if not name.startswith(("tests/", "docs/")) and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    (tmp_path / "state").mkdir()
    environment = {
        **os.environ,
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": (tmp_path / "state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase of the tests",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "MAILWRIGHT_TSIG_SECRET": FULL.secret,
        "MAILWRIGHT_AS_OF": "2026-11-23",
        "MAILWRIGHT_LANG": "en",
    }
    return Checkout(folder, started("knot"), environment)


@pytest.fixture
def ready(checkout: Checkout) -> Checkout:
    """With this very environment as the project's: making one takes a while and needs an index."""
    (checkout.folder / ".venv").symlink_to(sys.prefix)
    return checkout


def company(checkout: Checkout, patch: pytest.MonkeyPatch) -> tuple[Project, str]:
    """A spec of the stack ``t``, and its zone."""
    zone = checkout.server.new_zone(FOREIGN)
    project = Project(checkout.folder, checkout.server, patch)
    project.write(zone).rename(checkout.folder / "stacks" / "t.yaml")
    return project, zone
