"""Terms that are nearly ones: what was meant, and macros that should not be published."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from mailwright.model.rules import Severity, rule
from mailwright.standards.spf.record import Mechanism, Modifier, SpfRecord

MISSPELT = rule(
    "spf-term-misspelt",
    Severity.WARNING,
    en="{term} in the SPF record of {domain} is read as a modifier that nobody knows, and ignored: it lets "
    "nobody send. {meant} was meant?",
    zh="{domain} 的 SPF 记录中 {term} 会被当作无人认识的修饰符而忽略：它不会放行任何来源。是否应为 {meant}？",
    hint_en="Write {meant}, or remove the term.",
    hint_zh="请写成 {meant}，或删除该项。",
    reference="RFC 7208 §6",
)
P_MACRO = rule(
    "spf-uses-p-macro",
    Severity.WARNING,
    en="{term} in the SPF record of {domain} uses %{{p}}, which must not be published: it asks for the names "
    "of every client, slowly, and many receivers put “unknown” in its place.",
    zh="{domain} 的 SPF 记录中 {term} 使用了 %{{p}}，标准要求不要发布：每次都要反查来源的主机名，很慢，"
    "许多收件方直接以“unknown”代替。",
    hint_en="Use %{{i}} (the address) or %{{d}} (the domain) instead.",
    hint_zh="请改用 %{{i}}（地址）或 %{{d}}（域名）。",
    reference="RFC 7208 §7.2",
)

_P = re.compile(r"(?<!%)(?:%%)*%\{[pP]")
_MECHANISMS = ("include", "a", "mx", "ip4", "ip6", "exists", "all", "ptr")
MODIFIERS = ("redirect", "exp")
#: Modifiers that others have defined (RFC 6652, and drafts of old), which receivers may well know.
_KNOWN = frozenset({"ra", "rp", "rr", "op", "pr", "moo", "default", "accredit", "match_subdomains"})
#: Too far from what is meant for a comparison of letters.
_ALIASES = {"ip": "ip4", "ipv4": "ip4", "ipv6": "ip6", "cname": "a", "host": "a", "domain": "include"}


def nearest(name: str) -> str | None:
    """The mechanism or modifier that a misspelt name was meant as; None where none is near."""
    lower = name.lower()
    if lower in _KNOWN or lower in _MECHANISMS or lower in MODIFIERS:
        return None
    if lower in _ALIASES:
        return _ALIASES[lower]
    names = [term_name for term_name in (*_MECHANISMS, *MODIFIERS) if len(term_name) > 1]
    close = difflib.get_close_matches(lower[:20], names, 1, 0.7)
    return close[0] if close else None


def written(name: str, value: str) -> str:
    """A term as it is written: ``include:x``, ``redirect=x``, ``all``."""
    if not value or name == "all":
        return name
    return f"{name}={value}" if name in MODIFIERS else f"{name}:{value}"


def misspelt(record: SpfRecord) -> Iterator[tuple[Modifier, str]]:
    """Unknown modifiers that were meant as something else, each with the term that was meant."""
    for modifier in record.modifiers:
        name = "all" if modifier.name == "all" else nearest(modifier.name)  # "all=…" lets nobody send or fail
        if name is not None:
            yield modifier, written(name, modifier.value)


def uses_p(record: SpfRecord) -> Iterator[Mechanism | Modifier]:
    """Terms with ``%{p}`` (RFC 7208 §7.2)."""
    for term in record.terms:
        text = term.domain if isinstance(term, Mechanism) else term.value
        if text and _P.search(text):
            yield term
