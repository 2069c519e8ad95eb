"""The package schema: Pulumi takes it, and it says what the provider takes and answers."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from mailwright.deploy.dns import checking
from mailwright.deploy.dns.asked import Asked
from mailwright.deploy.dns.values import Inputs, State
from mailwright.deploy.given.settings import known
from mailwright.deploy.mail import values as mail
from mailwright.deploy.mail.hosted import values as hosted
from mailwright.deploy.package import spec_types
from mailwright.deploy.package.schema import package
from mailwright.deploy.provider import UNREAD
from mailwright.deploy.tokens import DNS_RECORDS, HOSTED_MAILBOXES, MAIL_DOMAIN, MAILBOXES, TOKENS
from mailwright.hosts.dns.service import Way
from mailwright.hosts.dns.services import SERVICES
from mailwright.spec.dns_hosts import schema
from tests.conftest import ROOT

METASCHEMA = ROOT.parent / "shared" / "schemas" / "pulumi-package-metaschema.json"
CHINESE = re.compile("[\u4e00-\u9fff]")
DAY = dt.date(2026, 12, 1)


def _descriptions(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("description"), str):
            yield value["description"]
        for below in value.values():
            yield from _descriptions(below)


@pytest.mark.skipif(not METASCHEMA.is_file(), reason=f"{METASCHEMA} is not there")
def test_pulumi_takes_it() -> None:
    text = re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", METASCHEMA.read_text("utf-8"))  # groups as Python names them
    validator = jsonschema.Draft202012Validator(json.loads(text))
    assert [error.message for error in validator.iter_errors(package())] == []
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**package(), "resources": {"Misnamed": {}}})


def test_every_reference_leads_somewhere() -> None:
    named = {f"#/types/{token}" for token in package()["types"]}
    used = set(re.findall(r'"\$ref": "(#[^"]*)"', json.dumps(package())))
    assert used <= named
    assert named - used == set(), "a type that nothing uses"


def test_what_the_provider_takes_is_what_the_schema_says() -> None:
    resources = package()["resources"]
    assert set(resources) == {*TOKENS, MAIL_DOMAIN}
    options = {o.property for s in SERVICES.values() if s.way is not Way.PLUGIN for o in s.options}
    assert set(resources[DNS_RECORDS]["inputProperties"]) == checking._COMMON | options
    assert set(resources[DNS_RECORDS]["requiredInputs"]) == set(checking._REQUIRED)
    assert set(resources[MAILBOXES]["inputProperties"]) == mail.KNOWN
    assert set(resources[HOSTED_MAILBOXES]["inputProperties"]) == hosted.KNOWN
    for token, failures in (
        (MAILBOXES, mail.failures({})),
        (HOSTED_MAILBOXES, hosted.failures({})),
        (DNS_RECORDS, checking.failures({"service": "manual"})),
    ):
        assert {path for path, _ in failures} <= set(resources[token]["requiredInputs"])


def test_what_the_provider_answers_is_what_the_schema_says() -> None:
    resources = package()["resources"]
    target = SERVICES["manual"].target("z.", "z", {})
    states = {
        DNS_RECORDS: State(Inputs(target, {}, DAY), found={}, asked=Asked()).plain(),
        MAILBOXES: mail.MailState(mail.MailInputs(mail.MailTarget("z", "/m"), as_of=DAY)).plain(),
        HOSTED_MAILBOXES: hosted.HostedState(
            hosted.HostedInputs(hosted.HostedTarget("z", "google-workspace", "a@z"), as_of=DAY)
        ).plain(),
    }
    for token, state in states.items():
        outputs = set(resources[token]["properties"]) - set(resources[token]["inputProperties"])
        assert set(state) <= set(resources[token]["properties"])
        assert outputs - set(state) == {UNREAD}
        assert set(resources[token]["required"]) <= set(state) | set(resources[token]["requiredInputs"])


def test_a_new_key_of_a_spec_is_there_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = dict(schema())
    about = "a new one / 新的"
    below = {"type": "object", "properties": {"deep_key": {"type": "boolean", "description": about}}}
    grown = {**whole, "properties": {**whole["properties"], "new_key": {**below, "required": ["deep_key"]}}}
    assert set(spec_types.spec_types()[spec_types.SPEC]["properties"]) == set(whole["properties"])
    monkeypatch.setattr(spec_types, "schema", lambda: grown)
    types = spec_types.spec_types()
    assert types[spec_types.SPEC]["properties"]["new_key"] == {"$ref": "#/types/mailwright:index:SpecNewKey"}
    deep = types["mailwright:index:SpecNewKey"]
    assert deep["properties"]["deep_key"] == {"type": "boolean", "description": "a new one"}
    assert deep["required"] == ["deep_key"]


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_fits_the_types(path: Path) -> None:
    def fits(value: Any, type: dict[str, Any]) -> bool:
        if "oneOf" in type:
            return any(fits(value, one) for one in type["oneOf"])
        if type.get("$ref", "").startswith("#/types/"):
            named = package()["types"][type["$ref"].removeprefix("#/types/")]
            known = named["properties"]
            whole = isinstance(value, dict) and set(named.get("required", ())) <= set(value) <= set(known)
            return whole and all(fits(below, known[name]) for name, below in value.items())
        if type.get("type") == "object":
            return isinstance(value, dict) and all(
                fits(below, type["additionalProperties"]) for below in value.values()
            )
        if type.get("type") == "array":
            return isinstance(value, list) and all(fits(below, type["items"]) for below in value)
        return type.get("$ref") == "pulumi.json#/Any" or not isinstance(value, dict | list)

    spec = yaml.safe_load(path.read_text("utf-8"))
    assert fits(spec, {"$ref": f"#/types/{spec_types.SPEC}"})
    assert not fits({**spec, "no_such_key": 1}, {"$ref": f"#/types/{spec_types.SPEC}"})


def test_credentials_are_configuration_and_never_inputs() -> None:
    variables = package()["config"]["variables"]
    assert set(variables) == set(known()) - {"version", "pluginDownloadURL"}
    for name, body in variables.items():
        secret = f"{name}File" in variables
        assert body.get("secret", False) is secret, name
        assert "defaultInfo" not in body, "an SDK would make an input of it"
    assert "inputProperties" not in package()["provider"]


def test_it_is_in_english_and_everything_is_described() -> None:
    texts = list(_descriptions(package()))
    assert [text for text in texts if CHINESE.search(re.sub("`[^`]*`", "", text))] == []
    for resource in package()["resources"].values():
        for body in (*resource["inputProperties"].values(), *resource["properties"].values()):
            assert body["description"].strip()


def test_the_process_prints_it() -> None:
    command = [sys.executable, "-c", "from mailwright.deploy.plugin import main; main()", "--schema"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert json.loads(ended.stdout) == package()
