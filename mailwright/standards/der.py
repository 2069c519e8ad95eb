"""The little DER (X.690) that public keys and certificates need: no library, nothing executed."""

from __future__ import annotations

import base64
import binascii
import re

from mailwright.standards.faults import Fault

SEQUENCE, INTEGER, BITS, VERSION = 0x30, 0x02, 0x03, 0xA0

RSA = bytes.fromhex("06092a864886f70d010101")
ED25519 = bytes.fromhex("06032b6570")

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)


class DerError(Fault):
    """The octets are not the structure that was asked for."""


def element(der: bytes, at: int, tag: int) -> tuple[bytes, int]:
    """The content of the element at ``at``, and where the next one starts. Raises DerError."""
    head = der[at : at + 2]
    if len(head) < 2 or head[0] != tag:
        raise DerError("unexpected element in the DER", "DER 中出现意外的元素")
    length, start = head[1], at + 2
    if length & 0x80:
        size = der[start : start + (length & 0x7F)]
        length, start = int.from_bytes(size, "big"), start + len(size)
        if length < 0x80 or not size or size[0] == 0:
            raise DerError(
                "a length in it is not written in the shortest form (X.690 §10.1)",
                "其中的长度不是最短写法（X.690 §10.1）",
            )
    if start + length > len(der):
        raise DerError("the DER is cut short", "DER 不完整")
    return der[start : start + length], start + length


def integer(der: bytes, at: int) -> tuple[int, int]:
    """The INTEGER at ``at``, and where the next element starts. Raises DerError."""
    content, after = element(der, at, INTEGER)
    padded = len(content) > 1 and content[0] == (0xFF if content[1] & 0x80 else 0)
    if not content or padded:
        raise DerError(
            "a number in it is not written in the shortest form (X.690 §8.3.2)",
            "其中的整数不是最短写法（X.690 §8.3.2）",
        )
    return int.from_bytes(content, "big", signed=True), after


def is_spki(der: bytes) -> bool:
    """Whether this begins as a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): a sequence in a sequence."""
    try:
        body, _ = element(der, 0, SEQUENCE)
        _, after = element(body, 0, SEQUENCE)
        element(body, after, BITS)
    except DerError:
        return False
    return True


def is_private(der: bytes) -> bool:
    """Whether this is a private key: RSAPrivateKey, ECPrivateKey or PKCS #8 begin with a small version."""
    try:
        body, _ = element(der, 0, SEQUENCE)
        version, after = element(body, 0, INTEGER)
    except DerError:
        return False
    return len(version) == 1 and version[0] <= 2 and after < len(body)


def spki_of_certificate(der: bytes) -> bytes:
    """The SubjectPublicKeyInfo of an X.509 certificate (RFC 5280 §4.1), as it stands. Raises DerError."""
    certificate, _ = element(der, 0, SEQUENCE)
    body, _ = element(certificate, 0, SEQUENCE)
    at = 0
    if body[:1] == bytes([VERSION]):
        _, at = element(body, at, VERSION)
    for tag in (INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE):  # serial, algorithm, issuer, dates, subject
        _, at = element(body, at, tag)
    _, end = element(body, at, SEQUENCE)
    return body[at:end]


def pem(text: str) -> tuple[tuple[str, bytes], ...]:
    """The (label, DER) of each block of a PEM text (RFC 7468). Raises DerError where one is no base64."""
    try:
        return tuple(
            (label, base64.b64decode("".join(body.split()), validate=True))
            for label, body in _PEM.findall(text)
        )
    except (binascii.Error, ValueError):
        raise DerError("the PEM block is not base64", "PEM 内容不是 base64") from None
