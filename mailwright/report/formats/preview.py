"""What a preview found, for programs and pull requests; the changes are in ``ChangeSet.to_json``'s form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from mailwright.model.text import Lang, Text
from mailwright.report.escaping import as_json, code, markdown
from mailwright.report.formats import github, junit, sarif
from mailwright.report.formats.items import Item, Level
from mailwright.report.formats.markdown import table

_NOTHING = Text("Nothing would change.", "没有需要变更的内容。")
_REFUSED = Text("❌ `up` would refuse or fail", "❌ `up` 会拒绝或失败")
_HEADS = (Text("Record", "记录"), Text("Before", "之前"), Text("After", "之后"), Text("Why", "原因"))
_STAYS = Text("{value} stays until {until}", "{value} 保留到 {until}")
_CHANGES = Text("{before} becomes {after}", "{before} 将变为 {after}")
_CHANGE, _FAILED = "engine-would-change", "preview-failed"


def render(
    form: str,
    changes: Sequence[Mapping[str, Any]],
    *,
    problems: Sequence[str],
    lines: Sequence[str],
    lang: Lang,
    day: dt.date,
) -> str:
    """``json``, ``markdown``, ``sarif``, ``junit`` or ``github``.

    ``problems``: why ``up`` would refuse or fail; ``lines``: what people are told; ``day`` dates JUnit.
    """
    ordered = sorted(changes, key=lambda change: (change["domain"], change["target"]))
    if form == "json":
        return as_json({"changes": ordered, "problems": list(problems), "lines": list(lines)})
    if form == "markdown":
        return _markdown(ordered, problems, lang)
    items = _items(ordered, problems, lang)
    if form == "junit":
        return junit.render(items, day)
    return sarif.render(items, lang) if form == "sarif" else github.render(items)


def _markdown(changes: Sequence[Mapping[str, Any]], problems: Sequence[str], lang: Lang) -> str:
    blocks = []
    if problems:
        text = "\n".join(problems).replace("~~~", "")
        blocks.append(f"**{_REFUSED(lang)}**\n\n~~~text\n{text}\n~~~")
    blocks += ["\n".join(_domain(change, lang)) for change in changes]
    return "\n\n".join(blocks) or _NOTHING(lang)


def _domain(change: Mapping[str, Any], lang: Lang) -> list[str]:
    rows = [[head(lang) for head in _HEADS]]
    for record in change["records"]:
        before, after = ("<br>".join(map(code, record[when])) for when in ("before", "after"))
        rows.append([f"{code(record['name'])} {record['type']}", before, after, markdown(record["why"])])
    lines = [f"### {markdown(change['domain'])} ({code(change['target'])})", "", table(rows)]
    for number, record in enumerate(change["retiring"]):
        value = f"{record['name']} {record['type']} {record['value']}"
        lines += [] if number else [""]
        lines.append(f"- {markdown(_STAYS.using(value=value, until=record['until'])(lang))}")
    return lines


def _items(changes: Sequence[Mapping[str, Any]], problems: Sequence[str], lang: Lang) -> list[Item]:
    items = [Item(_FAILED, Level.ERROR, "mailwright", "", problem) for problem in problems]
    for change in changes:
        for one in change["records"]:
            before, after = (", ".join(one[when]) or "–" for when in ("before", "after"))
            message = _CHANGES.using(before=before, after=after)(lang)
            subject = f"{one['name']} {one['type']} @ {change['target']}"
            items.append(Item(_CHANGE, Level.WARNING, change["domain"], subject, message))
    return items
