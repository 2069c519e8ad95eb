"""The sheet: what to paste, in the words of the console that it is pasted into."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from mailwright.catalog import console_words
from mailwright.model.names import absolute, bare, is_below, relative
from mailwright.model.plan import Plan
from mailwright.model.records import PlannedRecord
from mailwright.model.suffixes import surely_a_zone
from mailwright.model.text import Lang, Text
from mailwright.report.formats.by_hand import FULL_NAMES
from mailwright.report.formats.copying import copied, document
from mailwright.spec.model import MailSpec

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


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sheet is entered: at a console, in the zone that holds the domain ('' while nobody knows).

    ``file`` is the spec's.
    """

    console: str
    file: str
    zone: str

    @staticmethod
    def of(plan: Plan, spec: MailSpec, console: str) -> Place:
        """As the spec says; a domain right below a registry's is a zone of its own. Nobody is asked."""
        written = (host.options.get("zone", "") for host in spec.dns_hosts)
        zones = [
            absolute(written_zone)
            for written_zone in written
            if written_zone and is_below(plan.domain, written_zone)
        ]
        own = absolute(plan.domain) if surely_a_zone(plan.domain) else ""
        return Place(console, spec.file, bare(zones[0] if zones else own) if zones or own else "")

    @property
    def words(self) -> Mapping[str, Any]:
        """What the console calls things."""
        return console_words(self.console)

    def owner(self, name: str) -> str:
        """A name as it is entered there; in full while nobody knows the zone."""
        return relative(name, self.zone) if self.zone else bare(name)

    def intro(self, plan: Plan, lang: Lang) -> list[str]:
        """What stands above the records."""
        head = _INTRO.using(domain=plan.domain, console=self.words["names"][lang])
        unknown = [] if self.zone else [FULL_NAMES.using(head=plan.domain)(lang)]
        return [head(lang), *unknown, _OLD(lang)]


def text(plan: Plan, place: Place, lang: Lang) -> str:
    """The sheet as text: one numbered block a record, each field on its own line, easy to copy."""
    blocks = place.intro(plan, lang)
    for number, row in enumerate(_rows(plan), 1):
        blocks.append("\n".join([f"[ ] {number}. {row[0].why(lang)}", *_fields(place, row, lang)]))
    return "\n\n".join([*blocks, _TICK.using(file=place.file)(lang)])


def to_csv(sheets: Sequence[tuple[Plan, Place]], lang: Lang) -> str:
    """The same as CSV (RFC 4180), guarded against formulas: a leading = + - @ gets an apostrophe."""
    words = sheets[0][1].words["words"]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([words[column][lang] for column in ("name", "type", "priority", "value", "ttl")])
    for plan, place in sheets:
        for record, value in _rows(plan):
            priority, target = _split(record, value)
            host = place.owner(record.name)
            writer.writerow(_guard(cell) for cell in (host, record.type, priority, target, str(record.ttl)))
    return out.getvalue()


def page(sheets: Sequence[tuple[Plan, Place]], lang: Lang) -> str:
    """The sheets as one self-contained page to print or to copy from."""
    body = "".join(_part(plan, place, lang) for plan, place in sheets)
    return document(", ".join(plan.domain for plan, _ in sheets), body, lang)


def _part(plan: Plan, place: Place, lang: Lang) -> str:
    words = place.words["words"]
    heads = [words[column][lang] for column in ("name", "type", "value", "priority", "ttl")]
    rows = []
    for number, (record, value) in enumerate(_rows(plan), 1):
        priority, target = _split(record, value)
        copies = [copied(copied_text, lang) for copied_text in (place.owner(record.name), target)]
        cells = (copies[0], record.type, copies[1], priority, str(record.ttl))
        shown = "".join(f"<td>{cell}</td>" for cell in cells)
        box = f'<label><input type="checkbox"> {number}</label>'
        rows.append(f"<tr><td>{box}</td>{shown}<td>{escape(record.why(lang))}</td></tr>")
    head = "".join(f"<th>{escape(column)}</th>" for column in ("", *heads, _WHY(lang)))
    intro = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in place.intro(plan, lang))
    line = f"<p>{escape(words['line'][lang])}</p>" if words["line"] else ""
    return (
        f"<h1>{escape(plan.domain)}</h1>{intro}{line}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        f"<p><code>{escape(_TICK.using(file=place.file)(lang))}</code></p>"
    )


def _rows(plan: Plan) -> list[tuple[PlannedRecord, str]]:
    return [(record, value) for record in plan.records for value in record.values]


def _fields(place: Place, row: tuple[PlannedRecord, str], lang: Lang) -> list[str]:
    record, value = row
    words = place.words["words"]
    priority, target = _split(record, value)
    lines = [f"{words['name'][lang]}: {place.owner(record.name)}"]
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
