"""A repository that somebody hostile wrote, and the steps of CI as they stand in the project's files.

Every file of it that Python, pip, make, git or a shell might take for its own writes a mark. The steps
run with the project's real code; only the packages of the lock are those of this interpreter, linked beside
it, so that no package index is asked.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT

SPEC = """\
version: 1
domain: acme-trade.example
timezone: Asia/Shanghai
mail_host: {service: tencent-exmail}
dns_hosts: [{service: manual, console: aliyun}]
contact: wang@acme-trade.example
"""
#: Modules that something on the way imports; a package of the same name stands beside some of them.
MODULES = (
    *("yaml", "click", "rich", "dns", "idna", "jsonschema", "pulumi", "grpc", "tzdata", "json", "re", "os"),
    *("site", "venv", "pip", "ensurepip", "setuptools", "sitecustomize", "usercustomize", "encodings"),
    *("zoneinfo", "secrets", "runpy", "__main__", "conftest"),
)
PACKAGES = ("mailwright", "pip", "venv", "ensurepip", "yaml", "click", "cryptography")
COMMANDS = ("mailwright", "python", "python3", "pip", "git", "sh", "make", "tar", "sed")


def seed(folder: Path, mark: Path) -> Path:
    """Fill a repository; whatever of it runs writes ``mark``."""
    code = f"open({str(mark)!r}, 'a').write(__file__ + '\\n')\n"
    shell = f"#!/bin/sh\necho $0 >>'{mark}'\nexit 1\n"
    (folder / "stacks").mkdir(parents=True)
    (folder / "stacks" / "acme.yaml").write_text(SPEC)
    for name in MODULES:
        (folder / f"{name}.py").write_text(code)
    for name in PACKAGES:
        (folder / name).mkdir(exist_ok=True)
        for file in ("__init__.py", "__main__.py"):
            (folder / name / file).write_text(code)
    for name in COMMANDS:
        target = folder / name
        if not target.is_dir():
            target.write_text(shell)
            target.chmod(0o755)
    (folder / "evil.pth").write_text(f"import os; open({str(mark)!r}, 'a').write('pth')\n")
    (folder / "pip.conf").write_text("[global]\nindex-url = http://127.0.0.1:9/\n")
    (folder / "Makefile").write_text(f"all .venv/bin/mailwright:\n\techo make >>'{mark}'\n")
    (folder / "setup.py").write_text(code)
    return folder


def project(folder: Path) -> Path:
    """The project as CI has it, with the packages beside it and nothing in its lock."""
    folder.mkdir()
    for name in ("mailwright", "ci", "Makefile", "action.yml"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "requirements.txt").write_text("")
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if path.suffix != ".pth" and not (folder / path.name).exists():
            (folder / path.name).symlink_to(path)
    return folder


@dataclass(frozen=True)
class Runner:
    """A machine of CI: the repository, a folder of its own, and where code of the repository marks."""

    repository: Path
    own: Path
    project: Path
    mark: Path

    def sh(self, script: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A step of shell, in the repository."""
        binaries = self.own / "bin"
        if not binaries.exists():
            binaries.mkdir(parents=True)
            for name in ("python", "python3"):
                (binaries / name).symlink_to(sys.executable)
        env = {
            "PATH": f"{binaries}:/usr/bin:/bin",
            "HOME": str(self.own),
            "LANG": "C.UTF-8",
            "RUNNER_TEMP": str(self.own),
            **more,
        }
        env |= {key: os.environ[key] for key in ("LD_LIBRARY_PATH",) if key in os.environ}
        return subprocess.run(
            ["sh", "-e", "-c", script],
            cwd=self.repository,
            env=env,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    @property
    def ran(self) -> str:
        """What of the repository ran."""
        return self.mark.read_text() if self.mark.exists() else ""


def action_steps() -> list[dict[str, Any]]:
    """The steps of ``action.yml``."""
    steps: list[dict[str, Any]] = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    return steps


def gitlab_job(name: str, project: Path) -> str:
    """The commands of a job of ``ci/gitlab.yml``; what it clones lies at ``project`` already."""
    jobs = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text())
    lines = [*jobs[".mailwright"]["before_script"], *jobs[name]["script"]]
    kept = [line for line in lines if not line.startswith("git ")]
    return "\n".join(kept).replace("/tmp/mailwright", str(project))
