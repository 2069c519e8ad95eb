"""Opening a stack: which one it is. A file that joins or leaves a folder must not make another stack of it.

That a domain is in one stack alone the provider sees to, whoever runs it (``deploy/given/beside.py``).
"""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from mailwright.deploy.given.backend import outside
from mailwright.deploy.tokens import DNS_RECORDS
from mailwright.hosts.dns.services import SERVICES, target_of
from mailwright.model import disk
from mailwright.model.names import absolute, bare
from mailwright.operations.stack.backends import Backend
from mailwright.operations.stack.engine import Stack
from mailwright.operations.stack.request import Request

#: Domain and where it is served: the same domain on a server for trials is another matter.
_Place = tuple[str, str]
#: The places that the specs ask for; read when somebody asks, and once a run.
_Wanted = Callable[[], set[_Place]]


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
    backend = Backend.of(project or here, request.name)
    own, theirs = states / f"{name}.json", backend.file(request.name)
    embedded = own.exists() or not (shutil.which("pulumi") or theirs or outside(project or here))
    if request.engine == "embedded" or (request.engine == "auto" and embedded):
        from mailwright.operations.stack.by_embedded import ByEmbedded

        return Stack(name, request, ByEmbedded(request, name, own), own if own.exists() else None)
    from mailwright.operations.stack.by_pulumi import ByPulumi

    return Stack(request.name, request, ByPulumi(request, request.name, project), theirs)


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

    places: set[_Place] = set()
    for path in specs:
        spec = load(path).spec
        for host in spec.dns_hosts if spec else ():
            service = SERVICES[host.service]
            if spec and not service.lacking(host.options):
                where = service.target(spec.domain, spec.domain, host.options).where
                places |= {(bare(absolute(domain)), where) for domain in spec.domains}
    return places
