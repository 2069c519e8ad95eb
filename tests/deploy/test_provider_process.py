"""The provider as a process, spoken to over its own protocol: no ``pulumi`` command is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from mailwright.deploy.properties import wrapped
from tests.servers.base import FORGED, FULL, DnsServer

ROOT = Path(__file__).parent.parent.parent
URN = "urn:pulumi:t::p::mailwright:index:DnsRecords::"
MX = {"ttl": 300, "values": ["10 mx.acme.example."]}


class Plugin:
    """The process and its stub; ``configuration`` is the stack's, as Pulumi hands it to a plugin."""

    def __init__(
        self, log: Path, configuration: dict[str, str] | None = None, engine: str = "127.0.0.1:1"
    ) -> None:
        self.log = log
        self._stderr = log.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "plugin"), engine],
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            cwd=log.parent,
            env={**os.environ, "PULUMI_CONFIG": json.dumps(configuration or {})},
        )
        assert self.process.stdout is not None
        port = int(self.process.stdout.readline())
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self.channel)

    def close(self) -> None:
        self.channel.close()
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._stderr.close()

    def configure(self, **inputs: str) -> provider_pb2.ConfigureResponse:
        """``inputs`` as a state may hold them."""
        args = properties(inputs)
        return self.stub.Configure(provider_pb2.ConfigureRequest(args=args, acceptSecrets=True))

    def create(self, server: DnsServer, zone: str) -> provider_pb2.CreateResponse:
        request = provider_pb2.CreateRequest(urn=URN + zone, properties=properties(inputs(server, zone)))
        return self.stub.Create(request)


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plugin]:
    monkeypatch.delenv("MAILWRIGHT_TSIG_SECRET")
    made = Plugin(tmp_path / "stderr", {"tsigSecret": FULL.secret})
    yield made
    made.close()


@contextmanager
def process(folder: Path, **configuration: str) -> Iterator[Plugin]:
    """A plugin of its own, with another configuration."""
    made = Plugin(folder / "stderr", configuration)
    try:
        made.configure()
        yield made
    finally:
        made.close()


def properties(plain: dict[str, Any]) -> struct_pb2.Struct:
    return PropertyValue.marshal_map(wrapped(plain, {}))


def inputs(server: DnsServer, zone: str, **more: Any) -> dict[str, Any]:
    return {
        "zone": zone,
        "domain": zone.rstrip("."),
        "server": "127.0.0.1",
        "port": server.port,
        "keyName": FULL.name,
        "records": {f"{zone} MX": MX},
        "asOf": "2026-11-23",
        **more,
    }


def test_the_whole_protocol(plugin: Plugin, embedded: DnsServer) -> None:
    zone = embedded.new_zone('@ 300 TXT "somebody else"\n')
    urn = URN + zone.rstrip(".")
    stub = plugin.stub
    assert stub.GetPluginInfo(struct_pb2.Struct()).version
    assert '"mailwright"' in stub.GetSchema(provider_pb2.GetSchemaRequest()).schema
    assert plugin.configure().acceptSecrets

    news = properties(inputs(embedded, zone))
    checked = stub.Check(provider_pb2.CheckRequest(urn=urn, news=news)).inputs
    seen = stub.Create(provider_pb2.CreateRequest(urn=urn, properties=checked, preview=True))
    assert not seen.id
    assert embedded.texts(zone, "MX") == set()
    made = stub.Create(provider_pb2.CreateRequest(urn=urn, properties=checked))
    assert embedded.texts(zone, "MX") == {"10 mx.acme.example."}
    assert FULL.secret not in made.id
    assert FULL.secret not in str(made.properties)

    def diff(olds: struct_pb2.Struct, news: struct_pb2.Struct) -> provider_pb2.DiffResponse:
        return stub.Diff(provider_pb2.DiffRequest(urn=urn, id=made.id, olds=olds, news=news))

    assert diff(made.properties, checked).changes == provider_pb2.DiffResponse.DIFF_NONE
    later = properties(inputs(embedded, zone, asOf="2026-12-01"))
    assert diff(made.properties, later).changes == provider_pb2.DiffResponse.DIFF_NONE

    embedded.drop(zone, "@", "MX")
    read = stub.Read(
        provider_pb2.ReadRequest(urn=urn, id=made.id, properties=made.properties, inputs=checked)
    )
    assert read.id == made.id
    assert not read.inputs["records"].fields
    diff_response = diff(read.properties, checked)
    assert diff_response.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(diff_response.detailedDiff) == [f'records["{zone} MX"]']
    updated = stub.Update(provider_pb2.UpdateRequest(urn=urn, id=made.id, olds=read.properties, news=checked))
    assert embedded.texts(zone, "MX") == {"10 mx.acme.example."}

    gone = provider_pb2.DeleteRequest(urn=urn, id=made.id, properties=updated.properties)
    with pytest.raises(grpc.RpcError) as refused:
        stub.Delete(gone)
    assert "[no-mx-left]" in refused.value.details()
    assert embedded.texts(zone, "MX") == {"10 mx.acme.example."}


