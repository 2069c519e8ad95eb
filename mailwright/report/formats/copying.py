"""A page to copy from: one file that works offline, loads nothing, and runs one script of a few lines."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from mailwright.model.text import Lang, Text
from mailwright.report.escaping import visible

_COPY = Text("Copy", "复制")
_COPIED = Text("Copied", "已复制")
#: Only what a button holds is copied; the second way is for browsers that keep their clipboard from files.
_SCRIPT = """\
document.addEventListener("click", async event => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const text = button.dataset.copy;
  try { await navigator.clipboard.writeText(text); } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    button.focus();
    if (!copied) return;
  }
  button.textContent = button.dataset.copied;
});
"""
#: Nothing is loaded, and nothing runs but this script: what records hold is text.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def document(title: str, body: str, lang: Lang) -> str:
    """A whole page around ``body``, which is HTML already."""
    from mailwright.report.style import STYLE

    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    return (
        f'<!doctype html><html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY.format(digest=digest)}">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><main>{body}</main><script>{_SCRIPT}</script></body></html>\n"
    )


def copied(value: str, lang: Lang) -> str:
    """A value as people see it, and a button that copies it as it is."""
    if not value:
        return ""
    name = escape(f"{_COPY(lang)}: {visible(value)}")
    return (
        f'{escape(visible(value))} <button type="button" data-copy="{escape(value)}" '
        f'data-copied="{_COPIED(lang)}" aria-label="{name}">{_COPY(lang)}</button>'
    )
