"""The stacks beside the one that runs, as far as they can be seen, and what they hold.

Seen are the embedded engine's and our commands' own in the project's folder, every stack of the backend that
Pulumi uses, whichever project it is of, and of every folder that it was ever logged in to here. What is kept
on another machine nobody here can see: of that only the served zone tells (``found-before-removed``).
"""

from __future__ import annotations

import asyncio
import gzip
import json
import shlex
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mailwright.deploy.given import backend
from mailwright.deploy.tokens import CLOUDFLARE, MAIL_DOMAIN, TOKENS
from mailwright.model import disk
from mailwright.model.finding import Finding, found
from mailwright.model.names import absolute, bare
from mailwright.model.rules import Severity, rule
from mailwright.model.text import Text

#: ``pulumi stack export`` commands at the same time, and seconds that one command may take.
_AT_ONCE, _PATIENCE = 8, 60
_Place = tuple[object, ...]
_Resource = Mapping[str, Any]
_ByDomain = Mapping[str, Sequence[_Resource]]
#: When a file was written, its size and which one it is.
_Stamp = tuple[int, int, int]
#: The place of a resource, out of its outputs.
PlaceOf = Callable[[_Resource], _Place]

HELD_BY_ANOTHER = rule(
    "held-by-another-stack",
    Severity.ERROR,
    en="{domain} is held by the stack {other} already ({where}{more}). Two stacks that deploy one domain "
    "undo each other's work.",
    zh="{domain} 已由栈 {other} 管理（{where}{more}）。两个栈部署同一域名会互相覆盖。",
    hint_en="Go on with that stack ({options}). To hand the domain over, let that stack forget it "
    "first{also}; the records stay: {command}",
    hint_zh="请继续使用该栈（{options}）。若要移交该域名，请先让该栈忘记它{also}，记录会保留：{command}",
)
_ALSO = Text(
    " (it forgets {others}, too, and takes them over again at its next up)",
    "（{others} 也会一并被忘记，下次 up 时会重新接管）",
)
STAYS = Text(
    "{domain}: its records stay, because the stack {other} ({where}) holds them, too. This one only forgets "
    "them.",
    "{domain}：记录保留不动，因为栈 {other}（{where}）也在管理它们；此栈只是不再记住它们。",
)
_NOT_SEEN = Text(
    "Whether another stack holds the domains that join could not be seen: {reason}",
    "无法查看新加入的域名是否已由其他栈管理：{reason}",
)


@dataclass(frozen=True, slots=True)
class Other:
    """Another stack: ``where`` its state is, in words, and the resources of ours in it, by domain.

    ``file`` is set for an embedded engine's; ``backend`` is its address where Pulumi now uses another one.
    """

    name: str
    where: str
    resources: _ByDomain
    file: Path | None = None
    backend: str = ""

    @property
    def options(self) -> str:
        """How a command is told to go on with it."""
        name = f"--stack {shlex.quote(self.name)}"
        return f"--engine embedded {name}" if self.file else f"{self._variable}{name}"

    @property
    def _variable(self) -> str:
        return f"{backend.URL}={shlex.quote(self.backend)} " if self.backend else ""

    def forgets(self, urn: str) -> str:
        """The command that lets it forget a resource, and what waits for it; the world stays as it is.

        It means the same wherever it is typed, and overwrites no state that was put away before.
        """
        if self.file:
            return f"mv -n {shlex.quote(str(self.file))} {shlex.quote(f'{self.file}.old')}"
        waits = any(
            urn in (resource.get("dependencies") or ())
            for resources in self.resources.values()
            for resource in resources
        )
        below = " --target-dependents" if waits or f"::{MAIL_DOMAIN}::" in urn else ""
        stack = f"--stack {shlex.quote(self.name)}"
        return f"{self._variable}pulumi state delete {shlex.quote(urn)} {stack} --yes{below}"


@dataclass(frozen=True, slots=True)
class Holding:
    """What another stack holds: the resource and its domain."""

    stack: Other
    urn: str
    domain: str

    def refusal(self) -> Finding:
        """Why this stack may not have it, too."""
        others = ", ".join(sorted(set(self.stack.resources) - {bare(absolute(self.domain))}))
        return found(
            HELD_BY_ANOTHER,
            domain=self.domain,
            other=self.stack.name,
            where=self.stack.where,
            more=f"; {others}" if others else "",
            options=self.stack.options,
            also=_ALSO.using(others=others) if others and self.stack.file else "",
            command=self.stack.forgets(self.urn),
        )

    def stays(self) -> Text:
        """That a removal here takes nothing away."""
        return STAYS.using(domain=self.domain, other=self.stack.name, where=self.stack.where)


