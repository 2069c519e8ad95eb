"""One stack a domain under the real command: what another stack holds is not taken over nor taken away."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation as auto

from mailwright.deploy.run.notes import noting
from mailwright.deploy.tokens import MAIL_DOMAIN, RECORD
from mailwright.operations.stack.opening import open_for_deletion
from tests.deploy.checkout import MARKS, Checkout, company
from tests.deploy.worlds import DOWN, FOREIGN, TENCENT, Project

pytestmark = MARKS

OURS = "mailwright:index:DnsRecords"
FOUND = "found-before-removed"


@pytest.fixture
def two(ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> tuple[Checkout, Project, list[str]]:
    """A stack ``multi`` of two domains, deployed, and a stack ``second`` for the first of them."""
    project = Project(ready.folder, ready.server, monkeypatch)
    zones = [ready.server.new_zone(FOREIGN) for _ in range(2)]
    specs = [project.write(zone) for zone in zones]
    assert ready.pulumi("stack", "init", "multi").returncode == 0
    names = ",".join(f"stacks/{spec.name}" for spec in specs)
    assert ready.pulumi("config", "set", "mailwright:specs", names).returncode == 0
    ready.up()
    assert ready.pulumi("stack", "init", "second").returncode == 0
    assert ready.pulumi("config", "set", "mailwright:specs", f"stacks/{specs[0].name}").returncode == 0
    return ready, project, zones


def _exchangers(two: tuple[Checkout, Project, list[str]]) -> list[set[str]]:
    run, _, zones = two
    return [run.server.texts(zone, "MX") for zone in zones]


def test_a_domain_of_another_stack_is_not_taken_over(two: tuple[Checkout, Project, list[str]]) -> None:
    run, _, zones = two
    domain = zones[0].rstrip(".")
    for words in (("preview",), ("up", "--yes", "--skip-preview")):
        ended = run.pulumi(*words)
        assert ended.returncode != 0 and "[held-by-another-stack]" in ended.stdout, ended.stdout
        assert "the stack multi already" in ended.stdout and "Traceback" not in ended.stdout
    assert run.resources() == []
    ended = run.mailwright("up", "--engine", "pulumi", "--stack", "second", f"stacks/{domain}.yaml")
    assert ended.returncode == 3 and "[held-by-another-stack]" in ended.stderr, ended.stdout + ended.stderr
    # What the refusal says to do hands it over, and no record changes.
    (told,) = (line for line in run.pulumi("preview").stdout.splitlines() if "pulumi state delete" in line)
    command = told.partition("the records stay: ")[2]
    subprocess.run(shlex.split(command), cwd=run.folder, env=run.environment, check=True)
    run.up()
    assert len(run.resources()) == 1 and _exchangers(two) == [TENCENT] * 2
    assert run.pulumi("stack", "select", "multi").returncode == 0
    back = run.pulumi("up", "--yes", "--skip-preview")
    assert back.returncode != 0 and "the stack second already" in back.stdout, back.stdout


def test_what_two_stacks_of_earlier_versions_hold_stays_until_the_last(
    two: tuple[Checkout, Project, list[str]],
) -> None:
    run, _, zones = two
    body = run.pulumi("stack", "export", "--stack", "multi").stdout
    file = run.folder / "state.json"
    file.write_text(body.replace("urn:pulumi:multi::", "urn:pulumi:second::").replace("-multi", "-second"))
    assert run.pulumi("stack", "import", "--file", str(file)).returncode == 0
    allow = {"MAILWRIGHT_ALLOW": DOWN}
    ended = run.pulumi("destroy", "--yes", **allow)
    assert ended.returncode == 0, ended.stdout
    for zone in zones:
        assert f"{zone.rstrip('.')}: its records stay, because the stack multi" in ended.stdout
    assert _exchangers(two) == [TENCENT] * 2, "the other stack still holds them"
    assert run.pulumi("destroy", "--yes", "--stack", "multi", **allow).returncode == 0
    assert _exchangers(two) == [set(), set()]


def test_what_nobody_can_see_is_told_by_what_was_found(
    two: tuple[Checkout, Project, list[str]], tmp_path: Path
) -> None:
    """A backend of somebody else's, on another machine: the records themselves stood there before."""
    run, _, zones = two
    (tmp_path / "elsewhere").mkdir()
    there = {"PULUMI_BACKEND_URL": (tmp_path / "elsewhere").as_uri()}
    assert run.pulumi("stack", "init", "second", **there).returncode == 0
    run.up(**there)
    refused = run.pulumi("destroy", "--yes", MAILWRIGHT_ALLOW=DOWN, **there)
    assert refused.returncode != 0 and f"[{FOUND}] " in refused.stdout, refused.stdout
    assert f"MAILWRIGHT_ALLOW={FOUND} pulumi destroy" in refused.stdout
    assert _exchangers(two) == [TENCENT] * 2
    spec = f"stacks/{zones[0].rstrip('.')}.yaml"
    words = ("--engine", "pulumi", "--stack", "second", spec)
    let_go = run.mailwright("destroy", "--as-before", *words, **there)
    assert let_go.returncode == 0, let_go.stdout + let_go.stderr
    assert _exchangers(two) == [TENCENT] * 2


