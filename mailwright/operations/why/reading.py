"""A message or a piece of text from anybody, read within bounds that hold whatever it is.

What is beyond a bound is left out and said (``cut``). No attachment is opened, no HTML rendered, nothing
written. Reading takes time in proportion to the octets that are kept, whatever they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import Message

from mailwright.model.text import Text
from mailwright.plan.mailboxes.message import decoded, shown

#: Octets that are read of a file, of its header, and of one text part; the deepest nesting of parts.
MOST, MOST_HEADER, MOST_TEXT, DEEPEST = 30_000_000, 512_000, 200_000, 40
#: Header fields, and parts, that are looked at.
MOST_FIELDS, MOST_PARTS = 2_000, 300

MSG_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an OLE2 file, as Outlook saves .msg
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_STRUCTURE = re.compile(rb"^(?:--\S*|content-[\w-]+:.*)\r?\n?", re.IGNORECASE | re.MULTILINE)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\r\f\v\u00a0\u3000]+")
_CHARSETS = ("utf-8", "gb18030", "big5")

_CUT_FILE = Text(
    "the file is longer than {most} MB; only its beginning was read",
    "文件超过 {most} MB，只读取了开头部分",
)
_CUT_HEADER = Text(
    "the header is longer than {most} kB; only its beginning was read",
    "邮件头超过 {most} kB，只读取了开头部分",
)
_CUT_PARTS = Text(
    "the parts are nested too deeply, or too many; they were read as plain text",
    "邮件的部分嵌套过深或过多，已按纯文本读取",
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message: its type in lower case, and its text; other parts have none."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Read:
    """What was read. ``fields`` are header fields in order, decoded; ``octets`` the message for signatures.

    ``is_message`` is False for pasted text, which has one part and no field.
    """

    is_message: bool
    fields: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    cut: tuple[Text, ...] = ()
    octets: bytes = field(default=b"", repr=False)

    def every(self, name: str) -> tuple[str, ...]:
        """All values of a header field, top first."""
        return tuple(value for key, value in self.fields if key == name)

    def first(self, name: str) -> str:
        """The topmost value of a header field, or nothing."""
        return next(iter(self.every(name)), "")


def is_outlook_item(octets: bytes) -> bool:
    """Whether this is Outlook's own file (.msg), which is no message."""
    return octets.startswith(MSG_MAGIC)


