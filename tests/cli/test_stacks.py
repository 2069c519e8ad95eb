"""A domain is in one stack, whatever files and folders a run names."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.test_commands import mailwright
from tests.servers.base import FULL, DnsServer, free_port
from tests.servers.fixtures import started

SPEC = """\
version: 1
domain: {domain}
timezone: Asia/Shanghai
mail_host: {{service: tencent-exmail}}
dns_hosts: [{{service: rfc2136, server: 127.0.0.1, port: {port}, key_name: {key}}}]
contact: wang@{domain}
"""


class Firm:
    """A folder ``stacks`` with two companies, and the nameserver of both."""

    def __init__(self, folder: Path, server: DnsServer) -> None:
        self.folder, self.server = folder, server
        self.zones = [server.new_zone(), server.new_zone()]
        (folder / "stacks").mkdir()
        for number in range(2):
            self.write(number)

    def write(self, number: int) -> None:
        domain = self.zones[number].rstrip(".")
        text = SPEC.format(domain=domain, port=self.server.port, key=FULL.name)
        self.path(number).write_text(text)

    def path(self, number: int) -> Path:
        return self.folder / "stacks" / f"firm{number}.yaml"

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        secret = {"MAILWRIGHT_TSIG_SECRET": FULL.secret}
        return mailwright(*words, "--engine", "embedded", cwd=self.folder, **secret)

    def exchangers(self, number: int) -> set[str]:
        return self.server.texts(self.zones[number], "MX")

    def stacks(self) -> set[str]:
        return {each.stem for each in (self.folder / ".mailwright" / "state").glob("*.json")}


@pytest.fixture
def firm(tmp_path: Path) -> Firm:
    return Firm(tmp_path, started("embedded"))


def test_a_folder_stays_one_stack_when_a_file_leaves_it(firm: Firm) -> None:
    assert firm.run("up", "stacks").returncode == 0
    firm.path(1).unlink()
    done = firm.run("up", "stacks")
    assert done.returncode == 3 and "no-mx-left" in done.stderr, done.stdout
    assert firm.stacks() == {"stacks"} and firm.exchangers(1)


def test_a_stack_of_one_file_grows_into_its_folder(firm: Firm) -> None:
    assert firm.run("up", "stacks/firm0.yaml").returncode == 0
    done = firm.run("up", "stacks")
    assert done.returncode == 0 and "stack firm0" in done.stdout
    assert firm.stacks() == {"firm0"} and firm.exchangers(1)


def test_one_file_of_a_larger_stack_is_refused(firm: Firm) -> None:
    assert firm.run("up", "stacks").returncode == 0
    for command in ("preview", "up"):
        done = firm.run(command, "stacks/firm0.yaml")
        assert done.returncode == 3 and "--stack stacks" in done.stderr
        assert firm.zones[1].rstrip(".") in done.stderr
    assert firm.stacks() == {"stacks"} and firm.exchangers(1)
    assert "已由栈 stacks 管理" in firm.run("up", "stacks/firm0.yaml", "--lang", "zh").stderr


def test_another_name_for_the_same_domain_is_refused(firm: Firm) -> None:
    assert firm.run("up", "stacks/firm0.yaml").returncode == 0
    done = firm.run("up", "stacks/firm0.yaml", "--stack", "mail")
    assert done.returncode == 3 and "firm0.json" in done.stderr
    firm.path(0).rename(firm.folder / "stacks" / "renamed.yaml")
    moved = firm.run("up", "stacks/renamed.yaml")
    assert moved.returncode == 0 and "stack firm0" in moved.stdout
    assert firm.stacks() == {"firm0"}


def test_the_same_domain_on_a_server_for_trials_is_another_matter(firm: Firm) -> None:
    assert firm.run("up", "stacks/firm0.yaml").returncode == 0
    text = firm.path(0).read_text().replace(f"port: {firm.server.port}", f"port: {free_port()}")
    trial = firm.folder / "trial.yaml"
    trial.write_text(text)
    done = firm.run("preview", "trial.yaml")
    assert done.returncode == 1 and "firm0" not in done.stdout + done.stderr, "asked, and nobody is there"


def test_pulumis_state_is_not_passed_over_where_its_command_is_missing(firm: Firm) -> None:
    backend = firm.folder / ".mailwright" / "pulumi" / ".pulumi" / "stacks" / "mailwright"
    backend.mkdir(parents=True)
    (backend / "stacks.json").write_text("{}")
    (firm.folder / "Pulumi.yaml").write_text("name: mailwright\n")
    secret = {"MAILWRIGHT_TSIG_SECRET": FULL.secret, "PATH": "/nowhere"}
    done = mailwright("up", "stacks", cwd=firm.folder, **secret)
    assert done.returncode == 1 and "pulumi" in done.stderr
    assert not firm.exchangers(0)
    assert firm.run("up", "stacks").returncode == 0, "the embedded engine is taken where it is asked for"


def test_a_domain_that_may_not_leave_stays_and_holds_up_nobody(firm: Firm) -> None:
    assert firm.run("up", "stacks").returncode == 0
    firm.path(1).unlink()
    firm.path(0).write_text(firm.path(0).read_text() + "senders: [{custom: form, ip4: [203.0.113.9]}]\n")
    before = firm.server.texts(firm.zones[0], "TXT")
    for command in ("preview", "up"):
        done = firm.run(command, "stacks")
        assert done.returncode == 3 and "no-mx-left" in done.stderr, done.stdout
        written = firm.server.texts(firm.zones[0], "TXT") != before
        assert written is (command == "up"), "each domain is judged by itself"
        assert firm.exchangers(1)
    allowed = [word for rule in ("no-mx-left", "spf-gone", "dmarc-weakened") for word in ("--allow", rule)]
    assert firm.run("up", "stacks", *allowed).returncode == 0
    assert not firm.exchangers(1)
