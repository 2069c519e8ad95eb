"""Text made safe for where it is shown: DNS answers and specs are written by strangers."""

from __future__ import annotations

import json
import re

from mailwright.model.text import visible

__all__ = ["as_json", "code", "lines", "markdown", "visible", "xml"]

#: What has a meaning in GitHub's and GitLab's Markdown; ``@`` and ``#`` would call people and issues.
_MARKED = re.compile(r"[\\`*_{}\[\]<>()#+!|~@&$\"']")
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def lines(text: str) -> str:
    """``visible`` for a text of several lines."""
    return "\n".join(visible(each) for each in text.split("\n"))


def markdown(text: str) -> str:
    """For a Markdown cell: everything with a meaning becomes a numeric reference, on one line."""
    flat = visible(text.replace("\r\n", " ").replace("\n", " "))
    return _MARKED.sub(lambda match: _ref(match[0]), flat).replace("://", "&#58;//")


def _ref(char: str) -> str:
    return f"&#{ord(char)};"


def code(text: str) -> str:
    """The same, set in a fixed font."""
    return f"<code>{markdown(text)}</code>"


def xml(text: str) -> str:
    """Only characters that XML 1.0 §2.2 allows; quoting is the writer's work."""
    return _NO_XML.sub("\ufffd", text)


def as_json(value: object) -> str:
    """Indented JSON that any terminal can print: octets that are no UTF-8 stay as escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text)
