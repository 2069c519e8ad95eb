"""The real engine, through Pulumi's Automation API: what ``pulumi up`` does in this project."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pulumi import automation as auto

from mailwright.deploy.errors import DeployError
from mailwright.deploy.run.notes import noting
from mailwright.deploy.run.outcome import STAYS, Action, Change, Outcome
from mailwright.deploy.tokens import MAIL_DOMAIN, TOKENS
from mailwright.model import disk
from mailwright.model.text import Text
from mailwright.model.variables import temporarily
from mailwright.operations.stack import opening
from mailwright.operations.stack.backends import Backend
from mailwright.operations.stack.engine import HEAD
from mailwright.operations.stack.interrupting import INTERRUPTED, orderly
from mailwright.operations.stack.locks import locked
from mailwright.operations.stack.request import BackendError, Request, Say

#: What the command says, and that it is too old for Pulumi's own library.
_ERRORS = (auto.errors.CommandError, auto.errors.InvalidVersionError)

_NO_COMMAND = Text(
    "The pulumi command is not on the PATH (www.pulumi.com/docs/install); --engine embedded works without.",
    "PATH 中没有 pulumi 命令（www.pulumi.com/docs/install）；也可用 --engine embedded。",
)
_NO_PROJECT = Text(
    "There is no Pulumi.yaml here or above: run this in the project's folder (or with -C).",
    "此处及上级目录没有 Pulumi.yaml：请在项目文件夹中运行（或用 -C）。",
)
_DIAGNOSTICS = re.compile(r"Diagnostics:\n(.*?)(?=\n(?:Outputs|Resources|Duration):|\Z)", re.S)
_STDERR = re.compile(r"^ stderr: (.*)", re.S | re.M)
#: A program that still waited when the engine gave up is interrupted, which is nobody's fault.
_INTERRUPTED = re.compile(
    r"^ *Traceback \(most recent call last\):\n(?:(?!^ *Traceback).)*?KeyboardInterrupt\n", re.S | re.M
)
#: That the run failed, which resource said so, and that the program ended: the reason stands beside it.
_NOISE = re.compile(
    r"error: (?:update failed|preview failed|an unhandled error occurred: program exited)"
    r"|^  \S+ \(\S+\):$|^ *During handling of"
)
_AGAIN = Text(
    "{domains}: what was there is taken over as it is; now the change.",
    "{domains}：已按原样接管现有记录，现在执行变更。",
)
_REVIEW_AGAIN = Text(
    "{domains}: what was there is taken over as it is. Preview again and review the change.",
    "{domains}：已按原样接管现有记录。请重新预览并审阅变更。",
)
_PROTECTED = Text(
    "Refused: this change could lose mail.\n"
    "  The records above carry the domain's mail; they are protected and stay. To take the domain down, pass "
    "{flags}.",
    "已拒绝：这次变更可能会丢失邮件。\n"
    "  以上记录承载该域名的邮件，受到保护，未被删除。若确实要停用该域名，请加参数 {flags}。",
)
_RECORDS = Text("What that comes to:", "实际内容：")
_HOLDS_OTHERS = Text(
    "Pulumi has a stack {stack} already, and it holds something else: {names}. Nothing was moved. Give the "
    "embedded stack another name, or take that stack down first.",
    "Pulumi 中已有栈 {stack}，且管理着其他内容：{names}。未做任何迁移。"
    "请为内置引擎的栈换一个名称，或先停用那个栈。",
)
_NOT_AS_IT_WAS = Text(
    "The stack {stack} is imported, but its first preview would change {names}. The embedded stack stays in "
    "use. Bring it up to date with `mailwright up --engine embedded`, then move it again.",
    "栈 {stack} 已导入，但首次预览会改动 {names}。内置引擎的栈继续使用。"
    "请先运行 `mailwright up --engine embedded` 使其与规格一致，然后再次迁移。",
)
_MOVED = Text(
    "Moved: the stack {stack} is Pulumi's now, no record changed. The old state is {old}.",
    "已迁移：栈 {stack} 现由 Pulumi 管理，没有改动任何记录。旧状态保存在 {old}。",
)


@dataclass(frozen=True, slots=True)
class ByPulumi:
    """One stack of the project in ``project``; None: there is no project here."""

    request: Request
    name: str
    project: Path | None

    def preview(self, say: Say) -> Outcome:
        """See ``Engine``."""

        lines: list[str] = []

        def work(stack: auto.Stack, events: Events) -> None:
            stack.preview(on_output=_lines(lines.append), on_event=events, diff=True)

        outcome = self._run(say, work)
        adopts = bool(outcome.changes) and not outcome.writes and not outcome.problems
        # The engine calls "create" what it did not have yet, also where all of it is there already.
        for line in outcome.notices if adopts else lines:
            say(line)
        self._tell(say, outcome)
        return outcome

    def up(self, say: Say) -> Outcome:
        """See ``Engine``. At Cloudflare a first run takes over what is there, a second one changes it."""

        def work(stack: auto.Stack, events: Events) -> auto.OutputMap:
            outputs = stack.up(on_output=_lines(say), on_event=events).outputs
            pending = ", ".join(outputs["again"].value) if "again" in outputs else ""
            if not pending:
                return outputs
            say(
                (_REVIEW_AGAIN if self.request.plan_file else _AGAIN).using(domains=pending)(
                    self.request.lang
                )
            )
            if self.request.plan_file:
                return outputs
            return stack.up(on_output=_lines(say), on_event=events).outputs

        outcome = self._run(say, work)
        self._tell(say, outcome)
        return outcome

    def refresh(self, say: Say) -> Outcome:
        """See ``Engine``."""

        def work(stack: auto.Stack, events: Events) -> None:
            stack.refresh(on_output=_lines(say), on_event=events)

        return self._run(say, work, reads=True)

    def destroy(self, say: Say) -> Outcome:
        """See ``Engine``."""

        def work(stack: auto.Stack, events: Events) -> None:
            opening.open_for_deletion(stack, self.project or Path.cwd(), self.request.lang)
            stack.destroy(on_output=_lines(say), on_event=events)

        return self._run(say, work)

    def forget(self, say: Say) -> Outcome:
        """See ``Engine``. What the state retains is deleted from it alone."""

        def work(stack: auto.Stack, events: Events) -> None:
            exported = stack.export_stack()
            body = dict(exported.deployment or {})
            for resource in body.get("resources", ()):
                if resource.get("type") in TOKENS:
                    resource["retainOnDelete"] = True
            stack.import_stack(auto.Deployment(version=exported.version, deployment=body))
            stack.destroy(on_output=_lines(say), on_event=events)

        return self._run(say, work)

    def state(self) -> Mapping[str, Any]:
        """See ``Engine``; empty too where there is no command or no project. Raises BackendError."""
        if self._unusable():
            return {}
        with temporarily(self._variables()):
            try:
                exported = auto.select_stack(self.name, work_dir=str(self.project)).export_stack()
                return dict(exported.deployment or {})
            except auto.errors.StackNotFoundError:
                return {}
            except _ERRORS as error:
                raise BackendError(essence(str(error))) from None

    def take_over(self, old: Path, say: Say) -> Outcome:
        """Bring an embedded stack's state here: init, import, a preview without changes; rename the file.

        What somebody has yet to enter by hand is looked for by every run, and is no change.
        What an earlier attempt has imported is not imported again: it may be newer.
        """
        body = json.loads(disk.read_text(old))

        def work(stack: auto.Stack, events: Events) -> None:
            there, ours = _urns(dict(stack.export_stack().deployment or {})), _urns(body["deployment"])
            if not there <= ours:
                names = ", ".join(sorted(urn.rpartition("::")[2] for urn in there - ours))
                raise BackendError(_HOLDS_OTHERS.using(stack=self.name, names=names)(self.request.lang))
            if not there:
                stack.import_stack(auto.Deployment(version=body["version"], deployment=body["deployment"]))
            stack.preview(on_output=_lines(say), on_event=events)
            waiting = _waiting(body["deployment"])
            other = sorted({change.name for change in events.changes if change.urn not in waiting})
            if other:
                names = ", ".join(other)
                raise BackendError(_NOT_AS_IT_WAS.using(stack=self.name, names=names)(self.request.lang))

        outcome = self._run(say, work)
        if not outcome.problems:
            moved = old.with_suffix(".json.moved")
            old.rename(moved)
            say(_MOVED.using(stack=self.name, old=str(moved))(self.request.lang))
        return outcome

    # -- inside ------------------------------------------------------------------------------------

    def _tell(self, say: Say, outcome: Outcome) -> None:
        """The records of it: the engine itself shows what was asked for, not what that comes to."""
        lines = [line for change in outcome.changes for line in _in_words(change)]
        for line in (_RECORDS(self.request.lang), *lines) if lines else ():
            say(line)

    def _run(self, say: Say, work: _Work, *, reads: bool = False) -> Outcome:
        """One run. ``reads``: it is about reading alone, and no program says what was not read."""
        unusable = self._unusable()
        if unusable:
            return Outcome(problems=(unusable(self.request.lang),))
        events = Events()
        outputs: auto.OutputMap | None = None
        problems: tuple[str, ...] = ()
        lang, backend = self.request.lang, self._backend
        own = backend.variables
        with noting() as notes, temporarily(self._variables()), orderly(say, lang) as asked:
            try:
                stack = auto.create_or_select_stack(self.name, work_dir=str(self.project))
                say(HEAD.using(engine="pulumi", stack=self.name, state=backend.url)(lang))
                if backend.notice:
                    say(backend.notice(lang))
                outputs = work(stack, events)
                problems = notes.unread_lines if reads else ()
                for notice in notes.notices:
                    say(notice)
            except (BackendError, DeployError) as error:
                problems = (str(error),)
            except _ERRORS as error:
                problems = self._problems(error, events, own)
                problems = (*problems, INTERRUPTED(lang)) if asked.count else problems
            return Outcome(
                changes=tuple(
                    _with_lines(change, notes.written.get(change.urn, ())) for change in events.changes
                ),
                problems=problems,
                notices=tuple(events.said),
                refused=bool(problems) and bool(notes.refusals or events.protected),
                sheets=outputs["sheets"].value if outputs and "sheets" in outputs else {},
                records=notes.changes,
                digests=notes.digests,
                by_hand=notes.sheets,
            )

    def _unusable(self) -> Text | None:
        if not shutil.which("pulumi"):
            return _NO_COMMAND
        return None if self.project else _NO_PROJECT

    def _variables(self) -> dict[str, str | None]:
        assert self.project is not None
        entries = [_from(entry, self.project) for entry in self.request.entries or self.request.specs]
        update = {"PULUMI_SKIP_UPDATE_CHECK": "true"}
        return self.request.variables(entries) | self._backend.variables | update

    @property
    def _backend(self) -> Backend:
        assert self.project is not None
        return Backend.of(self.project, self.name)

    def _problems(self, error: Exception, events: Events, own: Mapping[str, str | None]) -> tuple[str, ...]:
        if isinstance(error, auto.errors.ConcurrentUpdateError):
            assert self.project is not None
            return (locked(str(error), self.name, self.project, own)(self.request.lang),)
        if not events.protected:
            return (essence(str(error)),)
        flags = " ".join(f"--allow {rule}" for rule in sorted(opening.needed(events.protected)))
        return (essence(str(error)), _PROTECTED.using(flags=flags)(self.request.lang))


class Events:
    """What the engine does, as it tells step by step in values: what changes, and what its state protects."""

    def __init__(self) -> None:
        self._changes: dict[tuple[str, str], Change] = {}
        self.protected: list[str] = []
        self.said: list[str] = []

    @property
    def changes(self) -> tuple[Change, ...]:
        """One a resource and action."""
        return tuple(self._changes.values())

    def __call__(self, event: auto.EngineEvent) -> None:
        """Take one event."""
        if event.diagnostic_event and event.diagnostic_event.severity in ("info", "warning"):
            self.said.append(_COLOUR.sub("", event.diagnostic_event.message).rstrip())
        step = event.resource_pre_event or event.res_outputs_event
        if step is None or step.metadata.type.startswith(_PULUMIS) or step.metadata.type == MAIL_DOMAIN:
            return
        about = step.metadata
        action = _ACTIONS.get(about.op)
        if action:
            self._changes[about.urn, action] = Change(action, about.urn)
        if action == "delete" and about.old and about.old.protect:
            self.protected.append(about.type)


#: How the engine marks colours in what it passes on.
_COLOUR = re.compile(r"<\{%.*?%\}>")
#: Entries of the engine's own, the stack and providers: a moved one is brought into its form, no more.
_PULUMIS = "pulumi:"
_Work = Callable[[auto.Stack, Events], auto.OutputMap | None]
_ACTIONS: dict[auto.OpType, Action] = {
    auto.OpType.CREATE: "create",
    auto.OpType.UPDATE: "update",
    auto.OpType.DELETE: "delete",
    auto.OpType.REPLACE: "replace",
    auto.OpType.CREATE_REPLACEMENT: "replace",
    auto.OpType.DELETE_REPLACED: "replace",
    auto.OpType.IMPORT: "import",
    auto.OpType.IMPORT_REPLACEMENT: "import",
}


def _lines(say: Say) -> Callable[[str], None]:
    """Told output line by line."""

    def output(line: str) -> None:
        say(line.rstrip("\n"))

    return output


def _urns(deployment: Mapping[str, Any]) -> set[str]:
    """What a deployment holds of domains; the engine's own entries say nothing."""
    resources = (deployment.get("resources") or ()) if deployment else ()
    return {resource["urn"] for resource in resources if not str(resource["type"]).startswith(_PULUMIS)}


