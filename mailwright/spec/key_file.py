"""The public half of a key, in a file beside the spec."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mailwright.model.text import Text
from mailwright.spec import files, rules

if TYPE_CHECKING:
    from mailwright.spec.builder import Builder

_MOST = 64 * 1024  # bytes
_NO_TEXT = Text("it is not a text file", "不是文本文件")


def public_key(builder: Builder, path: str, file: str) -> str:
    """The text of a public key file."""
    try:
        text = files.read_key(Path(builder.file), file, _MOST).decode("utf-8-sig")
    except OSError as error:
        reason = getattr(error, "reason", None) or error.strerror or "?"
        builder.say(rules.KEY_FILE, path, file=file, reason=reason)
        return ""
    except UnicodeDecodeError:
        builder.say(rules.KEY_FILE, path, file=file, reason=_NO_TEXT)
        return ""
    if "\0" in text:
        builder.say(rules.KEY_FILE, path, file=file, reason=_NO_TEXT)
        return ""
    if "PRIVATE" in text:
        builder.say(rules.KEY_FILE, path, file=file, reason=Text("it is the private half", "这是私钥"))
        return ""
    return text
