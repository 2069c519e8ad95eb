"""The provider as a process: ``pulumi-resource-mailwright``, and ``plugin/`` of a checkout."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import grpc  # type: ignore[import-untyped]
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2_grpc

from mailwright import __version__
from mailwright.deploy.provider import MailwrightProvider

#: Octets of one message: a zone with thousands of records fits.
_LARGEST = 400 * 1024 * 1024
_HANDLERS = ("CheckConfig", "Configure", "Check", "Diff", "Create", "Read", "Update", "Delete", "Invoke")

_Handler = Callable[[Any, Any, Any], Awaitable[Any]]


def _plain(name: str) -> _Handler:
    """The servicer's own handler, whose errors reach the user as their message and nothing else."""
    inherited: _Handler = getattr(ProviderServicer, name)

    async def handler(self: Any, request: Any, context: Any) -> Any:
        try:
            return await inherited(self, request, context)
        except NotImplementedError:
            raise
        except Exception as error:
            # The SDK appends ":" and the traceback, which is empty for what a user can act on.
            await context.abort(grpc.StatusCode.UNKNOWN, str(error).removesuffix(":\n"))
            raise  # never reached: abort raises

    return handler


#: Pulumi's servicer without ``Unexpected <class 'Exception'>`` before every message.
PlainServicer = type("PlainServicer", (ProviderServicer,), {name: _plain(name) for name in _HANDLERS})


def main() -> None:
    """Serve the provider over gRPC until the engine ends it; prints the port on standard output."""
    arguments = [each for each in sys.argv[1:] if not each.startswith("-")]
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(arguments[0] if arguments else ""))


async def _serve(engine: str) -> None:
    limits = [("grpc.max_receive_message_length", _LARGEST), ("grpc.max_send_message_length", _LARGEST)]
    server = grpc.aio.server(options=limits)
    servicer = PlainServicer(sys.argv[1:], __version__, MailwrightProvider(), engine)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()