def _waiting(deployment: Mapping[str, Any]) -> set[str]:
    """The resources that wait for somebody who enters records by hand."""
    resources = deployment.get("resources") or ()
    return {
        resource["urn"]
        for resource in resources
        if (outputs := resource.get("outputs") or {}).get("pending") or outputs.get("awaiting")
    }


def _with_lines(change: Change, lines: tuple[str, ...]) -> Change:
    return (
        Change.new(change.urn, lines) if change.action == "create" and lines else replace(change, lines=lines)
    )


def _in_words(change: Change) -> tuple[str, ...]:
    """A resource in words, where they are known: what comes and goes, and what stays."""
    if change.action == "import":
        return (f"{STAYS}{change.name} (taken over as it is)",)
    return () if not change.lines else (str(change), *(f"  {line}" for line in change.lines))


def _from(entry: Path, project: Path) -> Path:
    """The program runs in the project's folder."""
    whole = entry.resolve()
    return whole.relative_to(project) if whole.is_relative_to(project) else whole


def essence(text: str) -> str:
    """What went wrong, out of all that the command printed: its diagnostics, without its own noise."""
    part = _DIAGNOSTICS.search(text) or _STDERR.search(text)
    lines = [line for line in _INTERRUPTED.sub("", part[1] if part else text).splitlines() if line.strip()]
    shown = [line for line in lines if not _NOISE.search(line)]
    return textwrap.dedent("\n".join(dict.fromkeys(shown or lines)))
