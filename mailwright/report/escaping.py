"""Text made safe for where it is shown: DNS answers and specs are written by strangers."""

from __future__ import annotations

import json
import re

from mailwright.model.text import visible

__all__ = ["as_json", "chat", "code", "inert", "lines", "markdown", "shown", "visible", "xml"]

#: What has a meaning in GitHub's and GitLab's Markdown; ``@`` and ``#`` would call people and issues.
_MARKED = re.compile(r"[\\`*_{}\[\]<>()#+!|~@&$\"']")
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


#: What a terminal carries out, or what turns the direction of reading; tabs, line ends and joiners stay.
_CARRIED_OUT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
_MENTION = re.compile(r"<(?=[/!@]|at\b)", re.IGNORECASE)
_COMMAND = re.compile(r"^(\s*):(?=:)")
_LOGGED = re.compile(r"#(?=#(?:\[|vso\[))")


def shown(text: str) -> str:
    """A whole output: line ends stay, what a terminal would carry out becomes an escape that JSON knows."""
    return _CARRIED_OUT.sub(lambda match: json.dumps(match[0])[1:-1], text)


def inert(line: str) -> str:
    """A line that no runner of CI takes for a command: ``::error::`` (GitHub), ``##[…]`` (Azure)."""
    return _LOGGED.sub("# ", _COMMAND.sub(r"\1: ", line))


def chat(service: str, text: str) -> str:
    """For a group robot: no mark-up and no mention (Slack's ``<!channel>``, Feishu's ``<at …>``)."""
    if service == "slack":
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MENTION.sub("＜", text)


def lines(text: str) -> str:
    """``visible`` for a text of several lines."""
    return "\n".join(visible(part) for part in text.split("\n"))


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
