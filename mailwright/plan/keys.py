"""DKIM keys as people paste them from consoles: what they are to verifiers, and what is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mailwright.model.families import is_selector
from mailwright.model.finding import Finding, found
from mailwright.model.names import bare
from mailwright.model.rules import Severity, rule
from mailwright.spec.model import NamedValue
from mailwright.standards import dkim

BLANKS_REMOVED = rule(
    "dkim-blanks-removed",
    Severity.WARNING,
    en="The key for {name} was pasted with characters that verifiers do not treat as spaces: {characters} "
    "(at which character). The plan writes it without.",
    zh="{name} 的密钥在粘贴时带入了收件方不认作空格的字符：{characters}（括号内为所在位置）。"
    "计划写入时已去掉。",
    hint_en="Copy the value again as plain text, so that the spec says what is published.",
    hint_zh="请以纯文本重新复制该值，使规格与发布的内容一致。",
    reference="RFC 6376 §3.2",
)
NO_SELECTOR = rule(
    "dkim-name-no-selector",
    Severity.ERROR,
    en="{name} cannot be a selector: receivers do not look for a key there.",
    zh="{name} 不是选择器：收件方不会在此查找密钥。",
    hint_en="Write the name that the console shows for the key, such as s1._domainkey.",
    hint_zh="请填写后台为该密钥给出的名称，例如 s1._domainkey。",
    reference="RFC 6376 §3.6.2.1, RFC 5617 §4.1",
)

_SHOWN = 5  # characters named in one finding


def as_published(named_value: NamedValue) -> NamedValue:
    """The key as the plan writes it: a TXT without the blanks of a paste, where that leaves one reading."""
    return (
        replace(named_value, value=dkim.cleaned(named_value.value)[0])
        if named_value.type == "TXT"
        else named_value
    )


def pasted(named_value: NamedValue, path: str) -> Iterator[Finding]:
    """What was pasted otherwise than it is published, or at a name that is no selector."""
    removed = dkim.cleaned(named_value.value)[1] if named_value.type == "TXT" else ()
    if removed:
        more = ", …" if len(removed) > _SHOWN else ""
        shown = ", ".join(removed[:_SHOWN]) + more
        yield found(
            BLANKS_REMOVED,
            path=path,
            position=named_value.position,
            name=bare(named_value.name),
            characters=shown,
        )
    if not is_selector(named_value.name):
        yield found(NO_SELECTOR, path=path, position=named_value.position, name=bare(named_value.name))


def signing(keys: Iterable[NamedValue]) -> tuple[NamedValue, ...]:
    """Those of the written keys that mail can be signed with.

    A revoked key (empty ``p=``, RFC 6376 §3.6.1) signs nothing; ``*._domainkey`` says so of every selector.
    """
    return tuple(key for key in keys if _signs(key))


def _signs(named_value: NamedValue) -> bool:
    if named_value.name.startswith("*.") or not is_selector(named_value.name):
        return False
    return named_value.type != "TXT" or not dkim.is_revoked(named_value.value)
