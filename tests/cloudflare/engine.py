"""Pulumi's engine in little, over its own mocks: enough to run our program on the stand-in, often.

It keeps a state between runs, adopts by ``import``, updates in place, deletes at the end what the
program no longer registers, and refuses to delete what the state protects: as Pulumi does
(checked with the real one in ``test_plugin.py``).
"""

from __future__ import annotations

import asyncio
import contextvars
import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import mocks, rpc
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_pulumi_func

from mailwright.deploy.mail import values as mail
from mailwright.deploy.mail.hosted import values as hosted
from mailwright.deploy.program import main
from mailwright.deploy.tokens import JUDGE, MAIL_DOMAIN, RECORD
from tests.cloudflare import routing
from tests.cloudflare.api import TOKEN, Account, ApiError

_ID = "::"


@dataclass
class Resource:
    """One resource of the state."""

    urn: str
    type: str
    id: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    protect: bool = False
    retain: bool = False
    trigger: Any = None


@dataclass
class Outcome:
    """What one run did: steps as (what, resource name), problems, stack outputs; URNs that come first."""

    steps: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    first: dict[str, set[str]] = field(default_factory=dict)

    def names(self, what: str) -> list[str]:
        """The resources that had this step."""
        return sorted(name for did, name in self.steps if did == what)


@dataclass
class Engine:
    """One stack; ``up`` may be called as often as one likes."""

    account: Account
    patch: pytest.MonkeyPatch
    state: dict[str, Resource] = field(default_factory=dict)

    def up(self, *specs: Path, allow: str = "", day: str = "2026-11-23", preview: bool = False) -> Outcome:
        """Refresh, run the program, delete what vanished; a preview changes nothing."""
        self.patch.setenv("MAILWRIGHT_SPECS", ",".join(map(str, specs)))
        self.patch.setenv("MAILWRIGHT_ALLOW", allow)
        self.patch.setenv("MAILWRIGHT_AS_OF", day)
        self.patch.setenv("CLOUDFLARE_API_TOKEN", TOKEN)
        kept = (copy.deepcopy(self.account), copy.deepcopy(self.state))
        self._refresh()
        run = _Run(self, Outcome())
        contextvars.Context().run(run.program, preview)
        if not run.outcome.problems:
            run.delete_vanished()
        if preview:
            self.account.__dict__.update(kept[0].__dict__)
            self.state = kept[1]
        return run.outcome

    def _refresh(self) -> None:
        for urn, resource in list(self.state.items()):
            if resource.type.startswith(routing.PREFIX):
                self._refresh_routing(urn, resource)
            if resource.type != RECORD:
                continue
            zone = resource.inputs["zoneId"]
            if resource.id not in self.account.records[zone]:
                del self.state[urn]
            else:
                resource.outputs = dict(self.account.one(zone, resource.id))

    def _refresh_routing(self, urn: str, resource: Resource) -> None:
        try:
            found = routing.live(
                self.account, kind_of(resource.type), resource.inputs.get("zoneId", ""), resource.id
            )
        except KeyError:
            del self.state[urn]
        else:
            resource.outputs |= found


def kind_of(type: str) -> str:
    """Settings, Dns, Address, Rule or CatchAll."""
    return type.rpartition(":EmailRouting")[2]


