"""The real engine, through Pulumi's Automation API: what ``pulumi up`` does in this project."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pulumi import automation as auto

from mailwright.deploy.tokens import DNS_RECORDS, MAILBOXES, RECORD, ROUTING
from mailwright.model.text import Text
from mailwright.operations.stack.request import BackendError, Request, Say, environment, is_refusal, variables
from mailwright.operations.stack.stacks import state_file

#: The consents that taking a whole domain down needs.
DOWN = frozenset({"no-mx-left", "spf-gone", "selector-gone", "dmarc-weakened"})
#: The rules of Cloudflare Email Routing are the addresses' only routes.
EMPTIED = "role-address-emptied"

#: The types of ours that delete anything in the world.
TOKENS = (DNS_RECORDS, MAILBOXES)

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
_LOCKED = Text(
    "The stack is locked, most likely by a run that was killed. "
    "If no other run is under way: pulumi cancel --yes",
    "栈被锁定，多半是因为上次运行被中断。若没有其他运行在进行：pulumi cancel --yes",
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
    "Refused: this change could lose mail. Nothing was changed.\n"
    "  The records above carry the domain's mail and are protected. To take the domain down, pass {flags}.",
    "已拒绝：这次变更可能会丢失邮件，未做任何修改。\n"
    "  以上记录承载该域名的邮件，受到保护。若确实要停用该域名，请加参数 {flags}。",
)
_NOTHING_TO_MOVE = Text("There is no embedded stack {stack} here.", "这里没有内置引擎的栈 {stack}。")
_MOVED = Text(
    "Moved: the stack {stack} is Pulumi's now, no record changed. The old state is {old}.",
    "已迁移：栈 {stack} 现由 Pulumi 管理，没有改动任何记录。旧状态保存在 {old}。",
)


def run(request: Request, say: Say, complain: Say) -> int:
    """preview, up, refresh or destroy."""
    prepared = _prepare(request, complain)
    if prepared is None:
        return 1
    folder, told = prepared
    with environment(told):
        try:
            stack = auto.create_or_select_stack(request.name, work_dir=str(folder))
            say(f"engine: pulumi, stack {request.name}, state in {_where()}")
            return _carry_out(request, stack, say)
        except _ERRORS as error:
            return _failed(request, error, complain)


def deployment(request: Request) -> dict[str, Any]:
    """What the stack's state holds (version 3); empty where there is no such stack, or no command.

    Raises BackendError.
    """
    prepared = _prepare(request, lambda _text: None)
    if prepared is None:
        return {}
    folder, told = prepared
    with environment(told):
        try:
            exported = auto.select_stack(request.name, work_dir=str(folder)).export_stack()
            return dict(exported.deployment or {})
        except auto.errors.StackNotFoundError:
            return {}
        except _ERRORS as error:
            raise BackendError(essence(str(error))) from None


def forget(request: Request, say: Say, complain: Say) -> int:
    """Drop all that deletes anything from the stack's state; the world stays as it is."""
    prepared = _prepare(request, complain)
    if prepared is None:
        return 1
    folder, told = prepared
    with environment(told):
        try:
            stack = auto.select_stack(request.name, work_dir=str(folder))
            exported = stack.export_stack()
            body = dict(exported.deployment or {})
            for each in body.get("resources", ()):
                if each.get("type") in TOKENS:
                    each["retainOnDelete"] = True
            stack.import_stack(auto.Deployment(version=exported.version, deployment=body))
            stack.destroy(on_output=lambda line: say(line.rstrip("\n")))
        except _ERRORS as error:
            return _failed(request, error, complain)
    return 0


def _carry_out(request: Request, stack: auto.Stack, say: Say) -> int:
    def output(line: str) -> None:
        say(line.rstrip("\n"))

    if request.command == "preview":
        shown = _preview(request, stack, output)
        changes = {str(op): n for op, n in shown.change_summary.items()}
        return (
            2
            if any(n for op, n in changes.items() if "same" not in op.lower() and "read" not in op.lower())
            else 0
        )
    if request.command == "destroy":
        _open_for_deletion(stack)
    doing: Callable[..., Any] = getattr(stack, request.command)
    doing(on_output=output)
    if request.command == "up":
        return _finish(request, stack, say, output)
    return 0


def _finish(request: Request, stack: auto.Stack, say: Say, output: Callable[[str], None]) -> int:
    """At Cloudflare a first run takes over what is there; a second one makes the change."""
    pending = stack.outputs().get("pending")
    if not pending:
        return 0
    if request.plan_file:
        say(_REVIEW_AGAIN.using(domains=", ".join(pending.value))(request.lang))
        return 0
    say(_AGAIN.using(domains=", ".join(pending.value))(request.lang))
    stack.up(on_output=output)
    return 0


def _open_for_deletion(stack: auto.Stack) -> None:
    """Cloudflare's provider deletes without asking, so the state protects; full consent lifts it.

    What is switched on is also *retained* until then, so that no slip of the engine switches it off.
    """
    from mailwright.deploy.environment import consents

    exported = stack.export_stack()
    body = exported.deployment
    resources = [each for each in (body or {}).get("resources", ()) if _is_guarded(each)]
    if body is None or not {each.rule for each in consents()}.issuperset(needed(resources)):
        return
    for each in resources:
        each["protect"] = False
        if each["type"].partition(":EmailRouting")[2] in ("Dns", "Settings"):
            each["retainOnDelete"] = False
    if resources:
        stack.import_stack(auto.Deployment(version=exported.version, deployment=body))


