"""Macro expansion (RFC 7208 §7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from mailwright.standards.spf.parser import SpfError

_EXPAND = re.compile(r"%(?:([%_\-])|\{([A-Za-z])([0-9]*)([rR]?)([.\-+,/_=]*)\})")
_EXP_TEXT = re.compile(
    r"(?:%[%_\-]|%\{[slodiphcrtvSLODIPHCRTV](?!0+[^0-9])[0-9]*[rR]?[.\-+,/_=]*\}|[\x20-\x24\x26-\x7e])*"
)
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PLAIN = {"%": "%", "_": " ", "-": "%20"}


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: what the macro letters stand for (RFC 7208 §7.2).

    ``local`` and ``domain`` are the parts of the reverse-path; ``time`` is in seconds of the epoch.
    """

    ip: IPv4Address | IPv6Address
    local: str
    domain: str
    helo: str
    receiver: str
    time: int

    @property
    def dotted(self) -> str:
        """The address as ``%{i}``: dotted octets, or dotted nibbles for IPv6."""
        return str(self.ip) if self.ip.version == 4 else ".".join(f"{int(self.ip):032X}")

    @property
    def reverse_name(self) -> str:
        """The name of its PTR records, without the final dot."""
        return ".".join(reversed(self.dotted.split("."))) + "." + self.family + ".arpa"

    @property
    def family(self) -> str:
        """``%{v}``."""
        return "in-addr" if self.ip.version == 4 else "ip6"

    def values(self, current: str, validated: str) -> dict[str, str]:
        """Macro letter → value; ``current`` is the domain evaluated now, ``validated`` the ``%{p}``."""
        return {
            "s": f"{self.local}@{self.domain}",
            "l": self.local,
            "o": self.domain,
            "d": current,
            "i": self.dotted,
            "p": validated,
            "h": self.helo,
            "c": str(self.ip),
            "r": self.receiver,
            "t": str(self.time),
            "v": self.family,
        }


def letters(text: str) -> frozenset[str]:
    """The macro letters used in ``text``, in lower case."""
    return frozenset(match.group(2).lower() for match in _EXPAND.finditer(text) if match.group(2))


def expand(text: str, values: Mapping[str, str]) -> str:
    """Replace every macro. The syntax was checked before."""

    def value(match: re.Match[str]) -> str:
        plain, letter, digits, reverse, delimiters = match.groups()
        if plain:
            return _PLAIN[plain]
        parts = re.split(f"[{re.escape(delimiters or '.')}]", values[letter.lower()])
        if reverse:
            parts.reverse()
        # A count past any name's labels keeps them all; a digit string may be longer than int() takes.
        keep = int(digits) if 0 < len(digits) < 5 else 0
        value_text = ".".join(parts[-keep:])
        return _escaped(value_text) if letter.isupper() else value_text

    return _EXPAND.sub(value, text)


def _escaped(text: str) -> str:
    """As RFC 3986 wants it in a URI; octets that were no UTF-8 stay what they were."""
    octets = text.encode("utf-8", "surrogateescape")
    return "".join(chr(octet) if octet in _UNRESERVED else f"%{octet:02X}" for octet in octets)


def explain(text: str, values: Mapping[str, str]) -> str:
    """Expand an explanation text. Raises SpfError for a syntax error (RFC 7208 §6.2)."""
    if not _EXP_TEXT.fullmatch(text):
        raise SpfError("bad macro or character in the explanation", text)
    return expand(text, values)
