"""What a change of specs does to mail: Markdown for a pull request, text for a terminal, JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mailwright.model.changes import SetChange
from mailwright.model.text import Lang, Text
from mailwright.plan.review import Cost, Flow, Review
from mailwright.report.escaping import as_json, code, markdown, visible
from mailwright.report.formats.markdown import table
from mailwright.standards.spf import MAX_LOOKUPS

_SAME = Text("Mail stays as it is.", "邮件没有变化。")
_SAME_OF = Text("Mail stays as it is: {domains}.", "邮件没有变化：{domains}。")
_COLON = Text(":", "：")
_MORE = Text(" and {count} more", " 等 {count} 个")
#: Domains named in one line; characters of a value that is told in a sentence.
_MOST, _LONGEST = 20, 60
_NEW = Text("A domain that was not there before.", "此前没有的域名。")
_HEADS = (Text("Record", "记录"), Text("Before", "之前"), Text("After", "之后"), Text("Why", "原因"))
_STAYS = Text(
    "{value} stays until {until}, then a later `up` removes it", "{value} 保留到 {until}，之后由 `up` 移除"
)
_FLOW = Text("Mail flow", "邮件去向")
_BUDGET = Text("SPF look-ups", "SPF 查询次数")
_COST = Text("{domain}: {before} → {after} of {most}", "{domain}：{before} → {after}（上限 {most}）")
_COST_BETWEEN = Text(
    "{domain}: {before} → {between} while the old terms stay → {after} of {most}",
    "{domain}：{before} → {between}（旧的授权保留期间）→ {after}（上限 {most}）",
)
_CONSENT = Text("Needs consent: `up` refuses it", "需要同意：`up` 会拒绝执行")
_REACHED = Text(
    "{address} reached {before}; now it reaches {after}", "{address} 原来送达 {before}，现在送达 {after}"
)
_BEGINS = Text("{address} is new and reaches {after}", "{address} 为新地址，送达 {after}")
_ENDS = Text("{address} reached {before}; now it reaches nobody", "{address} 原来送达 {before}，现在无人接收")


def to_markdown(reviews: Sequence[Review], lang: Lang) -> str:
    """A section for each domain that changes; the others are named in one line."""
    blocks = ["\n".join(_markdown(review, lang)) for review in reviews if not review.is_empty]
    same = _same(reviews, lang)
    return "\n\n".join([*blocks, *([markdown(same)] if same else [])])


def _same(reviews: Sequence[Review], lang: Lang) -> str:
    """The line about the domains that stay as they are; empty where there is none."""
    names = [review.domain for review in reviews if review.is_empty]
    if len(names) == len(reviews) == 1 or not names:
        return _SAME(lang) if names else ""
    more = _MORE.using(count=len(names) - _MOST)(lang) if len(names) > _MOST else ""
    return _SAME_OF.using(domains=", ".join(names[:_MOST]) + more)(lang)


def _markdown(review: Review, lang: Lang) -> Iterator[str]:
    yield f"### {markdown(review.domain)}"
    yield ""
    if review.new:
        yield from (_NEW(lang), "")
    if not review.changes.is_empty:
        rows = [["", *(head(lang) for head in _HEADS)]]
        yield table(rows + [_row(change, lang) for change in review.changes.changes])
        staying = list(_staying(review, lang))
        yield from ("", *(f"- {markdown(line)}" for line in staying)) if staying else ()
    for title, lines in _parts(review, lang):
        yield from ("", f"**{title}**", "", *(f"- {markdown(line)}" for line in lines))


def _row(change: SetChange, lang: Lang) -> list[str]:
    before = change.before.plain if change.before else ()
    after = [value.value for value in change.after]
    sign = "➕" if not before else ("✏️" if after else "➖")
    return [
        sign,
        f"{code(change.name)} {change.type}",
        "<br>".join(map(code, before)),
        "<br>".join(map(code, after)),
        markdown(change.why(lang)),
    ]


def to_text(reviews: Sequence[Review], lang: Lang) -> str:
    """The same for a terminal, a line a value."""
    changed = [line for review in reviews if not review.is_empty for line in _text(review, lang)]
    same = _same(reviews, lang)
    return "\n".join(map(visible, [*changed, *([same] if same else [])]))


def _text(review: Review, lang: Lang) -> Iterator[str]:
    yield f"{review.domain}{_COLON(lang)}"
    for change in review.changes.changes:
        yield from (f"  - {change.key} {value.value}" for value in change.removed)
        yield from (f"  + {change.key} {value.value}" for value in change.added)
    yield from (f"    {line}" for line in _staying(review, lang))
    for title, lines in _parts(review, lang):
        yield from (f"  {title}{_COLON(lang)}", *(f"    {line}" for line in lines))


def _staying(review: Review, lang: Lang) -> Iterator[str]:
    for retiring_value in review.changes.retiring:
        value = (
            retiring_value.value
            if len(retiring_value.value) <= _LONGEST
            else retiring_value.value[: _LONGEST - 1] + "…"
        )
        shown = f"{retiring_value.name} {retiring_value.type} {value}"
        yield _STAYS.using(value=shown, until=retiring_value.until.isoformat())(lang)


def _parts(review: Review, lang: Lang) -> Iterator[tuple[str, list[str]]]:
    parts = (
        (_FLOW, [*(word(lang) for word in review.words), *(_flow(flow, lang) for flow in review.flows)]),
        (_BUDGET, [_cost(cost, lang) for cost in review.costs]),
        (_CONSENT, [f"[{e.rule}] {e.message(lang)} {e.hint(lang)}" for e in review.refusals]),
    )
    yield from ((title(lang), lines) for title, lines in parts if lines)


def _flow(flow: Flow, lang: Lang) -> str:
    text = (_REACHED if flow.before else _BEGINS) if flow.after else _ENDS
    return text.using(address=flow.address, before=", ".join(flow.before), after=", ".join(flow.after))(lang)


def _cost(cost: Cost, lang: Lang) -> str:
    before, after = ("–" if count is None else count for count in (cost.before, cost.after))
    text = _COST if cost.between in (None, cost.after) else _COST_BETWEEN
    return text.using(domain=cost.domain, before=before, between=cost.between, after=after, most=MAX_LOOKUPS)(
        lang
    )


def to_json(reviews: Sequence[Review], lang: Lang) -> str:
    """A list, an entry a domain (schemas/review.schema.json)."""
    return as_json([_entry(review, lang) for review in reviews])


def _entry(review: Review, lang: Lang) -> dict[str, object]:
    body = review.changes.to_json(lang)
    return {name: body[name] for name in ("domain", "as_of", "records", "retiring")} | {
        "in_words": [word(lang) for word in review.words],
        "mail_flow": [
            {"address": flow.address, "before": list(flow.before), "after": list(flow.after)}
            for flow in review.flows
        ],
        "spf": [
            {"domain": cost.domain, "before": cost.before, "between": cost.between, "after": cost.after}
            for cost in review.costs
        ],
        "needs_consent": [refusal.to_json(lang) for refusal in review.refusals],
    }
