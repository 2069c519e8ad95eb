"""A mail as rules see it, whether a condition takes it, and the story of where it ends."""

from __future__ import annotations

from dataclasses import dataclass, field

from mailwright.model.mailboxes import SPAM_HEADERS, Condition, Reply, Test
from mailwright.model.position import Position
from mailwright.model.text import Text

#: Sieve's i;ascii-casemap: only A to Z have a lower case (RFC 4790 §9.2.1).
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


#: Said where nobody knows how the address is made at the other host: passed on, it might go round.
NOT_PASSED = Text(
    "{of} belongs at {service}, where nobody knows what becomes of it: not passed on",
    "{of} 应在{service}，但不知道那里会如何处理：不转交",
)
ONWARD = Text("{of} is at {service}: passed on to it", "{of} 在{service}：转交过去")
ALIAS_DOMAIN = Text("{of} is at an alias domain: the same as {to}", "{of} 位于别名域名：等同于 {to}")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as rules see it: decoded, the body as text.

    ``recipient`` is the envelope's; ``to`` are the addresses of To and Cc, ``sender`` is that of From.
    ``headers`` are further ones by name, several of a name included; ``size`` is in octets, 0 is small.
    ``again``: one with this Message-ID met the same rules within hours, or the mail comes round: a script
    does not pass it on once more. ``bounce``: it has no reverse-path (RFC 5321 §4.5.5).
    """

    recipient: str
    sender: str = "somebody@example.com"
    subject: str = ""
    body: str = ""
    to: tuple[str, ...] = ()
    is_reply: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    size: int = 0
    attachments: bool = False
    again: bool = False
    bounce: bool = False

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of a header; upper and lower case of its name are the same."""
        key = name.lower()
        written = tuple(value for header, value in self.headers if header.lower() == key)
        known = {"from": (self.sender,), "to": self.to, "subject": (self.subject,)}
        return written or tuple(value for value in known.get(key, ()) if value)

    @property
    def is_spam(self) -> bool:
        """Whether a spam filter marked it."""
        marks = (value for name in SPAM_HEADERS for value in self.values(name))
        return any(value.translate(_LOWER).startswith("yes") for value in marks)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens on the way; ``depth`` is how often the mail was passed on before."""

    text: Text
    depth: int = 0
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a mail ends: an inside mailbox with its folders ("INBOX") and tags, or an outside address."""

    address: str
    folders: tuple[str, ...] = ("INBOX",)
    tags: tuple[str, ...] = ()
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """The whole story of one mail. ``refused`` are the recipients that no server takes.

    ``unknown`` says where no document of the mail host tells what it does: who else gets the mail is open.
    """

    steps: tuple[Step, ...]
    reached: tuple[Reached, ...]
    replies: tuple[Reply, ...] = ()
    notices: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unknown: tuple[Text, ...] = ()
    onward: tuple[str, ...] = ()  # addresses that are passed on to the other one of two mail hosts

    @property
    def addresses(self) -> tuple[str, ...]:
        """Everybody who gets the mail; sorted."""
        return tuple(sorted({delivery.address for delivery in self.reached}))


def holds(condition: Condition | None, mail: Mail) -> tuple[bool, Text | None]:
    """Whether a condition takes a mail, and what it found."""
    if condition is None:
        return True, None
    if (condition.not_replies and mail.is_reply) or (condition.not_spam and mail.is_spam):
        return False, None
    hits = [_hit(test, mail) for test in condition.tests]
    truth = any(hits) if condition.any and hits else all(hits)
    shown = [hit for hit in hits if hit]
    return truth, _joined(shown) if truth and shown else None


_CONTAINS = Text("{field} contains “{word}”", "{field} 含有“{word}”")
_HAS_HEADER = Text("it has the header {word}", "带有邮件头 {word}")
_LARGER = Text("it is larger than {size} B", "大于 {size} B")
_SMALLER = Text("it is smaller than {size} B", "小于 {size} B")
_ATTACHED = {True: Text("it has attachments", "带附件"), False: Text("it has no attachments", "不带附件")}
_FIELDS = {
    "header": Text("the header {name}", "邮件头 {name}"),
    "from": Text("the sender", "发件人"),
    "to": Text("To or Cc", "收件人或抄送"),
    "subject": Text("the subject", "主题"),
    "body": Text("the text", "正文"),
}


def _joined(texts: list[Text]) -> Text:
    text = texts[0]
    for part in texts[1:]:
        text = Text("{one}, {other}", "{one}，{other}", {"one": text, "other": part})
    return text


def _hit(test: Test, mail: Mail) -> Text | None:
    """What makes the test true, None where nothing does."""
    if test.field == "has_header":
        name = next((contain for contain in test.contains if mail.values(contain)), None)
        return _HAS_HEADER.using(word=name) if name else None
    if test.field == "larger_than":
        return _LARGER.using(size=test.size) if mail.size > test.size else None
    if test.field == "smaller_than":
        return _SMALLER.using(size=test.size) if mail.size < test.size else None
    if test.field == "attachments":
        return _ATTACHED[test.present] if mail.attachments == test.present else None
    values = {
        "from": (mail.sender,),
        "to": mail.to,
        "subject": mail.values("subject"),
        "body": (mail.body,),
        "header": mail.values(test.name),
    }[test.field]
    lowered = [value.translate(_LOWER) for value in values]
    word = next((w for w in test.contains if any(w.translate(_LOWER) in value for value in lowered)), None)
    field = _FIELDS[test.field].using(name=test.name) if test.name else _FIELDS[test.field]
    return None if word is None else _CONTAINS.using(field=field, word=word)
