"""Several domains in one stack under the real command: consent is today's, and none holds up the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.deploy.checkout import MARKS, Checkout
from tests.deploy.worlds import DOWN, FOREIGN, TENCENT, Project
from tests.servers.base import free_port

pytestmark = MARKS

RULES = ("no-mx-left", "spf-gone", "dmarc-weakened")
ALLOW = f"allow: [{', '.join(f'{{rule: {each}, until: 2026-11-30, why: x}}' for each in RULES)}]\n"
MOVE = "mx-changed,spf-sender-dropped"
MX, OURS = "5 mxbiz1.qq.com.", "mailwright:index:DnsRecords"


class Stack:
    """A stack ``t`` of a folder of specs, one a zone."""

    def __init__(self, ready: Checkout, patch: pytest.MonkeyPatch, count: int) -> None:
        self.run, self.server = ready, ready.server
        self.project = Project(ready.folder, ready.server, patch)
        self.zones = [ready.server.new_zone(FOREIGN) for _ in range(count)]
        self.specs = [self.project.write(zone) for zone in self.zones]
        assert ready.pulumi("stack", "init", "t").returncode == 0
        self.configure(*self.specs)

    def configure(self, *specs: Path) -> None:
        names = ",".join(f"stacks/{spec.name}" for spec in specs)
        assert self.run.pulumi("config", "set", "mailwright:specs", names).returncode == 0

    def texts(self) -> list[dict[str, set[str]]]:
        return [self.project.everything(zone) for zone in self.zones]

    def held(self) -> dict[str, dict[str, object]]:
        """Inputs by domain, as the state has them."""
        return {resource["inputs"]["domain"]: resource["inputs"] for resource in self.run.resources(OURS)}


def test_consent_is_todays(ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack(ready, monkeypatch, 1)
    (zone,), (spec,) = stack.zones, stack.specs
    before, text = stack.texts(), spec.read_text("utf-8")
    spec.write_text(text + ALLOW, "utf-8")
    ready.up()
    deployed = stack.texts()
    assert '"allow"' not in ready.pulumi("stack", "export").stdout, "only that it runs out is told"
    spec.write_text(text, "utf-8")
    ready.up()
    for words in ((), ("--run-program",)):
        refused = ready.pulumi("destroy", "--yes", *words)
        assert refused.returncode != 0 and "[no-mx-left]" in refused.stdout
        consent = "MAILWRIGHT_ALLOW=dmarc-weakened,no-mx-left,spf-gone pulumi destroy"
        assert consent in refused.stdout and "--allow" not in refused.stdout, refused.stdout
        assert stack.texts() == deployed
    # What was just added counts at once: for the program alone, as plain destroy reads no spec.
    spec.write_text(text + ALLOW, "utf-8")
    assert ready.pulumi("destroy", "--yes").returncode != 0
    assert stack.texts() == deployed
    assert ready.pulumi("destroy", "--yes", PULUMI_RUN_PROGRAM="true").returncode == 0
    assert stack.texts() == before
    assert ready.server.texts(zone, "MX") == set()


def test_a_domain_that_leaves_needs_todays_consent(ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack(ready, monkeypatch, 2)
    stays, goes = stack.specs
    goes.write_text(goes.read_text("utf-8") + ALLOW, "utf-8")
    ready.up()
    # A state of an earlier version kept that consent.
    file = ready.folder / "state.json"
    body = json.loads(ready.pulumi("stack", "export").stdout)
    for each in body["deployment"]["resources"]:
        if each["type"] == OURS:
            consents = [{"rule": rule, "until": "", "why": ""} for rule in DOWN.split(",")]
            each["inputs"]["allow"] = each["outputs"]["allow"] = consents
    file.write_text(json.dumps(body))
    assert ready.pulumi("stack", "import", "--file", str(file)).returncode == 0
    deployed = stack.texts()
    goes.unlink()
    stack.configure(stays)
    refused = ready.pulumi("up", "--yes", "--skip-preview")
    assert refused.returncode != 0 and "pulumi up" in refused.stdout, refused.stdout
    assert ready.pulumi("destroy", "--yes").returncode != 0
    assert stack.texts() == deployed
    ready.up(MAILWRIGHT_ALLOW=DOWN)
    assert [ready.server.texts(zone, "MX") for zone in stack.zones] == [TENCENT, set()]


def test_a_refused_and_a_silent_domain_hold_up_nobody(
    ready: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is drifted and repaired, one is to change its MX, one lost its server, one is new."""
    stack = Stack(ready, monkeypatch, 4)
    beta, gamma, delta, new = stack.specs
    stack.configure(beta, gamma, delta)
    ready.up()
    held = stack.held()
    ready.server.drop(stack.zones[0], "@", "MX", MX)
    gamma.write_text(gamma.read_text("utf-8").replace("tencent-exmail", "google-workspace"), "utf-8")
    port, dead = str(ready.server.port), str(free_port())
    file = ready.folder / "state.json"
    body = ready.pulumi("stack", "export").stdout
    deployment = json.loads(body)
    for each in deployment["deployment"]["resources"]:
        if each["type"] == OURS and each["inputs"]["domain"] == stack.zones[2].rstrip("."):
            each["inputs"]["port"] = each["outputs"]["port"] = int(dead)
    file.write_text(json.dumps(deployment))
    assert ready.pulumi("stack", "import", "--file", str(file)).returncode == 0
    delta.write_text(delta.read_text("utf-8").replace(f"port: {port}", f"port: {dead}"), "utf-8")
    stack.configure(beta, gamma, delta, new)

    for words in (("preview",), ("up", "--yes", "--skip-preview")):
        ended = ready.pulumi(*words)
        told = ended.stdout
        assert ended.returncode != 0 and "Traceback" not in told + ended.stderr, told
        assert "[mx-changed]" in told and "connection refused" in told and "Nothing was changed" not in told
        names = sorted(zone.rstrip(".") for zone in stack.zones[1:3])
        assert f"Left as before: {', '.join(names)}." in told, told
        assert f"MAILWRIGHT_ALLOW={MOVE} pulumi up" in told
    assert [ready.server.texts(zone, "MX") for zone in stack.zones] == [TENCENT] * 4
    after = stack.held()
    assert {name: after[name]["records"] for name in held} == {name: held[name]["records"] for name in held}

    dead_domain = stack.zones[2].rstrip(".")
    alone = ready.pulumi("refresh", "--yes")
    assert alone.returncode != 0 and "connection refused" in alone.stdout, "no answer is not all well"
    ours = ready.mailwright("refresh", "--engine", "pulumi", "--stack", "t", "stacks")
    assert ours.returncode == 1 and f"{dead_domain}: not read" in ours.stderr, ours.stdout + ours.stderr
    assert "Nothing to change" not in ours.stdout
    ready.server.drop(stack.zones[0], "@", "MX", MX)
    urn = f"**{OURS}::{stack.zones[0].rstrip('.')}"
    assert ready.pulumi("up", "--yes", "--skip-preview", "--target", urn).returncode != 0
    assert ready.server.texts(stack.zones[0], "MX") == TENCENT

    delta.write_text(delta.read_text("utf-8").replace(f"port: {dead}", f"port: {port}"), "utf-8")
    ready.up(MAILWRIGHT_ALLOW=MOVE)
    assert [ready.server.texts(zone, "MX") for zone in stack.zones[2:]] == [TENCENT] * 2
    assert TENCENT.isdisjoint(ready.server.texts(stack.zones[1], "MX"))


def test_a_company_that_joins_while_another_has_drifted(
    ready: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other specs were other inputs of the provider, whose fresh process took the repair for a move."""
    stack = Stack(ready, monkeypatch, 3)
    first, second, new = stack.specs
    stack.configure(first, second)
    ready.up()
    ready.server.drop(stack.zones[0], "@", "MX", MX)
    stack.configure(first, second, new)
    assert ready.pulumi("preview").returncode == 0
    ready.up()
    assert [ready.server.texts(zone, "MX") for zone in stack.zones] == [TENCENT] * 3
    assert ready.unchanged() == 0
