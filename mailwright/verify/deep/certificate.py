"""A served certificate: its chain, the name it is asked under and the day (RFC 7672 §3.1.2; RFC 5280)."""

from __future__ import annotations

import datetime as dt
import ssl
from _ssl import ENCODING_DER
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from mailwright.model.text import Text
from mailwright.standards.mta_sts import matches

_UNREADABLE = Text("it cannot be read", "无法读取")
_OTHER_NAME = Text("it is for {names}", "其名称为 {names}")
_EXPIRED = Text("it ran out on {day}", "已于 {day} 过期")
_EARLY = Text("it begins on {day}", "自 {day} 起才有效")

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


def served(connection: ssl.SSLSocket) -> tuple[bytes, ...]:
    """The certificates (DER) that the server sent, its own first; that one alone where Python shows no more.

    Since 3.13 the connection has them itself, before that the object inside it.
    """
    for source in (connection, getattr(connection, "_sslobj", None)):
        ask = getattr(source, "get_unverified_chain", None)
        if ask is not None:
            chain = ask() or ()
            return tuple(one if isinstance(one, bytes) else one.public_bytes(ENCODING_DER) for one in chain)
    own = connection.getpeercert(binary_form=True)
    return (own,) if own else ()


def anchored(
    chain: Sequence[bytes],
    is_anchor: Callable[[bytes], bool],
    now: dt.datetime,
    more: Sequence[bytes] = (),
    keys: Sequence[bytes] = (),
) -> bool:
    """Whether a served chain leads, signature by signature, to a CA that is an anchor (RFC 7671 §5.2).

    ``more`` are certificates that need not be served: the anchor itself, where DNS holds all of it; ``keys``
    (DER) such anchors of which DNS holds the key alone (§5.2.3): they sign the last of the chain.
    """
    certificates = _read([*chain, *more])
    if not certificates or not chain:
        return False
    current, others = certificates[0], certificates[1:]
    while issuer := next((certificate for certificate in others if _issued(current, certificate)), None):
        if is_anchor(_octets(issuer)):
            return True
        if not issuer.not_valid_before_utc <= now <= issuer.not_valid_after_utc:
            return False
        current, others = issuer, [certificate for certificate in others if certificate is not issuer]
    return any(_signed(current, key) for key in keys)


def _signed(certificate: Certificate, spki: bytes) -> bool:
    """Whether a public key alone verifies a certificate's signature."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(spki)
        signature, octets = certificate.signature, certificate.tbs_certificate_bytes
        how = certificate.signature_algorithm_parameters
        if isinstance(key, rsa.RSAPublicKey) and certificate.signature_hash_algorithm is not None:
            key.verify(signature, octets, how, certificate.signature_hash_algorithm)  # type: ignore[arg-type]
        elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(how, ec.ECDSA):
            key.verify(signature, octets, how)
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(signature, octets)
        else:
            return False
    except _odd():
        return False
    except (TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _read(chain: Sequence[bytes]) -> list[Certificate]:
    """Those that can be read; without the server's own nothing is proven."""
    from cryptography import x509

    certificates: list[Certificate] = []
    for number, octets in enumerate(chain):
        try:
            certificates.append(x509.load_der_x509_certificate(octets))
        except (ValueError, x509.InvalidVersion):
            if number == 0:
                return []
    return certificates


def _odd() -> tuple[type[Exception], ...]:
    """What the library raises for a certificate that is not as RFC 5280 wants it."""
    from cryptography import x509

    return (
        ValueError,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.ExtensionNotFound,
        x509.UnsupportedGeneralNameType,
    )


def _octets(certificate: Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def _issued(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether ``issuer`` is a CA (RFC 5280 §4.2.1.9) whose key signed the certificate."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(issuer)
    except _odd():
        return False
    except (TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return basic.ca


def trouble(certificate: bytes, hosts: Iterable[str], now: dt.datetime) -> Text | None:
    """Why a certificate (DER) does not prove any of these host names at that time; None where it does.

    Who issued it is another question.
    """
    from cryptography import x509

    try:
        read = x509.load_der_x509_certificate(certificate)
        names = _names(read)
    except _odd():
        return _UNREADABLE
    if now > read.not_valid_after_utc:
        return _EXPIRED.using(day=read.not_valid_after_utc.date())
    if now < read.not_valid_before_utc:
        return _EARLY.using(day=read.not_valid_before_utc.date())
    if any(matches(pattern, name) for pattern in names for name in hosts):
        return None
    return _OTHER_NAME.using(names=", ".join(names) or "–")


def ends(octets: bytes) -> dt.date | None:
    """The last day (UTC) of a certificate (DER); None where it cannot be read."""
    from cryptography import x509

    try:
        return x509.load_der_x509_certificate(octets).not_valid_after_utc.date()
    except _odd():
        return None


def _names(read: object) -> tuple[str, ...]:
    """The DNS names of the subject; its common name only where there are none (RFC 6125 §6.4.4)."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    assert isinstance(read, x509.Certificate)
    try:
        other = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = tuple(other.get_values_for_type(x509.DNSName))
    except x509.ExtensionNotFound:
        names = ()
    common = read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return names or tuple(str(name_attribute.value) for name_attribute in common)
