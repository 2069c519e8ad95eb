"""The embedded engine: the project's own Pulumi program, in process, without the ``pulumi`` command.

For trials, tests and closed networks. It speaks the part of the engine's protocol that our
program uses: components, our own types of resource, ``judge``. Refresh comes first, always; what left the
program is deleted last, and only if nothing failed.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import os
import runpy
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pulumi
from google.protobuf import empty_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import InvokeRequest
from pulumi.runtime import mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import Stack, run_pulumi_func

from mailwright.deploy.embedded.operating import Operator
from mailwright.deploy.embedded.statefile import STACK_TYPE, StateFile
from mailwright.deploy.errors import DeployError
from mailwright.deploy.properties import wrapped
from mailwright.deploy.provider import MailwrightProvider
from mailwright.deploy.run import stack_state
from mailwright.deploy.run.notes import noting
from mailwright.deploy.run.outcome import Outcome

#: Registrations at the same time; each waits for a nameserver most of the time.
PARALLEL = 48
_FRAMES = 8

_T = TypeVar("_T")
_OURS = "mailwright:"

NEEDS_CLI = (
    "{type} needs the pulumi command: the embedded engine serves nameservers that take RFC 2136 updates "
    "and mail servers of your own only. Install it from https://www.pulumi.com/docs/install/ and use "
    "--engine pulumi."
)


@dataclass(slots=True)
class Embedded:
    """One stack of one project folder.

    Args:
        folder: the project: ``Pulumi.yaml`` and ``__main__.py``; the program runs there.
        stack: the stack's name.
        state: the state file; default ``.mailwright/state/STACK.json`` in the folder.
        program: run instead of the folder's ``__main__.py``.
        provider: makes the provider; another one serves tests.
        config: stack configuration, ``namespace:key`` to text.
    """

    folder: Path
    stack: str
    state: Path | None = None
    program: Callable[[], None] | None = None
    provider: Callable[..., MailwrightProvider] = MailwrightProvider
    config: Mapping[str, str] = field(default_factory=dict)
    project: str = "mailwright"

    @property
    def path(self) -> Path:
        """The state file."""
        return self.state or self.folder / ".mailwright" / "state" / f"{self.stack}.json"

    def preview(self) -> Outcome:
        """What ``up`` would do; writes nothing."""
        return self._run("preview", self._deploy)

    def up(self) -> Outcome:
        """Bring the world to what the program asks for."""
        return self._run("up", self._deploy)

    def refresh(self) -> Outcome:
        """Read the world into the state, and say what differs from what was applied."""
        return self._run("refresh", lambda _: None)

    def destroy(self) -> Outcome:
        """Take away everything the state says is ours, through the gate."""
        return self._run("destroy", Operator.delete_all)

    def forget(self) -> Outcome:
        """Drop everything from the state; the world stays as it is."""
        return self._run("forget", Operator.forget_all)

    # -- inside ------------------------------------------------------------------------------------

    def _run(self, doing: str, work: Callable[[Operator], None]) -> Outcome:
        store = StateFile(self.path, self.project, self.stack)
        with noting() as notes:
            try:
                with store.locked(doing), _loop_thread() as call:
                    store.load()
                    operator = Operator(store, self.provider, call, preview=doing == "preview")
                    operator.refresh(report=doing == "refresh")
                    if not operator.problems or doing in ("preview", "up"):
                        work(operator)
                    operator.finish()
            except DeployError as error:
                return Outcome(problems=(str(error),), refused=bool(notes.refusals))
            # A run that is about reading alone has nobody else to say what was not read.
            unread = notes.unread_lines if doing == "refresh" else ()
            return Outcome(
                changes=tuple(operator.changes),
                problems=(*operator.problems, *unread),
                refused=bool(notes.refusals),
                sheets=operator.sheets,
                notices=(*operator.notices, *notes.notices),
                records=notes.changes,
                digests=notes.digests,
                by_hand=notes.sheets,
            )

    def _deploy(self, operator: Operator) -> None:
        contextvars.Context().run(self._run_program, operator)
        if not operator.problems:
            operator.delete_vanished()

    def _run_program(self, operator: Operator) -> None:
        monitor = Monitor(operator)
        loop = asyncio.new_event_loop()
        loop.set_default_executor(ThreadPoolExecutor(PARALLEL))
        loop.set_exception_handler(lambda _loop, _context: None)
        asyncio.set_event_loop(loop)
        try:
            mocks.set_mocks(
                _NoMocks(),
                project=self.project,
                stack=self.stack,
                preview=operator.preview,
                logger=_ProgramLog(operator.notices),
                monitor=monitor,
            )
            pulumi.runtime.set_all_config(dict(self.config))
            with _short_stacks():
                loop.run_until_complete(run_pulumi_func(self._program))
            root = pulumi.runtime.get_root_resource()
            outputs = root.outputs if isinstance(root, Stack) else {}
            operator.outputs(loop.run_until_complete(_resolved(outputs)))
        except pulumi.RunError as error:
            operator.fail(str(error))
        except Exception as error:
            if not operator.problems:  # else: the program stumbled over what has been said already
                operator.fail(f"the program failed: {type(error).__name__}: {error}")
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            asyncio.set_event_loop(None)
            loop.close()

    def _program(self) -> None:
        if self.program is not None:
            self.program()
            return
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            runpy.run_path("__main__.py", run_name="__main__")
        finally:
            os.chdir(before)


class Monitor(mocks.MockMonitor):
    """What the SDK registers goes to the operator; several threads call at once."""

    def __init__(self, operator: Operator) -> None:
        super().__init__(_NoMocks())
        self._operator = operator

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  the protocol's name
        """A component, the stack, or one of our resources."""
        urn = self._operator.store.urn(request.parent, request.type, request.name)
        if request.type == STACK_TYPE or not request.custom:
            self._operator.component(urn, request.type, request.parent)
            return resource_pb2.RegisterResourceResponse(urn=urn)
        if request.type not in self._operator.provider.handlers:
            self._operator.fail(NEEDS_CLI.format(type=request.type))
            return resource_pb2.RegisterResourceResponse(urn=urn, id="", object=request.object)
        inputs = PropertyValue.unmarshal_map(request.object)
        id, outputs = self._operator.register(
            urn, request.type, request.parent, inputs, after=request.dependencies
        )
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=id, object=PropertyValue.marshal_map(outputs)
        )

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        """Functions of our provider; others need the real engine."""
        if request.tok == stack_state.FUNCTION:
            return _answer(PropertyValue.marshal_map(wrapped({"outputs": self._operator.members()}, {})))
        if not request.tok.startswith(_OURS):
            self._operator.fail(NEEDS_CLI.format(type="This DNS host"))
            return resource_pb2.ResourceInvokeResponse()
        answer = self._operator.call(
            self._operator.provider.invoke(
                InvokeRequest(request.tok, PropertyValue.unmarshal_map(request.args))
            )
        )
        return _answer(PropertyValue.marshal_map(answer.return_value or {}))

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        """Reading what the program does not own needs the real engine."""
        self._operator.fail(NEEDS_CLI.format(type=request.type))
        return resource_pb2.ReadResourceResponse(urn="", properties=request.properties)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        """What a component remembers; the stack's outputs come when the program has ended."""
        if request.urn != self._operator.store.stack_urn:
            self._operator.component_outputs(request.urn, PropertyValue.unmarshal_map(request.outputs))
        return empty_pb2.Empty()