@dataclass
class Beside:
    """Looks when somebody asks: a file again where it has changed since, by a command once.

    Args:
        stack: the name of the stack that runs, as in its URNs.
        project: the name of its project.
        folder: where the project is.
        embedded: the state file that runs, of the embedded engine; then no command is asked.
    """

    stack: str
    project: str
    folder: Path
    embedded: Path | None = None

    def __post_init__(self) -> None:
        self.unseen: list[str] = []
        self._looked: tuple[Other, ...] | None = None
        self._files: dict[Path, tuple[_Stamp, _ByDomain]] = {}

    def stacks(self, *, fresh: bool = False) -> tuple[Other, ...]:
        """All that can be seen. What could not is in ``unseen`` afterwards. ``fresh``: as of now."""
        if self._looked is None or fresh:
            self._looked = tuple(stack for stack in self._all() if stack.resources)
        return self._looked

    def holder(
        self, domain: str, token: str, place: _Place, place_of: PlaceOf, *, fresh: bool = False
    ) -> Holding | None:
        """Which stack holds a domain at this place by such a resource; None: none that can be seen."""
        for stack in self.stacks(fresh=fresh):
            for resource in stack.resources.get(bare(absolute(domain)), ()):
                if resource["type"] == token and _is_at(place, resource, place_of):
                    return Holding(stack, str(resource["urn"]), domain)
        return None

    def relatives(self, domain: str, token: str, *, fresh: bool = False) -> list[_Resource]:
        """What other stacks hold of domains above and below this one: its names may be theirs, too."""
        name = bare(absolute(domain))
        return [
            resource["outputs"]
            for stack in self.stacks(fresh=fresh)
            for other, resources in stack.resources.items()
            if other.endswith(f".{name}") or name.endswith(f".{other}")
            for resource in resources
            if resource["type"] == token
        ]

    def at_cloudflare(self, domain: str) -> Holding | None:
        """Which stack holds a domain by records of Cloudflare's plugin; None: none that can be seen."""
        place = (bare(absolute(domain)),)
        return self.holder(domain, MAIL_DOMAIN, place, lambda outputs: place if outputs else ())

    def unseen_text(self) -> Text | None:
        """What is worth saying where not every stack could be seen."""
        return _NOT_SEEN.using(reason="; ".join(self.unseen)) if self.unseen else None

    # -- inside --------------------------------------------------------------------------------------

    def _all(self) -> Iterator[Other]:
        for file in sorted((self.folder / ".mailwright" / "state").glob("*.json")):
            if self.embedded is None or file.resolve() != self.embedded.resolve():
                yield Other(file.stem, self._shown(file), self._read(file), file=file.resolve())
        own = backend.own(self.folder).resolve()
        url = backend.chosen(self.folder) or own.as_uri()
        root = backend.folder(url, self.folder)
        if root is not None:
            yield from self._of_files(root, current=self.embedded is None)
        elif self.embedded is None:
            yield from self._of_command
        more = {backend.folder(login, self.folder) for login in backend.logins()} | {own}
        for folder in sorted(place for place in more if place and place != root):
            yield from self._of_files(folder, current=False)

    def _of_files(self, root: Path, *, current: bool) -> Iterator[Other]:
        """The stacks of a backend of files; ``current``: the one that runs is among them."""
        for file in backend.state_files(root):
            name = file.name.partition(".json")[0]
            project = file.parent.name if file.parent.name != "stacks" else self.project
            if current and (project, name) == (self.project, self.stack):
                continue
            long = name if project == self.project else f"organization/{project}/{name}"
            yield Other(long, self._shown(root), self._read(file), backend="" if current else root.as_uri())

    @cached_property
    def _of_command(self) -> tuple[Other, ...]:
        """The stacks of any other backend, as the command tells them; those of our own are passed over."""
        url = backend.chosen(self.folder)
        listed = self._asked("stack", "ls", "--all", "--json")
        names = [str(stack["name"]) for stack in listed or () if stack.get("resourceCount") != 0]
        names = [name for name in names if not self._is_own(name)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            bodies = pool.map(lambda name: self._asked("stack", "export", "--stack", name), names)
            return tuple(
                Other(name, url, _ours((body or {}).get("deployment")))
                for name, body in zip(names, bodies, strict=True)
            )

    def _is_own(self, name: str) -> bool:
        """Whether a listed name is the stack that runs: bare, as ``ORG/STACK`` or ``ORG/PROJECT/STACK``."""
        *owner, stack = name.split("/")
        return stack == self.stack and (len(owner) < 2 or owner[-1] == self.project)

    def _asked(self, *words: str) -> Any:
        command = shutil.which("pulumi")
        if command is None:
            self._miss("pulumi: not on the PATH")
            return None
        try:
            ended = subprocess.run(
                [command, *words, "--non-interactive"],
                cwd=self.folder,
                capture_output=True,
                text=True,
                check=True,
                timeout=_PATIENCE,
            )
            return json.loads(ended.stdout)
        except subprocess.CalledProcessError as error:
            last = (error.stderr or error.stdout or "").strip().splitlines()[-1:]
        except (OSError, subprocess.TimeoutExpired, ValueError) as error:
            last = [type(error).__name__]
        self._miss(" ".join(["pulumi", *words, *last]))
        return None

    def _miss(self, place: str) -> None:
        if place not in self.unseen:
            self.unseen.append(place)

    def _read(self, file: Path) -> _ByDomain:
        """Either engine's state file, once for each time that somebody wrote it."""
        try:
            facts = file.stat()
        except OSError:
            return {}  # gone since it was listed
        stamp = (facts.st_mtime_ns, facts.st_size, facts.st_ino)
        known = self._files.get(file)
        if known is None or known[0] != stamp:
            known = self._files[file] = (stamp, self._parsed(file))
        return known[1]

    def _parsed(self, file: Path) -> _ByDomain:
        """What a state file holds of ours; one that cannot be read is for the run that uses it."""
        try:
            text = (
                gzip.decompress(file.read_bytes()).decode() if file.suffix == ".gz" else disk.read_text(file)
            )
            body = json.loads(text)  # of others', too: one that is cut off may have held anything
            return _ours(body["checkpoint"]["latest"] if "checkpoint" in body else body["deployment"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError, EOFError):
            self._miss(self._shown(file))
            return {}

    def _shown(self, path: Path) -> str:
        here = self.folder.resolve()
        whole = path.resolve()
        return str(whole.relative_to(here)) if whole.is_relative_to(here) and whole != here else str(whole)


class Watch:
    """What the handlers of one provider process ask. It looks when first asked, and once.

    Args:
        embedded: the state file that runs, of the embedded engine.
    """

    def __init__(self, embedded: Path | None = None) -> None:
        self._embedded = embedded
        self._beside: Beside | None = None
        self._lock = threading.Lock()

    async def holder(
        self, urn: str, domain: str, token: str, place: _Place, place_of: PlaceOf, *, fresh: bool
    ) -> Holding | None:
        """Which other stack than that of ``urn`` holds this place; None: none that can be seen.

        ``fresh``: as of now, because a write follows.
        """

        def look() -> Holding | None:
            with self._lock:
                return self._looker(urn).holder(domain, token, place, place_of, fresh=fresh)

        return await asyncio.to_thread(look)

    async def relatives(self, urn: str, domain: str, token: str, *, fresh: bool) -> list[_Resource]:
        """See ``Beside.relatives``."""

        def look() -> list[_Resource]:
            with self._lock:
                return self._looker(urn).relatives(domain, token, fresh=fresh)

        return await asyncio.to_thread(look)

    def unseen(self) -> tuple[Text, ...]:
        """What is worth saying of stacks that could not be looked into."""
        text = self._beside.unseen_text() if self._beside else None
        return (text,) if text else ()

    def _looker(self, urn: str) -> Beside:
        if self._beside is None:
            stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
            self._beside = Beside(stack, project, Path.cwd(), self._embedded)
        return self._beside


def _domains(resource: _Resource) -> Iterator[str]:
    """Which domains one resource holds something of."""
    outputs = resource["outputs"]
    if resource["type"] in TOKENS:
        yield bare(absolute(str(outputs.get("domain"))))
    elif isinstance(at_cloudflare := outputs.get(CLOUDFLARE), Mapping):
        yield from (bare(absolute(domain)) for domain in at_cloudflare)


def _ours(deployment: Mapping[str, Any] | None) -> _ByDomain:
    """What a deployment holds of our types, readable."""
    by_domain: dict[str, list[_Resource]] = {}
    for resource in (deployment or {}).get("resources") or ():
        ours = resource.get("type") in (*TOKENS, MAIL_DOMAIN)
        if ours and isinstance(resource.get("outputs"), Mapping):
            for domain in _domains(resource):
                by_domain.setdefault(domain, []).append(resource)
    return by_domain


def _is_at(place: _Place, resource: _Resource, place_of: PlaceOf) -> bool:
    try:
        return place_of(resource["outputs"]) == place
    except (KeyError, ValueError, TypeError, AttributeError):
        return False  # hidden as a secret, or of a version that says it otherwise
