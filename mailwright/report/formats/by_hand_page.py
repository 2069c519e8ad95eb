"""What somebody has to do at a console, as a page to copy from."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from mailwright.model.text import Lang, Text
from mailwright.plan.transition.sheet import Sheet
from mailwright.report.formats import by_hand
from mailwright.report.formats.copying import copied, document

_DO = Text("Do", "操作")
_FIELDS = Text("Fields", "字段")


def page(sheets: Sequence[Sheet], lang: Lang) -> str:
    """Every domain's entries on one page, each with a box to tick."""
    body = "".join(_part(sheet, lang) for sheet in sheets)
    return document(", ".join(sheet.domain for sheet in sheets), body, lang)


def _part(sheet: Sheet, lang: Lang) -> str:
    rows = []
    for number, entry in enumerate(by_hand.numbered(sheet), 1):
        head, fields = by_hand.entry(sheet, entry, lang)
        cells = "".join(f"<div>{escape(word)}: {copied(value, lang)}</div>" for word, value in fields)
        box = f'<label><input type="checkbox"> {number}. {escape(head)}</label>'
        rows.append(f"<tr><td>{box}</td><td>{cells}</td></tr>")
    head = f"<thead><tr><th>{_DO(lang)}</th><th>{_FIELDS(lang)}</th></tr></thead>"
    table = f"<table>{head}<tbody>{''.join(rows)}</tbody></table>" if rows else ""
    intro = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in by_hand.top(sheet, lang))
    stays = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in by_hand.staying(sheet, lang))
    return f"<h1>{escape(sheet.domain)}</h1>{intro}{table}{stays}"
