"""The real ``pulumi`` on a bare clone, against Knot: up, drift, repair, rename, move, destroy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.servers.base import FULL, DnsServer
from tests.servers.fixtures import started

pytestmark = [
    pytest.mark.pulumi,
    pytest.mark.knot,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="no pulumi command on the PATH"),
]

CONSENT = "no-mx-left,spf-gone,dmarc-weakened"


class Project:
    """A clone of the project with one company on a real nameserver, and its own backend."""

    def __init__(self, folder: Path, server: DnsServer, zone: str) -> None:
        self.folder, self.server, self.zone = folder / "clone", server, zone
        files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        for name in filter(None, files.decode().split("\0")):
            if (ROOT / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.folder / name)
        # The environment is the one that runs the tests: Pulumi would make the same one from the lock.
        (self.folder / ".venv").symlink_to(Path(sys.prefix))
        (folder / "backend").mkdir()
        self.env = {
            **os.environ,
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": (folder / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "tests",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "MAILWRIGHT_TSIG_SECRET": FULL.secret,
            "MAILWRIGHT_AS_OF": "2026-11-23",
            "LC_ALL": "C.UTF-8",
        }
        self.env.pop("MAILWRIGHT_ALLOW", None)
        domain = zone.rstrip(".")
        (self.folder / "stacks" / "acme.yaml").write_text(
            f"version: 1\ndomain: {domain}\ntimezone: Asia/Shanghai\n"
            "mail_host: {service: tencent-exmail}\n"
            f"dns_hosts: [{{service: rfc2136, server: 127.0.0.1, port: {server.port}, "
            f"key_name: {FULL.name}}}]\n"
            f"contact: wang@{domain}\n"
        )

    def pulumi(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", "--non-interactive", "--color", "never", *words],
            cwd=self.folder,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def mailwright(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mailwright", *words],
            cwd=self.folder,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    server = started("knot")
    zone = server.new_zone('@ 300 TXT "google-site-verification=x"\n@ 300 A 192.0.2.80\n')
    return Project(tmp_path, server, zone)


def test_up_drift_repair_and_destroy(project: Project) -> None:
    server, zone = project.server, project.zone
    assert project.pulumi("stack", "init", "acme").returncode == 0
    up = project.pulumi("up", "--yes", "--skip-preview")
    assert up.returncode == 0, up.stdout + up.stderr
    wanted = {"5 mxbiz1.qq.com.", "10 mxbiz2.qq.com."}
    assert server.texts(zone, "MX") == wanted
    clean = project.pulumi("preview", "--refresh", "--expect-no-changes")
    assert clean.returncode == 0, clean.stdout

    server.drop(zone, "@", "MX", "5 mxbiz1.qq.com.")
    drifted = project.pulumi("preview", "--refresh", "--expect-no-changes")
    assert drifted.returncode != 0
    repaired = project.pulumi("up", "--yes", "--skip-preview")
    assert repaired.returncode == 0 and server.texts(zone, "MX") == wanted

    refused = project.pulumi("destroy", "--yes", "--skip-preview")
    assert refused.returncode != 0 and server.texts(zone, "MX") == wanted
    assert (
        "no-mx-left" in refused.stdout + refused.stderr and "Traceback" not in refused.stdout + refused.stderr
    )
    gone = project.pulumi("destroy", "--yes", "--skip-preview", MAILWRIGHT_ALLOW=CONSENT)
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert server.texts(zone, "MX") == set()
    assert server.texts(zone, "TXT") == {'"google-site-verification=x"'}
    assert server.texts(zone, "A") == {"192.0.2.80"}
    state = "".join(
        each.read_text(errors="replace")
        for each in (project.folder.parent / "backend").rglob("*")
        if each.is_file()
    )
    assert FULL.secret not in state


def test_a_first_up_over_a_living_mx_is_refused(project: Project) -> None:
    project.server.put(project.zone, "@ 3600 MX 10 mx.old.example.")
    project.pulumi("stack", "init", "acme")
    refused = project.pulumi("up", "--yes", "--skip-preview")
    text = refused.stdout + refused.stderr
    assert refused.returncode != 0 and "mx-changed" in text and "Traceback" not in text
    assert project.server.texts(project.zone, "MX") == {"10 mx.old.example."}


RENAMED = """
from mailwright.deploy.resources import DnsRecords
from mailwright.deploy.targets import deployments
from mailwright.spec import load

[wanted] = deployments(load("stacks/acme.yaml").spec)
DnsRecords("renamed", wanted.inputs)
"""


def test_a_renamed_resource_takes_nothing_with_it(project: Project) -> None:
    """Pulumi creates the new resource, which adopts the records, and then deletes the old one."""
    project.pulumi("stack", "init", "acme")
    assert project.pulumi("up", "--yes", "--skip-preview").returncode == 0
    before = {type: project.server.texts(project.zone, type) for type in ("MX", "TXT", "SOA")}
    main = project.folder / "__main__.py"
    main.write_text(
        "from mailwright.deploy.component import MailDomain\nMailDomain('other', 'stacks/acme.yaml')\n"
    )
    project.pulumi("up", "--yes", "--skip-preview")
    assert {type: project.server.texts(project.zone, type) for type in before} == before
    main.write_text(RENAMED)
    refused = project.pulumi("up", "--yes", "--skip-preview")
    text = refused.stdout + refused.stderr
    assert refused.returncode != 0, text
    assert {type: project.server.texts(project.zone, type) for type in before} == before


def test_a_stack_moves_from_the_embedded_engine_without_a_changed_record(project: Project) -> None:
    embedded = project.mailwright("up", "acme", "--engine", "embedded")
    assert embedded.returncode == 0, embedded.stderr
    serial = project.server.texts(project.zone, "SOA")
    moved = project.mailwright("move", "acme")
    assert moved.returncode == 0, moved.stdout + moved.stderr
    assert project.server.texts(project.zone, "SOA") == serial
    assert project.mailwright("preview", "acme").returncode == 0
    again = project.mailwright("up", "acme")
    assert again.returncode == 0 and project.server.texts(project.zone, "SOA") == serial
