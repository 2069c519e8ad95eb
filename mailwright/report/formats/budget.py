"""What an SPF record costs, as a tree that people read."""

from __future__ import annotations

from collections.abc import Iterator

from mailwright.model.text import Lang, Text
from mailwright.standards.spf import MAX_LOOKUPS, BudgetTree

_HEAD = Text(
    "SPF of {domain}: {lookups} of {most} look-ups, {voids} of 2 without result",
    "{domain} 的 SPF：查询 {lookups}/{most} 次，无结果 {voids}/2 次",
)

_LEAST = Text("at least {count}", "至少 {count}")


def text(tree: BudgetTree, lang: Lang = "en") -> str:
    """The record's sum, then each term that costs something, indented below what leads to it."""
    count = tree.lookups if tree.measured else _LEAST.using(count=tree.lookups)
    head = _HEAD.using(domain=tree.domain, lookups=count, most=MAX_LOOKUPS, voids=tree.voids)
    return "\n".join([head(lang), *(line for child in tree.children for line in _lines(child, 1, lang))])


def _lines(node: BudgetTree, depth: int, lang: Lang) -> Iterator[str]:
    if not node.lookups and node.trouble is None:
        return
    note = f"  ({node.problem(lang)})" if node.problem else ""
    count = str(node.lookups) if node.measured else "?"
    yield f"{'  ' * depth}{count:>2}  {node.term}{note}"
    for child in node.children:
        yield from _lines(child, depth + 1, lang)