def _is_guarded(resource: dict[str, Any]) -> bool:
    type = str(resource.get("type"))
    return (type == RECORD or type.startswith(ROUTING)) and bool(resource.get("protect"))


def needed(resources: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The consents that taking these resources of a state down needs."""
    routed = any(str(each.get("type")).startswith(ROUTING) for each in resources)
    return DOWN | {EMPTIED} if routed else DOWN


def _preview(request: Request, stack: auto.Stack, output: Callable[[str], None]) -> auto.PreviewResult:
    """Show it; with ``--out`` the provider notes its changes, the engine's events the deletions."""
    if not request.out:
        return stack.preview(on_output=output, diff=True)
    from mailwright.deploy.reviewed import collected

    deletes: list[str] = []

    def event(each: auto.EngineEvent) -> None:
        step = each.resource_pre_event
        if step and step.metadata.op == auto.OpType.DELETE and step.metadata.type in TOKENS:
            deletes.append(step.metadata.urn)

    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "notes"
        with environment({"MAILWRIGHT_PLAN_NOTES": str(notes)}):
            shown = stack.preview(on_output=output, on_event=event, diff=True)
        collected(notes, deletes).write(request.out)
    return shown


def move(request: Request, say: Say, complain: Say) -> int:
    """stack init, stack import, preview --expect-no-changes; then the old file is renamed."""
    old = state_file(request)
    if not old.exists():
        complain(_NOTHING_TO_MOVE.using(stack=request.name)(request.lang))
        return 1
    prepared = _prepare(request, complain)
    if prepared is None:
        return 1
    folder, told = prepared
    with environment(told):
        try:
            stack = auto.create_stack(request.name, work_dir=str(folder))
            body = json.loads(old.read_text(encoding="utf-8"))
            stack.import_stack(auto.Deployment(version=body["version"], deployment=body["deployment"]))
            stack.preview(expect_no_changes=True, on_output=lambda line: say(line.rstrip("\n")))
        except _ERRORS as error:
            return _failed(request, error, complain)
    kept = old.with_suffix(".json.moved")
    old.rename(kept)
    say(_MOVED.using(stack=request.name, old=str(kept))(request.lang))
    return 0


def _prepare(request: Request, complain: Say) -> tuple[Path, dict[str, str | None]] | None:
    if not shutil.which("pulumi"):
        complain(_NO_COMMAND(request.lang))
        return None
    here = Path.cwd()
    folder = next((each for each in (here, *here.parents) if (each / "Pulumi.yaml").exists()), None)
    if folder is None:
        complain(_NO_PROJECT(request.lang))
        return None
    told = variables(request, [_from(each, folder) for each in request.specs])
    told |= _backend(folder)
    told["PULUMI_SKIP_UPDATE_CHECK"] = "true"
    return folder, told


def _from(spec: Path, folder: Path) -> str:
    """The program runs in the project's folder."""
    whole = spec.resolve()
    return str(whole.relative_to(folder)) if whole.is_relative_to(folder) else str(whole)


def _backend(folder: Path) -> dict[str, str | None]:
    """The user's own backend and passphrase, else a folder and a file (0600) of the project's own."""
    told: dict[str, str | None] = {}
    own = folder / ".mailwright"
    if not os.environ.get("PULUMI_BACKEND_URL"):
        (own / "pulumi").mkdir(parents=True, exist_ok=True)
        told["PULUMI_BACKEND_URL"] = (own / "pulumi").as_uri()
    if not os.environ.get("PULUMI_CONFIG_PASSPHRASE") and not os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        told["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(_passphrase(own / "passphrase"))
    return told


def _passphrase(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(secrets.token_urlsafe(32) + "\n")
    return path


def _where() -> str:
    return os.environ.get("PULUMI_BACKEND_URL", "")


def _failed(request: Request, error: Exception, complain: Say) -> int:
    text = str(error)
    if isinstance(error, auto.errors.ConcurrentUpdateError) or "currently locked" in text:
        complain(_LOCKED(request.lang))
        return 1
    complain(essence(text))
    if "cannot be deleted" in text and "protected" in text:
        rules = DOWN | {EMPTIED} if ROUTING in text else DOWN
        flags = " ".join(f"--allow {each}" for each in sorted(rules))
        complain(_PROTECTED.using(flags=flags)(request.lang))
        return 3
    return 3 if is_refusal(text) else 1


def essence(text: str) -> str:
    """What went wrong, out of all that the command printed: its diagnostics, without its own noise."""
    told = _DIAGNOSTICS.search(text) or _STDERR.search(text)
    told_text = _INTERRUPTED.sub("", told[1] if told else text)
    lines = [line for line in told_text.splitlines() if line.strip()]
    shown = [line for line in lines if not _NOISE.search(line)]
    return textwrap.dedent("\n".join(dict.fromkeys(shown or lines)))
