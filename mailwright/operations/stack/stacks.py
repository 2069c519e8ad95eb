"""Which stack holds a domain: one alone, whatever files a run names.

Two stacks that deploy the same domain undo each other's work, and a file that joins or leaves a
folder must not make another stack of it.
"""

from __future__ import annotations

import glob
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from mailwright.deploy.tokens import DNS_RECORDS
from mailwright.hosts.dns.service import Way
from mailwright.hosts.dns.services import SERVICES, target_of
from mailwright.model.names import absolute, bare
from mailwright.model.text import Text
from mailwright.operations.stack.request import Request

_HELD = Text(
    "Refused: {domain} is held by the stack {other} already{more}. Two stacks that deploy one domain "
    "undo each other's work. Nothing was changed.\n"
    "  Go on with that stack: --stack {other}. If the stack {own} is the one to keep, move {file} away "
    "first: its records stay.",
    "已拒绝：{domain} 已由栈 {other} 管理{more}。两个栈部署同一域名会互相覆盖。未做任何修改。\n"
    "  请继续使用该栈：--stack {other}。如果要保留栈 {own}，请先移走 {file}：其中的记录会保留。",
)
#: Domain and where it is served: the same domain on a server for trials is another matter.
_Place = tuple[str, str]
_WITH = Text(", together with {others}", "（同时管理 {others}）")


def folder_name(words: Sequence[str]) -> str | None:
    """The stack's name where one folder was named: it stays the same when files come and go."""
    return Path(words[0]).resolve().name if len(words) == 1 and Path(words[0]).is_dir() else None


def held_by_pulumi(name: str, here: Path) -> bool:
    """Whether the project's own file backend of Pulumi has this stack."""
    return pulumi_file(name, here) is not None


def pulumi_file(name: str, here: Path) -> Path | None:
    """The stack's file in the project's own backend of Pulumi; None where it has none."""
    project = next((each for each in (here, *here.parents) if (each / "Pulumi.yaml").exists()), here)
    kept = project / ".mailwright" / "pulumi" / ".pulumi" / "stacks"
    return next(kept.glob(f"*/{glob.escape(name)}.json"), None)


def resolved(request: Request, folder: Path) -> Request:
    """The request for the stack that has state: where another one holds just these domains, that one."""
    if request.stack or (folder / f"{request.name}.json").exists():
        return request
    holders = _holders(request, folder)
    if len(holders) == 1:
        (name, held), *_ = holders.items()
        if held <= _wanted(request.specs):
            return replace(request, stack=name)
    return request


def held_elsewhere(request: Request, folder: Path) -> str | None:
    """What to say where another stack's state holds one of the domains; None where none does."""
    for other, held in sorted(_holders(request, folder).items()):
        domain = min(held & _wanted(request.specs))[0]
        others = ", ".join(sorted({each for each, *_ in held} - {domain}))
        more = _WITH.using(others=others)(request.lang) if others else ""
        file = (folder / f"{other}.json").relative_to(Path.cwd())
        return _HELD.using(domain=domain, other=other, more=more, own=request.name, file=file)(request.lang)
    return None


def _holders(request: Request, folder: Path) -> dict[str, set[_Place]]:
    """Every other stack that holds one of the domains, with all that it holds."""
    states = [each for each in sorted(folder.glob("*.json")) if each.stem != request.name]
    wanted = _wanted(request.specs) if states else set()
    found = {each.stem: _held(each) for each in states}
    return {name: held for name, held in found.items() if held & wanted}


def _held(state: Path) -> set[_Place]:
    try:
        resources = json.loads(state.read_text(encoding="utf-8"))["deployment"].get("resources") or ()
        targets = [target_of(each["outputs"]) for each in resources if each["type"] == DNS_RECORDS]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()  # a state that cannot be read is for the run that uses it
    return {(each.domain, each.where) for each in targets}


def _wanted(specs: Iterable[Path]) -> set[_Place]:
    from mailwright.spec import load

    made: set[_Place] = set()
    for path in specs:
        spec = load(path).spec
        for host in spec.dns_hosts if spec else ():
            service = SERVICES[host.service]
            if spec and service.way is not Way.SHEET and not service.lacking(host.options):
                where = service.target(spec.domain, spec.domain, host.options).where
                made |= {(bare(absolute(each)), where) for each in (spec.domain, *spec.parked)}
    return made


def chosen(request: Request) -> str:
    """``auto`` stays with the engine whose state exists; else Pulumi where there is a command.

    Without the command Pulumi's state is not passed over: the embedded engine would begin anew beside it.
    """
    if request.engine != "auto":
        return request.engine
    if state_file(request).exists():
        return "embedded"
    known = held_by_pulumi(request.name, Path.cwd())
    return "pulumi" if shutil.which("pulumi") or known else "embedded"


def state_file(request: Request) -> Path:
    """Where the embedded engine keeps a stack: below the folder the command is run in."""
    return states() / f"{resolved(request, states()).name}.json"


def states() -> Path:
    """The folder of the embedded engine's states."""
    return Path.cwd() / ".mailwright" / "state"
