"""A draft as the text of a spec."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from mailwright.model.names import relative
from mailwright.model.text import Lang, Text
from mailwright.operations.importing.parts import Draft, Kept, Part

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@/+-]*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def write(draft: Draft, lang: Lang, foreign: Iterable[str] = ()) -> str:
    """The whole text, ending in a newline. ``foreign`` are lines on what stays outside the spec."""
    lines = ["# yaml-language-server: $schema=../schemas/mail-spec.schema.json"]
    lines += _comments(draft.notes, lang)
    lines += ["version: 1", f"domain: {draft.domain}", f"timezone: {draft.timezone}"]
    if draft.ttl is not None:
        lines.append(f"ttl: {draft.ttl}")
    lines += [*_comments(draft.host.notes, lang), *_host(draft.host)]
    if draft.gateway.keys:
        lines += [*_comments(draft.gateway.notes, lang), f"gateway: {_flow(draft.gateway.keys)}"]
    lines += [*_comments(draft.dns.notes, lang), f"dns_hosts: [{_flow(draft.dns.keys)}]"]
    lines += [*_comments(draft.contact.notes, lang), f"contact: {_scalar(draft.contact.keys['contact'])}"]
    for key, part in (("dmarc", draft.dmarc), ("spf", draft.spf)):
        if part.keys:
            lines += [*_comments(part.notes, lang), f"{key}: {_flow(part.keys)}"]
    lines += _senders(draft.senders, lang)
    if draft.verification:
        lines += ["verification:", *(f"  - {_flow({'value': token})}" for token in draft.verification)]
    for key, value in draft.extras.items():
        lines.append(f"{key}: {_flow(value) if isinstance(value, Mapping) else _value(list(value))}")
    lines += _kept(draft.kept, draft.domain, lang)
    outside = list(foreign)
    if outside:
        lines += ["", *_comments([_FOREIGN], lang), *(f"#   {_one_line(line)}" for line in outside)]
    return "\n".join(lines) + "\n"


_FOREIGN = Text("Found and left alone; nothing here changes these:", "以下记录已发现但不受管理，不会被改动：")
_AS_FOUND = Text(
    "Records that Mailwright would write otherwise stay exactly as found. Remove a line to change that.",
    "与 Mailwright 的写法不同的记录，保持原样。删除某一行即可改用 Mailwright 的写法。",
)


def _host(part: Part) -> Iterator[str]:
    if not part.dkim:
        yield f"mail_host: {_flow(part.keys)}"
        return
    yield "mail_host:"
    yield from (f"  {key}: {_value(value)}" for key, value in part.keys.items())
    yield from _dkim(part, "  ")


def _dkim(part: Part, indent: str) -> Iterator[str]:
    yield f"{indent}dkim:"
    for name, type, value in part.dkim:
        plain = value if type == "TXT" else value.rstrip(".")
        keys = {"name": name} | ({"type": type} if type != "TXT" else {}) | {"value": plain}
        yield f"{indent}  - {_flow(keys)}"


def _senders(parts: Iterable[Part], lang: Lang) -> Iterator[str]:
    begun = False
    for part in parts:
        notes = [f"  {comment}" for comment in _comments(part.notes, lang)]
        if not part.keys:
            yield from (note.strip() for note in notes)
            continue
        if not begun:
            yield "senders:"
        begun = True
        yield from notes
        if not part.dkim:
            yield f"  - {_flow(part.keys)}"
            continue
        first = True
        for key, value in part.keys.items():
            yield f"  {'-' if first else ' '} {key}: {_value(value)}"
            first = False
        yield from _dkim(part, "    ")


def _kept(kept: Iterable[Kept], domain: str, lang: Lang) -> Iterator[str]:
    lines = []
    for record in kept:
        keys: dict[str, object] = {"name": relative(record.name, domain), "type": record.type}
        if record.absent:
            keys["absent"] = "true"
        if record.values:
            keys["values"] = list(record.values)
        if record.ttl is not None:
            keys["ttl"] = record.ttl
        if record.elsewhere:
            keys["elsewhere"] = "true"
        if record.exact:
            keys["exact"] = "true"
        lines.append(f"  - {_flow(keys)}")
    if lines:
        yield from _comments([_AS_FOUND], lang)
        yield "as_found:"
        yield from lines


def _comments(notes: Iterable[Text], lang: Lang) -> list[str]:
    return [f"# {_one_line(note(lang))}" for note in notes]


def _one_line(text: str) -> str:
    """A comment ends with its line, and strange octets have no place in YAML."""
    plain = text.encode("utf-8", "backslashreplace").decode()
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in plain)


def _flow(keys: Mapping[str, object]) -> str:
    return "{" + ", ".join(f"{key}: {_value(value)}" for key, value in keys.items()) + "}"


def _value(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_scalar, value)) + "]"
    return _scalar(value)


def _scalar(value: object) -> str:
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())
