"""DANE for SMTP (RFC 7672): TLSA records made from keys and certificates, matched and linted. No I/O."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailwright.model.finding import Finding, found
from mailwright.model.rules import Severity, rule
from mailwright.standards import der
from mailwright.standards.faults import Fault

TRUST_ANCHOR, END_ENTITY = 2, 3  # certificate usages, RFC 7218 §2.1
CERTIFICATE, PUBLIC_KEY = 0, 1  # selectors
_SIZES = {1: 32, 2: 64}  # octets of a digest by matching type

INVALID = rule(
    "tlsa-invalid",
    Severity.ERROR,
    en="The TLSA record at {name} is not valid: {reason}.",
    zh="{name} 处的 TLSA 记录无效：{reason}。",
    hint_en="Write 3 1 1 and the SHA-256 of the public key as 64 hexadecimal digits.",
    hint_zh="请写 3 1 1，后接公钥 SHA-256 的 64 位十六进制数。",
    reference="RFC 6698 §2.1",
)
USAGE = rule(
    "tlsa-usage-not-for-smtp",
    Severity.ERROR,
    en="The TLSA record at {name} has usage {usage}, which mail servers do not use: it protects nothing.",
    zh="{name} 处的 TLSA 记录 usage 为 {usage}，邮件服务器不支持：起不到保护作用。",
    hint_en="Write 3 1 1 (the server's key) or 2 1 1 (the issuing CA's key).",
    hint_zh="请写 3 1 1（服务器公钥）或 2 1 1（签发 CA 的公钥）。",
    reference="RFC 7672 §3.1.3",
)
CERTIFICATE_BOUND = rule(
    "tlsa-binds-certificate",
    Severity.WARNING,
    en="The TLSA record at {name} is of the whole certificate: each renewal stops mail until it is changed.",
    zh="{name} 处的 TLSA 记录绑定整张证书：每次续期后，在更新该记录之前邮件都会中断。",
    hint_en="Write selector 1, the public key (3 1 1), and renew with the same key.",
    hint_zh="请改用选择器 1，即绑定公钥（3 1 1），并在续期时沿用同一密钥。",
    reference="RFC 7671 §8.1, RFC 7672 §3.1.1",
)


class DaneError(Fault):
    """The text is no TLSA record, or holds no key to make one from."""


@dataclass(frozen=True, slots=True)
class Tlsa:
    """A TLSA record (RFC 6698 §2.1). Raises DaneError for fields out of range."""

    usage: int
    selector: int
    matching: int
    data: bytes

    def __post_init__(self) -> None:
        if self.usage not in range(4) or self.selector not in (0, 1) or self.matching not in (0, 1, 2):
            raise DaneError(
                "{usage} {selector} {matching} is not a usage, selector and matching type",
                "{usage} {selector} {matching} 不是有效的 usage、selector 和 matching type",
                usage=self.usage,
                selector=self.selector,
                matching=self.matching,
            )
        if not self.data or len(self.data) != _SIZES.get(self.matching, len(self.data)):
            raise DaneError(
                "the digest has {size} octets", "摘要长度为 {size} 字节，不正确", size=len(self.data)
            )

    def __str__(self) -> str:
        """Presentation form, hexadecimal in lower case."""
        return f"{self.usage} {self.selector} {self.matching} {self.data.hex()}"

    def matches(self, chain: Sequence[bytes]) -> bool:
        """Whether a served chain (DER, the server's own certificate first) is what the record binds.

        Usage 3 looks at the server's certificate alone, 2 at what issued it; usages 0 and 1 never match
        in SMTP (RFC 7672 §3.1.3). A certificate that cannot be read does not match.
        """
        considered = {END_ENTITY: chain[:1], TRUST_ANCHOR: chain[1:]}.get(self.usage, ())
        return any(self._is(octets) for octets in considered)

    def _is(self, certificate: bytes) -> bool:
        try:
            octets = certificate if self.selector == CERTIFICATE else der.spki_of_certificate(certificate)
        except der.DerError:
            return False
        return _digest(octets, self.matching) == self.data


def parse(text: str) -> Tlsa:
    """Read presentation form; the data may be in several parts. Raises DaneError."""
    match = re.fullmatch(r"\s*([0-9]{1,3})\s+([0-9]{1,3})\s+([0-9]{1,3})\s+([0-9A-Fa-f\s]+)", text, re.ASCII)
    digits = "".join(match.group(4).split()) if match else ""
    if match is None or len(digits) % 2:
        raise DaneError("it is not three numbers and hexadecimal digits", "不是三个数字加十六进制数")
    usage, selector, matching = (int(group) for group in match.groups()[:3])
    return Tlsa(usage, selector, matching, bytes.fromhex(digits))


def owner_name(host: str, port: int = 25) -> str:
    """Where a host's TLSA records stand: ``_25._tcp.HOST.`` (RFC 7672 §2.2.3)."""
    return f"_{port}._tcp.{host.rstrip('.').lower()}."


def public_key(pem: str) -> bytes:
    """The SubjectPublicKeyInfo of a certificate or a public key in PEM, the first that is there.

    Raises DaneError; a private key is refused by its name and never read.
    """
    if "PRIVATE KEY-----" in pem:
        raise DaneError(
            "this is a private key; give the certificate or the public key", "这是私钥；请提供证书或公钥"
        )
    try:
        for label, octets in der.pem(pem):
            if label == "CERTIFICATE":
                return der.spki_of_certificate(octets)
            if label == "PUBLIC KEY" and der.is_spki(octets):
                return octets
    except der.DerError as error:
        raise DaneError("{reason}", "{reason}", reason=error.reason) from None
    raise DaneError("there is no certificate and no public key in it", "其中没有证书，也没有公钥")


def end_entity(spki: bytes) -> Tlsa:
    """``3 1 1``: the server's own key (RFC 7672 §3.1.1)."""
    return Tlsa(END_ENTITY, PUBLIC_KEY, 1, _digest(spki, 1))


def trust_anchor(spki: bytes) -> Tlsa:
    """``2 1 1``: the key of the CA that issues; the server has to send that CA's certificate (§3.1.2)."""
    return Tlsa(TRUST_ANCHOR, PUBLIC_KEY, 1, _digest(spki, 1))


def rollover(current: Tlsa, following: Tlsa) -> tuple[Tlsa, ...]:
    """The pair to publish before the key changes (RFC 7671 §8.1).

    Both stand there from at least one TTL before the server changes over until after it has; only
    then does ``current`` go.
    """
    return tuple(dict.fromkeys((current, following)))


def lint(values: Sequence[str], name: str) -> tuple[Finding, ...]:
    """The TLSA set of a mail server (RFC 7672 §3.1)."""
    findings: list[Finding] = []
    for value in values:
        try:
            record = parse(value)
        except DaneError as error:
            findings.append(found(INVALID, name=name, reason=error.reason))
            continue
        if record.usage not in (TRUST_ANCHOR, END_ENTITY):
            findings.append(found(USAGE, name=name, usage=record.usage))
        elif record.usage == END_ENTITY and record.selector == CERTIFICATE:
            findings.append(found(CERTIFICATE_BOUND, name=name))
    return tuple(findings)


def _digest(octets: bytes, matching: int) -> bytes:
    if matching == 0:
        return octets
    return hashlib.sha256(octets).digest() if matching == 1 else hashlib.sha512(octets).digest()
