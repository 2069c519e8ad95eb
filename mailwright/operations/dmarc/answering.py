"""What reports say, in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mailwright.model.text import LANGS, Lang, Text, visible
from mailwright.operations.dmarc.advising import Advice, Source
from mailwright.operations.dmarc.gathering import Reading
from mailwright.operations.dmarc.proposing import Proposal
from mailwright.operations.world.conditions import MARKS
from mailwright.report.layout import columns

_MOST = 30  # sources shown; JSON has all
_READ = Text(
    "{files} files: {mail} new reports of mail, {tls} of TLS, {failures} of single failures; "
    "{duplicates} were there already.",
    "{files} 个文件：新的 DMARC 汇总报告 {mail} 份，TLS 报告 {tls} 份，"
    "失败报告 {failures} 份；已有 {duplicates} 份。",
)
_REFUSED = Text("refused {name}: {reason}", "已拒绝 {name}：{reason}")
_NOTED = Text("{name}: {reason}", "{name}：{reason}")
_HEAD = Text("{domain}: {step}, since {first}", "{domain}：{step}，自 {first} 起")
_TIME = Text(
    "  {messages} messages on {days} days, seen by {receivers}",
    "  共 {days} 天、{messages} 封，来自 {receivers}",
)
_NONE = Text(
    "  No report of this time shows the policy as it is. Read some: mailwright dmarc report FILES",
    "  这段时间没有显示当前策略的报告。请先读取：mailwright dmarc report 文件",
)
_WHO = Text("  Who sends in its name:", "  以本域名发信的来源：")
_LINE = Text(
    "{messages} messages, {share} % pass{forwarded}{lost}", "{messages} 封，{share} % 通过{forwarded}{lost}"
)
_FORWARDED = Text("; {count} fail by way of a forward or a list", "；{count} 封因转发或邮件列表而失败")
_LOST = Text("; {count} fail", "；{count} 封失败")
_STRANGER = Text("{who} (not in the spec)", "{who}（不在规格中）")
_MORE = Text("… and {count} more sources", "……另有 {count} 个来源")
_SILENT = Text(
    "  Not seen in 90 days: {who}. Do they still send? If not, the spec can do without them.",
    "  90 天内未见：{who}。是否仍在发信？若已停用，可择时从规格中去掉。",
)
_FAILURES = Text("  {count} reports of single failures", "  失败报告 {count} 份")
_TLS = Text(
    "  TLS ({type}): {secured} sessions secured, {failed} failed{cause}",
    "  TLS（{type}）：成功 {secured} 次，失败 {failed} 次{cause}",
)
_CAUSE = Text(" ({cause})", "（{cause}）")
_LAST = {
    "due": Text(
        "The next step suits: {step}. Its change of the spec:", "可以进入下一步：{step}。对规格的修改："
    ),
    "open": Text(
        "Not yet {step}: what is open above comes first.", "还不能进入 {step}：请先完成上面的事项。"
    ),
    "waiting": Text("Not yet {step}: only time is missing.", "还不能进入 {step}：只需等待。"),
    "unknown": Text("Nothing can be said about {step}.", "无法判断能否进入 {step}。"),
    "back": Text(
        "One step back: {step}. Its change of the spec, with the consent that `up` asks for:",
        "退回一步：{step}。对规格的修改，含 `up` 所需的同意：",
    ),
    "end": Text("This is the last step.", "已是最后一步。"),
}
_HURTS = Text(
    "  {who}: {count} messages were put aside or refused already", "  {who}：已有 {count} 封被隔离或拒收"
)
_BY_HAND = Text("write under dmarc: {keys}", "请在 dmarc: 下写 {keys}")
_STATES = {
    "due": Text("next step suits", "可进入下一步"),
    "open": Text("open questions", "有待处理"),
    "waiting": Text("wait", "需等待"),
    "unknown": Text("no reports", "无报告"),
    "back": Text("go back", "应退回"),
    "end": Text("at the end", "已完成"),
}
_COLUMNS = (
    Text("domain", "域名"),
    Text("step", "阶段"),
    Text("days", "天数"),
    Text("messages", "封数"),
    Text("passes", "通过"),
    Text("next", "下一步"),
    Text("state", "状态"),
)


def reading(made: Reading, lang: Lang) -> str:
    """What was read, what was refused and why."""
    counts = _READ.using(
        files=made.files, mail=made.mail, tls=made.tls, failures=made.failures, duplicates=made.duplicates
    )
    refused = [_REFUSED.using(name=visible(name), reason=reason)(lang) for name, reason in made.refused]
    noted = [_NOTED.using(name=visible(name), reason=reason)(lang) for name, reason in made.noted]
    return "\n".join([*refused, *noted, counts(lang)])


def reading_json(made: Reading, lang: Lang) -> dict[str, object]:
    """The documented JSON form of what was read."""
    return {
        "files": made.files,
        "mail": made.mail,
        "tls": made.tls,
        "failures": made.failures,
        "duplicates": made.duplicates,
        "refused": [{"file": name, "reason": reason(lang)} for name, reason in made.refused],
        "noted": [{"file": name, "reason": reason(lang)} for name, reason in made.noted],
    }


def advice(made: Advice, change: Proposal, lang: Lang) -> str:
    """One domain's answer: who sends, what passes, what is missing, and the next step's change."""
    lines = [_HEAD.using(domain=made.domain, step=made.now, first=made.first.isoformat())(lang)]
    lines += [line(lang) for line in _seen(made)]
    if made.sources:
        lines += [_WHO(lang), *(f"    {line}" for line in _sources(made.sources, lang))]
    lines += [line(lang) for line in _beside(made)]
    if made.keys and not made.back:
        lines += [f"  {MARKS[condition.state]} {condition.text(lang)}" for condition in made.conditions]
    if made.back:
        hurt = [source for source in made.sources if source.who.declared and source.enforced]
        lines += [_HURTS.using(who=source.who.label, count=source.enforced)(lang) for source in hurt]
    lines.append(_LAST[made.state].using(step=_named(made))(lang))
    if made.state in ("due", "back"):
        lines += [finding.message(lang) for finding in change.errors]
        keys = ", ".join(f"{key}: {value}" for key, value in made.keys.items())
        lines.append(change.diff.rstrip("\n") if change.diff else _BY_HAND.using(keys=keys)(lang))
    return "\n".join(lines)


def _seen(made: Advice) -> Iterator[Text]:
    if not made.coverage.messages:
        yield _NONE
        return
    receivers = ", ".join(visible(name) for name in made.coverage.receivers[:5])
    yield _TIME.using(messages=made.coverage.messages, days=made.coverage.days, receivers=receivers)


def _sources(sources: Sequence[Source], lang: Lang) -> list[str]:
    rows = []
    for source in sources[:_MOST]:
        who = source.who.label if source.who.declared else _STRANGER.using(who=source.who.label)
        rows.append((who(lang), _line(source)(lang), ", ".join(source.addresses[:2])))
    more = [_MORE.using(count=len(sources) - _MOST)(lang)] if len(sources) > _MOST else []
    return [*columns(rows).split("\n"), *more]


def _line(source: Source) -> Text:
    nothing = Text("", "")
    return _LINE.using(
        messages=source.messages,
        share=_share(source.passed, source.messages),
        forwarded=_FORWARDED.using(count=source.forwarded) if source.forwarded else nothing,
        lost=_LOST.using(count=source.lost) if source.lost else nothing,
    )


def _share(part: int, whole: int) -> str:
    """Per cent, rounded down, so that 100 is all."""
    return f"{int(1000 * part / whole) / 10:g}" if whole else "–"


def _beside(made: Advice) -> Iterator[Text]:
    if made.silent:
        named: dict[str, object] = {lang: ", ".join(who.label(lang) for who in made.silent) for lang in LANGS}
        yield _SILENT.using(who=Text("{en}", "{zh}", named))
    if made.failures:
        yield _FAILURES.using(count=made.failures)
    for type, secured, failed, cause in made.tls:
        why = _CAUSE.using(cause=cause) if cause else Text("", "")
        yield _TLS.using(type=type, secured=secured, failed=failed, cause=why)


def _named(made: Advice) -> str:
    return (
        str(made.target) if made.target else ", ".join(f"{key}: {value}" for key, value in made.keys.items())
    )


def table(every: Sequence[Advice], lang: Lang) -> str:
    """Many domains, a line each."""
    rows = [tuple(name(lang) for name in _COLUMNS)]
    for advice in every:
        passed, whole = (sum(getattr(s, name) for s in advice.sources) for name in ("passed", "messages"))
        rows.append(
            (
                advice.domain,
                str(advice.now),
                str(advice.coverage.days),
                str(whole),
                f"{_share(passed, whole)} %",
                _named(advice) or "–",
                _STATES[advice.state](lang),
            )
        )
    return columns(rows)


def advice_json(made: Advice, change: Proposal, lang: Lang) -> dict[str, object]:
    """The documented JSON form of one domain's answer."""
    return {
        "domain": made.domain,
        "day": made.day.isoformat(),
        "since": made.first.isoformat(),
        "step": str(made.now),
        "next": str(made.target) if made.target else None,
        "state": made.state,
        "keys": dict(made.keys),
        "diff": change.diff,
        "errors": [finding.message(lang) for finding in change.errors],
        "coverage": {
            "days": made.coverage.days,
            "messages": made.coverage.messages,
            "receivers": list(made.coverage.receivers),
        },
        "sources": [_source_json(source, lang) for source in made.sources],
        "silent": [who.id for who in made.silent],
        "conditions": [
            {"key": condition.key, "state": condition.state, "text": condition.text(lang)}
            for condition in made.conditions
        ],
        "failures": made.failures,
        "tls": [
            {"type": type, "secured": secured, "failed": failed, "cause": cause}
            for type, secured, failed, cause in made.tls
        ],
    }


def _source_json(source: Source, lang: Lang) -> dict[str, object]:
    return {
        "id": source.who.id,
        "name": source.who.label(lang),
        "declared": source.who.declared,
        "messages": source.messages,
        "passed": source.passed,
        "forwarded": source.forwarded,
        "lost": source.lost,
        "enforced": source.enforced,
        "subdomains": source.subdomains,
        "addresses": list(source.addresses),
        "first": source.first.isoformat(),
        "last": source.last.isoformat(),
    }
