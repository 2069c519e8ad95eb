"""Binding an apply to a review: what a preview found is written down, an ``up`` must find the same."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from mailwright import __version__
from mailwright.deploy.errors import DeployError, lang
from mailwright.deploy.run import notes
from mailwright.model import variables
from mailwright.model.changes import ChangeSet
from mailwright.model.text import Text

_FORM = 1
_NO_PLAN = Text(
    "{file} is not a reviewed plan: make one with `mailwright preview --out FILE`. Nothing was changed.",
    "{file} 不是审阅过的计划：请用 `mailwright preview --out FILE` 生成。未做任何修改。",
)
_OTHER_VERSION = Text(
    "{file} was made by Mailwright {version} (form {form}), this is {own}: preview again and review that. "
    "Nothing was changed.",
    "{file} 由 Mailwright {version}（格式 {form}）生成，当前版本是 {own}：请重新预览并审阅。未做任何修改。",
)
_OTHER = Text(
    "{domain}: what would be done now is not what was reviewed in {file} (the live records, the spec or the "
    "date have changed); nothing was changed here. Preview again.",
    "{domain}：现在要执行的内容与 {file} 中审阅的不同（线上记录、规格或日期已有变化）；此处未做任何修改。"
    "请重新预览。",
)
_NO_DELETION = Text(
    "{name}: its deletion was not reviewed in {file}", "{name}：{file} 中没有审阅过对它的删除"
)


class Reviewable(Protocol):
    """A change that a review can be bound to."""

    @property
    def domain(self) -> str:
        """The domain."""
        ...

    @property
    def target(self) -> str:
        """The host in words."""
        ...

    @property
    def is_empty(self) -> bool:
        """Whether applying this would do nothing."""
        ...

    def digest(self, version: str) -> str:
        """Everything that was reviewed, as one short text."""
        ...


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What was reviewed: digests by domain and DNS host, and the resources that may be deleted."""

    changes: dict[str, str] = field(default_factory=dict)
    deletes: tuple[str, ...] = ()

    def write(self, path: Path) -> None:
        """Write the file that ``--plan`` takes."""
        body = {
            "form": _FORM,
            "version": __version__,
            "changes": dict(sorted(self.changes.items())),
            "deletes": sorted(self.deletes),
        }
        path.write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")

    @staticmethod
    def read(path: Path) -> Reviewed:
        """Read such a file. Raises DeployError where it is none, or of another version."""
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            form, version = body["form"], body["version"]
            reviewed = Reviewed(dict(body["changes"].items()), tuple(map(str, body["deletes"])))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise DeployError(_NO_PLAN, file=path) from None
        if form != _FORM or version != __version__:
            raise DeployError(_OTHER_VERSION, file=path, version=version, form=form, own=__version__)
        return reviewed


def subject(changes: Reviewable) -> str:
    """What one digest is about."""
    return f"{changes.domain} {changes.target}"


def note(changes: Reviewable) -> None:
    """In a preview: leave this change, and the digest that a review is bound to, to whoever asked."""
    if changes.is_empty:
        return
    notes.digest(subject(changes), changes.digest(__version__))
    if isinstance(changes, ChangeSet):
        notes.change(changes.to_json(lang()))


def require(changes: Reviewable) -> None:
    """Before an apply: refuse what is not exactly what was reviewed, where there is a review."""
    path = os.environ.get(variables.PLAN)
    if not path:
        return
    if Reviewed.read(Path(path)).changes.get(subject(changes)) != changes.digest(__version__):
        raise DeployError(_OTHER, domain=changes.domain, file=path)


def require_delete(urn: str) -> None:
    """Before a deletion: refuse one that was not reviewed, where there is a review."""
    path = os.environ.get(variables.PLAN)
    if path and urn not in Reviewed.read(Path(path)).deletes:
        raise DeployError(_NO_DELETION, name=urn.rpartition("::")[2], file=path)