def read(octets: bytes) -> Read:
    """Octets of a message (RFC 5322), a bounce, or of pasted text. Never raises."""
    cut = [_CUT_FILE.using(most=MOST // 1_000_000)] if len(octets) > MOST else []
    octets = octets[:MOST].removeprefix(b"\xef\xbb\xbf")
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        octets = octets.decode("utf-16", "replace").encode()
    if octets.startswith(b"From "):  # mbox
        octets = octets.partition(b"\n")[2]
    if b"\n" not in octets[:MOST_HEADER]:
        octets = octets.replace(b"\r", b"\n")
    octets = octets.lstrip(b"\r\n")
    if not _is_message(octets):
        return Read(False, (), (Part("text/plain", _plain(octets[:MOST_TEXT])),), tuple(cut))
    header, body, long = _parted(octets)
    if long:
        cut.append(_CUT_HEADER.using(most=MOST_HEADER // 1000))
    message = message_from_bytes(header, policy=policy.compat32)
    fields = tuple((name.lower(), _unfolded(decoded(_raw(value)))) for name, value in message.raw_items())[
        :MOST_FIELDS
    ]
    parts, deep = _parts(header, body)
    if deep:
        cut.append(_CUT_PARTS)
    return Read(True, fields, parts, tuple(cut), b"" if long or deep else octets)


def _is_message(octets: bytes) -> bool:
    """Two header fields at the beginning: a pasted reply such as ``550 5.1.1 ...`` has none."""
    lines = octets[:8000].split(b"\n")[:40]
    count = 0
    for line in lines:
        if not line.strip():
            break
        if _FIELD.match(line):
            count += 1
        elif not line.startswith((b" ", b"\t")):
            return False
    return count >= 2


def _parted(octets: bytes) -> tuple[bytes, bytes, bool]:
    """Header, body, and whether the header went beyond its bound."""
    match = re.search(rb"\r?\n\r?\n", octets)
    end = match.start() if match else len(octets)
    start = match.end() if match else len(octets)
    return octets[: min(end, MOST_HEADER)] + b"\n\n", octets[start:], end > MOST_HEADER


def _parts(header: bytes, body: bytes) -> tuple[tuple[Part, ...], bool]:
    """The parts, or the whole body as one text where parsing it as parts could go on without end."""
    content_types = len(re.findall(rb"(?i)^content-type[ \t]*:[ \t\r\n]*(?:multipart|message)/", body, re.M))
    delimiters = len(re.findall(rb"^--\S", body[:MOST], re.M))
    if content_types > DEEPEST or delimiters > 10 * MOST_PARTS:
        return (_unparsed(body),), True
    try:
        message = message_from_bytes(header + body, policy=policy.compat32)
        return tuple(_walk(message)), False
    except (RecursionError, ValueError, LookupError):
        return (_unparsed(body),), True


def _unparsed(body: bytes) -> Part:
    """A body whose structure is not followed: its text without delimiters and fields of parts."""
    return Part("text/plain", _plain(_STRUCTURE.sub(b"", body)[:MOST_TEXT]))


def _walk(message: Message) -> Iterator[Part]:
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            return
        type = part.get_content_type().lower()
        if type in ("message/delivery-status", "message/feedback-report", "message/global-delivery-status"):
            yield Part(type, _status(part)[:MOST_TEXT])
        elif type == "message/rfc822":
            yield Part(type, _head(part)[:MOST_TEXT])
        elif type.startswith("text/"):
            yield Part(type, _content(part, type))
        else:
            yield Part(type, "")


def _status(part: Message) -> str:
    """A report of fields: the email package has made blocks of headers of it, parted by blank lines."""
    blocks = part.get_payload()
    if isinstance(blocks, list):
        return "\n".join(
            "\n".join(f"{name}: {_raw(value)}" for name, value in block.raw_items()) + f"\n{_inner(block)}\n"
            for block in blocks[:MOST_PARTS]
            if isinstance(block, Message)
        )
    return _content(part, "text/plain")


def _head(part: Message) -> str:
    """The header of a message within the message, one field a line."""
    inner = part.get_payload()
    first = inner[0] if isinstance(inner, list) and inner else None
    if not isinstance(first, Message):
        return ""
    return "\n".join(f"{name}: {_unfolded(decoded(_raw(value)))}" for name, value in first.raw_items())


def _inner(block: Message) -> str:
    inner = block.get_payload()
    return inner if isinstance(inner, str) else ""


def _content(part: Message, type: str) -> str:
    payload = part.get_payload(decode=True)
    octets = payload[:MOST_TEXT] if isinstance(payload, bytes) else b""
    text = _decoded(octets, str(part.get_content_charset() or ""))
    return _lines(_page(text) if type == "text/html" else text)


def _page(html: str) -> str:
    """The words of a page, with line ends where a reader sees some."""
    return shown(html, lambda tag: "\n" if _BREAK.match(tag) else " ")


def _decoded(octets: bytes, charset: str) -> str:
    """Octets in the character set that they name, else in one that they fit, else with U+FFFD."""
    for encoding in (charset, *_CHARSETS):
        try:
            return octets.decode(encoding)
        except (LookupError, ValueError):
            continue
    return octets.decode("utf-8", "replace")


def _plain(octets: bytes) -> str:
    return _lines(_decoded(octets, ""))


def _lines(text: str) -> str:
    """Text without control characters (terminal sequences too), blanks of a line counted as one."""
    text = re.sub(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)", "", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(
        _BLANKS.sub(" ", "".join(char if char.isprintable() else " " for char in line)).rstrip()
        for line in text.split("\n")
    )


def _raw(value: object) -> str:
    return str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _unfolded(value: str) -> str:
    return _lines(value.replace("\n", " ")).strip()
