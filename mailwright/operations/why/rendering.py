"""An explanation as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from mailwright.model.text import Lang, Text, visible
from mailwright.operations.why.curing import Cure
from mailwright.operations.why.explaining import Explained, Explanation
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


def render(explanation: Explanation, lang: Lang) -> str:
    """A block for each recipient, in the words of a mail administrator."""
    blocks = [_KINDS[explanation.kind](lang)]
    blocks += ["\n".join(_lines(each, lang)) for each in explanation.answers]
    if explanation.notes:
        blocks.append("\n".join(f"! {each(lang)}" for each in explanation.notes))
    return "\n\n".join(blocks)


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
    rows += [("spec", _cure(each, lang)) for each in answer.cures]
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


def to_json(explanation: Explanation, lang: Lang) -> dict[str, object]:
    """The documented JSON form."""
    return {
        "kind": explanation.kind,
        "known": explanation.is_known,
        "sender": explanation.sender or None,
        "answers": [_answer(each, lang) for each in explanation.answers],
        "notes": [each(lang) for each in explanation.notes],
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
        "cures": [
            {
                "text": each.text(lang),
                "record": each.record or None,
                "file": each.position.file if each.position else None,
                "line": each.position.line if each.position else None,
            }
            for each in answer.cures
        ],
    }


def _source(answer: Explained) -> dict[str, str] | None:
    source = answer.judged.meaning.source if answer.judged.meaning else None
    return {"title": source.title, "url": source.url, "date": source.date} if source else None
