"""The signature below a person's mail: plain, and as HTML that mail programs take by copy and paste."""

from __future__ import annotations

from mailwright.plan.cards import Card
from mailwright.report.page.parts import e

_STYLE = "font-family:Arial,'Microsoft YaHei',sans-serif;font-size:14px;line-height:1.5"


def plain(card: Card) -> str:
    """The text, with the separator that programs know (RFC 3676 §4.3)."""
    return "\n".join(["-- ", *_lines(card)])


def markup(card: Card) -> str:
    """The same as one HTML element, without pictures: nothing is loaded by whoever reads the mail."""
    name, *rest = _lines(card)
    lines = [f"<strong>{e(name)}</strong>", *(e(line) for line in rest)]
    if card.phone:
        number = "".join(char for char in card.phone if char in "+0123456789")
        lines[rest.index(card.phone) + 1] = f'<a href="tel:{number}">{e(card.phone)}</a>'
    lines[-1] = f'<a href="mailto:{e(card.address)}">{e(card.address)}</a>'
    return f'<div style="{_STYLE}">{"<br>".join(lines)}</div>'


def _lines(card: Card) -> list[str]:
    lines = (card.name, card.title, card.company or card.domain, card.phone, card.address)
    return [line for line in lines if line]
