"""The native Pulumi provider: mail DNS by RFC 2136 updates, and mailboxes on a mail host of one's own.

One resource a (zone, domain, server), and one a (domain, mail host), see ``deploy/mail``. Handlers are async,
because Pulumi calls eight at a time on one loop. No handler logs, and none shows a request: requests may hold
secrets.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import (
    CheckFailure,
    CheckRequest,
    CheckResponse,
    ConfigureRequest,
    ConfigureResponse,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    GetSchemaRequest,
    GetSchemaResponse,
    InvokeRequest,
    InvokeResponse,
    PropertyDiff,
    PropertyDiffKind,
    Provider,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)

from mailwright import __version__
from mailwright.deploy import environment, reviewed
from mailwright.deploy.claims import Claims
from mailwright.deploy.dns.applying import (
    Connect,
    Glance,
    Work,
    carry_out,
    connect_rfc2136,
    discover,
    look,
    owned_by,
    to_change,
    work_of,
)
from mailwright.deploy.dns.checking import failures
from mailwright.deploy.dns.found import found_before
from mailwright.deploy.dns.values import Inputs, Records, State, Target
from mailwright.deploy.errors import DeployError, lang, refused
from mailwright.deploy.mail import values as mail_values
from mailwright.deploy.mail.handlers import MailResources, is_mailboxes
from mailwright.deploy.properties import Unknown, plain, wrapped
from mailwright.deploy.tokens import DNS_RECORDS
from mailwright.hosts.dns.base import DnsHost, HostError
from mailwright.hosts.dns.exchange import Pool
from mailwright.model.changes import ChangeSet
from mailwright.model.finding import Finding
from mailwright.plan.transition.change import keys_to_read
from mailwright.plan.transition.gate import gate

TOKEN = DNS_RECORDS
JUDGE = "mailwright:index:judge"
_SECRETS = {"tsigSecret", "sievePassword"}
#: Hosts that ``judge`` asks at the same time.
AT_ONCE = 32

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Handling = Coroutine[Any, Any, _T]

#: Told what a resource will own, just before it is written: (urn, output properties).
Intend = Callable[[str, dict[str, PropertyValue]], None]


def _one_line(handler: Callable[_P, _Handling[_T]]) -> Callable[_P, _Handling[_T]]:
    """A host's error reaches the user as its message, without a traceback."""

    @functools.wraps(handler)
    async def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return await handler(*args, **kwargs)
        except HostError as error:
            raise DeployError(error.text(lang())) from None

    return wrapper


def _by_type(handler: Callable[_P, _Handling[_T]]) -> Callable[_P, _Handling[_T]]:
    """``Mailboxes`` have handlers of the same names; the type is told from the URN."""

    @functools.wraps(handler)
    async def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        provider: Any = args[0]
        urn = args[1] if isinstance(args[1], str) else getattr(args[1], "urn", "")
        if is_mailboxes(urn):
            same: _T = await getattr(provider.mail, handler.__name__)(*args[1:], **kwargs)
            return same
        return await handler(*args, **kwargs)

    return wrapper


