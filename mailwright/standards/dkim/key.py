"""DKIM key records as values (RFC 6376 §3.6.1, RFC 8301, RFC 8463)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from mailwright.model.readings import BLANKS
from mailwright.standards import der
from mailwright.standards.dkim import rsa
from mailwright.standards.dkim.text import DkimError, character, cleaned, tags_of

RSA_LEAST, RSA_ADVISED, RSA_MOST = 1024, 2048, 4096  # bits, RFC 8301 §3.2
ED25519_OCTETS = 32  # RFC 8463 §4


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key record's tags as written: names and values are case-sensitive (RFC 6376 §3.2).

    ``places`` says at which character of the text, from 1, each value begins, where there was a text.
    """

    tags: Mapping[str, str]
    places: Mapping[str, int] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        """The record's text."""
        return "; ".join(f"{name}={value}" for name, value in self.tags.items())

    @property
    def key_type(self) -> str:
        """``rsa`` (the default), ``ed25519``, or what is written there and no verifier knows."""
        return self.tags.get("k", "rsa")

    @property
    def key(self) -> bytes:
        """The octets of ``p=``; empty for a revoked key. Raises DkimError where it is no base64."""
        return _base64(self.tags.get("p", ""), self.places.get("p", 1))

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
        """The colon-separated values of ``h``, ``s`` or ``t``; () where it is absent."""
        written = self.tags.get(name)
        return () if written is None else tuple(part.strip(BLANKS) for part in written.split(":"))

    @property
    def testing(self) -> bool:
        """``t=y``: receivers may treat what is signed as unsigned; some take ``Y`` for it too."""
        return "y" in map(str.lower, self.listed("t"))


def parse(text: str) -> KeyRecord:
    """Read a key record. Raises DkimError; unknown tags are kept and mean nothing."""
    tags, places = tags_of(text)
    if "v" in tags and (next(iter(tags)) != "v" or tags["v"] != "DKIM1"):
        raise DkimError("v=DKIM1 comes first and is exactly that", "v=DKIM1 必须在最前面，且一字不差")
    if "p" not in tags:
        raise DkimError("the key, p=, is missing", "缺少公钥 p=")
    return KeyRecord(MappingProxyType(tags), MappingProxyType(places))


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
        for value in values:
            if not re.fullmatch(r"[a-z0-9*](?:[a-z0-9\-]*[a-z0-9])?", value):
                raise DkimError(
                    "{tag}={value} cannot be written", "无法写成 {tag}={value}", tag=name, value=value
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
    """The key record of a public key, in any of the forms that programs write it. Raises DkimError.

    PEM or base64 of a SubjectPublicKeyInfo; the record itself, plainly or as a line of a zone file in quoted
    strings (opendkim-genkey's ``s1.txt``, Rspamd's ``dkim_keygen``, docker-mailserver's ``public.txt`` and
    ``public.dns.txt``).
    """
    if "PRIVATE" in public_key:
        raise _private()
    published = _published(public_key)
    if published is not None:
        return _usable(published)
    body = "".join(line for line in public_key.splitlines() if not line.startswith("-----"))
    octets = _base64(body)
    if der.is_private(octets):
        raise _private()
    if der.ED25519 in octets[:16] and len(octets) == 12 + ED25519_OCTETS:
        return str(build(octets[-ED25519_OCTETS:], "ed25519"))
    if der.RSA in octets[:32]:
        return str(build(octets, "rsa"))
    raise DkimError("neither an RSA nor an ed25519 public key", "既不是 RSA 公钥，也不是 ed25519 公钥")


def _private() -> DkimError:
    return DkimError("this is the private half, which nobody else may see", "这是私钥，绝不能给任何人看到")


def _published(text: str) -> str | None:
    """The record in a text that is one, or a line of a zone file (RFC 1035 §5.1); None for neither."""
    strings = re.findall(r'"((?:[^"\\]|\\.)*)"', text, re.DOTALL)
    joined = re.sub(r"\\(.)", r"\1", "".join(strings)) if strings else text.strip(BLANKS)
    return joined if re.match(r"[ \t\r\n]*[A-Za-z][ \t]*=", joined) else None


def _usable(text: str) -> str:
    record = parse(cleaned(text)[0])
    if not record.key:
        raise DkimError("its key is empty: it is revoked", "其公钥为空：已吊销")
    _ = record.bits
    return str(KeyRecord({**record.tags, "p": re.sub(r"[ \t\r\n]", "", record.tags["p"])}))


def same_key(public_key: str, record: str) -> bool:
    """Whether a key record holds this public key (PEM). Raises DkimError where either cannot be read."""
    key_record, published = parse(record_for(public_key)), parse(record)
    return (key_record.key_type, key_record.key) == (published.key_type, published.key)


def _base64(text: str, place: int = 1) -> bytes:
    """RFC 6376 §3.2: letters of base64 with blanks between them; ``place``: where the text begins."""
    odd = re.search(r"[^A-Za-z0-9+/= \t\r\n]|=(?=[ \t\r\n]*[^= \t\r\n])", text)
    if odd:
        raise DkimError(
            "the key is not base64: {char} at character {at}",
            "密钥不是 base64：第 {at} 个字符为 {char}",
            char=character(odd.group()),
            at=place + odd.start(),
        )
    try:
        return base64.b64decode(re.sub(r"[ \t\r\n]", "", text), validate=True)
    except (binascii.Error, ValueError):
        raise DkimError("the key is not base64: it is cut short", "密钥不是 base64：内容不完整") from None


def _rsa_bits(octets: bytes) -> int:
    if der.is_private(octets):
        raise DkimError("p= holds a private key", "p= 里是私钥")
    try:
        return rsa.read(octets).bits
    except der.DerError as error:
        raise DkimError(
            "the key is not an RSA public key: {why}", "不是 RSA 公钥：{why}", why=error.reason
        ) from None
