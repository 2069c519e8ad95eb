"""The sheet: what to paste, in the words of the console that it is pasted into."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from mailwright.catalog import console_words
from mailwright.model.names import bare, relative
from mailwright.model.plan import Plan
from mailwright.model.records import PlannedRecord
from mailwright.model.text import Lang, Text
from mailwright.report.escaping import visible

_INTRO = Text(
    "{domain}: enter these records at {console}. Leave every other record as it is.",
    "{domain}：请在 {console} 添加以下记录，其余记录保持不变。",
)
_OLD = Text(
    "If there are MX records of another mail service, keep them until the new ones answer everywhere "
    "(a day), then delete them. There must be one SPF record only (v=spf1 …): change it, do not add another.",
    "若已有其他邮件服务的 MX，请等新记录在各处生效（一天）后再删除。"
    "SPF（v=spf1 …）只能有一条：请修改原记录，不要新增第二条。",
)
_WHY = Text("Why", "原因")
_TICK = Text(
    "Then check what you entered: mailwright verify {file}",
    "添加后核对：mailwright verify {file}",
)


def text(plan: Plan, console: str, lang: Lang, file: str) -> str:
    """The sheet as text: one numbered block a record, each field on its own line, easy to copy."""
    known = console_words(console)
    title = _INTRO.using(domain=plan.domain, console=known["names"][lang])(lang)
    blocks = [title, _OLD(lang)]
    for number, row in enumerate(_rows(plan), 1):
        blocks.append("\n".join([f"[ ] {number}. {row[0].why(lang)}", *_fields(plan, row, known, lang)]))
    return "\n\n".join([*blocks, _TICK.using(file=file)(lang)])


def to_csv(plans: Sequence[Plan], console: str, lang: Lang) -> str:
    """The same as CSV (RFC 4180), guarded against formulas: a leading = + - @ gets an apostrophe."""
    words = console_words(console)["words"]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([words[each][lang] for each in ("name", "type", "priority", "value", "ttl")])
    for plan in plans:
        for record, value in _rows(plan):
            priority, target = _split(record, value)
            host = relative(record.name, plan.domain)
            writer.writerow(_guard(each) for each in (host, record.type, priority, target, str(record.ttl)))
    return out.getvalue()


#: Nothing is loaded, nothing runs: what records hold is text.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(sheets: Sequence[tuple[Plan, str, str]], lang: Lang) -> str:
    """The sheets as one self-contained page to print or to copy from: (plan, console, spec's file) each."""
    from mailwright.report.style import STYLE

    parts = [_part(plan, console_words(console), lang, file) for plan, console, file in sheets]
    title = escape(", ".join(plan.domain for plan, _, _ in sheets))
    return (
        f'<!doctype html><html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def _part(plan: Plan, known: Mapping[str, Any], lang: Lang, file: str) -> str:
    words = known["words"]
    heads = [words[each][lang] for each in ("name", "type", "value", "priority", "ttl")]
    rows = []
    for number, (record, value) in enumerate(_rows(plan), 1):
        priority, target = _split(record, value)
        cells = (relative(record.name, plan.domain), record.type, target, priority, str(record.ttl))
        shown = "".join(f"<td>{escape(visible(each))}</td>" for each in cells)
        box = f'<label><input type="checkbox"> {number}</label>'
        rows.append(f"<tr><td>{box}</td>{shown}<td>{escape(record.why(lang))}</td></tr>")
    head = "".join(f"<th>{escape(each)}</th>" for each in ("", *heads, _WHY(lang)))
    intro = _INTRO.using(domain=plan.domain, console=known["names"][lang])(lang)
    line = f"<p>{escape(words['line'][lang])}</p>" if words["line"] else ""
    return (
        f"<h1>{escape(plan.domain)}</h1><p>{escape(intro)}</p><p>{escape(_OLD(lang))}</p>{line}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        f"<p><code>{escape(_TICK.using(file=file)(lang))}</code></p>"
    )


def _rows(plan: Plan) -> list[tuple[PlannedRecord, str]]:
    return [(record, value) for record in plan.records for value in record.values]


def _fields(plan: Plan, row: tuple[PlannedRecord, str], known: Mapping[str, Any], lang: Lang) -> list[str]:
    record, value = row
    words = known["words"]
    priority, target = _split(record, value)
    lines = [f"{words['name'][lang]}: {relative(record.name, plan.domain)}"]
    lines.append(f"{words['type'][lang]}: {record.type}")
    if words["line"]:
        lines.append(words["line"][lang])
    lines.append(f"{words['value'][lang]}: {target}")
    if priority:
        lines.append(f"{words['priority'][lang]}: {priority}")
    lines.append(f"{words['ttl'][lang]}: {record.ttl}")
    return ["    " + line for line in lines]


def _split(record: PlannedRecord, value: str) -> tuple[str, str]:
    """Consoles ask for an exchanger's priority in a field of its own, and for names without final dot."""
    if record.type == "MX":
        priority, host = value.split(maxsplit=1)
        return priority, bare(host)
    return "", bare(value) if record.type == "CNAME" else value


def _guard(cell: str) -> str:
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and cell != "@" else cell