async def _resolved(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The stack's outputs as values; nothing of those that are empty or unknown."""
    waited = {name: output for name, output in outputs.items() if isinstance(output, pulumi.Output)}
    values = await asyncio.gather(*(output.future() for output in waited.values()))
    resolved = {**outputs, **dict(zip(waited, values, strict=True))}
    return {name: value for name, value in resolved.items() if value is not None}


def _answer(body: Any) -> Any:
    fields: dict[str, Any] = {"return": body}  # a word Python keeps for itself
    return resource_pb2.ResourceInvokeResponse(**fields)


class _ProgramLog(logging.Logger):
    """The program's log: what is worth knowing is kept for the outcome, the rest goes where Python's goes."""

    def __init__(self, notices: list[str]) -> None:
        super().__init__("program", logging.INFO)
        self.parent = logging.root
        self._notices = notices

    def info(self, msg: object, *_args: object, **_more: Any) -> None:
        """Keep a message."""
        self._notices.append(str(msg))


class _NoMocks(mocks.Mocks):
    """Never reached: the monitor answers everything itself."""

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise DeployError(f"unexpected call of {args.token}")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        raise DeployError(f"unexpected resource {args.typ}")


@contextmanager
def _short_stacks() -> Iterator[None]:
    """Stacks of a few frames: the SDK takes one at every registration, for positions nobody reads here."""
    before = vars(sys).get("tracebacklimit")
    sys.tracebacklimit = _FRAMES
    try:
        yield
    finally:
        if before is None:
            del sys.tracebacklimit
        else:
            sys.tracebacklimit = before


@contextmanager
def _loop_thread() -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """A loop of the provider's own in a thread; gives a function that awaits on it from anywhere."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def call(work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    try:
        yield call
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


__all__ = ["Embedded", "Monitor", "Outcome"]
