"""Where scripts that no spec knows send mail: the mark of payment fraud. Sieve is read, never run."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: Commands that carry a mail, or a notice of it, away (RFC 5228 §4.2, RFC 5435 §3; Pigeonhole's extprograms).
_SENDING = frozenset({"redirect", "notify", "pipe", "vnd.dovecot.pipe", "execute", "vnd.dovecot.execute"})
#: RFC 5228 §8.1: comments, strings, multi-line strings, identifiers, and the signs that end a command.
TOKEN = re.compile(
    r'(?P<comment>#[^\n]*|/\*.*?(?:\*/|\Z))|"(?P<string>(?:[^"\\]|\\.)*)(?:"|\Z)'
    r"|(?i:text):[ \t]*(?:#[^\n]*)?\n(?P<lines>.*?)(?:^\.$|\Z)|(?P<word>:?[A-Za-z_][\w.]*)|(?P<sign>[;{}])",
    re.DOTALL | re.MULTILINE,
)


def targets(script: str) -> tuple[str, ...]:
    """Every text that a sending command names, in order and as written; of ``mailto:`` the address."""
    return tuple(dict.fromkeys(_targets(script.replace("\r\n", "\n"))))


def _targets(script: str) -> Iterator[str]:
    sending = False
    for match in TOKEN.finditer(script):
        if match["sign"]:
            sending = False
        elif match["word"] and not match["word"].startswith(":"):
            sending = sending or match["word"].lower() in _SENDING
        elif sending and match["string"] is not None:
            yield _address(re.sub(r"\\(.)", r"\1", match["string"], flags=re.DOTALL))
        elif sending and match["lines"] is not None:
            yield _address(match["lines"].strip())


def _address(text: str) -> str:
    return text[len("mailto:") :].partition("?")[0] if text.lower().startswith("mailto:") else text


def is_inside(target: str, domain: str) -> bool:
    """Whether a target surely stays in the company: no variable in it, and the domain at its end."""
    return "${" not in target and re.fullmatch(rf"[^@\s]+@{re.escape(domain)}", target.lower()) is not None
