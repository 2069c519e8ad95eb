"""Opening a stack: which one it is, and that it alone holds its domains.

Two stacks that deploy the same domain undo each other's work, and a file that joins or leaves a
folder must not make another stack of it.
"""

from __future__ import annotations

import functools
import glob
import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from mailwright.deploy.tokens import DNS_RECORDS
from mailwright.hosts.dns.services import SERVICES, target_of
from mailwright.model import disk
from mailwright.model.names import absolute, bare
from mailwright.model.text import Text
from mailwright.operations.stack.engine import Stack
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
#: The places that the specs ask for; read when somebody asks, and once a run.
_Wanted = Callable[[], set[_Place]]
_WITH = Text(", together with {others}", "（同时管理 {others}）")


def open_stack(request: Request) -> Stack:
    """The stack of a request: its name, its engine and where its state is, settled once.

    ``auto`` stays with the engine whose state exists; else it is Pulumi where there is a command. Without the
    command Pulumi's state is not passed over: the embedded engine would begin anew beside it.
    """
    here = Path.cwd()
    project = next((folder for folder in (here, *here.parents) if (folder / "Pulumi.yaml").exists()), None)
    states = here / ".mailwright" / "state"
    places = functools.cache(lambda: _wanted(request.specs))
    name = _holder(request, states, places)
    own, theirs = states / f"{name}.json", _pulumi_file(request.name, project or here)
    embedded = own.exists() or not (shutil.which("pulumi") or theirs)
    if request.engine == "embedded" or (request.engine == "auto" and embedded):
        from mailwright.operations.stack.by_embedded import ByEmbedded

        engine = ByEmbedded(request, name, own, lambda: _held_elsewhere(request, name, states, places))
        return Stack(name, request, engine, own if own.exists() else None)
    from mailwright.operations.stack.by_pulumi import ByPulumi

    return Stack(request.name, request, ByPulumi(request, request.name, project), theirs)


def _pulumi_file(name: str, project: Path) -> Path | None:
    """The stack's file in the project's own backend of Pulumi; None where it has none."""
    backend = project / ".mailwright" / "pulumi" / ".pulumi" / "stacks"
    return next(backend.glob(f"*/{glob.escape(name)}.json"), None)


def _holder(request: Request, states: Path, own_places: _Wanted) -> str:
    """The stack that has state: where another one holds just these domains, that one."""
    if request.stack or (states / f"{request.name}.json").exists():
        return request.name
    holders = _holders(request.name, states, own_places)
    if len(holders) == 1:
        (name, held), *_ = holders.items()
        if held <= own_places():
            return name
    return request.name


def _held_elsewhere(request: Request, own: str, states: Path, own_places: _Wanted) -> str | None:
    """What to say where another stack's state holds one of the domains; None where none does."""
    for other, held in sorted(_holders(own, states, own_places).items()):
        domain = min(held & own_places())[0]
        others = ", ".join(sorted({name for name, *_ in held} - {domain}))
        more = _WITH.using(others=others)(request.lang) if others else ""
        file = (states / f"{other}.json").relative_to(Path.cwd())
        return _HELD.using(domain=domain, other=other, more=more, own=own, file=file)(request.lang)
    return None


def _holders(own: str, states: Path, own_places: _Wanted) -> dict[str, set[_Place]]:
    """Every other stack that holds one of the domains, with all that it holds."""
    files = [file for file in sorted(states.glob("*.json")) if file.stem != own]
    held = {file.stem: _held(file) for file in files}
    return {name: places for name, places in held.items() if places & own_places()}


def _held(state: Path) -> set[_Place]:
    try:
        resources = json.loads(disk.read_text(state))["deployment"].get("resources") or ()
        targets = [
            target_of(resource["outputs"]) for resource in resources if resource["type"] == DNS_RECORDS
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return set()  # a state that cannot be read is for the run that uses it
    return {(target.domain, target.where) for target in targets}


def _wanted(specs: Iterable[Path]) -> set[_Place]:
    from mailwright.spec import load

    made: set[_Place] = set()
    for path in specs:
        spec = load(path).spec
        for host in spec.dns_hosts if spec else ():
            service = SERVICES[host.service]
            if spec and not service.lacking(host.options):
                where = service.target(spec.domain, spec.domain, host.options).where
                made |= {(bare(absolute(each)), where) for each in spec.domains}
    return made
