"""TXT data: one plain string to people, character-strings of at most 255 octets on the wire.

Values are ``str``; octets that are not UTF-8 travel as surrogate escapes, so that every
value read from a server can be written back exactly as it was (RFC 1035 §3.3.14).
"""

from __future__ import annotations

MAX_STRING = 255


def to_octets(value: str) -> bytes:
    """The octets of a TXT value."""
    return value.encode("utf-8", "surrogateescape")


def from_octets(octets: bytes) -> str:
    """The TXT value of these octets; never raises."""
    return octets.decode("utf-8", "surrogateescape")


def split(value: str) -> tuple[bytes, ...]:
    """The character-strings a value is sent as: full ones first, one empty for ''."""
    octets = to_octets(value)
    if not octets:
        return (b"",)
    return tuple(octets[i : i + MAX_STRING] for i in range(0, len(octets), MAX_STRING))


def join(strings: tuple[bytes, ...]) -> str:
    """The one value that these character-strings say together."""
    return from_octets(b"".join(strings))


def quote(strings: tuple[bytes, ...]) -> str:
    """Master-file form (RFC 1035 §5.1): each string quoted, other than printable ASCII as \\DDD."""
    return " ".join('"' + "".join(_escape(octet) for octet in string) + '"' for string in strings)


def _escape(octet: int) -> str:
    char = chr(octet)
    if char in '"\\':
        return "\\" + char
    return char if 0x20 <= octet < 0x7F else f"\\{octet:03d}"
