"""``up --plan``: the whole run is held against its review before anything is written.

Each resource asks again just before its own write; but by then another one may have written already.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mailwright.model.text import Text
from mailwright.operations.stack.request import Request, Say, environment

if TYPE_CHECKING:
    from mailwright.deploy.reviewed import Reviewed

_OTHER = Text(
    "What would be done now is not what was reviewed in {file}: {what}. The world, the spec or the day has "
    "changed. Nothing was changed. Preview again and review that.",
    "现在要执行的内容与 {file} 中审阅的不同：{what}。线上记录、规格或日期已有变化。"
    "未做任何修改；请重新预览并审阅。",
)
_DELETION = Text("{name} would be deleted", "{name} 将被删除")

#: Carries a request out; says and complains as it is told to.
Carry = Callable[[Request, Say, Say], int]


def held(request: Request, carry: Carry, complain: Say) -> int:
    """0 where a preview of the same run finds what was reviewed and nothing else, else the exit code."""
    from mailwright.deploy.errors import DeployError
    from mailwright.deploy.reviewed import Reviewed

    assert request.plan_file is not None
    with environment({"MAILWRIGHT_LANG": request.lang}):
        try:
            wanted = Reviewed.read(request.plan_file)
        except DeployError as error:
            complain(str(error))
            return 1
    said: list[object] = []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "now.json"
        code = carry(
            replace(request, command="preview", plan_file=None, out=out), lambda _text: None, said.append
        )
        if code in (1, 3) or not out.exists():
            for each in said:
                complain(str(each))
            return code or 1
        now = Reviewed.read(out)
    other = _other(now, wanted)
    if other:
        what = Text("{en}", "{zh}", {"en": ", ".join(each("en") for each in other)})
        what = what.using(zh="、".join(each("zh") for each in other))
        complain(_OTHER.using(file=str(request.plan_file), what=what)(request.lang))
    return 1 if other else 0


def _other(now: Reviewed, wanted: Reviewed) -> list[Text]:
    """What would be done and was not reviewed; what was reviewed and is done already is none of it."""
    changed = dict.fromkeys(
        Text("{domain}", "{domain}", {"domain": name.partition(" ")[0]})
        for name, digest in sorted(now.changes.items())
        if wanted.changes.get(name) != digest
    )
    gone = sorted(set(now.deletes) - set(wanted.deletes))
    return [*changed, *(_DELETION.using(name=each.rpartition("::")[2]) for each in gone)]
