"""The mail flow as two drawings: cards in three columns, joined by lines that stretch with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailwright.model.families import Family
from mailwright.model.mailboxes import Mailbox, Mailboxes, Route
from mailwright.model.names import bare
from mailwright.model.plan import Plan
from mailwright.model.text import Lang, Text
from mailwright.report.mailboxes.checklist import rule_words
from mailwright.report.page.parts import W, code, e, table, word
from mailwright.standards import dmarc, spf

#: Cards in a column; the rest is in the table.
MOST = 8
_DMARC: dict[str, Text] = {
    "none": Text("DMARC: only watched", "DMARC：仅观察"),
    "quarantine": Text("DMARC: forged mail to the junk folder", "DMARC：冒名邮件进垃圾箱"),
    "reject": Text("DMARC: forged mail refused", "DMARC：拒收冒名邮件"),
    "": Text("DMARC: missing", "DMARC：缺失"),
}
_SPF = Text("SPF: one record", "SPF：一条记录")
_NO_SPF = Text("SPF: missing", "SPF：缺失")
_DKIM = Text("DKIM: {n} keys", "DKIM：{n} 个密钥")
_NO_DKIM = Text("DKIM: no key yet", "DKIM：尚无密钥")


@dataclass(frozen=True, slots=True)
class Way:
    """Somebody who sends in the domain's name, and what is known of how."""

    name: Text
    notes: tuple[Text, ...] = ()


def flow(plan: Plan, title: str, host: Text | None, senders: Sequence[Way], lang: Lang) -> str:
    """Both drawings, and the addresses as a table."""
    mx = [
        value
        for record in plan.records
        if record.family is Family.MX and bare(record.name) == plan.domain
        for value in record.values
    ]
    if host is None and not senders and all(value.split()[-1] == "." for value in mx):
        return f"<p>{word('silent', lang)}</p>"
    sends = [_card(e(sender.name(lang)), [e(note(lang)) for note in sender.notes]) for sender in senders]
    proof = [_card("", [e(text(lang)) for text in _proofs(plan)])]
    middle = _card(code("@" + title), [])
    out = _drawing("out", ("senders", "domain", "proof"), (sends, [middle], proof), lang)
    exchangers = [_exchanger(value, lang) for value in mx if value.split()[-1] != "."]
    at = [_card(e(host(lang) if host else title), [])]
    come = _drawing(
        "in", ("exchangers", "host", "people"), (exchangers, at, _addressees(plan.mailboxes, lang)), lang
    )
    return f"{out}{come}<h4>{word('goes', lang)}</h4>{_addresses(plan.mailboxes, lang)}"


def _card(head: str, notes: Sequence[str]) -> str:
    title = f"<b>{head}</b>" if head else ""
    return title + "".join(f"<span>{note}</span>" for note in notes)


def _exchanger(value: str, lang: Lang) -> str:
    preference, _, host = value.partition(" ")
    return _card(code(bare(host)), [word("preference", lang, n=preference)])


def _proofs(plan: Plan) -> list[Text]:
    """What the planned records let a receiver check."""
    apex = [planned_record for planned_record in plan.records if bare(planned_record.name) == plan.domain]
    texts = [
        value for planned_record in apex if planned_record.type == "TXT" for value in planned_record.values
    ]
    keys = [planned_record for planned_record in plan.records if planned_record.family is Family.DKIM]
    policies = [
        v
        for planned_record in plan.records
        if planned_record.family is Family.DMARC
        for v in planned_record.values
    ]
    here = [
        bare(planned_record.name) for planned_record in plan.records if planned_record.family is Family.DMARC
    ]
    record = dmarc.only_record(tuple(policies[:1])) if f"_dmarc.{plan.domain}" in here else None
    return [
        _SPF if spf.select(tuple(texts)) else _NO_SPF,
        _DKIM.using(n=len(keys)) if keys else _NO_DKIM,
        _DMARC.get((record.policy or "") if record else "", _DMARC[""]),
    ]


def _drawing(
    kind: str, labels: tuple[str, str, str], columns: tuple[list[str], list[str], list[str]], lang: Lang
) -> str:
    first, middle, last = columns
    parts = (
        _column(labels[0], first, lang),
        _lines(len(first), len(middle)),
        _column(labels[1], middle, lang),
        _lines(len(middle), len(last)),
        _column(labels[2], last, lang),
    )
    name = word(kind, lang)
    return (
        f'<figure class="drawing {kind}" aria-label="{name}"><figcaption>{name}</figcaption>'
        f'<div class="lane">{"".join(parts)}</div></figure>'
    )


