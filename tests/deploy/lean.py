"""An environment with the wheel of this project and what it needs, and without any other Pulumi plugin."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.conftest import ROOT

#: Kept out of it: what makes Pulumi ask for another plugin, and this project's own source.
_NOT = ("pulumi_cloudflare", "mailwright", "__editable__", "_virtualenv")


def wheel(folder: Path) -> Path:
    """The project's wheel, built offline from a copy: building leaves folders behind."""
    source = folder / "source"
    listing = ["git", "ls-files", "-z", "mailwright", "pyproject.toml", "README.md", "LICENSE"]
    tracked = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    _pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder), str(source))
    (built,) = folder.glob("*.whl")
    return built


def environment(folder: Path) -> Path:
    """Its folder; the wheel is installed by pip, the rest is linked from this process's environment."""
    built, made, links = wheel(folder), folder / "venv", folder / "links"
    venv.create(made, symlinks=True)
    install(made, built)
    links.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if not path.name.startswith(_NOT) and path.suffix != ".pth":
            (links / path.name).symlink_to(path)
    (site_packages(made) / "links.pth").write_text(f"{links}\n")
    return made


def install(environment: Path, package: Path) -> None:
    """Install a wheel or a folder, offline."""
    offline = ("--no-deps", "--no-index", "--no-build-isolation")
    _pip("--python", str(environment), "install", *offline, str(package))


def site_packages(environment: Path) -> Path:
    (folder,) = (environment / "lib").glob("python3*/site-packages")
    return folder


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