class _Run(mocks.MockMonitor):
    def __init__(self, engine: Engine, outcome: Outcome) -> None:
        super().__init__(_NoMocks())
        self.engine, self.outcome = engine, outcome
        self.seen: set[str] = set()

    def program(self, preview: bool) -> None:
        """Run our program in a loop of its own, as the CLI's language host does."""
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda _loop, _context: None)
        asyncio.set_event_loop(loop)
        try:
            mocks.set_mocks(_NoMocks(), project="mailwright", stack="t", preview=preview, monitor=self)
            pulumi.runtime.set_all_config({})

            async def run() -> None:
                main()

            loop.run_until_complete(run_pulumi_func(run))
            root = pulumi.runtime.get_root_resource()
            self.outcome.outputs = dict(getattr(root, "outputs", {}))
        except pulumi.RunError as error:
            self.outcome.problems.append(str(error))
        except Exception as error:
            if not self.outcome.problems:
                self.outcome.problems.append(f"{type(error).__name__}: {error}")
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            asyncio.set_event_loop(None)
            loop.close()

    def delete_vanished(self) -> None:
        """After everything else; nothing at all where one of them is protected."""
        going = [resource for urn, resource in self.engine.state.items() if urn not in self.seen]
        held = [resource.urn for resource in going if resource.protect]
        if held:
            self.outcome.problems += [f"{urn} cannot be deleted: it is protected" for urn in held]
            return
        for each in going:
            if each.type == RECORD:
                self.engine.account.delete(each.inputs["zoneId"], each.id)
                self.outcome.steps.append(("delete", each.urn.rpartition(_ID)[2]))
            elif each.type.startswith(routing.PREFIX):
                if not each.retain:
                    routing.remove(self.engine.account, kind_of(each.type), each.inputs["zoneId"], each.id)
                self.outcome.steps.append(("delete", each.urn.rpartition(_ID)[2]))
            del self.engine.state[each.urn]

    # -- the protocol -------------------------------------------------------------------------------

    def RegisterResource(self, request: Any) -> Any:
        """Components are kept, records are carried out."""
        parent = request.parent.rpartition(_ID)[0].rpartition(_ID)[2] if request.parent else ""
        chain = "" if not parent or parent.startswith("pulumi:pulumi:Stack") else f"{parent}$"
        urn = f"urn:pulumi:t::mailwright::{chain}{request.type}::{request.name}"
        self.seen.add(urn)
        self.outcome.first[request.name] = set(request.dependencies)
        inputs = rpc.deserialize_properties(request.object)
        if request.type.startswith(routing.PREFIX):
            return self._routing(urn, request, inputs)
        if request.type != RECORD:
            self.engine.state.setdefault(urn, Resource(urn, request.type)).inputs = inputs
            return resource_pb2.RegisterResourceResponse(urn=urn, id="", object=request.object)
        try:
            resource = self._record(urn, request, inputs)
        except ApiError as error:
            self.outcome.problems.append(f"{request.name}: {error.code} {error.message}")
            return resource_pb2.RegisterResourceResponse(urn=urn, id="", object=request.object)
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=resource.id, object=_struct(resource.outputs)
        )

    def _record(self, urn: str, request: Any, inputs: dict[str, Any]) -> Resource:
        account, zone = self.engine.account, inputs["zoneId"]
        body = _api(inputs)
        old = self.engine.state.get(urn)
        resource = Resource(urn, RECORD, inputs=inputs, protect=request.protect)
        if old is None and request.importId:
            self._same_or_ignored(account.one(zone, request.importId.rpartition("/")[2]), body, request)
            resource.id, step = request.importId.rpartition("/")[2], "import"
        elif old is None:
            resource.id, step = str(account.create(zone, body)["id"]), "create"
        elif old.inputs["type"] != inputs["type"]:
            if not request.deleteBeforeReplace or (old.protect and request.protect):
                raise ApiError(0, 0, "replaced in the wrong order, or protected")
            account.delete(zone, old.id)
            resource.id, step = str(account.create(zone, body)["id"]), "replace"
        else:
            live = account.one(zone, old.id)
            resource.id = old.id
            step = "same" if all(live.get(part) == each for part, each in body.items()) else "update"
            if step == "update":
                account.update(zone, old.id, body)
        resource.outputs = dict(account.one(zone, resource.id))
        self.engine.state[urn] = resource
        self.outcome.steps.append((step, request.name))
        return resource

    def _routing(self, urn: str, request: Any, inputs: dict[str, Any]) -> Any:
        """Email Routing: adopted, made, updated, or the same in what the program wrote."""
        account, kind, zone = self.engine.account, kind_of(request.type), inputs.get("zoneId", "")
        old = self.engine.state.get(urn)
        resource = Resource(urn, request.type, inputs=inputs, protect=request.protect)
        resource.retain, resource.trigger = request.retainOnDelete, _trigger(request)
        body = {name: each for name, each in inputs.items() if name not in ("zoneId", "accountId")}
        try:
            if old is None and request.importId:
                resource.id, step = request.importId.rpartition("/")[2], "import"
                resource.outputs = dict(routing.live(account, kind, zone, resource.id))
                if kind in ("Rule", "CatchAll"):
                    self._same_or_ignored(resource.outputs, body, request)
            elif old is not None and old.trigger != resource.trigger:
                if old.protect and resource.protect:
                    raise ApiError(0, 0, "unable to replace: it is protected")
                resource.id, resource.outputs = routing.carry_out(account, kind, inputs, None)
                step = "replace"
                if not old.retain:
                    routing.remove(account, kind, zone, old.id)
            elif old is not None and old.inputs == inputs and _has(old.outputs, body):
                resource.id, resource.outputs, step = old.id, old.outputs, "same"
            else:
                step = "update" if old else "create"
                resource.id, resource.outputs = routing.carry_out(
                    account, kind, inputs, old.id if old else None
                )
        except ApiError as error:
            self.outcome.problems.append(f"{request.name}: {error.code} {error.message}")
            return resource_pb2.RegisterResourceResponse(urn=urn, id="", object=request.object)
        resource.outputs = {**body, **resource.outputs, "zoneId": zone}
        self.engine.state[urn] = resource
        self.outcome.steps.append((step, request.name))
        plain = {name: each for name, each in resource.outputs.items() if each is not None}
        return resource_pb2.RegisterResourceResponse(urn=urn, id=resource.id, object=_struct(plain))

    @staticmethod
    def _same_or_ignored(live: dict[str, Any], body: dict[str, Any], request: Any) -> None:
        ignored = set(request.ignoreChanges)
        different = [part for part, each in body.items() if live.get(part) != each and part not in ignored]
        if different:
            raise ApiError(0, 0, f"inputs to import do not match the existing resource: {different}")

    def RegisterResourceOutputs(self, request: Any) -> Any:
        """What a component says of itself stays in the state."""
        resource = self.engine.state.get(request.urn)
        if resource and resource.type == MAIL_DOMAIN:
            resource.outputs = rpc.deserialize_properties(request.outputs)
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:
        """The functions that the program asks."""
        args = rpc.deserialize_properties(request.args)
        fields: dict[str, Any] = {"return": _struct(self._invoked(request.tok, args))}
        return resource_pb2.ResourceInvokeResponse(**fields)

    def _invoked(self, token: str, args: dict[str, Any]) -> dict[str, Any]:
        account = self.engine.account
        if token in (JUDGE, mail.JUDGE, hosted.JUDGE):
            return {"problems": []}  # nothing of our own plugin is in these stacks
        if token == "pulumi:pulumi:readStackResourceOutputs":
            shown = {
                urn: {
                    "type": resource.type,
                    "outputs": {**resource.outputs, **({"id": resource.id} if resource.id else {})},
                }
                for urn, resource in self.engine.state.items()
            }
            return {"name": args["stackName"], "outputs": shown}
        if token == "cloudflare:index/getZones:getZones":
            found = [{"id": id, "name": name} for id, name in account.zones.items() if name == args["name"]]
            return {"results": found}
        if token == "cloudflare:index/getZone:getZone":
            name = account.zones[args["zoneId"]]
            owner = {"id": routing.ACCOUNT, "name": "acme"}
            return {"id": args["zoneId"], "zoneId": args["zoneId"], "name": name, "account": owner}
        if (said := routing.invoked(account, token, args)) is not None:
            return said
        assert token == "cloudflare:index/getDnsRecords:getDnsRecords", token
        return {"results": [_shown(each) for each in account.records[args["zoneId"]].values()]}


