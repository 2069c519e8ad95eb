"""A plan as table, JSON, master file and Markdown. A plan in, a string out."""

from __future__ import annotations

from collections.abc import Sequence

from mailwright.model import txt
from mailwright.model.names import relative
from mailwright.model.plan import Plan
from mailwright.model.records import TEXTS, PlannedRecord
from mailwright.model.text import Lang, Text
from mailwright.report.escaping import as_json, code, visible
from mailwright.report.escaping import markdown as escaped
from mailwright.report.layout import columns
from mailwright.report.mailboxes import objects as mailbox_objects

_HEADS = (
    Text("Name", "主机记录"),
    Text("Type", "类型"),
    Text("TTL", "TTL"),
    Text("Value", "记录值"),
    Text("Why", "用途"),
    Text("Line", "行"),
)
_TITLE = Text("{domain}, as of {day}", "{domain}，日期 {day}")


def table(plans: Sequence[Plan], lang: Lang) -> str:
    """Each record with its values, and below it why it is there."""
    return "\n\n".join(_table(plan, lang) for plan in plans)


def _table(plan: Plan, lang: Lang) -> str:
    rows = [[head(lang) for head in _HEADS[:4]]]
    for record in plan.records:
        for number, value in enumerate(record.values):
            first = number == 0
            name = relative(record.name, plan.domain) if first else ""
            rows.append([name, record.type if first else "", str(record.ttl) if first else "", value])
        line = f" ({_HEADS[5](lang)} {record.position.line})" if record.position else ""
        rows.append(["", "", "", f"  # {record.why(lang)}{line}"])
    title = _TITLE.using(domain=plan.domain, day=plan.as_of.isoformat())(lang)
    return "\n\n".join([title, columns(rows), *_mailboxes(plan, lang)])


def _mailboxes(plan: Plan, lang: Lang) -> list[str]:
    """The table of mailbox objects, where the spec has any."""
    lines = mailbox_objects.lines(plan.mailboxes)
    if not lines:
        return []
    rows = [[head(lang) for head in mailbox_objects.HEADS[:4]]]
    for mailbox_line in lines:
        line = f" ({_HEADS[5](lang)} {mailbox_line.position.line})" if mailbox_line.position else ""
        *cells, more = map(visible, mailbox_line.cells(lang))
        why = f"# {visible(mailbox_line.why(lang))}{line}" if mailbox_line.why(lang) else ""
        rows.append([*cells, "  ".join(filter(None, (more, why)))])
    return [columns(rows)]


def to_json(plans: Sequence[Plan], lang: Lang) -> str:
    """The documented JSON form; several plans give a list."""
    documents = [plan.to_json(lang) for plan in plans]
    return as_json(documents[0] if len(documents) == 1 else documents)


def zone(plans: Sequence[Plan], lang: Lang) -> str:
    """Master-file lines (RFC 1035 §5.1), TXT quoted and split."""
    blocks = []
    for plan in plans:
        lines = [f"; {_TITLE.using(domain=plan.domain, day=plan.as_of.isoformat())(lang)}"]
        for record in plan.records:
            lines.append(f"; {record.why(lang)}")
            lines += [
                f"{record.name} {record.ttl} IN {record.type} {_data(record, value)}"
                for value in record.values
            ]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _data(record: PlannedRecord, value: str) -> str:
    return txt.quote(txt.split(value)) if record.type in TEXTS else value


def markdown(plans: Sequence[Plan], lang: Lang) -> str:
    """A table for a pull request."""
    blocks = []
    for plan in plans:
        heads = [head(lang) for head in _HEADS[:5]]
        lines = [f"### {plan.domain}", "", "| " + " | ".join(heads) + " |", "|" + "---|" * 5]
        for record in plan.records:
            values = "<br>".join(code(value) for value in record.values)
            cells = [code(relative(record.name, plan.domain)), record.type, str(record.ttl), values]
            lines.append("| " + " | ".join([*cells, escaped(record.why(lang))]) + " |")
        blocks.append("\n".join([*lines, *_markdown_mailboxes(plan, lang)]))
    return "\n\n".join(blocks)


def _markdown_mailboxes(plan: Plan, lang: Lang) -> list[str]:
    mailbox_lines = mailbox_objects.lines(plan.mailboxes)
    if not mailbox_lines:
        return []
    heads = [head(lang) for head in mailbox_objects.HEADS]
    lines = ["", "| " + " | ".join(heads) + " |", "|" + "---|" * 5]
    for line in mailbox_lines:
        kind, address, to, more = line.cells(lang)
        cells = [kind, code(address), code(to) if to else "", escaped(more), escaped(line.why(lang))]
        lines.append("| " + " | ".join(cells) + " |")
    return lines
