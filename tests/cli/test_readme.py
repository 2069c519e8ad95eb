"""The ways of the README, typed as they are written, each in an empty folder."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.cli.test_commands import ENV
from tests.conftest import ROOT
from tests.servers.base import FULL
from tests.servers.fixtures import started

READMES = ("README.md", "README.zh-CN.md")
#: A process to which Windows is all there is: the modules and calls of Unix alone are missing.
WINDOWS = """
import os, sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in ("fcntl", "grp", "pwd", "resource", "termios"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
for name in ("fcntl", "grp", "pwd", "resource", "termios"):
    sys.modules.pop(name, None)
for name in ("fork", "getuid", "geteuid", "register_at_fork", "fchmod"):
    delattr(os, name)
from mailwright.cli import main
sys.exit(main(sys.argv[1:]))
"""


def way(readme: str, name: str) -> list[str]:
    """The lines of a way, without comments."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    match = re.search(rf"<!-- way: {name} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert match, f"{readme} has no way {name}"
    return match[1].splitlines()


def typed(line: str, folder: Path, *launcher: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A line whose command is ``mailwright``, wherever it is installed."""
    command, *words = shlex.split(line)
    assert command.endswith("mailwright"), line
    return subprocess.run(
        [sys.executable, *(launcher or ("-m", "mailwright")), *words],
        cwd=folder,
        env={**ENV, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_way_by_console(tmp_path: Path) -> None:
    environment, install, init, sheet, verify = way(READMES[0], "console")
    assert "-m venv .venv" in environment and install.endswith("pip install .")
    launcher = tmp_path / "windows.py"
    launcher.write_text(WINDOWS)
    for line in (init, sheet):
        done = typed(line, tmp_path, str(launcher), LC_ALL="C.UTF-8")
        assert done.returncode == 0, done.stdout + done.stderr
    assert "mxbiz1.qq.com" in done.stdout and "v=spf1 include:spf.mail.qq.com ~all" in done.stdout
    elsewhere = started("embedded").port  # it does not serve the domain
    process = typed(f"{verify} --nameserver ns1=127.0.0.1:{elsewhere}", tmp_path, str(launcher))
    assert process.returncode == 1 and "could not tell" in process.stdout, process.stdout + process.stderr


def test_the_way_by_server(tmp_path: Path) -> None:
    _, init, secret, preview, up = way(READMES[0], "server")
    assert secret.startswith("export MAILWRIGHT_TSIG_SECRET=")
    server = started("embedded")
    zone = server.new_zone("")
    init = init.replace("acme-trade.com", zone.rstrip(".")).replace("192.0.2.53", "127.0.0.1")
    init = init.replace("--key-name mailwright", f"--key-name {FULL.name}")
    assert typed(init, tmp_path).returncode == 0
    spec = next((tmp_path / "stacks").glob("*.yaml"))
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("server: 127.0.0.1", f"server: 127.0.0.1, port: {server.port}"))
    preview, up = (line.replace("acme-trade", spec.stem) for line in (preview, up))
    shown = typed(preview, tmp_path, MAILWRIGHT_TSIG_SECRET=FULL.secret)
    assert shown.returncode == 2 and not server.texts(zone, "MX"), shown.stdout + shown.stderr
    done = typed(up, tmp_path, MAILWRIGHT_TSIG_SECRET=FULL.secret)
    assert done.returncode == 0, done.stdout + done.stderr
    assert server.texts(zone, "MX") == {"5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."}


def test_both_readmes_have_the_same_ways() -> None:
    for name in ("console", "server", "pulumi"):
        english, chinese = (way(readme, name) for readme in READMES)
        assert english == chinese and len(english) <= 5
