"""``as_found``: records that stay exactly as they stood in the living domain when it was taken over."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailwright.model.family import Family
from mailwright.model.names import is_below
from mailwright.model.position import Position
from mailwright.model.readings import reading
from mailwright.model.records import TEXTS
from mailwright.model.rules import Severity, rule
from mailwright.spec.names import to_ascii

if TYPE_CHECKING:
    from mailwright.spec.builder import Builder
    from mailwright.spec.tree import Branch


BAD_VALUE = rule(
    "as-found-value",
    Severity.ERROR,
    en="{value} is not a value of a record of type {type}.",
    zh="{value} 不是 {type} 类型记录的值。",
    hint_en="Write it as zone files do: {example}",
    hint_zh="请按区域文件的写法填写：{example}",
    reference="RFC 1035 §5.1",
)
#: What stands in a value before its last word; ``TXT`` is text and stays as it is written.
_NUMBERS = {"MX": (5,), "SRV": (5, 5, 5), "CNAME": ()}
_EXAMPLE = {
    "MX": "10 mail.acme-trade.com.",
    "SRV": "0 1 993 mail.acme-trade.com.",
    "TLSA": "3 1 1 1A2B…",
    "CNAME": "mail.acme-trade.com.",
    "A": "203.0.113.25",
    "AAAA": "2001:db8::25",
}


_ADDRESSES = {"A": 4, "AAAA": 6}


@dataclass(frozen=True, slots=True)
class AsFound:
    """What the plan publishes at one name and type instead of its own records.

    ``name`` is absolute with the final dot. ``values`` replace the plan's of their families; none of them
    with ``absent`` means that nothing is published there; ``ttl`` (seconds) is the set's, None the spec's.
    SPF takes what the plan adds later, unless ``exact``. ``elsewhere``: the name is delegated, and its own
    servers have the values; they are judged and verified, and never written. ``path`` is the spec's.
    """

    name: str
    type: str
    values: tuple[str, ...] = ()
    ttl: int | None = None
    absent: bool = False
    exact: bool = False
    elsewhere: bool = False
    path: str = ""
    position: Position | None = None


def as_found(builder: Builder, alias_domains: Collection[str]) -> tuple[AsFound, ...]:
    """The entries of ``as_found:``; a bad name is a finding of the builder's.

    A whole name at one of ``alias_domains`` is that domain's; every other one is the company's own.
    """
    as_founds = (
        _one(builder, branch, f"as_found[{number}]", alias_domains)
        for number, branch in enumerate(builder.branches(builder.root, "as_found"))
    )
    return tuple(record_set for record_set in as_founds if record_set)


def keeps_spf(builder: Builder) -> bool:
    """Whether a line of ``as_found:`` holds the SPF record of the domain itself, or its absence."""
    for branch in builder.branches(builder.root, "as_found"):
        at_domain = (builder.text(branch, "name") or "@") == "@" and builder.text(branch, "type") == "TXT"
        spf = any(reading(Family.SPF, v) for v in builder.texts_as_written(branch, "values"))
        if at_domain and (spf or builder.text(branch, "absent") == "true"):
            return True
    return False


def _one(builder: Builder, branch: Branch, path: str, alias_domains: Collection[str]) -> AsFound | None:
    text = builder.text(branch, "name") or "@"
    whole = text.rstrip(".").lower()
    home = next((domain for domain in alias_domains if is_below(whole, domain)), builder.domain)
    name = builder.owner(f"{path}.name", text, False, home)
    if not name:
        return None
    type, ttl = builder.text(branch, "type"), builder.text(branch, "ttl")
    written = builder.texts_as_written(branch, "values")
    values: list[str] = []
    for number, value in enumerate(written):
        plain = _plain(type, value)
        if plain is None:
            builder.say(BAD_VALUE, f"{path}.values[{number}]", type=type, value=value, example=_EXAMPLE[type])
            return None
        values.append(plain)
    return AsFound(
        name=name,
        type=type,
        values=tuple(values),
        ttl=int(ttl) if ttl else None,
        absent=builder.text(branch, "absent") == "true",
        exact=builder.text(branch, "exact") == "true",
        elsewhere=builder.text(branch, "elsewhere") == "true",
        path=path,
        position=builder.positions.get(path),
    )


def _plain(type: str, text: str) -> str | None:
    """A value with one blank between its parts, whatever was pasted; None where it is none of its type.

    Whatever else stands there is kept: it was found so. An exchanger is absolute.
    """
    words = text.split()
    if type in TEXTS:
        return text
    if type == "TLSA":
        numbers, data = words[:3], words[3:]
        hexadecimal = data and all(re.fullmatch("[0-9A-Fa-f]+", word) for word in data)
        return " ".join(words) if len(numbers) == 3 and hexadecimal and _are(numbers, (3, 3, 3)) else None
    if len(words) != len(_NUMBERS.get(type, ())) + 1 or not _are(words[:-1], _NUMBERS.get(type, ())):
        return None
    try:
        if type in _ADDRESSES:
            return words[0] if ipaddress.ip_address(words[0]).version == _ADDRESSES[type] else None
        host = words[-1] if words[-1].isascii() and type != "MX" else to_ascii(words[-1])
    except ValueError:
        return None
    if not all("!" <= char <= "~" for char in host):
        return None
    return " ".join([*words[:-1], f"{host.rstrip('.')}." if type == "MX" else host])


def _are(words: list[str], digits: tuple[int, ...]) -> bool:
    """Whether each word is a number of so many digits at most."""
    return all(re.fullmatch(f"[0-9]{{1,{most}}}", word) for word, most in zip(words, digits, strict=True))