def test_records_at_cloudflare_of_two_stacks_stay(
    two: tuple[Checkout, Project, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its plugin asks nobody: the state keeps them, whatever consents are given. No plugin is needed here."""
    run, _, _ = two
    for name, value in run.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MAILWRIGHT_ALLOW", DOWN)
    for name, domains in (("third", ("shared", "alone")), ("fourth", ("shared",))):
        assert run.pulumi("stack", "init", name).returncode == 0
        stack = auto.select_stack(name, work_dir=str(run.folder))
        body = {"resources": [resource for domain in domains for resource in _at_cloudflare(name, domain)]}
        stack.import_stack(auto.Deployment(version=3, deployment=body))
    stack = auto.select_stack("third", work_dir=str(run.folder))
    with noting() as notes:
        open_for_deletion(stack, run.folder, "en")
        (notice,) = notes.notices
    assert notice.startswith("shared.example: its records stay, because the stack fourth (")
    resources = stack.export_stack().deployment["resources"]
    flags = {
        resource["id"]: (resource.get("protect", False), resource.get("retainOnDelete", False))
        for resource in resources
        if resource["type"] == RECORD
    }
    assert flags == {"shared": (False, True), "alone": (False, False)}


def _at_cloudflare(stack: str, domain: str) -> list[dict[str, Any]]:
    """A component and a protected record of it, as a state has them."""
    head = f"urn:pulumi:{stack}::mailwright::"
    parent = f"{head}{MAIL_DOMAIN}::{domain}.example"
    component = {"urn": parent, "type": MAIL_DOMAIN, "custom": False}
    component["outputs"] = {"cloudflare": {f"{domain}.example": {"applied": {}}}}
    record = {"urn": f"{head}{MAIL_DOMAIN}${RECORD}::{domain}.example spf", "type": RECORD, "custom": True}
    return [component, {**record, "id": domain, "parent": parent, "protect": True, "inputs": {}}]


def test_another_project_of_the_backend_counts(two: tuple[Checkout, Project, list[str]]) -> None:
    run, _, _ = two
    file = run.folder / "Pulumi.yaml"
    file.write_text(file.read_text().replace("name: mailwright\n", "name: elsewhere\n", 1))
    assert run.pulumi("stack", "init", "third").returncode == 0
    names = run.pulumi("config", "set", "mailwright:specs", "stacks").returncode
    assert names == 0
    ended = run.pulumi("preview")
    assert ended.returncode != 0 and "organization/mailwright/multi already" in ended.stdout, ended.stdout


def test_our_commands_use_the_backend_that_is_chosen(
    ready: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """``pulumi login``, or ``backend:``; and a stack that began in our own folder stays there."""
    _, zone = company(ready, monkeypatch)
    del ready.environment["PULUMI_BACKEND_URL"]
    spec = ("--engine", "pulumi", "stacks/t.yaml")
    places = {name: tmp_path / name for name in ("login", "declared")}
    for place in places.values():
        place.mkdir()
    assert ready.pulumi("login", places["login"].as_uri()).returncode == 0
    ended = ready.mailwright("up", *spec)
    assert ended.returncode == 0 and places["login"].as_uri() in ended.stdout, ended.stdout + ended.stderr
    assert list((places["login"] / ".pulumi" / "stacks").rglob("t.json"))
    assert not (ready.folder / ".mailwright" / "pulumi").exists()
    assert ready.pulumi("preview", "--expect-no-changes", "--stack", "t").returncode == 0, "one state"

    file = ready.folder / "Pulumi.yaml"
    text = file.read_text()
    file.write_text(f"{text}backend:\n  url: {places['declared'].as_uri()}\n")
    ended = ready.mailwright("up", *spec)
    assert places["declared"].as_uri() in ended.stdout
    assert ended.returncode == 3 and f"({places['login']})" in ended.stderr, "the state of the login is seen"
    assert list((places["declared"] / ".pulumi" / "stacks").rglob("t.json"))
    file.write_text(text)

    (ready.folder / ".mailwright" / "pulumi").mkdir(parents=True)
    own = (ready.folder / ".mailwright" / "pulumi").as_uri()
    state = ready.folder / "state.json"
    state.write_text(ready.pulumi("stack", "export", "--stack", "t").stdout)
    for words in (("init", "t"), ("import", "--stack", "t", "--file", str(state))):
        assert ready.pulumi("stack", *words, PULUMI_BACKEND_URL=own).returncode == 0
    ended = ready.mailwright("up", *spec)
    assert ended.returncode == 0 and own in ended.stdout and "pulumi itself would use" in ended.stdout
    assert ready.server.texts(zone, "MX") == TENCENT


def test_another_backend_is_asked_by_its_command(ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket as many keep their state in: nothing of it lies on this machine."""
    boto3 = pytest.importorskip("boto3")
    moto = pytest.importorskip("moto.server")
    pytest.importorskip("moto.s3.models")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
        ready.environment[name] = "testing"
    boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1").create_bucket(
        Bucket="states"
    )
    query = f"region=us-east-1&endpoint=http://{host}:{port}&disableSSL=true&s3ForcePathStyle=true"
    ready.environment["PULUMI_BACKEND_URL"] = f"s3://states?{query}"
    _, zone = company(ready, monkeypatch)
    assert ready.pulumi("stack", "init", "first").returncode == 0
    assert ready.pulumi("config", "set", "mailwright:specs", "stacks/t.yaml").returncode == 0
    ready.up()
    assert ready.pulumi("stack", "init", "t").returncode == 0
    ended = ready.pulumi("preview")
    assert ended.returncode != 0 and "the stack first already" in ended.stdout, ended.stdout
    assert ready.pulumi("destroy", "--yes", "--stack", "first", MAILWRIGHT_ALLOW=DOWN).returncode == 0
    assert ready.server.texts(zone, "MX") == set()
    ready.up()
    server.stop()