def test_reading_needs_the_id_alone(plugin: Plugin, embedded: DnsServer) -> None:
    zone = embedded.new_zone(
        '@ 300 MX 10 mx.acme.example.\n@ 300 TXT "v=spf1 -all"\n@ 300 TXT "somebody else"\n'
    )
    plugin.configure()
    id = f"{zone.rstrip('.')}@{zone.rstrip('.')}@127.0.0.1:{embedded.port}?key={FULL.name}"
    read = plugin.stub.Read(provider_pb2.ReadRequest(urn=URN + "x", id=id))
    assert read.id == id
    assert set(read.inputs["records"].fields) == {f"{zone} MX", f"{zone} TXT"}
    assert "somebody else" not in str(read.inputs)


SECRETS = "urn:pulumi:t::p::pulumi:providers:mailwright::"


def test_no_setting_of_the_stack_becomes_an_input_of_the_provider(plugin: Plugin) -> None:
    news = properties({"specs": "stacks/a.yaml", "tsigSecret": FULL.secret})
    request = provider_pb2.CheckRequest(urn=SECRETS + "default", news=news)
    checked = plugin.stub.CheckConfig(request)
    assert not checked.failures and not checked.inputs.fields
    request = provider_pb2.CheckRequest(urn=SECRETS + "mine", news=news)
    (failure,) = plugin.stub.CheckConfig(request).failures
    assert failure.property == "tsigSecret" and "tsigSecretFile" in failure.reason


