"""DKIM key records as values (RFC 6376 §3.6.1, RFC 8301, RFC 8463)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from mailwright.standards import der
from mailwright.standards.faults import Fault

RSA_LEAST, RSA_ADVISED, RSA_MOST = 1024, 2048, 4096  # bits, RFC 8301 §3.2
ED25519_OCTETS = 32  # RFC 8463 §4


class DkimError(Fault):
    """The text is no key record, or the key no public key."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key record's tags as written, names case-sensitive."""

    tags: Mapping[str, str]

    def __str__(self) -> str:
        """The record's text."""
        return "; ".join(f"{name}={value}" for name, value in self.tags.items())

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
            if len(self.key) != ED25519_OCTETS:
                raise DkimError(
                    "an ed25519 key has 32 octets (RFC 8463 §4)", "ed25519 密钥应为 32 字节（RFC 8463 §4）"
                )
            return 256
        return _rsa_bits(self.key)

    def listed(self, name: str) -> tuple[str, ...]:
        """The colon-separated values of ``h``, ``s`` or ``t``, in lower case; () where it is absent."""
        written = self.tags.get(name)
        return () if written is None else tuple(each.strip().lower() for each in written.split(":"))

    @property
    def testing(self) -> bool:
        """``t=y``: receivers may treat what is signed as unsigned."""
        return "y" in self.listed("t")


def parse(text: str) -> KeyRecord:
    """Read a key record. Raises DkimError; unknown tags are kept and mean nothing."""
    tags: dict[str, str] = {}
    for each in filter(None, (part.strip() for part in text.split(";"))):
        match = re.fullmatch(r"([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*)", each, re.DOTALL)
        if not match:
            raise DkimError("not a tag: {part}", "不是“标签=值”：{part}", part=each)
        if match.group(1) in tags:
            raise DkimError("the tag {tag}= appears twice", "标签 {tag}= 出现了两次", tag=match.group(1))
        tags[match.group(1)] = match.group(2).strip()
    if "v" in tags and (next(iter(tags)) != "v" or tags["v"] != "DKIM1"):
        raise DkimError("v=DKIM1 comes first and is exactly that", "v=DKIM1 必须在最前面，且一字不差")
    if "p" not in tags:
        raise DkimError("the key, p=, is missing", "缺少公钥 p=")
    return KeyRecord(MappingProxyType(tags))


def build(
    public_key: bytes,
    key_type: Literal["rsa", "ed25519"] = "rsa",
    *,
    hashes: Sequence[str] = (),
    services: Sequence[str] = (),
    flags: Sequence[str] = (),
) -> KeyRecord:
    """A key record from the octets of ``p=``: the SubjectPublicKeyInfo for RSA, 32 octets for ed25519.

    Empty octets make the revoked key. Raises DkimError where the key is not of that type, or is private.
    """
    tags = {"v": "DKIM1", "k": key_type}
    lists = {"h": hashes, "s": services, "t": flags}
    for name, values in lists.items():
        for each in values:
            if not re.fullmatch(r"[a-z0-9*](?:[a-z0-9\-]*[a-z0-9])?", each):
                raise DkimError(
                    "{tag}={value} cannot be written", "无法写成 {tag}={value}", tag=name, value=each
                )
        if values:
            tags[name] = ":".join(values)
    record = KeyRecord(MappingProxyType({**tags, "p": base64.b64encode(public_key).decode()}))
    if public_key:
        _ = record.bits
    return record


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
    octets = _base64(body)
    if "PRIVATE" in public_key or der.is_private(octets):
        raise DkimError("this is the private half, which nobody else may see", "这是私钥，绝不能给任何人看到")
    if der.ED25519 in octets[:16] and len(octets) == 12 + ED25519_OCTETS:
        return str(build(octets[-ED25519_OCTETS:], "ed25519"))
    if der.RSA in octets[:32]:
        return str(build(octets, "rsa"))
    raise DkimError("neither an RSA nor an ed25519 public key", "既不是 RSA 公钥，也不是 ed25519 公钥")


def same_key(public_key: str, record: str) -> bool:
    """Whether a key record holds this public key (PEM). Raises DkimError where either cannot be read."""
    wanted, published = parse(record_for(public_key)), parse(record)
    return (wanted.key_type, wanted.key) == (published.key_type, published.key)


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(re.sub(r"\s", "", text), validate=True)
    except (binascii.Error, ValueError):
        raise DkimError("the key is not base64", "密钥不是 base64") from None


def _rsa_bits(octets: bytes) -> int:
    if der.is_private(octets):
        raise DkimError("p= holds a private key", "p= 里是私钥")
    try:
        return der.rsa_bits(octets)
    except der.DerError:
        raise DkimError("the key is not an RSA public key", "不是 RSA 公钥") from None
