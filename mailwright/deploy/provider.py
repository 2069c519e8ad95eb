"""The native Pulumi provider: every type of resource of ours has its handlers in one table.

Handlers are async, because Pulumi calls eight at a time on one loop. No handler logs, and none shows a
request: requests may hold secrets.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import (
    CheckFailure,
    CheckRequest,
    CheckResponse,
    ConfigureRequest,
    ConfigureResponse,
    ConstructRequest,
    ConstructResponse,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    GetSchemaRequest,
    GetSchemaResponse,
    InvokeRequest,
    InvokeResponse,
    Provider,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)

from mailwright.deploy.dns.handlers import DnsHandler
from mailwright.deploy.errors import DeployError, Unanswered, Unfinished, lang
from mailwright.deploy.given.beside import Watch
from mailwright.deploy.given.operation import is_refresh
from mailwright.deploy.given.settings import GOOGLE, SIEVE, Settings, secrets
from mailwright.deploy.given.told import Told
from mailwright.deploy.mail.handlers import MailHandler
from mailwright.deploy.mail.hosted.handlers import HostedHandler
from mailwright.deploy.properties import (
    Failure,
    Held,
    Intend,
    Judged,
    Lines,
    Properties,
    Unknown,
    plain,
    wrapped,
)
from mailwright.deploy.run import notes
from mailwright.deploy.said import wrong
from mailwright.deploy.tokens import LEAVE
from mailwright.hosts.dns.base import Denied, HostError
from mailwright.model.text import Text

#: How Pulumi names the provider that it makes from the stack's configuration.
_DEFAULT = "default"
_NO_INPUT = Text(
    "must not be an input of a provider, because the state would keep it: set it in the environment, name a "
    "file (mailwright:{name}File), or `pulumi config set --secret mailwright:{name}`",
    "不能作为 provider 的输入，否则会留在状态中：请设置环境变量、指定文件（mailwright:{name}File），"
    "或运行 `pulumi config set --secret mailwright:{name}`",
)

#: The output of a resource whose host did not answer when the state was brought up to date.
UNREAD = "unread"
_UNREAD = Text("not read, and kept as the state has it: {reason}", "未能读取，按状态中的内容保留：{reason}")

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Handling = Coroutine[Any, Any, _T]


class Handler(Protocol):
    """What one type of resource does; properties are plain, ``urn`` names the resource.

    ``function`` is the provider function that judges; ``essence`` the property that every state has, and
    that is missing where only an id is known; ``derived`` which properties are made of another one. Where
    a host stopped in the middle, ``create`` and ``update`` raise Unfinished with what there is to keep.
    """

    @property
    def token(self) -> str: ...  # noqa: D102
    @property
    def function(self) -> str: ...  # noqa: D102
    @property
    def essence(self) -> str: ...  # noqa: D102
    @property
    def derived(self) -> Mapping[str, frozenset[str]]: ...  # noqa: D102

    def check(self, properties: Properties) -> list[Failure]:
        """What is wrong with inputs, all at once."""
        ...

    def settled(self, properties: Properties) -> dict[str, Any]:
        """Inputs in the one form that every spelling gets."""
        ...

    def diff(self, outputs: Properties, inputs: Properties) -> DiffResponse:
        """What an update would be about."""
        ...

    async def create(self, urn: str, inputs: Properties, *, preview: bool) -> tuple[str, dict[str, Any]]:
        """Id and outputs of a new resource."""
        ...

    async def read(
        self, urn: str, outputs: Properties, inputs: Properties
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Outputs and inputs as the world has them now."""
        ...

    async def update(
        self, urn: str, outputs: Properties, inputs: Properties, *, preview: bool
    ) -> dict[str, Any]:
        """The new outputs."""
        ...

    async def delete(self, urn: str, outputs: Properties, *, preview: bool) -> None:
        """Take away what is ours; in a preview only refuse what would be refused."""
        ...

    async def judge(self, resources: Sequence[Properties], held: Sequence[Held]) -> Judged:
        """What speaks against these inputs, each with its resource's ``name``, and against what leaves."""
        ...

    async def adopt(self, urn: str, id: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Id, outputs and inputs of what an id names (``pulumi import``)."""
        ...

    def moved(self, before: Properties, after: Properties) -> bool:
        """Whether two inputs lead to different places."""
        ...

    def lines(self, urn: str, before: Properties | None, after: Properties | None) -> Lines:
        """What this resource's last write changed, or would: what comes, goes and stays, in words."""
        ...

    def drifted(self, outputs: Properties) -> Lines:
        """How the world differs from what was applied, in words."""
        ...

    async def close(self) -> None:
        """Close what is still open."""
        ...


def type_of(urn: str) -> str:
    """The type of resource that a URN is of."""
    parts = urn.split("::")
    return parts[2].rpartition("$")[2] if len(parts) > 2 else ""


def _one_line(handler: Callable[_P, _Handling[_T]]) -> Callable[_P, _Handling[_T]]:
    """A host's error reaches the user as its message, without a traceback."""

    @functools.wraps(handler)
    async def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return await handler(*args, **kwargs)
        except HostError as error:
            raise _told(error) from None

    return wrapper


def _told(error: HostError) -> DeployError:
    """A host's error as the user reads it. Who was asked and refused was asked with the wrong key."""
    kind = DeployError if isinstance(error, Denied) else Unanswered
    return kind(error.text(lang()))


@contextlib.contextmanager
def _as_secret_as(like: Mapping[str, PropertyValue], handler: Handler) -> Iterator[None]:
    """What an unfinished resource leaves is wrapped as a finished one's outputs are."""
    try:
        yield
    except Unfinished as error:
        error.properties = wrapped(error.outputs, like, handler.derived)
        raise


class MailwrightProvider(Provider):
    """Between Pulumi's protocol and the handlers.

    Args:
        intend: called before every write with what will be ours, so that an engine which is
            killed in the middle still knows it afterwards.
        embedded: the state file of the embedded engine that drives this provider.
    """

    def __init__(self, intend: Intend | None = None, embedded: Path | None = None) -> None:
        self._settings = Settings.of_process()
        self.told = Told()
        watch = Watch(embedded)
        dns = DnsHandler(self._settings.secret, self.told, watch, intend)
        mail = MailHandler(lambda: self._settings.secret(SIEVE), self.told, watch)
        hosted = HostedHandler(lambda: self._settings.secret(GOOGLE), self.told)
        self.handlers: dict[str, Handler] = {handler.token: handler for handler in (dns, mail, hosted)}

    async def close(self) -> None:
        """Close what is still open; the provider can be used again afterwards."""
        for handler in self.handlers.values():
            await handler.close()

    def _of(self, urn: str) -> Handler:
        try:
            return self.handlers[type_of(urn)]
        except KeyError:
            raise DeployError(wrong.NO_TYPE, type=type_of(urn)) from None

    # -- configuration -----------------------------------------------------------------------------

    async def get_schema(self, request: GetSchemaRequest) -> GetSchemaResponse:  # noqa: ARG002
        """What other programs and languages make their SDK of."""
        from mailwright.deploy.package.schema import schema_text

        return GetSchemaResponse(schema_text())

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        """No settings of the program, and no secrets, become inputs; see ``settings``."""
        meant = type_of(request.urn) and not request.urn.rpartition("::")[2].startswith(_DEFAULT)
        given = [secret.configured for secret in secrets() if secret.configured in request.new_inputs]
        failures = [CheckFailure(name, _NO_INPUT.using(name=name)(lang())) for name in given if meant]
        return CheckResponse(inputs={}, failures=failures)

    async def configure(self, request: ConfigureRequest) -> ConfigureResponse:  # noqa: ARG002
        """Takes nothing: a state of an earlier version may hold secrets that are no longer meant."""
        self._settings.require_known()
        return ConfigureResponse(
            accept_secrets=True, supports_preview=True, accept_outputs=False, accept_resources=False
        )

    # -- a resource --------------------------------------------------------------------------------

    @_one_line
    async def check(self, request: CheckRequest) -> CheckResponse:
        """Says what is wrong with the inputs, all at once, and brings them into one form."""
        handler = self._of(request.urn)
        if self.told.is_left(request.urn) and request.old_inputs:
            return CheckResponse(inputs=_without_consents(request.old_inputs))
        try:
            properties = plain(request.new_inputs)
        except Unknown:
            return CheckResponse(inputs=request.new_inputs)
        failures = [CheckFailure(path, reason(lang())) for path, reason in handler.check(properties)]
        if failures:
            return CheckResponse(request.new_inputs, failures)
        settled = wrapped(handler.settled(properties), request.new_inputs, handler.derived)
        return CheckResponse(inputs=settled)

    @_one_line
    async def diff(self, request: DiffRequest) -> DiffResponse:
        """What an update would be about; nothing where the resource is left as it is."""
        if self.told.is_left(request.urn):
            return DiffResponse(changes=False)
        if UNREAD in request.old_state:
            return DiffResponse(changes=True, diffs=[UNREAD])
        try:
            return self._of(request.urn).diff(plain(request.old_state), plain(request.new_inputs))
        except Unknown:
            return DiffResponse(changes=True)

    @_one_line
    async def create(self, request: CreateRequest) -> CreateResponse:
        """Makes a resource, or says in a preview what that would be."""
        handler, like = self._of(request.urn), request.properties
        try:
            inputs = plain(like)
        except Unknown:
            return CreateResponse(properties=like)
        with _as_secret_as(like, handler):
            id, outputs = await handler.create(request.urn, inputs, preview=request.preview)
        notes.written(request.urn, handler.lines(request.urn, None, outputs))
        return CreateResponse(None if request.preview else id, wrapped(outputs, like, handler.derived))

    @_one_line
    async def read(self, request: ReadRequest) -> ReadResponse:
        """What the world has of ours; with an id alone, what there is to adopt."""
        handler = self._of(request.urn)
        properties = plain(request.properties)
        if handler.essence not in properties:
            id, outputs, inputs = await handler.adopt(request.urn, request.resource_id)
            return ReadResponse(id, wrapped(outputs, {}), wrapped(inputs, {}))
        try:
            outputs, inputs = await handler.read(request.urn, properties, plain(request.inputs))
        except (HostError, Unanswered) as error:
            # A refresh alone ends with an error here or nowhere: no program judges the world after it.
            if isinstance(error, Denied) or (is_refresh() and not notes.taken()):
                raise
            raise _unread(request, error) from None
        return ReadResponse(
            request.resource_id,
            wrapped(outputs, request.properties, handler.derived),
            wrapped(inputs, request.inputs, handler.derived),
        )

    @_one_line
    async def refreshed(
        self, urn: str, outputs: Properties, inputs: Properties
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What ``read`` answers, as plain output and input properties. Not part of Pulumi's protocol."""
        return await self._of(urn).read(urn, outputs, inputs)

    @_one_line
    async def update(self, request: UpdateRequest) -> UpdateResponse:
        """From what the state says to what is asked for, through the gate."""
        handler = self._of(request.urn)
        if self.told.is_left(request.urn):  # the engine insists, where a refresh could not read it
            return UpdateResponse(_without_consents(request.olds))
        try:
            inputs = plain(request.news)
        except Unknown:
            return UpdateResponse(properties=request.news)
        with _as_secret_as(request.news, handler):
            outputs = await handler.update(request.urn, plain(request.olds), inputs, preview=request.preview)
        notes.written(request.urn, handler.lines(request.urn, plain(request.olds), outputs))
        return UpdateResponse(wrapped(outputs, request.news, handler.derived))

    @_one_line
    async def delete(self, request: DeleteRequest) -> None:
        """Takes away what is ours, through the gate; not what another resource now holds."""
        await self._of(request.urn).delete(request.urn, plain(request.properties), preview=False)

    @_one_line
    async def would_delete(self, request: DeleteRequest) -> None:
        """What ``delete`` would refuse, without deleting. Not part of Pulumi's protocol."""
        await self._of(request.urn).delete(request.urn, plain(request.properties), preview=True)

    async def construct(self, request: ConstructRequest) -> ConstructResponse:
        """Declare a MailDomain for a program in any language."""
        from mailwright.deploy.package.construct import (
            constructed,  # loads the planning, which no resource needs
        )

        return await constructed(request)

    # -- before anything is registered ---------------------------------------------------------------

    @_one_line
    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        """``judge`` of a type of resource, and ``leave``: see ``run/asking.py``, which is who calls."""
        args = {name: json.loads(text, parse_float=_number) for name, text in plain(request.args).items()}
        if request.tok == LEAVE:
            self.told.leave(args["resources"])
            return InvokeResponse(wrapped({}, {}))
        handler = {
            resource_handler.function: resource_handler for resource_handler in self.handlers.values()
        }.get(request.tok)
        if handler is None:
            raise DeployError(wrong.NO_FUNCTION, token=request.tok)
        self.told.hear(args.get("consents") or {})
        held = [(urn, outputs) for urn, outputs in args.get("held") or ()]
        judged = await handler.judge(args.get("resources") or (), held)
        return InvokeResponse(wrapped(judged.plain, {}))


def _number(text: str) -> float:
    """A number as it was meant: property values know no whole ones."""
    value = float(text)
    return int(value) if value.is_integer() else value


def _without_consents(properties: Mapping[str, PropertyValue]) -> dict[str, PropertyValue]:
    """Properties of a state; an earlier version kept the consents of its day among them."""
    return {name: value for name, value in properties.items() if name != "allow"}


def _unread(request: ReadRequest, error: HostError | DeployError) -> Unfinished:
    """What the engine keeps where a host does not answer: all that the state has, and that it is not read.

    With another answer one silent host would stop the whole run (a plain ``pulumi refresh`` it does stop).
    The engine warns, and its next update of this resource reads again; the program judges the world for
    itself before.
    """
    message = _UNREAD.using(reason=error.text if isinstance(error, HostError) else str(error))
    text = message(lang())
    notes.unread(request.urn, text)
    unfinished = Unfinished(text, request.resource_id, plain(request.properties))
    unfinished.properties = {**_without_consents(request.properties), UNREAD: PropertyValue(text)}
    unfinished.inputs = _without_consents(request.inputs)
    return unfinished
