"""Other programs with the real command: an SDK of the schema, in an environment with the wheel alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.deploy import lean
from tests.deploy.checkout import MARKS
from tests.deploy.worlds import DOWN, FOREIGN, TENCENT
from tests.servers.base import FULL, DnsServer
from tests.servers.fixtures import started

pytestmark = [
    *MARKS,
    pytest.mark.skipif(not find_spec("parver"), reason="an SDK that Pulumi makes needs the package parver"),
]
EXAMPLE = ROOT / "examples" / "website-and-mail"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lean environment, with an SDK in it that Pulumi made of the schema of what is installed there."""
    folder = tmp_path_factory.mktemp("lean")
    made = lean.environment(folder)
    shown = _run(
        ["pulumi", "package", "get-schema", str(made / "bin" / "pulumi-resource-mailwright")], folder
    )
    assert shown.returncode == 0, shown.stderr
    assert "mailwright:index:MailDomain" in json.loads(shown.stdout)["resources"]
    (folder / "schema.json").write_text(shown.stdout)
    words = ["pulumi", "package", "gen-sdk", "schema.json", "--language", "python", "--out", "sdk"]
    ended = _run(words, folder)
    assert ended.returncode == 0, ended.stderr
    lean.install(made, folder / "sdk" / "python")
    return made


def _run(command: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_HOME": str(folder / "home")}
    return subprocess.run(
        command, cwd=folder, env={**environment, **more}, text=True, capture_output=True, check=False
    )


@dataclass
class Company:
    """A project of somebody else, its server and its zone."""

    folder: Path
    environment: Path
    server: DnsServer
    zone: str

    def pulumi(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        fixed = {
            "PATH": f"{self.environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": (self.folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "a passphrase of the tests",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "MAILWRIGHT_TSIG_SECRET": FULL.secret,
            "MAILWRIGHT_AS_OF": "2026-11-23",
            "MAILWRIGHT_LANG": "en",
        }
        return _run(["pulumi", *words, "--non-interactive"], self.folder, **fixed, **more)

    def done(self, *words: str, **more: str) -> str:
        ended = self.pulumi(*words, **more)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout


@pytest.fixture
def company(environment: Path, tmp_path: Path) -> Company:
    """The example, with the environment in place of its own."""
    folder = tmp_path / "company"
    shutil.copytree(EXAMPLE, folder)
    (folder / "state").mkdir()
    (folder / "venv").symlink_to(environment)
    server = started("knot")
    zone = server.new_zone(FOREIGN)
    one = Company(folder, environment, server, zone)
    one.done("stack", "init", "t")
    for name, value in (
        ("domain", zone.rstrip(".")),
        ("server", "127.0.0.1"),
        ("port", str(server.port)),
        ("keyName", FULL.name),
    ):
        one.done("config", "set", name, value)
    return one


def test_a_website_and_its_mail_together(company: Company) -> None:
    """An address that the website gets in this very run stands in SPF; drift is repaired; the gate holds."""
    domain = company.zone.rstrip(".")
    shown = company.done("preview")
    assert "known only once" in shown
    company.done("up", "--yes", "--skip-preview")
    assert company.server.texts(company.zone, "MX") == TENCENT
    assert any("ip4:192.0.2.80" in text for text in company.server.texts(company.zone, "TXT"))
    assert (company.folder / "public" / "index.html").is_file()
    records = json.loads(company.done("stack", "output", "--json"))["records"]
    assert set(records[domain][f"{company.zone} MX"]) == TENCENT
    state = json.loads(company.done("stack", "export"))["deployment"]["resources"]
    urns = {each["urn"].rpartition("::")[0].partition("::")[2] for each in state}
    assert any(urn.endswith("mailwright:index:MailDomain$mailwright:index:DnsRecords") for urn in urns)
    assert FULL.secret not in json.dumps(state)

    company.done("preview", "--expect-no-changes")
    company.server.drop(company.zone, "@", "MX", "5 mxbiz1.qq.com.")
    company.done("up", "--yes", "--skip-preview")
    assert company.server.texts(company.zone, "MX") == TENCENT

    program = company.folder / "__main__.py"
    text = program.read_text("utf-8")
    program.write_text(text.replace("tencent-exmail", "google-workspace"), "utf-8")
    refused = company.pulumi("up", "--yes", "--skip-preview")
    assert refused.returncode != 0 and "[mx-changed]" in refused.stdout + refused.stderr
    assert company.server.texts(company.zone, "MX") == TENCENT

    program.write_text(text.replace('"version": 1', '"version": 1, "adresses": {}'), "utf-8")
    wrong = company.pulumi("up", "--yes", "--skip-preview")
    assert wrong.returncode != 0 and "Did you mean addresses?" in wrong.stdout + wrong.stderr
    assert company.server.texts(company.zone, "MX") == TENCENT

    program.write_text(text, "utf-8")
    refused = company.pulumi("destroy", "--yes")
    assert refused.returncode != 0 and "[no-mx-left]" in refused.stdout + refused.stderr
    company.done("destroy", "--yes", MAILWRIGHT_ALLOW=DOWN)
    assert company.server.texts(company.zone, "MX") == set()


def test_the_example_is_a_template(company: Company, tmp_path: Path) -> None:
    made = tmp_path / "made"
    words = ("--generate-only", "--yes", "--name", "ours", "--dir", str(made))
    company.done("new", str(EXAMPLE), *words)
    assert "name: ours" in (made / "Pulumi.yaml").read_text("utf-8")
    for path in EXAMPLE.glob("*.py"):
        assert (made / path.name).read_text("utf-8") == path.read_text("utf-8")


def test_what_a_zone_has_is_imported(company: Company) -> None:
    domain = company.zone.rstrip(".")
    company.server.put(company.zone, '@ 300 MX 10 mail.old.example.\n@ 300 TXT "v=spf1 mx -all"\n')
    id = f"{domain}@{domain}@127.0.0.1:{company.server.port}?key={FULL.name}"
    ended = company.done("import", "mailwright:index:DnsRecords", domain, id, "--yes", "--protect=false")
    assert "DnsRecords(" in ended, "the program's text, by the SDK's own names"
    assert "10 mail.old.example." in ended
    assert company.server.texts(company.zone, "MX") == {"10 mail.old.example."}


@pytest.mark.skipif(
    os.environ.get("MAILWRIGHT_PACKAGE_ADD") != "1",
    reason="asks the package index: MAILWRIGHT_PACKAGE_ADD=1 python -m pytest tests/deploy -k is_added",
)
def test_a_package_is_added_to_a_project(company: Company) -> None:
    company.done("package", "add", str(company.environment / "bin" / "pulumi-resource-mailwright"))
    assert "mailwright" in (company.folder / "Pulumi.yaml").read_text()
    company.done("up", "--yes", "--skip-preview")
    assert company.server.texts(company.zone, "MX") == TENCENT


@pytest.mark.parametrize("language", ["nodejs", "go", "dotnet", "java"])
def test_an_sdk_of_another_language(environment: Path, language: str) -> None:
    plugin = f"pulumi-language-{language}"
    if not shutil.which(plugin):
        pytest.skip(f"{plugin} is not on the PATH")
    folder = environment.parent
    ended = _run(
        ["pulumi", "package", "gen-sdk", "schema.json", "--language", language, "--out", "other"], folder
    )
    assert ended.returncode == 0, ended.stderr