class _NoMocks(mocks.Mocks):
    """Never reached: the monitor answers everything itself."""

    def call(self, args: mocks.MockCallArgs) -> Any:
        raise AssertionError(args.token)

    def new_resource(self, args: mocks.MockResourceArgs) -> Any:
        raise AssertionError(args.typ)


def _trigger(request: Any) -> Any:
    """What a replacement hangs on; None for nothing."""
    return request.replacement_trigger.string_value if request.HasField("replacement_trigger") else None


def _has(outputs: dict[str, Any], body: dict[str, Any]) -> bool:
    """Whether what is live is what the program writes."""
    return all(name not in outputs or outputs[name] == each for name, each in body.items())


def _struct(body: dict[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(body)
    return struct


_PARTS = {"matchingType": "matching_type"}


def _api(inputs: dict[str, Any]) -> dict[str, Any]:
    """A resource's inputs as the API's body."""
    body = {name: _whole(each) for name, each in inputs.items() if name != "zoneId"}
    if "data" in body:
        body["data"] = {_PARTS.get(name, name): _whole(each) for name, each in body["data"].items()}
    return body


def _shown(body: dict[str, Any]) -> dict[str, Any]:
    """A record as ``get_dns_records`` shows it."""
    made = dict(body)
    if "data" in made:
        back = {value: name for name, value in _PARTS.items()}
        made["data"] = {back.get(name, name): each for name, each in made["data"].items()}
    return made


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
