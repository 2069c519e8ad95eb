"""Where our commands have Pulumi keep its stacks: where the user chose, else in a folder of their own.

Chosen is what the ``pulumi`` command itself would use. A stack that our commands began in their own folder
stays there all the same: another state beside it would know of nothing.
"""

from __future__ import annotations

import glob
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from mailwright.deploy.given import backend
from mailwright.model import disk
from mailwright.model.text import Text

_STAYS = Text(
    "The stack {stack} stays in {folder}, where it began; pulumi itself would use {url}. To move it there: "
    "PULUMI_BACKEND_URL={own} pulumi stack export --stack {stack} --file state.json, then pulumi stack init "
    "{stack} and pulumi stack import --file state.json, then move {folder} away.",
    "栈 {stack} 仍保存在它最初所在的 {folder}；而 pulumi 命令会使用 {url}。若要迁移："
    "PULUMI_BACKEND_URL={own} pulumi stack export --stack {stack} --file state.json，再执行 "
    "pulumi stack init {stack} 和 pulumi stack import --file state.json，最后移走 {folder}。",
)


@dataclass(frozen=True, slots=True)
class Backend:
    """One project's backend for one stack.

    ``url`` is its address; ``root`` its folder where it is one of files; ``own``: it is our commands' own.
    ``notice`` says that another one is chosen and not used.
    """

    project: Path
    url: str
    own: bool
    notice: Text | None = field(default=None, repr=False)

    @staticmethod
    def of(project: Path, stack: str) -> Backend:
        """The user's choice, unless the stack began in our own folder."""
        own = backend.own(project)
        given = os.environ.get(backend.URL)
        url = given or backend.chosen(project)
        if given or (url and not _in_own(own, stack)):
            return Backend(project, url, own=False)
        texts = {"stack": stack, "folder": str(own), "url": url, "own": own.as_uri()}
        other = backend.folder(url, project) != own.resolve() if url else False
        return Backend(project, own.as_uri(), own=True, notice=_STAYS.using(**texts) if other else None)

    @property
    def variables(self) -> dict[str, str | None]:
        """What the command needs beside what the user set. Makes the folder, and a passphrase (0600)."""
        needed: dict[str, str | None] = {}
        folder = self.project / ".mailwright"
        if self.own:
            needed[backend.URL] = disk.own_folder(backend.own(self.project)).as_uri()
        if not any(os.environ.get(f"PULUMI_CONFIG_PASSPHRASE{end}") for end in ("", "_FILE")):
            needed["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(_passphrase(folder / "passphrase"))
        return needed

    def file(self, stack: str) -> Path | None:
        """The stack's file, where this is a backend of files and has it."""
        if self.own:
            return _in_own(backend.own(self.project), stack)
        root = backend.folder(self.url, self.project)
        files = backend.state_files(root) if root else []
        name = _project_name(self.project)
        return next(
            (file for file in files if file.parent.name == name and file.name == f"{stack}.json"), None
        )


def _in_own(own: Path, stack: str) -> Path | None:
    """The stack's file in our commands' own folder."""
    return next((own / ".pulumi" / "stacks").glob(f"*/{glob.escape(stack)}.json"), None)


def _project_name(project: Path) -> str:
    try:
        return str(yaml.safe_load((project / "Pulumi.yaml").read_text(encoding="utf-8"))["name"])
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return ""


def _passphrase(path: Path) -> Path:
    disk.own_folder(path.parent)
    try:
        stream = disk.create(path)
    except FileExistsError:
        return path
    with stream:
        stream.write(f"{secrets.token_urlsafe(32)}\n".encode("ascii"))
    return path
