"""One self-contained page about a company's mail: values in, HTML out. No request leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mailwright.catalog import Service, Site
from mailwright.model.checks import Check, Status, Verdict
from mailwright.model.finding import Finding
from mailwright.model.names import bare
from mailwright.model.plan import Plan
from mailwright.model.rules import Severity
from mailwright.model.text import Lang, Text, listed
from mailwright.plan.agenda import AHEAD, Event, pending
from mailwright.report.formats.agenda import STATUS as EVENT_WORDS
from mailwright.report.formats.checks import headline
from mailwright.report.page.answers import STATE_WORDS, Answer
from mailwright.report.page.flow import Way, flow
from mailwright.report.page.parts import SEVERITY_WORDS, STATUS_WORDS, W, chip, code, e, table, word
from mailwright.report.style import STYLE
from mailwright.standards.spf import MAX_LOOKUPS, BudgetTree


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page says of one domain. ``verdict`` is None where nobody asked the servers."""

    plan: Plan
    title: str
    answers: tuple[Answer, ...]
    host: Service | None = None
    site: Site | None = None
    senders: tuple[Way, ...] = ()
    trees: tuple[BudgetTree, ...] = ()
    findings: tuple[Finding, ...] = field(default_factory=tuple)
    verdict: Verdict | None = None
    events: tuple[Event, ...] = ()
    beside: tuple[Service, Site | None] | None = None  # the second of two mail hosts

    @property
    def hosts(self) -> Text | None:
        """What the mail host is called, or both."""
        first = self.host.names if self.host else None
        return listed([first, self.beside[0].names]) if first and self.beside else first


_HTML_LANG: dict[Lang, str] = {"en": "en", "zh": "zh-CN"}
_SECTIONS = ("answers", "flow", "records", "budget", "findings", "live", "agenda", "clients")
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_TLS = {"implicit": "SSL/TLS", "starttls": "STARTTLS"}


def page(pages: Sequence[Page], lang: Lang) -> str:
    """The whole document."""
    title = f"{W['head'](lang)}: {', '.join(chapter.title for chapter in pages)}"
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    body = "".join(_domain(chapter, number, lang) for number, chapter in enumerate(pages))
    return (
        f'<!DOCTYPE html>\n<html lang="{_HTML_LANG[lang]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'
        f"<title>{e(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#answers-0">{word("skip", lang)}</a>\n'
        f"<header><h1>{e(title)}</h1></header>\n<main>\n{body}</main>\n"
        f"<footer><p>{word('foot', lang)}</p></footer>\n</body>\n</html>\n"
    )


def _domain(chapter: Page, number: int, lang: Lang) -> str:
    parts = {
        "answers": _answers(chapter, lang),
        "flow": flow(chapter.plan, chapter.title, chapter.hosts, chapter.senders, lang),
        "records": _records(chapter, lang),
        "budget": _budget(chapter, lang),
        "findings": _findings(chapter, lang),
        "live": _live(chapter, lang),
        "agenda": _agenda(chapter, lang),
        "clients": _clients(chapter, lang),
    }
    names = [name for name in _SECTIONS if parts[name]]
    links = "".join(f'<li><a href="#{name}-{number}">{word(name, lang)}</a></li>' for name in names)
    inner = "".join(
        f'<section id="{name}-{number}" aria-labelledby="h-{name}-{number}">'
        f'<h3 id="h-{name}-{number}">{word(name, lang)}</h3>{parts[name]}</section>\n'
        for name in names
    )
    day = word("asof", lang, day=chapter.plan.as_of.isoformat())
    live = f" · {e(headline(chapter.verdict, lang))}" if chapter.verdict else ""
    return (
        f'<article aria-labelledby="d-{number}"><h2 id="d-{number}">{e(chapter.title)}</h2><p>{day}{live}</p>'
        f'<nav aria-label="{word("contents", lang)} {e(chapter.title)}"><ul>{links}</ul></nav>\n'
        f"{inner}</article>\n"
    )


def _answers(chapter: Page, lang: Lang) -> str:
    rows = (
        f'<li class="{e(a.state)}"><div><strong>{e(a.question(lang))}</strong> '
        f"{chip(a.state, STATE_WORDS[a.state](lang))}</div><p>{e(a.text(lang))}</p></li>"
        for a in chapter.answers
    )
    return f'<ol class="answers">{"".join(rows)}</ol>'


def _records(chapter: Page, lang: Lang) -> str:
    rows = [
        (code(bare(r.name)), chip("type", r.type), code(value), e(r.why(lang)))
        for r in chapter.plan.records
        for value in r.values
    ]
    return table(("name", "type", "value", "why"), rows, "records", lang)


