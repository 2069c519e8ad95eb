"""DKIM key records (RFC 6376 §3.6.1, RFC 8301, RFC 8463): read, built and weighed. No I/O."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

RSA_LEAST, RSA_ADVISED = 1024, 2048  # bits, RFC 8301 §3.2

_RSA_OID = bytes.fromhex("06092a864886f70d010101")
_ED25519_OID = bytes.fromhex("06032b6570")


class DkimError(ValueError):
    """The text is no key record, or the key no public key."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key record's tags as written, names case-sensitive."""

    tags: Mapping[str, str]

    @property
    def key_type(self) -> str:
        """``rsa`` (the default) or ``ed25519``."""
        return self.tags.get("k", "rsa").strip().lower()

    @property
    def key(self) -> bytes:
        """The octets of ``p=``; empty for a revoked key. Raises DkimError where it is no base64."""
        return _base64(self.tags.get("p", ""))

    @property
    def bits(self) -> int:
        """The RSA modulus in bits, 256 for ed25519. Raises DkimError for anything else."""
        if self.key_type == "ed25519":
            if len(self.key) != 32:
                raise DkimError("an ed25519 key has 32 octets (RFC 8463 §4)")
            return 256
        return _rsa_bits(self.key)


def parse(text: str) -> KeyRecord:
    """Read a key record. Raises DkimError; unknown tags are kept and mean nothing."""
    tags: dict[str, str] = {}
    for each in filter(None, (part.strip() for part in text.split(";"))):
        match = re.fullmatch(r"([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*)", each, re.DOTALL)
        if not match:
            raise DkimError(f"not a tag: {each}")
        if match.group(1) in tags:
            raise DkimError(f"the tag {match.group(1)}= appears twice")
        tags[match.group(1)] = match.group(2).strip()
    if "v" in tags and (next(iter(tags)) != "v" or tags["v"] != "DKIM1"):
        raise DkimError("v=DKIM1 comes first and is exactly that")
    if "p" not in tags:
        raise DkimError("the key, p=, is missing")
    return KeyRecord(MappingProxyType(tags))


def is_revoked(text: str) -> bool:
    """Whether the record says that its key is no longer in use (empty ``p=``)."""
    try:
        return not parse(text).key
    except DkimError:
        return False


def key_of(text: str) -> tuple[str, bytes] | str:
    """What makes two records the same key: type and octets, or the text where it is no record."""
    try:
        record = parse(text)
        return (record.key_type, record.key)
    except DkimError:
        return text


def record_for(public_key: str) -> str:
    """The key record of a public key: PEM or base64 of a SubjectPublicKeyInfo. Raises DkimError."""
    body = "".join(line for line in public_key.splitlines() if not line.startswith("-----"))
    der = _base64(body)
    if _ED25519_OID in der[:16] and len(der) == 44:
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(der[-32:]).decode()}"
    if _RSA_OID in der[:32]:
        _rsa_bits(der)
        return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"
    raise DkimError("neither an RSA nor an ed25519 public key")


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(re.sub(r"\s", "", text), validate=True)
    except (binascii.Error, ValueError):
        raise DkimError("the key is no base64") from None


def _rsa_bits(der: bytes) -> int:
    """The modulus length of an RSA SubjectPublicKeyInfo or RSAPublicKey (RFC 8017 A.1.1)."""
    try:
        body = _inside(der, 0, 0x30)[0]
        if _RSA_OID in der[:32]:
            _, after = _inside(body, 0, 0x30)
            bits, _ = _inside(body, after, 0x03)
            body = _inside(bits[1:], 0, 0x30)[0]
        modulus, _ = _inside(body, 0, 0x02)
    except (IndexError, ValueError):
        raise DkimError("the key is no RSA public key") from None
    return int.from_bytes(modulus, "big").bit_length()


def _inside(der: bytes, at: int, tag: int) -> tuple[bytes, int]:
    """The content of the DER element at ``at``, and where the next one starts."""
    if der[at] != tag:
        raise ValueError("unexpected element")
    length, start = der[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7F
        length, start = int.from_bytes(der[start : start + octets], "big"), start + octets
    if start + length > len(der):
        raise ValueError("cut short")
    return der[start : start + length], start + length
