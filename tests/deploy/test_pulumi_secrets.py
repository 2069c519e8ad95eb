"""A secret takes effect from the moment it is set, whatever the state remembers: the real command."""

from __future__ import annotations

import json

import pytest

from tests.deploy.checkout import MARKS, Checkout, company
from tests.deploy.worlds import DOWN, TENCENT
from tests.servers.base import FORGED, FULL

pytestmark = MARKS

RUNS = (("up", "--yes", "--skip-preview"), ("preview",), ("refresh", "--yes"), ("destroy", "--yes"))


def _no_run_gets_through(ready: Checkout, reason: str) -> None:
    for words in RUNS:
        ended = ready.pulumi(*words, MAILWRIGHT_ALLOW=DOWN)
        assert ended.returncode != 0 and reason in ended.stdout, (words, ended.stdout + ended.stderr)
        assert FORGED.secret not in ended.stdout + ended.stderr


def _configured(ready: Checkout, *words: str) -> None:
    assert ready.pulumi("config", *words).returncode == 0


def test_set_rotated_wrong_and_removed(ready: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    project, zone = company(ready, monkeypatch)
    before = project.everything(zone)
    del ready.environment["MAILWRIGHT_TSIG_SECRET"]
    assert ready.pulumi("stack", "init", "t").returncode == 0
    _configured(ready, "set", "--secret", "mailwright:tsigSecret", FULL.secret)
    ready.up()
    deployed = project.everything(zone)

    _configured(ready, "set", "--secret", "mailwright:tsigSecret", FORGED.secret)
    _no_run_gets_through(ready, "BADSIG")
    _configured(ready, "set", "--secret", "mailwright:tsigSecret", FULL.secret)
    assert ready.pulumi("refresh", "--yes").returncode == 0
    _configured(ready, "rm", "mailwright:tsigSecret")
    _no_run_gets_through(ready, "no secret for the TSIG key")
    assert project.everything(zone) == deployed

    key = ready.folder / "key"
    key.write_text(FORGED.secret)
    _configured(ready, "set", "mailwright:tsigSecretFile", "key")
    _no_run_gets_through(ready, "BADSIG")
    key.write_text(FULL.secret + "\n")
    ready.server.drop(zone, "@", "MX", "5 mxbiz1.qq.com.")
    ready.up()
    assert project.everything(zone) == deployed
    exported = ready.pulumi("stack", "export", "--show-secrets").stdout
    assert FULL.secret not in exported and FORGED.secret not in exported
    assert ready.pulumi("destroy", "--yes", MAILWRIGHT_ALLOW=DOWN).returncode == 0
    assert project.everything(zone) == before


def test_a_provider_of_an_earlier_version_is_taken_over(
    ready: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its inputs in the state were the program's settings and a secret, here one that is valid no more."""
    project, zone = company(ready, monkeypatch)
    assert ready.pulumi("stack", "init", "t").returncode == 0
    ready.up()
    deployed = project.everything(zone)
    file = ready.folder / "state.json"
    body = json.loads(ready.pulumi("stack", "export").stdout)
    providers = body["deployment"]["resources"]
    (provider,) = [each for each in providers if each["type"] == "pulumi:providers:mailwright"]
    provider["inputs"] = provider["outputs"] = {"specs": "stacks/old.yaml", "tsigSecret": FORGED.secret}
    file.write_text(json.dumps(body))
    assert ready.pulumi("stack", "import", "--file", str(file)).returncode == 0
    ready.up()
    assert project.everything(zone) == deployed
    assert ready.server.texts(zone, "MX") == TENCENT
    exported = ready.pulumi("stack", "export").stdout
    assert FORGED.secret not in exported and "stacks/old.yaml" not in exported
    assert ready.unchanged() == 0
