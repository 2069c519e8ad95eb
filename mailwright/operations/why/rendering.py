"""An explanation as text and as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from mailwright.model.text import Lang, Text, visible
from mailwright.operations.why.authentication import Authentication
from mailwright.operations.why.curing import Cure
from mailwright.operations.why.explaining import Explained, Explanation
from mailwright.operations.why.hops import Way
from mailwright.report.layout import width

_FAULTS = {
    "ours": Text("ours", "本方"),
    "receiver": Text("the receiving mail system's", "收件方的邮件系统"),
    "recipient": Text("the recipient's", "收件人"),
    "sender": Text("the sender's", "发件人"),
    "nobody": Text("nobody's", "无人"),
    "not-known": Text("not known", "未知"),
}
_KINDS = {
    "bounce": Text("A bounce.", "这是一封退信。"),
    "text": Text("Pasted text.", "这是粘贴的文本。"),
    "complaint": Text(
        "A complaint (ARF): the recipient marked the mail as spam. Take the address off the list.",
        "这是投诉（ARF）：对方把邮件标为垃圾邮件。请把该地址移出名单。",
    ),
    "auto-reply": Text(
        "An auto-reply: the mail arrived, and nothing has to be done.", "这是自动回复：邮件已送达，无需处理。"
    ),
    "message": Text(
        "No bounce: an ordinary message, which nobody sent back.",
        "这不是退信，而是一封普通邮件，没有被退回。",
    ),
}
_FROM = Text("From {author}, bounces go to {envelope}.", "发件人 {author}，退信地址 {envelope}。")
_COUNTS = Text(
    "the hop that counts: where the receiver took it from outside", "决定性的一跳：收件方从外部接收之处"
)
_TRUSTED = Text("the receiver says", "收件方的判断")
_NOW = Text("By living DNS now:", "按当前线上 DNS：")
_NO_TIME = dt.timedelta(0)
_DELAYED = Text("not delivered yet", "尚未送达")
_FAILED = Text("not delivered", "未送达")
_DELIVERED = Text("delivered", "已送达")
_PASSED_ON = Text("passed on; nothing more is told", "已转交，此后情况未告知")
_NOT_KNOWN = Text(
    "Not known: no public document says what this reply means.", "未知：没有公开文档说明这条答复的含义。"
)
_ASK = Text(
    "Give the raw line to the recipient's administrator, and to your own mail host.",
    "请把原始答复交给对方的管理员以及自己的邮件服务。",
)
_NO_RECIPIENT = Text("(recipient not named)", "（未写明收件人）")
_WORDS = {
    "what": Text("what", "原因"),
    "where": Text("where", "环节"),
    "fault": Text("fault", "责任"),
    "do": Text("do", "处理"),
    "spec": Text("spec", "规格"),
    "raw": Text("reply", "答复"),
    "source": Text("source", "出处"),
}
_AT = Text("{host} ({receiver})", "{host}（{receiver}）")
_TOLD_BY = Text("{where}; told by {reporter}", "{where}；由 {reporter} 告知")
_BY_ITSELF = Text("{reporter}, which sent the mail on", "{reporter}（负责转发的服务器）")


def render(
    explanation: Explanation, lang: Lang, proof: Authentication | None = None, more: Sequence[Cure] = ()
) -> str:
    """A block for each recipient, in the words of a mail administrator.

    ``proof`` is what DNS says of a message now, and ``more`` what of the spec has to do with it.
    """
    blocks = [_KINDS[explanation.kind](lang)]
    blocks += ["\n".join(_lines(answer, lang)) for answer in explanation.answers]
    if explanation.way:
        blocks.append("\n".join(_way(explanation.way, lang)))
    if proof:
        blocks.append("\n".join(_proof(proof, more, lang)))
    if explanation.notes:
        blocks.append("\n".join(f"! {note(lang)}" for note in explanation.notes))
    return "\n\n".join(blocks)


def _way(way: Way, lang: Lang) -> Iterator[str]:
    yield _FROM.using(author=visible(way.author) or "?", envelope=visible(way.envelope) or "<>")(lang)
    for number, hop in enumerate(way.hops, 1):
        at = hop.at.strftime("%Y-%m-%d %H:%M:%S %z") if hop.at else "?"
        delay = (
            f" (+{str(hop.delay).split('.', maxsplit=1)[0]})" if hop.delay and hop.delay >= _NO_TIME else ""
        )
        mark = " *" if hop is way.counts else ""
        sender, by = (visible(host) or "?" for host in (hop.sender, hop.by))
        yield f"  {number:>2}  {at}  {sender} [{hop.ip or '?'}] → {by}{delay}{mark}"
    if way.counts:
        yield f"      * {_COUNTS(lang)}"
    for claim in way.claims:
        shown = " ".join(f"{key}={visible(value)}" for key, value in claim.properties)
        yield f"  {_TRUSTED(lang)}: {claim.method}={claim.result} {shown}".rstrip()
    yield from (f"  ! {visible(note(lang))}" for note in way.notes)


def _proof(proof: Authentication, more: Sequence[Cure], lang: Lang) -> Iterator[str]:
    yield _NOW(lang)
    if proof.spf:
        yield f"  SPF    {proof.spf[0]} ({visible(proof.spf[1])})"
    for signature in proof.dkim:
        reason = f": {visible(signature.reason)}" if signature.reason else ""
        signer = f"d={visible(signature.domain)} s={visible(signature.selector)}"
        yield f"  DKIM   {signature.result} ({signer}){reason}"
    if not proof.dkim:
        yield "  DKIM   none"
    yield f"  ARC    {proof.arc}"
    if proof.dmarc:
        yield f"  DMARC  {proof.dmarc.result}: {visible(proof.dmarc.why(lang))}"
    yield from (f"  {_WORDS['spec'](lang)}  {_cure(cure, lang)}" for cure in more)
    yield from (f"  ! {note(lang)}" for note in proof.notes)


def _lines(answer: Explained, lang: Lang) -> Iterator[str]:
    report, meaning = answer.judged.report, answer.judged.meaning
    yield f"{visible(report.recipient) or _NO_RECIPIENT(lang)}: {outcome(answer)(lang)}"
    rows = [("where", _where(answer, lang))]
    if not answer.judged.is_delivered:
        rows += [
            ("what", (meaning.cause.what if meaning else _NOT_KNOWN)(lang)),
            ("fault", _FAULTS[answer.fault](lang)),
            ("do", (meaning.cause.remedy if meaning else _ASK)(lang)),
        ]
    rows += [("spec", _cure(cure, lang)) for cure in answer.cures]
    rows.append(("raw", visible(report.reply)))
    if meaning and meaning.source:
        rows.append(("source", f"{meaning.source.title}, {meaning.source.url} ({meaning.source.date})"))
    elif meaning:
        rows.append(("source", "RFC 3463, https://www.rfc-editor.org/rfc/rfc3463 (2003-01)"))
    for name, value in rows:
        if value:
            word = _WORDS[name](lang)
            yield f"  {word}{' ' * (8 - width(word))}{value}"


def outcome(answer: Explained) -> Text:
    """What became of the mail."""
    action = answer.judged.report.action
    cause = answer.judged.meaning.cause.id if answer.judged.meaning else ""
    if action in ("relayed", "expanded"):
        return _PASSED_ON
    if action == "delivered":
        return _DELIVERED
    return _DELAYED if action == "delayed" or cause == "waiting" else _FAILED


def _where(answer: Explained, lang: Lang) -> str:
    report, receiver = answer.judged.report, answer.judged.receiver
    host, reporter = visible(report.host), visible(report.reporter)
    named = _AT.using(host=host, receiver=receiver.names)(lang) if receiver and host else host
    named = named or (receiver.names(lang) if receiver else "")
    if named and reporter and reporter != host:
        return _TOLD_BY.using(where=named, reporter=reporter)(lang)
    return named or (_BY_ITSELF.using(reporter=reporter)(lang) if reporter else "")


def _cure(cure: Cure, lang: Lang) -> str:
    place = f" ({cure.position})" if cure.position else ""
    record = f"{cure.record}: " if cure.record else ""
    return f"{record}{cure.text(lang)}{place}"


def to_json(
    explanation: Explanation, lang: Lang, proof: Authentication | None = None, more: Sequence[Cure] = ()
) -> dict[str, object]:
    """The documented JSON form."""
    return {
        "kind": explanation.kind,
        "known": explanation.is_known,
        "sender": explanation.sender or None,
        "answers": [_answer(answer, lang) for answer in explanation.answers],
        "notes": [note(lang) for note in explanation.notes],
        "message": _message(explanation.way, proof, more, lang) if explanation.way else None,
    }


def _message(way: Way, proof: Authentication | None, more: Sequence[Cure], lang: Lang) -> dict[str, object]:
    return {
        "author": way.author or None,
        "envelope": way.envelope,
        "hops": [
            {
                "from": hop.sender or None,
                "by": hop.by or None,
                "ip": hop.ip or None,
                "at": hop.at.isoformat() if hop.at else None,
                "delay_seconds": hop.delay.total_seconds() if hop.delay is not None else None,
                "counts": hop is way.counts,
            }
            for hop in way.hops
        ],
        "trusted": [
            {"method": claim.method, "result": claim.result, "properties": dict(claim.properties)}
            for claim in way.claims
        ],
        "list": way.is_list,
        "forwarded": way.is_forwarded,
        "notes": [note(lang) for note in way.notes],
        "now": _proof_json(proof, lang) if proof else None,
        "cures": [_cure_json(cure, lang) for cure in more],
    }


def _proof_json(proof: Authentication, lang: Lang) -> dict[str, object]:
    return {
        "spf": {"result": proof.spf[0], "domain": proof.spf[1]} if proof.spf else None,
        "dkim": [
            {
                "result": signature.result,
                "domain": signature.domain,
                "selector": signature.selector,
                "reason": signature.reason,
            }
            for signature in proof.dkim
        ],
        "arc": proof.arc,
        "dmarc": {
            "result": proof.dmarc.result,
            "disposition": proof.dmarc.disposition,
            "why": proof.dmarc.why(lang),
        }
        if proof.dmarc
        else None,
        "notes": [note(lang) for note in proof.notes],
    }


def _cure_json(cure: Cure, lang: Lang) -> dict[str, object]:
    return {
        "text": cure.text(lang),
        "record": cure.record or None,
        "file": cure.position.file if cure.position else None,
        "line": cure.position.line if cure.position else None,
    }


def _answer(answer: Explained, lang: Lang) -> dict[str, object]:
    report, meaning = answer.judged.report, answer.judged.meaning
    return {
        "recipient": report.recipient or None,
        "action": report.action or None,
        "cause": meaning.cause.id if meaning else "not-known",
        "what": meaning.cause.what(lang) if meaning else _NOT_KNOWN(lang),
        "fault": answer.fault,
        "do": meaning.cause.remedy(lang) if meaning else _ASK(lang),
        "receiver": answer.judged.receiver.id if answer.judged.receiver else None,
        "host": report.host or None,
        "reporter": report.reporter or None,
        "code": report.code or None,
        "status": report.status or None,
        "reply": report.reply,
        "source": _source(answer),
        "cures": [_cure_json(cure, lang) for cure in answer.cures],
    }


def _source(answer: Explained) -> dict[str, str] | None:
    source = answer.judged.meaning.source if answer.judged.meaning else None
    return {"title": source.title, "url": source.url, "date": source.date} if source else None