def _budget(chapter: Page, lang: Lang) -> str:
    return "".join(_tree(tree, lang) for tree in chapter.trees)


def _tree(tree: BudgetTree, lang: Lang) -> str:
    """A gauge of ten, then each term with what it costs, below the term that leads to it."""
    label = W["lookups"].using(n=tree.lookups, most=MAX_LOOKUPS)(lang)
    full = "over" if tree.lookups > MAX_LOOKUPS else "near" if tree.lookups > MAX_LOOKUPS - 3 else ""
    cells = "".join(
        f'<i class="{"on" if number < tree.lookups else "off"}"></i>' for number in range(MAX_LOOKUPS)
    )
    return (
        f'<div class="gauge {full}" role="img" aria-label="{e(label)}">{cells}</div>'
        f'<ul class="tree">{_node(tree, lang)}</ul>'
    )


def _node(node: BudgetTree, lang: Lang) -> str:
    cost = word("lookups", lang, n=node.lookups, most=MAX_LOOKUPS) if node.lookups and node.measured else ""
    problem = f" <em>{e(node.problem(lang))}</em>" if node.problem else ""
    below = "".join(_node(child, lang) for child in node.children)
    return (
        f'<li>{code(node.term or node.domain)} <span class="cost">{cost}</span>{problem}'
        f"{f'<ul>{below}</ul>' if below else ''}</li>"
    )


def _findings(chapter: Page, lang: Lang) -> str:
    if not chapter.findings:
        return f"<p>{word('none', lang)}</p>"
    rows = (
        f'<li class="{e(f.severity)}"><div>{chip(f.severity, SEVERITY_WORDS[f.severity](lang))} '
        f"{code(f.rule)}</div><p>{e(f.message(lang))}</p>{_remedy(f, lang)}</li>"
        for f in sorted(chapter.findings, key=lambda one: _ORDER[one.severity])
    )
    return f'<ul class="findings">{"".join(rows)}</ul>'


def _remedy(finding: Finding, lang: Lang) -> str:
    hint = finding.hint(lang)
    return f"<p><b>{word('remedy', lang)}</b>{e(hint)}</p>" if hint else ""


def _live(chapter: Page, lang: Lang) -> str:
    if chapter.verdict is None:
        return f"<p>{word('unasked', lang)}</p>"
    rows = [
        (
            code(bare(c.name)),
            chip("type", c.type),
            _status(c, lang),
            e(c.server),
        )
        for c in chapter.verdict.checks
    ]
    return table(("name", "type", "status", "server"), rows, "live", lang)


def _status(check: Check, lang: Lang) -> str:
    """The outcome; where all is as planned, there is no more to say."""
    explanation = "" if check.status is Status.PASS else f"<span>{e(check.text(lang))}</span>"
    return chip(check.status, STATUS_WORDS[check.status](lang)) + explanation


def _agenda(chapter: Page, lang: Lang) -> str:
    """What is due, and what comes within the days that ``agenda`` shows."""
    today = chapter.plan.as_of
    rows = []
    for event in pending(chapter.events, today, AHEAD):
        status = event.status(today)
        chip_of = chip("warn" if status == "due" else "info", EVENT_WORDS[status](lang))
        rows.append((code(event.day.isoformat()), chip_of, e(event.text(lang))))
    return table(("day", "status", "event"), rows, "agenda", lang) if rows else ""


def _clients(chapter: Page, lang: Lang) -> str:
    """From the catalog; nothing where it does not know, or where the name takes no mail."""
    if chapter.host is None:
        return ""
    if chapter.beside is None:
        return _clients_of(chapter.host, chapter.site, lang)
    pairs = ((chapter.host, chapter.site), chapter.beside)
    return "".join(f"<h4>{e(host.names(lang))}</h4>{_clients_of(host, site, lang)}" for host, site in pairs)


def _clients_of(host: Service, site: Site | None, lang: Lang) -> str:
    client = host.client_at(site.id if site else None)
    rows = []
    for kind in ("imap", "pop3", "smtp"):
        port = client.get(kind)
        if isinstance(port, dict):
            tls = _TLS.get(str(port["tls"]), str(port["tls"]))
            rows.append((chip("type", kind.upper()), code(port["host"]), e(port["port"]), e(tls)))
    if not rows:
        return ""
    ports = [port for kind in ("imap", "smtp") if isinstance(port := client.get(kind), dict)]
    oauth = any(port.get("auth") == "oauth2" for port in ports)
    given = client.get("password")
    password = Text(str(given["en"]), str(given["zh"])) if isinstance(given, dict) else W["password"]
    note = W["user"].using(password=W["oauth"] if oauth else password)(lang)
    return table(("type", "server", "port", "tls"), rows, "clients", lang) + f"<p>{e(note)}</p>"
