"""Secrets kept out of what others say: a server may give back what it was sent, as it was sent."""

from __future__ import annotations

import base64
import binascii
import re

_ENCODED = re.compile(r"[A-Za-z0-9+/=_-]{4,}")
HIDDEN = "***"


def without(text: str, *secrets: str) -> str:
    """The text with every secret in it as ``***``: plain, in base64 or hexadecimal."""
    needles = [secret for secret in secrets if secret]
    for needle in sorted(needles, key=len, reverse=True):
        text = text.replace(needle, HIDDEN)
    octets = [word.encode() for word in needles]
    return _ENCODED.sub(lambda run: HIDDEN if _holds(run[0], octets) else run[0], text)


def _holds(run: str, secrets: list[bytes]) -> bool:
    decoded = [*_base64(run), *_hexadecimal(run)]
    return any(secret in block for block in decoded for secret in secrets)


def _base64(run: str) -> list[bytes]:
    """What a run may stand for, wherever the encoding began; also URL-safe (RFC 4648 §5)."""
    plain = run.rstrip("=").replace("-", "+").replace("_", "/")
    blocks = []
    for start in range(4):
        part = plain[start:]
        part = part[: len(part) - (len(part) % 4 == 1)]
        try:
            blocks.append(base64.b64decode(part + "=" * (-len(part) % 4)))
        except (binascii.Error, ValueError):
            continue
    return blocks


def _hexadecimal(run: str) -> list[bytes]:
    try:
        return [bytes.fromhex(run)]
    except ValueError:
        return []
