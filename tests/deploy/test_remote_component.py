"""``MailDomain`` over the provider's own protocol: what programs in any language declare by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.proto import provider_pb2
from pulumi.runtime.rpc import UNKNOWN

from mailwright.deploy.properties import plain, wrapped
from mailwright.deploy.tokens import DNS_RECORDS, JUDGE, MAIL_DOMAIN, MAILBOXES
from tests.deploy.monitors import Monitor, monitor
from tests.deploy.test_provider_process import Plugin

SPEC: dict[str, Any] = {
    "version": 1,
    "domain": "acme.example",
    "timezone": "Asia/Shanghai",
    "mail_host": {"service": "tencent-exmail"},
    "dns_hosts": [{"service": "rfc2136", "server": "192.0.2.53", "port": 5353, "key_name": "k"}],
    "contact": "wang@acme.example",
    "ttl": 600,
}

#: How the wire marks an output, see ``pulumi.runtime.rpc``.
SIGNATURE, OUTPUT = "4dabf18193072939515e22adb298388d", "d0e6a833031e9bbcd3f4e8bde6ca49a4"


class Remote:
    """A plugin and a monitor that it registers with."""

    def __init__(self, plugin: Plugin, monitor: Monitor, address: str) -> None:
        self.plugin, self.monitor, self.address = plugin, monitor, address

    def construct(self, **inputs: Any) -> provider_pb2.ConstructResponse:
        return self.constructed(wrapped(inputs, {}))

    def constructed(
        self, inputs: dict[str, PropertyValue], type: str = MAIL_DOMAIN
    ) -> provider_pb2.ConstructResponse:
        return self.sent(PropertyValue.marshal_map(inputs), type)

    def sent(
        self, inputs: struct_pb2.Struct, type: str = MAIL_DOMAIN, dry: bool = False
    ) -> provider_pb2.ConstructResponse:
        request = provider_pb2.ConstructRequest(
            project="p",
            stack="t",
            type=type,
            name="mail",
            inputs=inputs,
            monitorEndpoint=self.address,
            dryRun=dry,
        )
        return self.plugin.stub.Construct(request, timeout=30)

    def refusal(self, **inputs: Any) -> str:
        with pytest.raises(grpc.RpcError) as refused:
            self.construct(**inputs)
        assert not self.monitor.requests, "nothing is registered"
        return str(refused.value.details())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    with monitor() as (servicer, address), pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAILWRIGHT_AS_OF", "2026-11-23")
        patch.setenv("MAILWRIGHT_LANG", "en")
        plugin = Plugin(tmp_path_factory.mktemp("plugin") / "stderr", engine=address)
        yield Remote(plugin, servicer, address)
        plugin.close()


@pytest.fixture
def remote(running: Remote) -> Remote:
    running.monitor.forget()
    return running


def test_an_object_a_text_and_a_path_declare_the_same(remote: Remote, tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(json.dumps(SPEC))
    forms = (SPEC, json.dumps(SPEC, indent=2), json.dumps(SPEC), str(path))
    answers = [remote.construct(spec=spec) for spec in forms]
    first, *others = remote.monitor.registered(DNS_RECORDS)
    assert first["records"]["acme.example. MX"] == {
        "ttl": 600,
        "values": ["10 mxbiz2.qq.com.", "5 mxbiz1.qq.com."],
    }
    assert (first["server"], first["port"], first["asOf"]) == ("192.0.2.53", 5353, "2026-11-23")
    assert len(others) == 3 and all(other == first for other in others)
    for answer in answers:
        assert answer.urn.endswith(f"{MAIL_DOMAIN}::mail")
        state = plain(PropertyValue.unmarshal_map(answer.state))
        assert state["domains"] == ["acme.example"]
        assert "5 mxbiz1.qq.com." in state["records"]["acme.example"]["acme.example. MX"]


def test_consents_are_told_before_anything_is_written(remote: Remote) -> None:
    consent = [{"rule": "mx-changed", "until": "2026-12-24", "why": "a move"}]
    remote.construct(spec={**SPEC, "allow": consent})
    names = [kind for kind, _, _ in remote.monitor.calls]
    assert names.index(JUDGE) < names.index(DNS_RECORDS)
    told = json.loads(next(args["consents"] for kind, _, args in remote.monitor.calls if kind == JUDGE))
    assert [rows[0]["rule"] for rows in told.values()] == ["mx-changed"]
    (urn,) = told
    assert urn == f"urn:pulumi:t::p::{MAIL_DOMAIN}${DNS_RECORDS}::acme.example"


def test_mailboxes_come_before_the_records(remote: Remote, tmp_path: Path) -> None:
    host = {"service": "self-hosted", "mx": ["10 mail.acme.example"], "maps": {"folder": str(tmp_path)}}
    people = {"wang": {"name": "Wang"}}
    remote.construct(spec={**SPEC, "mail_host": host, "people": people})
    (records,) = [one for one in remote.monitor.requests if one.type == DNS_RECORDS]
    (boxes,) = [one for one in remote.monitor.requests if one.type == MAILBOXES]
    assert any(MAILBOXES in urn for urn in records.dependencies)
    assert boxes.parent == records.parent != ""


def test_every_error_at_once_and_nothing_registered(remote: Remote) -> None:
    wrong = {**SPEC, "mail_host": {"service": "tencent-exmial"}, "adresses": {}}
    text = remote.refusal(spec=wrong)
    assert "mail_host.service: [" in text and "adresses: [" in text
    assert "Did you mean addresses?" in text
    assert "Traceback" not in text and 'File "' not in text
    assert "mail.yaml:2" in remote.refusal(spec="version: 1\ndomian: acme.example\n")
    assert "MailDomain takes spec and asOf" in remote.refusal(spec=SPEC, specs="a")
    assert "spec must be given" in remote.refusal()
    assert "must be a date" in remote.refusal(spec=SPEC, asOf="tomorrow")
    assert "there-is-none.yaml" in remote.refusal(spec="there-is-none.yaml")
    elsewhere = remote.refusal(spec={**SPEC, "dns_hosts": [{"service": "cloudflare"}]})
    assert "another Pulumi provider" in elsewhere


def test_what_is_secret_in_a_spec_is_so_in_what_is_made_of_it(remote: Remote) -> None:
    inputs = wrapped({"spec": {**SPEC, "verification": [{"value": "token=from-elsewhere"}]}}, {})
    hidden = {"spec": inputs["spec"].with_secret(True).with_dependencies({"urn:pulumi:t::p::a:b:C::site"})}
    answer = remote.constructed(hidden)
    (records,) = [one for one in remote.monitor.requests if one.type == DNS_RECORDS]
    assert PropertyValue.unmarshal_map(records.object)["records"].is_secret
    assert PropertyValue.unmarshal_map(answer.state)["records"].is_secret
    (component,) = [one for one in remote.monitor.requests if one.type == MAIL_DOMAIN]
    assert "urn:pulumi:t::p::a:b:C::site" in component.dependencies


@pytest.mark.parametrize("value", ["text", "output"])
def test_a_spec_that_is_not_known_yet_is_said(remote: Remote, value: str) -> None:
    """An address of a server that is made in the same run, in both forms that the wire has for it."""
    inputs = PropertyValue.marshal_map(wrapped({"spec": {**SPEC, "spf": {"ip4": [UNKNOWN]}}}, {}))
    if value == "output":
        address = inputs["spec"]["spf"]["ip4"].values[0]
        address.struct_value.update({SIGNATURE: OUTPUT, "dependencies": ["urn:pulumi:t::p::a:b:C::server"]})
    remote.sent(inputs, dry=True)
    assert [one.type for one in remote.monitor.requests] == [MAIL_DOMAIN]
    assert any("known only once" in text for kind, text, _ in remote.monitor.calls if kind == "log")


def test_an_output_that_is_known_is_its_value(remote: Remote) -> None:
    inputs = PropertyValue.marshal_map(wrapped({"spec": {**SPEC, "spf": {"ip4": ["x"]}}}, {}))
    address = inputs["spec"]["spf"]["ip4"].values[0]
    address.struct_value.update({SIGNATURE: OUTPUT, "value": "192.0.2.7"})
    remote.sent(inputs)
    (records,) = remote.monitor.registered(DNS_RECORDS)
    assert "ip4:192.0.2.7" in str(records["records"]["acme.example. TXT"])


def test_another_type_is_none(remote: Remote) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        remote.constructed({}, type="mailwright:index:Other")
    assert "mailwright:index:Other" in refused.value.details()
