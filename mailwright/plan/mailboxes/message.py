"""A message in its own bytes, as rules on a Sieve host see it (RFC 5228 §2.7.2, RFC 5173).

Headers are decoded (RFC 2047), folding is undone, the body is the text of all its text parts. Octets that do
not fit their character set become U+FFFD, as they do there.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import quopri
import re
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses
from html import unescape

from mailwright.plan.mailboxes.trace import Mail

_WORD = re.compile(r"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(=\?[^?\s]+\?[bBqQ]\?[^?]*\?=)[ \t\r\n]+(?==\?[^?\s]+\?[bBqQ]\?[^?]*\?=)")


def read(message: bytes, recipient: str) -> Mail:
    """The mail to ``recipient``. Never raises: what cannot be read is empty."""
    parsed = message_from_bytes(message, policy=policy.compat32)
    heads: dict[str, list[str]] = {}
    for name, value in parsed.raw_items():
        heads.setdefault(name.lower(), []).append(_raw(value))
    senders = getaddresses(heads.get("from", []))
    receivers = getaddresses([*heads.get("to", []), *heads.get("cc", [])])
    return Mail(
        recipient,
        ", ".join(address for _, address in senders if address) or ", ".join(heads.get("from", [])),
        decoded(heads.get("subject", [""])[0]),
        text(parsed),
        tuple(address for _, address in receivers if address),
        "in-reply-to" in heads or "references" in heads,
        tuple((name, decoded(value)) for name, values in heads.items() for value in values),
        len(re.sub(rb"\r?\n", b"\r\n", message)),  # as it comes over LMTP, whatever ends lines in a file
        attached(parsed),
    )


def attached(message: Message) -> bool:
    """Whether any part says that it is an attachment, or is a file by its type (RFC 2183, RFC 2046)."""
    return any(
        _token(part, "content-disposition") == "attachment"
        or _token(part, "content-type", of="/") in ("application", "audio", "video")
        for part in message.walk()
    )


def _token(part: Message, name: str, of: str = "") -> str:
    """The first word of a MIME header, lower case, without comments (RFC 2045 §5.1); ``of`` follows it."""
    value = decoded(_raw(part.get(name, "")))
    blank, word = r"(?:\s|\([^()]*\))*", r"([^\s()<>@,;:\\\"/\[\]?=]+)"
    match = re.match(f"{blank}{word}{blank}{of}" + (f"{blank}{word}" if of else ""), value)
    return match[1].lower() if match else ""


def _raw(value: object) -> str:
    """A header as its octets: UTF-8 where it is, U+FFFD where not."""
    return str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def decoded(header: str) -> str:
    """A header's text: unfolded, encoded words decoded, the space between two gone (RFC 2047 §6.2)."""
    unfolded = re.sub(r"\r?\n[ \t]+", " ", header).strip(" \t\r\n")
    return _WORD.sub(lambda match: _word(*match.groups()), _BETWEEN.sub(r"\1", unfolded))


def _word(charset: str, kind: str, payload: str) -> str:
    try:
        if kind in "bB":
            octets = base64.b64decode(payload + "=" * (-len(payload) % 4))
        else:
            octets = quopri.decodestring(payload.encode("ascii", "replace"), header=True)
    except (binascii.Error, ValueError):
        return f"=?{charset}?{kind}?{payload}?="
    return _text(octets, charset)


def _text(octets: bytes, charset: str) -> str:
    """Octets in a character set; one that nobody knows is read as UTF-8."""
    try:
        return octets.decode(_charset(charset), "replace")
    except (LookupError, ValueError):  # also a NUL in the name
        return octets.decode("utf-8", "replace")


def _charset(name: str) -> str:
    """GB2312 in mail is nearly always GBK: servers read the wider set."""
    plain = name.partition("*")[0].lower()
    return codecs.lookup(plain).name


def text(message: Message) -> str:
    """The text of all text parts, HTML as the words it shows."""
    parts = []
    for part in message.walk():
        if part.get_content_maintype() != "text":
            continue
        payload = part.get_payload(decode=True)
        octets = payload if isinstance(payload, bytes) else b""
        part_text = _text(octets, part.get_content_charset() or "utf-8")
        parts.append(shown(part_text) if part.get_content_subtype() == "html" else part_text)
    return "\n".join(parts)


#: A tag, or words; one pass over any text, whatever it is made of.
_PIECE = re.compile(r"<[^<>]*>|[^<]+|<")
_TAG = re.compile(r"</?[a-z][a-z0-9]*", re.IGNORECASE)


def shown(html: str, blank: Callable[[str], str] = lambda _tag: " ") -> str:
    """The words of an HTML text, a blank for each tag: ``<b>quo</b>te`` is no "quote" to a server either.

    ``blank`` may give something else for a tag. Scripts, styles and comments are not read.
    """
    words: list[str] = []
    hidden = ""
    for piece in _PIECE.findall(_without_comments(html)):
        tag = _TAG.match(piece)
        if tag is None:
            words.append("" if hidden or piece[:2] in ("<!", "<?") else unescape(piece))
        elif hidden:
            hidden = "" if tag[0].lower() == f"</{hidden}" else hidden
        elif tag[0].lower() in ("<script", "<style"):
            hidden = tag[0][1:].lower()
        else:
            words.append(blank(piece))
    return "".join(words)


def _without_comments(html: str) -> str:
    parts, at = [], 0
    while (begins := html.find("<!--", at)) >= 0:
        parts.append(html[at:begins])
        ends = html.find("-->", begins)
        at = len(html) if ends < 0 else ends + 3
    return "".join([*parts, html[at:]])
