"""What the provider sees of other stacks, spoken to over its own protocol: whoever runs it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from mailwright.deploy.tokens import JUDGE
from tests.deploy.test_provider_process import Plugin, inputs, properties
from tests.servers.base import FULL, DnsServer

TYPE = "mailwright:index:DnsRecords"
EXCHANGER = {"10 mx.acme.example."}


def _urn(stack: str, zone: str, project: str = "p") -> str:
    return f"urn:pulumi:{stack}::{project}::{TYPE}::{zone.rstrip('.')}"


def _resource(stack: str, server: DnsServer, zone: str, **more: Any) -> dict[str, Any]:
    given = inputs(server, zone)
    return {"urn": _urn(stack, zone), "type": TYPE, "inputs": given, "outputs": {**given, **more}}


def _pulumis(root: Path, name: str, *resources: dict[str, Any], zipped: bool = False) -> None:
    """A stack as Pulumi's backend of files keeps it."""
    text = json.dumps({"version": 3, "checkpoint": {"stack": name, "latest": {"resources": resources}}})
    file = root / ".pulumi" / "stacks" / "p" / f"{name}.json{'.gz' if zipped else ''}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(text.encode()) if zipped else text.encode())


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plugin]:
    """In a project of its own; nobody has chosen a backend."""
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MAILWRIGHT_LANG", "en")
    monkeypatch.setenv("MAILWRIGHT_ALLOW", "no-mx-left")
    made = Plugin(tmp_path / "stderr", {"tsigSecret": FULL.secret})
    yield made
    made.close()


def _create(plugin: Plugin, stack: str, server: DnsServer, zone: str, *, preview: bool) -> str:
    """What speaks against it; '' where it went well."""
    request = provider_pb2.CreateRequest(
        urn=_urn(stack, zone), properties=properties(inputs(server, zone)), preview=preview
    )
    try:
        plugin.stub.Create(request)
    except grpc.RpcError as error:
        return str(error.details())
    return ""


def _backends(folder: Path) -> dict[str, Path]:
    """Where another stack may be, each chosen in its own way."""
    places = {name: folder / name for name in ("declared", "login", "earlier login")}
    project = "name: p\nruntime: python\nbackend:\n  url: file://./declared\n"
    (folder / "Pulumi.yaml").write_text(project)
    (folder / "home").mkdir()
    credentials = {
        "current": places["login"].as_uri(),
        "accounts": {places[name].as_uri(): {} for name in ("login", "earlier login")},
    }
    (folder / "home" / "credentials.json").write_text(json.dumps(credentials))
    return {**places, "our own": folder / ".mailwright" / "pulumi"}


@pytest.mark.parametrize("place", ["declared", "login", "earlier login", "our own"])
def test_what_another_stack_holds_is_not_taken_over(
    plugin: Plugin, tmp_path: Path, embedded: DnsServer, place: str
) -> None:
    zone, free = embedded.new_zone(), embedded.new_zone()
    _pulumis(_backends(tmp_path)[place], "multi", _resource("multi", embedded, zone), zipped=place == "login")
    for preview in (True, False):
        told = _create(plugin, "second", embedded, zone, preview=preview)
        assert "[held-by-another-stack]" in told and "the stack multi already" in told, told
        assert f"pulumi state delete {_urn('multi', zone)} --stack multi --yes" in told
        # Where Pulumi uses another backend now, the command has to name this one.
        assert ("PULUMI_BACKEND_URL=" in told) == (place != "declared"), told
    assert embedded.texts(zone, "MX") == set()
    assert _create(plugin, "second", embedded, free, preview=False) == ""
    assert embedded.texts(free, "MX") == EXCHANGER


def test_who_comes_while_a_run_is_on_its_way_is_seen_before_the_first_write(
    plugin: Plugin, tmp_path: Path, embedded: DnsServer
) -> None:
    zone, late = embedded.new_zone(), embedded.new_zone()
    root = _backends(tmp_path)["declared"]
    assert _create(plugin, "second", embedded, zone, preview=True) == "", "nobody holds it yet"
    _pulumis(root, "multi", _resource("multi", embedded, zone))
    assert "the stack multi already" in _create(plugin, "second", embedded, zone, preview=False)
    assert embedded.texts(zone, "MX") == set()
    _pulumis(root, "multi", _resource("multi", embedded, late))
    assert _create(plugin, "second", embedded, zone, preview=False) == "", "it was let go of meanwhile"
    assert "[held-by-another-stack]" in _create(plugin, "second", embedded, late, preview=False)


def test_what_waits_for_a_resource_is_forgotten_with_it(
    plugin: Plugin, tmp_path: Path, embedded: DnsServer
) -> None:
    """As the records of a domain wait for its mailboxes: the engine forgets nothing that others need."""
    zone, other = embedded.new_zone(), embedded.new_zone()
    waiting = {**_resource("multi", embedded, other), "dependencies": [_urn("multi", zone)]}
    root = _backends(tmp_path)["declared"]
    _pulumis(root, "multi", _resource("multi", embedded, zone), waiting)
    assert "--yes --target-dependents" in _create(plugin, "second", embedded, zone, preview=True)
    assert "--target-dependents" not in _create(plugin, "second", embedded, other, preview=True)


