"""A resource monitor of the tests: what a provider declares in ``Construct``, without ``pulumi``."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, resource_pb2, resource_pb2_grpc

from mailwright.deploy.properties import plain


class Monitor(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """Writes down, in their order, what is registered and which functions are called."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.requests: list[resource_pb2.RegisterResourceRequest] = []

    def forget(self) -> None:
        self.calls.clear()
        self.requests.clear()

    def registered(self, type: str) -> list[dict[str, Any]]:
        return [inputs for kind, _, inputs in self.calls if kind == type]

    def SupportsFeature(self, request: Any, context: Any) -> Any:
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in ("secrets", "outputValues"))

    def RegisterResource(self, request: Any, context: Any) -> Any:
        inputs = plain(PropertyValue.unmarshal_map(request.object))
        self.calls.append((request.type, request.name, inputs))
        self.requests.append(request)
        parent = request.parent.split("::")[2] + "$" if request.parent else ""
        urn = f"urn:pulumi:t::p::{parent}{request.type}::{request.name}"
        return resource_pb2.RegisterResourceResponse(urn=urn, id=request.name, object=request.object)

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        self.calls.append((request.tok, "", plain(PropertyValue.unmarshal_map(request.args))))
        return provider_pb2.InvokeResponse()

    def GetDeploymentInfo(self, request: Any, context: Any) -> Any:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "older engines have none")

    def Log(self, request: Any, context: Any) -> Any:
        self.calls.append(("log", request.message, {}))
        return empty_pb2.Empty()


@contextmanager
def monitor() -> Iterator[tuple[Monitor, str]]:
    """One that runs, and its address; it is the engine's, too."""
    servicer = Monitor()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(servicer, server)
    engine_pb2_grpc.add_EngineServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield servicer, f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
