"""Root for Postfix: the test's own, or that of a user namespace in which an ordinary user is root."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

_WANTED = "Postfix needs root, or a user namespace: Debian package uidmap and a range in /etc/subuid"


class Root:
    """Runs commands as root. In a namespace one shell lives as long as the servers, and runs them all."""

    def __init__(self) -> None:
        self.shell: subprocess.Popen[str] | None = None

    def run(self, *command: str) -> str:
        """The output of a command. Raises CalledProcessError."""
        path = {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}
        if os.getuid() == 0:
            done = subprocess.run(command, capture_output=True, text=True, check=False, env=path)
            code, said = done.returncode, done.stdout + done.stderr
        else:
            code, said = self._told(command)
        if code:
            raise subprocess.CalledProcessError(code, command, said)
        return said

    def _told(self, command: Sequence[str]) -> tuple[int, str]:
        shell = self.shell = self.shell or _namespace()
        assert shell.stdin is not None and shell.stdout is not None
        # Whatever the command leaves running keeps no end of our pipes open.
        shell.stdin.write(f"said=$({shlex.join(command)} </dev/null 2>&1); code=$?\n")
        shell.stdin.write('printf "%s\\n" "$said"; echo "$code done"\n')
        shell.stdin.flush()
        lines: list[str] = []
        while not (line := shell.stdout.readline()).endswith(" done\n"):
            assert line, "the namespace ended"
            lines.append(line)
        return int(line.split()[0]), "".join(lines)

    def own(self, path: Path, user: str) -> None:
        """Give a file to a user, as root sees users."""
        if os.getuid() == 0:
            os.chown(path, pwd.getpwnam(user).pw_uid, -1)
        else:
            self.run("chown", user, str(path))

    def end(self, *folders: Path) -> None:
        """Delete folders that hold files of other users, and end."""
        for folder in folders:
            self.run("rm", "-rf", str(folder))
        if self.shell is not None and self.shell.stdin is not None and self.shell.stdout is not None:
            self.shell.stdin.close()
            self.shell.wait(20)
            self.shell.stdout.close()


def _namespace() -> subprocess.Popen[str]:
    """A shell that is root in a namespace of its own. Skips where this machine allows none."""
    if not shutil.which("unshare") or not shutil.which("newuidmap"):
        pytest.skip(_WANTED)
    path = {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}
    shell = subprocess.Popen(
        ["unshare", "--user", "--map-root-user", "--map-auto", "sh"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=path,
    )
    timer = threading.Timer(20, shell.kill)
    timer.start()
    try:
        assert shell.stdin is not None and shell.stdout is not None
        shell.stdin.write("id -u; id -u postfix; echo there\n")
        shell.stdin.flush()
        told = [shell.stdout.readline().strip() for _ in range(3)]
    except OSError:
        told = []
    finally:
        timer.cancel()
    if told[:1] != ["0"] or told[2:] != ["there"]:
        shell.kill()
        shell.communicate()
        pytest.skip(_WANTED)
    return shell
