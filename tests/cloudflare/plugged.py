"""A stack of the real ``pulumi`` with its real Cloudflare plugin, on the stand-in of the API."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cloudflare.api import TOKEN

ROOT = Path(__file__).parent.parent.parent
CHANGED = 7  # preview --expect-no-changes with changes


def _plugin() -> Path | None:
    """The folder of the plugin's program: on the PATH, or where Pulumi keeps its plugins."""
    found = shutil.which("pulumi-resource-cloudflare")
    if found:
        return Path(found).parent
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    return max(home.glob("plugins/resource-cloudflare-v6*"), default=None)


PLUGIN = _plugin()
MARKS = [
    pytest.mark.cloudflare_plugin,
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("pulumi"), reason="the pulumi command is not on the PATH"),
    pytest.mark.skipif(PLUGIN is None, reason="Pulumi's Cloudflare plugin is not installed"),
]


@dataclass
class Stack:
    """A clone of this project with one spec, and a stack of the real engine."""

    folder: Path
    environment: dict[str, str]

    def pulumi(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self._run(["pulumi", *arguments, "--non-interactive"], more)

    def mailwright(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self._run([sys.executable, "-m", "mailwright", *arguments], more)

    def _run(self, command: list[str], more: dict[str, str]) -> subprocess.CompletedProcess[str]:
        ended = subprocess.run(
            command,
            check=False,
            cwd=self.folder,
            env={**self.environment, **more},
            text=True,
            capture_output=True,
        )
        assert TOKEN not in ended.stdout + ended.stderr
        return ended

    def up(self, **more: str) -> str:
        ended = self.pulumi("up", "--yes", **more)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def unchanged(self) -> int:
        """The exit code of a preview that expects no changes."""
        return self.pulumi("preview", "--refresh", "--expect-no-changes").returncode


def new_stack(tmp_path: Path) -> Stack:
    """A new stack ``t``; its spec is ``stacks/t.yaml`` in its folder."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in ("mailwright", "plugin", "__main__.py", "Pulumi.yaml", "requirements.txt"):
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "stacks").mkdir()
    (tmp_path / "state").mkdir()
    environment = {
        **os.environ,
        "PATH": f"{PLUGIN}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": (tmp_path / "state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase of the tests",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "CLOUDFLARE_API_TOKEN": TOKEN,
        "MAILWRIGHT_AS_OF": "2026-11-23",
        "MAILWRIGHT_LANG": "en",
    }
    stack = Stack(folder, environment)
    ended = stack.pulumi("stack", "init", "t")
    assert ended.returncode == 0, ended.stderr
    return stack
