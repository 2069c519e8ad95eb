"""What the embedded engine does to each resource, and what it keeps of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import CreateRequest, DeleteRequest, UpdateRequest

from mailwright.deploy.embedded.journal import Journal
from mailwright.deploy.embedded.statefile import STACK_TYPE, Entry, StateFile
from mailwright.deploy.errors import DeployError, Refused, Unfinished
from mailwright.deploy.properties import plain, wrapped
from mailwright.deploy.provider import Handler, MailwrightProvider
from mailwright.deploy.run.outcome import Change
from mailwright.deploy.tokens import DNS_RECORDS, MAIL_DOMAIN
from mailwright.model.text import Text

_LEFT_ALONE = Text("left alone, because what has to come first failed", "未执行，因为必须先完成的部分失败了")
_NOT_REMEMBERED = Text(
    "{path}: {reason}. The state could not be written. What is listed above is done and served, with "
    "the records shown; only the state does not know it.\n"
    "  Make room, then run `mailwright up` again: what is as planned is taken over, not written twice.",
    "{path}：{reason}。无法写入状态文件。上面列出的变更已经完成并生效，记录如上所示；只是状态文件中没有。\n"
    "  请腾出磁盘空间后再次运行 `mailwright up`：与计划一致的记录会被接管，不会重复写入。",
)
_NOT_BEGUN = Text(
    "{path}: {reason}. What was found could not be noted, so nothing was changed here. "
    "Make room and run it again.",
    "{path}：{reason}。无法记下现有记录，因此此处未作任何更改。请腾出磁盘空间后重新运行。",
)
_NOTHING_MORE = Text(
    "not begun: what is done could not be remembered", "未开始：已完成的变更无法写入状态文件"
)
_NOT_WRITTEN = Text(
    "{path}: {reason}. The state could not be written; nothing was changed. Make room and run it again.",
    "{path}：{reason}。无法写入状态文件；未作任何更改。请腾出磁盘空间后重新运行。",
)
_TIMEOUT = 0.0  # none of ours: the host has its own


class Operator:
    """Carries out one run. Methods may be called from several threads.

    Args:
        store: the loaded state.
        make: makes the provider, given what to call before a write.
        call: awaits a coroutine on the provider's loop.
        preview: write nothing, neither to the world nor to the state.
    """

    def __init__(
        self,
        store: StateFile,
        make: Callable[..., MailwrightProvider],
        call: Callable[[Coroutine[Any, Any, Any]], Any],
        *,
        preview: bool,
    ) -> None:
        self.store = store
        self.preview = preview
        self._journal = Journal(store.path)
        self.call = call
        self.provider = make(intend=self._intend, embedded=store.path)
        self.changes: list[Change] = []
        self.problems: list[str] = []
        self.sheets: dict[str, str] = {}
        self.notices: list[str] = []
        self._registered: set[str] = set()
        self._failed: set[str] = set()
        self._unread: dict[str, DeployError] = {}
        self._guard = threading.Lock()
        self._forgetful = False

    # -- outcome -----------------------------------------------------------------------------------

    def fail(self, problem: str) -> None:
        """Keep a problem: nothing is deleted in this run any more."""
        with self._guard:
            if problem not in self.problems:
                self.problems.append(problem)

    def _fail(self, urn: str, error: DeployError) -> None:
        """A resource's problem; a refusal names its domain itself."""
        self.fail(str(error) if isinstance(error, Refused) else f"{urn.rpartition('::')[2]}: {error}")

    def _change(self, change: Change) -> None:
        with self._guard:
            self.changes.append(change)

    def _remember(self) -> bool:
        """Bring the state to the disk. Where it takes nothing, that is a problem of the run, not its end.

        What was done is done: it is shown, and nothing more is written that could not be remembered.
        """
        try:
            self.store.save()
        except OSError as error:
            self._forgetful = True
            text = _NOT_REMEMBERED if self.changes else _NOT_WRITTEN
            self.fail(str(DeployError(text, path=self.store.path, reason=_reason(error))))
            return False
        return True

    def finish(self) -> None:
        """Bring what is not on the disk yet there, and close the connections."""
        self.call(self.provider.close())
        if not self.preview:
            self._remember()

    def members(self) -> dict[str, Any]:
        """What the state holds, as the engine tells a program."""
        return {
            urn: {"type": entry["type"], "outputs": entry.get("outputs") or {}}
            for urn, entry in self.store.of_type(MAIL_DOMAIN, *self.provider.handlers).items()
        }

    # -- refresh -----------------------------------------------------------------------------------

    def refresh(self, *, report: bool) -> None:
        """Read every resource of the state; ``report``: unread ones are problems, drift is a change."""
        entries = self.store.of_type(*self.provider.handlers)

        async def read_all() -> list[Any]:
            at_once = asyncio.Semaphore(32)

            async def read(urn: str, entry: Entry) -> Any:
                async with at_once:
                    return await self.provider.refreshed(urn, entry["outputs"], entry["inputs"])

            work = (read(urn, entry) for urn, entry in entries.items())
            return await asyncio.gather(*work, return_exceptions=True)

        for (urn, entry), answer in zip(entries.items(), self.call(read_all()), strict=True):
            if isinstance(answer, DeployError):
                self._unread[urn] = answer
                if report:
                    self._fail(urn, answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                self._read(urn, entry, *answer, report=report)

    def _read(
        self, urn: str, entry: Entry, outputs: dict[str, Any], inputs: dict[str, Any], *, report: bool
    ) -> None:
        if outputs != entry["outputs"] or inputs != entry["inputs"]:
            self.store.put(urn, {**entry, "outputs": outputs, "inputs": inputs})
        if report:
            lines = self._handler(entry).drifted(outputs)
            if lines:
                self._change(Change("drift", urn, lines))

    # -- registration ------------------------------------------------------------------------------

    def component(self, urn: str, type: str, parent: str) -> None:
        """A component or the stack itself."""
        with self._guard:
            self._registered.add(urn)
        entry: Entry = {"custom": False, "type": type}
        if parent:
            entry["parent"] = parent
        old = self.store.resources.get(urn, {})
        self.store.put(urn, {**entry, **{key: old[key] for key in ("outputs", "created") if key in old}})

    def component_outputs(self, urn: str, values: Mapping[str, PropertyValue]) -> None:
        """What a component remembers for the next run."""
        entry = self.store.resources.get(urn)
        if entry is not None:
            self.store.put(urn, {**entry, "outputs": plain(values)})

    def outputs(self, values: Mapping[str, Any]) -> None:
        """The stack's outputs."""
        self.sheets = dict(values.get("sheets") or {})
        entry = self.store.resources.get(self.store.stack_urn)
        if entry is not None and values:
            self.store.put(self.store.stack_urn, {**entry, "outputs": dict(values)})

    def register(
        self,
        urn: str,
        token: str,
        parent: str,
        given: dict[str, PropertyValue],
        *,
        after: Iterable[str] = (),
    ) -> tuple[str, dict[str, PropertyValue]]:
        """Create, update or leave one resource; a problem is noted, and others go on.

        ``after``: resources that come first; where one of them failed, this one is left alone.
        """
        with self._guard:
            self._registered.add(urn)
        try:
            if self._failed.intersection(after):
                raise DeployError(_LEFT_ALONE)
            return self._register(urn, token, parent, given)
        except DeployError as error:
            self._failed.add(urn)
            self._fail(urn, error)
            return "", given

    def _register(
        self, urn: str, token: str, parent: str, given: dict[str, PropertyValue]
    ) -> tuple[str, dict[str, PropertyValue]]:
        handler, properties = self.provider.handlers[token], plain(given)
        old = self.store.get(urn)
        if old is not None and self.provider.told.is_left(urn):
            return old["id"], given
        wrong = handler.check(properties)
        if wrong:
            raise DeployError("; ".join(f"{path}: {reason}" for path, reason in wrong))
        inputs = handler.settled(properties)
        if old is None:
            return self._create(urn, token, parent, wrapped(inputs, given))
        self._require_read(urn, old, inputs)
        diff_response = handler.diff(old["outputs"], inputs)
        if diff_response.replaces:
            raise DeployError("its domain changed: a resource keeps its domain, make another one")
        if diff_response.changes:
            return self._update(urn, old, wrapped(inputs, given))
        if not self.preview:
            self.store.put(urn, {**old, "inputs": inputs})
        return old["id"], given

    def _create(
        self, urn: str, token: str, parent: str, inputs: dict[str, PropertyValue]
    ) -> tuple[str, dict[str, PropertyValue]]:
        try:
            answer = self.call(self.provider.create(CreateRequest(urn, inputs, _TIMEOUT, self.preview)))
        except Unfinished as half:
            self._created(urn, self._entry(half.id, token, parent, plain(inputs), half.outputs), whole=False)
            raise
        id = answer.resource_id or ""
        self._created(
            urn, self._entry(id, token, parent, plain(inputs), plain(answer.properties)), whole=True
        )
        return id, answer.properties

    def _created(self, urn: str, entry: Entry, *, whole: bool) -> None:
        """Show a new resource and keep it, with what an earlier run that was killed had found."""
        outputs = entry["outputs"] if self.preview else self._journal.completed(urn, entry["outputs"])
        lines = self._handler(entry).lines(urn, None, outputs)
        self._change(Change.new(urn, lines) if whole else Change("create", urn, lines))
        if self.preview:
            return
        self.store.put(urn, {**entry, "outputs": outputs})
        if self._remember():  # else the journal alone knows what was found
            self._journal.drop(urn)

    def _update(
        self, urn: str, old: Entry, inputs: dict[str, PropertyValue]
    ) -> tuple[str, dict[str, PropertyValue]]:
        state = wrapped(old["outputs"], {})
        request = UpdateRequest(urn, old["id"], state, inputs, _TIMEOUT, [], self.preview)
        try:
            answer = self.call(self.provider.update(request))
        except Unfinished as half:
            self._updated(urn, old, plain(inputs), half.outputs)
            raise
        self._updated(urn, old, plain(inputs), plain(answer.properties))
        return old["id"], answer.properties

    def _updated(self, urn: str, old: Entry, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        self._change(Change("update", urn, self._handler(old).lines(urn, old["outputs"], outputs)))
        if not self.preview:
            self.store.put(urn, {**old, "inputs": inputs, "outputs": outputs, "modified": _now()})
            self._remember()

    def _require_read(self, urn: str, old: Entry, given: Mapping[str, Any]) -> None:
        """A host that does not answer stops its resource, unless the spec has left that host."""
        error = self._unread.get(urn)
        if error is not None and not self._handler(old).moved(old["inputs"], given):
            raise error

    def _entry(
        self, id: str, token: str, parent: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> Entry:
        now = _now()
        return {
            "custom": True,
            "id": id,
            "type": token,
            "inputs": inputs,
            "outputs": outputs,
            "parent": parent or self.store.stack_urn,
            "provider": self.store.provider(),
            "propertyDependencies": {name: [] for name in inputs},
            "created": now,
            "modified": now,
        }

    def _intend(self, urn: str, intended: dict[str, Any]) -> None:
        """Just before a write: what retires, and what was found, is remembered even if we are killed now."""
        entry = self.store.get(urn)
        if self.preview:
            return
        if self._forgetful:
            raise DeployError(_NOTHING_MORE)
        try:
            self._keep(urn, entry, intended)
        except OSError as error:
            self._forgetful = True
            raise DeployError(_NOT_BEGUN, path=self.store.path.parent, reason=_reason(error)) from None

    def _keep(self, urn: str, entry: Entry | None, intended: dict[str, Any]) -> None:
        if entry is None:
            self._journal.note(urn, intended)
            return
        kept = {name: intended[name] for name in ("retiring", "found") if name in intended}
        if not kept.items() <= entry["outputs"].items():
            self.store.put(urn, {**entry, "outputs": {**entry["outputs"], **kept}})
            self.store.save()

    def _handler(self, entry: Entry) -> Handler:
        return self.provider.handlers[entry["type"]]

    # -- deletion ----------------------------------------------------------------------------------

    def delete_vanished(self) -> None:
        """What the state has and the program no longer registers."""
        for urn in self.store.of_type(*self.provider.handlers):
            if urn not in self._registered:
                self._delete(urn)
        if not self.problems and not self.preview:
            self._drop_empty()

    def delete_all(self) -> None:
        """Destroy: every resource, then what held them.

        A domain's records go before the mailboxes that they lead mail to, and neither goes where the other
        is refused.
        """
        entries = self.store.of_type(*self.provider.handlers)
        by_domain: dict[str, list[str]] = {}
        for urn in reversed(entries):
            by_domain.setdefault(str(entries[urn]["outputs"].get("domain")), []).append(urn)
        for urns in by_domain.values():
            records = [urn for urn in urns if entries[urn]["type"] == DNS_RECORDS]
            others = [urn for urn in urns if urn not in records]
            refused = [urn for urn in urns if others and not self._delete(urn, rehearsed=True)]
            staying = [urn for urn in records if not refused and not self._delete(urn)]
            for urn in others if not refused and not staying else ():
                self._delete(urn)
        if not self.problems and not self.preview:
            self._registered = set()
            self._drop_empty()

    def _delete(self, urn: str, *, rehearsed: bool = False) -> bool:
        """Whether it went, or ``rehearsed`` would go; what speaks against it is a problem of the run."""
        entry = self.store.get(urn) or {}
        request = DeleteRequest(urn, entry["id"], wrapped(entry["outputs"], {}), _TIMEOUT)
        delete = self.provider.would_delete if rehearsed or self.preview else self.provider.delete
        try:
            if urn in self._unread:
                raise self._unread[urn]
            if self._forgetful:
                raise DeployError(_NOTHING_MORE)
            self.call(delete(request))
        except DeployError as error:
            self._fail(urn, error)
            return False
        if rehearsed:
            return True
        if not self.preview:
            self.store.drop(urn)
        self._change(Change("delete", urn, self._handler(entry).lines(urn, entry["outputs"], None)))
        if not self.preview:
            self._remember()
        return True

    def forget_all(self) -> None:
        """Everything leaves the state, and nothing is touched in the world."""
        for urn in self.store.of_type(*self.provider.handlers):
            self.store.drop(urn)
        self._registered = set()
        self._drop_empty()

    def _drop_empty(self) -> None:
        """Components without children, and with the last of them the provider and the stack."""
        alive = {resource.get("parent") for resource in self.store.of_type(*self.provider.handlers).values()}
        for urn, entry in list(self.store.resources.items()):
            kept = urn in self._registered or urn in alive or entry["type"] in self.provider.handlers
            head = entry["custom"] or entry["type"] == STACK_TYPE
            if not kept and not (head and (alive or self._registered)):
                self.store.drop(urn)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z")


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
