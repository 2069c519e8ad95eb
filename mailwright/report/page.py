"""One self-contained page about a company's mail: values in, HTML out. No request leaves it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mailwright.catalog import Service, Site
from mailwright.model.checks import Verdict
from mailwright.model.families import Family
from mailwright.model.finding import Finding
from mailwright.model.names import bare
from mailwright.model.plan import Plan
from mailwright.model.text import Lang, Text
from mailwright.report.escaping import visible
from mailwright.report.page_answers import STATE_WORDS, Answer
from mailwright.report.page_style import STYLE
from mailwright.standards.spf import MAX_LOOKUPS, BudgetTree


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page says of one domain. ``verdict`` is None where nobody asked the servers."""

    plan: Plan
    title: str
    answers: tuple[Answer, ...]
    host: Service | None = None
    site: Site | None = None
    senders: tuple[Text, ...] = ()
    trees: tuple[BudgetTree, ...] = ()
    findings: tuple[Finding, ...] = field(default_factory=tuple)
    verdict: Verdict | None = None


_W: dict[str, Text] = {
    "head": Text("Company mail", "企业邮件报告"),
    "answers": Text("Five answers", "五个问题"),
    "flow": Text("How mail flows", "邮件流向"),
    "sends": Text("Sends in the domain's name", "以本域名发信"),
    "comes": Text("Mail comes in at", "来信接收处"),
    "goes": Text("Which address goes to whom", "地址与收件人"),
    "to": Text("Goes to", "收件人"),
    "records": Text("Records and their reasons", "记录及理由"),
    "budget": Text("What SPF costs", "SPF 查询次数"),
    "findings": Text("Findings", "检查结果"),
    "live": Text("Live status", "线上状态"),
    "clients": Text("Settings for mail programs", "客户端设置"),
    "name": Text("Name", "名称"),
    "type": Text("Type", "类型"),
    "value": Text("Value", "值"),
    "why": Text("Why", "理由"),
    "none": Text("None.", "无。"),
    "unasked": Text(
        "The nameservers were not asked for this page (--nameserver or --live asks them).",
        "生成本页时未查询域名服务器（用 --nameserver 或 --live 查询）。",
    ),
    "nobody": Text("The spec names no people or addresses.", "规格中没有写人员与地址。"),
    "asof": Text("Planned for {day}", "计划日期：{day}"),
    "status": Text("Status", "状态"),
    "server": Text("Server", "服务器"),
    "remedy": Text("What to do: ", "处理办法："),
    "refused": Text("refused", "拒收"),
    "contents": Text("Contents", "目录"),
    "lookups": Text("{n} of {most} look-ups", "查询 {n}/{most} 次"),
}
_HTML_LANG: dict[Lang, str] = {"en": "en", "zh": "zh-CN"}
_SECTIONS = ("answers", "flow", "records", "budget", "findings", "live", "clients")


