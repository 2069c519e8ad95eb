"""A hook of the documentation site: what a page needs beyond the form that it has in the repository."""

from __future__ import annotations

import re
from typing import Any

_FENCE = re.compile(r"(^```.*?^```)", re.DOTALL | re.MULTILINE)
_WIDE = "\u2e80-\u9fff\uff00-\uffef"


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The page without its link to itself in the other language, and with Chinese lines joined.

    The site's header switches the language; the end of a line would be a blank between two Chinese words.
    """
    name = re.escape(re.sub(r"(\.zh-CN)?\.md$", "", page.file.src_uri.rpartition("/")[2]))
    twin = rf"\*?(?:\w+[:：] ?)?\[[^\]]*\]\({name}(?:\.zh-CN)?\.md\)\*?"
    parts = _FENCE.split(re.sub(twin, "", markdown, count=1))
    return "".join(part if part.startswith("```") else _joined(part) for part in parts)


def _joined(text: str) -> str:
    return re.sub(rf"(?<=[{_WIDE}])\n *(?=[{_WIDE}])", "", text)
