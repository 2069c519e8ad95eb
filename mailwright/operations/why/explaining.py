"""From the octets of a file to what happened, whose fault it is and what to do. Nothing is stored or sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailwright.model.plan import Plan
from mailwright.model.text import Text
from mailwright.operations.why.bounces import Kind, kind
from mailwright.operations.why.curing import Cure, cures, is_ours
from mailwright.operations.why.hops import Way, way
from mailwright.operations.why.judging import Judged, judged
from mailwright.operations.why.reading import Read, is_outlook_item, read
from mailwright.spec.model import MailSpec

_OUTLOOK = Text(
    "this is an Outlook item (.msg), not the message as it was sent: open it in Outlook, and save it as "
    ".eml, or copy the whole text of the bounce into a file",
    "这是 Outlook 项目（.msg），不是邮件原文：请在 Outlook 中打开并另存为 .eml，或把退信全文复制到文本文件",
)
_FROM = re.compile(r"^from ?: ?.*?([\w.+=-]{1,80}@[\w.-]{1,250}\w)", re.IGNORECASE | re.MULTILINE)
_COMPLAINED = re.compile(r"^original-mail-from ?: ?<?([^>\s]+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Explained:
    """One recipient's answer, and what of the spec has to do with it. ``incoming``: the recipient is ours."""

    judged: Judged
    incoming: bool
    cures: tuple[Cure, ...]

    @property
    def fault(self) -> str:
        """ours, receiver, recipient, nobody, or "not-known"; what the other side does wrong is ours there."""
        meaning = self.judged.meaning
        if meaning is None:
            return "not-known"
        fault = meaning.cause.fault
        if not self.incoming:
            return fault
        return {"receiver": "ours", "recipient": "ours", "ours": "sender"}.get(fault, fault)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a file is and says. ``sender`` is the From address of what came back; ``way`` is of a message."""

    kind: Kind
    answers: tuple[Explained, ...]
    sender: str
    notes: tuple[Text, ...]
    mail: Read
    way: Way | None = None

    @property
    def is_known(self) -> bool:
        """Whether something can be said: every answer's cause, or what it is instead of a bounce."""
        return all(answer.judged.meaning or answer.judged.is_delivered for answer in self.answers)


class Unreadable(ValueError):
    """A file that holds no message; ``text`` says what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(text("en"))
        self.text = text


def explained(octets: bytes, specs: Sequence[tuple[MailSpec, Plan]], receiver: str = "") -> Explanation:
    """Explain a bounce, a message or pasted text. Raises Unreadable for an Outlook item.

    ``receiver`` names the mail server whose word about a message is trusted.
    """
    if is_outlook_item(octets):
        raise Unreadable(_OUTLOOK)
    mail = read(octets)
    what = kind(mail)
    sender = _sender(mail)
    judgeds = judged(mail) if what in ("bounce", "text") else ()
    answers = tuple(_with_spec(judgement, sender, specs) for judgement in judgeds)
    route = way(mail, receiver) if what == "message" else None
    return Explanation(what, answers, sender, mail.cut, mail, route)


def _with_spec(judgement: Judged, sender: str, specs: Sequence[tuple[MailSpec, Plan]]) -> Explained:
    recipient = judgement.report.recipient
    for spec, plan in specs:
        if is_ours(spec, recipient):
            return Explained(
                judgement, not (sender and is_ours(spec, sender)), cures(spec, plan, judgement, sender)
            )
    for spec, plan in specs:
        if not sender or is_ours(spec, sender):
            return Explained(judgement, False, cures(spec, plan, judgement, sender))
    return Explained(judgement, False, ())


def _sender(mail: Read) -> str:
    """Who wrote what came back."""
    for part in mail.parts:
        if part.type in ("message/rfc822", "text/rfc822-headers", "message/feedback-report"):
            match = _FROM.search(part.text) or _COMPLAINED.search(part.text)
            if match:
                return match[1]
    own = [part.text for part in mail.parts if part.type == "text/plain"]
    match = _FROM.search(own[0]) if own and mail.is_message else None
    return match[1] if match else ""