def page(pages: Sequence[Page], lang: Lang) -> str:
    """The whole document."""
    title = f"{_W['head'](lang)}: {', '.join(each.title for each in pages)}"
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    body = "".join(_domain(each, number, lang) for number, each in enumerate(pages))
    return (
        f'<!DOCTYPE html>\n<html lang="{_HTML_LANG[lang]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'
        f"<title>{_e(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{_e(title)}</h1></header>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _e(text: object) -> str:
    """Text as HTML: nothing of it is ever markup, and no control or direction character acts."""
    plain = str(text).encode("utf-8", "backslashreplace").decode()
    return html.escape(visible(plain), quote=True)


def _domain(each: Page, number: int, lang: Lang) -> str:
    parts = {
        "answers": _answers,
        "flow": _flow,
        "records": _records,
        "budget": _budget,
        "findings": _findings,
        "live": _live,
        "clients": _clients,
    }
    links = "".join(f'<li><a href="#{name}-{number}">{_e(_W[name](lang))}</a></li>' for name in _SECTIONS)
    inner = "".join(
        f'<section id="{name}-{number}" aria-labelledby="h-{name}-{number}">'
        f'<h3 id="h-{name}-{number}">{_e(_W[name](lang))}</h3>{parts[name](each, lang)}</section>\n'
        for name in _SECTIONS
    )
    day = _W["asof"].using(day=each.plan.as_of.isoformat())(lang)
    return (
        f'<article aria-labelledby="d-{number}"><h2 id="d-{number}">{_e(each.title)}</h2><p>{_e(day)}</p>'
        f'<nav aria-label="{_e(_W["contents"](lang))} {_e(each.title)}"><ul>{links}</ul></nav>\n'
        f"{inner}</article>\n"
    )


def _answers(each: Page, lang: Lang) -> str:
    rows = (
        f'<li class="{_e(a.state)}"><strong>{_e(a.question(lang))}</strong> '
        f'<span class="state">{_e(STATE_WORDS[a.state](lang))}</span><br>{_e(a.text(lang))}</li>'
        for a in each.answers
    )
    return f'<ol class="answers">{"".join(rows)}</ol>'


def _flow(each: Page, lang: Lang) -> str:
    """Three columns that read in order without the drawing: senders, the domain, where it goes."""
    host = [each.host.names(lang)] if each.host else []
    senders = _list([*host, *(name(lang) for name in each.senders)], lang)
    mx = [
        v
        for r in each.plan.records
        if r.family is Family.MX
        for v in r.values
        if bare(r.name) == each.plan.domain
    ]
    comes = _list([*host, *(bare(value.rpartition(" ")[2]) for value in mx)], lang)
    return (
        f'<div class="flow"><div><h4>{_e(_W["sends"](lang))}</h4>{senders}</div>'
        f'<div class="middle"><span aria-hidden="true">→</span> <b>{_e(each.title)}</b> '
        f'<span aria-hidden="true">→</span></div>'
        f"<div><h4>{_e(_W['comes'](lang))}</h4>{comes}</div></div>"
        f"<h4>{_e(_W['goes'](lang))}</h4>{_addresses(each, lang)}"
    )


def _addresses(each: Page, lang: Lang) -> str:
    made = each.plan.mailboxes
    if made is None:
        return f"<p>{_e(_W['nobody'](lang))}</p>"
    rows = [(box.address, f"{box.name or box.address}", box.why(lang)) for box in made.mailboxes]
    rows += [(route.address, ", ".join(route.to), route.why(lang)) for route in made.routes]
    rows += [(gone.address, _W["refused"](lang), gone.why(lang)) for gone in made.refused]
    return _table(("name", "to", "why"), sorted(rows), "flow", lang)


def _records(each: Page, lang: Lang) -> str:
    rows = [(bare(r.name), r.type, value, r.why(lang)) for r in each.plan.records for value in r.values]
    return _table(("name", "type", "value", "why"), rows, "records", lang)


def _budget(each: Page, lang: Lang) -> str:
    if not each.trees:
        return f"<p>{_e(_W['none'](lang))}</p>"
    return "".join(f'<ul class="tree">{_node(tree, lang)}</ul>' for tree in each.trees)


def _node(node: BudgetTree, lang: Lang) -> str:
    cost = _W["lookups"].using(n=node.lookups, most=MAX_LOOKUPS)(lang) if node.lookups else ""
    said = f" <em>{_e(node.problem(lang))}</em>" if node.problem else ""
    below = "".join(_node(child, lang) for child in node.children)
    return (
        f"<li><code>{_e(node.term or node.domain)}</code> {_e(cost)}{said}"
        f"{f'<ul>{below}</ul>' if below else ''}</li>"
    )


def _findings(each: Page, lang: Lang) -> str:
    if not each.findings:
        return f"<p>{_e(_W['none'](lang))}</p>"
    rows = (
        f'<li class="{_e(f.severity)}"><code>{_e(f.rule)}</code> {_e(f.message(lang))}'
        f"<br>{_e(_W['remedy'](lang))}{_e(f.hint(lang))}</li>"
        for f in each.findings
    )
    return f'<ul class="findings">{"".join(rows)}</ul>'


def _live(each: Page, lang: Lang) -> str:
    if each.verdict is None:
        return f"<p>{_e(_W['unasked'](lang))}</p>"
    rows = [(bare(c.name), c.type, f"{c.status}: {c.text(lang)}", c.server) for c in each.verdict.checks]
    return _table(("name", "type", "status", "server"), rows, "live", lang)


def _clients(each: Page, lang: Lang) -> str:
    client = each.host.client_at(each.site.id if each.site else None) if each.host else {}
    rows = []
    for kind in ("imap", "pop3", "smtp"):
        port = client.get(kind)
        if isinstance(port, dict):
            rows.append((kind.upper(), f"{port['host']}:{port['port']}", str(port["tls"])))
    if not rows:
        return f"<p>{_e(_W['none'](lang))}</p>"
    return _table(("type", "server", "value"), rows, "clients", lang)


def _list(items: Iterable[str], lang: Lang) -> str:
    made = "".join(f"<li>{_e(each)}</li>" for each in items)
    return f"<ul>{made}</ul>" if made else f"<p>{_e(_W['none'](lang))}</p>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str, lang: Lang) -> str:
    """A table that becomes one block a row on a narrow screen; each cell then names its column."""
    names = [_e(_W[each](lang)) for each in heads]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(
        "<tr>"
        + "".join(f'<td data-label="{name}">{_e(cell)}</td>' for name, cell in zip(names, row, strict=True))
        + "</tr>"
        for row in rows
    )
    return (
        f'<table><caption class="unseen">{_e(_W[caption](lang))}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
