"""``up --plan``: the whole run is held against its review before anything is written.

Each resource asks again just before its own write; but by then another one may have written already.
"""

from __future__ import annotations

from mailwright.deploy.errors import DeployError
from mailwright.deploy.reviewed import Reviewed
from mailwright.deploy.run.outcome import Outcome
from mailwright.model import variables
from mailwright.model.text import Text
from mailwright.model.variables import temporarily
from mailwright.operations.stack.engine import Stack

_OTHER = Text(
    "What would be done now is not what was reviewed in {file}: {what}. The live records, the spec or the "
    "date have changed. Nothing was changed. Preview again and review that.",
    "现在要执行的内容与 {file} 中审阅的不同：{what}。线上记录、规格或日期已有变化。"
    "未做任何修改；请重新预览并审阅。",
)
_DELETION = Text("{name} would be deleted", "{name} 将被删除")


def unreviewed(stack: Stack) -> Outcome | None:
    """None where a preview of the same run finds what was reviewed and nothing else; else what to tell."""
    request = stack.request
    assert request.plan_file is not None
    with temporarily({variables.LANG: request.lang}):
        try:
            reviewed = Reviewed.read(request.plan_file)
        except DeployError as error:
            return Outcome(problems=(str(error),))
    now = stack.engine.preview(lambda _line: None)
    if now.problems:
        return now
    differences = _differences(now, reviewed)
    if not differences:
        return None
    what = Text("{en}", "{zh}", {"en": ", ".join(difference("en") for difference in differences)})
    what = what.using(zh="、".join(difference("zh") for difference in differences))
    return Outcome(problems=(_OTHER.using(file=str(request.plan_file), what=what)(request.lang),))


def _differences(now: Outcome, reviewed: Reviewed) -> list[Text]:
    """What would be done and was not reviewed; what was reviewed and is done already is none of it."""
    changed = dict.fromkeys(
        Text("{domain}", "{domain}", {"domain": name.partition(" ")[0]})
        for name, digest in sorted(now.digests.items())
        if reviewed.changes.get(name) != digest
    )
    gone = sorted(set(now.deletes) - set(reviewed.deletes))
    return [*changed, *(_DELETION.using(name=urn.rpartition("::")[2]) for urn in gone)]
