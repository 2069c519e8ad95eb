"""Reading an SPF record. Any syntax error anywhere is a permerror (RFC 7208 §4.6), so it is an error here."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

from mailwright.model.family import Family
from mailwright.model.readings import surely
from mailwright.model.text import Text
from mailwright.standards.spf.misspelt import MODIFIERS, nearest, written
from mailwright.standards.spf.record import Mechanism, Modifier, Qualifier, SpfRecord, Term

#: The reasons of SpfError, in Chinese.
_CHINESE = {
    "bad macro or character in the explanation": "说明文字中有错误的宏或字符",
    "two different explanations cannot be merged": "两个不同的 exp= 无法合并",
    "not an SPF record: it must start with 'v=spf1 '": "不是 SPF 记录：必须以“v=spf1 ”开头",
    "the modifier may appear once only": "该修饰符只能出现一次",
    "not a term": "不是有效的 SPF 项",
    "unknown mechanism": "未知的机制",
    "bad macro": "宏写法有误",
    "a domain is missing": "缺少域名",
    "nothing may follow this mechanism": "该机制后面不能再有内容",
    "ip4 needs an address": "ip4 需要一个地址",
    "ip6 needs an address": "ip6 需要一个地址",
    "not an address": "不是 IP 地址",
    "prefix length out of range": "前缀长度超出范围",
    "bad macro or character in the domain": "域名中有错误的宏或字符",
    "not a domain": "不是域名",
    "macro letters c, r and t are for exp texts only": "宏 c、r、t 只能用于 exp 的说明文字",
}


class SpfError(ValueError):
    """The text is no valid SPF record.

    ``term`` is the faulty part, ``offset`` where it starts (from 0), ``text`` the error in both languages;
    ``meant`` is the nearest term that would be valid, "" where none is near.
    """

    def __init__(self, reason: str, term: str = "", offset: int = 0, meant: str = "") -> None:
        super().__init__(f"{reason}: {term}" if term else reason)
        self.reason = reason
        text = Text(reason, _CHINESE.get(reason, reason))
        self.text = (
            Text("{reason}: {term}", "{reason}：{term}", {"reason": text, "term": term}) if term else text
        )
        if meant:
            both = {"said": self.text, "meant": meant}
            self.text = Text("{said}; {meant} was meant?", "{said}；是否应为 {meant}？", both)
        self.term = term
        self.offset = offset
        self.meant = meant


_NAME = r"[A-Za-z][A-Za-z0-9\-_.]*"
_MODIFIER = re.compile(rf"({_NAME})=(.*)")
_MACRO = r"%\{[slodiphcrtvSLODIPHCRTV][0-9]*[rR]?[.\-+,/_=]*\}|%%|%_|%-"
_MACRO_STRING = re.compile(rf"(?:{_MACRO}|[\x21-\x24\x26-\x7e])*")
_DOMAIN_END = re.compile(
    rf".*(?:\.(?=[A-Za-z0-9\-]*[A-Za-z\-])[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?\.?|{_MACRO})"
)
_ZERO_DIGITS = re.compile(r"%\{[A-Za-z]0+[^0-9]")
_ONLY_EXP = re.compile(r"%\{[crtCRT]")

#: name → (takes a domain-spec, it is required, takes prefix lengths)
_DOMAIN_FORMS = {
    "include": (True, True, False),
    "a": (True, False, True),
    "mx": (True, False, True),
    "ptr": (True, False, False),
    "exists": (True, True, False),
    "all": (False, False, False),
}


@lru_cache(maxsize=4096)  # many domains share a few includes
def parse(text: str) -> SpfRecord:
    """Read a record. Raises SpfError for everything RFC 7208 §4.6.1 makes a permerror."""
    if not surely(Family.SPF, text):
        raise SpfError("not an SPF record: it must start with 'v=spf1 '", text[:12])
    terms: list[Term] = []
    for match in re.finditer(r"[^ ]+", text[6:]):
        terms.append(_term(match.group(), match.start() + 6))
    seen = [term.name for term in terms if isinstance(term, Modifier)]
    for name in ("redirect", "exp"):
        if seen.count(name) > 1:
            raise SpfError("the modifier may appear once only", name + "=")
    return SpfRecord(tuple(terms))


def _term(text: str, offset: int) -> Term:
    modifier = _MODIFIER.fullmatch(text)
    if modifier:
        return _modifier(modifier.group(1).lower(), modifier.group(2), text, offset)
    match = re.fullmatch(r"([+\-~?]?)([A-Za-z0-9\-_.]+)(.*)", text)
    if not match:
        raise SpfError("not a term", text, offset)
    sign, name, rest = match.group(1), match.group(2).lower(), match.group(3)
    qualifier: Qualifier = sign or "+"  # type: ignore[assignment]
    if name in ("ip4", "ip6"):
        return _network(qualifier, name, rest, text, offset)
    if name not in _DOMAIN_FORMS:
        raise SpfError("unknown mechanism", text, offset, _meant(sign, name, rest))
    return _by_domain(qualifier, name, rest, text, offset)


def _meant(sign: str, name: str, rest: str) -> str:
    near = name if name in MODIFIERS else nearest(name)  # redirect:x is redirect=x
    if near is None:
        return ""
    value = rest.removeprefix(":")
    return ("" if near in MODIFIERS else sign) + written(near, value)


def _modifier(name: str, value: str, text: str, offset: int) -> Modifier:
    if name in ("redirect", "exp"):
        _check_domain(value, text, offset)
    elif not _MACRO_STRING.fullmatch(value) or _ZERO_DIGITS.search(value):
        raise SpfError("bad macro", text, offset)
    return Modifier(name, value)


def _by_domain(qualifier: Qualifier, name: str, rest: str, text: str, offset: int) -> Mechanism:
    takes, required, prefixes = _DOMAIN_FORMS[name]
    cidr4 = cidr6 = None
    if prefixes:
        match = re.fullmatch(r"(.*?)(?:/(0|[1-9][0-9]*))?(?://(0|[1-9][0-9]*))?", rest)
        assert match is not None  # every part is optional
        rest, cidr4, cidr6 = (
            match.group(1),
            _bits(match.group(2), 32, text, offset),
            _bits(match.group(3), 128, text, offset),
        )
    if not rest:
        if required:
            raise SpfError("a domain is missing", text, offset)
        return Mechanism(qualifier, name, None, None, cidr4, cidr6)
    if not takes or not rest.startswith(":"):
        raise SpfError("nothing may follow this mechanism" if not takes else "not a term", text, offset)
    _check_domain(rest[1:], text, offset)
    return Mechanism(qualifier, name, rest[1:], None, cidr4, cidr6)


def _network(qualifier: Qualifier, name: str, rest: str, text: str, offset: int) -> Mechanism:
    match = re.fullmatch(r":([0-9A-Fa-f:.]+)(?:/(0|[1-9][0-9]*))?", rest)  # no zone index (%eth0)
    if not match:
        raise SpfError(f"{name} needs an address", text, offset)
    try:
        address = (
            ipaddress.IPv4Address(match.group(1)) if name == "ip4" else ipaddress.IPv6Address(match.group(1))
        )
    except ValueError:
        raise SpfError("not an address", text, offset) from None
    bits = _bits(match.group(2), address.max_prefixlen, text, offset)
    if name == "ip4":
        return Mechanism(qualifier, name, None, match.group(1), bits, None)
    return Mechanism(qualifier, name, None, match.group(1), None, bits)


def _bits(text: str | None, most: int, term: str, offset: int) -> int | None:
    if text is None:
        return None
    if len(text) > 3 or int(text) > most:
        raise SpfError("prefix length out of range", term, offset)
    return int(text)


def _check_domain(value: str, text: str, offset: int) -> None:
    """RFC 7208 §7.1: macro-string that ends in a top label or a macro; no c, r, t outside exp."""
    if not value or not _MACRO_STRING.fullmatch(value) or _ZERO_DIGITS.search(value):
        raise SpfError("bad macro or character in the domain", text, offset)
    if not _DOMAIN_END.fullmatch(value):
        raise SpfError("not a domain", text, offset)
    if _ONLY_EXP.search(value):
        raise SpfError("macro letters c, r and t are for exp texts only", text, offset)