class MailwrightProvider(Provider):
    """Checks, reads and writes ``DnsRecords`` and ``Mailboxes``.

    Args:
        connect: makes the host of a target; another one serves tests and further kinds of host (default:
            RFC 2136 over a pool of connections).
        intend: called before every write with what will be ours, so that an engine which is
            killed in the middle still knows it afterwards.
    """

    def __init__(self, connect: Connect | None = None, intend: Intend | None = None) -> None:
        self._pool = Pool()
        self._connect: Connect = connect or functools.partial(connect_rfc2136, pool=self._pool)
        self._intend = intend
        self._secret: str | None = None
        self._sieve_password: str | None = None
        self._claims: Claims[State] = Claims()
        self.mail = MailResources(lambda: self._sieve_password)
        self._glances: dict[str, Glance] = {}

    async def close(self) -> None:
        """Close what is still open; the provider can be used again afterwards."""
        await self._pool.close()
        self.mail.close()

    # -- configuration -----------------------------------------------------------------------------

    async def get_schema(self, request: GetSchemaRequest) -> GetSchemaResponse:  # noqa: ARG002
        """The least that runs: resources are declared by our own classes."""
        return GetSchemaResponse(json.dumps({"name": "mailwright", "version": __version__, "resources": {}}))

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        """Marks the secrets as such, because they arrive here without their mark."""
        inputs = dict(request.new_inputs)
        for name in _SECRETS & inputs.keys():
            inputs[name] = inputs[name].with_secret(True)
        return CheckResponse(inputs=inputs)

    async def configure(self, request: ConfigureRequest) -> ConfigureResponse:
        """Takes the TSIG secret and the master user's password, kept in memory only."""
        self._secret = _configured(request, "tsigSecret")
        self._sieve_password = _configured(request, "sievePassword")
        return ConfigureResponse(
            accept_secrets=True, supports_preview=True, accept_outputs=False, accept_resources=False
        )

    # -- a resource --------------------------------------------------------------------------------

    @_one_line
    @_by_type
    async def check(self, request: CheckRequest) -> CheckResponse:
        """Says what is wrong with the inputs, all at once, and brings them into one form."""
        try:
            properties = plain(request.new_inputs)
        except Unknown:
            return CheckResponse(inputs=request.new_inputs)
        wrong = failures(properties)
        if wrong:
            return CheckResponse(request.new_inputs, [CheckFailure(path, reason) for path, reason in wrong])
        return CheckResponse(inputs=wrapped(Inputs.of(properties).plain(), request.new_inputs))

    @_one_line
    @_by_type
    async def diff(self, request: DiffRequest) -> DiffResponse:
        """One line a record set; the day and the consents alone are no change."""
        try:
            return difference(State.of(plain(request.old_state)), Inputs.of(plain(request.new_inputs)))
        except Unknown:
            return DiffResponse(changes=True)

    @_one_line
    @_by_type
    async def create(self, request: CreateRequest) -> CreateResponse:
        """Adopts what is there and adds what is missing, through the gate."""
        try:
            inputs = Inputs.of(plain(request.properties))
        except Unknown:
            return CreateResponse(properties=request.properties)
        work = self._work(request.urn, inputs, None, request.properties)
        self._claims.claim(inputs.target, request.urn, work)
        changes = await self._carry_out(inputs.target, work, preview=request.preview)
        kept = found_before(changes, self._claims.known(inputs.target))
        outputs = wrapped(_state(inputs, changes, kept).plain(), request.properties)
        return CreateResponse(None if request.preview else inputs.target.id, outputs)

    @_one_line
    @_by_type
    async def read(self, request: ReadRequest) -> ReadResponse:
        """What the world has of ours. No answer is an error; nothing there is an empty map, never gone."""
        properties = plain(request.properties)
        if "records" not in properties:
            return await self._import(request)
        outputs, inputs = await self.refreshed(request.urn, properties, plain(request.inputs))
        return ReadResponse(
            request.resource_id, wrapped(outputs, request.properties), wrapped(inputs, request.inputs)
        )

    @_one_line
    @_by_type
    async def refreshed(
        self, urn: str, properties: Mapping[str, Any], given: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What ``read`` answers, as plain output and input properties."""
        state = State.of(properties)
        target = state.inputs.target
        self._claims.seen(target, urn, state)
        live, self._glances[target.id] = await look(self._host(target), state)
        inputs = Inputs.of({**properties, **given})
        seen = replace(state, inputs=replace(state.inputs, records=live))
        # The day and the consents stay as written: refreshing changes what was seen, nothing else.
        return seen.plain(), replace(inputs, records=live).plain()

    @_one_line
    @_by_type
    async def update(self, request: UpdateRequest) -> UpdateResponse:
        """From what the state says to what is asked for, through the gate."""
        try:
            inputs = Inputs.of(plain(request.news))
        except Unknown:
            return UpdateResponse(properties=request.news)
        before = State.of(plain(request.olds))
        work = self._work(request.urn, inputs, before, request.news)
        self._claims.claim(inputs.target, request.urn, work)
        changes = await self._carry_out(inputs.target, work, preview=request.preview)
        stays = before.inputs.target.place == inputs.target.place
        kept = found_before(changes, before if stays else None)
        return UpdateResponse(wrapped(_state(inputs, changes, kept).plain(), request.news))

    @_one_line
    @_by_type
    async def delete(self, request: DeleteRequest) -> None:
        """Takes away what is ours by value, through the gate; not what another resource now holds."""
        state, work = _deletion(request)
        reviewed.require_delete(request.urn)
        if self._claims.held_by_another(state.inputs.target, request.urn, work):
            return
        await carry_out(self._host(state.inputs.target), work)

    @_one_line
    @_by_type
    async def would_delete(self, request: DeleteRequest) -> None:
        """What ``delete`` would refuse, without deleting. Not part of Pulumi's protocol."""
        state, work = _deletion(request)
        if not self._claims.held_by_another(state.inputs.target, request.urn, work):
            await carry_out(self._host(state.inputs.target), work, preview=True)

    # -- before anything is registered ---------------------------------------------------------------

    @_one_line
    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        """``judge``: the gate over all of a stack's inputs, all refusals in one text.

        A domain that has been read and is not among them is about to be deleted, and judged as that:
        nothing is written for the others either where it is refused.
        """
        if request.tok == mail_values.JUDGE:
            said = await self.mail.judge(json.loads(plain(request.args)["resources"]))
            return InvokeResponse(wrapped({"problems": said}, {}))
        if request.tok != JUDGE:
            raise DeployError(f"there is no function {request.tok}")
        # One text instead of a tree: a thousand domains are a large tree of property values.
        wanted = [Inputs.of(each) for each in json.loads(plain(request.args)["resources"])]
        at_once = asyncio.Semaphore(AT_ONCE)

        async def judge(target: Target, work: Work) -> tuple[Finding, ...] | DeployError:
            async with at_once:
                return await self._judge(target, work)

        asked = [(each.target, self._work("", each, self._claims.known(each.target), {})) for each in wanted]
        domains = {each.target.domain for each in wanted}
        seen = [state for target, state in self._claims.all_seen() if target.domain not in domains]
        asked += [(each.inputs.target, _leaving(each)) for each in seen]
        outcomes = await asyncio.gather(*(judge(*each) for each in asked))
        problems = [str(each) for each in outcomes if isinstance(each, DeployError)]
        refusals = [each for outcome in outcomes if isinstance(outcome, tuple) for each in outcome]
        if refusals:
            problems.append(str(refused(refusals)))
        return InvokeResponse(wrapped({"problems": problems}, {}))

    async def _judge(self, target: Target, work: Work) -> tuple[Finding, ...] | DeployError:
        try:
            glance = await self._glance(target, work)
        except HostError as error:
            return DeployError(f"{target.domain}: {error.text(lang())}")
        return gate(to_change(work, glance.observed), work.consents)

    async def _glance(self, target: Target, work: Work) -> Glance:
        """What the refresh has just read, or a reading; it serves the change that follows, once."""
        keys = keys_to_read(work.records, work.owned, target.domain)
        glance = self._glances.get(target.id)
        if glance is None or not glance.shows(keys):
            host = self._host(target)
            glance = self._glances[target.id] = Glance(host, await host.read(keys))
        return glance

    # -- inside ------------------------------------------------------------------------------------

    async def _carry_out(self, target: Target, work: Work, *, preview: bool) -> ChangeSet:
        glance = self._glances.pop(target.id, None)
        return await carry_out(self._host(target), work, preview=preview, glance=glance)

    def _host(self, target: Target) -> DnsHost:
        return self._connect(target, environment.secret_for(target.key_name, self._secret))

    def _work(
        self, urn: str, inputs: Inputs, before: State | None, like: Mapping[str, PropertyValue]
    ) -> Work:
        if before is None:
            return self._intending(urn, inputs, like, work_of(inputs), None)
        dropped = set(before.inputs.records) - set(inputs.records)
        work = work_of(inputs, owned_by(before, also_seen=dropped))
        if before.inputs.target.place != inputs.target.place:
            return self._intending(urn, inputs, like, work, None)
        return self._intending(urn, inputs, like, replace(work, before=before.inputs.records), before)

    def _intending(
        self, urn: str, inputs: Inputs, like: Mapping[str, PropertyValue], work: Work, before: State | None
    ) -> Work:
        intend = self._intend
        if intend is None or not urn:
            return work

        def told(changes: ChangeSet) -> None:
            state = _state(inputs, changes, found_before(changes, before))
            intend(urn, wrapped(state.plain(), like))

        return replace(work, intend=told)

    async def _import(self, request: ReadRequest) -> ReadResponse:
        """Only the id is known: ``pulumi import``."""
        try:
            target = Target.from_id(request.resource_id)
        except ValueError as error:
            raise DeployError(str(error)) from None
        live = await discover(self._host(target), target)
        inputs = Inputs(target, live, environment.as_of() or dt.date.today())
        state = State(inputs, live, found=live)
        self._claims.seen(target, request.urn, state)
        properties: dict[str, Any] = state.plain()
        return ReadResponse(target.id, wrapped(properties, {}), wrapped(inputs.plain(), {}))


def _configured(request: ConfigureRequest, name: str) -> str | None:
    given = request.args.get(name)
    value = given.value if given is not None else request.variables.get(f"mailwright:config:{name}")
    return value if isinstance(value, str) else None


def _deletion(request: DeleteRequest) -> tuple[State, Work]:
    state = State.of(plain(request.properties))
    return state, _leaving(state)


def _leaving(state: State) -> Work:
    """To take away all that a state says is ours."""
    return Work(
        target=state.inputs.target,
        records=(),
        as_of=environment.as_of() or dt.date.today(),
        owned=owned_by(state, also_seen=True),
        consents=(*state.inputs.allow, *environment.consents()),
    )


def _state(inputs: Inputs, changes: ChangeSet, found: Records | None) -> State:
    return State(inputs, inputs.records, changes.retiring, found)


_TARGET = (
    ("zone", "zone"),
    ("server", "server"),
    ("port", "port"),
    ("key_name", "keyName"),
    ("algorithm", "algorithm"),
    ("read_by", "readBy"),
)


def difference(old: State, new: Inputs) -> DiffResponse:
    """What an update would be about. Paths exist in the inputs, or the CLI prints no lines."""
    details: dict[str, PropertyDiff] = {}
    before, after = old.inputs.records, new.records
    for pair in sorted({*before, *after}):
        if before.get(pair) == after.get(pair):
            continue
        kind = PropertyDiffKind.UPDATE
        if pair not in before or pair not in after:
            kind = PropertyDiffKind.ADD if pair in after else PropertyDiffKind.DELETE
        details[f'records["{pair}"]'] = PropertyDiff(kind, True)
    if any(each.until <= new.as_of for each in old.retiring):
        details["asOf"] = PropertyDiff(PropertyDiffKind.UPDATE, True)
    was, now = old.inputs.target, new.target
    replaces = ["domain"] if was.domain != now.domain else []
    if replaces:
        details["domain"] = PropertyDiff(PropertyDiffKind.UPDATE_REPLACE, True)
    for name, key in _TARGET:
        if getattr(was, name) != getattr(now, name):
            details[key] = PropertyDiff(PropertyDiffKind.UPDATE, True)
    diffs = sorted({path.partition("[")[0] for path in details})
    return DiffResponse(bool(details), replaces, diffs=diffs, detailed_diff=details)
