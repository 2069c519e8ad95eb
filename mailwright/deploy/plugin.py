"""The provider as a process: ``pulumi-resource-mailwright``, and ``plugin/`` of a checkout."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.protobuf import struct_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2
from pulumi.runtime.rpc import UNKNOWN

from mailwright import __version__
from mailwright.deploy.errors import Unfinished
from mailwright.deploy.provider import MailwrightProvider
from mailwright.deploy.run import notes

#: Octets of one message: a zone with thousands of records fits.
_LARGEST = 400 * 1024 * 1024
#: How the wire says that a value has another form, and that it is an output (Pulumi's own constants).
_SIGNATURE, _OUTPUT = "4dabf18193072939515e22adb298388d", "d0e6a833031e9bbcd3f4e8bde6ca49a4"
#: What the engine leaves out of an output, and what that means.
_LEFT_OUT = {
    "value": struct_pb2.Value(string_value=UNKNOWN),
    "secret": struct_pb2.Value(bool_value=False),
    "dependencies": struct_pb2.Value(list_value=struct_pb2.ListValue()),
}
_PATIENCE = 5  # seconds that the engine may take to show a text
_Handler = Callable[[Any, Any, Any], Awaitable[Any]]


async def _construct(self: Any, request: Any, context: Any) -> Any:
    """The servicer's own, which stumbles over outputs that are not known yet, and over those not secret."""
    for value in request.inputs.fields.values():
        _complete(value)
    return await ProviderServicer.Construct(self, request, context)


def _complete(value: struct_pb2.Value) -> None:
    """Say of each output in here and below what the engine leaves out; one without a value is not known."""
    fields = value.struct_value.fields
    kind = fields[_SIGNATURE].string_value if _SIGNATURE in fields else ""
    for name, default in _LEFT_OUT.items() if kind == _OUTPUT else ():
        if name not in fields:
            fields[name].CopyFrom(default)
    for below in (*fields.values(), *value.list_value.values):
        _complete(below)


_HANDLERS: dict[str, _Handler] = {
    "CheckConfig": ProviderServicer.CheckConfig,
    "Configure": ProviderServicer.Configure,
    "Check": ProviderServicer.Check,
    "Diff": ProviderServicer.Diff,
    "Create": ProviderServicer.Create,
    "Read": ProviderServicer.Read,
    "Update": ProviderServicer.Update,
    "Delete": ProviderServicer.Delete,
    "Invoke": ProviderServicer.Invoke,
    "Construct": _construct,
}


def _plain(inherited: _Handler) -> _Handler:
    """The servicer's own handler, whose errors reach the user as their message and nothing else."""

    async def handler(self: Any, request: Any, context: Any) -> Any:
        try:
            return await inherited(self, request, context)
        except NotImplementedError:
            raise
        except Exception as error:
            # The SDK raises one of its own from ours: ":" and the traceback, which is empty for what a
            # user can act on, come after the message.
            text = str(error).removesuffix(":\n")
            if isinstance(error.__context__, Unfinished):
                details = _unfinished(error.__context__)
                context.set_trailing_metadata((("grpc-status-details-bin", details.SerializeToString()),))
            await context.abort(grpc.StatusCode.UNKNOWN, text)
            raise  # never reached: abort raises

    return handler


def _unfinished(error: Unfinished) -> status_pb2.Status:
    """The status that makes the engine keep what was written, and go on from there."""
    failed = provider_pb2.ErrorResourceInitFailed(id=error.id, reasons=[str(error)])
    failed.properties.CopyFrom(PropertyValue.marshal_map(error.properties))
    failed.inputs.CopyFrom(PropertyValue.marshal_map(error.inputs))
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    status.details.add().Pack(failed)
    return status


#: Pulumi's servicer without ``Unexpected <class 'Exception'>`` before every message.
PlainServicer = type(
    "PlainServicer", (ProviderServicer,), {name: _plain(handler) for name, handler in _HANDLERS.items()}
)


def main() -> None:
    """Serve the provider over gRPC until the engine ends it; prints the port on standard output.

    With ``--schema`` print the package schema instead.
    """
    if "--schema" in sys.argv[1:]:
        from mailwright.deploy.package.schema import schema_text

        sys.stdout.write(schema_text() + "\n")
        return
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(arguments[0] if arguments else ""))


def _shown_by(engine: str) -> Callable[[str, str], None]:
    """Has the engine at this address show a text, of a resource as what it becomes, else as a warning.

    An engine that does not hear it stops nothing.
    """
    stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(engine))

    def show(text: str, urn: str) -> None:
        severity = engine_pb2.LogSeverity.Value("INFO" if urn else "WARNING")
        with contextlib.suppress(grpc.RpcError):
            stub.Log(engine_pb2.LogRequest(severity=severity, message=text, urn=urn), timeout=_PATIENCE)

    return show


async def _serve(engine: str) -> None:
    if engine:
        notes.listen(_shown_by(engine))
    limits = [("grpc.max_receive_message_length", _LARGEST), ("grpc.max_send_message_length", _LARGEST)]
    server = grpc.aio.server(options=limits)
    servicer = PlainServicer(sys.argv[1:], __version__, MailwrightProvider(), engine)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()
