"""What the embedded engine does to each resource, and what it keeps of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import (
    CreateRequest,
    DeleteRequest,
    UpdateRequest,
)

from mailwright.deploy.embedded.declared import DECLARED, STAYS, Declared
from mailwright.deploy.embedded.journal import Journal
from mailwright.deploy.embedded.statefile import STACK_TYPE, Entry, StateFile
from mailwright.deploy.errors import DeployError, Refused
from mailwright.deploy.properties import plain, wrapped
from mailwright.deploy.provider import MailwrightProvider
from mailwright.model.text import LANGS, Text
from mailwright.plan.transition.gate import refusal_text

Action = Literal["create", "adopt", "update", "delete", "same", "drift"]
_LEFT_ALONE = Text("left alone, because what has to come first failed", "未执行，因为必须先完成的部分失败了")
_TIMEOUT = 0.0  # none of ours: the host has its own


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one resource; ``lines`` say it a record a line (``+``, ``-``, ``~``, ``=``).

    ``adopt``: all that is planned stands there already; it becomes ours, and nothing is written.
    """

    action: Action
    urn: str
    lines: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The resource's name: its domain."""
        return self.urn.rpartition("::")[2]


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
        self.provider = make(intend=self._intend)
        self.steps: list[Step] = []
        self.problems: list[str] = []
        self.refused = False
        self.exported: dict[str, Any] = {}
        self._registered: set[str] = set()
        self._failed: set[str] = set()
        self._unread: dict[str, DeployError] = {}
        self._guard = threading.Lock()

    # -- outcome -----------------------------------------------------------------------------------

    def fail(self, problem: str | DeployError) -> None:
        """Note a problem: nothing is deleted in this run any more."""
        with self._guard:
            text = str(problem)
            if text not in self.problems:
                self.problems.append(text)
            # The program's refusals come as a RunError: their first line tells them apart.
            told = any(refusal_text((), each) in text for each in LANGS)
            self.refused = self.refused or isinstance(problem, Refused) or told

    def _step(self, action: Action, urn: str, lines: tuple[str, ...] = ()) -> None:
        with self._guard:
            self.steps.append(Step(action, urn, lines))

    def finish(self) -> None:
        """Bring what is not on the disk yet there, and close the connections."""
        self.call(self.provider.close())
        if not self.preview:
            self.store.save()

    # -- refresh -----------------------------------------------------------------------------------

    def refresh(self, *, report: bool) -> None:
        """Read every resource of the state; ``report``: unread ones are problems, drift is a step."""
        entries = self.store.of_type(*DECLARED)

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
                    self.fail(DeployError(f"{urn.rpartition('::')[2]}: {answer}"))
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
            lines = _declared(entry).drifted(outputs)
            self._step("drift" if lines else "same", urn, lines)

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

    def outputs(self, values: Mapping[str, Any]) -> None:
        """The stack's outputs."""
        self.exported = dict(values)
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
            text = str(error)
            named = text if isinstance(error, Refused) else f"{urn.rpartition('::')[2]}: {text}"
            self.fail(type(error)(named))
            return "", given

    def _register(
        self, urn: str, token: str, parent: str, given: dict[str, PropertyValue]
    ) -> tuple[str, dict[str, PropertyValue]]:
        kind, properties = DECLARED[token], plain(given)
        wrong = kind.failures(properties)
        if wrong:
            raise DeployError("; ".join(f"{path}: {reason}" for path, reason in wrong))
        inputs = kind.settled(properties)
        old = self.store.get(urn)
        if old is None:
            return self._create(urn, token, parent, wrapped(inputs, given))
        self._require_read(urn, old, properties)
        found = kind.difference(old["outputs"], inputs)
        if found.replaces:
            raise DeployError("its domain changed: a resource keeps its domain, make another one")
        if found.changes:
            return self._update(urn, old, wrapped(inputs, given))
        if not self.preview:
            self.store.put(urn, {**old, "inputs": inputs})
        self._step("same", urn)
        return old["id"], given

    def _create(
        self, urn: str, token: str, parent: str, inputs: dict[str, PropertyValue]
    ) -> tuple[str, dict[str, PropertyValue]]:
        answer = self.call(self.provider.create(CreateRequest(urn, inputs, _TIMEOUT, self.preview)))
        id, outputs = answer.resource_id or "", plain(answer.properties)
        if not self.preview:
            outputs = self._journal.completed(urn, outputs)
            self.store.put(urn, self._entry(id, token, parent, plain(inputs), outputs))
            self.store.save()
            self._journal.drop(urn)
        lines = DECLARED[token].made(outputs)
        adopts = bool(lines) and all(line.startswith(STAYS) for line in lines)
        self._step("adopt" if adopts else "create", urn, lines)
        return id, answer.properties

    def _update(
        self, urn: str, old: Entry, inputs: dict[str, PropertyValue]
    ) -> tuple[str, dict[str, PropertyValue]]:
        state = wrapped(old["outputs"], {})
        request = UpdateRequest(urn, old["id"], state, inputs, _TIMEOUT, [], self.preview)
        answer = self.call(self.provider.update(request))
        lines = _declared(old).changed(old["outputs"], plain(answer.properties))
        if not self.preview:
            self._save_update(urn, old, plain(inputs), plain(answer.properties))
        self._step("update", urn, lines)
        return old["id"], answer.properties

    def _require_read(self, urn: str, old: Entry, given: Mapping[str, Any]) -> None:
        """A host that does not answer stops its resource, unless the spec has left that host."""
        error = self._unread.get(urn)
        moved = any(given.get(name) != old["inputs"].get(name) for name in _declared(old).place)
        if error is not None and not moved:
            raise error

    def _save_update(self, urn: str, old: Entry, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        self.store.put(urn, {**old, "inputs": inputs, "outputs": outputs, "modified": _now()})
        self.store.save()

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

    def _intend(self, urn: str, properties: dict[str, PropertyValue]) -> None:
        """Just before a write: what retires, and what was found, is remembered even if we are killed now."""
        entry = self.store.get(urn)
        intended = plain(properties)
        if self.preview:
            return
        if entry is None:
            self._journal.note(urn, intended)
            return
        told = {name: intended[name] for name in ("retiring", "found") if name in intended}
        if told.items() <= entry["outputs"].items():
            return
        self.store.put(urn, {**entry, "outputs": {**entry["outputs"], **told}})
        self.store.save()

    # -- deletion ----------------------------------------------------------------------------------

    def delete_vanished(self) -> None:
        """What the state has and the program no longer registers."""
        for urn in self.store.of_type(*DECLARED):
            if urn not in self._registered:
                self._delete(urn)
        if not self.problems and not self.preview:
            self._drop_empty()

    def delete_all(self) -> None:
        """Destroy: every resource, then what held them."""
        for urn in reversed(self.store.of_type(*DECLARED)):
            self._delete(urn)
        if not self.problems and not self.preview:
            self._registered = set()
            self._drop_empty()

    def _delete(self, urn: str) -> None:
        entry = self.store.get(urn) or {}
        request = DeleteRequest(urn, entry["id"], wrapped(entry["outputs"], {}), _TIMEOUT)
        lines = _declared(entry).gone(entry["outputs"])
        try:
            if urn in self._unread:
                raise self._unread[urn]
            self.call(self.provider.would_delete(request) if self.preview else self.provider.delete(request))
        except DeployError as error:
            text = str(error)
            self.fail(
                type(error)(text if isinstance(error, Refused) else f"{urn.rpartition('::')[2]}: {text}")
            )
            return
        if not self.preview:
            self.store.drop(urn)
            self.store.save()
        self._step("delete", urn, lines)

    def forget_all(self) -> None:
        """Everything leaves the state, and nothing is touched in the world."""
        for urn in self.store.of_type(*DECLARED):
            self.store.drop(urn)
        self._registered = set()
        self._drop_empty()

    def _drop_empty(self) -> None:
        """Components without children, and with the last of them the provider and the stack."""
        alive = {each.get("parent") for each in self.store.of_type(*DECLARED).values()}
        for urn, entry in list(self.store.resources.items()):
            kept = urn in self._registered or urn in alive or entry["type"] in DECLARED
            head = entry["custom"] or entry["type"] == STACK_TYPE
            if not kept and not (head and (alive or self._registered)):
                self.store.drop(urn)


def _declared(entry: Entry) -> Declared:
    return DECLARED[entry["type"]]


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z")