def test_ones_own_state_is_no_other_stack(plugin: Plugin, tmp_path: Path, embedded: DnsServer) -> None:
    zone = embedded.new_zone()
    _pulumis(_backends(tmp_path)["declared"], "multi", _resource("multi", embedded, zone))
    assert _create(plugin, "multi", embedded, zone, preview=False) == ""


def test_the_embedded_engines_state_is_another_stack(
    plugin: Plugin, tmp_path: Path, embedded: DnsServer
) -> None:
    zone = embedded.new_zone()
    file = tmp_path / ".mailwright" / "state" / "multi.json"
    file.parent.mkdir(parents=True)
    body = {"version": 3, "deployment": {"resources": [_resource("multi", embedded, zone)]}}
    file.write_text(json.dumps(body))
    told = _create(plugin, "multi", embedded, zone, preview=True)
    assert f"mv -n {file} {file}.old" in told, told
    assert "(--engine embedded --stack multi)" in told and "forgets" not in told, told
    # Pasted elsewhere it must not move what has the same name there; and what else goes is said.
    body["deployment"]["resources"].append(_resource("multi", embedded, embedded.new_zone()))
    file.write_text(json.dumps(body))
    told = _create(plugin, "multi", embedded, zone, preview=False)
    assert "(it forgets " in told and "takes them over again" in told, told


@pytest.mark.parametrize("rest", ["", "{", '{"version": 3, "checkpoint": {"latest": {'])
def test_a_state_that_was_cut_off_is_not_passed_over_in_silence(
    plugin: Plugin, tmp_path: Path, embedded: DnsServer, rest: str
) -> None:
    """What it held nobody knows: as after a full disk."""
    zone = embedded.new_zone()
    root = _backends(tmp_path)["declared"]
    _pulumis(root, "multi", _resource("multi", embedded, zone))
    (root / ".pulumi" / "stacks" / "p" / "multi.json").write_text(rest)
    resources = [{**inputs(embedded, zone), "urn": _urn("second", zone)}]
    body = properties({"resources": json.dumps(resources)})
    answer = plugin.stub.Invoke(provider_pb2.InvokeRequest(tok=JUDGE, args=body))
    assert "could not be seen: " in str(answer) and "multi.json" in str(answer), answer


def test_what_another_stack_holds_is_not_taken_away(
    plugin: Plugin, tmp_path: Path, embedded: DnsServer
) -> None:
    """As two stacks of earlier versions may have it."""
    zone = embedded.new_zone("@ 300 MX 10 mx.acme.example.\n")
    held = _resource("multi", embedded, zone)
    root = _backends(tmp_path)["declared"]
    _pulumis(root, "multi", held)
    outputs = properties({**held["outputs"], "applied": held["outputs"]["records"], "retiring": []})
    plugin.stub.Delete(provider_pb2.DeleteRequest(urn=_urn("second", zone), id="x", properties=outputs))
    assert embedded.texts(zone, "MX") == EXCHANGER


def test_what_stood_there_before_wants_a_consent_of_its_own(
    plugin: Plugin, embedded: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = embedded.new_zone("@ 300 MX 10 mx.acme.example.\n")
    request = provider_pb2.CreateRequest(
        urn=_urn("second", zone), properties=properties(inputs(embedded, zone))
    )
    outputs = plugin.stub.Create(request).properties
    delete = provider_pb2.DeleteRequest(urn=_urn("second", zone), id="x", properties=outputs)
    with pytest.raises(grpc.RpcError) as refused:
        plugin.stub.Delete(delete)
    told = str(refused.value.details())
    assert "[found-before-removed]" in told and "MX 10 mx.acme.example." in told, told
    assert embedded.texts(zone, "MX") == EXCHANGER
    monkeypatch.setenv("MAILWRIGHT_ALLOW", "no-mx-left,found-before-removed")
    consented = Plugin(plugin.log.with_name("again"), {"tsigSecret": FULL.secret})
    try:
        consented.stub.Delete(delete)
    finally:
        consented.close()
    assert embedded.texts(zone, "MX") == set()


def test_a_name_that_a_stack_of_the_domain_above_has_stays(
    plugin: Plugin, tmp_path: Path, embedded: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender's SPF at a name that is a domain of its own in the stack that goes."""
    zone = embedded.new_zone()
    domain = "news." + zone.rstrip(".")
    texts = {f"{domain}. TXT": {"ttl": 300, "values": ["v=spf1 -all"]}}
    exchangers = {f"{domain}. MX": {"ttl": 300, "values": ["10 mx.acme.example."]}}
    given = {**inputs(embedded, zone), "domain": domain, "zone": zone, "records": {**texts, **exchangers}}
    request = provider_pb2.CreateRequest(urn=_urn("second", domain), properties=properties(given))
    outputs = plugin.stub.Create(request).properties
    above = {**_resource("multi", embedded, zone), "outputs": {**inputs(embedded, zone), "records": texts}}
    _pulumis(_backends(tmp_path)["declared"], "multi", above)
    plugin.stub.Delete(provider_pb2.DeleteRequest(urn=_urn("second", domain), id="x", properties=outputs))
    assert embedded.texts(f"{domain}.", "MX") == set()
    assert embedded.texts(f"{domain}.", "TXT") == {'"v=spf1 -all"'}