def test_a_misspelt_setting_is_an_error_with_the_nearest_name(
    embedded: DnsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(grpc.RpcError) as wrong, process(tmp_path, spec="stacks/a.yaml"):
        pass
    assert "Did you mean mailwright:specs?" in wrong.value.details()
    with process(tmp_path, specs="stacks/a.yaml", tsigSecretFile="key"):
        pass
    monkeypatch.setenv("MAILWRIGHT_ALLOW", "no-mx-left,mx-chnaged")
    with process(tmp_path) as plugin, pytest.raises(grpc.RpcError) as slip:
        plugin.create(embedded, embedded.new_zone())
    assert "mx-chnaged is not a rule" in slip.value.details() and "mean mx-changed?" in slip.value.details()


def test_a_secret_of_the_state_has_no_effect(
    embedded: DnsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAILWRIGHT_TSIG_SECRET")
    zone = embedded.new_zone()
    with process(tmp_path) as plugin:
        plugin.configure(tsigSecret=FULL.secret)
        with pytest.raises(grpc.RpcError) as missing:
            plugin.create(embedded, zone)
    assert "no secret for the TSIG key" in missing.value.details()
    assert embedded.texts(zone, "MX") == set()


def test_where_a_secret_is_looked_for(
    embedded: DnsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment, then the file, then configuration; a file that cannot be read is not passed over."""
    monkeypatch.delenv("MAILWRIGHT_TSIG_SECRET")
    key = tmp_path / "key"

    def outcome(**configuration: str) -> str:
        with process(tmp_path, **configuration) as plugin:
            try:
                plugin.create(embedded, embedded.new_zone())
            except grpc.RpcError as error:
                return str(error.details())
        return "done"

    key.write_text(FULL.secret + "\n")
    assert outcome(tsigSecret=FULL.secret) == "done"
    assert outcome(tsigSecret=FORGED.secret, tsigSecretFile="key") == "done"
    assert "BADSIG" in outcome(tsigSecret=FORGED.secret)
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FORGED.secret)
    assert "BADSIG" in outcome(tsigSecretFile=str(key))
    monkeypatch.delenv("MAILWRIGHT_TSIG_SECRET")
    key.write_text("\n")
    assert "that is empty" in outcome(tsigSecret=FULL.secret, tsigSecretFile=str(key))
    key.unlink()
    assert "No such file" in outcome(tsigSecret=FULL.secret, tsigSecretFile=str(key))


def test_a_secret_is_never_shown(
    embedded: DnsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAILWRIGHT_TSIG_SECRET")
    zone = embedded.new_zone()
    with process(tmp_path, tsigSecret=FORGED.secret) as plugin, pytest.raises(grpc.RpcError) as wrong:
        plugin.create(embedded, zone)
    assert FORGED.secret not in wrong.value.details()
    assert FORGED.secret not in plugin.log.read_text()


def test_an_error_is_one_text_without_a_traceback(
    embedded: DnsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAILWRIGHT_TSIG_SECRET")
    zone = embedded.new_zone()
    with process(tmp_path) as plugin, pytest.raises(grpc.RpcError) as missing:
        plugin.create(embedded, zone)
    details = missing.value.details()
    assert "MAILWRIGHT_TSIG_SECRET" in details
    for noise in ("Traceback", 'File "', "Unexpected", "<class"):
        assert noise not in details
    assert "Traceback" not in plugin.log.read_text()


def test_what_was_secret_stays_so(plugin: Plugin, embedded: DnsServer) -> None:
    zone = embedded.new_zone()
    plugin.configure()
    given = wrapped(inputs(embedded, zone), {})
    given["records"] = given["records"].with_secret(True)
    news = PropertyValue.marshal_map(given)
    checked = plugin.stub.Check(provider_pb2.CheckRequest(urn=URN + zone, news=news)).inputs
    made = plugin.stub.Create(provider_pb2.CreateRequest(urn=URN + zone, properties=checked))
    for each in (checked, made.properties):
        assert PropertyValue.unmarshal_map(each)["records"].is_secret
    assert PropertyValue.unmarshal_map(made.properties)["applied"].is_secret


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"port": 0}, "port"),
        ({"port": "53"}, "port"),
        ({"asOf": "tomorrow"}, "asOf"),
        ({"secret": "x"}, "secret"),
        ({"domain": "elsewhere.example"}, "domain"),
        ({"records": {"www.other.example. MX": MX}}, 'records["www.other.example. MX"]'),
        ({"records": {"z.example. NS": MX}}, 'records["z.example. NS"]'),
        ({"allow": [{"rule": "mx-changed"}]}, "allow"),
    ],
)
def test_wrong_inputs_are_named(plugin: Plugin, change: dict[str, Any], path: str) -> None:
    given = {"zone": "z.example.", "domain": "z.example", "server": "127.0.0.1", "asOf": "2026-11-23"}
    news = properties({**given, "records": {}, **change})
    failures = plugin.stub.Check(provider_pb2.CheckRequest(urn=URN, news=news)).failures
    assert path in {failure.property for failure in failures}


@pytest.mark.parametrize(
    ("type", "change", "path", "words"),
    [
        ("index:DnsRecords", {"port": 0}, "port", "必须是 1 到 65535 之间的整数"),
        ("index:DnsRecords", {"asOf": "tomorrow"}, "asOf", "必须是日期，例如 2026-12-24"),
        ("index:DnsRecords", {"domain": "elsewhere.example"}, "domain", "必须是区域 z.example. 或其下的名称"),
        ("index:DnsRecords", {"records": {"z.example. MX": {}}}, 'records["z.example. MX"]', "{ttl, values}"),
        ("mail:Mailboxes", {"folder": "here"}, "folder", "必须是绝对路径"),
        ("mail:Mailboxes", {"maps": {"aliases x": "y"}}, 'maps["aliases x"]', "表为以下之一"),
    ],
)
def test_wrong_inputs_are_said_in_chinese(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, type: str, change: dict[str, Any], path: str, words: str
) -> None:
    """What `pulumi up` prints of a program's own mistake is in the language of the run."""
    monkeypatch.setenv("MAILWRIGHT_LANG", "zh")
    given = {"domain": "z.example", "asOf": "2026-11-23"}
    dns = {"zone": "z.example.", "server": "127.0.0.1", "records": {}}
    given |= dns if type.startswith("index") else {"folder": "/x"}
    urn = f"urn:pulumi:t::mailwright::mailwright:{type}::z.example"
    with process(tmp_path) as plugin:
        news = properties({**given, **change})
        failures = plugin.stub.Check(provider_pb2.CheckRequest(urn=urn, news=news)).failures
    assert [words in failure.reason for failure in failures if failure.property == path] == [True], failures
