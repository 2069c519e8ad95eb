"""What a program tells the provider's process, and that it remembers nothing else: over its own protocol."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.proto import provider_pb2, status_pb2

from mailwright.deploy.properties import plain
from tests.deploy.test_provider_process import Plugin, inputs, process, properties
from tests.deploy.worlds import DOWN
from tests.servers.base import FORGED, FULL, DnsServer, free_port

URN = "urn:pulumi:t::p::mailwright:index:MailDomain$mailwright:index:DnsRecords::"
MX = {"10 mx.acme.example."}


class Records:
    """One resource, as an engine keeps it between processes."""

    def __init__(self, server: DnsServer) -> None:
        self.zone = server.new_zone('@ 300 TXT "somebody else"\n')
        self.urn = URN + self.zone.rstrip(".")
        self.inputs = inputs(server, self.zone)
        self.outputs = struct_pb2.Struct()
        self.id = ""

    def create(self, plugin: Plugin) -> None:
        news = properties(self.inputs)
        made = plugin.stub.Create(provider_pb2.CreateRequest(urn=self.urn, properties=news))
        self.id, self.outputs = made.id, made.properties

    def judge(self, plugin: Plugin, **more: Any) -> list[dict[str, Any]]:
        """Asked with the state, as our program asks."""
        held = [[self.urn, plain(PropertyValue.unmarshal_map(self.outputs))]] if self.id else []
        args = {"resources": [{**self.inputs, "urn": self.urn}], "held": held, **more}
        return _invoke(plugin, "mailwright:index:judge", **args)["problems"]

    def delete(self, plugin: Plugin) -> str:
        """'' where it was deleted, else what was refused."""
        request = provider_pb2.DeleteRequest(urn=self.urn, id=self.id, properties=self.outputs)
        try:
            plugin.stub.Delete(request)
        except grpc.RpcError as error:
            return str(error.details())
        return ""

    def read(self, plugin: Plugin) -> provider_pb2.ReadResponse:
        request = provider_pb2.ReadRequest(
            urn=self.urn, id=self.id, properties=self.outputs, inputs=properties(self.inputs)
        )
        return plugin.stub.Read(request)


def _invoke(plugin: Plugin, function: str, **args: object) -> Any:
    body = properties({name: json.dumps(value) for name, value in args.items()})
    answer = plugin.stub.Invoke(provider_pb2.InvokeRequest(tok=function, args=body))
    return plain(PropertyValue.unmarshal_map(getattr(answer, "return")))


@pytest.fixture(autouse=True)
def _no_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILWRIGHT_REFUSALS", raising=False)


def test_a_fresh_process_judges_the_world_and_the_state_it_is_given(
    embedded: DnsServer, tmp_path: Path
) -> None:
    records = Records(embedded)
    with process(tmp_path) as plugin:
        records.create(plugin)
    embedded.drop(records.zone, "@", "MX")
    embedded.put(records.zone, "@ 300 MX 10 mx.somebody.example.\n@ 300 MX 10 mx.acme.example.\n")
    with process(tmp_path) as plugin:
        assert records.judge(plugin) == [], "putting ours back is a repair, though nobody refreshed here"
    with process(tmp_path) as plugin:
        (problem,) = records.judge(plugin, held=[])
        assert problem["rules"] == ["mx-changed"]
    with process(tmp_path) as plugin:
        (problem,) = records.judge(plugin, resources=[], consents={})
        assert problem["leaving"] and problem["rules"] == ["mx-changed"]
        assert "MAILWRIGHT_ALLOW=mx-changed pulumi up" in problem["text"]


def test_consent_is_what_this_process_was_told(
    embedded: DnsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = Records(embedded)
    consents = [{"rule": rule, "until": "2026-11-23", "why": ""} for rule in DOWN.split(",")]
    with process(tmp_path) as plugin:
        assert records.judge(plugin, consents={records.urn: consents}) == []
        records.create(plugin)
    kept = PropertyValue.unmarshal_map(records.outputs)
    kept["allow"] = PropertyValue([PropertyValue({"rule": PropertyValue("no-mx-left")})])
    records.outputs = PropertyValue.marshal_map(kept)
    with process(tmp_path) as plugin:
        told = records.delete(plugin)
        assert "MAILWRIGHT_ALLOW=no-mx-left pulumi destroy" in told and "--allow" not in told
        assert embedded.texts(records.zone, "MX") == MX
        late = [{**consent, "until": "2026-11-22"} for consent in consents]
        records.judge(plugin, consents={records.urn: late, URN + "other.example": consents})
        assert "[no-mx-left]" in records.delete(plugin)
        records.judge(plugin, consents={records.urn: consents})
        assert records.delete(plugin) == ""
    assert embedded.texts(records.zone, "MX") == set()
    monkeypatch.setenv("MAILWRIGHT_ALLOW", DOWN)
    with process(tmp_path) as plugin:
        records.create(plugin)
    with process(tmp_path) as plugin:
        assert records.delete(plugin) == ""


def test_what_is_left_stays_as_the_state_has_it(embedded: DnsServer, tmp_path: Path) -> None:
    records = Records(embedded)
    with process(tmp_path) as plugin:
        records.create(plugin)
        _invoke(plugin, "mailwright:index:leave", resources=[records.urn])
        olds = properties({**records.inputs, "allow": []})
        news = properties({**records.inputs, "records": {}, "port": 1})
        checked = plugin.stub.Check(provider_pb2.CheckRequest(urn=records.urn, olds=olds, news=news))
        assert checked.inputs == properties(records.inputs)
        told = plugin.stub.Diff(
            provider_pb2.DiffRequest(urn=records.urn, id=records.id, olds=records.outputs, news=news)
        )
        assert told.changes == provider_pb2.DiffResponse.DIFF_NONE
        request = provider_pb2.UpdateRequest(
            urn=records.urn, id=records.id, olds=records.outputs, news=checked.inputs
        )
        assert plugin.stub.Update(request).properties == records.outputs
    assert embedded.texts(records.zone, "MX") == MX


def test_a_silent_host_is_neither_gone_nor_unchanged(embedded: DnsServer, tmp_path: Path) -> None:
    records = Records(embedded)
    with process(tmp_path) as plugin:
        records.create(plugin)
    with process(tmp_path) as plugin:
        port = free_port()
        moved = PropertyValue.unmarshal_map(records.outputs)
        moved["port"] = PropertyValue(float(port))
        records.outputs = PropertyValue.marshal_map(moved)
        with pytest.raises(grpc.RpcError) as silent:
            records.read(plugin)
    details = dict(silent.value.trailing_metadata())["grpc-status-details-bin"]
    failed = provider_pb2.ErrorResourceInitFailed()
    assert status_pb2.Status.FromString(details).details[0].Unpack(failed)
    kept = plain(PropertyValue.unmarshal_map(failed.properties))
    assert "connection refused" in kept.pop("unread") and "connection refused" in failed.reasons[0]
    assert kept == plain(PropertyValue.unmarshal_map(records.outputs))
    assert failed.inputs == properties(records.inputs)
    with process(tmp_path) as plugin:
        told = plugin.stub.Diff(
            provider_pb2.DiffRequest(
                urn=records.urn, id=records.id, olds=failed.properties, news=failed.inputs
            )
        )
    assert told.changes == provider_pb2.DiffResponse.DIFF_SOME


def test_a_refused_key_ends_the_run(
    embedded: DnsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = Records(embedded)
    with process(tmp_path) as plugin:
        records.create(plugin)
    monkeypatch.setenv("MAILWRIGHT_TSIG_SECRET", FORGED.secret)
    with process(tmp_path) as plugin, pytest.raises(grpc.RpcError) as wrong:
        records.read(plugin)
    assert "BADSIG" in wrong.value.details()
    assert "grpc-status-details-bin" not in dict(wrong.value.trailing_metadata() or ())
    assert FULL.secret not in wrong.value.details()