def _column(label: str, cards: Sequence[str], lang: Lang) -> str:
    items = "".join(f'<li><div class="card">{card}</div></li>' for card in cards)
    items = items or f'<li><div class="card">{word("none", lang)}</div></li>'
    name = word(label, lang)
    return f'<div class="column"><p>{name}</p><ul aria-label="{name}">{items}</ul></div>'


def _lines(left: int, right: int) -> str:
    """Curves from each card of one column to each of the other, one of which has a single card."""
    left, right = max(left, 1), max(right, 1)
    paths = "".join(
        f'<path d="M0 {y:.1f} C55 {y:.1f} 45 {z:.1f} 100 {z:.1f}"/>'
        for y in ((n + 0.5) * 100 / left for n in range(left))
        for z in ((n + 0.5) * 100 / right for n in range(right))
    )
    return (
        '<svg class="lines" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true" '
        f'focusable="false">{paths}</svg>'
    )


def _addressees(mailboxes: Mailboxes | None, lang: Lang) -> list[str]:
    """One card an address, with the people it reaches."""
    if mailboxes is None or not (mailboxes.routes or mailboxes.mailboxes):
        return [_card("", [word("nobody", lang)])]
    cards = [
        _card(code(route.address), [f"→ {e(_reached(mailboxes, route))}", *_by_rules(route, lang)])
        for route in mailboxes.routes
    ]
    cards += [
        _card(code(mailbox.address), [e(_reached(mailboxes, mailbox))]) for mailbox in mailboxes.mailboxes
    ]
    if len(cards) > MOST:
        cards = [*cards[: MOST - 1], _card("", [word("more", lang, n=len(cards) - MOST + 1)])]
    return cards


def _names(mailboxes: Mailboxes, addresses: Sequence[str]) -> str:
    boxes = {mailbox.address: mailbox.name or mailbox.address for mailbox in mailboxes.mailboxes}
    return ", ".join(boxes.get(address, address) for address in addresses)


def _reached(mailboxes: Mailboxes, entry: Mailbox | Route) -> str:
    """Everybody whom mail to it may reach: by its rules, and where no rule takes all of it, directly."""
    chosen = [to for rule in entry.rules for to in (*rule.assign_to, *rule.copy_to)]
    all_taken = any(rule.when is None and rule.assign_to for rule in entry.rules)
    direct = entry.to if isinstance(entry, Route) else (entry.address,)
    return _names(mailboxes, list(dict.fromkeys([*chosen, *(() if all_taken else direct)])))


def _by_rules(route: Route, lang: Lang) -> list[str]:
    return [word("ruled", lang)] if route.rules else []


_IN = Text("archive: a copy of what comes in", "归档：来信副本")
_OUT = Text("archive: a copy of what goes out", "归档：发信副本")


def _addresses(mailboxes: Mailboxes | None, lang: Lang) -> str:
    if mailboxes is None or not (mailboxes.routes or mailboxes.mailboxes or mailboxes.refused):
        return f"<p>{word('nobody', lang)}</p>"
    rows = [
        (mailbox.address, _reached(mailboxes, mailbox), _rules(mailbox, lang), mailbox.why(lang))
        for mailbox in mailboxes.mailboxes
    ]
    rows += [
        (route.address, _reached(mailboxes, route), _rules(route, lang), route.why(lang))
        for route in mailboxes.routes
    ]
    rows += [(refused.address, W["refused"](lang), (), refused.why(lang)) for refused in mailboxes.refused]
    if mailboxes.catch_all:
        rows.append((f"*@{mailboxes.domain}", _names(mailboxes, mailboxes.catch_all), (), "catch-all"))
    for text, copied in ((_IN, mailboxes.archive_in), (_OUT, mailboxes.archive_out)):
        rows += [
            (of.replace("@", "*@", 1) if of[0] == "@" else of, _names(mailboxes, [to]), (), text(lang))
            for of, to in copied.items()
        ]
    shown = [
        (code(of), e(to), "".join(f"<span>{e(rule)}</span>" for rule in rules) or "–", e(why))
        for of, to, rules, why in sorted(rows)
    ]
    return table(("address", "to", "rules", "why"), shown, "goes", lang)


def _rules(entry: Mailbox | Route, lang: Lang) -> tuple[str, ...]:
    return tuple(rule_words(rule, lang) for rule in entry.rules)
